"""The shipped chronology as histories in memory: what pages and answers are made of, no store."""

from datetime import UTC, datetime
from functools import cache

from domain.claims import Submission, read_submission
from domain.clocks import HEAD, KnownAt
from domain.desk import ClaimDesk
from domain.events import Recorded, decode, encode
from domain.kinds import DETAILS_OF
from domain.weights import Weights, read_weights
from infra import shipped
from projections.histories import Histories, Version, believed, fold_all

IMPORTED_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@cache
def histories() -> Histories:
    """Every version of every shipped claim, as an import records them."""
    events: list[Recorded] = []

    def keep(desk: ClaimDesk) -> None:
        for tagged in desk.collect_events():
            stored = encode(tagged.decision)
            events.append(
                decode(
                    stored.type,
                    stored.data,
                    position=len(events) + 1,
                    recorded_at=IMPORTED_AT,
                    recorded_by="import",
                )
            )

    brought = [_submission(line) for line in shipped.chronology_path().read_bytes().splitlines()]
    whole = ClaimDesk(*(submission.claim.id for submission in brought))
    for submission in brought:
        whole.record(submission, accepted=True, now=IMPORTED_AT, backfilled=True)
    keep(whole)
    whole.read(events, len(events))
    for submission in brought:
        for other in submission.same_as:
            mine = submission.claim.id
            since = max(whole.known[mine].known_since, whole.known[other].known_since)
            whole.declare_same(mine, other, reason=None, known_since=since)
    keep(whole)
    return fold_all(events)


def versions(known_at: KnownAt = HEAD, government: str | None = None) -> list[Version]:
    """What was believed by the second clock, of one government or of all."""
    found = believed(histories(), known_at)
    return [v for v in found if government is None or government in v.claim.targets]


@cache
def weights() -> Weights:
    """The shipped weights."""
    return read_weights(shipped.weights())


def _submission(line: bytes) -> Submission:
    return read_submission(
        line, details_of=DETAILS_OF, now=IMPORTED_AT, new_id="none", backfill=True, restate=True
    )
