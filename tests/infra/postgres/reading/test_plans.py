"""Rows of views are found by their keys, and claims by their words, whatever the server believes of
them."""

import asyncpg

from domain.events import ClaimAccepted, ClaimsDeclaredSame
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.pool import connect
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.view_rows import ClaimsView, GovernmentsView
from infra.postgres.queries import queries
from infra.postgres.reading.claim_filter import ClaimFilter
from infra.postgres.reading.finding import Page, Reach, claims_page
from projections.histories import unpack
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim

CLAIMS = 60
ROWS_MANY = 1200
"""So many that the server does not read all of them to find none."""
WANTED = 12
WIDE = "x" * 110
"""Makes names so long that the index of them is higher than the others."""
UNSEEN = 99
"""A generation that no sample holds a row of."""
ROWS_READ = (
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int"
    " FROM pg_stat_xact_user_tables WHERE relname = 'claim_version'"
)
ANY_ROWS_READ = (
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int"
    " FROM pg_stat_xact_user_tables"
    " WHERE relname IN ('claim_version', 'claim_relation', 'government_claim', 'search_word')"
)
COPIED = (
    "CREATE TEMPORARY TABLE copied AS SELECT * FROM article20.claim_version",
    "UPDATE copied SET generation = 99",
    "INSERT INTO article20.claim_version SELECT * FROM copied",
)
FORGET_RELATION = "SELECT pg_clear_relation_stats('article20', 'claim_version')"
FORGET_COLUMNS = (
    "SELECT pg_clear_attribute_stats('article20', 'claim_version', attname::text, false)"
    " FROM pg_attribute WHERE attrelid = 'article20.claim_version'::regclass AND attnum > 0"
)


