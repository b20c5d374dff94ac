"""Who may do what: every route with every role, by the one mechanism there is."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute

from services.api.access import ACCESS, PUBLIC, SIGNED
from services.api.app import build_app
from services.api.serving import Serving
from services.wiring import ROLES
from tests import loopback
from tests.services.running import OTHER, PASSWORD, WORKSPACE, Running, claim

NEEDED: Final = {
    "GET /": "viewer",
    "GET /api": "public",
    "GET /account": "viewer",
    "GET /audit": "admin",
    "GET /away": PUBLIC,
    "GET /join": PUBLIC,
    "GET /people": "admin",
    "POST /account/logins/end": "viewer",
    "POST /account/logins/{login:str}/end": "viewer",
    "POST /account/password": "viewer",
    "POST /join": PUBLIC,
    "POST /language": PUBLIC,
    "POST /leave": PUBLIC,
    "POST /people/invitations/{invitation:str}/withdraw": "admin",
    "POST /people/invite": "admin",
    "POST /people/{person:str}/disable": "admin",
    "POST /people/{person:str}/enable": "admin",
    "POST /people/{person:str}/role": "admin",
    "GET /api/v1/campaigns": "viewer",
    "GET /api/v1/campaigns/{slug:str}": "viewer",
    "GET /api/v1/campaigns/{slug:str}/notes": "contributor",
    "GET /api/v1/changes": "viewer",
    "GET /api/v1/claims": "viewer",
    "GET /api/v1/claims/{claim:str}": "viewer",
    "GET /api/v1/claims/{claim:str}/similar": "viewer",
    "GET /api/v1/commitments": "viewer",
    "GET /api/v1/criticism": "viewer",
    "GET /api/v1/deadlines": "viewer",
    "GET /api/v1/deliveries": "admin",
    "GET /api/v1/events": "viewer",
    "GET /api/v1/governments": "viewer",
    "GET /api/v1/governments/{code:str}": "viewer",
    "GET /api/v1/governments/{code:str}/backing": "viewer",
    "GET /api/v1/governments/{code:str}/erosion": "viewer",
    "GET /api/v1/governments/{code:str}/pressure": "viewer",
    "GET /api/v1/live": "viewer",
    "GET /api/v1/review": "viewer",
    "GET /api/v1/transfers": "viewer",
    "GET /api/v1/treaties/{treaty:str}/parties": "viewer",
    "GET /api/v1/weights": "viewer",
    "POST /api/v1/weights/{name:str}/define": "admin",
    "POST /api/v1/weights/{name:str}/withdraw": "admin",
    "GET /campaigns": "viewer",
    "GET /find": "viewer",
    "POST /review/{claim:str}/same-as/{other:str}": "reviewer",
    "POST /review/{claim:str}/separate/{other:str}": "reviewer",
    "GET /campaigns/{slug:str}": "viewer",
    "POST /campaigns": "reviewer",
    "POST /campaigns/{slug:str}/decide/{act:str}": "reviewer",
    "POST /campaigns/{slug:str}/acts/{act:str}": "contributor",
    "GET /claims": "viewer",
    "GET /commitments": "viewer",
    "GET /deadlines": "viewer",
    "GET /record": "contributor",
    "GET /claims/{claim:str}": "viewer",
    "GET /compare": "viewer",
    "GET /criticism": "viewer",
    "GET /governments": "viewer",
    "GET /governments/{code:str}": "viewer",
    "GET /governments/{code:str}/{measure:str}": "viewer",
    "GET /healthz": PUBLIC,
    "GET /integrity": "viewer",
    "GET /live": "viewer",
    "GET /login": PUBLIC,
    "GET /map": "viewer",
    "GET /metrics": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /claims/{claim:str}/correct": "reviewer",
    "POST /claims/{claim:str}/correct": "reviewer",
    "POST /claims/{claim:str}/visibility": "reviewer",
    "POST /claims/{claim:str}/withdraw-signatory": "reviewer",
    "POST /claims/{claim:str}/separate/{other:str}": "reviewer",
    "GET /review": "reviewer",
    "GET /import": "reviewer",
    "GET /export": "viewer",
    "GET /api/v1/export": "viewer",
    "GET /import/{name:str}": "reviewer",
    "GET /import/{name:str}/marked/{form:str}": "reviewer",
    "GET /import/template/{form:str}": "contributor",
    "POST /import": "reviewer",
    "POST /import/{name:str}/{step:str}": "reviewer",
    "GET /schema": PUBLIC,
    "GET /schema/asyncapi.json": PUBLIC,
    "GET /schema/claims/{name:str}": PUBLIC,
    "GET /schema/openapi.json": PUBLIC,
    "GET /schema/{path:str}": PUBLIC,
    "GET /sources": "contributor",
    "GET /static/{name:str}": PUBLIC,
    "GET /favicon.ico": PUBLIC,
    "GET /today": "viewer",
    "GET /transfers": "viewer",
    "POST /integrity/check": "reviewer",
    "POST /api/v1/deliveries/{delivery:str}/replay": "admin",
    "POST /api/v1/campaigns": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/actions": "contributor",
    "POST /api/v1/campaigns/{slug:str}/actions/{claim:str}/remove": "contributor",
    "POST /api/v1/campaigns/{slug:str}/asks": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/asks/{ask:str}/abandon": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/asks/{ask:str}/meet": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/asks/{ask:str}/reopen": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/change": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/dates": "contributor",
    "POST /api/v1/campaigns/{slug:str}/dates/{key:str}/drop": "contributor",
    "POST /api/v1/campaigns/{slug:str}/end": "reviewer",
    "POST /api/v1/campaigns/{slug:str}/notes": "contributor",
    "POST /api/v1/campaigns/{slug:str}/resume": "reviewer",
    "POST /api/v1/claims": "contributor",
    "POST /api/v1/similar": "contributor",
    "POST /api/v1/claims/{claim:str}/accept": "reviewer",
    "POST /api/v1/claims/{claim:str}/contest": "reviewer",
    "POST /api/v1/claims/{claim:str}/correct": "reviewer",
    "POST /api/v1/claims/{claim:str}/refute": "reviewer",
    "POST /api/v1/claims/{claim:str}/reject": "reviewer",
    "POST /api/v1/claims/{claim:str}/retract": "contributor",
    "POST /api/v1/claims/{claim:str}/same-as/{other:str}": "reviewer",
    "POST /api/v1/claims/{claim:str}/separate/{other:str}": "reviewer",
    "POST /api/v1/claims/{claim:str}/sources": "contributor",
    "POST /api/v1/claims/{claim:str}/visibility": "reviewer",
    "POST /api/v1/claims/{claim:str}/withdraw-signatory": "reviewer",
    "POST /record": "contributor",
    "POST /drafts/{draft:str}/dismiss": "contributor",
    "POST /feeds": "admin",
    "POST /feeds/{feed:str}/{change:str}": "admin",
    "POST /sources": "admin",
    "POST /deliveries/{delivery:str}/replay": "admin",
    "POST /sources/{source:str}/{change:str}": "admin",
    "POST /hooks": SIGNED,
    "POST /login": PUBLIC,
    "POST /logout": "viewer",
    "POST /review/{claim:str}": "reviewer",
}
"""Every route and the role it needs: a new route is refused here until it is written down."""
POSTED_BARE: Final = {"/hooks"}
STREAMS: Final = {"/live", "/api/v1/live"}
LET_IN: Final = {200, 201, 303, 400, 404, 409, 410, 415, 422}
"""Whatever a route answers to a request that lacks much, once it lets the caller in."""


def routes(site: Running) -> Iterator[tuple[str, str, str]]:
    """Method, path and role of every route of the application."""
    app = build_app(Serving(site.house))
    for route in app.routes:
        if isinstance(route, ASGIRoute):
            method = "POST" if route.path in POSTED_BARE else "GET"
            yield method, route.path, route.route_handler.opt["role"]
            continue
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            assert isinstance(handler, HTTPRouteHandler)
            for method in handler.http_methods:
                if method != "OPTIONS":
                    yield method, route.path, handler.opt["role"]


def test_every_route_says_which_role_it_needs(site: Running) -> None:
    """The routes are the ones written down here, each with the role written down here."""
    found = {f"{method} {path}": role for method, path, role in routes(site)}
    assert found == NEEDED
    assert set(found.values()) <= set(ACCESS)


def attempt(client: httpx.Client, method: str, path: str) -> int:
    """The status of a request that is let in or not; of a stream the one it begins with."""
    filled = re.sub(r"\{(\w+):str\}", lambda m: _EXAMPLES[m[1]], path)
    with client.stream(method, filled) as answer:
        return answer.status_code


_EXAMPLES: Final = {
    "claim": "no-such-claim",
    "other": "no-such-claim-either",
    "code": "FIN",
    "delivery": "00000000-0000-4000-8000-000000000000",
    "treaty": "APMBC",
    "name": "nothing",
    "step": "check",
    "form": "csv",
    "path": "nothing",
    "source": "no-such-source",
    "feed": "no-such-feed",
    "draft": "00000000-0000-4000-8000-000000000000",
    "change": "disable",
    "measure": "pressure",
    "slug": "no-such-campaign",
    "ask": "no-such-ask",
    "key": "no-such-date",
    "act": "note",
    "login": "00000000-0000-4000-8000-000000000000",
    "person": "00000000-0000-4000-8000-000000000000",
    "invitation": "00000000-0000-4000-8000-000000000000",
}
CASES: Final = [*NEEDED.items()]


@pytest.fixture(scope="module")
def clients(site: Running) -> dict[str, httpx.Client]:
    """A client for every role, without one, with a revoked token and with a made-up one."""
    found: dict[str, httpx.Client] = {role: site.client(role) for role in ROLES}
    revoked = site.token("admin")
    (token,) = [t for t in site.call(site.house.people.tokens(WORKSPACE)) if t.name == "admin"][:1]
    site.call(site.house.people.revoke_token(WORKSPACE, token.id))
    made_up = f"a20_{WORKSPACE}_{'A' * 43}"
    for name, header in (("revoked", revoked), ("made up", made_up), ("garbled", "\t§")):
        found[name] = loopback.Client(
            base_url=site.url, headers={b"Authorization": f"Bearer {header}".encode("latin-1")}
        )
    found["admin"] = site.client("admin")
    return found


@pytest.mark.parametrize(("route", "needed"), CASES, ids=[route for route, _ in CASES])
def test_every_role_at_every_route(
    site: Running, clients: dict[str, httpx.Client], route: str, needed: str
) -> None:
    """A role that reaches is let in, one that does not is 403, and nobody is 401."""
    method, path = route.split(" ")
    if needed == SIGNED:
        path += "/nobody"
    for role in ROLES:
        status = attempt(clients[role], method, path)
        if needed == SIGNED:
            assert status == 400, role
        elif needed == PUBLIC or ROLES.index(role) >= ROLES.index(needed):
            assert status in LET_IN, role
        else:
            assert status == 403, role
    with site.client() as nobody:
        for client in (nobody, clients["revoked"], clients["made up"], clients["garbled"]):
            status = attempt(client, method, path)
            if needed in (PUBLIC, SIGNED):
                assert status in LET_IN
            elif path in PAGES:
                assert status in (303, 401)
            else:
                assert status == 401


CHOSEN: Final = ("{claim:str}", "{source:str}", "{feed:str}", "{slug:str}")


def test_every_name_that_people_choose_has_its_address(site: Running) -> None:
    """No word of another address stands where the id of a claim, or the name of a source, a feed or
    a campaign may, so that a claim may be called `new` and a source `add`."""
    paths = [route.path for route in build_app(Serving(site.house)).routes]
    split = [path.strip("/").split("/") for path in paths]
    seen = set()
    for parts in split:
        for name in CHOSEN:
            if name in parts[1:]:
                place = parts.index(name)
                beside = {p[place] for p in split if p[:place] == parts[:place] and len(p) > place}
                assert beside == {name}, (parts, beside)
                seen.add(name)
    assert seen == set(CHOSEN)


PAGES: Final = {
    "/", "/today", "/governments", "/governments/{code:str}",
    "/governments/{code:str}/{measure:str}", "/claims", "/claims/{claim:str}",
    "/claims/{claim:str}/correct", "/claims/{claim:str}/visibility",
    "/claims/{claim:str}/withdraw-signatory", "/claims/{claim:str}/separate/{other:str}",
    "/record",
    "/export", "/import", "/import/{name:str}", "/import/{name:str}/{step:str}",
    "/import/template/{form:str}", "/import/{name:str}/marked/{form:str}",
    "/commitments", "/compare", "/criticism", "/deadlines", "/integrity", "/integrity/check",
    "/map", "/transfers",
    "/review", "/review/{claim:str}", "/drafts/{draft:str}/dismiss", "/feeds",
    "/feeds/{feed:str}/{change:str}", "/sources",
    "/deliveries/{delivery:str}/replay", "/sources/{source:str}/{change:str}",
    "/account", "/account/logins/end", "/audit",
    "/find", "/review/{claim:str}/same-as/{other:str}", "/review/{claim:str}/separate/{other:str}",
    "/campaigns", "/campaigns/{slug:str}", "/campaigns/{slug:str}/decide/{act:str}",
    "/campaigns/{slug:str}/acts/{act:str}", "/account/logins/{login:str}/end",
    "/account/password", "/people", "/people/invite",
    "/people/invitations/{invitation:str}/withdraw", "/people/{person:str}/disable",
    "/people/{person:str}/enable", "/people/{person:str}/role",
}  # fmt: skip
"""Whoever asks for a page without being logged in is led to the form."""


def test_a_token_reaches_its_own_workspace_only(site: Running) -> None:
    """What one workspace holds is nowhere to be seen with a token of another."""
    name = site.source()
    body = json.dumps(claim(id="ours-alone"))
    answer = loopback.post(
        f"{site.url}/hooks/{name}", content=body, headers=site.signed(name, body, "ours")
    )
    assert answer.status_code == 201
    site.caught_up()
    with site.client("viewer") as ours, site.client("admin", OTHER) as theirs:
        assert ours.get("/api/v1/claims/ours-alone").status_code == 200
        assert theirs.get("/api/v1/claims/ours-alone").status_code == 404
        assert theirs.get("/api/v1/claims").json()["claims"] == []
        assert theirs.get("/api/v1/events").json() == {"head": 0, "events": []}
        decided = theirs.post("/api/v1/claims/ours-alone/retract", json={"reason": "Mine."})
        assert decided.status_code == 404


def test_the_same_address_has_another_tag_in_another_workspace(site: Running) -> None:
    """A tag kept from one workspace never stands for the answer of another."""
    with site.client("viewer") as ours, site.client("viewer", OTHER) as theirs:
        path = "/api/v1/treaties/CCM/parties?known_at=seq:0"
        tag = ours.get(path).headers["etag"]
        assert theirs.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_revoked_token_is_refused_at_once(site: Running) -> None:
    """Revoking takes effect with the next request."""
    text = site.token("viewer")
    headers = {"Authorization": f"Bearer {text}"}
    assert loopback.get(f"{site.url}/api/v1/events", headers=headers).status_code == 200
    token = site.call(site.house.people.token(text))
    assert token is not None
    site.call(site.house.people.revoke_token(WORKSPACE, token.id))
    answer = loopback.get(f"{site.url}/api/v1/events", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_webhook_secret_opens_nothing_else(site: Running) -> None:
    """A machine that may submit may do nothing else: its secret is no token."""
    name = site.source()
    headers = {"Authorization": f"Bearer {site.secrets[name]}"}
    assert loopback.get(f"{site.url}/api/v1/claims", headers=headers).status_code == 401


def form_token(page: str) -> str:
    """The token in a form of a page."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def log_in(client: httpx.Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    """Fill in the form as a browser does."""
    page = client.get("/login").text
    fields = {"email": email, "password": password, "csrf_token": form_token(page)} | more
    return client.post("/login", data=fields)


def test_logging_in_and_out(site: Running) -> None:
    """A right password begins a session in a cookie no script sees; logging out ends it on the
    server."""
    email = site.person("viewer")
    with site.client() as browser:
        answer = log_in(browser, f" {email.upper()} ", next="/today?on=2025-12-27")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/today?on=2025-12-27"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert browser.get("/api/v1/events").status_code == 200
        kept = dict(browser.cookies)
        page = browser.get("/today").text
        answer = browser.post("/logout", data={"csrf_token": form_token(page)})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login"
        old = loopback.get(f"{site.url}/api/v1/events", cookies=kept)
        assert old.status_code == 401


def test_a_page_leads_to_the_login_and_back(site: Running) -> None:
    """Whoever is not logged in and asks for a page gets the form, which remembers the page."""
    with site.client() as browser:
        answer = browser.get("/today?on=2025-12-27", headers={"Accept": "text/html"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=/today%3Fon%3D2025-12-27"


@pytest.mark.parametrize(
    ("sent_from", "led_to"),
    [
        ("{site}/claims/new?kind=open_letter", "/claims/new%3Fkind%3Dopen_letter"),
        ("{site}/today", "/today"),
        ("https://evil.example/today", "/today"),
        ("https://[evil", "/today"),
        ("", "/today"),
    ],
)
def test_a_form_sent_too_late_leads_back_to_its_page(
    site: Running, sent_from: str, led_to: str
) -> None:
    """Whoever sends a form after their login ended comes back to the page it was on, never to the
    address of the form, which is none of a page."""
    headers = {"Accept": "text/html", "Referer": sent_from.format(site=site.url)}
    with site.client() as browser:
        answer = browser.post(
            "/logout", data={"csrf_token": "of a login that ended"}, headers=headers
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/login?next={led_to}"


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil", "today"])
def test_a_login_leads_to_our_own_pages_only(site: Running, place: str) -> None:
    """Nobody is sent to another host after logging in."""
    email = site.person("viewer")
    with site.client() as browser:
        assert log_in(browser, email, next=place).headers["location"] == "/"


def test_a_wrong_password_says_nothing_about_the_email(site: Running) -> None:
    """A wrong password and an unknown e-mail are the same refusal."""
    email = site.person("viewer")
    with site.client() as browser:
        wrong = log_in(browser, email, "not the password")
        unknown = log_in(browser, "nobody@example.org", "not the password")
        disabled = log_in(browser, "no address", "not the password")
    for answer in (wrong, unknown, disabled):
        assert answer.status_code == 401
        assert "The e-mail or the password is not right." in answer.text
        assert "article20_session" not in answer.headers.get("set-cookie", "")


def test_a_login_leads_to_the_workspace_of_its_form(site: Running) -> None:
    """The form of another workspace logs into that one; one of no workspace logs nobody in."""
    facts = {"name": "Ada", "role": "viewer", "password": PASSWORD}
    email = f"{uuid4().hex[:12]}@example.org"
    site.call(site.house.people.add(OTHER, email=email, **facts))  # type: ignore[arg-type]  # a role
    with site.client() as browser:
        page = browser.get(f"/login?workspace={OTHER}").text
        assert f'name="workspace" value="{OTHER}"' in page
        assert log_in(browser, email).status_code == 401
        for nowhere in ("nowhere", "No where", "a\0b"):
            assert log_in(browser, email, workspace=nowhere).status_code == 401
        assert log_in(browser, email, workspace=OTHER).status_code == 303
        assert browser.get("/api/v1/events").headers["article20-position"] == "0"


def test_attempts_are_throttled(site: Running) -> None:
    """After too many failures even the right password is refused for a while; others are not."""
    email, other = site.person("viewer"), site.person("viewer")
    with site.client() as browser:
        for _ in range(site.house.settings.login_attempts_max):
            assert log_in(browser, email, "wrong").status_code == 401
        answer = log_in(browser, email)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= site.house.settings.login_window_seconds
        assert log_in(browser, other).status_code == 303


def test_a_login_form_needs_its_token(site: Running) -> None:
    """A form sent from elsewhere logs nobody in, even with the right password."""
    email = site.person("viewer")
    fields = {"email": email, "password": PASSWORD}
    with site.client() as browser:
        assert browser.post("/login", data=fields).status_code == 403
        token = form_token(browser.get("/login").text)
        browser.cookies.clear()
        assert browser.post("/login", data={**fields, "csrf_token": token}).status_code == 403


def test_writing_with_a_session_needs_its_token(site: Running) -> None:
    """A cookie alone changes nothing: the request carries the token of the session too."""
    email = site.person("reviewer")
    key = {"Idempotency-Key": uuid4().hex}
    with site.client() as browser:
        log_in(browser, email)
        refused = browser.post("/api/v1/claims", json=claim(), headers=key)
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:article20:problem:forged-request"
        token = form_token(browser.get("/today").text)
        headers = {**key, "X-CSRF-Token": token}
        crossing = {**headers, "Sec-Fetch-Site": "cross-site"}
        assert browser.post("/api/v1/claims", json=claim(), headers=crossing).status_code == 403
        assert browser.post("/api/v1/claims", json=claim(), headers=headers).status_code == 201
    by = site.call(site.house.store.at(WORKSPACE, site.head()))
    assert by is not None
    assert str(UUID(by.recorded_by.removeprefix("person:"))) in by.recorded_by


def test_a_changed_password_ends_the_sessions(site: Running) -> None:
    """Whoever was logged in with the old password is so no longer."""
    email = site.person("viewer")
    with site.client() as browser:
        log_in(browser, email)
        assert browser.get("/api/v1/events").status_code == 200
        site.call(site.house.people.set_password(WORKSPACE, email, "another password"))
        assert browser.get("/api/v1/events").status_code == 401
