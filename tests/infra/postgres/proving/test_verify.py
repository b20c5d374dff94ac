"""A sound store verifies; every way to break one is found at its position with what to do."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from benchmarks.histories import events as generated
from domain.dcb import DCBEvent
from domain.events import ClaimAccepted, LogEvent, Recorded, encode
from infra import runs
from infra.orders import Aside
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore, NoWorkspace, snapshot
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.rebuild import alone
from infra.postgres.proving import log_proof, replaying
from infra.postgres.proving.log_proof import prove_log
from infra.postgres.proving.row_proof import compare
from infra.postgres.proving.verify import Unsound, replayed, verify
from infra.postgres.proving.view_proof import COMPARED, Comparison, Digests
from infra.postgres.queries import queries
from infra.postgres.reading.views import Views
from tests.conftest import WORKSPACE
from tests.histories import NOW
from tests.infra.postgres.filling import append, claim

FAULTS: tuple[tuple[str, str, int, str], ...] = (
    (
        "a gap in the positions",
        "DELETE FROM article20.event WHERE position = 2",
        2,
        "the next event stands at 3",
    ),
    (
        "a missing beginning",
        "DELETE FROM article20.event WHERE position = 1",
        1,
        "the next event stands at 2",
    ),
    (
        "a missing end",
        "DELETE FROM article20.event WHERE position = 4",
        3,
        "head row says 4, the last event 3",
    ),
    (
        "time that runs backwards",
        "UPDATE article20.event SET recorded_at = '2001-01-01' WHERE position = 3",
        3,
        "before the event before it",
    ),
    (
        "an event nobody can decode",
        "UPDATE article20.event SET data = 'nonsense' WHERE position = 2",
        2,
        "cannot be decoded",
    ),
    (
        "an author who parts columns",
        "UPDATE article20.event SET recorded_by = E'a\\x1fb' WHERE position = 2",
        2,
        "its author holds a control character",
    ),
    (
        "an event with other tags than its own",
        "UPDATE article20.event SET tags = '{claim:c-1}' WHERE position = 1",
        1,
        "its tags are",
    ),
    (
        "a row of a tag that is missing",
        "UPDATE article20.event_tag SET earlier = NULL WHERE position = 3 AND tag = 'gov:FIN'",
        2,
        "tag 'gov:FIN' has no row",
    ),
    (
        "a position that a row of a tag says twice",
        "UPDATE article20.event_tag SET earlier = '{2,2}' WHERE position = 3 AND tag = 'gov:FIN'",
        2,
        "tag 'gov:FIN' has a row that no event carries",
    ),
    (
        "a row of a tag too many",
        "INSERT INTO article20.event_tag VALUES ('coalition', 'gov:POL', 2)",
        2,
        "tag 'gov:POL' has a row that no event carries",
    ),
    (
        "a key that stands for the events of another",
        "INSERT INTO article20.idempotency VALUES ('coalition', 'k', 'h', 2, 3)",
        2,
        "key",
    ),
    (
        "a key that stands for nothing yet",
        "INSERT INTO article20.idempotency VALUES ('coalition', 'k', 'h', 9, 9)",
        9,
        "key 'k' stands for 9 to 9",
    ),
    (
        "a key that is missing",
        "DELETE FROM article20.idempotency WHERE first = 2",
        2,
        "no idempotency key stands for 2 to 3",
    ),
    (
        "the last key missing",
        "DELETE FROM article20.idempotency WHERE first = 4",
        4,
        "no idempotency key stands for 4 to 4",
    ),
    (
        "a key with another name",
        "UPDATE article20.idempotency SET key = 'other' WHERE first = 2",
        2,
        "its id, its key 'other' and the hash of its request do not fit",
    ),
    (
        "a key with the hash of another request",
        "UPDATE article20.idempotency SET request_hash = sha256('other') WHERE first = 4",
        4,
        "the hash of its request do not fit",
    ),
    (
        "a key under which nothing was appended and that stands for much",
        "INSERT INTO article20.idempotency VALUES ('coalition', 'k', 'h', 1, 2, 'accepted')",
        1,
        "key 'k' stands for 1 to 2",
    ),
    (
        "an event with the id of another",
        "UPDATE article20.event SET id = (SELECT id FROM article20.event WHERE position = 1)"
        " WHERE position = 4",
        4,
        "its id, its key",
    ),
    (
        "an event with a random id",
        "UPDATE article20.event SET id = gen_random_uuid() WHERE position = 1",
        1,
        "is none that the log gave",
    ),
    (
        "an event with an id of no kind",
        "UPDATE article20.event SET id = '00000000-0000-0000-0000-000000000002' WHERE position = 2",
        2,
        "is none that the log gave",
    ),
    (
        "a first event with one bit of its id turned",
        "UPDATE article20.event SET id = encode("
        "set_bit(uuid_send(id), 3, 1 - get_bit(uuid_send(id), 3)), 'hex')::uuid"
        " WHERE position = 2",
        2,
        "its id, its key",
    ),
    (
        "a later event with one figure of its id changed",
        "UPDATE article20.event SET id = overlay(id::text placing"
        " CASE substr(id::text, 36) WHEN '0' THEN '1' ELSE '0' END from 36)::uuid"
        " WHERE position = 3",
        3,
        "its id does not go on from the one before it",
    ),
    (
        "a version with another status",
        "UPDATE article20.claim_version SET status = 'rejected' WHERE claim = 'c-2'",
        2,
        r"claim_version \('c-2', 1\) differs from a replay",
    ),
    (
        "a version that is missing",
        "DELETE FROM article20.claim_version WHERE claim = 'c-3'",
        3,
        r"claim_version \('c-3', 1\) is missing",
    ),
    (
        "a version that comes after the views stand",
        "INSERT INTO article20.claim_version SELECT (jsonb_populate_record("
        'v, \'{"claim": "c-9", "position_from": 99}\')).* FROM article20.claim_version v'
        " WHERE claim = 'c-3'",
        99,
        r"claim_version \('c-9', 1\) is not in a replay",
    ),
    (
        "a version that is found by another place than its own",
        "UPDATE article20.claim_search SET keys = '{1,2}' || keys[3:] WHERE claim = 'c-3'",
        3,
        r"claim_search \('c-3', 1\) differs from a replay",
    ),
    (
        "a word with the key of another place",
        "UPDATE article20.search_word SET grams = '{1}' || grams[2:] WHERE word = 'finland'",
        4,
        r"search_word \('finland',\) differs from a replay",
    ),
    (
        "the later of two versions and the earlier one of another claim",
        "UPDATE article20.claim_version SET status = 'rejected' WHERE claim = 'c-3' OR number = 2",
        3,
        r"claim_version \('c-3', 1\) differs from a replay",
    ),
    (
        "a fact that no event gives",
        "INSERT INTO article20.government_claim SELECT workspace, generation, 'POL', claim, number,"
        " 1, position_from, position_to, known_from, known_to, status, kind, treaty, day,"
        " is_legal, facts FROM article20.government_claim WHERE claim = 'c-2'",
        2,
        r"government_claim \('POL', 'c-2', 1\) is not in a replay",
    ),
    (
        "a relation that no event gives",
        "INSERT INTO article20.claim_relation VALUES ('coalition', 1, 'x', 'c-2', 1, 'follows')",
        4,
        "claim_relation",
    ),
    (
        "a version that nobody reads",
        "INSERT INTO article20.claim_version SELECT (jsonb_populate_record("
        "v, '{\"generation\": 7}')).* FROM article20.claim_version v WHERE claim = 'c-3'",
        4,
        "claim_version holds rows of generation 7, which nobody reads",
    ),
    (
        "a view of another release",
        "UPDATE article20.view_state SET form = 99 WHERE view = 'figures'",
        4,
        "view figures is in the form of another release",
    ),
    (
        "views beyond the log",
        "UPDATE article20.view_watermark SET position = 99",
        4,
        "the views stand at 99",
    ),
)


async def steps(store: EventStore, views: Views) -> list[str]:
    """The steps of a proof that succeeds."""
    return [progress.step async for progress in verify(store, views, WORKSPACE)]


async def leftovers(store: EventStore, views: Views) -> list[str]:
    """What a proof that succeeds says can be cleared away."""
    return [one.left async for one in verify(store, views, WORKSPACE) if one.left]


@pytest.fixture
async def tamper(dsn: str) -> Callable[[str], Any]:
    """What somebody can do who owns the server and switches the guards off."""

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(statement)
        await connection.close()

    return run


async def fill(appender: Appender) -> None:
    """Four events: three claims, one of them accepted afterwards."""
    await append(appender, WORKSPACE, [claim("c-1", accepted=False)])
    await append(appender, WORKSPACE, [claim("c-2"), claim("c-3")])
    await append(appender, WORKSPACE, [ClaimAccepted(claim="c-1")])


@pytest.mark.parametrize(("what", "statement", "position", "fault"), FAULTS, ids=lambda v: str(v))
async def test_every_fault_is_found_at_its_position(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    tamper: Callable[[str], Any],
    what: str,
    statement: str,
    position: int,
    fault: str,
) -> None:
    """Before the tampering the store verifies; after it the first fault is named with a remedy."""
    await fill(appender)
    await projector.catch_up(WORKSPACE)
    assert (await steps(store, views))[:3] == ["events", "tags", "keys"]
    await tamper(statement)
    with pytest.raises(Unsound, match=fault) as found:
        await steps(store, views)
    assert found.value.facts["position"] == position, what
    assert found.value.facts["remedy"]


async def test_faults_between_pages_are_found(
    store: EventStore,
    appender: Appender,
    tamper: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every page goes on where the one before ended, in position and in time, up to the head."""
    monkeypatch.setattr(log_proof, "PAGE_EVENTS", 2)

    async def proved(head: int) -> list[int]:
        async with snapshot(store.pool, WORKSPACE) as connection:
            return [at async for at in prove_log(store, connection, WORKSPACE, head)]

    await fill(appender)
    assert await proved(4) == [2, 4]
    with pytest.raises(Unsound, match="position 5: the event is missing"):
        await proved(5)
    await tamper("UPDATE article20.event SET recorded_at = '2001-01-01' WHERE position > 2")
    with pytest.raises(Unsound, match=r"position 3: recorded at .* before the event before it"):
        await proved(4)


