"""What a decoder says of JSON that does not fit a shape, in words that say how to mend it; it
decodes nothing itself.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from msgspec import inspect as shapes

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
VALUE_CHARS_MAX: Final = 80
"""How much of a value that does not fit is repeated."""
_NAMES: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
    "datetime": "a timestamp (RFC 3339)",
    "date": "a day (YYYY-MM-DD)",
}
_TYPES: Final = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_BOUND: Final = re.compile(
    r"Expected `(?P<type>\w+)`(?P<sized> of length)? (?P<sign>[<>]=) (?P<bound>-?[\d.]+)"
)
_PATTERN: Final = re.compile(r"Expected `str` matching regex '(?P<pattern>.+)'", re.DOTALL)
_VALUE: Final = re.compile(r"Invalid enum value (?P<value>.+)", re.DOTALL)
_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def misfit(said: str, shape: Any = None, pointer: str = "") -> str:
    """Such as "must be text, not null" for "Expected `str`, got `null`"; what is not known stays as
    it was said. Where a value is not one of those there are, they are named, as far as `shape`
    tells them, below which `pointer` leads to the value.
    """
    if found := _TYPES.fullmatch(said):
        wanted = " or ".join(_NAMES.get(one, one) for one in found["wanted"].split(" | "))
        return f"must be {wanted}, not {_NAMES.get(found['got'], found['got'])}"
    if found := _BOUND.fullmatch(said):
        return _bound_words(found["type"], bool(found["sized"]), found["sign"], found["bound"])
    if found := _VALUE.fullmatch(said):
        value = found["value"]
        if len(value) > VALUE_CHARS_MAX:
            value = value[:VALUE_CHARS_MAX] + "…"
        values = _values(shape, tuple(pointer.split("/")[1:])) if shape is not None else ()
        ways = f"; use one of {', '.join(values)}" if values else ""
        return f"{value} is not known here{ways}"
    if found := _PATTERN.fullmatch(said):
        is_blank = found["pattern"] == r"\\S"
        return "must not be blank" if is_blank else f"must match the pattern {found['pattern']}"
    if said == "Number out of range":
        return "a number beyond what is kept; write a smaller one, or text in quotes"
    return said


def not_json(raw: bytes, error: Exception) -> str:
    """Why some bytes are no JSON, where a decoder refused them with `error`."""
    if raw.startswith(BYTE_ORDER_MARK):
        return "begins with a byte order mark (EF BB BF); send the JSON without it"
    if not raw.strip():
        return "empty; send one JSON object in UTF-8"
    half = _half_character(raw)
    if half:
        return f"holds {half}, half of a character; write the whole character in UTF-8"
    return f"not JSON ({error}); send one JSON object in UTF-8"


def _half_character(raw: bytes) -> str:
    """The first escape of a lone surrogate in what otherwise is JSON; empty where there is none."""
    if _HALF.search(raw) is None:
        return ""
    try:
        texts = json.dumps(json.loads(raw), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
    lone = re.search(r"[\ud800-\udfff]", texts)
    return f"\\u{ord(lone[0]):04x}" if lone else ""


def _bound_words(type_: str, is_size: bool, sign: str, bound: str) -> str:
    if not is_size:
        return f"must be {bound} or {'more' if sign == '>=' else 'less'}"
    one, many = ("item", "items") if type_ == "array" else ("character", "characters")
    if sign == "<=":
        return f"has more than {bound} {one if bound == '1' else many}; shorten it"
    if bound == "1":
        return "must not be empty; fill it in, or leave it out"
    return f"must have at least {bound} {many}"


@cache
def _values(shape: Any, path: Sequence[str]) -> tuple[str, ...]:
    """What may stand at a place of a shape, where only some values may."""
    places = [shapes.type_info(shape)]
    for part in path:
        places = [below for place in places for below in _below(place, part)]
    found = [
        value
        for place in places
        for one in _one_by_one(place)
        if isinstance(one, shapes.LiteralType)
        for value in one.values
    ]
    return tuple(dict.fromkeys(str(value) for value in found))


def _one_by_one(place: shapes.Type) -> Iterator[shapes.Type]:
    """A type without what is said about it, or each of those it may be."""
    if isinstance(place, shapes.Metadata):
        yield from _one_by_one(place.type)
    elif isinstance(place, shapes.UnionType):
        for one in place.types:
            yield from _one_by_one(one)
    elif isinstance(place, shapes.DictType):
        # A decoder names a mapping, not the key under which something did not fit.
        yield from (place, *_one_by_one(place.value_type))
    else:
        yield place


def _below(place: shapes.Type, part: str) -> Iterator[shapes.Type]:
    for one in _one_by_one(place):
        if isinstance(one, shapes.StructType):
            yield from (field.type for field in one.fields if field.encode_name == part)
        elif isinstance(one, shapes.ListType | shapes.VarTupleType):
            yield one.item_type
