"""Draws the map and the states bound over time; it never decides how a government is shown."""

from markupsafe import Markup

from services.dashboard.charts.svg import element, number, percent, place, ticks
from services.dashboard.charts.world import World
from services.dashboard.formats import day_text
from services.dashboard.language import _
from services.dashboard.models.map import MapPage, land_text
from services.dashboard.states import GOVERNMENTS

HEIGHT_PX = 84
BASE_PX = 66
COUNT_TOP = 180
LABEL_UNITS = 75
"""Names nearer than this, one above the other, stand without their day."""


def world_map(page: MapPage, world: World) -> Markup:
    """The world, every government in the class of its group, named on hover and below as a list."""
    drawn = world.outlines
    said = ", ".join(f"{len(group.lands)} {group.word.lower()}" for group in page.groups)
    words = _(
        "%(title)s: %(counts)s. The same is given as a list below.", title=page.title, counts=said
    )
    parts = [element("title", words)]
    parts.append(_others(world, "w"))
    parts += _groups(page, world, "w")
    return element(
        "svg",
        *parts,
        class_="map",
        view_box=f"0 0 {number(drawn.width)} {number(drawn.height)}",
        role="img",
    )


def europe_map(page: MapPage, world: World) -> Markup:
    """Northern and eastern Europe enlarged, with the names of those that leave, left or are
    contested."""
    drawn = world.outlines
    width, height = drawn.europe_box
    parts = [_others(world, "e"), *_groups(page, world, "e")]
    places = {
        land.code: at
        for land in page.marked
        if (at := drawn.europe_places.get(land.code)) and 0 < at[0] < width and 0 < at[1] < height
    }
    for land in page.marked:
        at = places.get(land.code)
        if at is None:
            continue
        lines: list[str | Markup] = [land.name]
        is_alone = all(
            abs(at[1] - y) > LABEL_UNITS for c, (_, y) in places.items() if c != land.code
        )
        if land.day and page.show == "status" and is_alone:
            x, note = number(at[0]), land.day
            lines.append(element("tspan", note, class_="sub", x=x, dy="1.1em"))
        parts.append(element("text", *lines, x=number(at[0]), y=number(at[1])))
    said = "; ".join(land_text(land) for land in page.marked) or page.title
    return element(
        "svg",
        *parts,
        class_="map",
        view_box=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_label=_("Northern and eastern Europe enlarged. %(said)s.", said=said),
    )


def bound_over_time(page: MapPage) -> Markup:
    """States bound since the treaty's entry into force, as steps."""
    start, end = page.bound[0][0], page.until
    parts = [
        _level(level, style)
        for level, style in ((0, "axis axis--base"), (50, "axis"), (100, "axis"), (150, "axis"))
    ]
    parts += [
        element("text", str(level), x="100%", dx=6, y=number(_y(level) + 4))
        for level in (0, 50, 100, 150)
    ]
    for day in ticks(start, end, ticks_max=7)[0]:
        x = place(day, start, end)
        if x < 94:
            parts.append(element("text", str(day.year), x=percent(x), y=HEIGHT_PX - 4))
    moves = [f"M0 {number(_y(page.bound[0][1]))}"]
    for day, count in page.bound[1:]:
        moves.append(f"H{number(place(day, start, end))}V{number(_y(count))}")
    line = "".join([*moves, f"H{number(place(page.on, start, end))}"])
    parts.append(
        element(
            "svg",
            element("path", class_="f-soft", d=f"{line}V{BASE_PX}H0z"),
            element("path", class_="line s-ink", d=line),
            width="100%",
            height=HEIGHT_PX,
            view_box=f"0 0 100 {HEIGHT_PX}",
            keep_ratio="none",
        )
    )
    label = _(
        "States bound by the treaty: %(first)s on %(since)s, %(last)s on %(day)s.",
        first=page.bound[0][1],
        since=day_text(start),
        last=page.bound[-1][1],
        day=day_text(page.on),
    )
    return element("svg", *parts, class_="chart", height=HEIGHT_PX, role="img", aria_label=label)


def swatch(key: str) -> Markup:
    """A small land in the class of a group, for the legend."""
    land = element("path", d="M.5.5h19v13H.5z")
    return element(
        "svg",
        element("g", land, class_=key),
        class_="swatch map",
        view_box="0 0 20 14",
        aria_hidden="true",
    )


def _groups(page: MapPage, world: World, part: str) -> list[Markup]:
    found = []
    for group in reversed(page.groups):
        lands = [
            element(
                "use",
                *([element("title", land_text(land))] if part == "w" else []),
                href=world.address(part, land.code),
            )
            for land in group.lands
            if world.has(part, land.code)
        ]
        if lands:
            found.append(element("g", *lands, class_=group.key))
    return found


def _others(world: World, part: str) -> Markup:
    """Lands without a row of their own, such as dependencies."""
    drawn = world.outlines.europe if part == "e" else world.outlines.world
    lands = [
        element("use", href=world.address(part, code))
        for code in sorted(drawn)
        if code not in GOVERNMENTS
    ]
    return element("g", *lands, class_="none") if lands else Markup("")


def _level(level: int, style: str) -> Markup:
    y = number(_y(level))
    return element("line", class_=style, x1=0, x2="100%", y1=y, y2=y)


def _y(count: int) -> float:
    return BASE_PX * (1 - count / COUNT_TOP)