@pytest.mark.parametrize("table", [*COMPARED, "figure_part"])
async def test_rows_of_a_dead_generation_are_found_in_every_table(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    tamper: Callable[[str], Any],
    dsn: str,
    table: str,
) -> None:
    """A row that no reader sees and no rebuild made is named, unless a rebuild is under way; one
    that a rebuild may have left when it was stopped is told of and no fault. The next one deletes
    both."""
    reply = {"claim": "c-1", "relation": "follows"}
    await append(appender, WORKSPACE, [claim("c-1"), claim("c-2", relates_to=[reply])])
    await projector.catch_up(WORKSPACE)
    dead = "(jsonb_populate_record(v, '{\"generation\": 7}')).*"
    statement = "INSERT INTO article20.{0} SELECT {1} FROM article20.{0} v LIMIT 1"
    await tamper(statement.format(table, dead))
    connection = await asyncpg.connect(dsn)
    async with alone(connection, WORKSPACE):
        assert (await steps(store, views))[-1] == "figure_part"
    await connection.close()
    with pytest.raises(Unsound, match=f"{table} holds rows of generation 7") as found:
        await steps(store, views)
    view = COMPARED[table][0] if table in COMPARED else "figures"
    assert found.value.facts["remedy"] == f"Run `article20 rebuild {view}`"
    await projector.rebuild(WORKSPACE, view)
    assert (await steps(store, views))[-1] == "figure_part"
    assert await leftovers(store, views) == []
    deletion = "DELETE FROM article20.{} WHERE generation = {}"
    for generation in (1, 3):  # before and after the one that is read
        left = dead.replace("7", str(generation))
        await tamper(statement.format(table, left))
        (told,) = await leftovers(store, views)
        assert f"{table} holds rows of generation {generation}" in told
        assert f"Run `article20 rebuild {view}` to clear" in told
        await tamper(deletion.format(table, generation))


