"""Both clocks at every address: late news changes last year's picture as known now, and never as
known before."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from domain.clocks import read_known_at
from services.api.app import build_app
from services.api.serving import Serving
from services.replay import VIEWS, replay
from services.replayed import json_parts
from tests import loopback
from tests.services.api.test_access import log_in
from tests.services.running import WORKSPACE, Running

EARLY, LATE = "2025-01-01", "2025-12-31"
SOURCES = [{"publisher": "Yle", "reliability": "A", "credibility": 1}]
FILLED = {
    "code": "FIN", "treaty": "APMBC", "slug": "keep", "claim": "said", "measure": "pressure",
    "name": "sheet",
}  # fmt: skip
ASKED = {"/export": {"format": "jsonl"}, "/find": {"q": "tells"}}
"""What an address has to be asked with, to answer with claims and in words."""
OF_NOW = {
    "/account", "/audit", "/record", "/compare", "/import", "/import/sheet", "/integrity",
    "/people", "/review", "/sources", "/claims/said/correct",
}  # fmt: skip
"""Pages of the desk and of the house, which tell of now alone; and Compare, which puts two moments
beside each other and has tests of its own."""
OF_NO_DAY = {
    "/api/v1/campaigns/keep/notes", "/api/v1/claims/said", "/api/v1/claims/said/similar",
    "/api/v1/weights", "weights",
}  # fmt: skip
"""What is the same on every day: one record, its likes, notes, sets of weights."""

_CLOCKS = re.compile(
    r"(seq(:|%3A)|known_at=|on=)[^\"&]*|Position \d+|known by [^.<]*|<input type=\"hidden\"[^>]*>"
)
"""What a page says of its clocks in links, words and forms."""

Ask = Callable[[str, str, str], str]


def claim(name: str, kind: str, day: str, by: str, **more: Any) -> dict[str, Any]:
    """A claim about Finland."""
    return {
        "id": name, "kind": kind, "treaty": "APMBC", "occurred_on": day, "targets": ["FIN"],
        "actors": [{"kind": "state", "code": by}], "sources": SOURCES,
        "summary": f"What {name} tells of.",
    } | more  # fmt: skip


FIRST = [
    claim("joined", "state_joined", "2011-07-01", "FIN", details={"instrument": "accession"}),
    claim("said", "statement_of_criticism", "2024-12-01", "NOR"),
]
NEWS = [
    claim("deposit", "withdrawal_instrument_deposited", "2025-01-15", "FIN"),
    claim("said-too", "statement_of_criticism", "2024-12-03", "NOR"),
    claim("condemned", "statement_of_criticism", "2025-11-02", "SWE"),
    claim("moved", "transfer_delivered", "2025-03-01", "USA", details={"recipient": "FIN"}),
    claim("promised", "policy_statement", "2025-03-02", "FIN",
          details={"stance": "supports_norm"}),
    claim("joins", "state_joined", "2025-11-20", "TON", targets=["TON"]),
    claim("backed", "statement_contesting_norm", "2025-04-02", "HUN"),
]  # fmt: skip
PENDING = claim("waits", "objection_lodged", "2025-05-02", "CHE")


class Told(msgspec.Struct):
    """A workspace before and after late news: where its log stood, when, and what was answered."""

    api: httpx.Client
    page: httpx.Client
    before: int
    after: int
    moment: str
    answers: dict[str, str]


def post(http: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """Send something that is taken."""
    headers = {"Idempotency-Key": uuid4().hex}
    answer = http.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.is_success, (path, answer.text)


def addresses(site: Running) -> list[str]:
    """Every address that takes the second clock, filled with examples."""
    found: set[str] = set()
    for route in build_app(Serving(site.house)).routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            assert isinstance(handler, HTTPRouteHandler)
            if "GET" in handler.http_methods and "known_at" in handler.opt.get("query", ()):
                found.add(re.sub(r"\{(\w+):str\}", lambda m: FILLED[m[1]], route.path))
    return sorted(found - OF_NOW)


def plain(text: str) -> str:
    """An answer without what it says of its clocks and of where the log stands."""
    if not text or text.startswith("{"):  # one object, or one to a line in a file of claims
        objects = map(json.loads, text.splitlines())
        return json.dumps(
            [{k: v for k, v in one.items() if k not in ("on", "known_at")} for one in objects]
        )
    main = re.search(r"<main.*?</main>", text, re.DOTALL)
    assert main is not None, text[:200]
    return _CLOCKS.sub("", main[0])


def ask_of(told: Told) -> Ask:
    """Ask an address on a day, as known at a point."""

    def ask(path: str, on: str, known_at: str) -> str:
        http = told.api if path.startswith("/api/") else told.page
        takes_day = path not in ("/api/v1/weights", "/api/v1/campaigns/keep/notes")
        day = {"on": on} if takes_day else {}
        asked = ASKED.get(path, {})
        answer = http.get(path, params=day | asked | {"known_at": known_at})
        assert answer.status_code == 200, (path, answer.text[:300])
        return plain(answer.text)

    return ask


@pytest.fixture(scope="module")
def told(site: Running) -> Told:
    """Read once before the news, and left as they are after it."""
    contributor, reviewer, admin = (site.client(r) for r in ("contributor", "reviewer", "admin"))

    def record(body: dict[str, Any], *, accept: bool = True) -> None:
        post(contributor, "/claims", body)
        if accept:
            post(reviewer, f"/claims/{body['id']}/accept", {})

    def since(day: str) -> dict[str, Any]:
        return {"treaty": "APMBC", "targets": ["FIN"], "started_on": day}

    for body in FIRST:
        record(body)
    post(reviewer, "/campaigns", {"slug": "keep", "title": "Keep the ban", **since("2024-11-01")})
    before = site.caught_up()
    moment = datetime.now(UTC).isoformat()
    page = loopback.Client(base_url=site.url, timeout=30, follow_redirects=True)
    assert log_in(page, site.person("admin")).status_code == 200
    found = Told(admin, page, before, 0, moment, {})
    ask = ask_of(found)
    found.answers = {path: ask(path, LATE, f"seq:{before}") for path in addresses(site)}
    for body in NEWS:
        record(body)
    record(PENDING, accept=False)
    post(reviewer, "/claims/said/correct", {"changes": {"occurred_on": "2024-12-02"},
                                            "reason": "the day was misread"})  # fmt: skip
    post(reviewer, "/campaigns/keep/notes", {"text": "Late news."})
    post(reviewer, "/campaigns", {"slug": "late", "title": "Too late", **since("2025-02-01")})
    post(admin, "/weights/own/define", {"changes": {"actors": {"ngo": 1}}, "reason": "so it is"})
    found.after = site.caught_up()
    return found


def test_every_address_honours_both_clocks(site: Running, told: Told) -> None:
    """As known before the news every answer is the one of before, byte for byte, by position and by
    moment; as known after it, it is another, and another again on a day before the news."""
    ask = ask_of(told)
    assert len(told.answers) >= 25
    for path, held in told.answers.items():
        assert ask(path, LATE, f"seq:{told.before}") == held, path
        assert ask(path, LATE, told.moment) == held, path
        now = ask(path, LATE, f"seq:{told.after}")
        assert now != held, path
        assert (ask(path, EARLY, f"seq:{told.after}") == now) == (path in OF_NO_DAY), path


def test_every_replay_honours_both_clocks(site: Running, told: Told) -> None:
    """So do the views of the command line."""

    def ask(view: str, on: str, position: int) -> str:
        named = view.replace("CODE", "FIN").replace("SLUG", "keep")
        more: dict[str, Any] = {"known_from": read_known_at("seq:1")} if view == "changes" else {}
        day = date.fromisoformat(on)
        answer = replay(
            site.house, WORKSPACE, named, on=day, last_day=day, treaty_code="APMBC",
            known_at=read_known_at(f"seq:{position}"), **more,
        )  # fmt: skip
        return plain(b"".join(json_parts(site.call(answer))).decode().replace("to_known_at", "on"))

    for view in VIEWS:
        now = ask(view, LATE, told.after)
        assert now != ask(view, LATE, told.before), view
        assert (ask(view, EARLY, told.after) == now) == (view in OF_NO_DAY), view


def test_late_news_is_told_as_news_and_a_mended_day_as_a_correction(told: Told) -> None:
    """Each difference names its event and its position; the standing that they changed is told."""
    answer = told.api.get(
        "/api/v1/changes",
        params={
            "on": LATE,
            "from_known_at": f"seq:{told.before}",
            "to_known_at": f"seq:{told.after}",
        },
    ).json()
    kinds = {(d["claim"], d["event"]): d["kind"] for d in answer["differences"]}
    assert kinds[("said", "corrected")] == "correction"
    for body in (*NEWS, PENDING):
        assert kinds[(body["id"], "recorded")] == "news"
    assert all(told.before < d["position"] <= told.after for d in answer["differences"])
    (standing,) = [s for s in answer["standings"] if s["government"] == "FIN"]
    assert (standing["before"], standing["after"]) == ("party", "former_party")
    assert "deposit" in standing["claims"]
