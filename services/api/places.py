"""Where pages of ledgers begin, as opaque words in addresses; it looks at no ledger."""

import base64
import binascii
import re
from datetime import date
from typing import Final

from domain.errors import InvalidQuestion
from projections.paging import Place

NAME: Final = "[A-Za-z0-9._-]{1,128}"


def written(place: Place) -> str:
    """A place as an opaque word."""
    plain = " ".join((place.day.isoformat(), *place.names)).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_place(text: str, names: int) -> Place:
    """The place that `written` wrote of a row with so many names; InvalidQuestion when it is
    none."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        day, *found = plain.split(" ")
        if len(found) == names and all(re.fullmatch(NAME, name) for name in found):
            return Place(date.fromisoformat(day), tuple(found))
    except (ValueError, binascii.Error):
        pass  # the one refusal below says what to do
    detail = "take it unchanged from the Link of the page before"
    raise InvalidQuestion(parameter="cursor", value=text[:80], detail=detail)
