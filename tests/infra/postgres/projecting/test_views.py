"""Reading the views: lists, pages, the clocks, waiting, and what another workspace never sees."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.clocks import HEAD, KnownAt
from domain.errors import InvalidQuestion, StillBehind
from domain.events import ClaimAccepted, ClaimCorrected, ClaimRetracted, Recorded, claim_json
from domain.kinds import ClaimRecorded, claim_of
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore, NoWorkspace
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.claim_filter import ClaimFilter, Cursor, read_cursor
from infra.postgres.reading.views import Views
from projections.claims import claim_page, newest_first
from projections.histories import Version, believed
from projections.search import actor_keys, terms_of, words_of
from tests.conftest import WORKSPACE
from tests.histories import GOVERNMENTS, histories
from tests.infra.postgres.filling import append, claim, ids, new_workspace, replayed, running

WAIT_SECONDS = 120.0
VIEW_TABLES = (
    "view_watermark", "view_state", "claim_version", "claim_relation", "government_claim",
    "claim_search", "search_word",
)  # fmt: skip


def lets_through(wanted: ClaimFilter, version: Version) -> bool:
    """Whether a filter lets a version through, said in Python."""
    found, day = version.claim, version.claim.date.representative_day
    keys = None if wanted.actor is None else set(actor_keys(wanted.actor))
    return (
        (wanted.government is None or wanted.government in found.targets)
        and (wanted.kind is None or wanted.kind == found.kind)
        and (wanted.status is None or wanted.status == version.status)
        and (wanted.treaty is None or wanted.treaty == found.treaty)
        and (keys is None or bool(keys & {actor.key for actor in found.actors}))
        and all(term in words_of(found) for term in terms_of(wanted.q or ""))
        and (wanted.first_day is None or wanted.first_day <= day)
        and (wanted.last_day is None or day <= wanted.last_day)
    )


def filters() -> st.SearchStrategy[ClaimFilter]:
    """Filters that let some of the made-up claims through."""
    days = st.none() | st.dates(date(2024, 11, 1), date(2026, 2, 1))
    return st.builds(
        ClaimFilter,
        government=st.sampled_from([None, *GOVERNMENTS]),
        kind=st.sampled_from([None, None, "statement_of_criticism", "parliament_vote"]),
        status=st.sampled_from([None, None, "pending", "accepted", "contested", "retracted"]),
        treaty=st.sampled_from([None, "APMBC", "CCM"]),
        actor=st.sampled_from([None, "state:NOR", "NOR", "ICBL", "io:ICRC", "nobody"]),
        q=st.sampled_from(
            [None, "", "finland", "NORVEGE regret", "100 %", "\\", "_", "claim-1", "a", "nl", "1"]
        ),
        first_day=days,
        last_day=days,
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), wanted=filters(), limit=st.integers(1, 4), oldest=st.booleans())
async def test_lists_hold_what_the_filter_lets_through_in_order(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    wanted: ClaimFilter,
    limit: int,
    oldest: bool,
) -> None:
    """Page after page the list is the believed claims that fit, by day and then by recording, the
    newest or the oldest first."""
    workspace = await new_workspace(store)
    await append(appender, workspace, [recorded.event for recorded in events])
    head = await projector.catch_up(workspace)
    known_at = KnownAt(position=max(1, head - 3))
    held = believed(await replayed(store, workspace), known_at)
    expected = newest_first([v for v in held if lets_through(wanted, v)], None)
    if oldest:
        expected.reverse()
    found: list[Version] = []
    cursor: Cursor | None = None
    while True:
        position, page, cursor = await views.claims(
            workspace, known_at, wanted, after=cursor, limit=limit, oldest=oldest
        )
        assert position == head
        assert len(page) <= limit
        found += page
        if cursor is None:
            break
        cursor = read_cursor(str(cursor))
    assert found == expected


SUMMARIES = {
    "hyphen": "Timor-Leste and Guinea-Bissau spoke",
    "apostrophe": "Côte d'Ivoire and O\u2019Brien answered",
    "accents": "São Tomé and Türkiye (AÇIK) regretted",
    "cyrillic": "Міністерство оборони повідомило про протипіхотні міни",
    "arabic": "الأردن تدعو إلى حظر الألغام",
    "chinese": "日本外务省就杀伤人员地雷发表声明",
    "thai": "ไทยทำลายทุ่นระเบิด",
    "short": "The UK and the EU: a no to a §5 exit, 100 % of 1,234 mines",
    "compound": "Jalkaväkimiinakielto ja Landminenverbot",
    "long": "x" * 70 + "yz" + "x" * 70,
}
SOUGHT = {
    "timor-leste": {"hyphen"}, "Leste": {"hyphen"}, "Bissau spoke": {"hyphen"},
    "d'ivoire": {"apostrophe"}, "ivoire": {"apostrophe"}, "o\u2019brien": {"apostrophe"},
    "sao tome": {"accents"}, "TÜRKIYE": {"accents"}, "acik": {"accents"}, "міни": {"cyrillic"},
    "протипіхотні": {"cyrillic"}, "МІНІСТЕРСТВО": {"cyrillic"}, "ألغام": {"arabic"},
    "الأردن": {"arabic"}, "地雷": {"chinese"}, "雷": {"chinese"}, "雷地": set(),
    "ระเบิด": {"thai"}, "uk": {"short"}, "§5": {"short"}, "%": {"short"}, "1,234": {"short"},
    "234": {"short"}, "miina": {"compound"}, "minen": {"compound"}, "xyzx": {"long"},
    "eu uk": {"short"}, "eu bissau": set(), "zq": set(), "9": set(),
}  # fmt: skip


async def test_claims_are_found_by_any_part_of_a_word_in_any_script(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """Names with hyphens, apostrophes and accents, Cyrillic, Arabic, Chinese and Thai text, words
    of two letters, signs, numbers and the ends of compounds find what holds them, now and as known
    before a correction."""
    recorded = [
        claim(name, summary=text, occurred_on=f"20{10 + n}-03-02")
        for n, (name, text) in enumerate(SUMMARIES.items())
    ]
    await append(appender, WORKSPACE, recorded)
    head = await projector.catch_up(WORKSPACE)
    for q, names in SOUGHT.items():
        for oldest in (False, True):
            _, found, _ = await views.claims(
                WORKSPACE, HEAD, ClaimFilter(q=q), after=None, limit=10, oldest=oldest
            )
            assert {one.claim.id for one in found} == names, q
    first = recorded[0]
    assert isinstance(first, ClaimRecorded)
    after = claim_json(claim_of(replace(first, summary="Bhutan spoke in 1901")))
    correction = ClaimCorrected(claim="hyphen", changed=("summary",), after=after)
    await append(appender, WORKSPACE, [correction])
    await projector.catch_up(WORKSPACE)
    for q, known_at, names in (
        ("bhutan", HEAD, {"hyphen"}), ("bissau", HEAD, set()),
        ("bhutan", KnownAt(position=head), set()), ("bissau", KnownAt(position=head), {"hyphen"}),
    ):  # fmt: skip
        _, found, _ = await views.claims(
            WORKSPACE, known_at, ClaimFilter(q=q), after=None, limit=10
        )
        assert {one.claim.id for one in found} == names, q


async def test_a_position_the_views_have_not_reached_is_no_question(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """Asking beyond the watermark says how far the views are."""
    await append(appender, WORKSPACE, [claim()])
    await projector.catch_up(WORKSPACE)
    with pytest.raises(InvalidQuestion, match="reached position 1"):
        await views.versions(WORKSPACE, KnownAt(position=2))


async def test_an_empty_workspace_answers_with_nothing(views: Views) -> None:
    """Before the first event every answer is empty and stands for position 0."""
    assert await views.versions(WORKSPACE, HEAD) == (0, [])
    assert await views.facts(WORKSPACE, KnownAt(position=0), government="FIN") == (0, [])
    assert await views.claims(WORKSPACE, HEAD, ClaimFilter(), after=None, limit=10) == (0, [], None)
    assert (await views.watermark(WORKSPACE)).position == 0


async def test_an_unknown_workspace_is_named(views: Views, projector: Projector) -> None:
    """A workspace that does not exist is an error that says how to make it, not an empty answer."""
    with pytest.raises(NoWorkspace, match="workspace add nowhere"):
        await views.versions("nowhere", HEAD)
    with pytest.raises(NoWorkspace, match="workspace add nowhere"):
        await projector.catch_up("nowhere")


async def test_back_filled_history_is_known_since_its_sources_said_so(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """By a moment long before the recording the claim is there; by position only from its own."""
    await append(appender, WORKSPACE, [claim("first")])
    await append(appender, WORKSPACE, [claim("earlier", known_since="2025-04-03")])
    await projector.catch_up(WORKSPACE)
    moment = datetime(2025, 4, 3, 12, tzinfo=UTC)
    _, held = await views.versions(WORKSPACE, KnownAt(moment=moment))
    assert [(v.claim.id, v.backfilled) for v in held] == [("earlier", True)]
    _, before = await views.versions(WORKSPACE, KnownAt(moment=moment - timedelta(days=1)))
    assert before == []
    assert ids((await views.versions(WORKSPACE, KnownAt(position=1)))[1]) == [("first", 1)]


async def test_of_versions_known_since_one_moment_the_last_one_is_believed(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """A claim recorded and accepted in one append was never believed pending by any moment."""
    await append(appender, WORKSPACE, [claim(accepted=False), ClaimAccepted(claim="nor-regret")])
    await projector.catch_up(WORKSPACE)
    _, history = await views.history(WORKSPACE, "nor-regret")
    assert [v.status for v in history] == ["pending", "accepted"]
    at = KnownAt(moment=history[0].known_from)
    assert ids((await views.versions(WORKSPACE, at))[1]) == [("nor-regret", 2)]
    assert ids((await views.versions(WORKSPACE, KnownAt(position=1)))[1]) == [("nor-regret", 1)]


async def test_a_claim_names_the_claims_that_relate_to_it(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """Relations are found from their other end, as they were believed at the clock asked for."""
    reply = {"claim": "nor-regret", "relation": "responds_to"}
    await append(
        appender,
        WORKSPACE,
        [claim(), claim("fin-reply", relates_to=[reply]), ClaimRetracted(claim="fin-reply")],
    )
    await projector.catch_up(WORKSPACE)
    _, history, relating = await views.claim(WORKSPACE, "nor-regret", HEAD)
    assert (ids(history), ids(relating)) == ([("nor-regret", 1)], [("fin-reply", 2)])
    page = claim_page(history, relating, HEAD)
    assert page is not None
    assert [(r.claim, r.relation, r.direction, r.status) for r in page.related] == [
        ("fin-reply", "responds_to", "from", "retracted")
    ]
    _, _, before = await views.claim(WORKSPACE, "nor-regret", KnownAt(position=1))
    assert before == []
    _, history, beside = await views.claim(WORKSPACE, "fin-reply", KnownAt(position=2))
    page = claim_page(history, beside, KnownAt(position=2))
    assert page is not None
    assert [(r.claim, r.direction, r.summary, r.status) for r in page.related] == [
        ("nor-regret", "to", "Norway regretted Finland's move.", "accepted")
    ]
    assert (await views.claim(WORKSPACE, "no-such", HEAD))[1:] == ([], [])


async def test_waiting_for_a_position_ends_when_it_is_reached(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """A write is readable by whoever waits for its position, soon after it."""
    async with running(projector):
        for number in range(5):
            done = await append(appender, WORKSPACE, [claim(f"c-{number}")])
            assert await views.wait_for(WORKSPACE, done.last, WAIT_SECONDS) >= done.last
            _, held = await views.versions(WORKSPACE, HEAD)
            assert len(held) == number + 1


async def test_waiting_wakes_when_another_process_projects(
    dsn: str,
    appender: Appender,
    projector: Projector,
    pool: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reader without a projector of its own is woken by the notification: it would come too late
    by its poll."""
    monkeypatch.setattr("infra.postgres.reading.views.POLL_SECONDS", 3600)
    own = Listener(dsn)
    await own.start()
    reader = Views(pool, own)
    async with running(projector):
        await append(appender, WORKSPACE, [claim("c-0")])
        await reader.wait_for(WORKSPACE, 1, WAIT_SECONDS)
        for number in range(1, 6):
            done = await append(appender, WORKSPACE, [claim(f"c-{number}")])
            async with asyncio.timeout(WAIT_SECONDS):
                await reader.wait_for(WORKSPACE, done.last, 3600)
    await own.close()


