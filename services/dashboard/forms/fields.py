"""The fields of a form, made from the typed shapes of what is filled in; pure, and no kind of claim
is named here: a new kind has its form by itself.

A field is named after the place it fills, with dots for the slashes of its JSON Pointer:
`details.votes.against`, `sources.0.url`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Final, Literal

import msgspec
from msgspec import inspect as shapes

from domain.claims import (
    ACTORS_MAX,
    RELATIONS_MAX,
    SOURCES_MAX,
    TARGETS_MAX,
    Actor,
    ActorKind,
    Claim,
    Relation,
    Source,
)
from domain.details import Details, Quantity
from domain.kinds import DETAILS_OF
from services.dashboard.forms.words import INPUT_HINTS, field_hint, field_label, value_words

Input = Literal[
    "line", "text", "url", "date", "government", "count", "share", "amount", "choice", "flag",
    "lines", "values", "pairs", "who",
]  # fmt: skip
LINE_CHARS_MAX: Final = 400
EDTF_TITLE: Final = "EDTF date, level 0 or 1"
CODE_TITLE: Final = "ISO 3166-1 alpha-3"
DISPUTED_MAX: Final = 20
INPUTS: Final[dict[str, Input]] = {"title": "line", "url": "url", "published_on": "date"}
"""Fields whose type alone does not say how they are best filled in."""


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `choices` are (value, words); `pair`: the key and value of each line of a field
    of pairs; `chars_max` None for no bound of its own."""

    shape: ClassVar[str] = "leaf"

    name: str
    label: str
    input: Input
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    chars_max: int | None = None
    pair: tuple["Leaf", "Leaf"] | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that are filled in together, or not at all."""

    shape: ClassVar[str] = "group"

    name: str
    label: str
    parts: tuple["Node", ...]


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """A list: each row has the parts, whose names begin with the row's number."""

    shape: ClassVar[str] = "rows"

    name: str
    label: str
    add: str
    parts: tuple["Node", ...]
    rows_max: int
    rows_first: int = 0
    """How many rows stand there before any is added."""


Node = Leaf | Group | Rows


