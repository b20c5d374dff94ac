"""Turns a page model into HTML with the templates beside it; it never fetches and never decides.

Templates know the names registered here and nothing else; a name they do not know is an error, not
an empty string.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.claims import Status
from services.dashboard import addresses, formats
from services.dashboard.assets import assets
from services.dashboard.calendars import CALENDAR
from services.dashboard.charts import bound as bound_chart
from services.dashboard.charts import lanes, waterfall
from services.dashboard.charts import series as charts
from services.dashboard.charts import world_map as map_chart
from services.dashboard.charts.world import world
from services.dashboard.frame import (
    ACCOUNT_PATH,
    API_PATH,
    AUDIT_PATH,
    CAMPAIGNS_PATH,
    CLAIMS_PATH,
    COMMITMENTS_PATH,
    COMPARE_PATH,
    DEADLINES_PATH,
    DELIVERIES_PATH,
    DRAFTS_PATH,
    EXPORT_PATH,
    FEEDS_PATH,
    FIND_PATH,
    GOVERNMENTS_PATH,
    IMPORT_PATH,
    INTEGRITY_PATH,
    JOIN_PATH,
    LANGUAGE_PATH,
    LEAVE_PATH,
    PEOPLE_PATH,
    RECORD_PATH,
    REVIEW_PATH,
    SOURCES_PATH,
    TODAY_PATH,
    campaign_path,
    claim_path,
    correct_path,
    government_path,
    live_words,
    measure_path,
)
from services.dashboard.language import (
    LANGUAGES,
    Tongue,
    chosen,
    count_text,
    template_many,
    template_text,
)
from services.dashboard.models.amending import AMENDED, ANOTHER
from services.dashboard.models.audit import GROUP_WORDS, AuditPage
from services.dashboard.models.campaigns import (
    ASK_STATES,
    CAMPAIGN_STATES,
    CampaignsPage,
    CampaignView,
)
from services.dashboard.models.campaigns import DONE as CAMPAIGN_DONE
from services.dashboard.models.campaigns import ORDERS as CAMPAIGN_ORDERS
from services.dashboard.models.claims import ClaimsPage, ClaimView
from services.dashboard.models.compare import ComparePage
from services.dashboard.models.criticism import MatrixPage
from services.dashboard.models.deadlines import DeadlinesPage
from services.dashboard.models.explain import ExplainPage
from services.dashboard.models.find import FindPage
from services.dashboard.models.imports import FATE_WORDS, STATE_WORDS, ImportPage, ImportsPage
from services.dashboard.models.integrity import CHECK_PATH, IntegrityPage
from services.dashboard.models.interface import InterfacePage
from services.dashboard.models.map import MapPage
from services.dashboard.models.people import (
    DONE,
    ORDERS,
    ROLE_LEADS,
    ROLE_SAYS,
    ROLE_WORDS,
    STATES,
    AccountPage,
    JoinPage,
    PeoplePage,
    device_words,
    place_words,
)
from services.dashboard.models.record_form import CorrectPage, RecordPage
from services.dashboard.models.review import ReviewPage
from services.dashboard.models.shapes import (
    ErrorPage,
    GovernmentPage,
    GovernmentsPage,
    LoginPage,
    TodayPage,
)
from services.dashboard.models.sources import (
    FEED_STATES,
    OUTCOMES,
    SOURCE_DONE,
    SOURCE_STATES,
    SourcesPage,
    delivery_tag,
    feed_state,
)
from services.dashboard.models.transfers import TransfersPage
from services.dashboard.models.undertaken import CommitmentsPage
from services.dashboard.offered import COMPARISONS, KEYS
from services.dashboard.settling import SettlingEnvironment
from services.dashboard.sheets import FORMATS
from services.dashboard.sheets import ROWS_MAX as FILE_ROWS_MAX
from services.dashboard.states import GOVERNMENTS, government_names, treaty_name
from services.dashboard.words import JOINT_WORDS

TEMPLATES: Final = Path(__file__).parent / "templates"
SAMPLE_DAY: Final = date(2025, 1, 1)
"""What a field for a day shows as an example."""
TEMPLATE_NAMES: Final[Mapping[type[msgspec.Struct], str]] = {
    TodayPage: "today.html",
    GovernmentsPage: "governments.html",
    GovernmentPage: "government.html",
    LoginPage: "login.html",
    ErrorPage: "error.html",
    ExplainPage: "explain.html",
    ClaimsPage: "claims.html",
    ClaimView: "claim.html",
    MatrixPage: "matrix.html",
    TransfersPage: "transfers.html",
    CommitmentsPage: "commitments.html",
    DeadlinesPage: "deadlines.html",
    MapPage: "map.html",
    ComparePage: "compare.html",
    IntegrityPage: "integrity.html",
    RecordPage: "record.html",
    CorrectPage: "correct.html",
    ReviewPage: "review.html",
    CampaignsPage: "campaigns.html",
    CampaignView: "campaign.html",
    SourcesPage: "sources.html",
    ImportsPage: "imports.html",
    ImportPage: "import.html",
    InterfacePage: "interface.html",
    FindPage: "find.html",
    PeoplePage: "people.html",
    AuditPage: "audit.html",
    AccountPage: "account.html",
    JoinPage: "join.html",
}
PLAIN_ERROR: Final = "error_plain.html"
"""For a refusal to somebody who is not signed in."""


def render(page: msgspec.Struct) -> str:
    """The HTML document of a page model; the template follows from the kind of page.

    What would turn the order of the letters around it is left out: a name that holds it must not
    rewrite what stands beside it. The data keep it.
    """
    frame = getattr(page, "frame", None)
    name = TEMPLATE_NAMES[type(page)]
    if isinstance(page, ErrorPage) and frame is None:
        name = PLAIN_ERROR
    html = _environment(chosen()).get_template(name).render(page=page, frame=frame)
    return formats.without_turns(html)


def away() -> str:
    """The blank page that follows when somebody leaves quickly."""
    return _environment(chosen()).get_template("away.html").render()


@cache
def _environment(tongue: Tongue) -> Environment:
    """The templates as they stand in a language; to be made while it is spoken."""
    environment = SettlingEnvironment(
        {"_": template_text, "icon": formats.icon, "asset": _asset},
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    # Our own functions in place of the extension's, which would make a format of every text.
    environment.globals.update({"_": template_text, "ngettext": template_many})
    environment.filters.update(_filters())
    environment.globals.update(_globals())
    return environment


def _asset(name: str) -> str:
    return assets()[name].address


def _filters() -> dict[str, Any]:
    return {
        "clock": formats.clock_text,
        "day": formats.date_html,
        "day_text": formats.day_text,
        "days": formats.days_text,
        "host": formats.web_host,
        "month": formats.month_text,
        "moment": formats.moment_text,
        "hundredths": formats.hundredths,
        "per_cent": formats.percent_text,
        "ticked": formats.ticked,
        "treaty": treaty_name,
        "short": formats.short_number,
        "signed": formats.signed,
        "tenths": formats.tenths,
        "figure": formats.figure_text,
        "score": formats.score_text,
        "sentence": formats.sentence_html,
        "upper_first": formats.upper_first,
        "web_address": formats.web_address,
        "when": formats.date_text,
    }


def _globals() -> dict[str, Any]:
    return _names() | {
        "at_href": addresses.at_href,
        "delivery_tag": delivery_tag,
        "device_words": device_words,
        "place_words": place_words,
        "live_words": live_words,
        "feed_state": feed_state,
        "axis_chart": lanes.axis_chart,
        "bound_over_time": map_chart.bound_over_time,
        "bound_axis_start": bound_chart.bound_axis_start,
        "bound_chart": bound_chart.bound_chart,
        "cell_href": addresses.cell_href,
        "campaign_path": campaign_path,
        "claim_path": claim_path,
        "correct_path": correct_path,
        "compare_href": addresses.compare_href,
        "slide_end": addresses.slide_end,
        "slide_start": addresses.slide_start,
        "day_href": addresses.day_href,
        "europe_map": map_chart.europe_map,
        "event_href": addresses.event_href,
        "published_href": addresses.published_href,
        "format_href": addresses.format_href,
        "government_path": government_path,
        "href": addresses.href,
        "interval_chart": waterfall.interval_chart,
        "lane_chart": lanes.lane_chart,
        "link_href": addresses.link_href,
        "measure_path": measure_path,
        "now_href": addresses.now_href,
        "one_day": timedelta(days=1),
        "pinned_href": addresses.pinned_href,
        "progress": charts.progress,
        "scale": charts.scale,
        "interval_words": charts.interval_words,
        "government_names": government_names,
        "language": lambda: chosen().code,
        "number_text": count_text,
        "sample_day": SAMPLE_DAY,
        "spread_words": charts.spread,
        "government_cells": charts.government_cells,
        "score_cell": charts.score_cell,
        "score_words": charts.score_words,
        "state_tag": formats.state_tag,
        "status_tag": formats.status_tag,
        "tag": formats.tag,
        "series_chart": charts.series_chart,
        "waterfall_bar": waterfall.bar,
        "waterfall_total": waterfall.total,
        "with_href": addresses.with_href,
        "swap_href": addresses.swap_href,
        "swatch": map_chart.swatch,
        "world": world,
        "world_map": map_chart.world_map,
        "undrawn": lambda timeline, lane: lanes.placed(timeline, lane)[1],
    }


def _names() -> dict[str, Any]:
    """The constants that templates know."""
    return {
        "DRAFTS_PATH": DRAFTS_PATH,
        "DELIVERIES_PATH": DELIVERIES_PATH,
        "FEEDS_PATH": FEEDS_PATH,
        "FILE_ROWS_MAX": FILE_ROWS_MAX,
        "FEED_STATES": FEED_STATES,
        "OUTCOMES": OUTCOMES,
        "RECORD_PATH": RECORD_PATH,
        "SOURCES_PATH": SOURCES_PATH,
        "SOURCE_DONE": SOURCE_DONE,
        "SOURCE_STATES": SOURCE_STATES,
        "ACCOUNT_PATH": ACCOUNT_PATH,
        "AMENDED": AMENDED,
        "ANOTHER": ANOTHER,
        "AUDIT_GROUPS": GROUP_WORDS,
        "API_PATH": API_PATH,
        "AUDIT_PATH": AUDIT_PATH,
        "ASK_STATES": ASK_STATES,
        "CAMPAIGNS_PATH": CAMPAIGNS_PATH,
        "CAMPAIGN_DONE": CAMPAIGN_DONE,
        "CAMPAIGN_ORDERS": CAMPAIGN_ORDERS,
        "CAMPAIGN_STATES": CAMPAIGN_STATES,
        "CHECK_PATH": CHECK_PATH,
        "JOIN_PATH": JOIN_PATH,
        "LANGUAGES": LANGUAGES,
        "LANGUAGE_PATH": LANGUAGE_PATH,
        "KEYS": KEYS,
        "JOINT_WORDS": JOINT_WORDS,
        "LEAVE_PATH": LEAVE_PATH,
        "PEOPLE_DONE": DONE,
        "PEOPLE_ORDERS": ORDERS,
        "PEOPLE_PATH": PEOPLE_PATH,
        "PEOPLE_STATES": STATES,
        "ROLE_LEADS": ROLE_LEADS,
        "ROLE_SAYS": ROLE_SAYS,
        "ROLE_WORDS": ROLE_WORDS,
        "CALENDAR": CALENDAR,
        "CLAIMS_PATH": CLAIMS_PATH,
        "DEADLINES_PATH": DEADLINES_PATH,
        "COMMITMENTS_PATH": COMMITMENTS_PATH,
        "COMPARE_PATH": COMPARE_PATH,
        "COMPARISONS": COMPARISONS,
        "CREDIBILITY": formats.CREDIBILITY,
        "FORMATS": FORMATS,
        "EXPORT_PATH": EXPORT_PATH,
        "FIND_PATH": FIND_PATH,
        "SHEET_FORMATS": ("xlsx", "csv", "jsonl"),
        "GOVERNMENTS": GOVERNMENTS,
        "GOVERNMENTS_PATH": GOVERNMENTS_PATH,
        "INTEGRITY_PATH": INTEGRITY_PATH,
        "LOW_GRADES": formats.LOW_GRADES,
        "MEASURE_NAMES": charts.MEASURE_NAMES,
        "REVIEW_PATH": REVIEW_PATH,
        "IMPORT_PATH": IMPORT_PATH,
        "IMPORT_STATES": STATE_WORDS,
        "FATE_WORDS": FATE_WORDS,
        "RELIABILITY": formats.RELIABILITY,
        "STATUSES": get_args(Status),
        "STATE_TAGS": formats.STATE_TAGS,
        "STATUS_TAGS": formats.STATUS_TAGS,
        "TODAY_PATH": TODAY_PATH,
    }
