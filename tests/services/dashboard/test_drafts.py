"""Feeds and drafts on the page Sources, over HTTP: followed by an admin, read from a publisher on
loopback, and recorded or dismissed by a contributor."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.services.api.test_access import form_token
from tests.services.dashboard.filling import PATH as FORM
from tests.services.dashboard.filling import fields_of
from tests.services.dashboard.test_recording import on_file, recorded, sent
from tests.services.dashboard.test_sources_page import PATH, logged_in
from tests.services.publishing import asking, publisher
from tests.services.running import WORKSPACE, Running
from tests.services.test_feeding import atom


@pytest.fixture(scope="module")
def web() -> Iterator[Any]:
    """A publisher; `answers` by path."""
    with publisher() as found:
        yield found


@pytest.fixture(scope="module")
def site(module_dsn: str, web: Any) -> Iterator[Running]:
    """A server that may ask the publisher of the test, when it is told to."""
    with asking(module_dsn, web) as found:
        yield found


@pytest.fixture(scope="module")
def admin(site: Running) -> Iterator[httpx.Client]:
    """A client in which an admin is logged in."""
    with logged_in(site, "admin") as client:
        yield client


def post(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """The answer to a form of the page."""
    token = form_token(client.get(PATH).text)
    return client.post(path, data=fields | {"csrf_token": token})


def followed(admin: httpx.Client, web: Any, *entries: tuple[str, str]) -> str:
    """The name of a feed that was followed and read."""
    name = f"feed-{uuid4().hex[:8]}"
    web.answers[f"/{name}"] = (200, {}, atom(*entries))
    url = f"http://{web.host}/{name}"
    assert post(admin, "/feeds", name=name, url=url).status_code == 303
    answer = post(admin, f"/feeds/{name}/poll")
    assert answer.headers["location"] == "/sources?done=feed-polled#drafts-h"
    return name


def waiting(site: Running, name: str) -> dict[str, str]:
    """Title -> number of the drafts of a feed that wait."""
    _count, found = site.call(site.house.feeds.drafts(WORKSPACE, limit=500))
    return {draft.title: str(draft.draft) for draft in found if draft.feed == name}


def test_an_entry_becomes_a_claim_by_a_person_alone(
    site: Running, admin: httpx.Client, web: Any
) -> None:
    """A draft opens the form with its title, itself as the source and its day; once the claim is
    recorded, the draft waits no longer, and the same draft opens no second form."""
    title = f"Norway objects ({uuid4().hex[:6]})"
    name = followed(admin, web, ("1", title), ("2", "Something else"))
    draft = waiting(site, name)[title]
    with logged_in(site, "contributor") as browser:
        page = browser.get(PATH).text
        assert f"{FORM}?draft={draft}" in page
        assert f"/feeds/{name}/" not in page
        form = fields_of(browser.get(FORM, params={"draft": draft}).text)
        assert form["summary"] == form["sources.0.title"] == title
        assert form["sources.0.url"] == "https://example.org/1"
        assert form["occurred_on"] == form["sources.0.published_on"] == "2026-02-18"
        assert form["sources.0.publisher"] == "Campaign news"
        form |= {"kind": "award_received", "actors.0.who": "Norway", "targets.0": "Poland"}
        again = browser.post(FORM, data=form | {"kind": "", "action": "record"})
        assert again.status_code == 422
        assert f'name="draft" value="{draft}"' in again.text
        claim = recorded(sent(browser, form))
        assert on_file(site, claim)["sources"][0]["url"] == "https://example.org/1"
        assert title not in waiting(site, name)
        assert browser.get(FORM, params={"draft": draft}).status_code == 404
        assert recorded(sent(browser, form)) == claim
        other = waiting(site, name)["Something else"]
        assert post(browser, f"/drafts/{other}/dismiss").status_code == 303
        assert post(browser, f"/drafts/{other}/dismiss").status_code == 404
        assert post(browser, "/drafts/nonsense/dismiss").status_code == 404
    assert waiting(site, name) == {}
    decided = site.call(site.house.feeds.draft(WORKSPACE, UUID(draft)))
    assert decided.claim == claim


def test_a_feed_is_left_and_followed_again(site: Running, admin: httpx.Client, web: Any) -> None:
    """A feed is disabled and enabled; one that cannot be read says why."""
    name = followed(admin, web, ("1", "An entry"))
    assert post(admin, f"/feeds/{name}/disable").status_code == 303
    assert post(admin, f"/feeds/{name}/poll").status_code == 404
    assert post(admin, f"/feeds/{name}/enable").status_code == 303
    web.answers[f"/{name}"] = (500, {}, b"")
    answer = post(admin, f"/feeds/{name}/poll")
    assert answer.status_code == 409
    assert "The publisher answered 500." in answer.text
    assert "Cannot be read" in admin.get(PATH).text
    assert post(admin, f"/feeds/{name}/explode").status_code == 404
    assert post(admin, "/feeds/no-such-feed/disable").status_code == 404


@pytest.mark.parametrize(
    ("name", "url", "status"),
    [
        ("No Good", "https://example.org/feed", 422),
        ("inside", "http://user@169.254.169.254/", 422),
        ("number", "http://2130706433/", 422),
    ],
)
def test_a_feed_that_may_not_be_asked_is_refused(
    admin: httpx.Client, name: str, url: str, status: int
) -> None:
    """The refusal stands beside the address that was typed."""
    answer = post(admin, "/feeds", name=name, url=url)
    assert answer.status_code == status
    assert f'value="{url}"' in answer.text
    assert 'id="url-e"' in answer.text


def test_only_admins_follow_feeds(site: Running) -> None:
    """A contributor works on drafts and follows nothing."""
    with logged_in(site, "contributor") as client:
        assert post(client, "/feeds", name="x", url="https://example.org").status_code == 403
