"""Measures the pure half, events to answers: decoding, folding, asking; no store takes part."""

import json
from collections.abc import Callable, Iterator
from datetime import date

import msgspec

from benchmarks.made import history
from benchmarks.rows import Row, Size
from benchmarks.timing import ROUNDS, in_turns, seconds
from domain.clocks import HEAD
from domain.events import Recorded, decode, encode
from domain.kinds import ClaimRecorded
from domain.treaties import TREATIES
from projections.histories import believed, fold_all
from projections.parties import parties

CLAIMS = 20_000
TITLE = "Folding"
ABOUT = f"From events to answers, in memory, over a made history of {CLAIMS:,} claims."


def measure(_size: Size) -> Iterator[Row]:
    """Each step from a log of 20 000 claims to an answer."""
    events = history(CLAIMS)
    stored = [encode(_claim(event)) for event in events]
    plain = [json.dumps(msgspec.to_builtins(event.event)) for event in events]

    def decoded() -> list[Recorded]:
        return [
            decode(
                one.type,
                one.data,
                position=event.position,
                recorded_at=event.recorded_at,
                recorded_by=event.recorded_by,
            )
            for one, event in zip(stored, events, strict=True)
        ]

    ours, theirs = in_turns(decoded, lambda: list(map(json.loads, plain)))
    yield Row(
        what="decode and check events",
        unit="claims/s",
        ours=tuple(CLAIMS / s for s in ours),
        peer="json.loads of the same, unchecked",
        theirs=tuple(CLAIMS / s for s in theirs),
    )
    yield _per_second("encode events", lambda: [encode(_claim(event)) for event in events])
    yield _per_second("fold events into histories of claims", lambda: fold_all(events))
    histories = fold_all(events)
    yield _per_second("find what is believed", lambda: believed(histories, HEAD))
    facts = [version.facts for version in believed(histories, HEAD)]
    treaty, on = TREATIES["APMBC"], date(2026, 1, 1)
    yield _per_second("ask who is a party", lambda: parties(treaty, facts, on=on, known_at="head"))


def _claim(recorded: Recorded) -> ClaimRecorded:
    assert isinstance(recorded.event, ClaimRecorded)
    return recorded.event


def _per_second(what: str, work: Callable[[], object]) -> Row:
    rounds = tuple(CLAIMS / seconds(work) for _ in range(ROUNDS))
    return Row(what=what, unit="claims/s", ours=rounds)
