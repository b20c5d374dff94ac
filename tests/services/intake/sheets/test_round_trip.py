"""The round trip: whatever a desk did, importing its own export changes nothing, whatever the
format."""

import asyncio
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from domain.claims import Submission, read_submission
from domain.desk import ClaimDesk, OnFile
from domain.errors import AppendConflict
from domain.events import Recorded
from domain.kinds import DETAILS_OF, ClaimRecorded
from projections.histories import Version, fold
from services.intake.lines import pairs_of
from services.intake.sheets.matching import matched
from services.intake.sheets.reading import RowReader, open_table
from services.intake.sheets.writing import (
    SHEET_FORMATS,
    SheetFormat,
    claims_aside,
    write_claims,
)
from services.tables import bringing
from services.tables.believed import Claims
from services.tables.binding import BLOCK_ROWS, Bound, bound
from services.tables.bringing import Brought, Turn, author_of, bring, bring_all
from services.tables.judging import undo
from services.tables.packing import packed
from services.wiring import AppendRequest
from tests.histories import histories
from tests.services.running import WORKSPACE, Running, claim

NOW = datetime(2027, 1, 1, tzinfo=UTC)
"""After everything that these tests tell of."""


def exported(history: list[Recorded], form: SheetFormat) -> bytes:
    """The file of what a history came to."""
    current: dict[str, Version] = {}
    claims = Claims(len(history))
    for event in history:
        for version in fold(current, event):
            current[version.claim.id] = version
            claims.take(version)
    out = io.BytesIO()
    with claims_aside() as aside:
        for plain in claims.plains():
            aside.add(plain)
        write_claims(aside, form, out, [("known_at", "seq:1")])
    return out.getvalue()


def imported(body: bytes, form: SheetFormat) -> list[Submission]:
    """What a file brings."""
    if form == "jsonl":
        how: dict[str, Any] = {"details_of": DETAILS_OF, "now": NOW, "new_id": "", "backfill": True}
        return [read_submission(line, restate=True, **how) for line in body.splitlines()]
    found = matched(open_table(io.BytesIO(body)))
    lines = list(RowReader(found.matches, NOW, restate=True).lines(found.rows))
    assert [line.errors for line in lines if line.errors] == []
    return [line.submission for line in lines if line.submission is not None]


@settings(max_examples=40, deadline=None)
@given(histories())
def test_importing_an_own_export_changes_nothing(history: list[Recorded]) -> None:
    """Every claim of the export stands already with this content, and every sameness with it."""
    ids = [e.event.claim for e in history if isinstance(e.event, ClaimRecorded)]
    for form in SHEET_FORMATS:
        submissions = imported(exported(history, form), form)
        assert [s.claim.id for s in submissions] == list(dict.fromkeys(ids))
        desk = ClaimDesk(*ids)
        desk.read(history, len(history))
        for one in submissions:
            held = desk.record(one, accepted=True, now=NOW, backfilled=True)
            assert isinstance(held, OnFile)
            for first, second in pairs_of(one):
                assert second in desk.known[first].same
        assert desk.collect_events() == []


def brought_by(site: Running, name: str, submissions: list[Submission]) -> Brought:
    """What an import of these brings."""
    into = Brought()

    async def work() -> None:
        ready = [packed(n, s, accepted=True, now=NOW) for n, s in enumerate(submissions, 1)]
        claims = [bound(ready[at : at + BLOCK_ROWS]) for at in range(0, len(ready), BLOCK_ROWS)]
        await bring_all(
            site.house,
            WORKSPACE,
            name,
            claims,
            by=author_of(name),
            into=into,
            refuse=lambda line, why: None,
        )

    site.call(work())
    return into


