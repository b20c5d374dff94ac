"""Refusals as problem+json (RFC 9457); it never shows a stack trace, nor what was sent."""

import time
import traceback
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from domain.errors import (
    Article20Error,
    FieldError,
    Overloaded,
    StoreFull,
    StoreUnavailable,
    UndecodableEvent,
)
from services.api.requests import instance_of, request_id

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:article20:problem:"
RETRY_AFTER_SECONDS: Final = 1
"""When to come back after a refusal that is worth another try and does not say when."""
OVERLOAD_SAID_SECONDS: Final = 10
"""How seldom the log tells that submissions are refused because too much waits: there is a line for
each otherwise, when there is least time for it."""

NOT_NOW: Final = "Not now. Try again in a moment."
NO_ROOM: Final = (
    "Nothing can be recorded now: the store has no room left. Tell whoever keeps it, and try again."
)
FAILED: Final = "Something failed that should not. The operator finds it under this request's id."
FAILED_SHORT: Final = "Something failed that should not."
NOT_VALID: Final = "Something in the address or the body is not valid."

_log = structlog.get_logger("article20")


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused: `type` is stable, `instance` names the request, `errors` the
    fields."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()


class Unauthenticated(Article20Error):
    """This needs an API token or a login that lasts. Send `Authorization: Bearer` with a token, or
    log in."""

    slug, status = "unauthenticated", 401


class Forbidden(Article20Error):
    """This needs the role {needed}; yours is {role}. Ask an admin of the workspace."""

    slug, status = "forbidden", 403


class ForgedRequest(Article20Error):
    """The form does not carry the token of your session. Load the page again and send it once
    more."""

    slug, status = "forged-request", 403


class TooManyRequests(Article20Error):
    """Too many requests in a short time. Come back in {retry_after_seconds} s."""

    slug, status, retryable = "too-many-requests", 429, True


def problem_of(error: Exception, instance: str) -> tuple[Problem, dict[str, str]]:
    """The problem and the headers that tell of an error; what nobody foresaw tells nothing."""
    headers: dict[str, str] = {}
    errors: tuple[FieldError, ...] = ()
    if isinstance(error, Article20Error) and error.status < 500:
        status, slug, detail = error.status, error.slug, str(error)
        errors = tuple(getattr(error, "errors", ()))
    elif isinstance(error, UndecodableEvent):
        status, slug, detail = error.status, error.slug, str(error)
    elif isinstance(error, Article20Error) and error.retryable:
        status, slug = error.status, error.slug
        detail = _said_of_store(error) or str(error)
    elif isinstance(error, HTTPException):
        status, slug, detail = _framework(error)
        headers.update(error.headers or {})
        errors = _framework_errors(error)
    else:
        status, slug = 500, "internal"
        detail = FAILED
    if getattr(error, "retryable", False):
        seconds = getattr(error, "retry_after_seconds", RETRY_AFTER_SECONDS)
        headers["Retry-After"] = str(seconds)
    if status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="article20"')
    problem = Problem(
        type=TYPE_PREFIX + slug,
        title=slug.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        instance=instance,
        errors=errors,
    )
    return problem, headers


def _said_of_store(error: Article20Error) -> str:
    # Why exactly the store is away is for those who operate it, and stands in the log.
    if isinstance(error, StoreFull):
        return NO_ROOM
    return NOT_NOW if isinstance(error, StoreUnavailable) else ""


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to a request that raised `error`; what nobody foresaw is logged."""
    problem, headers = problem_of(error, instance_of(request.scope))
    if problem.status >= 500:
        log_failure(error, request_id(request.scope))
    return Response(
        content=msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


class Overload:
    """What the log was not told of yet: how many were refused, and since when it has heard
    nothing."""

    def __init__(self) -> None:
        self.refused = 0
        self.said_at = float("-inf")

    def count(self, now: float) -> None:
        """One more was refused."""
        self.refused += 1
        if now - self.said_at >= OVERLOAD_SAID_SECONDS:
            _log.warning("overloaded", refused=self.refused, seconds_max=OVERLOAD_SAID_SECONDS)
            self.refused, self.said_at = 0, now


_overload: Final = Overload()


def log_failure(error: BaseException, request: str) -> None:
    """Log an error with where it was raised. What it says only if it is one of ours: the text of
    any other may hold what was sent. An overload is told now and then, with how many it refused."""
    if isinstance(error, Overloaded):
        _overload.count(time.monotonic())
        return
    frames = [
        f"{frame.filename.rsplit('/', 2)[-2]}/{frame.name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-6:]
    ]
    said = str(error).splitlines() if isinstance(error, Article20Error) else []
    _log.error(
        "request_failed",
        request_id=request,
        error=type(error).__name__,
        said=said[0][:300] if said else "",
        raised_in=frames,
    )


def _framework(error: HTTPException) -> tuple[int, str, str]:
    status = error.status_code
    if status >= 500:
        return 500, "internal", FAILED_SHORT
    known = HTTPStatus(status) if status in _STATUSES else HTTPStatus.BAD_REQUEST
    slug = known.phrase.lower().replace(" ", "-")
    if isinstance(error, ValidationException):
        return status, "invalid-question", NOT_VALID
    return status, slug, _FRAMEWORK_DETAILS.get(status, f"{known.description or known.phrase}.")


def _framework_errors(error: HTTPException) -> tuple[FieldError, ...]:
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return ()
    return tuple(
        FieldError(pointer=f"/{found.get('key', '')}", detail=str(found.get("message", "")))
        for found in error.extra
        if isinstance(found, dict)
    )


_STATUSES: Final = frozenset(int(known) for known in HTTPStatus)
_FRAMEWORK_DETAILS: Final = {
    400: "The request cannot be read.",
    404: "There is nothing at this address. See /schema for the addresses there are.",
    405: "This address does not take that method. The header Allow names those it takes.",
    413: "The body is too large.",
}
_FRAMEWORK_TITLES: Final = (
    *("Internal", "Invalid question", "Bad request", "Method not allowed"),
    *("Request entity too large", "Content too large"),  # one status, as Pythons name it
)
SAID: Final = (
    *(NOT_NOW, NO_ROOM, FAILED, FAILED_SHORT, NOT_VALID),
    *_FRAMEWORK_DETAILS.values(),
    *_FRAMEWORK_TITLES,
)
"""What refusals say that no class of error says."""
