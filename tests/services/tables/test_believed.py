"""What an export holds comes back whole; the command line's side of it is tried beside the
commands."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings

from domain.claims import Actor, Submission
from domain.clocks import KnownAt
from domain.events import Recorded
from projections.histories import Version, fold, fold_all, version_at
from services.intake.jsonl import read_lines
from services.tables.believed import Claims
from tests.histories import BEGIN, NOW, Log, histories
from tests.projections.told import STATEMENT, told

EXAMPLES = settings(deadline=None, max_examples=40)


def exported(events: list[Recorded]) -> list[bytes]:
    """The lines of an export of some events."""
    current: dict[str, Version] = {}
    claims = Claims(len(events))
    for recorded in events:
        for version in fold(current, recorded):
            current[version.claim.id] = version
            claims.take(version)
    return list(claims.lines())


def submissions(lines: list[bytes]) -> list[Submission]:
    """What an import reads of them."""
    read = list(read_lines(BytesIO(b"".join(lines)), NOW))
    assert [line.errors for line in read if line.errors] == []
    return [line.submission for line in read if line.submission is not None]


@EXAMPLES
@given(events=histories())
def test_an_export_comes_back_whole(events: list[Recorded]) -> None:
    """Recorded in an empty log, an export gives the same export: who contests a claim and on which
    sources, what supersedes it, who withdrew, and all else."""
    lines = exported(events)
    read = submissions(lines)
    log = Log()
    for submission in read:
        desk = log.desk(submission.claim.id)
        assert desk.record(submission, accepted=True, now=NOW) is None
        log.keep(desk, at=NOW, by="import")
    for submission in read:
        for other in submission.same_as:
            desk = log.desk(submission.claim.id, other)
            if other not in desk.known[submission.claim.id].same:
                known = [one.known_since for one in desk.known.values()]
                desk.declare_same(submission.claim.id, other, reason=None, known_since=max(known))
                log.keep(desk, at=NOW, by="import")
    again = [json.loads(line) for line in exported(log.events)]
    assert again == [json.loads(line) for line in lines]


def test_a_withdrawal_comes_back_with_the_moment_it_was_known_since() -> None:
    """Not with that of its claim: as known before the withdrawal, nobody had withdrawn yet; and the
    claim is contested since it was known, not since then."""
    log = Log()
    claim = STATEMENT | {"id": "joint", "details": {"signatories": 93}, "status": "contested",
                         "known_since": "2025-04-03"}  # fmt: skip
    log.events = told([claim])
    desk = log.desk("joint")
    desk.withdraw_signatory("joint", Actor(kind="state", code="MLT"), reason=None)
    log.keep(desk, at=BEGIN + timedelta(days=30), by="person:2")
    (line,) = exported(log.events)
    (submission,) = submissions([line])
    assert submission.withdrawn_since == (BEGIN + timedelta(days=30),)
    again = Log()
    desk = again.desk("joint")
    desk.record(submission, accepted=True, now=NOW)
    again.keep(desk, at=NOW, by="import")
    history = fold_all(again.events)["joint"]
    before = version_at(history, KnownAt(moment=BEGIN + timedelta(days=30, seconds=-1)))
    after = version_at(history, KnownAt(moment=BEGIN + timedelta(days=30)))
    assert before is not None
    assert after is not None
    assert (before.status, before.withdrawn) == ("contested", ())
    assert [one.code for one in after.withdrawn] == ["MLT"]


@pytest.mark.parametrize(
    ("since", "pointer"),
    [
        (["2025-05-01", "2025-05-02"], "/withdrawn_since"),
        (["soon"], "/withdrawn_since/0"),
        (["2099-01-01"], "/withdrawn_since/0"),
    ],
)
def test_moments_that_fit_no_withdrawal_are_named(since: list[str], pointer: str) -> None:
    """As many as withdrew, each a moment, none to come."""
    claim = STATEMENT | {"id": "joint", "withdrawn": [{"kind": "state", "code": "MLT"}],
                         "withdrawn_since": since}  # fmt: skip
    (line,) = read_lines(BytesIO(json.dumps(claim).encode()), NOW)
    assert [error.pointer for error in line.errors] == [pointer]


@EXAMPLES
@given(events=histories())
def test_an_export_changes_nothing_where_it_came_from(events: list[Recorded]) -> None:
    """Every claim of it is there already, and no decision is taken anew."""
    log = Log()
    log.events = list(events)
    for submission in submissions(exported(events)):
        desk = log.desk(submission.claim.id)
        assert desk.record(submission, accepted=True, now=NOW) is not None
        assert not desk.collect_events()
    assert len(fold_all(log.events)) == len(fold_all(events))
