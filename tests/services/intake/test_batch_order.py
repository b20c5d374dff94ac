"""The events of one batch stand in the log in the order of its items, whatever some of them are
refused for and whoever else sends at the same time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.services.intake.test_webhooks import BATCH, event, send
from tests.services.running import Running, claim

SIDE_BY_SIDE = 3
EVERY_NTH_ODD = 8


@pytest.fixture(scope="module")
def source(site: Running) -> str:
    """A trusted webhook source."""
    return site.source()


def batch(random: Random, size: int) -> tuple[list[dict[str, Any]], list[int]]:
    """The events of a batch, and with which status each is answered: new ones, some that cannot be
    read, and some that come again or say something else about a claim or an event before them."""
    items: list[dict[str, Any]] = []
    statuses: list[int] = []
    for _ in range(size):
        fresh = event(data=claim(id=f"ordered-{uuid4().hex}"))
        taken = [item for item, status in zip(items, statuses, strict=True) if status == 201]
        before = random.choice(taken) if taken else fresh
        odd = random.randrange(5) if random.randrange(EVERY_NTH_ODD) == 0 else None
        if odd == 0:
            items.append(event(data=claim(kind="no_such_kind")))
            statuses.append(422)
        elif odd == 1 and taken:
            items.append(before)
            statuses.append(200)
        elif odd == 2 and taken:
            items.append({**before, "data": claim(summary="The same event says something else.")})
            statuses.append(422)
        elif odd == 3 and taken:
            items.append(event(data={**before["data"], "summary": "The same claim, else."}))
            statuses.append(409)
        elif odd == 4 and taken:
            items.append(event(data=before["data"]))
            statuses.append(200)
        else:
            items.append(fresh)
            statuses.append(201)
    return items, statuses


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 200, 500])
def test_a_batch_stands_in_the_order_of_its_items(site: Running, source: str, size: int) -> None:
    """Batches that are sent side by side are each recorded in the order of their items: positions
    rise, and each item is answered as if the ones before it had been sent alone."""
    batches = [batch(Random(size * 10 + number), size) for number in range(SIDE_BY_SIDE)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        answers = list(threads.map(lambda one: send(site, source, one[0], **BATCH).json(), batches))
    for (_items, statuses), answer in zip(batches, answers, strict=True):
        assert [item["status"] for item in answer] == statuses
        fresh = [item["position"] for item in answer if item["status"] == 201]
        assert fresh == sorted(fresh)
        where = {item["claim"]: item["position"] for item in answer if item["status"] == 201}
        again = [item for item in answer if item["status"] == 200]
        assert [item["position"] for item in again] == [where[item["claim"]] for item in again]


HINDERED = """
CREATE FUNCTION public.hinder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE lock_not_available USING MESSAGE = 'a key is not remembered now';
END $$;
CREATE TRIGGER hindered BEFORE INSERT ON article20.idempotency
    FOR EACH ROW WHEN (NEW.answered IS NOT NULL) EXECUTE FUNCTION public.hinder();
"""
"""The log takes events, and no key under which nothing is appended."""


def do(site: Running, command: str) -> None:
    """Do something as the owner of the database."""

    async def work() -> None:
        admin = await asyncpg.connect(site.house.dsn)
        await admin.execute(command)
        await admin.close()

    asyncio.run(work())


def test_what_stands_already_leaves_nothing_to_record(site: Running, source: str) -> None:
    """Where an event whose claim stands already could not be told so, its batch is asked for again;
    of the others each stands once, in their order, and that one has added nothing."""
    old = claim(id=f"standing-{uuid4().hex}")
    stands = send(site, source, old).json()["position"]
    names = [f"beside-{number}-{uuid4().hex}" for number in range(3)]
    first, second, third = (event(data=claim(id=name)) for name in names)
    items = [first, event(data=old), second, third]
    before = site.head()
    do(site, HINDERED)
    refused = send(site, source, items, "msg_standing", **BATCH)
    do(site, "DROP TRIGGER hindered ON article20.idempotency; DROP FUNCTION public.hinder()")
    assert refused.status_code == 503, refused.text
    assert refused.json()["type"] == "urn:article20:problem:unfinished-batch"
    assert "1 of 4 events" in refused.json()["detail"]
    again = send(site, source, items, "msg_standing", **BATCH)
    assert again.status_code == 207, again.text
    found = [(item["status"], item["position"]) for item in again.json()]
    assert found == [(200, before + 1), (200, stands), (200, before + 2), (200, before + 3)]
    assert site.head() == before + 3
