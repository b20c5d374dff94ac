"""What is counted, what Grafana shows of it, and what asking for it costs."""

import json
import re
from collections import Counter
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from domain.errors import KeyReused, StoreFull, StoreUnavailable
from services.api import health
from tests import loopback
from tests.house.tree import ROOT
from tests.services.running import Running, claim

BOARD = ROOT / "docs" / "operating" / "grafana.json"
NAME = re.compile(r"\b(?:article20|process)_\w+")
SUFFIX = re.compile(r"_(bucket|sum|count|total|info)$")
UNITS = ("_seconds", "_bytes", "_events", "_requests", "_views", "_workspaces", "_clients")


def read(site: Running) -> dict[str, float]:
    """Every number at /metrics by its name and labels."""
    text = loopback.get(f"{site.url}/metrics").text
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families(text)
        for sample in family.samples
    }


def deliver(site: Running, source: str, name: str, body: str) -> int:
    """Send a signed claim; the status."""
    headers = site.signed(source, body, name)
    return loopback.post(f"{site.url}/hooks/{source}", content=body, headers=headers).status_code


def test_every_batch_of_the_log_and_of_the_views_is_counted(site: Running) -> None:
    """Appends by outcome, batches, commits, what views wrote and how far they are: all move by what
    was done, and the projector's heart beats."""
    before, source = read(site), site.source()
    for turn in range(3):
        assert deliver(site, source, f"counted-{turn}", json.dumps(claim(id=f"n-{turn}"))) == 201
    assert deliver(site, source, "counted-0", json.dumps(claim(id="n-0"))) == 200
    site.caught_up()
    after = read(site)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("article20_append_requests_total done") == 3
    assert more("article20_appended_events_total") == 3
    assert more("article20_append_batch_requests_sum") >= 3
    assert more("article20_append_commit_seconds_count") >= 3
    assert more("article20_projector_batch_events_sum") >= 3
    assert more("article20_view_batch_seconds_count claims") >= 1
    assert more("article20_view_batch_seconds_count governments") >= 1
    assert after["article20_projector_leading"] == after["article20_projector_present"] == 1
    assert after["article20_projector_heartbeat_timestamp_seconds"] > 1.7e9
    assert after["article20_log_replaced"] == 0
    assert after["article20_workspaces"] >= 2


def test_conflicts_and_failures_are_counted_apart(site: Running) -> None:
    """A failed condition, a reused key and what the log cannot keep are outcomes of their own."""
    observer = site.house.appender.observer
    before = read(site)
    observer.appended([0, 1, 2, 2, 3], 5, 1, 0.002)
    observer.append_failed(4, KeyReused(key="k"))
    after = read(site)
    moved = {
        outcome: after[f"article20_append_requests_total {outcome}"]
        - before[f"article20_append_requests_total {outcome}"]
        for outcome in ("done", "replayed", "conflict", "key_reused", "failed")
    }
    assert moved == {"done": 1, "replayed": 1, "conflict": 2, "key_reused": 1, "failed": 4}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StoreFull(reason="base/5/16"), "no room left"),
        (StoreUnavailable(reason="base/5/16"), "did not take"),
    ],
)
def test_a_store_that_takes_nothing_is_named_until_it_does(
    site: Running, error: StoreUnavailable, told: str
) -> None:
    """While the store refuses what is to be recorded /readyz says so, without a path of the server,
    and readers are served; the next claim that is taken ends it."""
    site.house.appender.observer.append_failed(1, error)
    ready = loopback.get(f"{site.url}/readyz")
    assert (ready.status_code, ready.json()["recording"]) == (200, False)
    assert told in ready.json()["detail"]
    assert "base" not in ready.text
    name = uuid4().hex
    assert deliver(site, site.source(), name, json.dumps(claim(id=name))) == 201
    assert loopback.get(f"{site.url}/readyz").json()["recording"] is True


def test_names_follow_the_conventions(site: Running) -> None:
    """Every number of ours says what it is in words, and in its name which unit it has; counters
    end in _total."""
    for family in families(loopback.get(f"{site.url}/metrics").text):
        if not family.name.startswith("article20_"):
            continue
        assert family.documentation.endswith("."), family.name
        if family.type == "histogram":
            assert family.name.endswith(UNITS), family.name
        if family.type == "counter":
            assert all(s.name.endswith("_total") for s in family.samples)


def board() -> dict[str, Any]:
    """The dashboard that ships."""
    found: dict[str, Any] = json.loads(BOARD.read_text(encoding="utf-8"))
    return found


def test_every_number_of_the_dashboard_exists_and_every_number_is_on_it(site: Running) -> None:
    """The dashboard for Grafana names no number that /metrics lacks and leaves none of ours out."""
    there = {family.name for family in families(loopback.get(f"{site.url}/metrics").text)}
    asked = " ".join(target["expr"] for p in board()["panels"] for target in p["targets"])
    named = {SUFFIX.sub("", name) for name in NAME.findall(asked)}
    assert named <= {SUFFIX.sub("", name) for name in there}
    ours = {SUFFIX.sub("", name) for name in there if name.startswith("article20_")}
    assert ours <= named


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Every panel has its own number and place, says what it shows and in which unit, and asks the
    source that was chosen."""
    found = board()
    assert found["schemaVersion"] >= 36
    (source,) = found["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    panels = found["panels"]
    assert max(Counter(panel["id"] for panel in panels).values()) == 1
    for panel in panels:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            assert target["datasource"] == {"type": "prometheus", "uid": f"${{{source['name']}}}"}
            assert target["expr"].count("(") == target["expr"].count(")")
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


def test_asking_costs_the_same_for_any_number_of_workspaces(
    site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many workspaces there are, a look at the store is two statements, and whoever asks
    soon after is told what the last look saw."""
    for _ in range(30):
        site.call(site.house.store.add_workspace(f"w{uuid4().hex}"))
    looks = 0
    look = site.house.watch.how_far

    async def counted() -> Any:
        nonlocal looks
        looks += 1
        return await look()

    async def refused(*_: Any) -> Any:
        raise AssertionError("a look at one workspace")

    monkeypatch.setattr(health, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(site.house.watch, "how_far", counted)
    monkeypatch.setattr(site.house.views, "watermark", refused)
    for _ in range(5):
        assert loopback.get(f"{site.url}/metrics").status_code == 200
    assert looks <= 1
