"""Writes a brief as HTML that needs no other file, or as JSON; it never fetches, decides or asks
the time."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.dashboard import formats
from services.dashboard.assets import assets
from services.dashboard.charts.series import MEASURE_NAMES
from services.reports.brief import counted, known_words
from services.reports.model import Brief

TEMPLATES: Final = Path(__file__).parent / "templates"
Form = Literal["html", "json"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)


def render(brief: Brief, form: Form) -> bytes:
    """The brief as a document in UTF-8, ending in a line feed; the same bytes for the same
    brief."""
    return b"".join(parts(brief, form))


def parts(brief: Brief, form: Form) -> Iterator[bytes]:
    """The same document, some of it at a time: the lines of the brief are made while they are
    written."""
    return _json(brief) if form == "json" else _html(brief)


def _json(brief: Brief) -> Iterator[bytes]:
    numbers = [msgspec.structs.replace(one, terms=(), excluded=()) for one in brief.numbers]
    bare = msgspec.structs.replace(
        brief, numbers=tuple(numbers), timeline=(), disputed=(), sources=()
    )
    lists: list[tuple[str, Collection[Any]]] = []
    for one in brief.numbers:
        lists += [("terms", one.terms), ("excluded", one.excluded)]
    lists += [("timeline", brief.timeline), ("disputed", brief.disputed)]
    left = _indented(bare)
    for name, lines in (*lists, ("sources", brief.sources)):
        # No text has these bytes: a quotation mark in a text comes after a backslash.
        before, empty, left = left.partition(f'"{name}": []'.encode())
        yield before
        if lines:
            yield empty[: -len(b"]")]
            yield from _listed(lines, before[before.rindex(b"\n") :])
            yield b"]"
        else:
            yield empty
    yield left + b"\n"


def _listed(lines: Iterable[Any], indent: bytes) -> Iterator[bytes]:
    """The elements of a list that stands after that line feed and indent."""
    deeper = indent + b"  "
    separator = b""
    for line in lines:
        yield separator + deeper + _indented(line).replace(b"\n", deeper)
        separator = b","
    yield indent


def _indented(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def _html(brief: Brief) -> Iterator[bytes]:
    held = ""
    for part in _environment().get_template("brief.html").generate(brief=brief, pin=brief.pin):
        text = formats.without_turns(str(part))  # what is marked safe would escape the rest
        if not (shown := text.rstrip()):
            held += text
            continue
        yield (held + shown).encode()
        held = text[len(shown) :]
    yield b"\n"


def _factor_text(value: float) -> str:
    """A factor of a term with at most three decimals: `8`, `0.98`, `0.125`."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Any] = {
        "day": formats.date_html,
        "factor": _factor_text,
        "known_words": known_words,
        "score": formats.score_text,
        "web_address": formats.web_address,
        "when": formats.date_text,
    }
    environment.filters.update(filters)
    environment.globals.update(
        MEASURE_NAMES=MEASURE_NAMES,
        STATE_TAGS=formats.STATE_TAGS,
        STATUS_TAGS=formats.STATUS_TAGS,
        counted=counted,
        names_text=formats.names_text,
        tokens=assets()["tokens.css"].body.decode(),
    )
    return environment
