"""Who asks, and whether they may: the one mechanism that every route is checked by; it never
decides what a claim is worth.

A route says in its options which `role` it needs: one of `ROLES`, or `public` for everyone, or
`signed` where the body's signature decides. A route that says nothing is refused to all.
"""

import hmac
import secrets
import time
from hashlib import sha256
from math import ceil
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from domain.errors import Article20Error
from services.api.problems import Forbidden, ForgedRequest, TooManyRequests, Unauthenticated
from services.api.requests import header, media_type, read_body
from services.house import House
from services.wiring import ROLES, Role

PUBLIC: Final = "public"
SIGNED: Final = "signed"
ACCESS: Final = (PUBLIC, SIGNED, *ROLES)
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORM: Final = "application/x-www-form-urlencoded"
CSRF_HEADER: Final = b"x-csrf-token"
CSRF_FIELD: Final = "csrf_token"
SESSION_COOKIE: Final = "article20_session"
DOOR_COOKIE: Final = "article20_door"
"""Kept by whoever is not logged in yet, so that the login form carries a token too."""


class FormBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much the form of a route may hold."""

    bytes_max: int = 16 * 1024
    fields_max: int = 100


SMALL_FORM: Final = FormBounds()
"""What a route takes that states no bounds of its own."""


UPLOAD: Final = FormBounds(bytes_max=0, fields_max=0)
"""Of a route that reads its form itself: the token in it, then a file."""


class TooManyFields(Article20Error):
    """The form holds more than {fields_max} fields, or is not UTF-8. Send fewer at a time."""

    slug, status = "too-many-fields", 413


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: `by` is what events keep of them; a token and a session belong to one workspace."""

    kind: Literal["token", "person"]
    by: str
    workspace: str
    role: Role
    name: str
    cookie: str | None = None
    language: str | None = None
    """The language that pages speak to them, where they chose one."""

    def may(self, role: Role) -> bool:
        """Whether the role of this principal reaches `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Buckets:
    """Token buckets by name: so many requests a second on average, so many at once."""

    KEPT_MAX: Final = 100_000

    def __init__(self, per_second_max: float, burst_max: int) -> None:
        self.per_second_max, self.burst_max = per_second_max, burst_max
        self._kept: dict[str, tuple[float, float]] = {}

    def take(
        self, name: str, per_second_max: float | None = None, burst_max: int | None = None
    ) -> None:
        """Take one request from a bucket; TooManyRequests says when there is one again.

        `per_second_max`, `burst_max`: of this bucket, where it has bounds of its own.
        """
        rate, most = per_second_max or self.per_second_max, burst_max or self.burst_max
        now = time.monotonic()
        level, at = self._kept.get(name, (float(most), now))
        level = min(most, level + (now - at) * rate)
        if level < 1:
            raise TooManyRequests(retry_after_seconds=max(1, ceil((1 - level) / rate)))
        if len(self._kept) >= self.KEPT_MAX and name not in self._kept:
            # A full bucket is the same as none; forgetting one costs at most one burst.
            self._kept.clear()
        self._kept[name] = (level - 1, now)


class Access:
    """Finds out who asks, and keeps the tokens of forms."""

    def __init__(self, house: House, signing_key: bytes) -> None:
        self.house = house
        self._signing_key = signing_key
        settings = house.settings
        self._is_https = settings.public_url.startswith("https:")
        self._buckets = Buckets(
            settings.token_requests_per_second_max, settings.token_burst_requests_max
        )

    async def principal(self, scope: Any) -> Principal | None:
        """Who asks: by API token where one is shown, else by session; None where neither holds."""
        authorization = header(scope, b"authorization")
        if authorization is not None:
            scheme, _, text = authorization.partition(" ")
            token = await self.house.people.token(text.strip()) if _is_bearer(scheme) else None
            if token is None:
                return None
            return Principal(
                kind="token",
                by=f"token:{token.id}",
                workspace=token.workspace,
                role=token.role,
                name=token.name,
            )
        cookie = cookies(scope).get(self.cookie_name(scope, SESSION_COOKIE))
        person = await self.house.people.session(cookie) if cookie else None
        if person is None:
            return None
        return Principal(
            kind="person",
            by=f"person:{person.id}",
            workspace=person.workspace,
            role=person.role,
            name=person.name,
            cookie=cookie,
            language=person.language,
        )

    async def check(
        self, scope: Any, receive: Any, role: str, bounds: FormBounds = SMALL_FORM
    ) -> Principal | None:
        """Whoever asks, if they may; Unauthenticated, Forbidden, ForgedRequest or TooManyRequests
        otherwise. None on public and signed routes, which ask nobody."""
        if role in (PUBLIC, SIGNED):
            return None
        principal = await self.principal(scope)
        if principal is None:
            is_form = bounds is not UPLOAD and media_type(scope) == FORM
            if scope["method"] == "POST" and is_form and is_ours(scope):
                await read_form(self.house, scope, receive, bounds)  # to be given back
            raise Unauthenticated()
        scope["state"]["workspace"] = principal.workspace
        if role not in ROLES or not principal.may(role):
            raise Forbidden(needed=role, role=principal.role)
        self._buckets.take(principal.by)
        if principal.cookie is not None and scope["method"] not in SAFE_METHODS:
            await self._check_form(scope, receive, principal.cookie, bounds)
        return principal

    def csrf_token(self, cookie: str) -> str:
        """The token that forms of a session carry; it follows from the cookie and a secret."""
        return hmac.new(self._signing_key, f"form\0{cookie}".encode(), sha256).hexdigest()

    def is_token_of(self, cookie: str, token: str) -> bool:
        """Whether a form carries the token of a session."""
        return hmac.compare_digest(self.csrf_token(cookie).encode(), token.encode())

    def is_secure(self, scope: Any) -> bool:
        """Whether the client reaches us by https."""
        return self._is_https or bool(scope["scheme"] == "https")

    def cookie_name(self, scope: Any, name: str) -> str:
        """The name of a cookie; with https one that no other host can set."""
        return f"__Host-{name}" if self.is_secure(scope) else name

    def set_cookie(self, scope: Any, name: str, value: str, seconds: int) -> str:
        """The value of a Set-Cookie header: for our own pages only, unseen by scripts."""
        secure = "; Secure" if self.is_secure(scope) else ""
        return (
            f"{self.cookie_name(scope, name)}={value}; Path=/; Max-Age={seconds}"
            f"; HttpOnly; SameSite=Lax{secure}"
        )

    async def _check_form(self, scope: Any, receive: Any, cookie: str, bounds: FormBounds) -> None:
        if header(scope, b"sec-fetch-site") == "cross-site":
            raise ForgedRequest()
        if bounds is UPLOAD:
            return
        token = header(scope, CSRF_HEADER)
        if token is None and media_type(scope) == FORM:
            token = (await read_form(self.house, scope, receive, bounds)).get(CSRF_FIELD)
        if token is None or not self.is_token_of(cookie, token):
            raise ForgedRequest()


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through to its route, or refuse it; leaves the principal in `scope["user"]`."""
    scope: Any = connection.scope
    role = handler.opt.get("role")
    if scope["method"] == "OPTIONS" and role is None:
        # The framework's own answer knows only the first of several routes at an address.
        scope["state"]["methods"] = connection.app.state.methods[scope["path_template"]]
        return
    access: Access = connection.app.state.serving.access
    bounds: FormBounds = handler.opt.get("form", SMALL_FORM)
    scope["user"] = await access.check(scope, connection.receive, str(role), bounds)


