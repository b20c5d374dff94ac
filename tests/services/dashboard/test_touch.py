"""The pages under a finger, in a real browser: what is to be pressed is big enough to be met."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.services.dashboard import gallery
from tests.services.dashboard.shots import chromium
from tests.services.dashboard.stage import served

PAGES: Final = gallery.in_english()
PX_MIN: Final = 44
PRESSED: Final = (
    "button, select, textarea, input:not([type=hidden], [type=checkbox], [type=radio]), .check,"
    " .btn, .chip, .cell, :is(.seg, .nav, .foot li, .sec__links, .crumbs, .clocks__presets) a"
)
"""What stands by itself; links within sentences and cells are not meant."""
SMALL: Final = """([pressed, least]) => [...document.querySelectorAll(pressed)]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.closest(".vh, details:not([open])"))
  .map((one) => ({ one, box: one.getBoundingClientRect() }))
  .filter(({ box }) => Math.round(box.width) < least || Math.round(box.height) < least)
  .map(({ one, box }) => `${one.outerHTML.slice(0, 90)} ${box.width} x ${box.height}`)"""


@pytest.fixture(scope="module")
def phone() -> Iterator[tuple[Page, str]]:
    """One window of a phone before a server that shows every sample."""
    with sync_playwright() as playwright, served() as stage:
        for name, sample in PAGES.items():
            stage.show(f"/{name}", sample)
        browser = chromium(playwright)
        context = browser.new_context(
            viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
        )
        yield context.new_page(), stage.address
        browser.close()


@pytest.mark.parametrize("name", PAGES)
def test_what_is_pressed_is_as_big_as_a_fingertip(phone: tuple[Page, str], name: str) -> None:
    """Buttons, fields, choices and the links of lists of links are 44 px high and wide, and the
    page gets no wider for it."""
    page, address = phone
    page.goto(f"{address}/{name}")
    assert page.evaluate(SMALL, [PRESSED, PX_MIN]) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
