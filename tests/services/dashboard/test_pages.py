"""The pages: each renders from its sample, valid, safe, light, and with its clocks."""

import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from jinja2 import UndefinedError

from services.dashboard import addresses
from services.dashboard import render as rendering
from services.dashboard.assets import assets
from services.dashboard.charts.world import world
from services.dashboard.clocks import ClockReading, Clocks
from services.dashboard.formats import TURNS
from services.dashboard.frame import Frame
from services.dashboard.language import chosen
from services.dashboard.models.shapes import Change, ErrorPage, Evidence, GovernmentPage, Source
from services.dashboard.offered import COMPARISONS
from services.dashboard.render import render
from tests.services.dashboard import gallery, poland, samples
from tests.services.dashboard.markup import Markup, value

PAGES = gallery.in_english()
WEIGHT_BYTES_MAX = 150_000
OUTSIDE_THE_CLOCKS = ("/static/", "/schema")
STYLES = tuple(name for name in assets() if name.endswith(".css"))


@pytest.fixture(scope="module", params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    """Each sample in turn, so that it is rendered and parsed once for all that is asked of it."""
    sample: str = request.param
    return sample


@cache
def parsed(name: str) -> Markup:
    """A sample page, rendered and parsed strictly."""
    return Markup(render(PAGES[name]))


def test_a_page_is_valid_html(name: str) -> None:
    """It parses without an error, every id is its own, and every reference finds its target."""
    page = parsed(name)
    ids = Counter(page.values("[id]", "id"))
    assert [found for found, times in ids.items() if times > 1] == []
    wanted = [href.removeprefix("#") for href in page.values("use", "href") if href[0] == "#"]
    outlines = world().asset.body.decode()
    for address in set(page.values("use", "href")):
        if address.startswith("/"):
            assert f'id="{address.partition("#")[2]}"' in outlines
    for attribute in ("for", "list", "popovertarget", "aria-labelledby", "aria-describedby"):
        for found in page.values(f"[{attribute}]", attribute):
            wanted += found.split()
    wanted += re.findall(r"url\(#([\w-]+)\)", page.html)
    assert [target for target in wanted if target not in ids] == []
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("head title")) == 1


def test_a_page_holds_under_the_policy(name: str) -> None:
    """No style or script of its own, nothing from another host, no address that runs code."""
    page = parsed(name)
    assert page.all("style") == []
    assert [tag for tag in page.all("script") if "src" not in (tag.attrs or {})] == []
    for node in page.all("*"):
        for attribute in node.attrs or {}:
            assert attribute != "style", node.name
            assert not attribute.startswith("on"), node.name
    for source in (*page.values("script", "src"), *page.values("link", "href")):
        assert source.startswith("/static/")
    for address in page.values("a[href]", "href"):
        assert urlsplit(address).scheme in ("", "https", "http")


STATES = {
    "filtered": (
        *("governments-none", "government-quiet", "claims-filtered", "criticism-filtered"),
        *("transfers-filtered", "commitments-filtered", "deadlines-filtered", "find-nothing"),
        *("campaigns-filtered", "campaign-bare", "import-none", "people-filtered"),
        *("audit-filtered", "sources-filtered"),
    ),
    "uncollected": (
        *("government-empty", "explain-nothing", "criticism-empty", "transfers-empty"),
        *("commitments-empty", "deadlines-empty"),
    ),
    "": (
        *("today-empty", "claims-empty", "compare-same", "review-empty", "campaigns-empty"),
        *("campaign-bare", "imports-empty", "import-reading", "people-empty", "audit-empty"),
        "sources-empty",
    ),
    "error": (
        *("error", "error-plain", "error-role", "login-refused", "join-over", "review-refused"),
        *("campaigns-refused", "campaign-refused", "imports-refused", "import-refused"),
        *("people-last-admin", "account-refused", "record-wrong", "sources-refused"),
    ),
}
"""Kind of state -> the samples that show it: a list of which a filter leaves nothing, what nobody
collected, what is empty by itself, and what was refused."""


