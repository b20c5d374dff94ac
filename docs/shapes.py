"""Says in words what a struct's fields are, from its types and its source; it never reads a value
that somebody set."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect as shapes

_PLAIN: dict[type[shapes.Type], str] = {
    shapes.AnyType: "anything",
    shapes.BoolType: "yes or no",
    shapes.BytesType: "bytes",
    shapes.DateTimeType: "moment",
    shapes.DateType: "day",
    shapes.FloatType: "number",
    shapes.IntType: "whole number",
    shapes.StrType: "text",
    shapes.UUIDType: "UUID",
}


def in_words(shape: shapes.Type) -> str:
    """The type as a reader of the page needs it; None is left to the word "optional"."""
    match shape:
        case shapes.Metadata():
            title = (shape.extra_json_schema or {}).get("title")
            return str(title) if title else in_words(shape.type)
        case shapes.UnionType():
            return " or ".join(
                in_words(one) for one in shape.types if not isinstance(one, shapes.NoneType)
            )
        case shapes.LiteralType():
            return "one of " + ", ".join(f"`{value}`" for value in shape.values)
        case shapes.EnumType():
            return "one of " + ", ".join(f"`{member.value}`" for member in shape.cls)
        case shapes.StructType():
            return f"[{shape.cls.__name__}](#{shape.cls.__name__.lower()})"
        case shapes.VarTupleType() | shapes.ListType() | shapes.SetType() | shapes.FrozenSetType():
            return f"list of: {in_words(shape.item_type)}"
        case shapes.DictType():
            return f"{in_words(shape.key_type)} → {in_words(shape.value_type)}"
        case shapes.CustomType(cls=cls):
            return "folder" if issubclass(cls, Path) else cls.__name__
        case _:
            return _PLAIN[type(shape)] + _bounds(shape)


def _bounds(shape: shapes.Type) -> str:
    words = [
        (getattr(shape, "ge", None), "{:,} or more"),
        (getattr(shape, "gt", None), "more than {:,}"),
        (getattr(shape, "le", None), "at most {:,}"),
        (getattr(shape, "lt", None), "less than {:,}"),
        (getattr(shape, "max_length", None), "at most {:,} characters"),
    ]
    said = [text.format(bound) for bound, text in words if bound is not None]
    return f" ({', '.join(said)})" if said else ""


def structs_in(shape: shapes.Type) -> Iterator[type[msgspec.Struct]]:
    """The structs a type is made of, its own parts not yet entered."""
    match shape:
        case shapes.StructType():
            yield shape.cls
        case shapes.Metadata():
            yield from structs_in(shape.type)
        case shapes.UnionType():
            for one in shape.types:
                yield from structs_in(one)
        case shapes.VarTupleType() | shapes.ListType() | shapes.SetType() | shapes.FrozenSetType():
            yield from structs_in(shape.item_type)
        case shapes.DictType():
            yield from structs_in(shape.value_type)


def fields_of(struct: type[msgspec.Struct]) -> tuple[shapes.Field, ...]:
    """The fields of `struct`, inherited ones included, in order of definition."""
    described = shapes.type_info(struct)
    assert isinstance(described, shapes.StructType)
    return described.fields


def sentence_of(thing: type) -> str:
    """The docstring of a class, on one line."""
    return " ".join((thing.__doc__ or "").split())


def notes_of(struct: type) -> dict[str, str]:
    """Field -> what is written below it in the source, inherited fields included.

    A docstring below a field is dropped when Python runs, hence the look into the source.
    """
    found: dict[str, str] = {}
    for owner in reversed(struct.__mro__):
        if owner.__module__.split(".")[0] not in {"domain", "services"}:
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
        assert isinstance(definition, ast.ClassDef)
        for field, below in zip(definition.body, definition.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match below:
                    case ast.Expr(value=ast.Constant(value=str() as text)):
                        found[field.target.id] = " ".join(text.split())
    return found


def table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [heads, ("---",) * len(heads), *rows]
    cells = ([str(cell).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
