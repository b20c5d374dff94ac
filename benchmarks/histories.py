"""Makes big histories after the shapes of the shipped chronology, the same ones for the same seed;
none of it happened.

Claims fall on governments after Zipf: a few hear and do most. Three events in five record a claim;
the others are what a desk does: most claims are accepted by somebody else, some are contested,
corrected, refuted or taken back, some are declared the same as another and separated again.
"""

import json
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Final

import msgspec

from domain.claims import Actor, Claim, Relation, Source, read_submission
from domain.dcb import DCBEvent
from domain.events import (
    ClaimAccepted,
    ClaimContested,
    ClaimCorrected,
    ClaimEvent,
    ClaimRefuted,
    ClaimRejected,
    ClaimRetracted,
    ClaimsDeclaredSame,
    ClaimsSeparated,
    Recorded,
    claim_json,
    encode,
)
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF, ClaimRecorded, claim_of, recorded
from infra.shipped import chronology_path

BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""The moment of the first event; the others follow within two years."""
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = date(1999, 3, 1)
DAYS: Final = (BEGIN.date() - FIRST_DAY).days
ZIPF_EXPONENT: Final = 1.0
JOINING: Final = frozenset({"state_joined", "state_signed"})
JOINING_SHARE: Final = 0.03
RECORDING_SHARE: Final = 0.6
WAITING_MAX: Final = 500
"""How many claims wait for a decision at a time."""
GRADES: Final = ("A",) * 8 + ("B",) * 7 + ("C",) * 3 + ("D", None)
PEOPLE: Final = tuple(f"person:{number}" for number in range(12))


def claims(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """`count` valid claims as their submitters send them, plain JSON values."""
    maker = _Maker(seed)
    for number in range(count):
        yield claim_json(claim_of(maker.recording(number, "pending", None)))


def events(seed: int, count: int) -> Iterator[Recorded]:
    """A log of `count` events in order, from position 1."""
    maker = _Maker(seed)
    step = (NOW - BEGIN) / max(1, count)
    for position in range(1, count + 1):
        at = BEGIN + step * position
        event = maker.event(at)
        yield Recorded(position, at, maker.random.choice(PEOPLE), event)


def encoded(seed: int, count: int) -> Iterator[DCBEvent]:
    """The same log as `events` makes, as the log's port takes it."""
    for one in events(seed, count):
        yield encode(one.event)


