"""What an export holds comes back whole; the command line's side of it is tried beside the
commands."""

import json
from io import BytesIO

from hypothesis import given, settings

from domain.claims import Submission
from domain.events import Recorded
from projections.histories import Version, fold, fold_all
from services.export import Claims
from services.intake.jsonl import read_lines
from tests.histories import NOW, Log, histories

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