@pytest.mark.parametrize(
    ("kind", "shown"), [(kind, name) for kind, names in STATES.items() for name in names]
)
def test_every_state_is_marked_as_what_it_is(kind: str, shown: str) -> None:
    """Empty, filtered to nothing, not collected and refused look and read differently."""
    kinds = {(node.attrs or {}).get("data-kind") or "" for node in parsed(shown).all(".state")}
    assert kind in kinds


def test_an_error_gives_the_id_of_its_request() -> None:
    """So that whoever keeps the server finds it in the log."""
    for shown in ("error", "error-plain", "error-role"):
        page = PAGES[shown]
        assert isinstance(page, ErrorPage)
        assert page.request_id
        assert page.request_id in parsed(shown).html


@pytest.mark.parametrize("shown", sorted({type(p).__name__: n for n, p in PAGES.items()}.values()))
def test_every_page_says_when_it_is_not_complete(shown: str) -> None:
    """When the views are behind the log, or one of them stopped, whatever the page shows."""
    page, frame = PAGES[shown], getattr(PAGES[shown], "frame", None)
    if not isinstance(frame, Frame):
        return
    late = msgspec.structs.replace(frame, faults=("The view “claims” stopped.",), behind=25)
    found = Markup(render(msgspec.structs.replace(page, frame=late)))
    told = {value(node, "data-kind") for node in found.all(".state[data-kind]")}
    assert {"error", "stale"} <= told
    assert "The view “claims” stopped." in found.html


def test_every_link_and_form_keeps_the_clocks(name: str) -> None:
    """Wherever one goes, the clocks and the set of weights come along; only "Now", the presets and
    links that name another moment set others."""
    page, frame = parsed(name), getattr(PAGES[name], "frame", None)
    if not isinstance(frame, Frame):
        return
    pairs = list(frame.clocks.pairs())
    free = {addresses.link_href(frame, link) for link in (*frame.presets, *frame.footer)}
    free |= {addresses.now_href(frame), addresses.published_href(frame)}
    free |= {addresses.pinned_href(frame.path, pinned) for _, pinned in COMPARISONS}
    free |= set(page.values("a[data-moment]", "href"))
    for address in page.values("a[href]", "href"):
        parts = urlsplit(address)
        if parts.netloc or address in free or address.startswith(("#", *OUTSIDE_THE_CLOCKS)):
            continue
        query = [pair for pair in parse_qsl(parts.query) if pair[0] in ("on", "known_at", "method")]
        assert query == list(frame.carried), address
    for form in page.all("form[method=get]"):
        fields = [node for node in form.query("input[name]") if (node.attrs or {})["name"]]
        names = {(node.attrs or {})["name"] for node in fields}
        assert {key for key, _ in pairs} <= names


def test_the_clock_form_keeps_the_rest_of_the_address() -> None:
    """Changing a clock leaves the filters and the opened claim as they were."""
    page = parsed("government")
    hidden = page.all(".clocks__panel input[type=hidden]")
    assert [(value(node, "name"), value(node, "value")) for node in hidden] == [
        ("event", poland.DEPOSIT)
    ]


def test_a_page_is_light(name: str) -> None:
    """With its style sheets and its script, uncompressed, a page stays within 150 kB."""
    page = parsed(name)
    addresses = [*page.values("link", "href"), *page.values("script", "src")]
    files = [assets()[urlsplit(address).path.removeprefix("/static/")] for address in addresses]
    weight = len(page.html.encode()) + sum(len(file.body) for file in files)
    weight += len(world().asset.body) if "/static/w.svg" in page.html else 0
    assert weight <= WEIGHT_BYTES_MAX


def test_a_board_of_all_governments_is_light() -> None:
    """With forty active governments and all others listed by standing, it stays within 150 kB."""
    page = samples.governments()
    rows = tuple(
        msgspec.structs.replace(page.rows[0], code=f"A{n:02}", name=f"Government number {n}")
        for n in range(40)
    )
    others = tuple((f"B{n:02}", f"A government with a long name, {n}") for n in range(157))
    quiet = (msgspec.structs.replace(page.quiet[0], governments=others),)
    html = render(msgspec.structs.replace(page, rows=rows, quiet=quiet))
    shared = sum(len(file.body) for name, file in assets().items() if f"/static/{name}?" in html)
    assert len(html.encode()) + shared <= WEIGHT_BYTES_MAX


