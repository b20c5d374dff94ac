"""Governments and treaties by name, in the language that is spoken; it never says where one stands.

In English a government has the short name that the depositary uses; in other languages the name of
the Common Locale Data Repository (CLDR), through Babel, or the one that the United Nations use.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

from domain.governments import GOVERNMENTS as ENGLISH_NAMES
from domain.treaties import TREATIES
from services.dashboard.language import ENGLISH, _, chosen

NAMES_KEPT: Final = 16_384
"""Of how many names it is remembered what they are sorted by: a page sorts thousands."""
OTHERWISE: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "BLR": "Bélarus",
        "CAF": "République centrafricaine",
        "COD": "République démocratique du Congo",
        "COG": "Congo",
        "CPV": "Cabo Verde",
        "MMR": "Myanmar",
        "PSE": "État de Palestine",
        "TLS": "Timor-Leste",
        "VAT": "Saint-Siège",
    },
    "es": {
        "BHR": "Bahrein",
        "BLR": "Belarús",
        "MMR": "Myanmar",
        "PSE": "Estado de Palestina",
        "VAT": "Santa Sede",
    },
}
"""Language -> governments that the United Nations call otherwise than the repository does."""


class _Names(Mapping[str, str]):
    """ISO 3166-1 alpha-3 code -> name, in the language that is spoken when it is looked up."""

    def __getitem__(self, code: str) -> str:
        return _names(chosen().locale)[code]

    def __iter__(self) -> Iterator[str]:
        return iter(ENGLISH_NAMES)

    def __len__(self) -> int:
        return len(ENGLISH_NAMES)


GOVERNMENTS: Final[Mapping[str, str]] = _Names()


def treaty_name(code: str) -> str:
    """The short name of a treaty."""
    return _(TREATIES[code].short_name)


@lru_cache(maxsize=NAMES_KEPT)
def in_order(name: str) -> str:
    """What names are sorted by: accents and capitals do not part them."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def government_names() -> tuple[str, ...]:
    """All names in their order."""
    return _sorted_names(chosen().locale)


@cache
def _sorted_names(language: str) -> tuple[str, ...]:
    return tuple(sorted(_names(language).values(), key=in_order))


@cache
def _names(language: str) -> Mapping[str, str]:
    if language == ENGLISH:
        return ENGLISH_NAMES
    found = Locale(language).territories
    short = get_global("territory_aliases")
    names: dict[str, str] = {code: found[short[code][0]] for code in ENGLISH_NAMES}
    return {**names, **OTHERWISE[language]}
