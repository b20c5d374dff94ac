"""Of whom silence is told beside the matrix of Criticism: governments, alliances and regions that
are named; it never reads silence into anything."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from domain.circles import NO_CIRCLES, Circles
from domain.errors import InvalidQuestion
from domain.governments import GOVERNMENTS

AMONG_MAX: Final = 250
ALLIES: Final = "allies"
"""What stands, among those whose silence is asked about, for the allies of each government."""
REGION: Final = "region"
"""What stands there for the governments of the same region as each."""


class Among(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom silence is told: governments, alliances and regions that were named, and, with
    `allies` and `region`, the allies and the region of each government that was criticised; with
    `speakers` every government that criticised any, and of nobody where none did."""

    codes: tuple[str, ...] = ()
    alliances: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    allies: bool = False
    region: bool = False
    speakers: bool = False


def read_among(text: str | None, circles: Circles = NO_CIRCLES) -> Among | None:
    """The governments, and names of alliances and regions, in a text such as
    `EST,NATO,northern-europe`; `allies` in it asks about the allies of each government criticised,
    `region` about the governments of its region. None for None, InvalidQuestion for words that are
    none of these."""
    if text is None:
        return None
    words = tuple(word.strip().upper() for word in text.split(",") if word.strip())
    words = words[: AMONG_MAX + 1]
    codes = tuple(word for word in words if word in GOVERNMENTS)
    alliances, regions = circles.alliances.names, circles.regions.names
    named = tuple(dict.fromkeys(word for word in words if word in alliances))
    lands = tuple(dict.fromkeys(w.lower() for w in words if w.lower() in regions))
    each = {ALLIES.upper(), REGION.upper()} & set(words)
    known = {*codes, *named, *(land.upper() for land in lands), *each}
    if not words or len(words) > AMONG_MAX or set(words) - known:
        names = ", ".join((*alliances, *regions, ALLIES, REGION))
        detail = f"write up to {AMONG_MAX} ISO 3166-1 alpha-3 codes or of {names}, parted by commas"
        raise InvalidQuestion(parameter="among", value=text[:80], detail=detail)
    return Among(
        codes=codes,
        alliances=named,
        regions=lands,
        allies=ALLIES.upper() in each,
        region=REGION.upper() in each,
    )


def speakers_among(among: Among | None, spoke: Iterable[str | None]) -> Among | None:
    """Of whom silence is told, where it may be of the governments that criticised any: `spoke` are
    the codes of critics, None for those that are no governments."""
    if among is None or not among.speakers:
        return among
    codes = tuple(sorted({code for code in spoke if code is not None}))
    return Among(codes=codes) if codes else None


def listed(among: Among, circles: Circles, on: date) -> tuple[str, ...]:
    """The governments that were named, one by one, as an alliance or as a region."""
    members = (code for name in among.alliances for code in circles.alliances.members(name, on))
    lands = (code for name in among.regions for code in circles.regions.governments(name))
    return tuple(sorted({*among.codes, *members, *lands}))


def asked_of(
    code: str, names: Iterable[str] | None, among: Among | None, circles: Circles, on: date
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """What a government shares with others, where that was asked about, and of whom silence
    towards it is told; None where of nobody."""
    shared: list[str] = []
    beside: list[str] = []
    if among is not None and among.allies:
        shared += circles.alliances.of(code, on)
        beside += circles.alliances.allies(code, on)
    if among is not None and among.region and code in circles.regions.by_government:
        shared.append(circles.regions.by_government[code])
        beside += circles.regions.beside(code)
    asked = None if names is None else tuple(sorted({*names, *beside} - {code}))
    return tuple(shared), asked
