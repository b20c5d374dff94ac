"""One delivery sent a thousand times at once to a server in a process of its own."""

import asyncio
import json

import httpx

from tests import loopback
from tests.conftest import WORKSPACE
from tests.faults.proof import prove
from tests.services.cli.program import first_line, program_folder, started
from tests.services.running import claim, signed

CLIENTS = 50
TIMES_EACH = 20
TIMEOUT_SECONDS = 120


async def deliver(url: str, body: str, headers: dict[str, str]) -> list[httpx.Response]:
    """What all clients are answered, who begin at the same moment, each on a connection of its
    own."""
    limits = httpx.Limits(max_connections=1)
    clients = [
        loopback.AsyncClient(timeout=TIMEOUT_SECONDS, limits=limits, verify=False)
        for _ in range(CLIENTS)
    ]
    begin = asyncio.Event()

    async def each(client: httpx.AsyncClient) -> list[httpx.Response]:
        async with client:
            await begin.wait()
            return [
                await client.post(url, content=body, headers=headers) for _ in range(TIMES_EACH)
            ]

    tasks = [asyncio.create_task(each(client)) for client in clients]
    await asyncio.sleep(0)
    begin.set()
    return [answer for answers in await asyncio.gather(*tasks) for answer in answers]


def test_one_delivery_a_thousand_times_is_one_event(module_dsn: str) -> None:
    """Fifty clients deliver the same twenty times each: one is told 201, all others the same
    answer as a repetition, the log holds one event, and it verifies."""
    port = loopback.free_port()
    environ = {
        "ARTICLE20_DATABASE_URL": module_dsn,
        "ARTICLE20_SECRET_KEY": "a key for tests, of forty letters or so",
        "ARTICLE20_WORKSPACE": WORKSPACE,
        "ARTICLE20_PORT": str(port),
    }
    with program_folder() as article20, started(article20, "serve", **environ) as server:
        first_line(server)
        add = ("webhook-source", "add", "crowd", "--trusted", "--format", "json")
        secret = article20.answer(*add, **environ)["secret"]
        body = json.dumps(claim(id="sent-by-a-crowd"))
        headers = signed(secret, body, "msg_crowd")
        url = f"http://127.0.0.1:{port}/hooks/crowd"
        answers = asyncio.run(deliver(url, body, headers))
    assert len(answers) == CLIENTS * TIMES_EACH
    (first,) = [answer for answer in answers if answer.status_code == 201]
    assert "idempotent-replayed" not in first.headers
    others = [answer for answer in answers if answer is not first]
    assert {(a.status_code, a.headers["idempotent-replayed"]) for a in others} == {(200, "true")}
    assert {answer.text for answer in answers} == {first.text}
    receipt = first.json()
    assert receipt == {"claim": "sent-by-a-crowd", "position": 1, "status": "accepted"}
    assert asyncio.run(prove(module_dsn, {receipt["claim"]: receipt["position"]})) == 1
