"""The pages in a real browser: whole under the policy, within reach, and live in place."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from services.dashboard.charts.figures import Interval
from services.dashboard.language import ENGLISH, LANGUAGES, choose, tongue
from services.dashboard.models.claims import ClaimAsk
from services.dashboard.models.shapes import GovernmentPage, Number, Record
from tests.services.dashboard import axe, gallery, poland, samples, screens
from tests.services.dashboard.shots import chromium
from tests.services.dashboard.stage import Stage, served

PATH = "/governments/POL"
PAGES: Final = gallery.in_english()
PAINTED: Final = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Ends when a changed window has been drawn."""


A4: Final[ViewportSize] = {"width": 673, "height": 980}
"""What an A4 page holds between the margins of print, in px."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this module."""
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()


class Window(NamedTuple):
    """A window before a server that shows every sample, and what its console said."""

    page: Page
    address: str
    said: list[str]


@pytest.fixture(scope="module")
def exhibition(browser: Browser) -> Iterator[Window]:
    """One window for all samples."""
    with served() as stage:
        for name, sample in PAGES.items():
            stage.show(f"/{name}", sample)
        # Otherwise a change of scheme passes through shades that nobody reads by.
        context = browser.new_context(reduced_motion="reduce")
        axe.prepare(context)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield Window(page, stage.address, said)
        context.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A server that shows what these tests look at."""
    with served() as stage:
        for name in ("today", "government-past"):
            stage.show(f"/{name}", PAGES[name])
        stage.show(PATH, poland.poland(opened=False))
        yield stage


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of a desk, closed afterwards."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, stage: Stage) -> Page:
    """The Government page of Poland, following the stream."""
    page = context.new_page()
    page.goto(stage.address + PATH)
    expect(page.locator("#live")).to_have_text("Live, position 412")
    return page


def moved_on(position: int = 413) -> GovernmentPage:
    """Poland after one further act: erosion higher, one record more."""
    before = poland.poland(opened=False)
    record = Record(
        claim="pol-2026-02-19-order",
        occurred_on="2026-02-19",
        lane="mines",
        title="Poland orders mines from Belma",
        sources="PAP",
        status="accepted",
    )
    erosion = msgspec.structs.replace(before.numbers[0], now=Interval(91, 80, 95, 10))
    live = msgspec.structs.replace(before.frame.live, position=position)
    numbers: tuple[Number, ...] = (erosion, *before.numbers[1:])
    return msgspec.structs.replace(
        before,
        frame=msgspec.structs.replace(before.frame, live=live),
        numbers=numbers,
        records=(record, *before.records),
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_within_reach(exhibition: Window, name: str) -> None:
    """On a phone and on a desk, light and dark: no script error, nothing that the policy refuses,
    nothing wider than the window, and no fault that axe knows of WCAG 2.2 AA."""
    page = exhibition.page
    page.set_viewport_size({"width": 390, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{exhibition.address}/{name}")
    assert_within_reach(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="dark")
    page.evaluate(PAINTED)
    assert_within_reach(page)
    assert exhibition.said == []


@pytest.mark.parametrize("name", ["government", "criticism", "transfers", "explain"])
def test_a_printed_page_fits_the_paper(exhibition: Window, name: str) -> None:
    """On A4 between its margins nothing is cut off on the right."""
    page = exhibition.page
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    page.goto(f"{exhibition.address}/{name}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.emulate_media(media="screen")
    assert wide <= A4["width"]


LENGTHEN = """() => {
  const told = "main :is(h1, .claim, .sub, .soft, .queue b, dd):not(.d *, .n *)";
  for (const part of document.querySelectorAll(told))
    if (part.querySelector("svg, input, button, table") === null)
      part.append(" " + "w".repeat(160));
}"""
"""A word longer than a line wherever a page shows what people and sources wrote."""


@pytest.mark.parametrize("name", ["today", "claims", "claim", "review", "government", "explain"])
def test_a_word_longer_than_a_line_is_broken(exhibition: Window, name: str) -> None:
    """Whatever somebody wrote, on a phone, on a tablet and on a desk no page gets wider for it."""
    page = exhibition.page
    page.goto(f"{exhibition.address}/{name}")
    page.evaluate(LENGTHEN)
    for width in (390, 720, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide in a window of {width} px"


def assert_within_reach(page: Page) -> None:
    """Nothing is wider than the window, and axe finds no fault."""
    wide, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= width, f"{wide} px wide in a window of {width} px"
    axe.assert_no_fault(page)


def test_a_record_accepted_meanwhile_changes_the_open_page(page: Page, stage: Stage) -> None:
    """The number changes in place, a notice names what changed, and the list waits for Show."""
    stage.show(PATH, moved_on())
    stage.announce(413, ("POL",))
    expect(page.locator("#erosion")).to_contain_text("91")
    expect(page.locator("#live")).to_have_text("Live, position 413")
    notice = page.get_by_role("status").filter(has_text="1 newer record")
    expect(notice).to_contain_text(
        "1 newer record: Poland orders mines from Belma. Erosion 80 → 91."
    )
    assert page.locator("[data-record='pol-2026-02-19-order']").count() == 0
    notice.get_by_role("button", name="Show").click()
    expect(page.locator("[data-record='pol-2026-02-19-order'] a")).to_be_focused()
    expect(page.locator(".toast")).to_have_count(0)


def test_nothing_moves_under_the_reader(page: Page, stage: Stage) -> None:
    """Scroll and focus stay where they are while regions are put in place."""
    link = page.locator("#e-ohchr-2025-turk a")
    link.focus()
    page.wait_for_function("scrollY > 0")
    before = link.bounding_box()
    stage.show(PATH, moved_on())
    stage.announce(413, ("POL",))
    expect(page.locator("#erosion")).to_contain_text("91")
    expect(link).to_be_focused()
    assert link.bounding_box() == before


def test_the_focus_stays_in_a_region_that_is_put_in_place(page: Page, stage: Stage) -> None:
    """Who stands on a link of the steps still stands on it afterwards."""
    link = page.locator("#steps-APMBC a")
    link.focus()
    fresh = moved_on()
    first = fresh.standings[0]
    stage_one = msgspec.structs.replace(first.stages[0], summary="Prime minister, in the Sejm")
    standing = msgspec.structs.replace(first, stages=(stage_one, *first.stages[1:]))
    stage.show(PATH, msgspec.structs.replace(fresh, standings=(standing, *fresh.standings[1:])))
    stage.announce(413, ("POL",))
    expect(page.locator("#steps-APMBC")).to_contain_text("Prime minister, in the Sejm")
    expect(page.locator("#steps-APMBC a")).to_be_focused()


def test_what_does_not_concern_the_page_moves_the_position_alone(page: Page, stage: Stage) -> None:
    """A record about another government leaves the page as it is."""
    stage.show(PATH, moved_on())
    stage.announce(413, ("FIN",))
    expect(page.locator("#live")).to_have_text("Live, position 413")
    expect(page.locator("#erosion")).to_contain_text("80")
    expect(page.locator(".toast")).to_have_count(0)


def test_a_lost_stream_is_said_and_resumed_where_it_broke(page: Page, stage: Stage) -> None:
    """The line says since when it is old; afterwards the stream goes on from the last position."""
    stage.announce(413, ("FIN",))
    expect(page.locator("#live")).to_have_text("Live, position 413")
    stage.down = True
    stage.hang_up()
    expect(page.locator("#live")).to_have_text(re.compile(r"^As of \d\d:\d\d.*, reconnecting$"))
    assert stage.refused.wait(timeout=60)
    stage.show(PATH, moved_on(420))
    stage.down = False
    expect(page.locator("#live")).to_have_text("Live, position 420", timeout=60_000)
    expect(page.locator("#erosion")).to_contain_text("91")
    assert stage.after[-1] == "420"


def test_a_page_that_cannot_be_had_is_said_to_be_old_until_it_is(page: Page, stage: Stage) -> None:
    """The stream holds while the server has no time for the page: the line does not call it live,
    and the change arrives without a further announcement, in every tab."""
    second = page.context.new_page()
    second.goto(stage.address + PATH)
    stage.show(PATH, moved_on())
    stage.overloaded = True
    stage.announce(413, ("POL",))
    assert stage.unserved.wait(timeout=60)
    for tab in (page, second):
        expect(tab.locator("#live")).to_have_text(re.compile(r"^As of .*, reconnecting$"))
        expect(tab.locator("#erosion")).to_contain_text("80")
    stage.overloaded = False
    for tab in (page, second):
        expect(tab.locator("#erosion")).to_contain_text("91")
        expect(tab.locator("#live")).to_have_text("Live, position 413")
    assert stage.after == ["412"]


def test_a_newer_record_of_a_list_is_named_by_its_title(page: Page, stage: Stage) -> None:
    """On Claims a row begins with a date; the notice says what happened."""
    listed = screens.claims(ClaimAsk())
    first, *older = listed.rows
    stage.show("/claims", msgspec.structs.replace(listed, rows=tuple(older)))
    with page.expect_response(re.compile(r"/live\?")):
        page.goto(f"{stage.address}/claims")
    live = msgspec.structs.replace(listed.frame.live, position=413)
    frame = msgspec.structs.replace(listed.frame, live=live)
    stage.show("/claims", msgspec.structs.replace(listed, frame=frame))
    stage.announce(413, ("POL",))
    expect(page.locator(".toast")).to_contain_text(f"1 newer record: {first.title}")


def test_a_log_that_went_back_is_said(page: Page, stage: Stage) -> None:
    """When the log ends before what the page has seen, the page stops asking and offers to reload,
    which shows what there is."""
    stage.show(PATH, moved_on(400))
    stage.down, stage.refusal = True, HTTPStatus.CONFLICT
    stage.hang_up()
    line = page.locator("#live")
    expect(line).to_contain_text("The log was put back to an older one", timeout=60_000)
    stage.down = False
    line.get_by_role("link", name="Reload").click()
    expect(line).to_have_text("Live, position 400")
    assert stage.after == ["412", "400"]


def test_tabs_share_one_stream(context: BrowserContext, page: Page, stage: Stage) -> None:
    """A second tab opens no stream, hears what the first hears, and takes over when it closes."""
    second = context.new_page()
    second.goto(stage.address + PATH)
    expect(second.locator("#live")).to_have_text("Live, position 412")
    assert len(stage.after) == 1
    stage.show(PATH, moved_on())
    stage.announce(413, ("POL",))
    for tab in (page, second):
        expect(tab.locator("#erosion")).to_contain_text("91")
    page.close()
    second.wait_for_function("document.getElementById('live').dataset.state === 'live'")
    tries_left = 1200
    while len(stage.after) < 2 and tries_left:
        second.wait_for_timeout(50)
        tries_left -= 1
    assert stage.after[-1] == "413"
    stage.show(PATH, moved_on(414))
    stage.announce(414, ("FIN",))
    expect(second.locator("#live")).to_have_text("Live, position 414")


def test_a_past_view_never_updates(context: BrowserContext, stage: Stage) -> None:
    """With a clock in the past the page opens no stream; slider and keys alone have a script."""
    page = context.new_page()
    page.goto(f"{stage.address}/government-past")
    expect(page.locator("#live")).to_contain_text("Nothing on this page updates")
    names = page.locator("script").evaluate_all("all => all.map(one => new URL(one.src).pathname)")
    assert names == ["/static/keys.js", "/static/scrub.js"]
    assert stage.after == []


def test_enter_in_a_clock_asks_and_does_not_step(browser: Browser, stage: Stage) -> None:
    """Without script, Enter in a clock field asks for what was typed; −1 and +1 are pressed."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stage.address}/today")
    page.locator("summary").first.click()
    page.get_by_label("Happened by", exact=True).fill("Feb 2025")
    page.get_by_label("Happened by", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"on=Feb\+2025"))
    assert "step" not in page.url
    page.goto(f"{stage.address}/today")
    page.locator("summary").first.click()
    page.get_by_role("button", name="−1 day, happened by").click()
    expect(page).to_have_url(re.compile("step=on-1"))
    context.close()


