"""The screens of the desk as stories of two people, in a real browser over the demo: one brings a
claim, the other decides on it."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Demo
from tests.acceptance.test_live_page import criticism, log_in


def window_of(browser: Browser, demo: Demo, role: str, path: str) -> Page:
    """A window without script in which somebody of that role is logged in."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(demo.url + path)
    log_in(page, demo, role)
    return page


@pytest.fixture(scope="module")
def reviewer(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The window of the reviewer."""
    page = window_of(browser, demo, "reviewer", "/review")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def contributor(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The window of the contributor."""
    page = window_of(browser, demo, "contributor", "/today")
    yield page
    page.context.close()


def test_what_a_source_brought_is_decided_on_in_the_queue(reviewer: Page, demo: Demo) -> None:
    """A claim that waits is opened, rejected without a reason in vain, then contested; somebody
    who decided meanwhile is told of."""
    role = ("token", "create", "--role", "reviewer", "--format", "json", "--workspace", "demo")
    # As a process of its own: the browser holds the event loop of this one.
    token = json.loads(demo.program.spawn(*role).stdout)["token"]
    demo.api.headers["Authorization"] = f"Bearer {token}"
    sent = demo.api.post(
        "/claims", json=criticism("desk-story"), headers={"Idempotency-Key": "desk-story"}
    )
    assert sent.status_code == 201, sent.text
    reviewer.goto(f"{demo.url}/review?min_position={sent.json()['position']}&claim=desk-story")
    expect(reviewer.locator("#rv")).to_contain_text("condemned it (desk-story)")
    expect(reviewer.locator("nav .count")).to_contain_text("waiting")
    expect(reviewer.locator(".review")).to_contain_text("Pressure, Finland")
    reviewer.get_by_label("Reject.").check()
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("Say why")
    expect(reviewer.get_by_label("Reject.")).to_be_checked()
    reviewer.get_by_label("Contest.").check()
    reviewer.get_by_label("Why, in one sentence").fill("Finland says that it was not there.")
    decided = demo.api.post("/claims/desk-story/contest", json={"reason": "Somebody was quicker."})
    assert decided.status_code == 200, decided.text
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("contested")
    expect(reviewer.get_by_label("Why, in one sentence")).to_have_value(
        "Finland says that it was not there."
    )
    reviewer.get_by_label("Refute.").check()
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("status").first).to_contain_text("is now refuted")
