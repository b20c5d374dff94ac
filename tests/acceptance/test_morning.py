"""The morning look and the brief, as stories in a real browser over the demo: what Today tells at a
glance and where each of it leads, and a brief on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Demo
from tests.acceptance.test_live_page import log_in

EVE = "on=2026-02-19"
"""The day before Poland stops being a party."""
PAGES_MAX = 20


@pytest.fixture
def window(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A window in which the reviewer looks at Today on the eve of an exit."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{demo.url}/today?{EVE}")
    log_in(page, demo, "reviewer")
    expect(page.get_by_role("heading", level=1)).to_contain_text("tomorrow")
    yield page
    context.close()


def test_the_morning_look_answers_four_questions(window: Page) -> None:
    """Which clocks run, what waits, who does much and hears little, what changed last: Today says
    it, first of all the exit of tomorrow."""
    expect(window.get_by_role("heading", level=1)).to_have_text(
        "Poland stops being a State Party tomorrow"
    )
    first = window.locator("section", has_text="Next legal dates").locator("tbody tr").first
    expect(first).to_contain_text("1 day")
    expect(first).to_contain_text("Poland")
    assert window.locator("#gap tbody tr").count() > 1
    for heading in ("Waiting for review", "Under-pressured governments", "What changed last"):
        expect(window.get_by_role("heading", name=heading)).to_be_visible()


def test_what_the_morning_tells_opens_and_keeps_the_day(window: Page) -> None:
    """From a clock to its government, from a number to its terms, from a change to its claim: the
    day that was asked about goes along."""
    for where, leads_to in (
        ("section:has-text('Next legal dates') tbody a[href*='/governments/']", "/governments/POL"),
        ("#gap tbody tr:has-text('Poland') a[href*='/erosion']", "/governments/POL/erosion"),
        ("section:has-text('What changed last') tbody a[href*='/claims/']", "/claims/"),
    ):
        window.locator(where).first.click()
        expect(window).to_have_url(re.compile(f"{leads_to}.*{EVE}"))
        window.go_back()
        expect(window).to_have_url(re.compile("/today"))


def test_a_brief_is_printed(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    """The brief of a government, written by the program, opens without a server, is in full on A4,
    and every note in it has its source."""
    brief, paper = tmp_path / "poland.html", tmp_path / "poland.pdf"
    asked_for = ("--on", "2025-12-31", "--workspace", "demo")
    # As a process of its own: the browser holds the event loop of this one.
    demo.program.spawn("report", "government", "POL", *asked_for, "--out", str(brief))
    context = browser.new_context(viewport={"width": 794, "height": 1123})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(brief.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Poland")
    notes = page.locator("a[href^='#']").evaluate_all("all => all.map((a) => a.hash.slice(1))")
    assert notes
    assert page.evaluate("ids => ids.every((id) => document.getElementById(id))", notes)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 794
    page.pdf(path=paper, format="A4")
    printed = paper.read_bytes()
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= PAGES_MAX
    assert asked == [brief.as_uri()]
    context.close()
