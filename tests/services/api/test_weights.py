"""Numbers with a workspace's own weights over HTTP: named in every answer, replayed as of any
clock."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from domain.clocks import read_known_at
from services.replay import replay
from services.replayed import json_parts
from tests.services.dashboard.test_people import entered
from tests.services.running import WORKSPACE, Running, claim

ON = "2026-02-19"
CHANGES = {"instruments": {"statement": 8}, "actors": {"ngo": 2}}
QUESTIONS = {
    "board": "/api/v1/governments",
    "eroding-little-criticised": "/api/v1/governments",
    "government:FIN": "/api/v1/governments/FIN",
    "pressure:FIN": "/api/v1/governments/FIN/pressure",
    "criticism": "/api/v1/criticism",
    "review": "/api/v1/review",
    "campaign:keep": "/api/v1/campaigns/keep",
}


class Weighing(msgspec.Struct):
    """A workspace with one criticism, whose set `louder` was defined, defined anew and withdrawn:
    the positions at which each was so."""

    http: httpx.Client
    admin: httpx.Client
    before: int
    first: int
    second: int
    withdrawn: int


def post(http: httpx.Client, path: str, body: dict[str, Any], key: str = "") -> httpx.Response:
    """Send a decision."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    return http.post(f"/api/v1{path}", json=body, headers=headers)


@pytest.fixture(scope="module")
def reader(site: Running) -> Iterator[httpx.Client]:
    """The browser of a viewer."""
    with entered(site, site.person("viewer")) as browser:
        yield browser


@pytest.fixture(scope="module")
def weighing(site: Running) -> Weighing:
    """The workspace, read by a viewer."""
    contributor, reviewer, admin = (site.client(r) for r in ("contributor", "reviewer", "admin"))
    started = {
        "title": "Keep it",
        "treaty": "APMBC",
        "targets": ["FIN"],
        "started_on": "2025-01-01",
    }
    assert post(reviewer, "/campaigns", {"slug": "keep", **started}).status_code == 201
    said = claim(id="said", targets=["FIN"], occurred_on="2026-01-10")
    assert post(contributor, "/claims", said).status_code == 201
    before = post(reviewer, "/claims/said/accept", {}).json()["position"]
    reason = "letters count"
    first = post(admin, "/weights/louder/define", {"changes": CHANGES, "reason": reason})
    assert first.status_code == 200, first.text
    more = {"changes": {"actors": {"ngo": 4}}, "reason": reason}
    second = post(admin, "/weights/louder/define", more).json()["position"]
    withdrawn = post(admin, "/weights/louder/withdraw", {"reason": "done"}).json()["position"]
    site.caught_up()
    return Weighing(
        site.client("viewer"), admin, before, first.json()["position"], second, withdrawn
    )


def asked(position: int, **more: str) -> dict[str, str]:
    """A question as known at a position."""
    return {"on": ON, "known_at": f"seq:{position}", **more}


@pytest.mark.parametrize("view", QUESTIONS)
def test_every_answer_names_the_method_and_is_replayed(
    site: Running, weighing: Weighing, view: str
) -> None:
    """With the set as it read at either definition, and with the published weights."""
    listed = {"list": view} if view.startswith("eroding") else {}
    for position, method, label in (
        (weighing.first, "louder", "+louder/1"),
        (weighing.second, "louder", "+louder/2"),
        (weighing.second, None, ""),
    ):
        query = asked(position, **listed) | ({"method": method} if method else {})
        answer = weighing.http.get(QUESTIONS[view], params=query)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        methods = [found["method"]] if "method" in found else found["methods"]
        assert methods
        assert all(m.endswith(f"/1{label}") for m in methods)
        again = site.call(
            replay(
                site.house,
                WORKSPACE,
                view,
                on=date.fromisoformat(ON),
                known_at=read_known_at(f"seq:{position}"),
                treaty_code="APMBC",
                method=method,
            )
        )
        assert b"".join(json_parts(again)) == answer.content


def test_a_set_weighs_as_it_read_then(weighing: Weighing) -> None:
    """The same claim has the weight of the first definition, of the second, or the published."""

    def weight(position: int, **more: str) -> tuple[float, float]:
        found = weighing.http.get(
            "/api/v1/governments/FIN/pressure", params=asked(position, **more)
        ).json()
        (term,) = found["terms"]
        assert found["score"] == pytest.approx(term["points"], abs=1e-9)
        return term["w"], term["a"]

    assert weight(weighing.first, method="louder") == (8, 2)
    assert weight(weighing.second, method="louder") == (2, 4)
    assert weight(weighing.second) == weight(weighing.second, method="published") == (2, 0.6)