def test_the_menu_and_the_finder_open_without_script(browser: Browser, stage: Stage) -> None:
    """On a phone without script, the menu and the finder are popovers with a visible button."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{stage.address}/today")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Governments")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search or jump to").click()
    expect(page.get_by_label("What to find")).to_be_visible()
    context.close()


def test_the_navigation_takes_one_line(browser: Browser, stage: Stage) -> None:
    """In every language a reviewer's pages stand in one line of a bar that nothing leaves, and the
    name of the person opens the way out, without script."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    for code in LANGUAGES:
        choose(tongue(code))
        stage.show("/today", samples.today())
        choose(tongue(ENGLISH))
        page.goto(f"{stage.address}/today")
        assert page.evaluate(LINES) == [1, True], code
    context.close()
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1440, "height": 800}
    )
    page = context.new_page()
    stage.show("/today", samples.today())
    page.goto(f"{stage.address}/today")
    out = page.get_by_role("button", name="Log out")
    expect(out).to_be_hidden()
    page.get_by_role("button", name="Your account").click()
    expect(out).to_be_visible()
    context.close()


LINES = """() => {
  const tops = [...document.querySelectorAll(".nav li")].map((e) => e.getBoundingClientRect().top);
  const last = document.querySelector("#leave").getBoundingClientRect();
  return [new Set(tops).size, last.right <= document.querySelector(".top__bar").clientWidth + 1];
}"""
"""On how many lines the pages stand, and whether the last thing of the bar is inside of it."""


