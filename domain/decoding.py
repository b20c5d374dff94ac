"""JSON that was sent, decoded into structs, its faults named by JSON Pointers; it knows no rule."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Annotated, Any, Final, TypeVar, cast, get_args, get_origin

import msgspec

from domain.errors import FieldError, InvalidClaim
from domain.misfits import misfit, not_json

T = TypeVar("T")
FAULTS_MAX: Final = 100
"""So many faults of one object are named."""


def decoded(raw: bytes | msgspec.Raw | dict[str, Any], shape: type[T], prefix: str) -> T:
    """What was sent as a struct; InvalidClaim names what does not fit, its pointers beginning with
    `prefix`."""
    try:
        if not isinstance(raw, dict):
            found: T = _decoder(cast(Any, shape)).decode(raw)
            return found
        return msgspec.convert(raw, type=shape)
    except msgspec.ValidationError as error:
        first = field_error(str(error), prefix, shape)
        raise InvalidClaim(list(_every_fault(raw, shape, prefix)) or [first]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = not_json(bytes(cast(bytes, raw)), error)
    except RecursionError:
        detail = "nested too deeply; a claim is flat"
    raise InvalidClaim([FieldError(pointer=prefix, detail=detail)]) from None


def _every_fault(
    raw: bytes | msgspec.Raw | dict[str, Any], shape: type[Any], prefix: str
) -> Iterator[FieldError]:
    """All that does not fit, where a decoder names what it met first."""
    plain = raw if isinstance(raw, dict) else _object(raw)
    return iter(()) if plain is None else islice(_misfits(plain, shape, prefix), FAULTS_MAX)


def _misfits(value: Any, shape: Any, pointer: str) -> Iterator[FieldError]:
    whole = _plain_type(shape)
    if isinstance(whole, type) and issubclass(whole, msgspec.Struct) and isinstance(value, dict):
        known = {field.encode_name: field for field in msgspec.structs.fields(whole)}
        yield from (_unknown(pointer, name) for name in value if name not in known)
        for name, field in known.items():
            if name not in value:
                yield from [_missing(pointer, name)] if field.required else []
            elif field.type is not msgspec.Raw:
                yield from _misfits(value[name], field.type, f"{pointer}/{name}")
        return
    if get_origin(whole) is tuple and isinstance(value, list):
        each = get_args(whole)[0]
        found = [
            f for index, one in enumerate(value) for f in _misfits(one, each, f"{pointer}/{index}")
        ]
        if found:
            yield from found
            return
    try:
        msgspec.convert(value, type=shape)
    except msgspec.ValidationError as error:
        yield field_error(str(error), pointer, shape)


def sound_parts(
    raw: bytes | dict[str, Any], found: Sequence[FieldError], rests_on: dict[str, str]
) -> dict[str, Any]:
    """What of an object fits, where some of it did not. `rests_on`: parts that say nothing without
    another one -> that one."""
    plain = raw if isinstance(raw, dict) else _object(raw)
    if not isinstance(plain, dict):
        return {}
    broken = _parts(found)
    return {name: plain[name] for name in plain if not broken & {name, rests_on.get(name)}}


def beside(more: Sequence[FieldError], found: Sequence[FieldError]) -> list[FieldError]:
    """Those of further faults that are of other parts, or of none where nothing fits."""
    broken = _parts(found)
    return [fault for fault in more if broken and not broken & _parts([fault])]


def _parts(faults: Sequence[FieldError]) -> set[str | None]:
    """The parts of an object in which faults lie."""
    return {
        fault.pointer.split("/")[1].replace("~1", "/").replace("~0", "~")
        for fault in faults
        if fault.pointer
    }


def _object(raw: bytes | msgspec.Raw) -> Any:
    """What some JSON says; None where it is none."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _plain_type(shape: Any) -> Any:
    """A type without what is said about it."""
    return get_args(shape)[0] if get_origin(shape) is Annotated else shape


@cache
def _decoder(shape: type[Any]) -> Any:
    return msgspec.json.Decoder(shape)


def field_error(message: str, prefix: str = "", shape: Any = None) -> FieldError:
    """A msgspec message, such as "Expected `str`, got `int` - at `$.actors[0].name`", with its
    pointer, in words that say how to mend it; `shape` is what was to be decoded.

    Inside a mapping msgspec does not say under which key; the pointer then names the mapping.
    """
    text, _, path = message.partition(" - at ")
    pointer = prefix
    named = path.strip("`")[1:].split("[...]")[0]
    for name, index in re.findall(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]", named):
        pointer += f"/{name}" if name else f"/{index}"
    unknown = re.search(r"contains unknown field `(?P<field>[^`]*)`", text)
    if unknown:
        return _unknown(pointer, unknown["field"])
    missing = re.search(r"missing required field `(?P<field>[^`]*)`", text)
    if missing:
        return _missing(pointer, missing["field"])
    return FieldError(pointer=pointer, detail=misfit(text, shape, pointer[len(prefix) :]))


def _unknown(pointer: str, name: str) -> FieldError:
    escaped = name.replace("~", "~0").replace("/", "~1")
    return FieldError(pointer=f"{pointer}/{escaped}", detail="unknown field; leave it out")


def _missing(pointer: str, name: str) -> FieldError:
    return FieldError(pointer=f"{pointer}/{name}", detail="required; add it")
