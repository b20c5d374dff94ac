"""A form that is sent after its session ended: what was typed is given back, to who typed it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.services.api.test_access import log_in
from tests.services.dashboard.filling import PATH
from tests.services.dashboard.markup import Markup
from tests.services.dashboard.test_recording import on_file, plain_form, recorded, sent
from tests.services.running import Running

OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form of the same host."""


@pytest.fixture
def person(site: Running) -> str:
    """The address of a contributor."""
    return site.person("contributor")


@pytest.fixture
def browser(site: Running, person: str) -> Iterator[httpx.Client]:
    """A client in which the contributor is logged in."""
    with site.client() as client:
        log_in(client, person)
        yield client


def given_back(answer: httpx.Response) -> dict[str, str]:
    """The fields of the form that a page gives back."""
    page = Markup(answer.text)
    names = page.values("#again input", "name")
    return dict(zip(names, page.values("#again input", "value"), strict=True))


def test_what_was_typed_outlives_the_session(
    site: Running, browser: httpx.Client, person: str
) -> None:
    """Who sends a form after the login ended is told so and gets all of it back, goes on once
    logged in again, and records what they typed, once."""
    form = plain_form(browser) | {"action": "record"}
    browser.cookies.clear()
    ended = browser.post(PATH, data=form, headers=OURS)
    assert (ended.status_code, ended.headers["cache-control"]) == (401, "no-store")
    typed = {name: value for name, value in form.items() if name != "csrf_token"}
    assert given_back(ended) == typed
    log_in(browser, person)
    back = browser.post(PATH, data=given_back(ended), headers=OURS)
    assert back.status_code == 403
    whole = given_back(back)
    assert {name: value for name, value in whole.items() if name != "csrf_token"} == typed
    name = recorded(sent(browser, whole))
    assert on_file(site, name)["summary"] == form["summary"]


def test_a_form_outlives_another_login(browser: httpx.Client, person: str) -> None:
    """A form opened before somebody logged in again, in another tab, is sent once more with one
    press, and recorded."""
    form = plain_form(browser) | {"action": "record"}
    log_in(browser, person)
    back = browser.post(PATH, data=form, headers=OURS)
    recorded(sent(browser, given_back(back)))


def test_nothing_is_given_back_to_others(site: Running, browser: httpx.Client) -> None:
    """What another site had a browser send, or no browser at all, comes back from nowhere, and no
    password ever does."""
    form = plain_form(browser) | {"action": "record", "csrf_token": "forged"}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = browser.post(PATH, data=form, headers=headers)
        assert (answer.status_code, given_back(answer)) == (403, {})
        with site.client() as stranger:
            answer = stranger.post(PATH, data=form, headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=")
    secret = {"password": "old one", "new_password": "new one", "other": "kept"}
    with site.client() as stranger:
        answer = stranger.post("/account/password", data=secret, headers=OURS)
    assert given_back(answer) == {"other": "kept"}
