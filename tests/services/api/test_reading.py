"""Reading over HTTP: clocks, tags, waiting, paging, and what a question that is not understood is
told."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.dcb import DCBEvent
from infra.postgres.log.appender import AppendRequest
from services.api.headers import SECURITY_HEADERS
from tests import loopback
from tests.services.running import WORKSPACE, Running, claim, running

DAYS = ("2026-02-18", "2026-02-19", "2026-02-19", "2026-02-20", "2026-02-21")


@pytest.fixture(scope="module")
def source(site: Running) -> str:
    """A source that has recorded five claims, whose ids end in the order they came in."""
    name = site.source()
    for number, day in enumerate(DAYS):
        record(site, name, claim(id=f"claim-{number}", occurred_on=day, targets=["FIN", "POL"]))
    site.caught_up()
    return name


@pytest.fixture(scope="module")
def http(site: Running, source: str) -> httpx.Client:
    """A viewer's client."""
    return site.client("viewer")


def record(site: Running, source: str, plain: dict[str, Any]) -> int:
    """Record a claim; its position."""
    body = json.dumps(plain)
    headers = site.signed(source, body, uuid4().hex)
    answer = loopback.post(f"{site.url}/hooks/{source}", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


READS = (
    "/api/v1/governments",
    "/api/v1/governments/FIN",
    "/api/v1/governments/FIN/pressure",
    "/api/v1/governments/FIN/erosion",
    "/api/v1/governments/FIN/backing",
    "/api/v1/treaties/APMBC/parties",
    "/api/v1/claims",
    "/api/v1/claims/claim-1",
)


@pytest.mark.parametrize("path", READS)
def test_an_answer_names_its_clocks_and_position(
    site: Running, http: httpx.Client, path: str
) -> None:
    """Every answer says which position it stands for, in a header and in its own words."""
    answer = http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    position = answer.headers["article20-position"]
    assert int(position) == site.head()
    body = answer.json()
    if "known_at" in body:
        assert body["known_at"] == f"seq:{position}"
    if "on" in body:
        assert body["on"] == site.house.now().date().isoformat()


@pytest.mark.parametrize("path", [*READS, "/api/v1/events"])
def test_an_unchanged_answer_is_not_sent_again(
    site: Running, source: str, http: httpx.Client, path: str
) -> None:
    """Who holds the answer gets 304 without a body, until something is recorded."""
    site.caught_up()
    first = http.get(path)
    tag = first.headers["etag"]
    again = http.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert again.headers["article20-position"] == first.headers["article20-position"]
    position = record(site, source, claim())
    later = http.get(path, params={"min_position": position}, headers={"If-None-Match": tag})
    assert later.status_code == 200
    assert later.headers["etag"] != tag


def test_the_clocks_are_part_of_the_tag(http: httpx.Client) -> None:
    """Another day or another knowledge is another answer, though the position be the same."""
    path = "/api/v1/treaties/APMBC/parties"
    asked: tuple[dict[str, str], ...] = (
        {},
        {"on": "2025-12-26"},
        {"known_at": "seq:1"},
        {"known_at": "2026-02-20"},
    )
    tags = {http.get(path, params=query).headers["etag"] for query in asked}
    assert len(tags) == len(asked)


def test_a_moment_may_bring_its_plus_as_it_is(http: httpx.Client) -> None:
    """The plus before an offset, which a query turns into a space, is understood all the same."""
    path = "/api/v1/treaties/APMBC/parties?known_at=2025-12-05T10:00:00"
    (bare, escaped) = (http.get(f"{path}{plus}02:00") for plus in ("+", "%2B"))
    assert bare.json() == escaped.json()
    assert bare.json()["known_at"] == "2025-12-05T08:00:00+00:00"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days_like_others(http: httpx.Client, day: str) -> None:
    """Every question is answered for the first and the last day there is."""
    ledgers = ("transfers", "criticism", "deadlines", "commitments", "review", "campaigns")
    for path in (*READS[:-1], *(f"/api/v1/{name}" for name in ledgers)):
        answer = http.get(path, params={"on": day})
        assert answer.status_code == 200, (path, answer.text)


def test_a_read_waits_for_what_was_written(site: Running, source: str, http: httpx.Client) -> None:
    """With the position of a write the next read sees it, every time."""
    for _ in range(10):
        name = f"claim-{uuid4().hex[:8]}"
        position = record(site, source, claim(id=name))
        answer = http.get(f"/api/v1/claims/{name}", params={"min_position": position})
        assert answer.status_code == 200
        assert int(answer.headers["article20-position"]) >= position


def test_a_position_the_log_does_not_reach_is_refused(module_dsn: str) -> None:
    """Whoever has seen a position beyond the end of the log is told so, after a bounded wait for
    the views and at once for the log, and not that they should try again."""
    with (
        running(module_dsn, min_position_wait_seconds_max="0.1") as site,
        site.client("viewer") as http,
    ):
        beyond = site.head() + 1000
        for path, asked in (
            ("governments", "min_position"),
            ("events", "after"),
            ("live", "after"),
        ):
            answer = http.get(f"/api/v1/{path}", params={asked: beyond})
            assert answer.status_code == 409, path
            assert answer.json()["type"] == "urn:article20:problem:beyond-log"
            assert f"Position {beyond} is beyond the end of the log" in answer.json()["detail"]
            assert "retry-after" not in answer.headers
        answer = http.get("/api/v1/live", headers={"Last-Event-ID": str(beyond)})
        assert answer.status_code == 409


NOT_UNDERSTOOD = [
    "on=yesterday",
    "on=2026-02-30",
    "on=2026-2-3",
    "on=",
    "known_at=seq:",
    "known_at=seq:x",
    "known_at=2026",
    "known_at=2026-02-20T10:00:00",
    "min_position=-1",
    "min_position=many",
    "min_position=" + "9" * 40,
    "colour=red",
    "on=2026-02-20&on=2026-02-21",
    "on=%ff",
    "on=a%00b",
    "limit=0",
    "limit=x",
    "cursor=nonsense",
    "cursor=" + "A" * 5000,
    "kind=unheard_of",
    "status=new",
    "treaty=NPT",
    "from=soon",
    "to=2026-13-01",
    "q=" + "x" * 9000,
]


@pytest.mark.parametrize("query", NOT_UNDERSTOOD)
def test_a_question_that_is_not_understood_is_refused(http: httpx.Client, query: str) -> None:
    """A query that is unknown, repeated or malformed is 400 and says how to write it."""
    answer = http.get(f"/api/v1/claims?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:article20:problem:invalid-question"
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/api/v1/governments/XXX", "government-not-found"),
        ("/api/v1/governments/fin", "government-not-found"),
        ("/api/v1/claims?government=XXX", "government-not-found"),
        ("/api/v1/treaties/NPT/parties", "treaty-not-found"),
        ("/api/v1/claims/nothing", "claim-not-found"),
        ("/api/v1/claims/Not%20an%00id", "claim-not-found"),
        ("/api/v1/governments?known_at=seq:999999", "invalid-question"),
    ],
)
def test_what_is_not_there_is_named(http: httpx.Client, path: str, slug: str) -> None:
    """An unknown government, treaty, claim or position is a refusal of its own."""
    answer = http.get(path)
    assert answer.status_code in (400, 404)
    assert answer.json()["type"] == f"urn:article20:problem:{slug}"


