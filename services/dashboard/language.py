"""The one function that every word for people goes through, so that catalogues can follow; it never
chooses a language by itself.

Write `_("%(count)s records", count=n)`: the text stands in the code in English, values are named,
and Babel finds both forms in Python and in the templates.
"""

from contextvars import ContextVar
from gettext import NullTranslations
from typing import Final

_ENGLISH: Final = NullTranslations()
_CHOSEN: ContextVar[NullTranslations] = ContextVar("article20_language", default=_ENGLISH)


def choose(catalogue: NullTranslations) -> None:
    """Let what is said from here on, in this task, come from a catalogue."""
    _CHOSEN.set(catalogue)


def _(text: str, /, **values: object) -> str:
    """A text in the chosen language, its named values put in."""
    said = _CHOSEN.get().gettext(text)
    return said % values if values else said


def many(one: str, more: str, number: int, /, **values: object) -> str:
    """The form of a text that fits a number, which both forms may name as `%(count)s`."""
    said = _CHOSEN.get().ngettext(one, more, number)
    return said % {"count": f"{number:,}", **values}


def template_text(text: str) -> str:
    """What templates' `_()` asks for; Jinja puts the values in, escaped."""
    return _CHOSEN.get().gettext(text)


def template_many(one: str, more: str, number: int) -> str:
    """What templates' `ngettext()` asks for."""
    return _CHOSEN.get().ngettext(one, more, number)
