"""The outlines as one static file that maps refer to by land; it never says what a land is."""

import hashlib
from functools import cache
from typing import Final

import msgspec

from services.dashboard.assets import PREFIX, Asset
from services.wiring import Outlines, outlines

NAME: Final = "w.svg"
"""Short, because a map refers to it hundreds of times."""
VERSION_CHARS: Final = 6
DOT_UNITS: Final = 8


class World(msgspec.Struct, frozen=True):
    """The file, and what of it a page needs to know."""

    asset: Asset
    outlines: Outlines

    def address(self, part: str, code: str) -> str:
        """Where one land of a part, `w` the world or `e` Europe enlarged, is drawn."""
        return f"{PREFIX}{NAME}?v={self.asset.version}#{part}-{code}"

    def has(self, part: str, code: str) -> bool:
        """Whether a land is drawn in that part."""
        drawn = self.outlines
        return code in drawn.europe if part == "e" else code in drawn.world or code in drawn.dots


@cache
def world() -> World:
    """The file of outlines; the first call of an installation may take some seconds."""
    drawn = outlines()
    parts = [f'<path id="w-{code}" d="{path}"/>' for code, path in sorted(drawn.world.items())]
    parts += [
        f'<circle id="w-{code}" cx="{x}" cy="{y}" r="{DOT_UNITS}"/>'
        for code, (x, y) in sorted(drawn.dots.items())
    ]
    parts += [f'<path id="e-{code}" d="{path}"/>' for code, path in sorted(drawn.europe.items())]
    body = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'.encode()
    version = hashlib.sha256(body).hexdigest()[:VERSION_CHARS]
    asset = Asset(name=NAME, body=body, media_type="image/svg+xml", version=version)
    return World(asset, drawn)