def test_static_files_are_named_by_what_they_hold() -> None:
    """An address changes with the content and with nothing else."""
    for name, asset in assets().items():
        assert asset.address == f"/static/{name}?v={asset.version}"
        assert len(asset.version) == 12
        assert asset.body
    assert len({asset.version for asset in assets().values()}) == len(assets())


def test_the_style_sheets_fetch_nothing() -> None:
    """Neither an import nor an address leads out of a style sheet."""
    for name in STYLES:
        text = assets()[name].body.decode()
        assert "@import" not in text
        assert re.findall(r"url\((?!#)", text) == []


def test_the_templates_use_no_class_without_a_style(name: str) -> None:
    """A class that templates or charts carry is known to the style sheet or to the script."""
    styles = "".join(assets()[style].body.decode() for style in STYLES)
    known = set(re.findall(r"\.([a-z][\w-]*)", styles))
    used = {one for found in parsed(name).values("[class]", "class") for one in found.split()}
    assert used <= known


@pytest.mark.parametrize("path", sorted(rendering.TEMPLATES.iterdir()), ids=lambda path: path.name)
def test_templates_escape_all_data(path: Path) -> None:
    """Only words of the template itself are marked as safe; data is always escaped."""
    text = path.read_text(encoding="utf-8")
    raw = re.findall(r"\{\{([^{}]*)\|\s*safe\b", text)
    assert [found for found in raw if "'" not in found and '"' not in found] == []
    assert "{% autoescape" not in text


def test_a_name_the_page_does_not_have_is_an_error() -> None:
    """A template that asks for more than the model holds fails; it never shows nothing."""
    template = rendering._environment(chosen()).from_string("{{ page.nothing_of_the_kind }}")
    with pytest.raises(UndefinedError):
        template.render(page=PAGES["today"])


def test_what_sources_say_cannot_break_out() -> None:
    """Markup in a claim is text, and an address that is not of the web is no link."""
    attack = "<script>alert(1)</script>\"'><img src=x onerror=y>"
    page = poland.poland()
    assert page.evidence is not None
    source = Source(
        publisher=attack,
        title=attack,
        url=f"javascript:{attack}",
        published_on=None,
        reliability="F",
        credibility=6,
    )
    evidence: Evidence = msgspec.structs.replace(
        page.evidence, title=attack, text=attack, claim=attack, sources=(source,)
    )
    record = msgspec.structs.replace(page.records[0], title=attack, sources=attack)
    attacked: GovernmentPage = msgspec.structs.replace(
        page, name=attack, evidence=evidence, records=(record,)
    )
    found = Markup(render(attacked))
    assert found.all("img") == []
    assert all(src.startswith("/static/") for src in found.values("script", "src"))
    assert len(found.all("script")) == len(Markup(render(page)).all("script"))
    assert found.text("#evidence-h").startswith("<script>")
    assert [href for href in found.values("a", "href") if href.startswith("javascript")] == []


def test_no_name_turns_what_stands_beside_it() -> None:
    """Characters that override the order of reading are left out of a page; letters that are read
    from right to left by themselves stay."""
    turned = "\u202ePoland\u2066 \u0633\u0644\u0627\u0645"
    page: GovernmentPage = msgspec.structs.replace(poland.poland(), name=turned)
    html = render(page)
    assert "Poland \u0633\u0644\u0627\u0645" in html
    assert not set(TURNS) & set(html)


def test_a_page_at_now_follows_and_a_past_view_does_not() -> None:
    """Stream and its script belong to pages at now; in the past only the slider has one."""
    assert parsed("government").values("body", "data-concerns") == ["POL"]
    assert parsed("government").values("body", "data-stream") == ["/live"]
    assert parsed("government-past").all("script[src*='/live.js'], body[data-stream]") == []
    assert parsed("government-past").values(".clockbar", "data-mode") == ["past"]
    still = msgspec.structs.replace(
        samples.today(),
        frame=msgspec.structs.replace(
            samples.today().frame,
            live=msgspec.structs.replace(samples.today().frame.live, stream=None),
        ),
    )
    assert Markup(render(still)).all("script[src*='/live.js']") == []


