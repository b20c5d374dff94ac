"""The application: every route, its access, its problems and its OpenAPI document; it never opens a
database or a port."""

import ipaddress
from functools import partial
from typing import Any, Final

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from services.api import (
    campaigns,
    claims,
    decisions,
    deliveries,
    health,
    hooks,
    ledgers,
    live,
    log,
    questions,
    schemas,
    sessions,
    weights,
)
from services.api.access import PUBLIC, SESSION_COOKIE, guard
from services.api.asking import release
from services.api.document import Document
from services.api.envelope import Envelope
from services.api.problems import problem_response
from services.api.requests import header
from services.api.serving import Serving
from services.dashboard import answering
from services.dashboard import routes as pages

SCHEMA: Final = "/schema"
NO_PAGES: Final = ("/api/", "/hooks/", SCHEMA)


def build_app(serving: Serving) -> Litestar:
    """The framework's application; serve it inside `enveloped`."""
    metrics_role = PUBLIC if _is_loopback(serving.settings.host) else "viewer"
    readiness = health.Readiness(serving)
    app = Litestar(
        route_handlers=[
            *health.routes(metrics_role),
            *hooks.ROUTES,
            *live.ROUTES,
            *questions.ROUTES,
            *ledgers.ROUTES,
            *claims.ROUTES,
            *decisions.ROUTES,
            *campaigns.ROUTES,
            *weights.ROUTES,
            *log.ROUTES,
            *deliveries.ROUTES,
            *schemas.ROUTES,
            *sessions.ROUTES,
            *pages.ROUTES,
        ],
        guards=[guard],
        dependencies={
            "serving": Provide(lambda: serving, sync_to_thread=False),
            "readiness": Provide(lambda: readiness, sync_to_thread=False),
        },
        exception_handlers={Exception: _refuse, 500: _refuse},
        openapi_config=_openapi(),
        logging_config=None,
        state=State({"serving": serving}),
        request_max_body_size=serving.settings.body_bytes_max,
        debug=False,
    )
    app.state.methods = {
        route.path_format: sorted(route.methods)
        for route in app.routes
        if isinstance(route, HTTPRoute)
    }
    return app


def enveloped(serving: Serving) -> Envelope:
    """The whole application as it is served."""
    return Envelope(build_app(serving), serving, hooks.is_hook, partial(hooks.answer_hook, serving))


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A problem, or a page for whoever follows a link that leads nowhere."""
    path = request.scope["path"]
    if not path.startswith(NO_PAGES) and "text/html" in (header(request.scope, b"accept") or ""):
        return answering.show_problem(request, error)
    return problem_response(request, error)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="article20",
        version=release(),
        description="The memory and the live picture of everyone who defends the Mine Ban Treaty.",
        use_handler_docstrings=True,
        render_plugins=[Document()],
        openapi_router=Router(
            SCHEMA,
            route_handlers=[],
            include_in_schema=False,
            opt={"role": PUBLIC},
            after_request=_refuse_missing,
        ),
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="An API token."),
                "session": SecurityScheme(
                    type="apiKey",
                    name=SESSION_COOKIE,
                    security_scheme_in="cookie",
                    description="A login of the dashboard.",
                ),
            }
        ),
    )


def _refuse_missing(response: Response[Any]) -> Response[Any]:
    """The framework has a page of its own for what is missing below /schema; ours is the same for
    all."""
    if response.status_code == 404:
        raise NotFoundException()
    return response


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
