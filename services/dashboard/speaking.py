"""Which language a page speaks to whoever asks: their own setting, else what this browser was told
here, else what it asks for, else English; it never translates."""

from typing import Any, Final

from litestar import Request, Response

from services.api.access import Principal, cookies
from services.api.requests import header
from services.dashboard.language import LANGUAGES, choose, chosen, preferred, tongue

LANGUAGE_COOKIE: Final = "article20_language"
LANGUAGE_COOKIE_SECONDS: Final = 365 * 24 * 3600
VARIES: Final = "Cookie, Accept-Language, Accept-Encoding"
"""What else than its address a page depends on."""
ACCEPT_LANGUAGE_CHARS_MAX: Final = 500

Call = Request[Any, Any, Any]


async def speak(request: Call) -> None:
    """Let the answer to a request be in the language of whoever asks."""
    choose(tongue(language_of(request)))


async def marked(response: Response[Any]) -> Response[Any]:
    """The answer, saying which language it is in and what that depends on."""
    return mark(response)


def mark(response: Response[Any]) -> Response[Any]:
    """The same for an answer that no handler gave."""
    response.headers["Content-Language"] = chosen().code
    response.headers["Vary"] = VARIES
    return response


def language_of(request: Call) -> str:
    """The code of the language that whoever asks wants to read."""
    principal: Principal | None = request.scope.get("user")
    if principal is not None and principal.language in LANGUAGES:
        return str(principal.language)
    access = request.app.state.serving.access
    told = cookies(request.scope).get(access.cookie_name(request.scope, LANGUAGE_COOKIE))
    if told in LANGUAGES:
        return str(told)
    asked = header(request.scope, b"accept-language") or ""
    return preferred(asked[:ACCEPT_LANGUAGE_CHARS_MAX])
