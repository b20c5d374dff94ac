"""The static files of the dashboard, read once, made small and named by content; it never answers
HTTP."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
import rcssmin  # type: ignore[import-untyped]  # no types
import rjsmin  # type: ignore[import-untyped]  # no types

from services.dashboard.squeezing import file_squeezed

STATIC: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static/"
ICON: Final = "favicon.svg"
MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
DIGEST_CHARS: Final = 12
_SMALLER: Final[dict[str, Callable[[bytes], Any]]] = {
    ".css": rcssmin.cssmin,
    ".js": rjsmin.jsmin,
}
"""What takes the comments and the spare space out of a kind of file."""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One static file: its name, its bytes and the version its content gives it."""

    name: str
    body: bytes
    media_type: str
    version: str

    @property
    def address(self) -> str:
        """Where pages link to; it changes whenever the content does."""
        return f"{PREFIX}{self.name}?v={self.version}"

    @property
    def small(self) -> bytes:
        """The bytes as gzip."""
        return file_squeezed(self.body)


@cache
def assets() -> MappingProxyType[str, Asset]:
    """Every static file by name; `/static/{name}` answers with `body` and `media_type`.

    With `?v=` equal to `version` it may be kept for ever (`max-age=31536000, immutable`); without,
    or with another, it is to be asked for again (`no-cache`).
    """
    found = {path.name: _asset(path) for path in sorted(STATIC.iterdir()) if path.is_file()}
    return MappingProxyType(found)


def _asset(path: Path) -> Asset:
    smaller = _SMALLER.get(path.suffix, bytes)
    body = bytes(smaller(path.read_bytes()))
    version = hashlib.sha256(body).hexdigest()[:DIGEST_CHARS]
    media_type = MEDIA_TYPES[path.suffix]
    return Asset(
        name=path.name,
        body=body,
        media_type=media_type,
        version=version,
    )
