"""Makes a history to measure with, the same one every time; none of it happened."""

from datetime import UTC, date, datetime, timedelta

from domain.claims import read_submission
from domain.events import Recorded
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF, recorded

FIRST_DAY = date(1997, 12, 3)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("statement_of_criticism", "state_joined", "withdrawal_announced", "transfer_delivered")


def history(claims: int) -> list[Recorded]:
    """The events that record `claims` claims, spread over every government and 28 years."""
    codes = sorted(GOVERNMENTS)
    made = []
    for number in range(claims):
        target = codes[number % len(codes)]
        day = FIRST_DAY + timedelta(days=number % 10_000)
        plain = {
            "id": f"made-{number}",
            "kind": KINDS[number // len(codes) % len(KINDS)],
            "treaty": "APMBC",
            "occurred_on": day.isoformat(),
            "actors": [{"kind": "state", "code": codes[(number * 7 + 3) % len(codes)]}],
            "targets": [target],
            "summary": f"Something that a history of {claims} claims says about {target}.",
            "sources": [{"publisher": "Nobody", "reliability": "B", "credibility": 2}],
        }
        submission = read_submission(plain, details_of=DETAILS_OF, now=MOMENT, new_id="")
        event = recorded(submission.claim, status="accepted", known_since=None)
        made.append(Recorded(number + 1, MOMENT + timedelta(milliseconds=number), "made", event))
    return made