async def test_a_few_versions_are_found_by_reading_a_few_rows(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """Samples that were taken before a generation was written, or none at all, make no difference:
    the current versions of some claims cost as many rows as they are."""
    names = [f"{n}-{WIDE}" for n in range(CLAIMS)]
    await append(appender, WORKSPACE, [claim(name) for name in names])
    same = ClaimsDeclaredSame(claim=names[0], other=names[1])
    await append(appender, WORKSPACE, [same, *(ClaimAccepted(claim=n) for n in names[:50])])
    await projector.catch_up(WORKSPACE)
    admin = await asyncpg.connect(dsn)
    await admin.execute("ALTER TABLE article20.claim_version SET (autovacuum_enabled = false)")
    await admin.execute("ANALYZE article20.claim_version")
    for statement in COPIED:
        await admin.execute(statement)
    for believed in ((), (FORGET_RELATION, FORGET_COLUMNS)):
        for statement in believed:
            await admin.execute(statement)
        finder = await connect(dsn)
        for groups, rows_max in ((None, WANTED), ([names[-1]], 3 * (WANTED + 2))):
            async with finder.transaction():
                await finder.execute(queries("views")["project"], WORKSPACE)
                before = await finder.fetchval(ROWS_READ)
                found = await finder.fetch(
                    queries("views")["heads"], WORKSPACE, UNSEEN, names[1:WANTED], groups
                )
                read = await finder.fetchval(ROWS_READ) - before
            expected = names[1:WANTED] if groups is None else [*names[:WANTED], names[-1]]
            assert sorted(unpack(row[0]).claim.id for row in found) == sorted(expected)
            assert read <= rows_max < CLAIMS
        await finder.close()
    await admin.close()


SEARCH_ROWS_READ = (
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int"
    " FROM pg_stat_xact_user_tables WHERE relname = ANY ($1)"
)
SEARCHED = ("claim_search", "search_word")
VERSIONS = ("claim_version",)
SEARCH_COPIED = (
    "CREATE TEMPORARY TABLE found AS SELECT * FROM article20.claim_search",
    "UPDATE found SET generation = 99, keys = article20.search_places("
    "workspace, 99, day, position_from, known_from) || keys[5:]",
    "INSERT INTO article20.claim_search SELECT * FROM found",
    "CREATE TEMPORARY TABLE words AS SELECT * FROM article20.search_word",
    "UPDATE words SET generation = 99, grams = article20.search_key(workspace, 99, 0) || grams[2:]",
    "INSERT INTO article20.search_word SELECT * FROM words",
)
FORGET_SEARCHED = (
    "SELECT pg_clear_relation_stats('article20', 'claim_search')",
    "SELECT pg_clear_relation_stats('article20', 'search_word')",
)
LETTERS = "abcdefghijklmnopqrst"
MANY = len(LETTERS) ** 2


async def test_a_rare_word_is_found_by_reading_a_few_rows(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """In a generation that no sample knows, as in one that samples know, a claim with a word of its
    own costs the rows of that word and of that claim, under the rights of the application."""
    names = [LETTERS[n // len(LETTERS)] + LETTERS[n % len(LETTERS)] for n in range(MANY)]
    await append(
        appender,
        WORKSPACE,
        [claim(f"c-{n}", summary=f"word{name}") for n, name in enumerate(names)],
    )
    await projector.catch_up(WORKSPACE)
    admin = await asyncpg.connect(dsn)
    await admin.execute("SET search_path = article20, public")
    for table in (*VERSIONS, *SEARCHED):
        await admin.execute(f"ALTER TABLE article20.{table} SET (autovacuum_enabled = false)")
        await admin.execute(f"ANALYZE article20.{table}")
    for statement in (*COPIED, *SEARCH_COPIED):
        await admin.execute(statement)
    wanted = ClaimFilter(q=f"word{names[7]}")
    for forgotten in ((), (FORGET_RELATION, FORGET_COLUMNS, *FORGET_SEARCHED)):
        for statement in forgotten:
            await admin.execute(statement)
        finder = await connect(dsn)
        async with finder.transaction():
            await finder.execute(queries("views")["project"], WORKSPACE)
            reach = Reach(WORKSPACE, UNSEEN, (MANY, None), 0)
            before = [await finder.fetchval(SEARCH_ROWS_READ, t) for t in (SEARCHED, VERSIONS)]
            rows = await claims_page(finder, reach, wanted, Page(None, 50, False))
            after = [await finder.fetchval(SEARCH_ROWS_READ, t) for t in (SEARCHED, VERSIONS)]
        assert [unpack(row["body"]).claim.id for row in rows] == ["c-7"]
        searched, versions = (a - b for a, b in zip(after, before, strict=True))
        assert searched <= WANTED
        assert versions <= WANTED
        await finder.close()
    await admin.close()


async def test_what_makes_keys_of_places_is_put_in_line(dsn: str, store: EventStore) -> None:
    """The server calls no function of the schema for the four keys of where a row of a search lies,
    which a rebuild makes for every claim: it reckons them where they are wanted."""
    query = queries("bulk")["fill_searches"]
    connection = await connect(dsn)
    await connection.execute(queries("bulk")["stage_searches"])
    lines = await connection.fetch("EXPLAIN (VERBOSE) " + query, WORKSPACE, 1)
    plan = "\n".join(line[0] for line in lines)
    assert "hashtextextended" in plan
    assert "search_places" not in plan
    assert "search_key" not in plan
    await connection.close()


async def test_forgetting_looks_at_no_row_that_is_read(
    dsn: str, store: EventStore, appender: Appender, projector: Projector
) -> None:
    """Where nothing else is left, nothing is looked at; where much is, what goes and no more."""
    relates = [{"claim": "0", "relation": "follows"}]
    claims = [claim(str(n), relates_to=relates if n else []) for n in range(ROWS_MANY)]
    await append(appender, WORKSPACE, claims)
    await projector.catch_up(WORKSPACE)
    admin = await asyncpg.connect(dsn)
    await admin.execute("SELECT article20.sample_views()")
    await admin.close()
    rebuilder = await connect(dsn)
    await rebuilder.execute(queries("views")["by_key"])

    async def forgotten(generation: int) -> int:
        """How many rows are looked at to forget all but a generation."""
        async with rebuilder.transaction():
            await rebuilder.execute(queries("views")["project"], WORKSPACE)
            before = await rebuilder.fetchval(ANY_ROWS_READ)
            for view in (ClaimsView(), GovernmentsView()):
                while await view.forget(rebuilder, WORKSPACE, generation):
                    pass
            return int(await rebuilder.fetchval(ANY_ROWS_READ) - before)

    assert await forgotten(1) == 0
    # Each row that goes: once to choose it, once to delete it; once more before all see it gone.
    rows = 3 * ROWS_MANY - 1
    assert rows <= await forgotten(UNSEEN) <= 3 * rows
    assert not any(
        await rebuilder.fetch(
            "SELECT FROM claim_version UNION ALL SELECT FROM claim_relation"
            " UNION ALL SELECT FROM government_claim"
        )
    )
    await rebuilder.close()
