"""Choosing the language of the pages, with an account or without; never of what claims say."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, post
from litestar.types import ControllerRouterHandler

from services.api.access import CSRF_FIELD, FORM, PUBLIC, read_form
from services.api.describing import route
from services.api.requests import UnsupportedMediaType, header, media_type
from services.api.serving import Served
from services.api.sessions import HOME, own_path
from services.dashboard.answering import PAGE, Call, redirect
from services.dashboard.frame import LANGUAGE_PATH
from services.dashboard.language import LANGUAGES
from services.dashboard.screens.account import person_of
from services.dashboard.speaking import LANGUAGE_COOKIE, LANGUAGE_COOKIE_SECONDS


@post(LANGUAGE_PATH, status_code=303, **PAGE, **route(PUBLIC))
async def choose_language(request: Call, serving: Served) -> Response[Any]:
    """Speak another language from now on: to this browser, and wherever the person logs in.

    An empty choice leaves it to the browser again. Without the token of the session's forms only
    this browser is told; another site tells it nothing.
    """
    access, scope = serving.access, request.scope
    if media_type(scope) != FORM:
        raise UnsupportedMediaType(allowed=FORM)
    form = await read_form(serving.house, scope, request.receive)
    answer = redirect(own_path(form.get("next", HOME)))
    wanted = form.get("language", "")
    if wanted not in ("", *LANGUAGES) or header(scope, b"sec-fetch-site") == "cross-site":
        return answer
    seconds = LANGUAGE_COOKIE_SECONDS if wanted else 0
    answer.headers["Set-Cookie"] = access.set_cookie(scope, LANGUAGE_COOKIE, wanted, seconds)
    principal = await access.principal(scope)
    person = None if principal is None else person_of(principal.by)
    if principal is None or principal.cookie is None or person is None:
        return answer
    if access.is_token_of(principal.cookie, form.get(CSRF_FIELD, "")):
        await serving.house.roster.set_language(principal.workspace, person, wanted or None)
    return answer


ROUTES: Final[Sequence[ControllerRouterHandler]] = (choose_language,)
"""The address that takes a choice of language."""
