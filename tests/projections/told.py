"""Claims as the log would hold them, for tests of ledgers; no test of its own."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from domain.claims import read_submission
from domain.events import Recorded
from domain.kinds import DETAILS_OF
from infra.shipped import chronology_path
from projections.histories import Version, fold_all
from tests.histories import BEGIN, Log

LATER = datetime(2026, 7, 1, tzinfo=UTC)
"""After everything that is told of."""
STATEMENT: dict[str, Any] = {
    "kind": "statement_of_criticism",
    "treaty": "APMBC",
    "occurred_on": "2025-04-02",
    "actors": [{"kind": "state", "code": "NOR"}],
    "targets": ["FIN"],
    "summary": "Norway regretted Finland's move.",
}


def told(
    claims: Iterable[bytes | dict[str, Any]], same: Sequence[tuple[str, str]] = ()
) -> list[Recorded]:
    """The events that record `claims`, accepted unless they say otherwise, one an hour, and then
    declare pairs of them the `same`; a dict needs only what differs from a plain statement."""
    log = Log()
    pairs = list(same)
    for number, given in enumerate(claims):
        plain = given if isinstance(given, bytes) else STATEMENT | {"id": f"c-{number}"} | given
        submission = read_submission(
            plain, details_of=DETAILS_OF, now=LATER, new_id="", backfill=True, restate=True
        )
        desk = log.desk()
        desk.record(submission, accepted=True, now=LATER)
        log.keep(desk, at=BEGIN + timedelta(hours=number), by="person:1")
        pairs += [(submission.claim.id, other) for other in submission.same_as]
    for one, other in pairs:
        desk = log.desk(one, other)
        desk.declare_same(one, other, reason=None)
        log.keep(desk, at=LATER, by="person:1")
    return log.events


def believed_now(
    *claims: bytes | dict[str, Any], same: Sequence[tuple[str, str]] = ()
) -> list[Version]:
    """The last version of each of the claims that `told` records."""
    return [history[-1] for history in fold_all(told(claims, same)).values()]


@cache
def shipped() -> tuple[Version, ...]:
    """The last version of each claim of the shipped chronology."""
    return tuple(believed_now(*chronology_path().read_bytes().splitlines()))