async def test_ids_of_the_release_before_are_known_while_it_goes_on_beside_this_one(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    tamper: Callable[[str], Any],
) -> None:
    """A random id is one of a release before, up to a day after a database of that was brought to
    this one; one that came later is named, and so is a sealed one where none was given."""
    await fill(appender)
    await projector.catch_up(WORKSPACE)
    drawn = "UPDATE article20.event SET id = gen_random_uuid() WHERE position = "
    await tamper(f"{drawn}1 OR position = 4")
    await tamper("UPDATE article20.migration SET applied_at = '2001-01-01' WHERE number = 1")
    assert (await steps(store, views))[-1] == "figure_part"
    sealed = "UPDATE article20.event SET id = '{}' WHERE position = 1"
    await tamper(sealed.format("6b5f63f4-0000-8000-8000-000000000000"))
    with pytest.raises(Unsound, match="position 1: its id, its key"):
        await steps(store, views)
    await tamper(f"{drawn}1 OR position = 3")
    with pytest.raises(Unsound, match="position 3: its id does not go on from the one before"):
        await steps(store, views)
    await tamper(
        "UPDATE article20.migration SET applied_at = applied_at - interval '2 days'"
        " WHERE name = 'sealed_ids'"
    )
    with pytest.raises(Unsound, match=r"position 1: its id .* is none that the log gave"):
        await steps(store, views)


