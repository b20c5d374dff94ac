"""Who stands in which alliance on a day, and lies in which region, by the tables that ship."""

from datetime import date

import pytest

from domain.alliances import read_alliances
from domain.circles import read_regions
from domain.errors import SetupRefused
from domain.governments import GOVERNMENTS
from infra.shipped import alliances, regions

FOUND = read_alliances(alliances())


@pytest.mark.parametrize(
    ("alliance", "day", "count"),
    [
        ("AU", "2002-07-08", 0),
        ("AU", "2002-07-09", 51),
        ("AU", "2017-01-31", 54),
        ("ASEAN", "1967-08-08", 5),
        ("ASEAN", "2025-10-25", 10),
        ("ASEAN", "2025-10-26", 11),
        ("NATO", "1949-08-23", 0),
        ("NATO", "1949-08-24", 12),
        ("NATO", "1999-03-12", 19),
        ("NATO", "2004-03-29", 26),
        ("NATO", "2024-03-07", 32),
        ("EU", "1957-12-31", 0),
        ("EU", "1958-01-01", 6),
        ("EU", "1995-01-01", 15),
        ("EU", "2013-07-01", 28),
        ("EU", "2020-01-31", 28),
        ("EU", "2020-02-01", 27),
    ],
)
def test_members_are_as_many_as_they_were(alliance: str, day: str, count: int) -> None:
    """On the days on which the number changed, and the days before."""
    assert len(FOUND.members(alliance, date.fromisoformat(day))) == count


def test_an_ally_shares_an_alliance_on_that_day() -> None:
    """Finland is Poland's ally in the Union since 2004, Norway's since it joined NATO; nobody is
    their own ally."""
    assert FOUND.of("FIN", date(2022, 1, 1)) == ("EU",)
    assert "NOR" not in FOUND.allies("FIN", date(2023, 4, 3))
    assert "NOR" in FOUND.allies("FIN", date(2023, 4, 4))
    for code in ("FIN", "NOR", "CHE"):
        assert code not in FOUND.allies(code, date(2026, 1, 1))
    assert FOUND.allies("CHE", date(2026, 1, 1)) == ()


@pytest.mark.parametrize(
    "row",
    [
        {"alliance": "EU", "government": "XXX", "joined": "1958-01-01", "left": ""},
        {"alliance": "EU", "government": "FRA", "joined": "1958", "left": ""},
        {"alliance": "EU", "joined": "1958-01-01", "left": ""},
    ],
)
def test_a_row_that_does_not_fit_is_named(row: dict[str, str]) -> None:
    """The number of the row and what is wrong with it are told."""
    with pytest.raises(SetupRefused, match="row 1"):
        read_alliances([row])


def test_every_government_lies_in_one_region() -> None:
    """Each of them has one, and is not beside itself in it."""
    found = read_regions(regions())
    assert found.by_government.keys() == GOVERNMENTS.keys()
    assert sum(len(found.governments(name)) for name in found.names) == len(GOVERNMENTS)
    assert "EST" in found.beside("LVA")
    assert "LVA" not in found.beside("LVA")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"region": "", "government": "FRA"}], "row 1"),
        ([{"region": "western-europe", "government": "XXX"}], "row 1"),
        ([{"region": "western-europe", "government": "FRA"}] * 2, "row 2"),
        ([{"region": "western-europe", "government": "FRA"}], "lacks AFG"),
    ],
)
def test_a_table_of_regions_that_does_not_fit_is_refused(
    rows: list[dict[str, str]], message: str
) -> None:
    """The row, or the governments that have none, are told."""
    with pytest.raises(SetupRefused, match=message):
        read_regions(rows)
