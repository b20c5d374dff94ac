"""Where pages of ledgers begin, as words in addresses."""

from datetime import date

import pytest

from domain.errors import InvalidQuestion
from projections.paging import Place
from services.api.places import read_place, written


@pytest.mark.parametrize(
    "text", ["", "soon", "MjAyNS0wNy0xMA", written(Place(date.min, ("a", "b")))]
)
def test_a_cursor_that_is_none_is_refused(text: str) -> None:
    """With the one way to come by a cursor."""
    with pytest.raises(InvalidQuestion, match="unchanged from the Link"):
        read_place(text, 1)


def test_a_place_is_read_as_it_was_written() -> None:
    """Its day and its names."""
    place = Place(date(2025, 7, 10), ("FIN", "fin-2025.deposit_1", "response"))
    assert read_place(written(place), 3) == place
