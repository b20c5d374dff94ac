"""JSON that was sent, decoded into structs, its faults named by JSON Pointers; it knows no rule."""

import re
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from domain.errors import FieldError, InvalidClaim
from domain.misfits import misfit, not_json

T = TypeVar("T")


def decoded(raw: bytes | msgspec.Raw | dict[str, Any], shape: type[T], prefix: str) -> T:
    """What was sent as a struct; InvalidClaim names what does not fit, its pointers beginning with
    `prefix`."""
    try:
        if not isinstance(raw, dict):
            found: T = _decoder(cast(Any, shape)).decode(raw)
            return found
        return msgspec.convert(raw, type=shape)
    except msgspec.ValidationError as error:
        raise InvalidClaim([field_error(str(error), prefix, shape)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = not_json(bytes(cast(bytes, raw)), error)
    except RecursionError:
        detail = "nested too deeply; a claim is flat"
    raise InvalidClaim([FieldError(pointer=prefix, detail=detail)]) from None


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
        escaped = unknown["field"].replace("~", "~0").replace("/", "~1")
        return FieldError(pointer=f"{pointer}/{escaped}", detail="unknown field; leave it out")
    missing = re.search(r"missing required field `(?P<field>[^`]*)`", text)
    if missing:
        return FieldError(pointer=f"{pointer}/{missing['field']}", detail="required; add it")
    return FieldError(pointer=pointer, detail=misfit(text, shape, pointer[len(prefix) :]))
