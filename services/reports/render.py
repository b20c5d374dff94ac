"""Writes a brief as HTML that needs no other file, or as JSON; it never fetches, decides or asks
the time."""

from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.dashboard import formats
from services.dashboard.assets import assets
from services.dashboard.charts.series import MEASURE_NAMES
from services.reports.brief import counted, known_words
from services.reports.model import Brief

TEMPLATES: Final = Path(__file__).parent / "templates"
Form = Literal["html", "json"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)


def render(brief: Brief, form: Form) -> bytes:
    """The brief as a document in UTF-8, ending in a line feed; the same bytes for the same
    brief."""
    return _json(brief) if form == "json" else _html(brief)


def _json(brief: Brief) -> bytes:
    return msgspec.json.format(msgspec.json.encode(brief), indent=2) + b"\n"


def _html(brief: Brief) -> bytes:
    page = _environment().get_template("brief.html").render(brief=brief, pin=brief.pin)
    return (formats.without_turns(page).rstrip() + "\n").encode()


def factor_text(value: float) -> str:
    """A factor of a term with at most three decimals: `8`, `0.98`, `0.125`."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Any] = {
        "day": formats.date_html,
        "factor": factor_text,
        "known_words": known_words,
        "score": formats.score_text,
        "web_address": formats.web_address,
        "when": formats.date_text,
    }
    environment.filters.update(filters)
    environment.globals.update(
        MEASURE_NAMES=MEASURE_NAMES,
        STATE_TAGS=formats.STATE_TAGS,
        STATUS_TAGS=formats.STATUS_TAGS,
        counted=counted,
        names_text=formats.names_text,
        tokens=assets()["tokens.css"].body.decode(),
    )
    return environment
