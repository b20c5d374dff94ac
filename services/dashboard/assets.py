"""The static files of the dashboard, read once and named by content; it never answers HTTP."""

import hashlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

STATIC: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static/"
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
DIGEST_CHARS: Final = 12


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


@cache
def assets() -> MappingProxyType[str, Asset]:
    """Every static file by name; `/static/{name}` answers with `body` and `media_type`.

    With `?v=` equal to `version` it may be kept for ever (`max-age=31536000, immutable`); without,
    or with another, it is to be asked for again (`no-cache`).
    """
    found = {path.name: _asset(path) for path in sorted(STATIC.iterdir()) if path.is_file()}
    return MappingProxyType(found)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:DIGEST_CHARS]
    media_type = MEDIA_TYPES[path.suffix]
    return Asset(name=path.name, body=body, media_type=media_type, version=version)
