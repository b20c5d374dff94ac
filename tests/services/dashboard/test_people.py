"""The pages of people over a real server: inviting, joining, one's own logins, leaving quickly."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.devices import device_of, place_of
from services.wiring import LineFilter, Role
from tests import loopback
from tests.infra.mailbox import mailbox
from tests.services.running import PASSWORD, WORKSPACE, Running, running

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def token_of(page: str) -> str:
    """The token in a form of a page."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
    assert found is not None, page
    return found[1]


@contextmanager
def entered(site: Running, email: str) -> Iterator[httpx.Client]:
    """A browser in which somebody is logged in."""
    agent = {"User-Agent": FIREFOX}
    with loopback.Client(base_url=site.url, timeout=60, headers=agent) as browser:
        fields = {"email": email, "password": PASSWORD}
        fields["csrf_token"] = token_of(browser.get("/login").text)
        assert browser.post("/login", data=fields).status_code == 303
        yield browser


def sent(browser: httpx.Client, page: str, path: str, **fields: Any) -> httpx.Response:
    """The answer to a form of a page."""
    token = token_of(browser.get(page).text)
    return browser.post(path, data={"csrf_token": token, **fields})


@pytest.fixture(scope="module")
def admin(site: Running) -> Iterator[httpx.Client]:
    """The browser of an admin."""
    with entered(site, site.person("admin")) as browser:
        yield browser


def someone(site: Running, role: Role) -> tuple[str, str]:
    """The e-mail and the number of a new person."""
    email = site.person(role)
    members = site.call(site.house.roster.members(WORKSPACE))
    return email, str(next(m.id for m in members if m.email == email))


def actions(site: Running, **asked: Any) -> list[str]:
    """What the audit list tells, newest first."""
    site.call(site.house.audit.flush())
    ask = site.house.audit.lines(WORKSPACE, LineFilter(**asked), after=None, limit=20)
    return [line.action for line in site.call(ask)]


def test_an_invited_person_joins_with_a_link_shown_once(site: Running, admin: httpx.Client) -> None:
    """The admin is shown a link once; whoever opens it chooses a name and a password, is logged in
    with the role that was meant, and the link is over."""
    answer = sent(admin, "/people", "/people/invite", email="new@example.org", role="reviewer")
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r'value="(http://[^"]+/join\?invitation=[^"]+)"', answer.text)
    assert found is not None
    link = found[1]
    listed = admin.get("/people").text
    assert "new@example.org" in listed
    assert link not in listed
    with loopback.Client(timeout=60, base_url=site.url) as newcomer:
        form = newcomer.get(link)
        assert "as reviewer" in form.text
        fields = {"invitation": link.partition("=")[2], "csrf_token": token_of(form.text)}
        short = newcomer.post("/join", data={**fields, "name": "New Comer", "password": "short"})
        assert short.status_code == 422
        assert 'value="New Comer"' in short.text
        fields["csrf_token"] = token_of(short.text)
        joined = newcomer.post("/join", data={**fields, "name": "New Comer", "password": PASSWORD})
        assert (joined.status_code, joined.headers["location"]) == (303, "/")
        assert newcomer.get("/review").status_code == 200
        assert newcomer.get("/people").status_code == 403
        over = newcomer.get(link)
        assert over.status_code == 410
        assert "was used" in over.text
    assert "New Comer" in admin.get("/people").text


def test_an_invitation_is_mailed_where_a_server_is_named(site: Running, module_dsn: str) -> None:
    """Its link arrives by mail and works; one that could not be mailed is said beside the link."""
    with (
        mailbox() as box,
        running(module_dsn, smtp_url=box.url, mail_from="desk@example.org") as other,
        entered(other, other.person("admin")) as admin,
    ):
        sent_to = {"email": f"{uuid4().hex[:8]}@example.org", "role": "viewer"}
        answer = sent(admin, "/people", "/people/invite", **sent_to)
        assert f"Mailed to {sent_to['email']}." in answer.text
        (found,) = box.mails
        link = re.search(r"http://\S+", found.get_content())
        assert link is not None
        assert loopback.get(link[0]).status_code == 200
        refused = sent(admin, "/people", "/people/invite", email=box.refused, role="viewer")
        assert "The mail was not sent" in refused.text
        assert "/join?invitation=" in refused.text


def test_a_forged_form_joins_nobody(site: Running, admin: httpx.Client) -> None:
    """Without the token of its own form nobody joins, and the invitation stays open."""
    answer = sent(admin, "/people", "/people/invite", email="other@example.org", role="viewer")
    secret = re.search(r"invitation=([^\"]+)", answer.text)
    assert secret is not None
    fields = {"invitation": secret[1], "name": "Other", "password": PASSWORD, "csrf_token": "0"}
    assert loopback.post(f"{site.url}/join", data=fields).status_code == 403
    assert site.call(site.house.roster.invited(secret[1])).email == "other@example.org"


def test_a_role_holds_from_the_next_page_on(site: Running, admin: httpx.Client) -> None:
    """A changed role, and being disabled, is felt at once, without another login."""
    email, number = someone(site, "viewer")
    with entered(site, email) as browser:
        assert browser.get("/review").status_code == 403
        assert sent(admin, "/people", f"/people/{number}/role", role="reviewer").status_code == 303
        assert browser.get("/review").status_code == 200
        assert sent(admin, "/people", f"/people/{number}/disable").status_code == 303
        assert browser.get("/today").headers["location"].startswith("/login")
    assert sent(admin, "/people", f"/people/{number}/enable").status_code == 303
    told = admin.get(f"/people?q={number}&done=enabled")
    assert "may log in again" in told.text
    assert "Nobody matches" in told.text