async def read_form(
    house: House, scope: Any, receive: Any, bounds: FormBounds = SMALL_FORM
) -> dict[str, str]:
    """The fields of a form; read once per request, the last of a repeated name counts.

    BodyTooLarge or TooManyFields beyond the bounds.
    """
    form = scope["state"].get("form")
    if form is None:
        seconds_max = house.settings.body_seconds_max
        body = await read_body(scope, receive, bytes_max=bounds.bytes_max, seconds_max=seconds_max)
        form = scope["state"]["form"] = _fields(body, bounds.fields_max)
    return dict(form)


def is_ours(scope: Any) -> bool:
    """Whether a browser says that a page of ours sent a request; no other site can have it say
    so."""
    return header(scope, b"sec-fetch-site") == "same-origin"


def cookies(scope: Any) -> dict[str, str]:
    """The cookies of a request by name; the first of a repeated name counts."""
    found: dict[str, str] = {}
    for pair in (header(scope, b"cookie") or "").split(";"):
        name, _, value = pair.strip().partition("=")
        found.setdefault(name, value.strip('"'))
    return found


def new_door() -> str:
    """A random cookie for whoever is not logged in yet."""
    return secrets.token_urlsafe(32)


def _is_bearer(scheme: str) -> bool:
    return scheme.lower() == "bearer"


def _fields(body: bytes, fields_max: int) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=fields_max))
    except ValueError:
        raise TooManyFields(fields_max=fields_max) from None