PHONE_PAGES = (
    *("today", "government", "governments", "explain", "claims"),
    *("criticism", "map", "review", "record-filled", "sources"),
)


def test_pages_in_french_fit_a_phone(context: BrowserContext) -> None:
    """The longest words of the languages make no main page wider than a phone."""
    choose(tongue("fr"))
    try:
        with served() as stage:
            shown = gallery.pages()
            for name in PHONE_PAGES:
                stage.show(f"/{name}", shown[name])
            page = context.new_page()
            page.set_viewport_size({"width": 390, "height": 900})
            for name in PHONE_PAGES:
                page.goto(f"{stage.address}/{name}")
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{name} is {wide} px too wide"
    finally:
        choose(tongue(ENGLISH))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_clocks_stand_clear_on_a_phone(
    context: BrowserContext, stage: Stage, code: str
) -> None:
    """However many lines they take, they lie within their bar, and nothing covers them when they
    are open."""
    choose(tongue(code))
    try:
        stage.show("/today", gallery.pages()["today"])
    finally:
        choose(tongue(ENGLISH))
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{stage.address}/today")
    page.locator(".clocks > summary").click()
    bar, clock, closes, panel = page.evaluate(
        "names => names.map(name => document.querySelector(name).getBoundingClientRect().toJSON())",
        [".clockbar", ".clock", ".clocks__edit", ".clocks__panel"],
    )
    assert clock["top"] - bar["top"] >= 4
    assert closes["bottom"] <= panel["top"]


def test_the_script_speaks_the_language_of_the_page(context: BrowserContext, stage: Stage) -> None:
    """The live line and the notice of news are in French on a French page."""
    choose(tongue("fr"))
    try:
        stage.show(PATH, poland.poland(opened=False))
        page = context.new_page()
        page.goto(stage.address + PATH)
        expect(page.locator("#live")).to_have_text("En direct, position 412")
        stage.show(PATH, moved_on())
        stage.announce(413, ("POL",))
        expect(page.locator("#news")).to_contain_text("1 enregistrement plus récent")
        expect(page.locator("#news button").first).to_have_text("Afficher")
    finally:
        choose(tongue(ENGLISH))
