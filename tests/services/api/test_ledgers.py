"""Transfers, criticism, running clocks and changes over HTTP: the same as a replay gives, at both
clocks."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.claims import read_submission
from domain.clocks import HEAD, read_known_at
from domain.kinds import DETAILS_OF
from projections.criticism import read_joint
from projections.silence import read_among
from services.recording import How, record_together
from services.replay import replay
from services.replayed import json_parts
from services.wiring import chronology_path
from tests.services.running import WORKSPACE, Running, claim

ON = "2026-02-19"
PATHS = ("transfers", "criticism", "commitments", "deadlines", "changes?from_known_at=seq:1")


@pytest.fixture(scope="module")
def http(site: Running) -> httpx.Client:
    """A viewer's client of a workspace with the shipped chronology."""
    found = [
        read_submission(
            line, details_of=DETAILS_OF, now=site.house.now(), new_id="", backfill=True,
            restate=True,
        )
        for line in chronology_path().read_bytes().splitlines()
    ]  # fmt: skip
    how = How(by="import", accepted=True, backfilled=True)
    site.call(record_together(site.house, WORKSPACE, found, how))
    site.caught_up()
    return site.client("viewer")


@pytest.fixture(scope="module")
def decide(site: Running, http: httpx.Client) -> Callable[[str, dict[str, Any]], int]:
    """Records as one reviewer, decides as another, and waits for the views; the position."""
    recorder, reviewer = site.client("reviewer"), site.client("reviewer")

    def decided(path: str, body: dict[str, Any]) -> int:
        headers = {"Idempotency-Key": uuid4().hex}
        client = reviewer if path else recorder
        answer = client.post(f"/api/v1/claims{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        site.caught_up()
        return int(answer.json()["position"])

    return decided


def replayed(site: Running, view: str, **asked: str) -> bytes:
    """The answer of a replay, as JSON."""
    known_at = read_known_at(asked.get("to_known_at", asked.get("known_at")))
    first = asked.get("from_known_at")
    answer = replay(
        site.house,
        WORKSPACE,
        view,
        on=date.fromisoformat(asked["on"]),
        known_at=known_at,
        treaty_code="APMBC",
        among=read_among(asked.get("among"), site.house.circles),
        joint=read_joint(asked.get("joint")),
        known_from=HEAD if first is None else read_known_at(first),
    )
    return b"".join(json_parts(site.call(answer)))


@pytest.mark.parametrize(
    ("view", "asked"),
    [
        (view, {"on": day, **more, **known})
        for view, more in (
            ("transfers", {}),
            ("criticism", {}),
            ("criticism", {"among": "EST,LVA,SWE,NOR"}),
            ("criticism", {"among": "NATO,CHE,allies,southern-asia,region", "joint": "one"}),
            ("deadlines", {}),
            ("commitments", {}),
        )
        for day in (ON, "2025-08-01")
        for known in ({}, {"known_at": "seq:300"}, {"known_at": "2025-07-31"})
    ]
    + [
        ("changes", {"on": ON, "from_known_at": "seq:300"}),
        ("changes", {"on": "2025-08-01", "from_known_at": "2025-03-01"}),
        ("changes", {"on": ON, "from_known_at": "seq:300", "to_known_at": "seq:450"}),
        ("changes", {"on": ON, "from_known_at": "2025-03-01", "to_known_at": "2025-07-31"}),
    ],
)
def test_a_replay_gives_the_same_bytes(
    site: Running, http: httpx.Client, view: str, asked: dict[str, str]
) -> None:
    """For every ledger, day and point of knowledge."""
    answer = http.get(f"/api/v1/{view}", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.content == replayed(site, view, **asked)


@pytest.mark.parametrize("known", [{}, {"known_at": "seq:300"}, {"known_at": "2025-07-31"}])
def test_a_replay_gives_the_same_worklists(
    site: Running, http: httpx.Client, known: dict[str, str]
) -> None:
    """The governments that erode and hear little, and the queue of the desk, byte by byte."""
    asked = {"on": ON, **known}
    listed = http.get("/api/v1/governments", params={"list": "eroding-little-criticised", **asked})
    assert listed.content == replayed(site, "eroding-little-criticised", **asked)
    queue = http.get("/api/v1/review", params=asked)
    assert queue.content == replayed(site, "review", **asked)


def test_an_unknown_list_is_named(http: httpx.Client) -> None:
    """A list that does not exist is refused, with those that do."""
    answer = http.get("/api/v1/governments", params={"list": "wanted"})
    assert answer.status_code == 400
    assert "eroding-little-criticised" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_ledger_is_not_sent_again(http: httpx.Client, path: str) -> None:
    """Who holds the answer gets 304, and the position it stands for."""
    first = http.get(f"/api/v1/{path}")
    assert first.status_code == 200
    assert int(first.headers["article20-position"]) > 0
    again = http.get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_unknown_quantities_are_null(http: httpx.Client) -> None:
    """The mines sent to Ukraine have no known number, and never the number 0."""
    found = http.get("/api/v1/transfers", params={"on": ON}).json()
    assert [row["quantity"] for row in found["transfers"]] == [None] * 4
    assert {(t["supplier"], t["recipient"]) for t in found["totals"]} == {("USA", "UKR")}
    assert all(t["at_least"] is None and t["at_most"] is None for t in found["totals"])
    assert found["transfers"][0]["claims"][0] == {
        "claim": "usa-2024-wapo-report-apl",
        "kind": "transfer_authorized",
        "stage": "authorised",
        "occurred_on": "2024-11-19",
        "status": "accepted",
        "sources": 2,
    }


@pytest.mark.parametrize("ledger", ["transfers", "commitments", "criticism"])
def test_pages_of_a_ledger_follow_by_their_link(http: httpx.Client, ledger: str) -> None:
    """Each row stands on one page, in the order of the whole, and every page tells how many there
    are in all; of Criticism critics are rows, joint statements among them."""

    def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
        if ledger == "criticism":
            shown = {critic["actor"] for critic in found["critics"]}
            assert {cell["critic"] for cell in found["cells"]} == shown
            return [critic | {"happening": critic["actor"]} for critic in found["critics"]]
        if ledger == "transfers":
            return list(found["transfers"])
        return sorted(found["commitments"] + found["responses"], key=lambda row: row["day"])

    joint = "&joint=one" if ledger == "criticism" else ""
    whole = http.get(f"/api/v1/{ledger}?on={ON}{joint}").json()
    assert len(rows(whole)) > 3
    seen: list[dict[str, Any]] = []
    path = f"/api/v1/{ledger}?on={ON}{joint}&limit=3"
    while path:
        answer = http.get(path)
        page = answer.json()
        assert len(rows(page)) <= 3
        assert {k: v for k, v in page.items() if k.endswith("total")} == {
            k: v for k, v in whole.items() if k.endswith("total")
        }
        seen += rows(page)
        path = answer.links.get("next", {}).get("url", "")
    assert [row["happening"] for row in seen] == [row["happening"] for row in rows(whole)]


def test_silence_is_told_of_whom_it_is_asked(http: httpx.Client) -> None:
    """Without a list nobody is silent; with one, who never criticised is."""
    plain = http.get("/api/v1/criticism", params={"on": ON}).json()
    assert plain["among"] is None
    assert all(target["silent"] is None for target in plain["targets"])
    asked = {"on": ON, "among": "NOR,TUV"}
    found = http.get("/api/v1/criticism", params=asked).json()
    lithuania = {t["government"]: t["silent"] for t in found["targets"]}["LTU"]
    assert lithuania == ["TUV"]


def test_a_reversal_is_told_with_the_event_that_made_it(
    http: httpx.Client, decide: Callable[[str, dict[str, Any]], int]
) -> None:
    """A new claim is news, a correction and a retraction of it are corrections; each names its
    event, and standings and scores say what they did."""
    deposit = claim(
        id="nzl-made-up-deposit",
        kind="withdrawal_instrument_deposited",
        occurred_on="2026-02-10",
        targets=["NZL"],
        actors=[{"kind": "state", "code": "NZL"}],
        summary="New Zealand deposited, in a test.",
        sources=[{"publisher": "A test", "reliability": "A"}],
    )
    recorded = decide("", deposit)
    accepted = decide(f"/{deposit['id']}/accept", {"reason": "seen"})
    before = f"seq:{recorded - 1}"
    asked = {"on": ON, "from_known_at": before, "to_known_at": f"seq:{accepted}"}
    found = http.get("/api/v1/changes", params=asked).json()
    assert (found["from_known_at"], found["to_known_at"]) == (before, f"seq:{accepted}")
    assert [(d["kind"], d["event"], d["position"]) for d in found["differences"]] == [
        ("news", "recorded", recorded),
        ("news", "accepted", accepted),
    ]
    assert [(s["government"], s["before"], s["after"]) for s in found["standings"]] == [
        ("NZL", "party", "leaving")
    ]
    (erosion,) = found["scores"]
    assert (erosion["measure"], erosion["before"]["score"], erosion["after"]["score"]) == (
        "erosion",
        0.0,
        50.0,
    )
    gone = decide(f"/{deposit['id']}/retract", {"reason": "a test"})
    asked = {"on": ON, "from_known_at": f"seq:{accepted}", "to_known_at": f"seq:{gone}"}
    found = http.get("/api/v1/changes", params=asked).json()
    (correction,) = found["differences"]
    assert (correction["kind"], correction["event"]) == ("correction", "retracted")
    assert (correction["status_before"], correction["status"]) == ("accepted", "retracted")
    assert (correction["changed"], correction["reason"]) == (["status"], "a test")
    assert [(s["before"], s["after"]) for s in found["standings"]] == [("leaving", "party")]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("changes", "from_known_at='' is not understood: say from which point on"),
        ("changes?from_known_at=seq:9&to_known_at=seq:3", "it comes after seq:3"),
        ("changes?from_known_at=seq:9&to_known_at=2025-01-01", "both points are positions"),
        ("changes?from_known_at=then", "from_known_at='then'"),
        ("changes?from_known_at=seq:1&known_at=seq:3", "does not know it"),
        ("changes?from_known_at=seq:1&to_known_at=seq:999999", "have reached position"),
        ("criticism?among=XXX", "parted by commas"),
        ("criticism?joint=some", "each, one, only, off"),
        ("criticism?cursor=MjAyNS0wMS0wMSB4", "take it unchanged from the Link"),
        ("transfers?supplier=USA", "does not know it"),
        ("transfers?cursor=soon", "unchanged from the Link"),
        ("deadlines?on=soon", "YYYY-MM-DD"),
    ],
)
def test_a_question_that_is_none_is_refused(http: httpx.Client, path: str, said: str) -> None:
    """With a problem that says how to ask."""
    answer = http.get(f"/api/v1/{path}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_the_ledgers_are_pages_that_say_the_same(http: httpx.Client) -> None:
    """A viewer's token reads them as pages too: silence by region with its file, a joint statement
    that opens to its claims, commitments and clocks with as many rows as the API tells of."""
    asked = {"on": ON, "circle": "northern-europe", "joint": "one"}
    told = http.get("/api/v1/criticism", params={"on": ON, "among": "northern-europe"}).json()
    silent = {(t["government"], code) for t in told["targets"] for code in t["silent"]}
    shown = {"format": "json", "of": "silence", "government": "FIN"}
    rows = http.get("/criticism", params=asked | shown).json()["rows"]
    assert {(row["target"], row["silent"]) for row in rows} == {p for p in silent if p[0] == "FIN"}
    page = http.get("/criticism", params=asked).text
    assert "Asked of Northern Europe on that day" in page
    joint = http.get("/api/v1/criticism", params={"on": ON, "joint": "one"}).json()
    cell = next(c for c in joint["cells"] if c["critic"].startswith("joint:"))
    opened = {"critic": cell["critic"], "target": cell["target"]}
    assert (
        f'data-record="{cell["latest_claim"]}"'
        in http.get("/criticism", params=asked | opened).text
    )
    for path, lists in (
        ("commitments", ("commitments", "responses")),
        ("deadlines", ("deadlines",)),
    ):
        api = http.get(f"/api/v1/{path}", params={"on": ON}).json()
        count = sum(len(api[name]) for name in lists)
        rows = http.get(f"/{path}", params={"on": ON, "format": "json"}).json()["rows"]
        assert len(rows) == count > 0
        page = http.get(f"/{path}", params={"on": ON}).text
        heads = page.count("<thead") + page.count('<tr class="band"')
        assert page.count("<tr") == count + heads
    assert http.get("/deadlines", params={"cursor": "soon"}).status_code == 400
