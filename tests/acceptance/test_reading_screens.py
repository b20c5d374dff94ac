"""The reading screens as stories, in a real browser over the demo: a number to its source, days
slid through and compared, lists narrowed and taken away."""

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Demo
from tests.acceptance.test_live_page import log_in

LOOKS_MAX = 240


@pytest.fixture(scope="module")
def window(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A window in which the reviewer is logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{demo.url}/governments/POL")
    log_in(page, demo, "reviewer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Poland")
    yield page
    context.close()


def test_a_number_leads_to_its_source(window: Page, demo: Demo) -> None:
    """From the number of a government to its terms, to a claim, to its source, version and
    decision."""
    window.goto(f"{demo.url}/governments/POL?on=2026-02-19")
    window.locator("[data-measure=pressure]").get_by_role("link", name="Explain").click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("Why Pressure of Poland reads")
    window.wait_for_load_state()
    total = window.locator(".wf tfoot td").last.inner_text()
    points = window.locator(".wf tbody td:last-child").all_inner_texts()
    assert sum(float(p) for p in points) == pytest.approx(float(total), abs=0.06 * len(points))
    heaviest = window.locator(".wf tbody th a").first
    said = heaviest.inner_text()
    heaviest.click()
    expect(window.locator("main")).to_contain_text(said)
    expect(window).to_have_url(re.compile(r"/claims/[\w.-]+\?on=2026-02-19$"))
    source = window.locator("#sources a[href^=http]").first
    assert source.get_attribute("rel") == "noreferrer"
    expect(window.locator("#steps tbody tr").last).to_contain_text("Recorded")
    expect(window.locator("#effects")).to_contain_text("Poland")
    window.locator("#steps a[data-moment]").last.click()
    expect(window.locator(".clockbar")).to_have_attribute("data-mode", "past")
    expect(window.locator("#steps tbody tr")).to_have_count(1)


def test_sliding_from_26_to_27_december_moves_the_baltic_states(window: Page, demo: Demo) -> None:
    """The slider of the map changes the page without a reload: a day on, three states have left."""
    window.goto(f"{demo.url}/map?on=2025-12-26")
    expect(window.locator(".lead")).to_contain_text("166 of the 197 governments")
    window.evaluate("window.sameDocument = true")
    slider = window.locator("#slide-map")
    slider.focus()
    slider.press("ArrowRight")
    expect(window.locator(".lead")).to_contain_text("163 of the 197 governments")
    expect(window.locator("h1")).to_have_text("Who is bound, 27 Dec 2025")
    expect(window).to_have_url(f"{demo.url}/map?on=2025-12-27")
    expect(window.locator("#t-on")).to_have_value("27 Dec 2025")
    expect(slider).to_be_focused()
    for name in ("Estonia", "Latvia", "Lithuania"):
        expect(window.locator("#list details").filter(has_text="Left")).to_contain_text(name)
    window.locator("summary").first.click()
    header = window.locator("#slide")
    header.focus()
    header.press("ArrowLeft")
    expect(window.locator("h1")).to_have_text("Who is bound, 26 Dec 2025")
    assert window.evaluate("window.sameDocument")


def test_two_days_are_compared_and_each_difference_has_its_cause(window: Page, demo: Demo) -> None:
    """26 and 27 December differ by three standings, each because of a claim that can be opened."""
    window.goto(f"{demo.url}/compare?on=2025-12-27")
    window.get_by_label("Compare with: happened by").fill("26 Dec 2025")
    window.get_by_role("button", name="Compare").click()
    rows = window.locator("section", has=window.get_by_role("heading", name="Standings"))
    expect(rows.locator("tbody tr")).to_have_count(3)
    expect(rows.locator("tbody tr").first).to_contain_text("Estonia")
    expect(rows.locator("tbody tr").first).to_contain_text("Leaving → Left")
    rows.locator("tbody tr").first.locator("a.src").first.click()
    expect(window.locator("main")).to_contain_text("Estonia's withdrawal took effect")


def test_a_list_narrows_and_its_file_holds_what_it_shows(window: Page, demo: Demo) -> None:
    """The claims on one government and kind, on the page and in the files, are the same."""
    window.goto(f"{demo.url}/claims")
    window.locator("#f-government").select_option("POL")
    window.locator("#f-kind").select_option("production_announced")
    window.get_by_role("button", name="Filter").click()
    expect(window).to_have_url(re.compile("kind=production_announced"))
    window.wait_for_load_state()
    shown = [row.get_attribute("data-record") for row in window.locator("#claims tbody tr").all()]
    assert len(shown) >= 2
    request = window.context.request
    told = {}
    for form in ("csv", "json"):
        link = window.get_by_role("link", name=form.upper(), exact=True).get_attribute("href")
        told[form] = request.get(demo.url + (link or "")).text()
    # Above the names of the columns stand the filters, below them their HXL tags.
    rows = list(csv.reader(io.StringIO(told["csv"])))
    names = next(number for number, row in enumerate(rows) if "id" in row)
    column = rows[names].index("id")
    assert [row[column] for row in rows[names + 2 :]] == shown
    assert [row["claim"] for row in json.loads(told["json"])["rows"]] == shown
    window.get_by_label("Words").fill("nothing of the kind")
    window.get_by_role("button", name="Filter").click()
    expect(window.locator(".state")).to_contain_text("Nothing matches these filters")


def test_going_back_shows_the_filters_of_the_list_that_is_shown(window: Page, demo: Demo) -> None:
    """The browser does not put what was chosen later into the fields of an earlier list."""
    window.goto(f"{demo.url}/claims")
    window.locator("#f-government").select_option("POL")
    window.get_by_role("button", name="Filter").click()
    expect(window).to_have_url(re.compile("government=POL"))
    window.go_back()
    expect(window).to_have_url(f"{demo.url}/claims")
    expect(window.locator("#f-government")).to_have_value("")
    window.go_forward()
    expect(window.locator("#f-government")).to_have_value("POL")


def test_a_cell_of_the_matrix_opens_to_its_statements(window: Page, demo: Demo) -> None:
    """Norway on Ukraine: one objection, with its claim."""
    window.goto(f"{demo.url}/criticism")
    row = window.locator(
        ".matrix tr", has=window.get_by_role("rowheader", name="Norway", exact=True)
    )
    row.locator("a[href*='target=UKR']").click()
    expect(window.locator("#cell")).to_have_text("Norway on Ukraine")
    expect(window.locator("section", has=window.locator("#cell"))).to_contain_text("objection")


def test_an_unknown_quantity_is_never_zero(window: Page, demo: Demo) -> None:
    """The ledger says unknown where nobody said how many."""
    window.goto(f"{demo.url}/transfers")
    quantities = window.locator("#ledger tbody td.n").all_inner_texts()
    assert quantities
    assert set(quantities) == {"unknown"}


def test_the_store_is_proved_from_the_page(window: Page, demo: Demo) -> None:
    """A reviewer has the store proved, and the page tells the outcome."""
    window.goto(f"{demo.url}/integrity")
    window.get_by_role("button", name="Prove it now").click()
    for _ in range(LOOKS_MAX):
        if window.get_by_role("heading", name=re.compile("^Sound")).count():
            break
        window.wait_for_timeout(250)
        window.reload()
    expect(window.get_by_role("heading", name=re.compile("^Sound"))).to_be_visible()


def test_an_unchanged_page_is_not_sent_again(window: Page, demo: Demo) -> None:
    """The tag of a page answers 304 without a body as long as nothing changed."""
    request = window.context.request
    for path in ("/claims", "/map?on=2025-12-27", "/governments/POL/pressure"):
        first = request.get(demo.url + path)
        again = request.get(demo.url + path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status, again.body()) == (304, b"")
