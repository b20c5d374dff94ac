"""Keys in a real browser over a real server: review without a mouse, the palette, leaving."""

import re
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import loopback
from tests.services.dashboard.shots import chromium
from tests.services.running import PASSWORD, Running, claim

TRIES_MAX = 600


@pytest.fixture(scope="module")
def browser(site: Running) -> Iterator[Browser]:
    """One browser for all tests of this module; the server first, for it needs the event loop."""
    assert site.url
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()


def window(browser: Browser, site: Running, path: str, *, script: bool = True) -> Page:
    """A window in which a new reviewer is logged in and looks at a page."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, java_script_enabled=script
    )
    page = context.new_page()
    page.goto(f"{site.url}/login?next={path}")
    page.get_by_label("Email").fill(site.person("admin"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{site.url}{path}")
    return page


def recorded(site: Running, **changes: object) -> str:
    """The id of a new claim that waits."""
    name = f"c-{uuid4().hex[:10]}"
    with site.client("contributor") as machine:
        key = {"Idempotency-Key": name}
        sent = machine.post("/api/v1/claims", json=claim(id=name, **changes), headers=key)
        assert sent.status_code == 201, sent.text
    site.caught_up()
    return name


@pytest.fixture
def waiting(site: Running) -> list[str]:
    """Three claims that wait, of different people and days."""
    return [
        recorded(
            site,
            occurred_on=f"2025-0{n}-11",
            actors=[{"kind": "ngo", "name": f"Group {uuid4().hex[:6]}"}],
            summary=f"Group {n} spoke of a wholly different matter {uuid4().hex}.",
        )
        for n in (1, 4, 8)
    ]


def status(site: Running, name: str) -> str:
    """Where a claim stands."""
    site.caught_up()
    with site.client("viewer") as machine:
        return str(machine.get(f"/api/v1/claims/{name}").json()["status"])


def press(page: Page, key: str) -> None:
    """Press a key once the page that is shown can hear it: its script comes after what it shows."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def press_twice(page: Page, seconds: float = 0.2) -> None:
    """Press Escape and again so much later by the browser's clock, however long it takes here."""
    page.wait_for_load_state()
    session = page.context.new_cdp_session(page)
    for at in (time.time() - seconds, time.time()):
        for what in ("rawKeyDown", "keyUp"):
            stroke = {"type": what, "key": "Escape", "code": "Escape", "timestamp": at}
            session.send("Input.dispatchKeyEvent", stroke | {"windowsVirtualKeyCode": 27})


def chosen(page: Page) -> str:
    """The claim that is opened in Review."""
    action = page.locator("#decision").get_attribute("action")
    assert action is not None
    return action.rpartition("/")[2]


def test_the_queue_is_worked_through_with_keys_alone(
    browser: Browser, site: Running, waiting: list[str]
) -> None:
    """j and k go through the queue; a and Enter accept; r asks for a reason, Enter rejects."""
    page = window(browser, site, "/review")
    first = chosen(page)
    press(page, "j")
    expect(page.locator("#decision")).not_to_have_attribute("action", f"/review/{first}")
    second = chosen(page)
    press(page, "k")
    expect(page.locator("#decision")).to_have_attribute("action", f"/review/{first}")
    press(page, "a")
    expect(page.get_by_role("button", name="Record decision")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("status").first).to_contain_text("is now accepted")
    assert status(site, first) == "accepted"
    expect(page.locator("#decision")).to_have_attribute("action", f"/review/{second}")
    press(page, "r")
    expect(page.get_by_label("Why, in one sentence")).to_be_focused()
    page.keyboard.type("just a rejection, with j and k in it")
    press(page, "Enter")
    expect(page.get_by_role("status").first).to_contain_text("is now rejected")
    assert status(site, second) == "rejected"
    press(page, "c")
    expect(page.get_by_label("Contest.")).to_be_checked()
    page.context.close()


