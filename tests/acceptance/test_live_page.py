"""The main job in a browser: log in, read where Finland stands, and see the page follow a signed
webhook."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Demo


def criticism(name: str) -> dict[str, Any]:
    """A criticism of Finland that nobody voiced."""
    return {
        "id": name,
        "kind": "statement_of_criticism",
        "treaty": "APMBC",
        "occurred_on": "2026-02-20",
        "actors": [{"kind": "io", "name": "An organisation made up for a test"}],
        "targets": ["FIN"],
        "summary": f"An organisation made up for a test condemned it ({name}).",
        "details": {"strength": "condemnation", "forum": "un", "stance": "critical"},
        "sources": [{"publisher": "A test", "reliability": "A", "credibility": 1}],
    }


def log_in(page: Page, demo: Demo, role: str = "viewer") -> None:
    """Log in by the form, as a person does, until the page that was asked for is painted."""
    email, password = demo.password(role)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page).not_to_have_url(re.compile("/login"))
    page.wait_for_load_state()


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The Government page of Finland, reached through the login."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    window = context.new_page()
    window.goto(f"{demo.url}/governments/FIN")
    expect(window).to_have_url(re.compile("/login"))
    log_in(window, demo)
    expect(window).to_have_url(f"{demo.url}/governments/FIN")
    yield window
    context.close()


def test_finland_is_a_former_party(page: Page) -> None:
    """The page says that Finland is a former party since 10 January 2026."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Finland")
    expect(page.locator("#standing")).to_contain_text("Left")
    expect(page.locator(".lead")).to_contain_text("Former party since 10 Jan 2026")


def test_a_webhook_changes_the_open_page(page: Page, demo: Demo) -> None:
    """A signed webhook is accepted; the open page shows the position and the
    new pressure, and it was not loaded again."""
    expect(page.locator("#live")).to_contain_text("Live, position")
    before = page.locator("#pressure").text_content() or ""
    page.evaluate("window.stillTheSamePage = true")
    answer = demo.send(criticism("live-1"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "accepted"
    position = answer.json()["position"]
    expect(page.locator("#live")).to_have_text(f"Live, position {position}")
    expect(page.locator("#pressure")).not_to_have_text(before)
    assert page.evaluate("window.stillTheSamePage") is True


def test_the_page_says_what_is_new_and_lists_it_on_demand(page: Page, demo: Demo) -> None:
    """The reader is told of the record; the list moves only when asked to, then holds it."""
    expect(page.locator("#live")).to_contain_text("Live, position")
    assert demo.send(criticism("live-2")).status_code == 201
    expect(page.locator("#news")).to_be_visible(timeout=10_000)
    assert page.locator("[data-record='live-2']").count() == 0
    page.locator("#news").get_by_role("button", name=re.compile("Show")).first.click()
    expect(page.locator("[data-record='live-2']")).to_be_visible(timeout=10_000)


def test_the_pages_are_useful_without_javascript(browser: Browser, demo: Demo) -> None:
    """Today and Government answer their questions with scripts turned off."""
    context = browser.new_context(java_script_enabled=False)
    window = context.new_page()
    window.goto(demo.url)
    log_in(window, demo)
    window.goto(f"{demo.url}/today")
    expect(window.get_by_role("heading", level=1)).not_to_be_empty()
    expect(window.locator("main")).to_contain_text("bound")
    window.goto(f"{demo.url}/governments/POL?on=2026-02-19")
    expect(window.locator("main")).to_contain_text("20 Feb 2026, expected")
    context.close()


def test_a_past_page_stands_still(browser: Browser, demo: Demo) -> None:
    """As of an earlier day, the page shows that day and follows nothing."""
    context = browser.new_context()
    window = context.new_page()
    window.goto(f"{demo.url}/governments/FIN?on=2025-12-31")
    log_in(window, demo)
    expect(window.locator("main")).to_contain_text("State Party until 10 Jan 2026, expected")
    before = window.locator("main").inner_text()
    assert demo.send(criticism("live-3")).status_code == 201
    window.wait_for_timeout(1500)
    assert window.locator("main").inner_text() == before
    context.close()
