"""The model of the page API: every address that a program may call and every shape it meets there,
as the OpenAPI document says; it never says more than that, and never asks."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

import msgspec

from services.dashboard.language import word

ROOMS: Final = {
    word("Sending by webhook"): ("/hooks/",),
    word("Claims"): ("/api/v1/claims", "/api/v1/similar", "/api/v1/export", "/api/v1/review"),
    word("Governments and numbers"): ("/api/v1/governments", "/api/v1/treaties", "/api/v1/weights"),
    word("Ledgers and changes"): (
        "/api/v1/transfers",
        "/api/v1/criticism",
        "/api/v1/commitments",
        "/api/v1/deadlines",
        "/api/v1/changes",
    ),
    word("Campaigns"): ("/api/v1/campaigns",),
    word("The log, live and delivered"): ("/api/v1/events", "/api/v1/live", "/api/v1/deliveries"),
    word("Descriptions, health and measures"): ("/schema", "/healthz", "/readyz", "/metrics"),
}
"""Heading -> how the addresses below it begin."""
GLANCE_MAX: Final = 12
"""So many words in a row are read at a glance."""
_REFERENCE: Final = "#/components/schemas/"
_FORMATS: Final = {"date": "day", "date-time": "moment", "uuid": "UUID", "uri": "web address"}
_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
    "null": "null",
}


class Piece(msgspec.Struct, frozen=True):
    """Some words about what a value may be. `shape` names the shape they stand for, if any; `among`
    is what it is one of, where that is too much to read at a glance."""

    text: str
    shape: str = ""
    among: tuple[str, ...] = ()


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter, one field of a shape, or one body: what it is called and what it may be."""

    name: str
    where: str = ""
    required: bool = False
    pieces: tuple[Piece, ...] = ()
    says: str = ""
    fields: "tuple[Value, ...]" = ()
    """What an object holds that is no shape of its own."""


