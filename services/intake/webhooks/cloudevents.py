"""CloudEvents 1.0 around claims: structured, binary and batch; it never judges the claim itself and
never invents what an event lacks."""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from domain.errors import Article20Error, FieldError, InvalidClaim

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"
VERSION: Final = "1.0"
PREFIX: Final = b"ce-"
ATTRIBUTE_CHARS_MAX: Final = 1000
DAY_MINUTES: Final = 24 * 60
_LEAP: Final = re.compile(r"(.{16}:)60([.+Zz-].*)")
"""A moment in the second that some days have more, the last one in UTC (RFC 3339, 5.6)."""
_DATA: Final = frozenset({"data", "data_base64"})
_NAME: Final = re.compile(r"[a-z0-9]{1,64}")
_JSON_TYPE: Final = re.compile(r"(application/json|[a-z0-9./-]+\+json)(;.*)?", re.IGNORECASE)


class BatchTooLong(Article20Error):
    """The batch holds {items} events. Send {items_max} at a time at most."""

    slug, status = "too-large", 413


class Event(msgspec.Struct, frozen=True):
    """One event: what makes it the same event again (`source`, `id`), and the claim it carries as
    JSON; `pointer` leads to the claim in what was sent."""

    source: str
    id: str
    data: bytes
    pointer: str


def read_structured(raw: bytes, pointer: str = "") -> Event:
    """The event in a JSON object; InvalidClaim names what is wrong with it."""
    fields = _fields(raw, pointer)
    attributes: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _DATA:
            continue
        attributes[name] = msgspec.json.decode(value)
        if not isinstance(attributes[name], str | int | bool):
            raise _invalid(f"{pointer}/{name}", "an attribute is a text, a number or a truth value")
    source, id_ = _checked(attributes, pointer)
    if ("data" in fields) == ("data_base64" in fields):
        raise _invalid(f"{pointer}/data", "give the claim as data, or as data_base64")
    if "data" in fields:
        return Event(source, id_, bytes(fields["data"]), f"{pointer}/data")
    try:
        data = b64decode(msgspec.json.decode(fields["data_base64"], type=str), validate=True)
    except (ValueError, msgspec.ValidationError):
        raise _invalid(f"{pointer}/data_base64", "not base64") from None
    return Event(source, id_, data, f"{pointer}/data_base64")


def read_binary(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Event | None:
    """The event whose attributes are headers (`ce-…`) and whose data are the body; None where the
    headers tell of none."""
    found = {name: value for name, value in headers if name.startswith(PREFIX)}
    if b"ce-specversion" not in found and b"ce-id" not in found:
        return None
    try:
        attributes = {
            name.removeprefix(PREFIX).decode(): unquote(value.decode(), errors="strict")
            for name, value in found.items()
        }
    except UnicodeDecodeError:
        raise _invalid("", "a ce- header is not readable; percent-encode it") from None
    source, id_ = _checked(attributes, "", of_headers=True)
    return Event(source, id_, body, "")


def read_batch(raw: bytes, items_max: int) -> list[bytes]:
    """The events of a batch, each as it was written; InvalidClaim where it is no list or empty,
    BatchTooLong where it holds too many."""
    try:
        items = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _invalid("", "a batch is one JSON list of CloudEvents, in UTF-8") from None
    if not items:
        raise _invalid("", "the batch is empty")
    if len(items) > items_max:
        raise BatchTooLong(items=len(items), items_max=items_max)
    return [bytes(item) for item in items]


def _fields(raw: bytes, pointer: str) -> dict[str, msgspec.Raw]:
    """The fields of an object, each as it was written; null stands for one that is not there."""
    try:
        # Read twice: once for what is no JSON deep inside, once to keep the claim as written.
        msgspec.json.decode(raw)
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _invalid(pointer, "a CloudEvent is one JSON object, in UTF-8") from None
    return {name: value for name, value in fields.items() if bytes(value).strip() != b"null"}


def _checked(
    attributes: Mapping[str, Any], pointer: str, *, of_headers: bool = False
) -> tuple[str, str]:
    """`source` and `id` of an event whose attributes are as the specification wants them."""

    def at(name: str) -> str:
        return "" if of_headers else f"{pointer}/{name}"

    faults = [
        FieldError(pointer=at(name), detail=f"{name} is required, a text that is not empty")
        for name in ("specversion", "id", "source", "type")
        if not isinstance(attributes.get(name), str) or not attributes[name]
    ]
    if not faults and attributes["specversion"] != VERSION:
        faults.append(FieldError(pointer=at("specversion"), detail=f"must be {VERSION}"))
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            detail = f"{name[:64]!r} cannot name an attribute; use small letters and digits"
            faults.append(FieldError(pointer=pointer, detail=detail))
        elif isinstance(value, str) and len(value) > ATTRIBUTE_CHARS_MAX:
            detail = f"{name} is longer than {ATTRIBUTE_CHARS_MAX} characters"
            faults.append(FieldError(pointer=at(name), detail=detail))
    content_type = attributes.get("datacontenttype", JSON)
    if not isinstance(content_type, str) or not _JSON_TYPE.fullmatch(content_type):
        detail = f"a claim is {JSON}"
        faults.append(FieldError(pointer=at("datacontenttype"), detail=detail))
    if "time" in attributes and not _is_moment(attributes["time"]):
        faults.append(FieldError(pointer=at("time"), detail="not a timestamp (RFC 3339)"))
    if faults:
        raise InvalidClaim(faults)
    return attributes["source"], attributes["id"]


def _is_moment(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    leap = _LEAP.fullmatch(text)
    try:
        moment = msgspec.convert(text if leap is None else f"{leap[1]}59{leap[2]}", datetime)
    except msgspec.ValidationError:
        return False
    away = moment.utcoffset()
    if away is None:
        return False
    minute = moment.hour * 60 + moment.minute - away // timedelta(minutes=1)
    return leap is None or minute % DAY_MINUTES == DAY_MINUTES - 1


def _invalid(pointer: str, detail: str) -> InvalidClaim:
    return InvalidClaim([FieldError(pointer=pointer, detail=detail)])
