"""Believed claims to report on: the shipped chronology and claims made up for a test; nothing is
stored."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from domain.claims import Submission, read_submission
from domain.clocks import HEAD, KnownAt
from domain.desk import ClaimDesk
from domain.events import Recorded, decode, encode
from domain.kinds import DETAILS_OF
from domain.weights import Weights, read_weights
from infra import shipped
from projections.histories import Version, believed, fold_all

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@cache
def weights() -> Weights:
    """The shipped weights."""
    return read_weights(shipped.weights())


def submission(**fields: Any) -> Submission:
    """A criticism of Finland by Norway; `fields` replace its own."""
    plain: dict[str, Any] = {
        "id": "nor-regret",
        "kind": "statement_of_criticism",
        "treaty": "APMBC",
        "occurred_on": "2025-04-02",
        "actors": [{"kind": "state", "code": "NOR"}],
        "targets": ["FIN"],
        "summary": "Norway regretted Finland's move.",
        "sources": [{"publisher": "Reuters", "title": "Norway", "reliability": "A"}],
    }
    return _read(plain | fields)


@cache
def chronology() -> tuple[Submission, ...]:
    """The shipped chronology."""
    lines = shipped.chronology_path().read_text(encoding="utf-8").splitlines()
    return tuple(_read(json.loads(line)) for line in lines)


def recorded(submissions: Iterable[Submission]) -> list[Recorded]:
    """The log after an import of `submissions`, sameness included."""
    events: list[Recorded] = []
    known = ClaimDesk()

    def keep() -> None:
        for tagged in known.collect_events():
            stored = encode(tagged.decision)
            position = len(events) + 1
            event = decode(
                stored.type, stored.data, position=position, recorded_at=NOW, recorded_by="import"
            )
            events.append(event)
            known.take(event)

    for found in submissions:
        known.record(found, accepted=True, now=NOW, backfilled=True)
        keep()
    for found in submissions:
        for other in found.same_as:
            if other in known.known and other not in known.known[found.claim.id].same:
                known.declare_same(found.claim.id, other, reason=None)
                keep()
    return events


def versions(submissions: Iterable[Submission], known_at: KnownAt = HEAD) -> list[Version]:
    """The claims believed at `known_at` after an import of `submissions`."""
    return believed(fold_all(recorded(list(submissions))), known_at)


def _read(plain: dict[str, Any]) -> Submission:
    return read_submission(
        plain, details_of=DETAILS_OF, now=NOW, new_id="made", backfill=True, restate=True
    )