def test_a_list_is_read_page_by_page(http: httpx.Client) -> None:
    """Following `Link` gives every claim once, newest first, as one long page would."""
    query = "q=campaign&from=2026-02-18&to=2026-02-21"
    whole = [row["id"] for row in http.get(f"/api/v1/claims?{query}").json()["claims"]]
    address: str | None = f"/api/v1/claims?{query}&limit=2"
    found: list[str] = []
    while address is not None:
        answer = http.get(address)
        rows = answer.json()["claims"]
        assert len(rows) <= 2
        found += [row["id"] for row in rows]
        link = answer.headers.get("link")
        following = re.fullmatch(r'<(/[^>]*)>; rel="next"', link) if link else None
        address = following[1] if following else None
    assert found == whole
    assert len(set(found)) == len(found) >= len(DAYS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2026-02-21&to=2026-02-21", {"claim-4"}),
        ("on=2026-02-18", {"claim-0"}),
        ("government=POL", {f"claim-{n}" for n in range(5)}),
        ("government=SWE", set()),
        ("actor=ngo:A+campaign&to=2026-02-18", {"claim-0"}),
        ("status=pending", set()),
        ("government=&kind=&status=&treaty=&actor=&q=&from=2026-02-21&to=2026-02-21", {"claim-4"}),
        ("known_at=seq:2", {"claim-0", "claim-1"}),
    ],
)
def test_a_list_is_narrowed(http: httpx.Client, query: str, expected: set[str]) -> None:
    """Each filter lets through what it names and nothing else; an empty one lets all through."""
    rows = http.get(f"/api/v1/claims?{query}").json()["claims"]
    assert {row["id"] for row in rows} == expected


