"""JSON bodies of the API, read with bounds and decoded strictly; what they mean is for others."""

from typing import Any, Final, TypeVar

import msgspec
from litestar import Request

from domain.decoding import field_error
from domain.errors import FieldError, InvalidFields
from domain.faults import nul_faults
from domain.misfits import not_json
from services.api.requests import UnsupportedMediaType, header, media_type, read_body
from services.api.serving import Serving

T = TypeVar("T")
JSON_TYPES: Final = ("application/json",)


class InvalidBody(InvalidFields):
    """The body is not valid: {summary}. Mend the fields named and send it again."""

    slug = "invalid-body"


async def json_body(request: Request[Any, Any, Any], serving: Serving) -> bytes:
    """The body of a request that declares JSON; UnsupportedMediaType or BodyTooLarge otherwise."""
    if media_type(request.scope) not in JSON_TYPES:
        raise UnsupportedMediaType(allowed=" or ".join(JSON_TYPES))
    return await read_body(
        request.scope,
        request.receive,
        bytes_max=serving.settings.body_bytes_max,
        seconds_max=serving.settings.body_seconds_max,
    )


async def decoded(
    request: Request[Any, Any, Any],
    serving: Serving,
    shape: type[T],
    *,
    may_be_absent: bool = False,
) -> T:
    """The body as a struct; InvalidBody names what is wrong with it by JSON Pointer.

    `may_be_absent`: no body at all stands for one that says nothing.
    """
    if may_be_absent and header(request.scope, b"content-type") is None:
        bounds = serving.settings
        if not await read_body(
            request.scope, request.receive, bytes_max=0, seconds_max=bounds.body_seconds_max
        ):
            return shape()
    raw = await json_body(request, serving)
    try:
        found = msgspec.json.decode(raw, type=shape)
        faults = nul_faults(raw)
    except msgspec.ValidationError as error:
        raise InvalidBody([field_error(str(error), shape=shape)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidBody([FieldError(pointer="", detail=not_json(raw, error))]) from None
    except RecursionError:
        detail = "nested too deeply; flatten it"
        raise InvalidBody([FieldError(pointer="", detail=detail)]) from None
    if faults:
        raise InvalidBody(faults)
    return found