async def test_waiting_says_plainly_that_the_views_are_still_behind(
    appender: Appender, views: Views
) -> None:
    """Without a projector the wait ends, naming both positions."""
    await append(appender, WORKSPACE, [claim()])
    with pytest.raises(StillBehind, match="reached position 0, not yet 1"):
        await views.wait_for(WORKSPACE, 1, 0.2)


async def test_another_workspace_never_sees_the_rows_of_a_view(
    store: EventStore, appender: Appender, projector: Projector, views: Views, pool: Any
) -> None:
    """With another workspace's setting, or none, every view table is empty, whatever is asked."""
    other = await new_workspace(store)
    reply = {"claim": "x", "relation": "follows"}
    await append(appender, WORKSPACE, [claim(relates_to=[reply])])
    await projector.catch_up(WORKSPACE)
    counts = "SELECT count(*) FROM "
    async with pool.acquire() as connection:
        for setting, rows in ((WORKSPACE, 1), (other, 0), ("", 0)):
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('article20.workspace', $1, true)", setting
                )
                for table in VIEW_TABLES:
                    found = await connection.fetchval(counts + table)
                    assert (found > 0) == (rows > 0), (setting, table)
    assert await views.versions(other, HEAD) == (0, [])
    assert await views.history(other, "nor-regret") == (0, [])