def test_a_day_to_come_is_said_to_be_one() -> None:
    """Looking ahead is marked like looking back, and says what it shows."""
    ahead = ClockReading(clocks=Clocks(on=date(2026, 3, 1)))
    page = Markup(render(samples.today(ahead)))
    assert page.text("#live").startswith("A day to come: what follows if nothing changes.")
    assert page.values(".clockbar", "data-mode") == ["ahead"]


def test_a_mistyped_clock_is_told_where_it_was_typed() -> None:
    """The form stands open, says what is wrong at the field, and keeps what was typed."""
    page = parsed("today-mistyped")
    assert len(page.all("details.clocks[open]")) == 1
    assert page.text("#on-error") == "31 Feb 2025 does not exist. Enter a real date."
    assert page.values("#on", "value") == ["31 Feb 2025"]
    assert page.values("#known_at", "aria-invalid") == ["true"]


def test_every_region_that_lives_has_a_name(name: str) -> None:
    """A region is put in place by its id, at once or when asked; nothing else is known to the
    script."""
    for region in parsed(name).all("[data-live]"):
        assert value(region, "id")
        assert value(region, "data-live") in ("quiet", "asked")
    for said in parsed(name).all("[data-says]"):
        assert value(said, "id")


def test_every_mark_on_the_timeline_is_a_row_of_the_list() -> None:
    """Whoever cannot see the chart reads the same records below."""
    page = parsed("government")
    ids = set(page.values("[id]", "id"))
    marks = page.values("a.mk", "href")
    assert len(marks) == len(poland.RECORDS) + 1
    assert {mark.removeprefix("#") for mark in marks} <= ids


def test_what_is_wrong_with_a_form_is_listed_from_above() -> None:
    """The list of faults has the focus, and leads to the fields in the order of the page."""
    page = parsed("record-wrong")
    faults = [where.removeprefix("#") for where in page.values("#wrong a", "href")]
    ids = page.values("[id]", "id")
    assert len(faults) > 1
    assert faults == sorted(faults, key=ids.index)
    assert page.values("#wrong", "autofocus") == [""]


@pytest.mark.parametrize("form", ["map #timeslide", "import form[action$='/check']"])
def test_enter_in_a_field_changes_no_day_and_records_nothing(form: str) -> None:
    """The button that a browser presses for Enter, the first of a form, only shows or checks."""
    name, _space, selector = form.partition(" ")
    first = parsed(name).all(f"{selector} button[type=submit]")[0]
    assert first.attrs is not None
    assert not {"name", "formaction"} & set(first.attrs)


def test_absence_is_worded_by_its_kind() -> None:
    """Nothing yet, nothing that matches, and nothing recorded read differently."""
    assert "No clock is running" in parsed("today-empty").html
    assert "Nothing on file yet" in parsed("today-empty").html
    assert "could not take in position 400" in parsed("today-empty").text(".state")
    assert "No government matches “Atlantis”." in parsed("governments-none").html
    assert "2 records are hidden by these filters" in parsed("government-quiet").html
    assert "none recorded" in parsed("government-quiet").text("#numbers")


def test_every_kind_of_change_has_its_tag() -> None:
    """New, accepted, corrected, confirmed, contested, refuted, rejected and retracted are words."""
    page = samples.today()
    kinds = ("new", "accepted", "corrected", "confirmed")
    others = ("contested", "refuted", "rejected", "retracted")
    changes: tuple[Change, ...] = tuple(
        msgspec.structs.replace(page.changes[0], kind=kind) for kind in kinds + others
    )
    found = Markup(render(msgspec.structs.replace(page, changes=changes)))
    words = [node.to_text().strip() for node in found.all("#changes .tag > span")]
    assert words == [
        *("New", "Accepted", "Corrected", "Expected, now confirmed"),
        *("Contested", "Refuted", "Rejected", "Retracted"),
    ]


def test_somebody_signed_in_can_leave(name: str) -> None:
    """Every framed page has the form that logs out, with the token of the session, and no other
    has."""
    framed = getattr(PAGES[name], "frame", None) is not None
    form = parsed(name).all("form[action='/logout']")
    assert [value(node, "method") for node in form] == ["post"] * framed
    token = parsed(name).values("form[action='/logout'] input[name=csrf_token]", "value")
    assert token == ["token-of-the-session"] * framed
