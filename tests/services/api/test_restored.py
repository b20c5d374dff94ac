"""An older backup put in the place of the log: what a serving process, its clients and whoever
starts one again are told over HTTP."""

import asyncio
import gc
import json
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import httpx
import pytest

from infra.postgres.embedded import EmbeddedServer
from tests import loopback
from tests.infra.postgres import older
from tests.services.cli.program import Program, program_folder
from tests.services.running import OTHER, WORKSPACE, Running, claim, running

REMEDY = f"Build all of them anew with `article20 rebuild --workspace {WORKSPACE}`"


@pytest.fixture
def program(module_dsn: str) -> Iterator[Program]:
    """The program, for a database of one's own."""
    with program_folder() as found:
        yield found


def deliver(site: Running, source: str) -> httpx.Response:
    """The answer to a signed claim."""
    body = json.dumps(claim())
    headers = site.signed(source, body, uuid4().hex)
    return loopback.post(f"{site.url}/hooks/{source}", content=body, headers=headers, timeout=60)


def refused(answer: httpx.Response, status: int, slug: str) -> str:
    """The detail of a problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:article20:problem:{slug}"
    return str(answer.json()["detail"])


def test_an_older_log_under_a_serving_process(
    server: EmbeddedServer, module_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The process that knew the newer log neither reads nor records, and says why, also of what it
    would have noted; one that starts afresh serves, and tells a client that has read further than
    the log to begin again."""
    with running(module_dsn) as site:
        source = site.source()
        assert deliver(site, source).status_code == 201
        site.caught_up()
        token = site.token("viewer")
        secrets = site.secrets
    copied = asyncio.run(older.copy(server.dsn, module_dsn))

    with running(module_dsn) as site:
        site.secrets = secrets
        lost = deliver(site, source)
        assert lost.status_code == 201
        position = int(lost.json()["position"])
        site.caught_up()
        asyncio.run(older.put_in_place(server.dsn, copied, module_dsn))
        asked = loopback.Client(
            base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        for _ in range(2):
            for answer in (
                asked.get("/api/v1/events"),
                asked.get("/api/v1/governments"),
                asked.get("/api/v1/live"),
                deliver(site, source),
            ):
                assert "older backup" in refused(answer, 503, "log-replaced")
        ready = asked.get("/readyz")
        assert ready.status_code == 503
        assert "older backup" in ready.json()["detail"]
        assert asked.get("/healthz").status_code == 200
    gc.collect()
    assert "deliveries were not noted: LogReplaced" in caplog.messages
    assert "never retrieved" not in caplog.text

    with running(module_dsn, min_position_wait_seconds_max="0.2") as site:
        site.secrets = secrets
        assert site.head() == position - 1
        asked = loopback.Client(
            base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        for path, params, headers in (
            ("/api/v1/live", {}, {"Last-Event-ID": str(position)}),
            ("/api/v1/live", {"after": position}, {}),
            ("/api/v1/governments", {"min_position": position}, {}),
            ("/api/v1/events", {"after": position}, {}),
        ):
            answer = asked.get(path, params=params, headers=headers)
            assert "begin again" in refused(answer, 409, "beyond-log")
        assert asked.get("/api/v1/governments").status_code == 200
        assert deliver(site, source).json()["position"] == position
        assert asked.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("position", "off", "said"),
    [(99, "0", "beyond the log"), (1, "1 day", "at another event than the log")],
    ids=["ahead", "another"],
)
def test_views_of_another_log_are_not_served(
    module_dsn: str, program: Program, position: int, off: str, said: str
) -> None:
    """Where the views stand beyond the log, or at another event than it has there, `serve` does not
    start and names the remedy, `status` says where, and the remedy works."""
    with running(module_dsn) as site:
        assert deliver(site, site.source()).status_code == 201
        head = site.caught_up()
    asyncio.run(_displace(module_dsn, position, off))
    store = ("--database-url", module_dsn)
    assert REMEDY in program.refused("serve", *store, "--workspace", WORKSPACE)
    assert said in program.done("status", *store)
    found = program.answer("status", *store, "--format", "json")["workspaces"]
    astray = {one["workspace"]: one["astray"] for one in found if one["workspace"] != "default"}
    assert astray == {WORKSPACE: True, OTHER: False}
    assert "older backup" in program.refused("verify", *store, "--workspace", WORKSPACE)

    rebuilt = program.done("rebuild", *store, "--workspace", WORKSPACE)
    assert f"stands at position {head}, built anew" in rebuilt
    assert "is sound" in program.done("verify", *store, "--workspace", WORKSPACE)
    with running(module_dsn) as site, site.client("viewer") as asked:
        assert asked.get("/api/v1/governments").headers["article20-position"] == str(head)


async def _displace(dsn: str, position: int, off: str) -> None:
    admin = await asyncpg.connect(dsn)
    await admin.execute(
        "UPDATE article20.view_watermark"
        " SET position = $1, recorded_at = recorded_at - $2::text::interval WHERE workspace = $3",
        *(position, off, WORKSPACE),
    )
    await admin.close()
