"""The words of the dashboard: the catalogues hold them all, and no page says another one."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from docs.words import extracted
from domain.treaties import TREATIES
from projections.deadlines import running_clocks
from projections.dossier import MEASURES
from services.dashboard import words
from services.dashboard.assets import assets
from services.dashboard.language import ENGLISH, LANGUAGES, Tongue, catalogue_path, choose, tongue
from services.dashboard.render import render
from services.dashboard.states import GOVERNMENTS
from services.dashboard.words import reason_words
from services.intake.sheets.columns import SOURCE_FIELDS, source_column
from services.intake.sheets.listed import CORE
from tests import chronology
from tests.services.dashboard import gallery, test_built

OTHERS = tuple(code for code in LANGUAGES if code != ENGLISH)
PLACES = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)(?:![rs])?\}")
SAID_IN = (
    *("aria-label", "title", "placeholder", "alt", "label"),
    *("data-l", "data-says-name", "data-close"),
)
"""Attributes that hold words for people."""
MARKS = re.compile("⟦[^⟦⟧]*⟧")
LETTERS = re.compile(r"[^\W\d_]{2}")


@cache
def catalogue(code: str) -> Catalog:
    """The catalogue of a language as it stands."""
    with catalogue_path(code).open("rb") as file:
        return read_po(file, locale=code)


@cache
def of_the_code() -> Catalog:
    """Every word of the code."""
    return extracted()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    choose(tongue(ENGLISH))


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_the_words_of_the_code_and_no_others(code: str) -> None:
    """None is missing, none is left over, none is a guess: `make words` brings them in line."""
    wanted = {message.id for message in of_the_code() if message.id}
    held = {message.id for message in catalogue(code) if message.id}
    assert wanted - held == set()
    assert held - wanted == set()
    assert [message.id for message in catalogue(code) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_word_is_translated_with_its_values(code: str) -> None:
    """A translation is there, in each of its forms, names the values of the text, and holds nothing
    that would break out of a page."""
    forms = catalogue(code).num_plurals
    for message in catalogue(code):
        if not message.id:
            continue
        texts = message.id if isinstance(message.id, tuple | list) else (message.id,)
        told = message.string
        said = [str(one or "") for one in (told if isinstance(told, tuple | list) else (told,))]
        assert len(said) == (forms if len(texts) > 1 else 1), message.id
        assert all(said), message.id
        assert _places(said[-1]) == _places(texts[-1]), message.id
        for one in said:
            assert _places(one) <= _places(texts[-1]), message.id
            assert not set(one) & set('<>"') - set(texts[-1]), message.id


WRONG_SIGNS = {
    "fr": re.compile(r"(?<![\u00a0\u202f])[;?!»](?!\w)|(?<=\w):(?= )|(?<= )[:;?!»]|«(?!\u00a0)"),
    "es": re.compile(r"^[^¿]*\?|^[^¡]*!|\s[:;?!»]|«\s"),
}
"""Signs as another language sets them, by language."""
TYPED = re.compile("`[^`]*`")


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_is_set_by_its_own_rules(code: str) -> None:
    """French keeps its signs from the line's end with a space that does not break; Spanish opens
    its questions, and neither takes over the habits of English."""
    for message in catalogue(code):
        if not message.id:
            continue
        told = message.string
        for one in told if isinstance(told, tuple | list) else (told,):
            assert not WRONG_SIGNS[code].search(PLACES.sub("x", TYPED.sub("x", one or ""))), one


def test_the_reasons_of_the_domain_are_in_the_catalogues() -> None:
    """What a number leaves out, and why, is said in every language."""
    held = {message.id for message in of_the_code()}
    reasons = {
        out.reason
        for code in ("FIN", "LTU", "POL", "UKR", "RUS")
        for measure in MEASURES.values()
        for out in measure(
            [version.facts for version in chronology.versions(government=code)],
            code,
            test_built.EVE,
            chronology.weights(),
        ).excluded
    }
    assert reasons
    assert reasons <= held
    assert set(words.LEFT_OUT) <= held


def _places(text: str) -> set[str]:
    return {one or other for one, other in PLACES.findall(text)}


class Marked(NullTranslations):
    """A language that says every text of the catalogues between marks, its values outside them."""

    def gettext(self, message: str) -> str:
        return f"⟦{PLACES.sub(lambda place: f'⟧{place[0]}⟦', message)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
NO_WORDS = re.compile(
    rf"article20( rebuild)?|\b({MONTHS})( \d{{4}})?\b|UTC"
    r"|\b(XLSX|CSV|ICS|JSONL?|XML|RSS|HXL|UTF-8|MiB)\b"
    r"|\b(Ed25519|Esc|Ctrl|seq:\d+|Art\. \d+(\(\d+\))?|EFTA|APMBC|CCM)\b|floor|log₂|age/|2\^\S+"
    r"|\S+@\S+|\b[\w-]+(\.[\w-]+)+\b|/[\w/.-]+(\?\S+)?|\b[a-z]{3}-\d{4}-[\w-]+|\b[0-9a-f-]{36}\b"
    r"|(erosion|pressure|backing)/\d|English|Français|Español|Linux|iPhone"
    r"|\([a-z]{2}\)|\bOld\b"
)
"""What is the same in every language: names, codes, formats, signs of formulas, addresses, months
of the language that dates are shown in."""


@cache
def samples() -> tuple[str, ...]:
    """What is data on the sample pages, longest first: the shipped record, what the samples wrote,
    and the columns of files, which are the same for everybody."""
    folder = Path(gallery.__file__).parent
    paths = [
        folder / f"{name}.py" for name in ("gallery", "samples", "poland", "screens", "test_built")
    ]
    written = [text for path in (*paths, *folder.glob("*_screens.py")) for text in _literals(path)]
    columns = [
        column.label
        for column in (*CORE, *(source_column(n, f) for n in (1, 2) for f in SOURCE_FIELDS))
    ]
    record = [*_strings(chronology.versions()), *GOVERNMENTS.values()]
    found = {text.strip(" .") for text in (*record, *written, *columns)}
    found |= {text[:1].upper() + text[1:] for text in found}
    return tuple(sorted((text for text in found if len(text) > 2), key=len, reverse=True))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _strings(getattr(value, name))
    elif isinstance(value, dict):
        yield from _strings(list(value.items()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def _literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


class _Said(HTMLParser):
    """Every text that a reader meets on a page, and what of it stands outside of marks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.depth, self.unsaid = 0, ""
        self.foreign: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take up the attributes that are said; leave out what is not text for people, and what
        says of itself which language it is in."""
        if tag != "html" and (
            self.foreign[:1] == [tag] or (not self.foreign and "lang" in dict(attrs))
        ):
            self.foreign.append(tag)
        self.found += [MARKS.sub("\n", value) for name, value in attrs if name in SAID_IN and value]
        self.unsaid = tag if tag in ("script", "style", "datalist") else self.unsaid

    def handle_endtag(self, tag: str) -> None:
        """Go on where something left out ends."""
        if self.foreign[:1] == [tag]:
            self.foreign.pop()
        self.unsaid = "" if tag == self.unsaid else self.unsaid

    def handle_data(self, data: str) -> None:
        """Take up a text; marks may begin before an element and end after it."""
        for part in re.split("([⟦⟧])", data):
            if part in ("⟦", "⟧"):
                self.depth += 1 if part == "⟦" else -1
            elif self.depth == 0 and not self.unsaid and not self.foreign:
                self.found.append(part)


@cache
def _whole() -> frozenset[str]:
    return frozenset(samples())


@cache
def _is_data(text: str) -> bool:
    """Whether a text is of the samples, or the same in every language."""
    if not LETTERS.search(NO_WORDS.sub("", text)):
        return True
    if text.strip(" .") in _whole():
        return True
    cut = text.removesuffix(" …")
    for known in samples():
        if known in text:
            text = text.replace(known, "")
        elif cut and known.startswith(cut):
            return True
    return not LETTERS.search(NO_WORDS.sub("", text))


def _untranslated(page: msgspec.Struct, *, framed: bool) -> list[str]:
    """What a page says that is neither from the catalogues nor data; its frame where asked."""
    said, html = _Said(), render(page)
    said.feed(html if framed else html[html.index("<main") : html.index("</main>")])
    return [text for text in map(str.strip, said.found) if not _is_data(text)]


def test_no_page_says_a_word_that_is_not_translated() -> None:
    """On every sample page, every text, name and title is from the catalogues, is data, or is one
    of the few things that are the same in every language."""
    choose(Tongue("marked", Marked()))
    framed = ("today", "today-past", "today-mistyped", "login", "government", "review")
    found = {
        name: _untranslated(page, framed=name in framed) for name, page in _every_page().items()
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_every_reason_of_a_clock_is_said_in_the_language(code: str) -> None:
    """Why a clock runs at all, and why it has no date, is words of the catalogue: of each duty of
    the treaties, and of every clock that runs by the shipped chronology."""
    versions = chronology.versions()
    found = running_clocks(
        [v.facts for v in versions], versions, on=test_built.EVE, known_at="seq:412"
    )
    reasons = {clock.reason for clock in found.deadlines if clock.reason}
    reasons |= {duty.only_if for law in TREATIES.values() for duty in law.duties if duty.only_if}
    assert len(reasons) > 3
    choose(tongue(code))
    assert {reason for reason in reasons if reason_words(reason) == reason} == set()


def _every_page() -> dict[str, msgspec.Struct]:
    built = {
        "today-built": test_built.today(),
        "government-built": test_built.government("POL"),
        "government-lithuania": test_built.government("LTU"),
    }
    return {**gallery.pages(), **built}


MAIN = (
    *("today-built", "government-built", "governments", "explain", "claims", "claim", "criticism"),
    *("transfers", "commitments", "deadlines", "map", "compare", "integrity", "record-filled"),
    *(
        "review",
        "campaigns",
        "campaign",
        "sources",
        "import",
        "people",
        "audit",
        "account",
        "login",
    ),
)


@pytest.mark.parametrize("code", OTHERS)
def test_the_main_pages_stand_in_every_language(code: str) -> None:
    """Each renders, says which language it is in, and no text of it is left in English."""
    choose(tongue(code))
    english = {
        message.id
        for message in catalogue(code)
        if isinstance(message.id, str) and message.id != message.string and " " in message.id
    }
    english -= set(samples())
    pages = _every_page()
    for name in MAIN:
        html = render(pages[name])
        said = _Said()
        said.feed(html)
        assert f'<html lang="{code}">' in html, name
        assert english & {text.strip() for text in said.found} == set(), name


def test_style_sheets_say_nothing() -> None:
    """What a style sheet puts on a page is a mark or comes from an attribute: words have
    catalogues, and a style sheet has none."""
    for name, asset in assets().items():
        if name.endswith(".css"):
            for put in re.findall(r"content:([^;}]*)", asset.body.decode()):
                marks = re.sub(r"attr\([a-z-]+\)|\\[0-9a-f]+|var\([a-z-]+\)", "", put)
                assert not re.search(r"[\"'][^\"']*[a-z][^\"']*[\"']", marks), f"{name}: {put}"
