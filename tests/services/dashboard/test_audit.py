"""The audit list over a real server: every sensitive thing somebody does leaves its line there."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute

from services.api.app import build_app
from services.api.serving import Serving
from services.dashboard.models.audit import ACTION_WORDS, GROUPS
from services.wiring import ACTIONS, PROGRAM, AuditLine, LineFilter
from tests.services.dashboard.test_people import entered, sent
from tests.services.running import WORKSPACE, Running, claim

Doing = Callable[["Desk", str], Any]


class Desk:
    """An admin's browser, an admin's token, and claims to do things with."""

    def __init__(self, site: Running, browser: httpx.Client, machine: httpx.Client) -> None:
        self.site, self.browser, self.machine = site, browser, machine

    def recorded(self, **changes: Any) -> str:
        """The id of a new claim, which the views know."""
        name = f"c-{uuid4().hex[:12]}"
        answer = self.machine.post(
            "/api/v1/claims",
            json=claim(id=name, **changes),
            headers={"Idempotency-Key": name},
        )
        assert answer.status_code == 201, answer.text
        self.site.caught_up()
        return name

    def told(self, **asked: Any) -> list[AuditLine]:
        """The lines that fit, newest first."""
        self.site.call(self.site.house.audit.flush())
        ask = self.site.house.audit.lines(WORKSPACE, LineFilter(**asked), after=None, limit=1000)
        return self.site.call(ask)

    def lines(self, **asked: Any) -> list[tuple[str, str]]:
        """Action and subject of the lines, newest first."""
        return [(line.action, line.subject) for line in self.told(**asked)]


@pytest.fixture(scope="module")
def desk(site: Running) -> Iterator[Desk]:
    """The desk of a workspace."""
    with entered(site, site.person("admin")) as browser, site.client("admin") as machine:
        yield Desk(site, browser, machine)


def _campaign(desk: Desk, slug: str) -> None:
    body = {
        "slug": slug,
        "title": "Keep Finland in",
        "treaty": "APMBC",
        "targets": ["FIN"],
        "started_on": "2025-04-01",
    }
    key = {"Idempotency-Key": slug}
    assert desk.machine.post("/api/v1/campaigns", json=body, headers=key).status_code == 201


def _accept(desk: Desk, name: str) -> Any:
    token = re.search(r'csrf_token" value="(\w+)"', desk.browser.get("/review").text)
    assert token is not None
    fields = {"csrf_token": token[1], "verdict": "accepted"}
    return desk.browser.post(f"/review/{name}", data=fields)


SENSITIVE: Final[dict[str, tuple[str, Doing]]] = {
    "a page of a claim": ("claim_opened", lambda d, name: d.browser.get(f"/claims/{name}")),
    "a claim under review": (
        "claim_opened",
        lambda d, name: d.browser.get(f"/review?claim={name}"),
    ),
    "evidence of a government": (
        "claim_opened",
        lambda d, name: d.browser.get(f"/governments/FIN?event={name}"),
    ),
    "a claim by the API": ("claim_opened", lambda d, name: d.machine.get(f"/api/v1/claims/{name}")),
    "a list of claims": ("claims_listed", lambda d, _: d.browser.get("/claims")),
    "a list by the API": ("claims_listed", lambda d, _: d.machine.get("/api/v1/claims")),
    "the log": ("log_read", lambda d, _: d.machine.get("/api/v1/events")),
    "claims as a file": ("exported", lambda d, _: d.browser.get("/claims?format=csv")),
    "a claim as a file": ("exported", lambda d, n: d.browser.get(f"/claims/{n}?format=json")),
    "criticism as a file": ("exported", lambda d, _: d.browser.get("/criticism?format=csv")),
    "people as a file": ("exported", lambda d, _: d.browser.get("/people?format=csv")),
    "the audit list as a file": ("exported", lambda d, _: d.browser.get("/audit?format=csv")),
    "a decision on the page": ("decided", _accept),
    "a decision by the API": (
        "decided",
        lambda d, n: d.machine.post(f"/api/v1/claims/{n}/contest", json={"reason": "Because."}),
    ),
    "a campaign": ("campaign_decided", _campaign),
    "an invitation": (
        "invited",
        lambda d, n: sent(
            d.browser, "/people", "/people/invite", email=f"{n}@example.org", role="viewer"
        ),
    ),
}
"""What somebody does -> the action of the line it leaves."""


@pytest.mark.parametrize("name", SENSITIVE)
def test_every_sensitive_thing_leaves_its_line(desk: Desk, name: str) -> None:
    """Looks at what is not public, files taken away, decisions and invitations each leave a line
    of their action, by whoever did it, and no e-mail and no text of a claim in it."""
    action, do = SENSITIVE[name]
    what = desk.recorded()
    before = len(desk.lines(actions=(action,)))
    # Somebody else's browser each time: the same look by the same person leaves one line.
    with (
        entered(desk.site, desk.site.person("admin")) as browser,
        desk.site.client("admin") as machine,
    ):
        do(Desk(desk.site, browser, machine), what)
    found = desk.told(actions=(action,))
    assert len(found) == before + 1
    assert found[0].by.startswith(("person:", "token:"))
    told = found[0].subject + found[0].detail
    assert "example.org" not in told
    assert "criticised" not in told


def test_what_is_done_to_sources_and_feeds_leaves_its_line(desk: Desk) -> None:
    """Each change is told once, by whoever made it, with what was changed; no secret and no address
    of a feed is in the list."""
    name = f"s-{uuid4().hex[:8]}"
    added = sent(desk.browser, "/sources", "/sources", name=name, trusted="yes")
    rotated = sent(desk.browser, "/sources", f"/sources/{name}/rotate")
    secrets = [re.search(r"whsec_[^<\"]+", answer.text) for answer in (added, rotated)]
    limits = {"kinds": "open_letter", "governments": "Finland", "per_second": "2", "burst": "9"}
    for change, typed in (("distrust", {}), ("limit", limits), ("disable", {}), ("enable", {})):
        sent(desk.browser, "/sources", f"/sources/{name}/{change}", **typed)
    url = f"https://example.org/{name}.xml?key=hidden"
    sent(desk.browser, "/sources", "/feeds", name=name, url=url)
    for change in ("disable", "enable"):
        sent(desk.browser, "/sources", f"/feeds/{name}/{change}")
    desk.site.call(desk.site.house.sources.disable(WORKSPACE, name))
    about = {f"source:{name}", f"feed:{name}"}
    told = [line for line in desk.told() if line.subject in about]
    assert [(line.action, line.detail) for line in reversed(told)] == [
        ("source_added", "its claims are accepted at once"),
        ("source_rotated", "the secret before stays good for 24 hours"),
        ("source_trusted", "its claims wait for the desk"),
        ("source_limited", "kinds: open_letter; governments: FIN; per second: 2; burst: 9"),
        ("source_disabled", ""),
        ("source_enabled", ""),
        ("feed_added", ""),
        ("feed_disabled", ""),
        ("feed_enabled", ""),
        ("source_disabled", ""),
    ]
    assert told[0].by == PROGRAM
    assert {line.by for line in told[1:]} == {told[1].by}
    assert told[1].by.startswith("person:")
    page = desk.browser.get("/audit?group=sources").text
    assert "Gave a source a new secret" in page
    for secret in (url, *(found[0] for found in secrets if found)):
        assert secret not in page
    assert all(secrets)


def test_every_route_that_gives_a_file_leaves_a_line(desk: Desk) -> None:
    """Whatever address of the application takes a format gives its file only with a line."""
    slug, name = f"c-{uuid4().hex[:8]}", desk.recorded()
    _campaign(desk, slug)
    filled = {"code": "FIN", "measure": "pressure", "claim": name, "slug": slug}
    paths = [
        re.sub(r"\{(\w+):str\}", lambda match: filled[match[1]], route.path)
        for route in build_app(Serving(desk.site.house)).routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "GET" in handler.http_methods and "format" in handler.opt.get("query", ())
    ]
    assert {"/claims", "/audit", "/people", f"/campaigns/{slug}"} <= set(paths)
    for path in paths:
        before = len(desk.lines(actions=("exported",)))
        other = {"vs_on": "2025-12-26"} if path == "/compare" else {}
        answer = desk.browser.get(path, params={"format": "csv"} | other)
        assert answer.status_code == 200, (path, answer.text)
        assert "text/html" not in answer.headers["content-type"], path
        assert len(desk.lines(actions=("exported",))) == before + 1, path


def test_a_public_claim_is_no_secret(desk: Desk) -> None:
    """Opening what is public leaves no line."""
    name = desk.recorded(visibility="public")
    assert desk.browser.get(f"/claims/{name}").status_code == 200
    assert ("claim_opened", f"claim:{name}") not in desk.lines()


def test_what_somebody_does_with_their_login_leaves_its_line(desk: Desk) -> None:
    """Logging in, being refused, logging out and leaving are told in this order."""
    email = desk.site.person("viewer")
    with entered(desk.site, email) as browser:
        sent(browser, "/today", "/logout")
    with entered(desk.site, email) as browser:
        browser.post("/leave")
        token = re.search(r'csrf_token" value="(\w+)"', browser.get("/login").text)
        assert token is not None
        fields = {"email": email, "password": "wrong", "csrf_token": token[1]}
        assert browser.post("/login", data=fields).status_code == 401
    newest = [action for action, _subject in desk.lines()][:5]
    assert newest == ["login_refused", "left_quickly", "logged_in", "logged_out", "logged_in"]


def test_the_list_is_narrowed_paged_and_taken_away(desk: Desk) -> None:
    """The page shows the newest lines, a filter narrows it, the file holds what the filter lets
    through, and a date that cannot be read is said beside its field."""
    name = desk.recorded()
    for _ in range(2):
        desk.browser.get(f"/claims/{name}")
    desk.lines()
    page = desk.browser.get("/audit").text
    assert "Opened a claim that is not public" in page
    assert f'href="/claims/{name}"' in page
    only = desk.browser.get(f"/audit?subject=claim:{name}&format=json").json()["rows"]
    assert [(row["action"], row["who"]) for row in only] == [("claim_opened", "Ada")]
    assert "Nothing matches" in desk.browser.get("/audit?group=gaps").text
    assert "is not a date" in desk.browser.get("/audit?from=soon").text
    assert desk.browser.get("/audit?to=1997").text.count("Nothing matches") == 1
    refused = desk.browser.get("/audit?cursor=elsewhere", headers={"Accept": "text/html"})
    assert refused.status_code == 400


def test_every_action_is_said_in_words() -> None:
    """No action is without its words and its group."""
    assert set(ACTION_WORDS) == set(ACTIONS)
    assert sorted(action for group in GROUPS.values() for action in group) == sorted(ACTIONS)