async def test_another_workspace_cannot_write_the_rows_of_a_view(
    store: EventStore, appender: Appender, projector: Projector, pool: Any
) -> None:
    """Updates and deletions from elsewhere touch nothing; insertions are refused."""
    other = await new_workspace(store)
    await append(appender, WORKSPACE, [claim()])
    await projector.catch_up(WORKSPACE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('article20.workspace', $1, true)", other)
        gone = await connection.execute("DELETE FROM claim_version")
        moved = await connection.execute("UPDATE view_watermark SET position = 99")
        assert (gone, moved) == ("DELETE 0", "UPDATE 0")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _insert_watermark(pool, setting=other, row=WORKSPACE)


async def _insert_watermark(pool: Any, *, setting: str, row: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('article20.workspace', $1, true)", setting)
        await connection.execute("INSERT INTO view_watermark (workspace) VALUES ($1)", row)


async def test_readers_of_one_moment_agree_while_views_move(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """An answer stands for the position it names, however fast the views move on."""
    async with running(projector):
        writing = asyncio.create_task(
            _write_many(appender, [claim(f"c-{number}") for number in range(120)])
        )
        while not writing.done():
            position, held = await views.versions(WORKSPACE, HEAD)
            assert len(held) == position
            position, facts = await views.facts(WORKSPACE, HEAD)
            assert len(facts) == position
        await writing


async def _write_many(appender: Appender, events: list[Any]) -> None:
    for event in events:
        await append(appender, WORKSPACE, [event])


def test_a_cursor_that_was_tampered_with_is_refused() -> None:
    """What is no cursor is a question not understood, whatever the bytes."""
    assert read_cursor(str(Cursor(date(2025, 4, 2), 7))) == Cursor(date(2025, 4, 2), 7)
    for text in ("", "x", "é", "MjAyNS0xMy0wMi43", "!!!!", str(Cursor(date(2025, 4, 2), 7)) + "A"):
        with pytest.raises(InvalidQuestion, match="cursor"):
            read_cursor(text)
