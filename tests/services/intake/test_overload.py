"""More submissions than the log can take: what waits is bounded, the rest is told to come again,
and whoever only reads notices nothing."""

import asyncio
import json
from collections.abc import Iterator
from itertools import islice

import asyncpg
import httpx
import pytest

from infra.postgres import pool as pools
from tests import loopback
from tests.faults.proof import Acknowledged, prove
from tests.services.intake.over_wire import Connection, Made, Spoken, plainly
from tests.services.intake.test_webhooks import BATCH, event
from tests.services.running import WORKSPACE, Running, claim, running

WAITING_MAX = 20
SENT = 60
ROOM, BATCHED = 2, 5
CROWD = 60
"""Senders who do not wait as long as they are told to: three times what may wait."""
CLAIMS_EACH = 3
PAUSE_SECONDS = 0.01
SPELLS = 2
READ = ("/healthz", "/readyz", "/login")
READS_MAX = 2_000
HOLD = "SELECT head FROM article20.workspace WHERE workspace = $1 FOR UPDATE"


@pytest.fixture(scope="module")
def site(module_dsn: str) -> Iterator[Running]:
    """A server in whose log few submissions may wait, and those as long as the log is slow."""
    settings = {
        "append_waiting_max": str(WAITING_MAX),
        "source_requests_per_second_max": "1000000",
        "source_burst_requests_max": "1000000",
    }
    with pytest.MonkeyPatch.context() as patched:
        for bound in ("lock_timeout", "statement_timeout"):
            patched.setitem(pools.SETTINGS, bound, "0")
        with running(module_dsn, **settings) as found:
            yield found


def test_too_many_are_told_when_to_come_again_and_readers_notice_nothing(site: Running) -> None:
    """While the log takes nothing, as many submissions wait as may; every further one is answered
    503 with Retry-After at once; health, API and log-in page answer; then what waited is recorded,
    once each, and what was refused can be sent again."""
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


def test_a_batch_that_cannot_be_recorded_whole_is_asked_for_again(site: Running) -> None:
    """A sender takes 207 for done: where events of a batch found no room, the whole is answered 503
    with Retry-After, whatever of it was taken; sent again as it is, every event stands once."""
    source, before = site.source(), site.head()
    batch = json.dumps([event(data=claim(id=f"unfinished-{n}")) for n in range(BATCHED)])
    refused, again = asyncio.run(_batched_amid(site, source, batch))
    assert refused.status_code == 503, refused.text
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["type"] == "urn:article20:problem:unfinished-batch"
    assert f"{BATCHED - ROOM} of {BATCHED} events" in refused.json()["detail"]
    statuses = [item["status"] for item in again.json()]
    assert (again.status_code, statuses) == (207, [200] * ROOM + [201] * (BATCHED - ROOM))
    assert site.head() == before + WAITING_MAX - ROOM + BATCHED


async def _batched_amid(
    site: Running, source: str, batch: str
) -> tuple[httpx.Response, httpx.Response]:
    """The answers to a batch for some of which there is room, and to the same sent again."""
    holding = await asyncpg.connect(site.house.dsn)
    async with loopback.AsyncClient(base_url=site.url, timeout=120) as client:

        async def post() -> httpx.Response:
            headers = site.signed(source, batch, "msg_unfinished", **BATCH)
            return await client.post(f"/hooks/{source}", content=batch, headers=headers)

        async with holding.transaction():
            await holding.fetchval(HOLD, WORKSPACE)
            alone = [
                asyncio.create_task(_send(site, client, source, SENT + number))
                for number in range(WAITING_MAX - ROOM)
            ]
            await _until_waiting(site, WAITING_MAX - ROOM)
            sending = asyncio.create_task(post())
            await _until_waiting(site, WAITING_MAX)
        answers = await sending, await post()
        await asyncio.gather(*alone)
    await holding.close()
    return answers


async def _until_waiting(site: Running, count: int) -> None:
    while site.house.appender.waiting < count:  # noqa: ASYNC110  # nobody tells when one comes
        await asyncio.sleep(PAUSE_SECONDS)


class Crowd:
    """Senders who send again at once whatever was refused, and readers beside them."""

    def __init__(self, site: Running) -> None:
        self.site, self.source = site, site.source()
        self.port = int(site.url.rpartition(":")[2])
        self.recorded: Acknowledged = {}
        self.refused = 0
        self.read: list[tuple[int, bool]] = []
        """Status of what was read, and whether some were refused meanwhile."""

    async def run(self) -> None:
        """Until everything that is sent is recorded: the log is slow, until each page was read
        while some were refused, again and again."""
        sending = asyncio.gather(*(self._send(number) for number in range(CROWD)))
        holding = await asyncpg.connect(self.site.house.dsn)
        async with loopback.AsyncClient(base_url=self.site.url, timeout=120) as client:
            for _ in range(SPELLS):
                async with holding.transaction():
                    await holding.fetchval(HOLD, WORKSPACE)
                    for path in READ:
                        await self._read_amid(client, path)
        await sending
        await holding.close()

    async def _read_amid(self, client: httpx.AsyncClient, path: str) -> None:
        """Read a page again until one was refused between the question and its answer."""
        for _ in range(READS_MAX):
            before = self.refused
            answer = await client.get(path)
            self.read.append((answer.status_code, self.refused > before))
            if self.refused > before:
                return

    async def _send(self, sender: int) -> None:
        connection = Connection(Spoken([], 0))
        await connection.speak(self.port)
        for number in range(CLAIMS_EACH):
            name = f"crowd-{sender}-{number}"
            body = json.dumps(claim(id=name))
            signed = self.site.signed(self.source, body, name)
            signed |= {"content-length": str(len(body))}
            headers = [(name.encode(), value.encode()) for name, value in signed.items()]
            whole = plainly(self.source, Made(headers, b"", body.encode()))
            while (answer := await connection.ask(whole)).status != 201:
                assert answer.status == 503, answer
                assert json.loads(answer.body)["type"] == "urn:article20:problem:overloaded"
                self.refused += 1
                await asyncio.sleep(PAUSE_SECONDS)
            self.recorded[name] = json.loads(answer.body)["position"]
        connection.transport.abort()


def test_a_crowd_that_does_not_wait_harms_nobody(site: Running, module_dsn: str) -> None:
    """While three times as many send as may wait, and send again whatever is refused, to a log
    that is slow at times: health and a page answer amid the refusals, and in the end every claim
    stands once, where its answer says."""
    crowd, before = Crowd(site), site.head()
    asyncio.run(crowd.run())
    assert len(crowd.recorded) == CROWD * CLAIMS_EACH
    assert {status for status, _ in crowd.read} == {200}
    assert sum(amid for _, amid in crowd.read) == SPELLS * len(READ)
    assert asyncio.run(prove(module_dsn, crowd.recorded)) == before + CROWD * CLAIMS_EACH


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