@pytest.mark.parametrize(
    ("path", "fields", "status", "says"),
    [
        ("/people/invite", {"email": "no address", "role": "viewer"}, 422, "name@example.org"),
        ("/people/invite", {"email": "a@example.org", "role": "king"}, 422, "Choose a role."),
        ("/people/nobody/role", {"role": "viewer"}, 404, "no such person"),
        ("/people/00000000-0000-4000-8000-000000000000/role", {"role": "king"}, 422, "the role"),
        ("/people/invitations/none/withdraw", {}, 410, "withdrawn"),
    ],
)
def test_what_cannot_be_done_is_said_on_the_page(
    admin: httpx.Client, path: str, fields: dict[str, str], status: int, says: str
) -> None:
    """The list is shown again with what is wrong and what to do."""
    answer = sent(admin, "/people", path, **fields)
    assert answer.status_code == status
    assert says in answer.text
    assert 'role="alert"' in answer.text


def test_the_list_of_people_is_downloaded_as_shown(site: Running, admin: httpx.Client) -> None:
    """The file holds the people of the page, under its filter, and the audit list says so."""
    site.person("contributor")
    rows = admin.get("/people?role=contributor&format=json").json()["rows"]
    assert rows
    assert {row["role"] for row in rows} == {"contributor"}


def test_logins_are_seen_and_ended(site: Running) -> None:
    """One's logins are listed by device and network; ending one logs that browser out, ending all
    others leaves this one."""
    email = site.person("viewer")
    with entered(site, email) as here, entered(site, email) as there, entered(site, email) as far:
        page = here.get("/account").text
        assert page.count("Firefox on Linux") >= 3
        assert "The machine that serves" in page
        ends = re.findall(r"/account/logins/([0-9a-f-]{36})/end", there.get("/account").text)
        current = re.search(
            r'aria-current="true">.*?/account/logins/([0-9a-f-]{36})/end',
            there.get("/account").text,
            re.DOTALL,
        )
        assert current is not None
        assert len(ends) == 3
        assert sent(here, "/account", f"/account/logins/{current[1]}/end").status_code == 303
        assert there.get("/today").status_code == 303
        assert sent(here, "/account", "/account/logins/end", which="others").status_code == 303
        assert far.get("/today").status_code == 303
        assert here.get("/today").status_code == 200
        gone = sent(here, "/account", "/account/logins/end", which="all")
        assert gone.headers["location"] == "/login"
        assert here.get("/today").status_code == 303


def test_a_password_is_changed_on_the_account_page(site: Running) -> None:
    """The present password is asked for; a wrong one changes nothing and says so."""
    with entered(site, site.person("viewer")) as browser:
        wrong = sent(browser, "/account", "/account/password", present="x", new="y" * 12)
        assert wrong.status_code == 422
        assert "Nothing was changed" in wrong.text
        right = sent(browser, "/account", "/account/password", present=PASSWORD, new="y" * 12)
        assert right.headers["location"] == "/account?done=password"


def test_leaving_quickly_ends_the_login_and_clears_the_browser(site: Running) -> None:
    """One form without any token: the login ends on the server, the cookie goes, the browser is
    told to forget, and a page that names nothing follows."""
    with entered(site, site.person("viewer")) as browser:
        kept = dict(browser.cookies)
        answer = browser.post("/leave")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/away"
        assert "cookies" in answer.headers["clear-site-data"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        away = browser.get("/away").text
        assert "article20" not in away.casefold()
        old = loopback.get(f"{site.url}/today", cookies=kept)
        assert old.status_code == 303
    assert actions(site)[0] == "left_quickly"


def test_another_site_makes_nobody_leave(site: Running) -> None:
    """A request that another site made clears nothing."""
    with entered(site, site.person("viewer")) as browser:
        answer = browser.post("/leave", headers={"Sec-Fetch-Site": "cross-site"})
        assert "clear-site-data" not in answer.headers
        assert browser.get("/today").status_code == 200


def test_a_machine_has_no_account(site: Running) -> None:
    """An API token sees that it has none, and changes nothing."""
    with site.client("admin") as machine:
        assert "This is a machine" in machine.get("/account").text
        assert machine.post("/account/logins/end").status_code == 409


@pytest.mark.parametrize(
    ("agent", "says"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("", "an unknown browser"),
        ("curl/8.0 secret@example.org", "an unknown browser"),
    ],
)
def test_a_device_is_told_coarsely(agent: str, says: str) -> None:
    """A browser and a system, and nothing else of what it sent."""
    assert device_of(agent) == says


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("8.8.4.4", "network 8.8.0.0/16"),
        ("2001:4860:4860::8888", "network 2001:4860::/32"),
        ("::ffff:8.8.4.4", "network 8.8.0.0/16"),
        ("127.0.0.1", "the machine that serves"),
        ("10.1.2.3", "a private network"),
        ("not an address", "an unknown network"),
    ],
)
def test_a_place_is_told_coarsely(address: str, says: str) -> None:
    """The network alone: no household can be told from it."""
    assert place_of(address) == says
