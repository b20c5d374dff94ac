"""More submissions than the log can take: what waits is bounded, the rest is told to come again,
and whoever only reads notices nothing."""

import asyncio
import json
from itertools import islice

import asyncpg
import httpx

from tests import loopback
from tests.services.running import WORKSPACE, Running, claim, running

WAITING_MAX = 20
SENT = 60
HOLD = "SELECT head FROM article20.workspace WHERE workspace = $1 FOR UPDATE"


def test_too_many_are_told_when_to_come_again_and_readers_notice_nothing(module_dsn: str) -> None:
    """While the log takes nothing, as many submissions wait as may; every further one is answered
    503 with Retry-After at once; health, API and log-in page answer; then what waited is recorded,
    once each, and what was refused can be sent again."""
    with running(module_dsn, append_waiting_max=str(WAITING_MAX)) as site:
        source = site.source()
        before = site.head()
        statuses, meanwhile = asyncio.run(_overloaded(site, source))
        assert statuses.count(503) == SENT - WAITING_MAX
        assert statuses.count(201) == WAITING_MAX
        assert set(meanwhile) == {200}
        assert site.head() == before + WAITING_MAX
        again = asyncio.run(_sent_again(site, source))
        assert again.count(201) == SENT - WAITING_MAX
        assert again.count(200) == WAITING_MAX
        assert site.head() == before + SENT


async def _overloaded(site: Running, source: str) -> tuple[list[int], list[int]]:
    """The statuses of all submissions, and those of readers while the log was held."""
    connection = await asyncpg.connect(site.house.dsn)
    limits = httpx.Limits(max_connections=2 * SENT)
    token = {"Authorization": f"Bearer {site.token('viewer')}"}
    async with loopback.AsyncClient(base_url=site.url, timeout=120, limits=limits) as client:
        async with connection.transaction():
            await connection.fetchval(HOLD, WORKSPACE)
            sending = [asyncio.create_task(_send(site, client, source, n)) for n in range(SENT)]
            for done in islice(asyncio.as_completed(sending), SENT - WAITING_MAX):
                answer = await done
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.json()["type"] == "urn:article20:problem:overloaded"
            meanwhile = [
                (await client.get(path, headers=headers)).status_code
                for path, headers in (
                    ("/healthz", {}),
                    ("/readyz", {}),
                    ("/login", {}),
                    ("/api/v1/governments", token),
                )
            ]
        answers = await asyncio.gather(*sending)
    await connection.close()
    return [answer.status_code for answer in answers], meanwhile


async def _sent_again(site: Running, source: str) -> list[int]:
    async with loopback.AsyncClient(base_url=site.url, timeout=120) as client:
        answers = [await _send(site, client, source, number) for number in range(SENT)]
    return [answer.status_code for answer in answers]


async def _send(
    site: Running, client: httpx.AsyncClient, source: str, number: int
) -> httpx.Response:
    body = json.dumps(claim(id=f"overload-{number}", summary=f"Statement {number}."))
    headers = site.signed(source, body, f"msg_overload_{number}")
    return await client.post(f"/hooks/{source}", content=body, headers=headers)
