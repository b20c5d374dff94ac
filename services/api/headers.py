"""The headers that every answer carries; names and values alone, nothing is decided here."""

from typing import Final

POSITION: Final = b"article20-position"
HEAD_ALONE: Final = "head_alone"
"""What the state of a request says of one that asks for headers alone."""
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Not no-referrer: with it browsers hide the origin of our own forms from us.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
TRANSPORT_SECURITY: Final = (b"strict-transport-security", b"max-age=31536000")
UNKEPT: Final = (b"cache-control", b"no-store")
VARY: Final = (b"vary", b"Authorization, Cookie")
CLOSE: Final = (b"connection", b"close")
UNREAD: Final = frozenset((408, 413))
"""Refusals that come before the whole body: what is left of it ends the connection, so that whoever
would send the next request on it has to know."""
ALWAYS: Final = {
    False: (*SECURITY_HEADERS, UNKEPT, VARY),
    True: (*SECURITY_HEADERS, TRANSPORT_SECURITY, UNKEPT, VARY),
}
"""What every answer carries that brings none of its own, by whether the client came by https."""