def test_one_who_recorded_a_claim_is_told_why_they_cannot_accept_it(
    browser: Browser, site: Running
) -> None:
    """Instead of choosing, a leads to the sentence that a second person has to accept."""
    page = window(browser, site, "/account")
    token = page.locator("form[action='/account/password'] input[name=csrf_token]")
    name = f"own-{uuid4().hex[:8]}"
    answer = page.request.post(
        f"{site.url}/api/v1/claims",
        data=claim(id=name),
        headers={
            "Idempotency-Key": name,
            "X-CSRF-Token": token.get_attribute("value") or "",
            "Content-Type": "application/json",
        },
    )
    assert answer.status == 201, answer.text()
    site.caught_up()
    page.goto(f"{site.url}/review?claim={name}")
    press(page, "a")
    expect(page.locator("[data-key=a]")).to_be_focused()
    expect(page.locator("[data-key=a]")).to_contain_text("a second person has to accept it")
    assert page.get_by_label("Accept.").count() == 0
    page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_two_claims_of_one_happening_are_joined_and_parted(
    browser: Browser, site: Running, script: bool
) -> None:
    """Side by side, s (or the button, without script) declares them the same, the other button
    parts them; each says what became of it."""
    words = f"Group {uuid4().hex[:8]} criticised Finland for its exit."
    facts = {"summary": words, "actors": [{"kind": "ngo", "name": words[:14]}]}
    first, second = recorded(site, **facts), recorded(site, **facts)
    page = window(browser, site, f"/review?claim={second}", script=script)
    expect(page.locator(".pair").first).to_contain_text(first)
    if script:
        press(page, "s")
    else:
        page.get_by_role("button", name="The same happening").first.click()
    expect(page.get_by_role("status").first).to_contain_text("declared the same as another")
    page.get_by_role("button", name="Separate them again").click()
    expect(page.get_by_role("status").first).to_contain_text("separated from another")
    expect(page.get_by_role("button", name="Separate them again")).to_have_count(0)
    page.context.close()


def test_the_palette_finds_pages_governments_and_claims(browser: Browser, site: Running) -> None:
    """Ctrl-K or / opens it, what fits appears while one types, arrows and Enter go there, and a
    government by its name is one Enter away; single keys rest meanwhile."""
    word = f"zeppelin{uuid4().hex[:6]}"
    name = recorded(site, summary=f"A {word} flew over Finland.")
    page = window(browser, site, "/today")
    press(page, "Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("jk au")
    press(page, "Control+a")
    page.keyboard.type(word)
    expect(page.locator("#results")).to_contain_text("flew over Finland")
    press(page, "ArrowDown")
    press(page, "Enter")
    page.wait_for_url(f"{site.url}/claims/{name}")
    press(page, "/")
    page.keyboard.type("aud")
    expect(page.locator("#results a")).to_have_text(["Audit list", "Saudi Arabia"][::-1])
    press(page, "Control+a")
    page.keyboard.type("Suomi")
    press(page, "Enter")
    page.wait_for_url(f"{site.url}/governments/FIN")
    page.goto(f"{site.url}/find?q=xyzzy")
    expect(page.locator("#found")).to_contain_text("Nothing fits")
    page.context.close()


def test_keys_are_listed_and_can_be_put_off(
    browser: Browser, site: Running, waiting: list[str]
) -> None:
    """? lists them; put off, single keys do nothing any more, also on the next page, while Ctrl-K
    and the visible controls go on."""
    page = window(browser, site, "/review")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("leave quickly")
    page.get_by_label("Single keys work").uncheck()
    press(page, "Escape")
    page.reload()
    first = chosen(page)
    press(page, "a")
    press(page, "j")
    press(page, "Control+k")
    expect(page.locator("#find")).to_be_focused()
    press(page, "Escape")
    assert chosen(page) == first
    expect(page.get_by_label("Accept.")).not_to_be_checked()
    page.context.close()


def test_escape_twice_leaves_and_back_does_not_return(browser: Browser, site: Running) -> None:
    """The page is gone at once, the login has ended, and Back shows the login and nothing else."""
    page = window(browser, site, "/governments/FIN")
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    press_twice(page)
    page.wait_for_url("about:blank")
    assert page.content() == "<html><head></head><body></body></html>"
    # The request outlives the page, so it may still be on its way.
    for _ in range(TRIES_MAX):
        if loopback.get(f"{site.url}/today", cookies=cookies).status_code == 303:
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail("the login did not end")
    page.go_back()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert "Finland" not in page.content()
    page.context.close()


def test_leaving_works_without_script(browser: Browser, site: Running) -> None:
    """The button is a form: a blank page that names nothing follows, and Back meets the login."""
    page = window(browser, site, "/governments/FIN", script=False)
    page.get_by_role("button", name="Leave quickly").click()
    page.wait_for_url(f"{site.url}/away")
    assert page.title() == "New tab"
    assert not re.search("article20|finland", page.content(), re.IGNORECASE)
    page.go_back()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.context.close()


def test_the_bar_holds_every_page(browser: Browser, site: Running) -> None:
    """With every page that an admin may open, the bar is no wider than the window, however wide."""
    page = window(browser, site, "/today")
    for width in (1440, 1280, 1249, 1100, 700, 390):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.context.close()
