"""Carries the words of the code into the catalogues: what is new is added, what is gone is dropped;
it never translates.

`make words` writes them; a test compares them with the code. Words stand in the Python of the
dashboard and of what it says, in the templates, and in the domain itself: kinds of claim, their
fields and choices, and the errors, whose docstrings are their messages.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Final

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from domain import errors
from domain.errors import Article20Error
from domain.events import WORDS
from domain.kinds import KINDS
from domain.treaties import TREATIES
from services.api import problems
from services.dashboard import screens
from services.dashboard.forms import words as form_words
from services.dashboard.language import ENGLISH, LANGUAGES, catalogue_path
from services.dashboard.names import CHOICES, FIELDS
from services.dashboard.words import english_words
from services.partial_dates import (
    BOTH_ENDS,
    HOW,
    NO_CENTURY,
    NO_SEASONS,
    PART_OF_MONTH,
    PART_OF_YEAR,
)

ROOT: Final = Path(__file__).resolve().parent.parent
DASHBOARD: Final = ROOT / "services" / "dashboard"
BESIDE: Final = (
    *("services/api/sessions.py", "services/devices.py", "services/partial_dates.py"),
    *("domain/amending.py", "domain/campaigns.py", "domain/desk.py", "domain/known.py"),
    "domain/sameness.py",
)
"""Files beside the dashboard whose words its pages show."""
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "word": None,
    "told": None,
    "many": (1, 2),
    "told_many": (1, 2),
    "NotADate": None,
    "Said": None,
    "ngettext": (1, 2),
}
OPTIONS: Final = {"newstyle_gettext": "true", "trimmed": "false"}
BESIDE_SCREENS: Final = (
    *("services.api.access", "services.api.problems", "services.api.sessions"),
    *("services.dashboard.answering", "services.dashboard.routes", "domain.clocks", "domain.desk"),
)
"""Modules beside those of the screens whose errors pages tell."""
TOLD_TOO: Final = (
    *(errors.GovernmentNotFound, errors.TreatyNotFound),
    *(errors.BeyondLog, errors.Overloaded),
)
"""Errors that pages tell which none of these modules names."""
WIDTH_CHARS: Final = 100
SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def extracted() -> Catalog:
    """Every word of the code, once, in the order of the files."""
    found = Catalog()
    for path, method in _files():
        name = path.relative_to(ROOT).as_posix()
        for _line, message, comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, options=OPTIONS, strip_comment_tags=True
        ):
            found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    for text in sorted(set(_of_domain()) - {""}):
        found.add(text, None, [("domain", 0)])
    return found


def updated(code: str) -> Catalog:
    """The catalogue of a language with exactly the words of the code; what is new is empty."""
    path = catalogue_path(code)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code)
    else:
        catalogue = Catalog(locale=code)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# {LANGUAGES[code]}: the words of the dashboard of article20."
    return catalogue


def save(code: str, catalogue: Catalog) -> None:
    """Write a catalogue to its place: no file or line is named and no date, so that two people who
    add words at once change no line of each other's."""
    catalogue.project, catalogue.version = "article20", "1"
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "article20"
    catalogue.copyright_holder, catalogue.fuzzy = "article20", False
    catalogue.creation_date = catalogue.revision_date = SINCE
    path = catalogue_path(code)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            width=WIDTH_CHARS,
            no_location=True,
            ignore_obsolete=True,
            sort_output=True,
        )


def write(code: str) -> Sequence[str]:
    """Bring the catalogue of a language up to date; what still has no translation."""
    catalogue = updated(code)
    save(code, catalogue)
    return [str(one.id) for one in catalogue if one.id and not _is_said(one.string)]


def _is_said(said: object) -> bool:
    return all(said) if isinstance(said, tuple | list) else bool(said)


def _files() -> Iterator[tuple[Path, str]]:
    for path in sorted(DASHBOARD.rglob("*.py")):
        yield path, "python"
    for name in BESIDE:
        yield ROOT / name, "python"
    for path in sorted(DASHBOARD.glob("templates/*.html")):
        yield path, "jinja2"


def _of_domain() -> Iterator[str]:
    yield from (HOW, BOTH_ENDS, NO_CENTURY, NO_SEASONS, PART_OF_MONTH, PART_OF_YEAR)
    for treaty in TREATIES.values():
        yield treaty.short_name
    for kind, shape in KINDS.items():
        yield english_words(kind)
        yield " ".join((shape.__doc__ or "").split())
        yield english_words(shape.__module__.rpartition(".")[2])
    for name in FIELDS:
        yield form_words.field_label(name)
        yield english_words(name)
    for value in CHOICES:
        yield form_words.value_words(value)
        yield english_words(value)
    yield from problems.SAID
    for done in WORDS.values():
        yield done.replace("_", " ")
    for error in sorted(_errors(), key=lambda one: one.__name__):
        yield " ".join((error.__doc__ or "").split())
        yield english_words(error.slug.replace("-", "_"))


def _errors() -> set[type[Article20Error]]:
    """The errors that pages know by name; any other is told in English, as the API tells it."""
    names = [f"{screens.__name__}.{found.name}" for found in iter_modules(screens.__path__)]
    modules = [import_module(name) for name in (*names, *BESIDE_SCREENS)]
    return {
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Article20Error)
    }.union(TOLD_TOO) - {Article20Error}


def main() -> None:
    """Update every catalogue, and say what is left to translate."""
    for code in LANGUAGES:
        if code != ENGLISH:
            left = write(code)
            print(f"{code}: {len(left)} left to translate")
            for text in left:
                print(f"  {text}")


if __name__ == "__main__":
    main()
