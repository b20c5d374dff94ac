"""The server as a process: how it starts, what it says, what it logs, and how it stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from domain.errors import SetupRefused
from services.api.server import address, check_port
from services.settings import read_settings
from tests import loopback
from tests.services.running import PASSWORD, WORKSPACE, claim, running, signed

PROGRAM = """
import asyncio, os, sys
from services.api.logs import log_to_stderr
from services.api.server import serve
from services.settings import read_settings
from services.house import open_house

async def main():
    settings = read_settings(os.environ)
    log_to_stderr(settings.log_level)
    async with open_house(settings, project=True) as house:
        _, secret = await house.sources.add(settings.workspace, sys.argv[1], trusted=True)
        await serve(house, lambda: print(secret, flush=True))
    print("closed", flush=True)

asyncio.run(main())
"""
KEY = "a key for tests, of forty letters or so"


class Process(NamedTuple):
    """A server that runs elsewhere: its process, its address, a source of it and the secret."""

    handle: subprocess.Popen[str]
    url: str
    source: str
    secret: str


@contextmanager
def process(dsn: str, errors: Path) -> Iterator[Process]:
    """A server in a process of its own, which logs everything to a file."""
    port, source = loopback.free_port(), f"process-{uuid4().hex[:12]}"
    environ = {
        **os.environ,
        "ARTICLE20_DATABASE_URL": dsn,
        "ARTICLE20_SECRET_KEY": KEY,
        "ARTICLE20_PORT": str(port),
        "ARTICLE20_LOG_LEVEL": "debug",
        "ARTICLE20_WORKSPACE": WORKSPACE,
    }
    command = [sys.executable, "-c", PROGRAM, source]
    with errors.open("w") as log:
        handle = subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert handle.stdout is not None
    try:
        secret = handle.stdout.readline().strip()
        yield Process(handle, f"http://127.0.0.1:{port}", source, secret)
    finally:
        handle.kill()
        handle.communicate()


def deliver(server: Process, body: str, webhook_id: str) -> httpx.Response:
    """Send a signed claim to the source of the process."""
    headers = signed(server.secret, body, webhook_id)
    url = f"{server.url}/hooks/{server.source}"
    return loopback.post(url, content=body, headers=headers, timeout=60)


def test_what_was_answered_is_there_after_a_stop(module_dsn: str, tmp_path: Path) -> None:
    """Told to stop under load, the server answers what is under way, closes the house, and exits
    by itself; every claim it took is there, and none it refused."""
    with process(module_dsn, tmp_path / "log") as server:
        answered: dict[str, int] = {}

        def send(number: int) -> None:
            for step in range(200):
                name = f"stop-{number}-{step}"
                try:
                    answer = deliver(server, json.dumps(claim(id=name)), name)
                except httpx.TransportError:
                    return
                answered[name] = answer.status_code

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        while len(answered) < 40:
            assert server.handle.poll() is None
        server.handle.send_signal(signal.SIGTERM)
        output, _ = server.handle.communicate(timeout=60)
        for thread in threads:
            thread.join()
        assert server.handle.returncode == 0
        assert output == "closed\n"
    with running(module_dsn) as site:
        site.caught_up()
        taken = {name for name, status in answered.items() if status == 201}
        with site.client("viewer") as client:
            found = {row["id"] for row in client.get("/api/v1/claims?limit=1000").json()["claims"]}
        assert taken <= found
        assert len(found - taken) <= len(threads)  # answered, perhaps, to a client that had gone


def test_the_log_holds_no_secrets(module_dsn: str, tmp_path: Path) -> None:
    """Whatever is logged is JSON, one object a line, and holds no token, password, cookie, secret,
    body or query."""
    log = tmp_path / "log"
    words = ("a-secret-word", PASSWORD, "ada@example.org", "192.0.2.1")
    with running(module_dsn) as site:
        email, token = site.person("admin"), site.token("admin")
    with process(module_dsn, log) as server:
        url = server.url
        body = json.dumps(claim(summary="A body with a-secret-word."))
        deliver(server, body, "logged")
        deliver(server, body[:-1], "a-secret-word")
        headers = {"Authorization": f"Bearer {token}"}
        loopback.get(f"{url}/api/v1/claims?q=a-secret-word", headers=headers)
        loopback.get(f"{url}/api/v1/claims?a-secret-word=1", headers=headers)
        loopback.get(f"{url}/api/v1/governments/a-secret-word", headers=headers)
        loopback.get(f"{url}/a-secret-word")
        loopback.get(f"{url}/api/v1/claims", headers={"Authorization": "Bearer a-secret-word"})
        with loopback.Client(base_url=url) as browser:
            page = browser.get("/login").text
            found = re.search(r'csrf_token" value="(\w+)"', page)
            assert found is not None
            form = {"email": email, "password": PASSWORD, "csrf_token": found[1]}
            assert browser.post("/login", data=form).status_code == 303
            cookie = browser.cookies["article20_session"]
            browser.post("/login", data=form)
        server.handle.send_signal(signal.SIGINT)
        server.handle.communicate(timeout=60)
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) >= 8
    for line in lines:
        assert {"event", "level", "timestamp"} <= set(line)
    for word in (*words, email, token, cookie, found[1], server.secret, KEY):
        assert word not in text


def test_a_change_elsewhere_counts_at_once(module_dsn: str) -> None:
    """A source disabled by one server is gone for another one right away, though it remembers."""
    with running(module_dsn) as one, running(module_dsn) as other:
        name = one.source()
        body = json.dumps(claim())
        for site in (one, other):
            headers = one.signed(name, body, uuid4().hex)
            answer = loopback.post(f"{site.url}/hooks/{name}", content=body, headers=headers)
            assert answer.status_code == 201
        other.call(other.house.sources.disable(WORKSPACE, name))
        statuses = set()
        for _ in range(20):
            headers = one.signed(name, body, uuid4().hex)
            answer = loopback.post(f"{one.url}/hooks/{name}", content=body, headers=headers)
            statuses.add(answer.status_code)
            if answer.status_code == 410:
                break
        assert answer.status_code == 410
        assert statuses <= {201, 410}


def test_a_taken_port_is_one_line() -> None:
    """A port that somebody else has is refused with what to do, before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = read_settings({"HOME": "/", "ARTICLE20_PORT": str(taken.getsockname()[1])})
        with pytest.raises(SetupRefused, match=r"port \d+ of 127\.0\.0\.1 is taken: .*--port"):
            check_port(settings)


