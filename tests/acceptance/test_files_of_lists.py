"""Every list can be taken away: its file holds what the page shows, in its order and under its
filters, and says what it answers."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from services.dashboard.sheets import FORMATS
from tests.acceptance.conftest import Demo
from tests.acceptance.test_live_page import log_in

LISTS = {
    "governments": (
        "/governments?status=former_party",
        "#board tbody tr",
        "id",
        "government",
        "g-{}",
    ),
    "records of a government": (
        "/governments/POL?lane=legal&status=accepted&on=2025-12-31",
        "#records tbody tr",
        "data-record",
        "claim",
        "{}",
    ),
    "plans": ("/transfers?government=POL", "#plans tbody tr", "data-record", "claim", "{}"),
    "the queue": ("/review", ".queue a", "data-claim", "claim", "{}"),
}
"""What is listed -> the page, its rows, their attribute, and the column of the file that tells the
same."""


@pytest.fixture(scope="module")
def window(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A window in which the admin is logged in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{demo.url}/governments")
    log_in(page, demo, "admin")
    yield page
    context.close()


@pytest.mark.parametrize("name", LISTS)
def test_the_file_of_a_list_holds_what_the_page_shows(window: Page, demo: Demo, name: str) -> None:
    """The same rows in the same order, in every form; the filters and both clocks are said."""
    path, rows, attribute, column, written = LISTS[name]
    window.goto(demo.url + path)
    listed = window.locator(rows)
    shown = [row.get_attribute(attribute) for row in listed.all()]
    assert shown
    links = window.locator("section, nav", has=listed).last.locator("a[download]")
    addresses = [link.get_attribute("href") or "" for link in links.all()]
    assert [address.rpartition("=")[2] for address in addresses] == list(FORMATS)
    told = {form: _file(window, demo, form, addresses) for form in FORMATS}
    whole = json.loads(told["json"])
    assert [written.format(row[column]) for row in whole["rows"]] == shown
    asked = dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)
    assert asked.items() <= whole.items()
    assert {"on", "known_at", "cut_off"} <= whole.keys()
    rows_of_csv = csv.DictReader(io.StringIO(told["csv"].decode()))
    assert [written.format(row[column]) for row in rows_of_csv] == shown
    lines = [json.loads(line) for line in told["jsonl"].splitlines()]
    assert lines == whole["rows"]
    assert told["xlsx"].startswith(b"PK")


def test_the_file_of_a_government_holds_the_points_of_its_page(window: Page, demo: Demo) -> None:
    """What a record adds to the pressure stands beside it, rounded on the page alone."""
    window.goto(f"{demo.url}/governments/POL?lane=criticism")
    shown = window.locator("#records td.n").all_inner_texts()
    told = json.loads(window.request.get(window.url + "&format=json").body())["rows"]
    words = [f"{row['pressure_points']:.1f}" if row["pressure_points"] else "" for row in told]
    assert [text.strip() for text in shown] == words
    assert any(words)


def test_the_sums_of_transfers_are_a_file_of_their_own(window: Page, demo: Demo) -> None:
    """One row for each supplier, recipient and stage; a bound that nobody stated is null."""
    window.goto(f"{demo.url}/transfers")
    shown = window.locator("#totals tbody tr").count()
    told = json.loads(window.request.get(f"{demo.url}/transfers?of=totals&format=json").body())
    assert len(told["rows"]) == shown
    assert {(row["at_least"], row["at_most"]) for row in told["rows"]} == {(None, None)}


def test_deliveries_are_taken_away_under_their_filters(window: Page, demo: Demo) -> None:
    """Refused ones alone, with their reasons, and no secret."""
    assert demo.send({"id": "no claim at all"}).status_code == 422
    window.goto(f"{demo.url}/sources?outcome=refused")
    shown = window.locator("section", has=window.locator("#deliveries-h")).locator("tbody tr")
    address = f"{demo.url}/sources?outcome=refused&format=json"
    answer = window.request.get(address)
    told = json.loads(answer.body())
    assert len(told["rows"]) == shown.count()
    assert {row["outcome"] for row in told["rows"]} == {"refused"}
    assert all(row["reason"] for row in told["rows"])
    assert demo.said["secret"] not in answer.text()


def _file(window: Page, demo: Demo, form: str, addresses: list[str]) -> bytes:
    address = next(address for address in addresses if address.endswith(f"format={form}"))
    answer = window.request.get(demo.url + address)
    assert answer.status == 200
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    return answer.body()
