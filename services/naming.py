"""Governments by any of their usual spellings; where a name fits none, or could mean two, it says
so and never chooses.

Spellings come from the table of governments itself, from `data/government-spellings.csv` (former
and colloquial names), from the official names of ISO 3166 (pycountry), and from the names in
several languages of the Unicode locale data (Babel), in this order: what an earlier one knows, a
later one does not change. Accents, case, hyphens, brackets and a leading article do not matter.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

import pycountry
from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from domain.governments import GOVERNMENTS
from services.wiring import government_spellings

LANGUAGES: Final = ("en", "fr", "es", "pt", "de", "it", "ru", "uk", "ar", "zh")
"""The languages in which names are known."""
NEAR_MAX: Final = 3
NEAR_LIKENESS_MIN: Final = 80
NAME_CHARS_MAX: Final = 80
_BRACKETED: Final = re.compile(r"^(?P<name>[^()]+?) \((?P<more>[^()]+)\)$")
_TURNED: Final = re.compile(r"^(?P<name>[^,]+), (?P<more>.+)$")
_SAINT: Final = re.compile(r"\b(?:st|ste)\b")
_ARTICLE: Final = re.compile(r"^(?:the|la|le|les|el|los|las) ")


class UnknownGovernment(ValueError):
    """A name that fits no government; `near` are names it resembles."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        super().__init__(name)
        self.near = near


def government_of(text: str) -> str:
    """The code of the government that a code or name means; UnknownGovernment otherwise.

    Codes are ISO 3166-1 alpha-3 in any case, or alpha-2 in capital letters: in small ones `no` and
    `is` are words.
    """
    said = " ".join(text.split())[:NAME_CHARS_MAX]
    if said.upper() in GOVERNMENTS:
        return said.upper()
    if len(said) == 2 and said.isupper() and said in _by_alpha_2():
        return _by_alpha_2()[said]
    plain = _plain(said)
    found = _spellings().get(plain)
    if found is not None:
        return found
    near = process.extract(
        plain,
        {name: _plain(name) for name in GOVERNMENTS.values()},
        scorer=fuzz.WRatio,
        score_cutoff=NEAR_LIKENESS_MIN,
        limit=NEAR_MAX,
    )
    raise UnknownGovernment(said, tuple(name for _plain_name, _score, name in near) if said else ())


@cache
def _spellings() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, spelling in _all():
        for variant in _variants(spelling):
            found.setdefault(_plain(variant), code)
    found.pop("", None)
    return found


def _all() -> Iterator[tuple[str, str]]:
    """Every (code, spelling), the more certain ones first."""
    yield from GOVERNMENTS.items()
    yield from government_spellings()
    for code in GOVERNMENTS:
        country = pycountry.countries.get(alpha_3=code)
        for field in ("name", "common_name", "official_name"):
            if country is not None and (name := getattr(country, field, None)):
                yield code, name
    by_alpha_2 = _by_alpha_2()
    for language in LANGUAGES:
        for alpha_2, name in Locale.parse(language).territories.items():
            if alpha_2 in by_alpha_2:
                yield by_alpha_2[alpha_2], name


@cache
def _by_alpha_2() -> Mapping[str, str]:
    aliases = get_global("territory_aliases")
    return {aliases[code][0]: code for code in GOVERNMENTS}


def _variants(spelling: str) -> Iterable[str]:
    """`Iran (Islamic Republic of)` is also `Iran` and `Islamic Republic of Iran`."""
    yield spelling
    for form in (_BRACKETED, _TURNED):
        match = form.match(spelling)
        if match is not None and match["more"].endswith((" of", " of the", " de", " del")):
            yield f"{match['more']} {match['name']}"
            if form is _BRACKETED:
                yield match["name"]


def _plain(text: str) -> str:
    """A spelling without what does not matter."""
    parted = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    bare = "".join(c for c in parted if not unicodedata.combining(c))
    bare = re.sub(r"['’ʼ`.]", "", bare)
    words = " ".join(re.sub(r"[^\w]+", " ", bare.replace("_", " ")).split())
    return _ARTICLE.sub("", _SAINT.sub("saint", words))
