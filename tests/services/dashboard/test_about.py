"""A day that neither treaty says, over HTTP: wherever it is expected, it is shown as about that
day; a day that is certain never is."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.services.running import Running, claim

ON = {"on": "2025-12-01"}
ABOUT, EXACT = "FIN", "EST"
"""The last of August lacks its day in February, the tenth of July has one in January."""
LEGAL = (
    ("state_joined", "2012-01-09", [ABOUT, EXACT]),
    ("withdrawal_instrument_deposited", "2025-08-31", [ABOUT]),
    ("withdrawal_instrument_deposited", "2025-07-10", [EXACT]),
    ("armed_conflict_engagement_reported", "2025-08-01", ["LTU"]),
    ("state_joined", "2012-01-09", ["LTU"]),
    ("withdrawal_instrument_deposited", "2025-07-10", ["LTU"]),
)


@pytest.fixture(scope="module")
def reader(site: Running) -> Iterator[httpx.Client]:
    """Somebody who reads where two governments leave, and a campaign is about both."""
    for number, (kind, day, targets) in enumerate(LEGAL):
        more: dict[str, Any] = {"details": {"engaged": True}} if kind.startswith("armed") else {}
        body = claim(id=f"legal-{number}", kind=kind, occurred_on=day, targets=targets, **more)
        with site.client("contributor") as http:
            key = {"Idempotency-Key": f"legal-{number}"}
            http.post("/api/v1/claims", json=body, headers=key).raise_for_status()
        with site.client("reviewer") as http:
            http.post(f"/api/v1/claims/legal-{number}/accept", json={}).raise_for_status()
    with site.client("reviewer") as http:
        started: dict[str, Any] = {"slug": "stay", "title": "Stay", "treaty": "APMBC"}
        started |= {"targets": [ABOUT, EXACT], "started_on": "2025-06-01"}
        answer = http.post("/api/v1/campaigns", json=started, headers={"Idempotency-Key": "stay"})
        answer.raise_for_status()
    site.caught_up()
    with site.client("viewer") as client:
        yield client


def plain(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"<[^>]*>", "", html)


def asked(reader: httpx.Client, path: str, **more: str) -> Any:
    """An answer of the API on the day."""
    return reader.get(f"/api/v1/{path}", params=ON | more).raise_for_status().json()


def test_lists_of_the_api_say_which_days_are_about(reader: httpx.Client) -> None:
    """The board, the dossier, a campaign and the parties say of the day on which a state leaves
    whether it is certain; the parties say too why a state that leaves has none."""
    board = {
        row["government"]: row["standings"]["APMBC"]
        for row in asked(reader, "governments")["governments"]
    }
    dossiers = {
        code: asked(reader, f"governments/{code}")["standings"]["APMBC"] for code in (ABOUT, EXACT)
    }
    campaign = {
        row["government"]: row["standing"] for row in asked(reader, "campaigns/stay")["governments"]
    }
    for rows in (board, dossiers, campaign):
        assert (rows[ABOUT]["expected_on"], rows[ABOUT]["about"]) == ("2026-02-28", True)
        assert (rows[EXACT]["expected_on"], rows[EXACT]["about"]) == ("2026-01-10", False)
    parties = {row["government"]: row for row in asked(reader, "treaties/APMBC/parties")["parties"]}
    told = {code: (row["leaves_on"], row["about"]) for code, row in parties.items()}
    assert told == {ABOUT: ("2026-02-28", True), EXACT: ("2026-01-10", False), "LTU": (None, False)}
    assert parties[ABOUT]["reason"] is None
    assert parties["LTU"]["reason"] == board["LTU"]["reason"] is not None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/governments", "expected {}"),
        ("/map", "expected {}"),
        ("/campaigns/stay", "expected to leave {}"),
        ("/today", "{}"),
        (f"/governments/{ABOUT}", "c. {}"),
    ],
)
def test_pages_say_about_of_days_that_are_not_certain(
    reader: httpx.Client, path: str, words: str
) -> None:
    """The list, the map, a campaign, the next legal dates and the steps of leaving: about the one
    day, on the other."""
    text = " ".join(plain(reader.get(path, params=ON).raise_for_status().text).split())
    about = "28 Feb 2026" if words.startswith("c. ") else "about 28 Feb 2026"
    assert words.format(about) in text
    assert "about 10 Jan 2026" not in text


def test_files_say_about_of_days_that_are_not_certain(reader: httpx.Client) -> None:
    """The list of governments has a column for it, a calendar says it of the day."""
    rows = reader.get("/governments", params=ON | {"format": "csv"}).raise_for_status().text
    assert "FIN,Finland,leaving,2026-02-28,yes," in rows
    assert "EST,Estonia,leaving,2026-01-10,no," in rows
    answer = reader.get("/deadlines", params=ON | {"format": "ics"}).raise_for_status()
    events = answer.text.replace("\r\n ", "").split("BEGIN:VEVENT")
    said = {
        code: next(e for e in events if f"APMBC-{code}-withdrawal" in e) for code in (ABOUT, EXACT)
    }
    assert "About 28 Feb 2026" in said[ABOUT]
    assert "bout 10 Jan 2026" not in said[EXACT]
