"""The names of the domain that pages say in words: fields of claims, and what is chosen from a
list; drawn from the types, so that a new kind has its words in the catalogues by itself."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import inspect as shapes

from domain.claims import Claim
from domain.details import Details
from domain.kinds import DETAILS_OF


@cache
def fields_and_choices() -> tuple[frozenset[str], frozenset[str]]:
    """The names of all fields that a claim may have, and the values of those that are chosen from a
    list."""
    fields: set[str] = set()
    choices: set[str] = set()
    structs: dict[type, None] = dict.fromkeys((Claim, Details, *DETAILS_OF.values()))
    for struct in _every(structs):
        info = shapes.type_info(struct)
        assert isinstance(info, shapes.StructType)
        for field in info.fields:
            fields.add(field.encode_name)
            choices |= set(_values(field.type))
    return frozenset(fields), frozenset(choices)


def _every(structs: dict[type, None]) -> Iterator[type]:
    """The structs and all that they are made of."""
    waiting, seen = list(structs), set(structs)
    while waiting:
        struct = waiting.pop()
        yield struct
        info = shapes.type_info(struct)
        assert isinstance(info, shapes.StructType)
        for field in info.fields:
            for part in _parts(field.type):
                if part.cls not in seen:
                    seen.add(part.cls)
                    waiting.append(part.cls)


def _parts(shape: Any) -> Iterator[shapes.StructType]:
    if isinstance(shape, shapes.StructType):
        yield shape
    for inside in _inside(shape):
        yield from _parts(inside)


def _values(shape: Any) -> Iterator[str]:
    if isinstance(shape, shapes.LiteralType):
        yield from (str(value) for value in shape.values)
    for inside in _inside(shape):
        yield from _values(inside)


def _inside(shape: Any) -> Iterator[Any]:
    """The types that a type holds, structs themselves aside."""
    if isinstance(shape, shapes.Metadata):
        yield shape.type
    elif isinstance(shape, shapes.UnionType):
        yield from shape.types
    elif isinstance(shape, shapes.VarTupleType | shapes.ListType):
        yield shape.item_type
    elif isinstance(shape, shapes.DictType):
        yield from (shape.key_type, shape.value_type)


FIELDS, CHOICES = fields_and_choices()