def test_the_log_is_read_in_order(site: Running, http: httpx.Client) -> None:
    """The events come in order of position, page by page, with what was recorded."""
    address: str | None = "/api/v1/events?after=0&limit=2"
    positions: list[int] = []
    while address is not None:
        answer = http.get(address)
        page = answer.json()
        assert page["head"] == int(answer.headers["article20-position"])
        positions += [event["position"] for event in page["events"]]
        link = answer.headers.get("link")
        address = link[1 : link.index(">")] if link else None
    assert positions == list(range(1, site.head() + 1))
    (first,) = http.get("/api/v1/events?limit=1").json()["events"]
    assert first["type"] == "statement_of_criticism.v1"
    assert first["tags"] == ["claim:claim-0", "gov:FIN", "gov:POL", "treaty:APMBC"]
    assert first["data"]["claim"] == "claim-0"


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/api/v1/nowhere", 404, "not-found"),
        ("GET", "/schema/nowhere", 404, "not-found"),
        ("DELETE", "/api/v1/claims", 405, "method-not-allowed"),
        ("PUT", "/healthz", 405, "method-not-allowed"),
        ("GET", "/static/nothing.css", 404, "no-file"),
        ("TRACE", "/api/v1/claims", 405, "method-not-allowed"),
    ],
)
def test_the_frameworks_refusals_are_problems_too(
    http: httpx.Client, method: str, path: str, status: int, slug: str
) -> None:
    """What the framework refuses by itself has the form of every other refusal."""
    answer = http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:article20:problem:{slug}"
    assert problem["instance"] == f"urn:article20:request:{answer.headers['x-request-id']}"
    assert "Traceback" not in answer.text
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/login", "/api/v1/claims", "/nowhere", "/static/ui.css"]
)
def test_every_answer_is_guarded(http: httpx.Client, path: str) -> None:
    """Every answer, of whatever kind, has the headers that keep a browser from harm."""
    answer = http.get(path)
    for name, value in SECURITY_HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["article20-position"].isdigit()
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/login", "text/html"),
        ("/static/ui.css", "text/css"),
        ("/static/live.js", "text/javascript"),
        ("/api/v1/export?format=csv", "text/csv"),
        ("/claims", "text/html"),
    ],
)
def test_text_says_once_how_it_is_written(http: httpx.Client, path: str, media_type: str) -> None:
    """The media type of a text names its charset, and names it once."""
    answer = http.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"


def test_the_icon_is_where_browsers_look_for_it(site: Running) -> None:
    """Beside an answer that is no page a browser asks for /favicon.ico: it gets the icon of the
    pages, who is not logged in too."""
    with site.client() as client:
        icon = client.get("/favicon.ico")
        same = client.get("/static/favicon.svg")
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
        assert icon.content == same.content
        held = {"if-none-match": icon.headers["etag"]}
        assert client.get("/favicon.ico", headers=held).status_code == 304


def test_head_is_get_without_a_body(http: httpx.Client) -> None:
    """HEAD answers what GET would, without its body."""
    whole, head = http.get("/api/v1/governments"), http.head("/api/v1/governments")
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-length", "etag", "content-type"):
        assert head.headers[name] == whole.headers[name]


def test_readiness_says_how_far_the_views_are(site: Running, http: httpx.Client) -> None:
    """A ready server says so, and that its views have taken in everything."""
    site.caught_up()
    ready = http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["listening"] is True
    assert ready.json()["faulted_views"] == 0


def test_metrics_name_routes_and_nobody(site: Running, http: httpx.Client) -> None:
    """The numbers are in Prometheus's form, and name no workspace, person, source or address."""
    http.get("/api/v1/governments/FIN")
    text = http.get("/metrics").text
    assert 'article20_requests_total{method="GET",route="/api/v1/governments/{code}' in text
    assert "article20_lag_events" in text
    for secret in (WORKSPACE, "FIN", "monitor-", "example.org", "127.0.0.1"):
        assert secret not in text


def test_an_event_of_a_newer_release_is_named(site: Running) -> None:
    """The log, read where such an event stands, names it and says what this release
    reads."""
    site.call(site.house.store.add_workspace("ahead"))
    newer = DCBEvent("claim_accepted.v9", b"\x80", ["claim:x"])
    site.call(site.house.appender.append("ahead", AppendRequest(events=(newer,))))
    with site.client("admin", "ahead") as client:
        refused = client.get("/api/v1/events")
    assert refused.status_code == 500
    assert refused.json()["type"] == "urn:article20:problem:undecodable-event"
    assert "position 1 of type 'claim_accepted.v9'" in refused.json()["detail"]
    assert "up to 'claim_accepted.v1', and a newer one wrote it" in refused.json()["detail"]


@pytest.mark.parametrize(
    "path", ["governments", "governments/FIN", "claims", "claims/after", "export", "transfers"]
)
def test_a_read_never_passes_off_stopped_views_as_having_reached_its_position(
    site: Running, path: str
) -> None:
    """Where an event stopped the views, a read with `min_position` behind it is refused, and so
    is what may only be missing because of it; without, what was known before is told."""
    workspace = f"stopped-{uuid4().hex[:8]}"
    site.call(site.house.store.add_workspace(workspace))
    source = site.source(workspace=workspace)
    record(site, source, claim(id="before"))
    newer = DCBEvent("claim_accepted.v9", b"\x80", ["claim:before"])
    site.call(site.house.appender.append(workspace, AppendRequest(events=(newer,))))
    head = record(site, source, claim(id="after"))
    assert site.caught_up(workspace) == head
    with site.client("viewer", workspace) as client:
        refused = client.get(f"/api/v1/{path}", params={"min_position": head})
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:article20:problem:views-stopped"
        assert f"stopped at position {head - 2}, short of {head}" in refused.json()["detail"]
        told = client.get(f"/api/v1/{path}".replace("after", "before"), params={"min_position": 1})
        assert told.status_code == 200
        assert told.headers["Article20-Position"] == "1"
