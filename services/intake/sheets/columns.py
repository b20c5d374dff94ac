"""All columns a table of claims may have, by path, header and HXL tag; it reads no cell.

A path reads as the claim does: `occurred_on`, `sources.2.url` (the second source), and, following
the types of the details, `details.votes.for`.
"""

import re
import types
import unicodedata
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from domain.claims import SOURCES_MAX
from domain.details import Votes
from domain.faults import EDTF_FIELDS
from domain.kinds import DETAILS_OF
from services.intake.sheets.listed import (
    ADDRESSES,
    CORE,
    DETAILS,
    MORE_SOURCES,
    RESTATED,
    SOURCE,
    Column,
    Type,
    column,
)

FLATTENED: Final = frozenset({"votes", "second_ballot"})
"""Details that are structs and have a column for each of their fields."""
SOURCES_SHOWN: Final = 3
"""So many sources have columns in a template; in an export further ones share a column."""


def source_column(number: int, field: str) -> Column:
    """The column of one field of one source, numbered from 1."""
    for name, label, kind, tag, note, others in SOURCE:
        if name == field:
            index = f"+i{number}" if number > 1 else ""
            first = number == 1
            return column(
                f"sources.{number}.{name}",
                f"Source {number} {label}",
                kind,
                f"#meta+source+{tag}{index}",
                note,
                *(f"source {number} {other}" for other in (name, *others)),
                *((f"source {label}", f"source {name}", *_alone(name)) if first else ()),
                choices=tuple("ABCDEF") if name == "reliability" else (),
            )
    raise KeyError(field)


def _alone(field: str) -> tuple[str, ...]:
    """Names that mean the first source where nothing is said of a source."""
    return {
        "publisher": ("publisher", "source", "quelle", "fuente"),
        "url": ("url", "link", *ADDRESSES, "source url", "source link"),
        "published_on": ("published on", "publication date"),
        "language": ("language",),
        "reliability": ("reliability", "source grade"),
        "credibility": ("credibility",),
    }.get(field, ())


SOURCE_FIELDS: Final = tuple(name for name, *_ in SOURCE)


@cache
def details_columns() -> dict[str, Column]:
    """Path -> column, for every detail of every kind."""
    found: dict[str, Column] = {}
    for shape in DETAILS_OF.values():
        for name, type_ in get_type_hints(shape, include_extras=True).items():
            if name in FLATTENED:
                for field in msgspec.structs.fields(Votes):
                    path = f"details.{name}.{field.encode_name}"
                    found[path] = _detail(path, "integer")
            elif name not in ("kind", "version"):
                path = f"details.{name}"
                found[path] = _detail(path, _type_of(name, type_), _choices_of(type_))
    return dict(sorted(found.items()))


def _detail(path: str, kind: Type, choices: tuple[str, ...] = ()) -> Column:
    words = path.removeprefix("details.").replace(".", " ").replace("_", " ")
    tag = "+".join(path.split("."))
    note = "As JSON." if kind == "json" else "Where the kind has it; see docs/events.md."
    label = f"{words[0].upper()}{words[1:]}"
    return column(path, label, kind, f"#meta+{tag}", note, words, choices=choices)


def _type_of(name: str, hint: Any) -> Type:
    """How cells of a detail are read, from its declared type."""
    if name in EDTF_FIELDS:
        return "date"
    if name in ("supplier", "recipient"):
        return "government"
    plain = {_bare(one) for one in _alternatives(hint)}
    if plain == {str}:
        return "text"
    if plain == {bool}:
        return "bool"
    if plain == {int}:
        return "integer"
    if plain == {float}:
        return "number"
    if any(get_origin(one) is Literal for one in plain):
        return "choice"
    if int in plain:
        return "amount"
    if any(get_origin(one) is tuple and _bare(get_args(one)[0]) is str for one in plain):
        return "texts"
    return "json"


def _choices_of(hint: Any) -> tuple[str, ...]:
    return tuple(
        str(choice)
        for one in _alternatives(hint)
        if get_origin(_bare(one)) is Literal
        for choice in get_args(_bare(one))
    )


def _alternatives(hint: Any) -> list[Any]:
    bare = _bare(hint)
    if get_origin(bare) is types.UnionType or str(get_origin(bare)) == "typing.Union":
        return [
            one for arg in get_args(bare) for one in _alternatives(arg) if one is not type(None)
        ]
    return [bare]


def _bare(hint: Any) -> Any:
    return _bare(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


@cache
def all_columns() -> dict[str, Column]:
    """Path -> column: the core, the sources with their numbers, every detail, and what an export
    restates."""
    sources = [source_column(n, f) for n in range(1, SOURCES_MAX + 1) for f in SOURCE_FIELDS]
    listed = [*CORE, *sources, MORE_SOURCES, DETAILS, *RESTATED]
    return {one.path: one for one in listed} | details_columns()


@cache
def names() -> dict[str, str]:
    """What headers may say, folded -> path. Where two columns share a name, the first keeps it."""
    found: dict[str, str] = {}
    columns = all_columns().values()
    for one in columns:
        found.setdefault(folded(one.path), one.path)
    for one in columns:
        found.setdefault(folded(one.label), one.path)
    for one in columns:
        for other in one.others:
            found.setdefault(folded(other), one.path)
    return found


@cache
def tags() -> dict[tuple[str, frozenset[str]], str]:
    """HXL tag and its attributes -> path."""
    return {hxl_of(one.hxl): path for path, one in all_columns().items()}


def hxl_of(text: str) -> tuple[str, frozenset[str]]:
    """A tag with its attributes, in whichever order they stand."""
    tag, *attributes = text.lower().replace(" ", "").split("+")
    return tag, frozenset(attributes)


def folded(header: str) -> str:
    """A header without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain))