async def test_views_that_are_behind_are_no_fault(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """Rows are compared with a replay up to the watermark; what comes later is left for later."""
    await fill(appender)
    await projector.catch_up(WORKSPACE)
    await append(appender, WORKSPACE, [ClaimAccepted(claim="c-1"), claim("c-9")])
    assert "claim_version" in await steps(store, views)


async def test_views_that_moved_on_during_the_proof_are_no_fault(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """Rows that came after the proof began, and ends they gave to others, are left out."""
    await fill(appender)
    await projector.catch_up(WORKSPACE)
    seen = []
    async for progress in verify(store, views, WORKSPACE):
        if progress.step == "events":
            reply = {"claim": "c-1", "relation": "follows"}
            await append(
                appender,
                WORKSPACE,
                [ClaimAccepted(claim="c-1"), claim("c-9", relates_to=[reply])],
            )
            await projector.catch_up(WORKSPACE)
        if progress.step == "claim_version":
            await projector.rebuild(WORKSPACE)
        seen.append(progress.step)
    assert seen[-1] == "figure_part"


async def test_an_empty_workspace_is_sound(store: EventStore, views: Views) -> None:
    """There is nothing that could be wrong."""
    assert "events" not in await steps(store, views)


async def test_an_unknown_workspace_cannot_be_proved(store: EventStore, views: Views) -> None:
    """A workspace that does not exist is named."""
    with pytest.raises(NoWorkspace):
        async for _ in verify(store, views, "nowhere"):
            pass


async def test_surplus_tags_of_one_event_are_found(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """An event stored under tags that do not follow from it is not sound, however it came in."""
    stored = encode(claim())
    tagged = DCBEvent(stored.type, stored.data, [*stored.tags, "gov:POL"])
    await appender.append(WORKSPACE, AppendRequest(events=(tagged,)))
    await projector.catch_up(WORKSPACE)
    with pytest.raises(Unsound, match=r"its tags are .*gov:POL.* and should be"):
        await steps(store, views)


def test_a_replay_takes_no_claim_twice() -> None:
    """What a log that records a claim twice leads to is not said: its rows would have one key."""
    digests = Digests(Aside())
    once, twice = (Recorded(n, NOW, "person:1", claim("c-1")) for n in (1, 2))
    digests.digest([once])
    with pytest.raises(ValueError, match="c-1 was recorded twice"):
        digests.digest([twice])


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (ClaimAccepted(claim="c-9"), "speaks of claim 'c-9', which no earlier event recorded"),
        (claim("c-2"), "the claim c-2 was recorded twice"),
    ],
)
async def test_the_first_event_that_does_not_follow_is_named(
    store: EventStore, appender: Appender, broken: LogEvent, why: str
) -> None:
    """Events are replayed many at a time; one that does not follow from those before it, with which
    it came or after which it came, is named at its position, whatever comes after it."""
    await fill(appender)
    await append(appender, WORKSPACE, [ClaimAccepted(claim="c-3"), claim("c-4"), broken, broken])
    await append(appender, WORKSPACE, [claim("c-5"), broken])
    for held in (1, 4, 10_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(replaying, "REPLAYED_EVENTS", held)
            with pytest.raises(Unsound, match=why) as found:
                async for _ in replayed(store, WORKSPACE, Digests(Aside()), 10):
                    pass
        assert found.value.facts["position"] == 7


async def proofs(store: EventStore, until: int) -> dict[str, bool]:
    """Whether each table holds, as a whole, what the log up to a position gives."""
    found = {}
    digests = Digests(Aside())
    async for some in store.recorded(WORKSPACE, until=until):
        digests.digest(some)
    digests.finish()
    async with snapshot(store.pool, WORKSPACE) as connection:
        states = await connection.fetch(queries("views")["standing"], WORKSPACE)
        generations = {state["view"]: state["generation"] for state in states}
        for table, expected in digests.tallies.items():
            comparison = Comparison(table, expected)
            generation = generations[comparison.view]
            async for _ in comparison.run(connection, WORKSPACE, generation):
                pass
            found[table] = comparison.is_same
    return found


async def test_sound_views_are_proved_as_a_whole(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    tamper: Callable[[str], Any],
) -> None:
    """Views of a long and varied history equal a replay byte by byte, whichever way they were
    written; one changed row, a missing or a surplus one is seen, and so are views elsewhere."""
    made = [one.event for one in generated(7, 400)]
    for start in range(0, len(made), 50):
        await append(appender, WORKSPACE, made[start : start + 50])
        await projector.catch_up(WORKSPACE)
    same = dict.fromkeys(COMPARED, True)
    assert await proofs(store, len(made)) == same
    await projector.rebuild(WORKSPACE)
    assert await proofs(store, len(made)) == same
    assert not (await proofs(store, len(made) - 1))["claim_version"]
    assert (await steps(store, views))[-1] == "figure_part"
    for statement, table in (
        (
            "UPDATE {} SET known_from = known_from + interval '1 microsecond' WHERE ctid = ("
            " SELECT ctid FROM {} LIMIT 1)",
            "claim_version",
        ),
        (
            "UPDATE {} SET ordinal = 9 WHERE ctid = (SELECT ctid FROM {} LIMIT 1)",
            "government_claim",
        ),
        (
            "DELETE FROM {} WHERE ctid = (SELECT ctid FROM {} ORDER BY claim DESC LIMIT 1)",
            "claim_version",
        ),
        ("UPDATE {} SET relation = 'confirms'", "claim_relation"),
        (
            "UPDATE {} SET position_to = NULL WHERE ctid = ("
            " SELECT ctid FROM {} WHERE position_to IS NOT NULL LIMIT 1)",
            "government_claim",
        ),
    ):
        await tamper(statement.replace("{}", f"article20.{table}"))
        assert not (await proofs(store, len(made)))[table], statement
        with pytest.raises(Unsound, match=table):
            await steps(store, views)
        await projector.rebuild(WORKSPACE)
        assert await proofs(store, len(made)) == same


async def test_nothing_is_wrong_with_sound_rows_one_by_one(
    store: EventStore, appender: Appender, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked for row by row, nothing is wrong with sound views, however few claims and rows of them
    are held at a time."""
    made = [one.event for one in generated(7, 200)]
    await append(appender, WORKSPACE, made)
    await projector.catch_up(WORKSPACE)
    for held in (10_000, 3):
        monkeypatch.setattr(replaying, "HEADS_MAX", held)
        monkeypatch.setattr(replaying, "REPLAYED_EVENTS", held)
        monkeypatch.setattr(runs, "RUN_BYTES_MAX", held * 1000)
        async with snapshot(store.pool, WORKSPACE) as connection:
            for table in COMPARED:
                compared = compare(store, connection, WORKSPACE, 1, table, 200)
                told = [at async for at in compared]
                assert (200, 200) in told
                assert told[-1][0] == told[-1][1] > 0


async def test_tags_in_another_order_are_the_same_tags(
    store: EventStore, appender: Appender, projector: Projector, views: Views
) -> None:
    """What only the order of tags makes different is looked at row by row and is no fault; pages
    after it are proved as before."""
    stored = encode(claim())
    tagged = DCBEvent(stored.type, stored.data, stored.tags[::-1])
    await appender.append(WORKSPACE, AppendRequest(events=(tagged,)))
    await fill(appender)
    await projector.catch_up(WORKSPACE)
    assert "figure_part" in await steps(store, views)