@pytest.mark.parametrize("form", SHEET_FORMATS)
def test_a_list_is_exported_under_its_filters_and_comes_back(
    site: Running, form: SheetFormat
) -> None:
    """The file holds what the list shows, says under which filters, and importing it changes
    nothing; the page and the API give the same."""
    marks = [f"{form}-{n}" for n in range(3)]
    plains = [
        claim(id=mark, summary=f"Of {mark}, =1+1.", targets=["FIN"] if n else ["POL"])
        for n, mark in enumerate(marks)
    ]
    how: dict[str, Any] = {"details_of": DETAILS_OF, "now": NOW, "new_id": ""}
    assert brought_by(site, form, [read_submission(p, **how) for p in plains]).new == 3
    site.caught_up()
    api = site.client("viewer")
    asked = {"government": "FIN", "q": f"of {form}", "format": form}
    answer = api.get("/api/v1/export", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="claims-FIN-seq')
    head = site.head()
    if form == "jsonl":
        assert [json.loads(line)["id"] for line in answer.text.splitlines()] == marks[:0:-1]
    if form == "csv":
        assert "government,FIN" in answer.text
        assert f"known_at,seq:{head}" in answer.text
    submissions = imported(answer.content, form) if form != "jsonl" else []
    again = brought_by(site, f"{form}-again", submissions)
    assert (again.new, again.already_there) == (0, len(submissions))
    assert site.head() == head
    wrong = api.get("/api/v1/export", params={"format": "pdf"})
    assert wrong.status_code == 400


def test_many_claims_go_in_and_out_in_their_order(
    site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several portions are recorded in the order of the file, found again by the name of the
    import, and taken back together."""
    monkeypatch.setattr(bringing, "CLAIMS_AT_ONCE", 1000)
    how: dict[str, Any] = {"details_of": DETAILS_OF, "now": NOW, "new_id": ""}
    many = [read_submission(claim(id=f"many-{n:04}"), **how) for n in range(2200)]
    before = site.head()
    assert brought_by(site, "many", many).new == 2200
    ranges = site.call(site.house.imports.brought(WORKSPACE, "import:many:"))
    batch = site.call(site.house.store.read(WORKSPACE, after=before, limit=2200))
    assert [e.type for e in batch.events] == ["statement_of_criticism.v1"] * 2200
    ids = [tag for e in batch.events for tag in e.tags if tag.startswith("claim:")]
    assert ids == [f"claim:many-{n:04}" for n in range(2200)]
    assert sorted(last - first + 1 for first, last in ranges) == [200, 1000, 1000]
    undone = site.call(undo(site.house, WORKSPACE, "many", by="person:1", reason="a test"))
    assert (undone.retracted, undone.left) == (2200, [])


def test_a_portion_that_comes_too_early_waits_for_the_one_before(site: Running) -> None:
    """A portion that reaches the log first is recorded after the one it follows all the same, and
    also where that one turns out to have nothing to record."""
    how: dict[str, Any] = {"details_of": DETAILS_OF, "now": NOW, "new_id": ""}
    read_ = [read_submission(claim(id=f"turn-{n}"), **how) for n in range(3)]
    first, second, third = (
        bound([packed(n, one, accepted=True, now=NOW)]) for n, one in enumerate(read_)
    )
    before = site.head()
    into = Brought()

    async def work() -> None:
        loop = asyncio.get_running_loop()
        ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(2)]

        async def late(some: Bound, turn: Turn) -> None:
            await bring(
                site.house, WORKSPACE, "turns", some,
                by="person:1", into=into, refuse=_never, before=turn,
            )  # fmt: skip

        waiting = [
            asyncio.create_task(late(second, Turn("import:turns:first", ends[0]))),
            asyncio.create_task(late(third, Turn("import:turns:second", ends[1]))),
        ]
        # Each of them is refused by the log at least once, before the first one comes.
        request = AppendRequest(sheaf=first.sheaf, key="other", follows="import:turns:first")
        with pytest.raises(AppendConflict):
            await site.house.appender.append(WORKSPACE, request)
        await bring(site.house, WORKSPACE, "turns", first, by="person:1", into=into, refuse=_never)
        for task, end in zip(waiting, ends, strict=True):
            end.set_result(None)
            await task

    site.call(work())
    batch = site.call(site.house.store.read(WORKSPACE, after=before, limit=9))
    assert [event.tags[0] for event in batch.events] == [f"claim:turn-{n}" for n in range(3)]
    assert (into.new, into.already_there, into.refused) == (3, 0, 0)


def _never(line: int, why: str) -> None:
    raise AssertionError(f"row {line}: {why}")
