"""A real server on a free port for tests, in a thread of its own; what is asked of it goes over
HTTP."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import uvloop
from standardwebhooks import Webhook

from infra.passwords import Passwords
from services.api.server import served
from services.house import House, open_house
from services.settings import read_settings
from services.wiring import Role
from tests import loopback
from tests.conftest import HASH_MEMORY_KIB

T = TypeVar("T")
WORKSPACE = "coalition"
OTHER = "neighbours"
START_SECONDS_MAX = 60
PASSWORD = "a password of some length"


class Running:
    """A server, the house behind it, and what tests need to be let in."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop, url: str) -> None:
        self.house, self.loop, self.url = house, loop, url
        self.secrets: dict[str, str] = {}

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, run where the server runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def token(self, role: Role, workspace: str = WORKSPACE) -> str:
        """A new API token."""
        _, text = self.call(self.house.people.create_token(workspace, name=role, role=role))
        return text

    def client(self, role: Role | None = None, workspace: str = WORKSPACE) -> httpx.Client:
        """A client, with a token of that role."""
        headers = {"Authorization": f"Bearer {self.token(role, workspace)}"} if role else {}
        return loopback.Client(base_url=self.url, headers=headers, timeout=60)

    def person(self, role: Role) -> str:
        """The e-mail of a new person, whose password is `PASSWORD`."""
        email = f"{uuid4().hex[:12]}@example.org"
        self.call(
            self.house.people.add(WORKSPACE, email=email, name="Ada", role=role, password=PASSWORD)
        )
        return email

    def source(self, *, trusted: bool = True, workspace: str = WORKSPACE) -> str:
        """The name of a new webhook source, whose secret is kept in `secrets`."""
        name = f"monitor-{uuid4().hex[:12]}"
        _, self.secrets[name] = self.call(self.house.sources.add(workspace, name, trusted=trusted))
        return name

    def signed(self, source: str, body: str, webhook_id: str, **more: str) -> dict[str, str]:
        """The headers of a delivery of one of the sources."""
        return signed(self.secrets[source], body, webhook_id) | more

    def head(self, workspace: str = WORKSPACE) -> int:
        """The last position of the log."""
        return self.call(self.house.store.head(workspace))

    def caught_up(self, workspace: str = WORKSPACE) -> int:
        """The head, once the views have reached it."""
        head = self.head(workspace)
        return self.call(self.house.views.wait_for(workspace, head, 60))


def signed(secret: str, body: str, webhook_id: str, at: float | None = None) -> dict[str, str]:
    """The headers an official client signs a body with, now or at a moment (Unix seconds)."""
    now = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }


@contextmanager
def running(dsn: str, **settings: str) -> Iterator[Running]:
    """A server over a database, with two workspaces; `settings` by their names."""
    port = loopback.free_port()
    environ = {"DATABASE_URL": dsn, "PORT": str(port), "WORKSPACE": WORKSPACE}
    environ |= {"SECRET_KEY": "a key for tests, of forty letters or so"}
    environ |= {"MIN_POSITION_WAIT_SECONDS_MAX": str(START_SECONDS_MAX)}
    environ |= {name.upper(): value for name, value in settings.items()}
    chosen = read_settings({f"ARTICLE20_{name}": value for name, value in environ.items()})
    started, stop = threading.Event(), asyncio.Event()
    found: list[Running] = []

    async def serve() -> None:
        async with open_house(chosen, project=True) as house:
            house.people.passwords = Passwords(
                hashes_max=chosen.login_hashes_max, memory_kib=HASH_MEMORY_KIB
            )
            await house.store.add_workspace(OTHER)
            async with served(house):
                found.append(Running(house, asyncio.get_running_loop(), f"http://127.0.0.1:{port}"))
                started.set()
                await stop.wait()

    with ThreadPoolExecutor(max_workers=1) as threads:
        served_ = threads.submit(lambda: uvloop.run(serve()))
        served_.add_done_callback(lambda _: started.set())
        assert started.wait(START_SECONDS_MAX)
        if not found:
            served_.result()
        try:
            yield found[0]
        finally:
            found[0].loop.call_soon_threadsafe(stop.set)
            served_.result(START_SECONDS_MAX)


def claim(**changes: Any) -> dict[str, Any]:
    """A valid claim as JSON values, without an id; a change to None leaves a field out."""
    plain = {
        "kind": "statement_of_criticism",
        "treaty": "APMBC",
        "occurred_on": "2026-02-20",
        "actors": [{"kind": "ngo", "name": "A campaign"}],
        "targets": ["FIN"],
        "summary": "A campaign criticised Finland for having left the treaty.",
        "sources": [
            {
                "publisher": "A campaign",
                "url": "https://example.org/statement",
                "published_on": "2026-02-20",
                "language": "en",
                "reliability": "B",
                "credibility": 2,
            }
        ],
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}
