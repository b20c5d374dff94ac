"""Every named query, asked on behalf of one workspace, gives nothing of another."""

from typing import Any

import asyncpg
import pytest

from infra.passwords import Passwords
from infra.postgres.desk.attempts import LoginBounds
from infra.postgres.desk.people import People
from infra.postgres.desk.sources import Sources
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.queries import queries
from infra.sealing import Sealer
from tests.conftest import HASH_MEMORY_KIB, WORKSPACE
from tests.infra.postgres.filling import append, claim

OTHER = "neighbours"
MARK = "zebra"
"""Stands in everything that the workspace which is attacked holds."""
SOURCE = f"{MARK}-source"
FILES = ("changes", "figures", "log", "people", "sources", "verify", "views")
ENTERING = {
    ("log", "enter"), ("log", "append"), ("log", "read"), ("log", "read_page"),
    ("views", "project"), ("verify", "proof_page"),
}  # fmt: skip
"""Queries that enter the workspace they name: to name another one is to act for that one."""
ECHOING = {("sources", "add_source"), ("log", "unlike")}
"""What they give back is what they were given."""
VALUES: dict[str, Any] = {
    "int4": 1, "int8": 1, "int2": 1, "bool": False, "text[]": [f"{MARK}-1"], "int8[]": [1],
    "int4[]": [1], "bytea": b"",
}  # fmt: skip


@pytest.fixture
async def attacked(
    store: EventStore, appender: Appender, projector: Projector, pool: Any
) -> list[str]:
    """A workspace with something in every table, and the names by which it could be asked for."""
    await store.add_workspace(OTHER)
    reply = {"claim": f"{MARK}-2", "relation": "follows"}
    about: dict[str, Any] = {"summary": f"A {MARK} crossed.", "relates_to": [reply]}
    await append(appender, WORKSPACE, [claim(f"{MARK}-1", **about), claim(f"{MARK}-2")])
    await projector.catch_up(WORKSPACE)
    bounds = LoginBounds(session_hours=1, attempts_max=2, window_seconds=60)
    people = People(pool, Passwords(hashes_max=2, memory_kib=HASH_MEMORY_KIB), bounds)
    email = f"{MARK}@example.org"
    await people.add(
        WORKSPACE, email=email, name=MARK, role="admin", password="a password of some length"
    )
    token, _ = await people.create_token(WORKSPACE, name=MARK, role="admin")
    await Sources(pool, Sealer("a key for tests, of forty letters or so")).add(
        WORKSPACE, SOURCE, trusted=True
    )
    return [f"{MARK}-1", "FIN", SOURCE, email, str(token.id), "person:1", ""]


async def answers(pool: Any, workspace: str, *, named: set[str], names: list[str]) -> set[Any]:
    """The queries that give something marked to whoever acts for `workspace`: their first text is
    one of `named`, the others one of `names`. What they do is undone."""
    found = set()
    async with pool.acquire() as connection:
        for file in FILES:
            for name, sql in queries(file).items():
                firsts = {workspace} if (file, name) in ENTERING else named
                for first in sorted(firsts):
                    rows = await ask(connection, workspace, sql, first, names)
                    if MARK in repr([tuple(row) for row in rows]):
                        found.add((file, name))
    return found - ECHOING


async def ask(connection: Any, workspace: str, sql: str, first: str, names: list[str]) -> list[Any]:
    """The rows that a query gives inside a workspace, with each of `names` for its texts but the
    first."""
    rows: list[Any] = []
    for other in names:
        undone = connection.transaction()
        await undone.start()
        try:
            await connection.execute(queries("log")["enter"], workspace)
            statement = await connection.prepare(sql)
            types = [type_.name for type_ in statement.get_parameters()]
            texts = iter([first])
            given = [next(texts, other) if t == "text" else VALUES.get(t) for t in types]
            rows += await statement.fetch(*given)
        except asyncpg.PostgresError:
            pass  # refused: nothing was given
        finally:
            await undone.rollback()
        if types.count("text") < 2:
            break
    return rows


async def test_no_named_query_gives_what_belongs_to_another_workspace(
    attacked: list[str], pool: Any
) -> None:
    """Whatever is asked for by its right name, and even under the other workspace's name, no row
    that comes back holds anything of it."""
    found = await answers(pool, OTHER, named={OTHER, WORKSPACE, SOURCE}, names=attacked)
    assert not found


async def test_the_same_queries_give_it_to_the_workspace_itself(
    attacked: list[str], pool: Any
) -> None:
    """The attack is one that would be seen: acting for the workspace itself, many of them
    answer."""
    found = await answers(pool, WORKSPACE, named={WORKSPACE}, names=attacked)
    assert {("log", "read_page"), ("views", "history"), ("views", "facts")} <= found
    assert len(found) >= 10