class Answer(msgspec.Struct, frozen=True):
    """One status that may be answered, what it means, and what comes with it."""

    status: str
    says: str
    pieces: tuple[Piece, ...] = ()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one address. `role`: which role it needs at least, empty for none."""

    method: str
    path: str
    role: str
    says: str
    values: tuple[Value, ...]
    bodies: tuple[Value, ...]
    done: tuple[Answer, ...]
    refused: tuple[Answer, ...]

    @property
    def anchor(self) -> str:
        """Where on the page it stands."""
        return f"{self.method}{self.path}".lower().translate(_PLAIN)


class Shape(msgspec.Struct, frozen=True):
    """One shape of the document, field by field."""

    name: str
    says: str
    fields: tuple[Value, ...]


class Room(msgspec.Struct, frozen=True):
    """What stands under one heading."""

    title: str
    calls: tuple[Call, ...]


class InterfacePage(msgspec.Struct, frozen=True, kw_only=True):
    """What may a program ask and send?"""

    version: str
    rooms: tuple[Room, ...]
    refusals: tuple[Answer, ...]
    """What a status means wherever a call says nothing else of it."""
    shapes: tuple[Shape, ...]


_PLAIN: Final = str.maketrans({"/": "-", "{": "", "}": ""})


def interface_page(
    document: Mapping[str, Any], roles: Mapping[tuple[str, str], str]
) -> InterfacePage:
    """The page of an OpenAPI document. `roles`: (path, method) -> the role that is needed.

    LookupError for an address that begins like none of the ROOMS.
    """
    calls = [
        _call(method.upper(), path, operation, roles.get((path, method.upper()), ""))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    usual = _usual(calls)
    calls.sort(key=lambda one: (_room(one.path), one.path, one.method))
    titles = list(ROOMS)
    return InterfacePage(
        version=document["info"]["version"],
        rooms=tuple(
            Room(titles[number], tuple(_shorter(one, usual) for one in some))
            for number, some in groupby(calls, key=lambda one: _room(one.path))
        ),
        refusals=tuple(Answer(status, says) for status, says in sorted(usual.items())),
        shapes=tuple(
            Shape(name, _line(shape.get("description", "")), tuple(_fields(shape)))
            for name, shape in sorted(document["components"]["schemas"].items())
        ),
    )


def _room(path: str) -> int:
    for number, beginnings in enumerate(ROOMS.values()):
        if path.startswith(beginnings):
            return number
    raise LookupError(f"no heading for {path}")


def _usual(calls: Iterable[Call]) -> dict[str, str]:
    """What most calls that may be refused with a status say of it."""
    said: dict[str, list[str]] = {}
    for call in calls:
        for answer in call.refused:
            said.setdefault(answer.status, []).append(answer.says)
    return {status: max(set(words), key=words.count) for status, words in said.items()}


def _shorter(call: Call, usual: Mapping[str, str]) -> Call:
    """The call with words about a refusal only where they are its own."""
    refused = tuple(
        Answer(one.status, "" if usual[one.status] == one.says else one.says)
        for one in call.refused
    )
    return msgspec.structs.replace(call, refused=refused)


def _call(method: str, path: str, operation: Mapping[str, Any], role: str) -> Call:
    answers = [
        Answer(status, _meaning(status, one), tuple(_first(one.get("content", {}))))
        for status, one in sorted(operation["responses"].items())
    ]
    bodies = operation.get("requestBody", {}).get("content", {})
    return Call(
        method=method,
        path=path,
        role=role,
        says=_line(operation.get("description", "")),
        values=tuple(
            Value(
                name=one["name"],
                where=one["in"],
                required=one.get("required", False),
                pieces=tuple(_pieces(one["schema"])),
                says=_line(one.get("description", "")),
            )
            for one in operation.get("parameters", ())
        ),
        bodies=tuple(_body(media, one.get("schema", {})) for media, one in bodies.items()),
        done=tuple(one for one in answers if one.status < "300"),
        refused=tuple(one for one in answers if one.status >= "300"),
    )


def _body(media: str, schema: Mapping[str, Any]) -> Value:
    fields = () if "$ref" in schema else tuple(_fields(schema))
    return Value(name=media, required=True, pieces=tuple(_pieces(schema)), fields=fields)


def _meaning(status: str, answer: Mapping[str, Any]) -> str:
    """What an answer says of itself, beyond what its status says of every one that is done."""
    says = _line(answer.get("description", ""))
    return "" if status < "300" and says == HTTPStatus(int(status)).description else says


def _first(content: Mapping[str, Any]) -> Iterator[Piece]:
    """What comes with an answer, in the first of the forms it may have."""
    for media, one in content.items():
        schema = one.get("schema", {})
        yield from _pieces(schema) if _is_telling(schema) else (Piece(media),)
        return


def _is_telling(schema: Mapping[str, Any]) -> bool:
    return "$ref" in schema or schema.get("type") == "array"


def _fields(shape: Mapping[str, Any]) -> Iterator[Value]:
    required = set(shape.get("required", ()))
    for name, field in shape.get("properties", {}).items():
        yield Value(
            name=name,
            required=name in required,
            pieces=tuple(_pieces(field)),
            says=_line(field.get("description", "")),
        )


def _pieces(schema: Mapping[str, Any]) -> Iterator[Piece]:
    """What a value may be, in words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        yield Piece(name, name)
    elif "const" in schema:
        yield Piece(f"“{schema['const']}”")
    elif "enum" in schema:
        among = tuple(str(one) for one in schema["enum"])
        if len(among) > GLANCE_MAX:
            yield Piece(f"one of {len(among)}", among=among)
        else:
            yield Piece("one of " + ", ".join(among))
    elif either := schema.get("oneOf") or schema.get("anyOf"):
        for number, one in enumerate(either):
            if number:
                yield Piece(" or ")
            yield from _pieces(one)
    elif schema.get("type") == "array":
        yield Piece("list of ")
        yield from _pieces(schema.get("items", {}))
    elif isinstance(of_each := schema.get("additionalProperties"), Mapping):
        yield Piece("text → ")
        yield from _pieces(of_each)
    else:
        yield Piece(_word(schema))


def _word(schema: Mapping[str, Any]) -> str:
    found = schema.get("type", "")
    if isinstance(found, list):
        return " or ".join(_TYPES[one] for one in found)
    if found == "string" and schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return _TYPES[found] if found else "anything"


def _line(text: str) -> str:
    """Words on one line."""
    return " ".join(text.split())
