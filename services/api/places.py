"""Where pages of ledgers begin, as opaque words in addresses; it looks at no ledger."""

import base64
import binascii
import re
from datetime import date
from typing import Final

from domain.errors import InvalidQuestion
from projections.paging import Place

NAME: Final = "[A-Za-z0-9._-]{1,128}"
CRITIC: Final = "(?s).{1,1000}"
RECORDED: Final = "[0-9]{19}"


def written(place: Place) -> str:
    """A place as an opaque word."""
    plain = " ".join((place.day.isoformat(), *place.names)).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_place(text: str, names: int, name: str = NAME) -> Place:
    """The place that `written` wrote of a row with so many names, each of which matches `name`, and
    none but the last may hold spaces; InvalidQuestion when it is none."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
        day, *found = plain.split(" ", names)
        if len(found) == names and all(re.fullmatch(name, one) for one in found):
            return Place(date.fromisoformat(day), tuple(found))
    except (ValueError, binascii.Error):
        pass  # the one refusal below says what to do
    raise _refused(text)


def read_critic_place(text: str) -> Place:
    """The place of a row of Criticism: of a critic by key, or of a joint statement by where it was
    recorded; InvalidQuestion when it is none."""
    place = read_place(text, 1, CRITIC)
    if place.day > date.min and not re.fullmatch(RECORDED, place.names[0]):
        raise _refused(text)
    return place


def _refused(text: str) -> InvalidQuestion:
    detail = "take it unchanged from the Link of the page before"
    return InvalidQuestion(parameter="cursor", value=text[:80], detail=detail)
