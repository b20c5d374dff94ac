"""What changed between two positions is looked up, however much is on file."""

import json
from typing import Any

from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore, snapshot
from infra.postgres.projecting.projector import Projector
from infra.postgres.queries import queries
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim


def looked_up_by(plan: dict[str, Any]) -> list[str]:
    """By what each look at the versions of claims in a plan finds them in an index."""
    found = [plan.get("Index Cond", "")] if plan.get("Relation Name") == "claim_version" else []
    return found + [one for part in plan.get("Plans", []) for one in looked_up_by(part)]


async def test_versions_that_changed_are_found_by_indexes(
    appender: Appender, projector: Projector, store: EventStore
) -> None:
    """No step of it passes through all versions of a workspace: the names of claims in tags are
    compared as the indexes of the views hold them."""
    await append(appender, WORKSPACE, [claim(f"c-{n}") for n in range(20)])
    await projector.rebuild(WORKSPACE)
    async with snapshot(store.pool, WORKSPACE) as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        (told,) = await connection.fetchrow(
            "EXPLAIN (FORMAT json) " + queries("changes")["changed_versions"], WORKSPACE, 3, 5
        )
    looks = looked_up_by(json.loads(told)[0]["Plan"])
    # Beside them is a look at a group, which the index of the few that are in one is for.
    assert ["(claim = ANY" in one for one in looks] == [True, False, True], looks