class _Maker:
    """Draws one event after another; each fits those before it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.prefix = f"made-{seed}"
        self.number = 0
        self.waiting: list[ClaimRecorded] = []
        self.decided: list[ClaimRecorded] = []
        self.same: list[tuple[str, str]] = []
        joining, others = _templates()
        self.joining, self.others = joining, others
        self.codes, weights = weighed_governments()
        self.shares = list(accumulate(weights))

    def event(self, at: datetime) -> ClaimEvent:
        """The next event of the log, recorded at `at`."""
        random = self.random
        if random.random() < RECORDING_SHARE or not self.waiting:
            return self._record(at)
        if len(self.decided) > 1 and random.random() < 0.2:
            return self._revise()
        return self._decide()

    def recording(self, number: int, status: Any, known_since: datetime | None) -> ClaimRecorded:
        """The event that records the claim of a number."""
        random = self.random
        template = random.choice(self.joining if random.random() < JOINING_SHARE else self.others)
        day = FIRST_DAY + timedelta(days=int(DAYS * random.random() ** 0.5))
        return msgspec.structs.replace(
            template,
            claim=f"{self.prefix}-{number}",
            occurred_on=f"{day:%Y-%m}" if random.random() < 0.1 else day.isoformat(),
            actors=tuple(
                Actor(kind="state", code=self._government()) if actor.kind == "state" else actor
                for actor in template.actors[:3]
            ),
            targets=tuple({self._government(): None for _ in template.targets[:4]}),
            summary=f"{template.summary} ({number})",
            sources=tuple(self._source(source, day) for source in template.sources[:2]),
            relates_to=self._relations(number),
            status=status,
            known_since=known_since,
        )

    def _record(self, at: datetime) -> ClaimRecorded:
        accepted = self.random.random() < 0.4
        since = (
            at - timedelta(days=self.random.random() * 900) if self.random.random() < 0.1 else None
        )
        made = self.recording(self.number, "accepted" if accepted else "pending", since)
        self.number += 1
        self._put(self.decided if accepted else self.waiting, made)
        return made

    def _decide(self) -> ClaimEvent:
        made = self._take(self.waiting)
        self._put(self.decided, made)
        drawn = self.random.random()
        if drawn < 0.9:
            return ClaimAccepted(claim=made.claim)
        if drawn < 0.96:
            return ClaimRejected(claim=made.claim, reason="no source names the day")
        by = (Actor(kind="state", code=self._government()),)
        return ClaimContested(claim=made.claim, by=by, reason="the ministry denies it")

    def _revise(self) -> ClaimEvent:
        drawn = self.random.random()
        if drawn < 0.1 and self.same:
            claim, other = self.same.pop()
            return ClaimsSeparated(claim=claim, other=other, reason="two days apart")
        made = self._take(self.decided)
        if drawn < 0.4:
            other = self.random.choice(self.decided).claim
            if other != made.claim:
                self.same.append((made.claim, other))
                return ClaimsDeclaredSame(claim=made.claim, other=other)
        if drawn < 0.9:
            summary = f"{made.summary} Corrected."
            after = claim_json(claim_of(msgspec.structs.replace(made, summary=summary)))
            return ClaimCorrected(claim=made.claim, changed=("summary",), after=after)
        if drawn < 0.95:
            return ClaimRefuted(claim=made.claim, reason="the outlet withdrew its report")
        return ClaimRetracted(claim=made.claim, reason="recorded by mistake")

    def _government(self) -> str:
        drawn = self.random.random() * self.shares[-1]
        return self.codes[bisect(self.shares, drawn)]

    def _source(self, source: Source, day: date) -> Source:
        grade: Any = self.random.choice(GRADES)
        return msgspec.structs.replace(source, published_on=day.isoformat(), reliability=grade)

    def _relations(self, number: int) -> tuple[Relation, ...]:
        if number == 0 or self.random.random() < 0.9:
            return ()
        other = self.random.randrange(max(0, number - 1000), number)
        return (Relation(claim=f"{self.prefix}-{other}", relation="follows"),)

    def _put(self, those: list[ClaimRecorded], made: ClaimRecorded) -> None:
        if len(those) < WAITING_MAX:
            those.append(made)
        else:
            those[self.random.randrange(WAITING_MAX)] = made

    def _take(self, those: list[ClaimRecorded]) -> ClaimRecorded:
        index = self.random.randrange(len(those))
        those[index], those[-1] = those[-1], those[index]
        return those.pop()


def weighed_governments() -> tuple[list[str], list[float]]:
    """Every government, the one that most claims fall on first, and how much of them falls on
    each."""
    codes = sorted(GOVERNMENTS)
    Random(0).shuffle(codes)
    return codes, [(n + 1) ** -ZIPF_EXPONENT for n in range(len(codes))]


def _templates() -> tuple[list[ClaimRecorded], list[ClaimRecorded]]:
    """The shipped claims as events: joinings and signatures, and all others."""
    found: tuple[list[ClaimRecorded], list[ClaimRecorded]] = ([], [])
    with chronology_path().open("rb") as file:
        for line in file:
            claim: Claim = read_submission(
                json.loads(line),
                details_of=DETAILS_OF,
                now=NOW + timedelta(days=365),
                new_id="",
                backfill=True,
                restate=True,
            ).claim
            made = recorded(claim, status="pending", known_since=None)
            found[claim.kind not in JOINING].append(made)
    return found