def test_an_address_that_is_not_ours_is_one_line() -> None:
    """Listening on another machine's address is refused by name."""
    settings = read_settings({"HOME": "/", "ARTICLE20_HOST": "192.0.2.1"})
    with pytest.raises(SetupRefused, match=r"192\.0\.2\.1 cannot be used"):
        check_port(settings)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "http://127.0.0.1:8020"),
        ({"HOST": "::1"}, "http://[::1]:8020"),
        ({"PUBLIC_URL": "https://article20.example.org/"}, "https://article20.example.org"),
    ],
)
def test_the_address_that_is_told(more: dict[str, str], expected: str) -> None:
    """What people are told to type is the public address, or where the server listens."""
    environ = {"HOME": "/"} | {f"ARTICLE20_{name}": value for name, value in more.items()}
    assert address(read_settings(environ)) == expected


def test_a_store_of_ones_own_needs_a_secret_key(module_dsn: str) -> None:
    """Without a key a server over a database of one's own does not start, and says why."""
    refused = pytest.raises(SetupRefused, match="ARTICLE20_SECRET_KEY")
    with refused, running(module_dsn, secret_key=""):
        raise AssertionError("it started")


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://nobody:secret@127.0.0.1:1/none",
        "postgresql:///none?host=/nowhere",
    ],
)
def test_a_database_that_is_away_is_one_line(dsn: str) -> None:
    """A database that does not answer is refused in a line that holds no password."""
    refusal = pytest.raises(SetupRefused, match="the database cannot be used")
    with refusal as refused, running(dsn):
        raise AssertionError("it started")
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_behind_a_web_server_cookies_are_for_https_only(module_dsn: str) -> None:
    """With a public https address, or one that a trusted web server tells of, the session's cookie
    never travels in the clear, and browsers are told to stay with https."""
    cases: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"public_url": "https://article20.example.org"}, {}),
        ({"forwarded_by": "127.0.0.1"}, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "::1"}),
    ]
    for settings, headers in cases:
        with running(module_dsn, **settings) as site:
            answer = loopback.get(f"{site.url}/login", headers=headers)
            assert answer.headers["set-cookie"].startswith("__Host-article20_door=")
            assert "Secure" in answer.headers["set-cookie"]
            assert "strict-transport-security" in answer.headers
    with running(module_dsn) as site:
        told = {"X-Forwarded-Proto": "https"}
        answer = loopback.get(f"{site.url}/login", headers=told)
        assert answer.headers["set-cookie"].startswith("article20_door=")


def test_metrics_need_a_token_beyond_this_machine(module_dsn: str) -> None:
    """A server that others reach shows its numbers to whoever has a token."""
    with running(module_dsn, host="0.0.0.0") as site:
        url = site.url.replace("0.0.0.0", "127.0.0.1")
        assert loopback.get(f"{url}/metrics").status_code == 401
        headers = {"Authorization": f"Bearer {site.token('viewer')}"}
        assert loopback.get(f"{url}/metrics", headers=headers).status_code == 200
        assert loopback.get(f"{url}/healthz").status_code == 200


def test_callers_and_sources_are_kept_to_their_rates(module_dsn: str) -> None:
    """Beyond its rate a caller is 429 with when to come back; others are not disturbed."""
    settings: dict[str, Any] = {
        "token_requests_per_second_max": "0.001",
        "token_burst_requests_max": "3",
        "source_requests_per_second_max": "0.001",
        "source_burst_requests_max": "2",
    }
    with running(module_dsn, **settings) as site:
        with site.client("viewer") as one, site.client("viewer") as other:
            statuses = [one.get("/api/v1/events").status_code for _ in range(5)]
            assert statuses == [200, 200, 200, 429, 429]
            assert int(one.get("/api/v1/events").headers["retry-after"]) >= 1
            assert other.get("/api/v1/events").status_code == 200
        name = site.source()
        statuses = []
        for _ in range(4):
            body = json.dumps(claim())
            headers = site.signed(name, body, uuid4().hex)
            answer = loopback.post(f"{site.url}/hooks/{name}", content=body, headers=headers)
            statuses.append(answer.status_code)
        assert statuses == [201, 201, 429, 429]
        assert int(answer.headers["retry-after"]) >= 1
        assert "webhook-delivery" not in answer.headers
        forged = {**headers, "webhook-signature": "v1,AAAA"}
        answer = loopback.post(f"{site.url}/hooks/{name}", content=body, headers=forged)
        assert answer.status_code == 401
