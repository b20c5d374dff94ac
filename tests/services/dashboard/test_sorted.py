"""Lists that stand in more orders than one: their pages, files and links agree on it."""

from functools import cache

import pytest

from domain.dates import partial_date
from projections.board import Board, board
from services.dashboard.models.governments import (
    ORDERS,
    SORTS,
    governments_page,
    governments_sheet,
)
from services.dashboard.models.shapes import BoardRow
from services.dashboard.render import render
from services.dashboard.states import in_order
from tests import chronology
from tests.services.dashboard.markup import Markup
from tests.services.dashboard.samples import EVE, PAST, frame
from tests.services.dashboard.sources_screens import DELIVERIES, sources


@cache
def shipped() -> Board:
    """The board over the shipped record."""
    facts = [version.facts for version in chronology.versions()]
    return board(facts, on=EVE, known_at="seq:1", weights=chronology.weights())


@pytest.mark.parametrize("asked", ORDERS)
def test_governments_stand_in_the_order_asked_for_on_every_page_and_in_the_file(asked: str) -> None:
    """The pages follow on one another in the order, alike ones by name and undated ones last; the
    file has the same rows in the same order, and behind them those with nothing on file, as on the
    page."""
    around, order = frame("Governments", "/governments"), ORDERS[asked]
    page = governments_page(around, shipped(), on=EVE, order=order)
    rows, quiet = [*page.rows], [code for group in page.quiet for code, _ in group.governments]
    while page.following:
        before = int(page.following)
        page = governments_page(around, shipped(), on=EVE, order=order, before=before)
        rows += page.rows
    assert len(rows) == page.total > 1
    sheet = governments_sheet(around, shipped(), order=order)
    assert [line[0] for line in sheet.rows] == [row.code for row in rows] + quiet
    standings = [choice.key for choice in page.choices]

    def value(row: BoardRow) -> object:
        if order.key == "status":
            return standings.index(row.status)
        if order.key == "latest":
            return partial_date(row.latest_on or "").representative_day
        if order.key == "name":
            return in_order(row.name)
        found = getattr(row, order.key)
        return getattr(found, "score", found)

    told = [row for row in rows if order.key != "latest" or row.latest_on]
    assert rows[: len(told)] == told
    by_name = sorted(told, key=lambda row: in_order(row.name))
    assert told == sorted(by_name, key=value, reverse=order.is_down)  # type: ignore[arg-type]  # of one kind


def test_the_heads_of_the_governments_sort_and_keep_both_clocks_and_filters() -> None:
    """The head that is sorted by says so and turns round; each keeps what was asked, but not the
    page of the list."""
    asked = (("status", "party"), ("order", "-pressure"), ("cursor", "40"))
    around = frame("Governments", "/governments", reading=PAST, pairs=asked)
    page = governments_page(around, shipped(), on=EVE, order=ORDERS["-pressure"])
    shown = Markup(render(page))
    assert shown.values("#board th[aria-sort]", "aria-sort") == ["descending"]
    assert shown.text("#board th[aria-sort]") == SORTS["pressure"]
    begin = "/governments?on=2025-12-27&known_at=2025-12-05&status=party"
    others = ("status", "-erosion", "pressure", "-backing", "-latest", "-claims")
    expected = [begin, *(f"{begin}&order={key}" for key in others)]
    assert shown.values("#board thead a", "href") == expected
    kept = shown.values('form.filters input[name="order"]', "value")
    assert kept == ["-pressure"]
    assert "alphabetical" not in shown.text("main").casefold()


def test_the_head_of_the_deliveries_turns_their_order_round_and_begins_anew() -> None:
    """Newest first at first, then oldest first, and back; filters and both clocks stay."""
    around = frame(
        "Sources",
        "/sources",
        reading=PAST,
        pairs=(("outcome", "refused"), ("before", str(DELIVERIES[0].delivery))),
    )
    shown = Markup(render(sources(frame=around)))
    assert shown.values("th[aria-sort]", "aria-sort") == ["descending"]
    assert shown.values("th[aria-sort] a", "href") == [
        "/sources?on=2025-12-27&known_at=2025-12-05&outcome=refused&order=oldest#deliveries-h"
    ]
