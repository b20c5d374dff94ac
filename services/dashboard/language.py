"""The functions that every word for people goes through, and the languages they speak; it never
finds out by itself which one a reader wants.

Write `_("%(count)s records", count=n)`: the text stands in the code in English, values are named,
and Babel finds it in Python and in the templates. `make words` carries it into the catalogues in
`locales/`, which are read as they stand: nothing compiled is kept.
"""

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final, TypeVar

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol
from markupsafe import Markup

from domain.errors import Article20Error, Said
from services.partial_dates import NotADate

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "fr": "Français", "es": "Español"}
"""Code of a language that pages speak -> what it calls itself."""
LOCALES: Final = Path(__file__).parent / "locales"
ACCEPTED_MAX: Final = 20
"""How many languages of a browser's list are looked at."""
SMALL_MAX: Final = 9_999
_K = TypeVar("_K")
_Pieces = tuple[str | date, ...]
_PLACE: Final = re.compile(r"%\((\w+)\)s")


class Tongue:
    """A language with its catalogue, and how it writes figures."""

    def __init__(self, code: str, catalogue: NullTranslations) -> None:
        self.code, self.catalogue = code, catalogue
        known = code if code in LANGUAGES else ENGLISH
        self.locale: str = "en" if known == ENGLISH else known
        self.group: str = get_group_symbol(self.locale)
        self.decimal: str = get_decimal_symbol(self.locale)
        self.groups_from: int = SMALL_MAX + 1 if self.locale == "es" else 1_000
        """Spanish parts no number of four figures."""


def catalogue_path(code: str) -> Path:
    """Where the words of a language stand."""
    return LOCALES / code / "LC_MESSAGES" / "article20.po"


@cache
def tongue(code: str) -> Tongue:
    """One of `LANGUAGES`; its catalogue is read and compiled in memory when first asked for."""
    if code == ENGLISH:
        return Tongue(ENGLISH, NullTranslations())
    with catalogue_path(code).open("rb") as file:
        words = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return Tongue(code, GNUTranslations(compiled))


_UNASKED: Final = tongue(ENGLISH)
_CHOSEN: Final[ContextVar[Tongue]] = ContextVar("article20_language", default=_UNASKED)


def choose(chosen: Tongue) -> None:
    """Let what is said from here on, in this task, be in a language."""
    _CHOSEN.set(chosen)


def chosen() -> Tongue:
    """The language that is spoken in this task."""
    return _CHOSEN.get()


def preferred(accepted: str) -> str:
    """The code of the language that a browser's `Accept-Language` likes best; English where it
    names none that pages speak."""
    ranked = []
    for place, part in enumerate(accepted.split(",")[:ACCEPTED_MAX]):
        name, _semicolon, weight = part.strip().partition(";")
        code = name.partition("-")[0].strip().lower()
        try:
            liking = float(weight.partition("=")[2] or 1) if weight else 1.0
        except ValueError:
            liking = 0.0
        if code in LANGUAGES and 0 < liking <= 1:
            ranked.append((-liking, place, code))
    return min(ranked)[2] if ranked else ENGLISH


def word(text: str, /) -> str:
    """Mark a text of a table for the catalogues; it stands in English until it is looked up."""
    return text


class Words(Mapping[_K, str]):
    """A table of words, each read in the language that is spoken when it is looked up."""

    def __init__(self, words: Mapping[_K, str]) -> None:
        self._words = dict(words)

    def __getitem__(self, key: _K) -> str:
        return _CHOSEN.get().catalogue.gettext(self._words[key])

    def __iter__(self) -> Iterator[_K]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def _(text: str, /, **values: object) -> str:
    """A text in the chosen language, its named values put in."""
    said = _CHOSEN.get().catalogue.gettext(text)
    return said % values if values else said


def many(one: str, more: str, number: int, /, **values: object) -> str:
    """The form of a text that fits a number, which both forms may name as `%(count)s`."""
    said = _CHOSEN.get().catalogue.ngettext(one, more, number)
    return said % {"count": count_text(number), **values}


def told(text: str, /, **values: object) -> _Pieces:
    """A sentence as pieces, its days kept as days; a value may be pieces itself."""
    return _placed(_CHOSEN.get().catalogue.gettext(text), values)


def told_many(one: str, more: str, number: int, /, **values: object) -> _Pieces:
    """The same for the form that fits a number, which both forms may name as `%(count)s`."""
    said = _CHOSEN.get().catalogue.ngettext(one, more, number)
    return _placed(said, {"count": count_text(number), **values})


def error_words(error: Article20Error) -> str:
    """What an error says, in the chosen language: the template of its class with its facts."""
    template = " ".join((type(error).__doc__ or "").split())
    said = _CHOSEN.get().catalogue.gettext(template)
    return said.format(**_facts_in_words(error.facts))


def who(by: str) -> str:
    """Who recorded or decided, as far as the log says: a person, a token, a source, an import."""
    kind, _parted, rest = by.partition(":")
    words = {
        "person": _("a person of the desk"),
        "token": _("an API token"),
        "source": _("the webhook source %(name)s", name=rest),
        "import": _("an import"),
    }
    return words.get(kind, by)


def _facts_in_words(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: _in_words(name, fact) for name, fact in facts.items()}


def _in_words(name: str, fact: object) -> object:
    if isinstance(fact, Said):
        template = _CHOSEN.get().catalogue.gettext(fact.template)
        return template.format(**_facts_in_words(fact.facts))
    if isinstance(fact, str) and fact:
        return who(fact) if name == "by" else _(fact)
    return fact


def problem_words(error: Exception, detail: str) -> str:
    """What a refusal says, where `detail` is what the API says of the same."""
    if isinstance(error, Article20Error) and detail == str(error):
        return error_words(error)
    return _(detail)


def date_words(error: ValueError) -> str:
    """Why what was typed is no date, in the chosen language."""
    if not isinstance(error, NotADate):
        return str(error)
    advice = error.facts["how"]
    facts = {**error.facts, "how": _(advice)}
    return _(error.template) % facts


def count_text(number: int) -> str:
    """A whole number, its thousands parted: `1,029,763`, `1 029 763`, `1.029.763`."""
    tongue_ = _CHOSEN.get()
    if -tongue_.groups_from < number < tongue_.groups_from:
        return str(number)
    written = f"{number:,}"
    return written if tongue_.group == "," else written.replace(",", tongue_.group)


def decimal_text(value: float, places: int) -> str:
    """A number to so many places: `1234.5`, `1234,5`."""
    written = f"{value:.{places}f}"
    mark = _CHOSEN.get().decimal
    return written if mark == "." else written.replace(".", mark)


def template_text(text: str, /, **values: object) -> Markup:
    """What templates' `_()` asks for; values are escaped."""
    said = Markup(_CHOSEN.get().catalogue.gettext(text))
    return said % values if values else said


def template_many(one: str, more: str, number: int, /, **values: object) -> Markup:
    """What templates' `ngettext()` asks for; both forms may name the number as `%(num)s`."""
    said = Markup(_CHOSEN.get().catalogue.ngettext(one, more, number))
    return said % {"num": count_text(number), **values}


def _placed(said: str, values: Mapping[str, object]) -> _Pieces:
    pieces: list[str | date] = []
    for place, part in enumerate(_PLACE.split(said)):
        found = values[part] if place % 2 else part
        for piece in found if isinstance(found, tuple) else (found,):
            if isinstance(piece, date):
                pieces.append(piece)
            elif pieces and isinstance(pieces[-1], str):
                pieces[-1] += str(piece)
            elif piece != "":
                pieces.append(str(piece))
    return tuple(pieces)
