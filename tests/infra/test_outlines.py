"""The outlines of the map: every government is drawn, neighbours keep their border, Crimea is
Ukraine's; real shapes, no made-up ones."""

import re

import pytest

from domain.governments import GOVERNMENTS
from infra import outlines as drawing
from infra.outlines import Outlines, outlines, sub_regions
from infra.shipped import regions


@pytest.fixture(scope="module")
def drawn() -> Outlines:
    """The outlines as this environment keeps them."""
    return outlines()


def rings(path: str) -> list[list[tuple[int, int]]]:
    """The corners of every ring of a path."""
    found = []
    for part in path.split("z")[:-1]:
        start, steps = re.fullmatch(r"M(\d+ \d+)l(.*)", part).groups()  # type: ignore[union-attr]  # it fits
        x, y = map(int, start.split())
        ring = [(x, y)]
        numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
        for dx, dy in zip(numbers[0::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        found.append(ring)
    return found


def test_every_government_is_drawn_as_land_or_as_a_dot(drawn: Outlines) -> None:
    """None of the status table is missing, and none is both."""
    assert set(GOVERNMENTS) <= drawn.world.keys() | drawn.dots.keys()
    assert not drawn.world.keys() & drawn.dots.keys()


def test_crimea_is_drawn_with_ukraine(drawn: Outlines) -> None:
    """The land of Ukraine reaches as far south as Yalta; Russia has nothing there."""
    x, y = drawing._project((34.2 - drawing.MIDDLE_DEGREES, 45.2))
    west, south, east, north = drawing.EUROPE
    corners = [
        drawing._project((a - drawing.MIDDLE_DEGREES, b))
        for a in (west, east)
        for b in (south, north)
    ]
    at = (
        (x - min(a for a, _ in corners)) * drawing.EUROPE_SCALE,
        (y - min(b for _, b in corners)) * drawing.EUROPE_SCALE,
    )
    assert any(_holds(ring, at) for ring in rings(drawn.europe["UKR"]))
    assert not any(_holds(ring, at) for ring in rings(drawn.europe["RUS"]))


def test_neighbours_share_their_border(drawn: Outlines) -> None:
    """Thinning leaves the same corners on both sides: Latvia and Lithuania meet in many."""
    corners = [
        {corner for ring in rings(drawn.europe[code]) for corner in ring} for code in ("LVA", "LTU")
    ]
    assert len(corners[0] & corners[1]) >= 5


def test_areas_stay_in_proportion(drawn: Outlines) -> None:
    """The DR Congo is drawn as many times larger than Poland and Sweden as it is on the globe."""
    sizes = {
        code: sum(drawing._area(ring) for ring in rings(drawn.world[code]))
        for code in ("COD", "POL", "SWE")
    }
    assert sizes["COD"] / sizes["POL"] == pytest.approx(2345 / 312, rel=0.1)
    assert sizes["COD"] / sizes["SWE"] == pytest.approx(2345 / 450, rel=0.1)


def test_the_drawing_is_small_enough_for_a_page(drawn: Outlines) -> None:
    """World and enlarged part together stay within 65 kB."""
    assert sum(map(len, drawn.world.values())) + sum(map(len, drawn.europe.values())) <= 65_000


def _holds(ring: list[tuple[int, int]], at: tuple[float, float]) -> bool:
    """Whether a point lies within a ring, by counting crossings."""
    inside = False
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y0 > at[1]) != (y1 > at[1]) and at[0] < (x1 - x0) * (at[1] - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def test_the_table_of_regions_is_that_of_the_package() -> None:
    """Every row of `data/regions.csv` says what the shapes' own table says."""
    found = sub_regions()
    for row in regions():
        assert found[row["government"]].lower().replace(" ", "-") == row["region"]
