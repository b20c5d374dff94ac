"""The events of one batch stand in the log in the order of its items, whatever some of them are
refused for and whoever else sends at the same time."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import uuid4

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
