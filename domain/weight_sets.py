"""What a workspace may decide about its own sets of weights: pure decisions over what the log says
of one; the published tables are never changed."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Final

import msgspec

from domain.dcb import DCBAppendCondition, DCBQuery, DCBQueryItem, Perspective, Selector
from domain.errors import Article20Error, FieldError, InvalidFields, InvalidQuestion
from domain.events import Recorded, tags_of
from domain.weight_events import (
    WEIGHTS_TAG,
    WeightChanges,
    WeightSetDefined,
    WeightSetEvent,
    WeightSetWithdrawn,
)
from domain.weights import Row, Weights

NAME: Final = r"^[a-z0-9][a-z0-9-]{0,62}$(?!\n)"
"""The name of a set of weights."""
PUBLISHED: Final = "published"
"""The name under which the published tables are asked for."""
REASON_CHARS_MAX: Final = 2000
SETS_MAX: Final = 50
"""How many sets a workspace may offer at a time."""
WEIGHT_MAX: Final = 100.0
HALF_LIFE_DAYS_MAX: Final = 36_500.0
_BOUNDS: Final = {
    "instruments": (0.0, WEIGHT_MAX),
    "conduct": (0.0, WEIGHT_MAX),
    "floors": (0.0, 100.0),
    "half_lives": (1.0, HALF_LIFE_DAYS_MAX),
    "actors": (0.0, WEIGHT_MAX),
    "grades": (0.0, 1.0),
}


class WeightSetNotFound(Article20Error):
    """There is no set of weights {weights!r} in this workspace. Check the name, or define it
    first."""

    slug, status = "weights-not-found", 404


class WeightSetRefused(Article20Error):
    """The weights {weights!r} cannot {decision}: {reason}."""

    slug, status = "weights-refused", 409


class InvalidWeights(InvalidFields):
    """The weights are not valid: {summary}. Mend the fields named and send them again."""

    slug = "invalid-weights"


class WeightSet(msgspec.Struct, frozen=True, kw_only=True):
    """One set of weights as its events leave it; `position`: where its last event stands;
    `withdrawn`: whether it is offered no longer."""

    name: str
    version: int
    changes: WeightChanges
    reason: str
    position: int
    withdrawn: bool = False

    @property
    def label(self) -> str:
        """How methods name it: `name/version`."""
        return f"{self.name}/{self.version}"


def after(held: WeightSet | None, recorded: Recorded) -> WeightSet | None:
    """The set after one of its events; None stays None until it is defined."""
    event = recorded.event
    if isinstance(event, WeightSetDefined):
        return WeightSet(
            name=event.weights,
            version=event.version,
            changes=event.changes,
            reason=event.reason,
            position=recorded.position,
        )
    if isinstance(event, WeightSetWithdrawn) and held is not None:
        return msgspec.structs.replace(held, withdrawn=True, position=recorded.position)
    return held


def weighed(official: Weights, found: WeightSet) -> Weights:
    """The published weights but for what a set changes; numbers name the set in their methods."""
    changes = found.changes

    def row(one: Row, weights: Mapping[str, float]) -> Row:
        weight = weights.get(one.name, one.weight)
        return Row(one.name, weight, changes.half_lives.get(one.name, one.half_life_days))

    return Weights(
        pressure=tuple(row(one, changes.instruments) for one in official.pressure),
        backing=row(official.backing, changes.instruments),
        floors={**official.floors, **changes.floors},
        conduct={kind: row(one, changes.conduct) for kind, one in official.conduct.items()},
        actors={**official.actors, **changes.actors},
        grades={**official.grades, **changes.grades},
        set_label=found.label,
    )


def read_method(text: str | None) -> str | None:
    """The name of the set that a question asks for; None for the published weights,
    InvalidQuestion where it cannot be the name of one."""
    if text is None or text == PUBLISHED:
        return None
    if re.match(NAME, text):
        return text
    detail = f"write the name of a set of weights, or {PUBLISHED}"
    raise InvalidQuestion(parameter="method", value=text[:80], detail=detail)


class WeightsDesk(Perspective[WeightSetEvent]):
    """Decides about one set of weights, after reading its events and how many others there are."""

    def __init__(self, name: str, official: Weights) -> None:
        self.name, self.official = name, official
        self.sets: dict[str, WeightSet] = {}

    def consistency_boundary(self) -> list[Selector]:
        """Every event of every set: how many there may be is bounded."""
        return [Selector(tags=[WEIGHTS_TAG])]

    def query(self) -> DCBQuery:
        """What is to be read: the events of all sets."""
        return DCBQuery([DCBQueryItem(tags=[WEIGHTS_TAG])])

    def condition(self) -> DCBAppendCondition:
        """The boundary as a condition of the append, after what was read."""
        return DCBAppendCondition(self.query(), after=self.last_known_position)

    def read(self, events: Iterable[Recorded], head: int) -> None:
        """Fold the events read when the log's head was `head`."""
        self.sets = sets_after(events)
        self.last_known_position = head

    def define(self, changes: WeightChanges, *, reason: str) -> None:
        """Let the set read so from now on; InvalidWeights names what is wrong with it."""
        held = self.sets.get(self.name)
        faults = _faults(changes, self.official)
        if not re.match(NAME, self.name) or self.name == PUBLISHED:
            detail = f"write small letters, digits and hyphens, and not {PUBLISHED!r}"
            faults.append(FieldError("/weights", detail))
        if not reason.strip() or len(reason) > REASON_CHARS_MAX:
            faults.append(FieldError("/reason", f"say why, in 1 to {REASON_CHARS_MAX} characters"))
        if faults:
            raise InvalidWeights(faults)
        if held is not None and not held.withdrawn and held.changes == changes:
            raise self._refused("be defined so", "they read so already")
        offered = sum(not one.withdrawn for one in self.sets.values())
        if (held is None or held.withdrawn) and offered >= SETS_MAX:
            raise self._refused("be defined", f"a workspace offers at most {SETS_MAX} sets")
        version = 1 if held is None else held.version + 1
        self._append(
            WeightSetDefined(weights=self.name, version=version, changes=changes, reason=reason)
        )

    def withdraw(self, *, reason: str) -> None:
        """Offer the set no longer."""
        held = self.sets.get(self.name)
        if held is None:
            raise WeightSetNotFound(weights=self.name[:80])
        if held.withdrawn:
            raise self._refused("be withdrawn", "they are withdrawn already")
        self._append(WeightSetWithdrawn(weights=self.name, reason=reason))

    def _append(self, event: WeightSetEvent) -> None:
        self.trigger_event(lambda: event, tags_of(event))

    def _refused(self, decision: str, reason: str) -> WeightSetRefused:
        return WeightSetRefused(weights=self.name[:80], decision=decision, reason=reason)


