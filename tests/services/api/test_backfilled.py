"""History brought in afterwards, over HTTP: each event of it is marked wherever it is shown, and
what was decided about it later is not."""

import json

from domain.claims import read_submission
from domain.kinds import DETAILS_OF
from services.recording import How, record_together
from tests.services.running import WORKSPACE, Running, claim


def test_events_brought_in_afterwards_are_marked_in_the_log_and_among_decisions(
    site: Running,
) -> None:
    """An imported claim is marked in both, the contesting of today is not, nor is a claim that was
    recorded as news."""
    now = site.house.now()
    imported = read_submission(
        json.dumps(claim(id="history", occurred_on="2025-03-18")).encode(),
        details_of=DETAILS_OF, now=now, new_id="", backfill=True,
    )  # fmt: skip
    how = How(by="import", accepted=True, backfilled=True)
    site.call(record_together(site.house, WORKSPACE, [imported], how))
    site.caught_up()
    with site.client("contributor") as http:
        key = {"Idempotency-Key": "news"}
        http.post("/api/v1/claims", json=claim(id="news"), headers=key).raise_for_status()
    with site.client("reviewer") as http:
        contested = http.post("/api/v1/claims/history/contest", json={"reason": "Disputed."})
        contested.raise_for_status()
        started = {"slug": "stay", "title": "Stay", "treaty": "APMBC"}
        more = {"targets": ["FIN"], "started_on": "2025-06-01"}
        key = {"Idempotency-Key": "stay"}
        http.post("/api/v1/campaigns", json=started | more, headers=key).raise_for_status()
    site.caught_up()
    with site.client("viewer") as http:
        log = http.get("/api/v1/events").raise_for_status().json()["events"]
        page = http.get("/api/v1/claims/history").raise_for_status().json()
    told = [(event["type"], event["backfilled"]) for event in log]
    assert told == [
        ("statement_of_criticism.v1", True),
        ("statement_of_criticism.v1", False),
        ("claim_contested.v1", False),
        ("campaign_started.v1", False),
    ]
    steps = [(step["event"], step["backfilled"]) for step in page["decisions"]]
    assert steps == [("recorded", True), ("contested", False)]