@pytest.mark.parametrize(
    "path",
    [
        *("/today", "/governments", "/governments/FIN", "/governments/FIN/pressure"),
        *("/campaigns/keep", "/claims/said", "/map", "/compare"),
    ],
)
def test_a_page_weighs_as_its_address_says(
    reader: httpx.Client, weighing: Weighing, path: str
) -> None:
    """It says by which method its numbers are, offers the others, and its links keep the choice;
    where the set was not on offer yet it says so and shows the published numbers."""
    asked_ = asked(weighing.first, **({"show": "pressure"} if path == "/map" else {}))
    plain = reader.get(path, params=asked_)
    assert plain.status_code == 200, plain.text
    assert "Numbers by erosion/1, pressure/1, backing/1." in plain.text
    assert '<option value="louder">louder/1</option>' in plain.text
    assert "method=louder" not in plain.text
    chosen = reader.get(path, params={**asked_, "method": "louder"})
    assert "Numbers by erosion/1+louder/1" in chosen.text
    assert '<option value="louder" selected>' in chosen.text
    assert re.search(r'href="/governments\?[^"]*method=louder"', chosen.text)
    assert f'href="{path}?on={ON}&amp;known_at=seq:{weighing.first}' in chosen.text
    early = reader.get(path, params={**asked_, **asked(weighing.before), "method": "louder"})
    assert "“louder” is on offer as known then" in early.text
    assert "Numbers by erosion/1, pressure/1, backing/1." in early.text


def test_a_page_shows_the_numbers_of_the_set(reader: httpx.Client, weighing: Weighing) -> None:
    """The number opened is the one that the API gives for the same method."""
    asked_ = asked(weighing.first, method="louder")
    number = weighing.http.get("/api/v1/governments/FIN/pressure", params=asked_).json()
    rows = reader.get("/governments/FIN/pressure", params={**asked_, "format": "json"}).json()
    assert rows["method"] == number["method"] == "pressure/1+louder/1"
    assert [r["points"] for r in rows["rows"] if r["points"]] == pytest.approx(
        [t["points"] for t in number["terms"]]
    )


@pytest.mark.parametrize("at", ["before", "withdrawn"])
def test_a_set_is_not_found_while_it_is_not_offered(weighing: Weighing, at: str) -> None:
    """Before its definition and after its withdrawal the name is refused, and not listed."""
    position = getattr(weighing, at)
    answer = weighing.http.get("/api/v1/governments", params=asked(position, method="louder"))
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("weights-not-found")
    known = {"known_at": f"seq:{position}"}
    assert weighing.http.get("/api/v1/weights", params=known).json()["sets"] == []


def test_the_list_says_where_a_set_differs(site: Running, weighing: Weighing) -> None:
    """Name, version, methods, changes and reason; the same as a replay gives."""
    known = {"known_at": f"seq:{weighing.first}"}
    answer = weighing.http.get("/api/v1/weights", params=known)
    (one,) = answer.json()["sets"]
    assert (one["name"], one["version"], one["changes"]) == ("louder", 1, CHANGES)
    assert one["methods"][1] == "pressure/1+louder/1"
    again = replay(
        site.house, WORKSPACE, "weights", on=date.fromisoformat(ON),
        known_at=read_known_at(known["known_at"]), treaty_code="APMBC",
    )  # fmt: skip
    assert b"".join(json_parts(site.call(again))) == answer.content


def test_the_same_key_defines_once(site: Running, weighing: Weighing) -> None:
    """A repeated request has one effect and one answer; with another body it is refused."""
    body = {"changes": {"actors": {"ngo": 1}}, "reason": "we do"}
    first = post(weighing.admin, "/weights/once/define", body, "the-key")
    again = post(weighing.admin, "/weights/once/define", body, "the-key")
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    other = post(weighing.admin, "/weights/once/define", body | {"reason": "no"}, "the-key")
    assert other.status_code == 422


def test_what_is_no_set_is_refused_with_pointers(weighing: Weighing) -> None:
    """A row that does not exist is named."""
    body = {"changes": {"instruments": {"shouting": 2}}, "reason": "loud"}
    answer = post(weighing.admin, "/weights/louder/define", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/changes/instruments/shouting"
