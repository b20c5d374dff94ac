"""Governments by the names people use for them: by code, in a dozen languages, under former names;
it suggests where a name is only nearly known and never guesses.

Names by language come from the Common Locale Data Repository (CLDR), through Babel, official names
from ISO 3166 (pycountry); the table below has what people write besides.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

import pycountry
from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from domain.governments import GOVERNMENTS

LANGUAGES: Final = (
    "en", "fr", "es", "ar", "ru", "zh", "de", "pl", "pt", "it", "nl", "uk", "fi", "et", "lv", "lt",
)  # fmt: skip
SUGGESTED_LIKENESS_MIN: Final = 78
NAME_CHARS_MAX: Final = 100

USED: Final[dict[str, tuple[str, ...]]] = {
    "ARE": ("UAE", "Emirates"),
    "BFA": ("Upper Volta",),
    "BIH": ("Bosnia", "Bosnia-Herzegovina"),
    "BLR": ("Byelorussia",),
    "BRN": ("Brunei",),
    "CHN": ("PRC",),
    "CIV": ("Ivory Coast", "Republic of Côte d'Ivoire"),
    "COD": (
        "DRC", "DR Congo", "Congo-Kinshasa", "Congo (Kinshasa)", "Congo (DRC)", "Zaire",
        "Congo, Democratic Republic of the",
    ),
    "COG": ("Republic of the Congo", "Congo-Brazzaville", "Congo (Brazzaville)", "Congo Republic"),
    "CPV": ("Cape Verde",),
    "CZE": ("Czech Republic",),
    "FSM": ("Micronesia",),
    "GBR": ("UK", "U.K.", "Britain", "Great Britain", "England"),
    "GRC": ("Hellas",),
    "IRL": ("Republic of Ireland",),
    "IRN": ("Iran", "Persia"),
    "KGZ": ("Kyrgyz Republic",),
    "KNA": ("Saint Kitts and Nevis", "St Kitts and Nevis"),
    "KOR": ("South Korea", "Korea, South", "Korea, Republic of", "Korea (Republic of)", "ROK"),
    "KHM": ("Kampuchea",),
    "LAO": ("Laos", "Lao PDR"),
    "LBY": ("Libyan Arab Jamahiriya",),
    "LCA": ("St Lucia",),
    "MDA": ("Moldova",),
    "LKA": ("Ceylon",),
    "MKD": ("Macedonia", "FYROM", "The former Yugoslav Republic of Macedonia"),
    "MMR": ("Burma", "Burma/Myanmar", "Myanmar (Burma)", "Union of Myanmar"),
    "NLD": ("Holland", "The Netherlands"),
    "PRK": (
        "North Korea", "Korea, North", "DPRK", "DPR Korea",
        "Korea, Democratic People's Republic of",
    ),
    "PSE": ("Palestine", "Occupied Palestinian Territory", "oPt"),
    "RUS": ("Russia",),
    "SVK": ("Slovak Republic",),
    "SWZ": ("Swaziland",),
    "SYR": ("Syria",),
    "TLS": ("East Timor",),
    "TUR": ("Turkey", "Turkiye", "Republic of Turkey"),
    "TZA": ("Tanzania",),
    "USA": ("US", "U.S.", "U.S.A.", "United States", "America"),
    "VAT": ("Vatican", "The Vatican", "Vatican City State"),
    "VCT": ("St Vincent and the Grenadines", "St. Vincent"),
    "VEN": ("Venezuela",),
    "BOL": ("Bolivia",),
    "WSM": ("Western Samoa",),
    "ZWE": ("Rhodesia",),
}  # fmt: skip
"""Code -> what people write for it besides its names in the languages."""
SHARED: Final[dict[str, tuple[str, ...]]] = {
    "Korea": ("KOR", "PRK"),
    "Corée": ("KOR", "PRK"),
    "Corea": ("KOR", "PRK"),
}
"""What several governments are called -> their codes: it means none of them alone."""

_SAID_BESIDES: Final = frozenset({"the", "of", "state", "and", "et", "y", "und"})


@lru_cache(maxsize=4096)
def government(text: str) -> str | None:
    """The code of the government that a name, a former name or an ISO code means; None where it
    means none, or more than one."""
    said = text.strip()
    if said in GOVERNMENTS:
        return said
    if len(said) > NAME_CHARS_MAX:
        return None
    codes, names = _known()
    if said.isupper() and len(said) == 2 and said in codes:
        return codes[said]
    if said.upper() in GOVERNMENTS:
        return said.upper()
    return names.get(_folded(said))


@lru_cache(maxsize=1024)
def suggested(text: str) -> tuple[str, ...]:
    """The codes of the governments that what was written may mean: those that share the name, or
    the one whose name is nearly that; none where nothing is near."""
    if len(text) > NAME_CHARS_MAX:
        return ()
    said = _folded(text)
    for name, codes in SHARED.items():
        if said == _folded(name):
            return codes
    _, names = _known()
    found = process.extractOne(
        said, names.keys(), scorer=fuzz.ratio, score_cutoff=SUGGESTED_LIKENESS_MIN
    )
    return (names[found[0]],) if found is not None else ()


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """ISO alpha-2 code -> alpha-3 code; folded name -> code, without names that mean several."""
    aliases = get_global("territory_aliases")
    short = {two: code for code in GOVERNMENTS for two in aliases.get(code, ()) if len(two) == 2}
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        names = Locale(language).territories
        for two, code in short.items():
            if two in names:
                found.setdefault(_folded(names[two]), set()).add(code)
    for code in GOVERNMENTS:
        country = pycountry.countries.get(alpha_3=code)
        for field in ("name", "common_name", "official_name"):
            if country is not None and (name := getattr(country, field, None)):
                found.setdefault(_folded(name), set()).add(code)
    ours = {_folded(name): code for code, name in GOVERNMENTS.items()}
    ours |= {_folded(name): code for code, names in USED.items() for name in names}
    known = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
    return short, {**known, **ours}


def _folded(name: str) -> str:
    """A name without case, accents, punctuation, order of words, and words that say nothing."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.findall(r"\w+", plain.replace("'", "").replace("’", "").replace(".", ""))
    words = ["saint" if word == "st" else word for word in words]
    kept = [word for word in words if word not in _SAID_BESIDES]
    return " ".join(sorted(kept or words))