def sets_after(events: Iterable[Recorded]) -> dict[str, WeightSet]:
    """Every set as some events leave it, withdrawn ones too, by name."""
    found: dict[str, WeightSet] = {}
    for recorded in events:
        event = recorded.event
        if isinstance(event, WeightSetEvent):
            held = after(found.get(event.weights), recorded)
            if held is not None:
                found[event.weights] = held
    return found


def _faults(changes: WeightChanges, official: Weights) -> list[FieldError]:
    rows = [*official.pressure, official.backing]
    known = {
        "instruments": {row.name for row in rows},
        "conduct": official.conduct.keys(),
        "floors": official.floors.keys(),
        "half_lives": {*(row.name for row in rows), *official.conduct},
        "actors": official.actors.keys(),
        "grades": official.grades.keys(),
    }
    faults: list[FieldError] = []
    for table, (least, most) in _BOUNDS.items():
        for name, value in getattr(changes, table).items():
            pointer = f"/changes/{table}/{name[:80]}"
            if name not in known[table]:
                use = ", ".join(sorted(known[table]))
                faults.append(FieldError(pointer, f"there is no such row; use one of {use}"))
            elif not isfinite(value) or not least <= value <= most:
                detail = f"{value:g} is not from {least:g} to {most:g}"
                faults.append(FieldError(pointer, detail))
    if not any(getattr(changes, table) for table in _BOUNDS):
        faults.append(FieldError("/changes", "a set that changes nothing is the published one"))
    return faults
