"""Every route of the application, tried with the credentials of another workspace."""

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from infra.postgres.log.store import snapshot
from infra.postgres.queries import queries
from services.house import House
from tests import loopback
from tests.services.api.test_access import STREAMS, log_in, routes
from tests.services.running import OTHER, PASSWORD, WORKSPACE, Running, claim

MARK = "zebra"
"""Stands in everything that the workspace which is attacked holds."""
SECOND = f"{MARK}-2"
STREAM_SECONDS = 0.3


@pytest.fixture(scope="module")
def attacked(site: Running) -> dict[str, str]:
    """The names by which a workspace's things could be asked for, by parameter of a path."""
    source = f"{MARK}-{uuid4().hex[:8]}"
    site.call(site.house.sources.add(WORKSPACE, source, trusted=True))
    with site.client("reviewer") as desk, site.client("contributor") as member:
        for name in (f"{MARK}-1", SECOND):
            plain = claim(id=name, summary=f"A {MARK} crossed the border.")
            headers = {"Idempotency-Key": name}
            assert member.post("/api/v1/claims", json=plain, headers=headers).status_code == 201
        campaign = {
            "slug": MARK, "title": MARK, "treaty": "APMBC", "targets": ["FIN"],
            "started_on": "2025-04-01",
        }  # fmt: skip
        headers = {"Idempotency-Key": MARK}
        assert desk.post("/api/v1/campaigns", json=campaign, headers=headers).status_code == 201
    site.caught_up()
    return {
        "claim": f"{MARK}-1", "other": SECOND, "slug": MARK, "ask": MARK, "source": source,
        "code": "FIN", "treaty": "APMBC",
    }  # fmt: skip


@pytest.fixture(scope="module")
def intruders(site: Running) -> Iterator[list[httpx.Client]]:
    """Admins of another workspace: one with a token, one logged in."""
    email = f"{uuid4().hex[:12]}@example.org"
    facts = {"name": "Eve", "role": "admin", "password": PASSWORD}
    site.call(site.house.people.add(OTHER, email=email, **facts))  # type: ignore[arg-type]  # a role
    with site.client("admin", OTHER) as token, site.client() as browser:
        assert log_in(browser, email, workspace=OTHER).status_code == 303
        yield [token, browser]


def said(client: httpx.Client, method: str, path: str, names: dict[str, str]) -> str:
    """What a route answers to a request about the names; of a stream, what comes at once."""
    filled = re.sub(r"\{(\w+)(:\w+)?\}", lambda m: names.get(m[1], f"{MARK}-1"), path)
    body = {"reason": "because", "claim": names["claim"]} if method != "GET" else None
    headers = {"Idempotency-Key": uuid4().hex, "Accept": "text/html, application/json;q=0.9"}
    if path not in STREAMS:
        answer = client.request(method, filled, json=body, headers=headers)
        assert answer.status_code < 500, (method, filled, answer.text)
        return answer.text
    parts: list[str] = []
    timeout = httpx.Timeout(loopback.TIMEOUT_SECONDS, read=STREAM_SECONDS)
    try:
        with client.stream(method, f"{filled}?after=0", timeout=timeout) as streamed:
            parts.extend(streamed.iter_text())
    except httpx.ReadTimeout:
        return "".join(parts)
    return "".join(parts)


async def _rows(house: House) -> list[tuple[object, ...]]:
    async with snapshot(house.pool, WORKSPACE) as connection:
        return [
            tuple(row) for row in await connection.fetch(queries("views")["standing"], WORKSPACE)
        ]


def test_no_route_gives_or_changes_what_belongs_to_another_workspace(
    site: Running, attacked: dict[str, str], intruders: list[httpx.Client]
) -> None:
    """Whatever an admin of one workspace asks by the right names, no answer holds anything of the
    other, and its log and its views stay as they are."""
    before = site.head(), site.call(_rows(site.house))
    for method, path, _ in list(routes(site)):
        if path == "/logout":
            continue  # it would end the attack
        for intruder in intruders:
            text = said(intruder, method, path, attacked)
            echoed = [name for name in attacked.values() if name.startswith(MARK)]
            for name in sorted(echoed, key=len, reverse=True):
                text = text.replace(name, "")  # a refusal says what was asked for
            assert "crossed the border" not in text, (method, path)
            assert MARK not in text, (method, path, text)
    assert (site.head(), site.call(_rows(site.house))) == before


def test_the_same_routes_give_it_to_the_workspace_itself(
    site: Running, attacked: dict[str, str]
) -> None:
    """The attack is one that would be seen: a member asking the same finds it on many routes."""
    with site.client("admin") as member:
        found = {
            path
            for method, path, _ in routes(site)
            if method == "GET" and "crossed the border" in said(member, method, path, attacked)
        }
    assert {"/api/v1/claims", "/api/v1/claims/{claim:str}", "/api/v1/events"} <= found
