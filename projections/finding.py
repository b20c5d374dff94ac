"""By which features a claim is found in an index, and what of a search can be asked of one; pure,
and blind to databases.

An index gives too many rather than too few: whoever asks it looks at the text of what it gives
(`projections.search`). A feature is a word, four digits that follow each other, or a character of
a script that parts no words, as of Chinese or Thai; or the kind, an actor or a target of the claim.
Words are found by any part of them, through the vocabulary, which is looked through by `grams_of`.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zlib import crc32

import msgspec

from domain.claims import Claim
from domain.events import WORDS, ClaimCorrected, SignatoryWithdrawn, SourceAdded
from projections.histories import Version
from projections.search import actor_key, terms_of, texts_of

WORD_CHARS: Final = 64
"""A longer run of letters counts as several words that overlap."""
PART_CHARS: Final = 33
"""So much of a word is looked for: any part of a run that is so long lies in one of its words."""
DIGITS: Final = 4
"""A longer run of digits counts as several words of so many, each beginning a digit later."""
GRAM_CHARS: Final = 3
KEYS_KEPT: Final = 65_536
YEARS_OF_MONTHS: Final = 2
"""So many years are asked of month by month, the others as they are."""
KNOWN_YEAR: Final = 1969
YEARS, POSITIONS, KNOWN = 200_000, 300_000, 400_000
"""Where the numbers of such spans begin; below are months."""
_KIND, _ACTOR, _TARGET = "\x1fk", "\x1fa", "\x1ft"
_TELLING: Final = frozenset(
    ["recorded", *(WORDS[one] for one in (ClaimCorrected, SourceAdded, SignatoryWithdrawn))]
)
_RUNS: Final = re.compile(r"""[^\W\d_]+|[0-9]+|[^\s\-.,;:'"()/]""")
_RUNS_OF_ASCII: Final = re.compile(r"""[A-Za-z]+|[0-9]+|[^\s\-.,;:'"()/]""")
"""The same, found with less work where there are no other letters."""
_LONG_NUMBER: Final = re.compile(rf"[0-9]{{{DIGITS + 1},}}")
_SCRIPTS: Final = "\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U0001b000-\U0003ffff"
"""South-East Asian and Tibetan scripts, and those of Chinese and Japanese."""
_UNPARTED: Final = re.compile(f"[{_SCRIPTS}]")
_APART: Final = re.compile(f"[{_SCRIPTS}]|[^{_SCRIPTS}]+")


class Part(msgspec.Struct, frozen=True):
    """One thing that a search asks for: any of some `features`, or, where `part` is not empty, any
    word that holds it."""

    features: tuple[str, ...] = ()
    part: str = ""


def tells_anew(version: Version) -> bool:
    """Whether a version may have another text, day, kind, actor or target than the one before."""
    return version.event in _TELLING


def features_of(claim: Claim) -> list[str]:
    """What a claim is found by, each once, in the order in which it comes: what is in its
    `projections.search.texts_of`, then what is beside them."""
    found: dict[str, None] = {}
    for text in texts_of(claim):
        found |= dict.fromkeys(features_in(text))
    return list(found | dict.fromkeys(features_beside(claim)))


def features_in(text: str) -> list[str]:
    """What is found in a folded text; some of it may come again."""
    runs = _runs(_LONG_NUMBER.sub(_spread, text))
    if not runs or max(map(len, runs)) <= WORD_CHARS:
        return runs
    return [part for run in runs for part in _overlapping(run)]


def features_beside(claim: Claim) -> list[str]:
    """What a claim is found by that is in no text."""
    found = [_ACTOR + actor_key(actor.key) for actor in claim.actors]
    found += [_TARGET + target for target in claim.targets]
    found.append(_KIND + claim.kind)
    return found


def is_word(feature: str) -> bool:
    """Whether a feature stands in the vocabulary."""
    return feature[0].isalnum() and not _UNPARTED.match(feature)


def parts_of(query: str) -> list[Part]:
    """What a search for words can be asked of an index by."""
    found: dict[Part, None] = {}
    for term in terms_of(query):
        for run in _runs(term):
            if not is_word(run):
                found[Part(features=(run,))] = None
            elif _LONG_NUMBER.fullmatch(run):
                for window in features_in(run):
                    found[Part(features=(window,))] = None
            else:
                found[Part(part=run[:PART_CHARS])] = None
    return list(found)


def of_kind(kind: str) -> Part:
    """The claims of a kind."""
    return Part(features=(_KIND + kind,))


def of_actors(keys: Iterable[str]) -> Part:
    """The claims with one of some actors, see `projections.search.actor_keys`."""
    return Part(features=tuple(_ACTOR + key for key in keys))


def of_target(government: str) -> Part:
    """The claims that concern a government."""
    return Part(features=(_TARGET + government,))


@lru_cache(maxsize=KEYS_KEPT)
def key_of(text: str) -> int:
    """A feature or a gram as an index keeps it, in 32 bits; two may share one."""
    return crc32(text.encode()) - 2**31


@lru_cache(maxsize=KEYS_KEPT)
def grams_of(word: str) -> tuple[int, ...]:
    """The keys of every one, two and three letters that follow each other in a word."""
    found: dict[str, None] = {}
    for chars in range(1, GRAM_CHARS + 1):
        for begin in range(len(word) - chars + 1):
            found[word[begin : begin + chars]] = None
    return tuple(map(key_of, found))


def grams_asked(part: str) -> list[int]:
    """Keys among `grams_of` of every word that holds a part."""
    chars = min(len(part), GRAM_CHARS)
    grams = {part[begin : begin + chars] for begin in range(len(part) - chars + 1)}
    return [key_of(gram) for gram in sorted(grams)]


class Spans(msgspec.Struct, frozen=True):
    """Spans of days that follow each other: `months` of up to two years, then `years`, as the
    function `search_places` of the schema numbers them."""

    months: tuple[int, ...]
    years: tuple[int, ...]


def spans(first: date, last: date, *, oldest: bool) -> Spans:
    """The spans that hold two days and all between them, from the newest or from the `oldest`."""
    years = list(range(first.year, last.year + 1))
    way = 1 if oldest else -1
    near, far = years[::way][:YEARS_OF_MONTHS], years[::way][YEARS_OF_MONTHS:]
    months = [12 * year + month for year in near for month in range(1, 13)[::way]]
    begins = first.month - 1 if oldest else 12 - last.month
    return Spans(tuple(months[begins:]), tuple(YEARS + year for year in far))


def positions_up_to(position: int) -> list[int]:
    """The numbers of the positions up to one, and of fewer than as many more."""
    return [POSITIONS + bits for bits in range(1, position.bit_length() + 1)]


def years_up_to(moment: datetime) -> list[int]:
    """The numbers of the years of what was known by a moment; those up to the first have one."""
    last = moment.astimezone(UTC).year
    return [KNOWN + year for year in range(KNOWN_YEAR, max(last, KNOWN_YEAR) + 1)]


def _runs(text: str) -> list[str]:
    if text.isascii():
        return _RUNS_OF_ASCII.findall(text)
    found: list[str] = _RUNS.findall(text)
    return [one for run in found for one in ([run] if run.isascii() else _APART.findall(run))]


def _spread(number: re.Match[str]) -> str:
    """A long number as several words of so many digits, each of which begins a digit later."""
    run = number[0]
    return " ".join([run[begin : begin + DIGITS] for begin in range(len(run) - DIGITS + 1)])


def _overlapping(run: str) -> list[str]:
    """A long run of letters cut into words that overlap, so that any short part of it lies in one
    of them."""
    if len(run) <= WORD_CHARS:
        return [run]
    step = WORD_CHARS - PART_CHARS + 1
    last = len(run) - PART_CHARS
    return [run[begin : begin + WORD_CHARS] for begin in range(0, last + step, step)]