class ClaimFields(msgspec.Struct, frozen=True, kw_only=True):
    """Every field of a claim: what every claim has, and the details of its kind, those that are its
    own before those that every kind knows."""

    frame: tuple[Node, ...]
    own: tuple[Node, ...]
    shared: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All of them."""
        return (*self.frame, *self.own, *self.shared)


@cache
def claim_fields(kind: str) -> ClaimFields:
    """The fields of a claim of one kind; without details where there is no such kind."""
    shape = DETAILS_OF.get(kind)
    own: tuple[Node, ...] = ()
    shared: tuple[Node, ...] = ()
    if shape is not None:
        everywhere = set(Details.__struct_fields__)
        nodes = [(f.name, node_of(f"details.{f.encode_name}", f)) for f in _fields(shape)]
        own = tuple(node for name, node in nodes if name not in everywhere)
        shared = tuple(node for name, node in nodes if name in everywhere)
    return ClaimFields(frame=_frame(), own=own, shared=shared)


@cache
def _frame() -> tuple[Node, ...]:
    """What every claim has besides its kind, treaty and details."""
    by_name = {field.name: field for field in _fields(Claim)}
    summary = node_of("summary", by_name["summary"])
    visibility = node_of("visibility", by_name["visibility"])
    assert isinstance(summary, Leaf)
    return (
        Leaf(
            name="occurred_on",
            label=field_label("occurred_on"),
            input="date",
            hint=field_hint("occurred_on"),
            required=True,
        ),
        summary,
        _rows("actors", _actor("actors.*"), ACTORS_MAX, first=1),
        _rows(
            "targets",
            (Leaf(name="targets.*", label=field_label("target"), input="government"),),
            TARGETS_MAX,
            first=1,
        ),
        _rows("sources", _parts(Source, "sources.*"), SOURCES_MAX, first=1),
        _rows("relates_to", _parts(Relation, "relates_to.*"), RELATIONS_MAX),
        visibility,
    )


def node_of(name: str, field: shapes.Field) -> Node:
    """The node of one field of a struct."""
    return _node(name, field.encode_name, field.type, required=field.required)


def _node(name: str, word: str, shape: shapes.Type, *, required: bool = False) -> Node:
    shape, title, chars_max = _bare(shape)
    label, hint = field_label(word), field_hint(word)

    def leaf(kind: Input, **more: Any) -> Leaf:
        kind = INPUTS.get(word, kind)
        return Leaf(
            name=name,
            label=label,
            hint=hint or INPUT_HINTS.get(kind, ""),
            input=kind,
            required=required,
            chars_max=more.pop("chars_max", None),
            **more,
        )

    if title == EDTF_TITLE:
        return leaf("date")
    if title == CODE_TITLE:
        return leaf("government")
    match shape:
        case shapes.StrType():
            is_line = chars_max is not None and chars_max <= LINE_CHARS_MAX
            return leaf("line" if is_line else "text", chars_max=chars_max)
        case shapes.IntType():
            return leaf("count")
        case shapes.FloatType():
            return leaf("share")
        case shapes.BoolType():
            return leaf("flag", choices=(("yes", value_words("yes")), ("no", value_words("no"))))
        case shapes.LiteralType():
            return leaf("choice", choices=tuple((str(v), value_words(v)) for v in shape.values))
        case shapes.UnionType() if _is_amount(shape):
            return leaf("amount")
        case shapes.StructType() if shape.cls is Actor:
            return Group(name=name, label=label, parts=_actor(name))
        case shapes.StructType():
            return Group(name=name, label=label, parts=_parts(shape.cls, name))
        case shapes.VarTupleType():
            return _several(name, word, shape.item_type, leaf)
        case shapes.DictType():
            key = _node(name, word, shape.key_type)
            value = _node(name, word, shape.value_type)
            assert isinstance(key, Leaf)
            assert isinstance(value, Leaf)
            return leaf("pairs", pair=(key, value))
    raise TypeError(f"{name}: no field is known for {shape!r}")


def _several(name: str, word: str, item: shapes.Type, leaf: Any) -> Node:
    bare, _title, _chars_max = _bare(item)
    if isinstance(bare, shapes.StructType):
        return _rows(name, _parts(bare.cls, f"{name}.*"), DISPUTED_MAX, word=word)
    found: Leaf = leaf("lines" if isinstance(bare, shapes.StrType) else "values")
    return found


def _rows(
    name: str, parts: tuple[Node, ...], rows_max: int, *, first: int = 0, word: str = ""
) -> Rows:
    """A list; the star in the names of its parts stands for the number of the row."""
    word = word or name
    return Rows(
        name=name,
        label=field_label(word),
        add=field_label(f"add_{word}"),
        parts=parts,
        rows_max=rows_max,
        rows_first=first,
    )


def in_row(node: Node, name: str, number: int) -> Node:
    """A part of a list with the number of its row in place of the star."""
    placed = node.name.replace(f"{name}.*", f"{name}.{number}", 1)
    if isinstance(node, Leaf):
        return msgspec.structs.replace(node, name=placed)
    parts = tuple(in_row(part, name, number) for part in node.parts)
    return msgspec.structs.replace(node, name=placed, parts=parts)


def _parts(cls: type[msgspec.Struct], prefix: str) -> tuple[Node, ...]:
    return tuple(node_of(f"{prefix}.{field.encode_name}", field) for field in _fields(cls))


def _actor(prefix: str) -> tuple[Node, ...]:
    """An actor: a state is named like everybody else, and its code found by its name."""
    kinds = shapes.type_info(ActorKind)
    assert isinstance(kinds, shapes.LiteralType)
    return (
        Leaf(
            name=f"{prefix}.kind",
            label=field_label("actor_kind"),
            input="choice",
            choices=tuple((str(kind), value_words(kind)) for kind in kinds.values),
        ),
        Leaf(
            name=f"{prefix}.who",
            label=field_label("who"),
            hint=field_hint("who"),
            input="who",
            chars_max=LINE_CHARS_MAX,
        ),
        Leaf(
            name=f"{prefix}.role",
            label=field_label("role"),
            hint=field_hint("role"),
            input="line",
            chars_max=LINE_CHARS_MAX,
        ),
    )


def _fields(cls: type[msgspec.Struct]) -> Sequence[shapes.Field]:
    info = shapes.type_info(cls)
    assert isinstance(info, shapes.StructType)
    return info.fields


def _bare(shape: shapes.Type) -> tuple[shapes.Type, str, int | None]:
    """The type without what may be left out, its title, and the most characters it takes."""
    title = ""
    while True:
        if isinstance(shape, shapes.Metadata):
            title = str((shape.extra_json_schema or {}).get("title", "")) or title
            shape = shape.type
        elif isinstance(shape, shapes.UnionType):
            kept = [one for one in shape.types if not isinstance(one, shapes.NoneType)]
            if len(kept) != 1:
                return shape, title, None
            shape = kept[0]
        else:
            chars_max = shape.max_length if isinstance(shape, shapes.StrType) else None
            return shape, title, chars_max


def _is_amount(shape: shapes.UnionType) -> bool:
    return any(isinstance(one, shapes.StructType) and one.cls is Quantity for one in shape.types)
