"""One demo, started as a person starts it, for all acceptance tests: what one of them records
changes nothing that another asks about."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from standardwebhooks import Webhook

from tests import loopback
from tests.services.cli.program import Program, first_line, program_folder, started
from tests.services.dashboard.shots import chromium


class Demo:
    """A running demo: what it printed, the program beside it, and a client with the token of a
    reviewer."""

    def __init__(self, program: Program, said: dict[str, Any], token: str) -> None:
        self.program, self.said = program, said
        self.url: str = said["url"]
        self.api = loopback.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    def password(self, role: str) -> tuple[str, str]:
        """E-mail and password of the login of a role."""
        found = next(login for login in self.said["logins"] if login["role"] == role)
        return found["email"], found["password"]

    def send(self, claim: dict[str, Any]) -> httpx.Response:
        """The answer to a claim, signed by the official library as a partner's system does."""
        body = json.dumps(claim)
        webhook_id, now = f"msg-{uuid4().hex}", datetime.now(UTC)
        signature = Webhook(self.said["secret"]).sign(webhook_id, now, body)
        return loopback.post(
            f"{self.url}/hooks/{self.said['source']}",
            content=body,
            headers={
                "content-type": "application/json",
                "webhook-id": webhook_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": signature,
            },
        )

    def run(self, *arguments: str) -> str:
        """What the program prints, asked about the workspace of the demo."""
        return self.program.done(*arguments, "--workspace", "demo")


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    """The program `make demo` starts, on a free port, with a data folder of its own."""
    with program_folder() as program:
        arguments = ("demo", "--port", str(loopback.free_port()), "--format", "json")
        with started(program, *arguments) as process:
            said = json.loads(first_line(process))
            role = ("token", "create", "--role", "reviewer", "--format", "json")
            # As a process of its own: a browser may hold the event loop of this one.
            token = program.spawn(*role, "--workspace", "demo")
            running = Demo(program, said, json.loads(token.stdout)["token"])
            yield running
            running.api.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()
