"""Which claims may tell of the same happening: suggested with their reasons, and never decided."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.running import Running, claim

REPORT = "The Swiss Federal Council regretted Latvia's decision to leave the treaty."
ALIKE = "Latvia's decision to leave the treaty was regretted by the Swiss Federal Council today."


@pytest.fixture(scope="module")
def reviewer(site: Running) -> httpx.Client:
    """Somebody who may review."""
    return site.client("reviewer")


def recorded(client: httpx.Client, **changes: Any) -> str:
    """The id of a new claim about Latvia by Switzerland."""
    fields = {
        "id": f"report-{uuid4().hex[:10]}",
        "actors": [{"kind": "state", "code": "CHE"}],
        "targets": ["LVA"],
        "occurred_on": "2025-04-20",
        "summary": REPORT,
    } | changes
    headers = {"Idempotency-Key": uuid4().hex}
    answer = client.post("/api/v1/claims", json=claim(**fields), headers=headers)
    assert answer.status_code == 201, answer.text
    return str(fields["id"])


def similar(site: Running, client: httpx.Client, name: str) -> list[dict[str, Any]]:
    """What is suggested for a claim."""
    answer = client.get(f"/api/v1/claims/{name}/similar?min_position={site.head()}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["similar"]
    return found


def test_reports_of_one_happening_are_suggested_until_the_desk_decides(
    site: Running, reviewer: httpx.Client
) -> None:
    """Same kind, actor, target and words, a day apart: suggested from both sides with the reasons.
    Others are not. Nothing is declared by it; what was declared or separated is not asked again."""
    one = recorded(reviewer)
    two = recorded(reviewer, summary=ALIKE, occurred_on="2025-04-21")
    recorded(reviewer, kind="statement_of_support")
    recorded(reviewer, occurred_on="2025-06-20")
    recorded(reviewer, actors=[{"kind": "ngo", "name": "HI"}], targets=["FIN"])
    recorded(
        reviewer,
        actors=[{"kind": "state", "code": "NOR"}, {"kind": "state", "code": "AUT"}],
        summary="Two ministers deplored it in parliament.",
        occurred_on="2025-05-01",
    )
    before = site.head()
    (found,) = similar(site, reviewer, one)
    assert found["claim"] == two
    assert (found["actors"], found["targets"]) == (1.0, 1.0)
    assert 0.9 < found["likeness"] <= 1
    assert [f["claim"] for f in similar(site, reviewer, two)] == [one]
    assert site.head() == before
    for decision in ("same-as", "separate"):
        done = reviewer.post(f"/api/v1/claims/{one}/{decision}/{two}")
        assert done.status_code == 200
        assert similar(site, reviewer, one) == similar(site, reviewer, two) == []


def test_a_claim_is_compared_before_it_is_recorded(site: Running, reviewer: httpx.Client) -> None:
    """The form asks with the whole claim; nothing is recorded, and faults are named."""
    told = {"actors": [{"kind": "state", "code": "CHE"}], "targets": ["EST"]}
    name = recorded(reviewer, **told, summary=REPORT.replace("Latvia", "Estonia"))
    site.caught_up()
    before = site.head()
    fresh = claim(**told, occurred_on="2025-04-19", summary=ALIKE.replace("Latvia", "Estonia"))
    answer = reviewer.post("/api/v1/similar", json=fresh)
    assert answer.status_code == 200, answer.text
    assert [one["claim"] for one in answer.json()["similar"]] == [name]
    assert site.head() == before
    wrong = reviewer.post("/api/v1/similar", json=fresh | {"targets": ["ZZZ"]})
    assert wrong.status_code == 422
    assert reviewer.get("/api/v1/claims/no-such/similar").status_code == 404
