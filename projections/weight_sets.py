"""The sets of weights a workspace offers as known at a moment; a pure question over events."""

from collections.abc import Iterable

import msgspec

from domain.clocks import KnownAt
from domain.events import Recorded
from domain.weight_events import WeightChanges
from domain.weight_sets import WeightSet, WeightSetNotFound, sets_after, weighed
from domain.weights import Weights


class WeightSetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One set: its `name` as `method=` takes it, how methods name it, where it differs from the
    published weights, why, and where the log holds its definition."""

    name: str
    version: int
    methods: tuple[str, ...]
    changes: WeightChanges
    reason: str
    position: int


class WeightSetList(msgspec.Struct, frozen=True, kw_only=True):
    """The sets offered at `known_at`, by name, beside the `published` methods."""

    known_at: str
    published: tuple[str, ...]
    sets: tuple[WeightSetRow, ...]


def sets_at(events: Iterable[Recorded], known_at: KnownAt) -> dict[str, WeightSet]:
    """The sets offered at `known_at`, by name; events that are not of sets are passed over."""
    found = sets_after(e for e in events if known_at.holds(e.position, e.known_since))
    return {name: one for name, one in found.items() if not one.withdrawn}


def weight_set_list(
    sets: dict[str, WeightSet], official: Weights, *, known_at: str
) -> WeightSetList:
    """The sets by name."""
    return WeightSetList(
        known_at=known_at,
        published=official.methods,
        sets=tuple(
            WeightSetRow(
                name=name,
                version=one.version,
                methods=weighed(official, one).methods,
                changes=one.changes,
                reason=one.reason,
                position=one.position,
            )
            for name, one in sorted(sets.items())
        ),
    )


def weights_of(sets: dict[str, WeightSet], name: str, official: Weights) -> Weights:
    """The weights of one set; WeightSetNotFound where it was not offered by then."""
    if name not in sets:
        raise WeightSetNotFound(weights=name[:80])
    return weighed(official, sets[name])
