"""The pages of campaigns over a real server: started, worked on and ended with forms alone."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.dashboard.test_people import entered
from tests.services.running import Running, claim


@pytest.fixture(scope="module")
def reviewer(site: Running) -> Iterator[httpx.Client]:
    """The browser of a reviewer."""
    with entered(site, site.person("reviewer")) as browser:
        yield browser


def filled(browser: httpx.Client, page: str, path: str, **fields: Any) -> httpx.Response:
    """The answer to a form of a page, with its token and its own key."""
    text = browser.get(page).text
    token = re.search(r'name="csrf_token" value="(\w+)"', text)
    assert token is not None, text
    once = {"once": uuid4().hex}
    return browser.post(path, data={"csrf_token": token[1], **once, **fields})


def started(browser: httpx.Client, title: str = "Keep Finland in") -> str:
    """The path of a new campaign about Finland and Estonia."""
    slug = f"c-{uuid4().hex[:10]}"
    fields = {"title": title, "treaty": "APMBC", "targets": "Finland, EST", "slug": slug}
    answer = filled(browser, "/campaigns", "/campaigns", started_on="1 Apr 2025", **fields)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"/campaigns/{slug}?done=start")
    assert browser.get(answer.headers["location"]).status_code == 200
    return f"/campaigns/{slug}"


def recorded(site: Running, summary: str) -> str:
    """The id of an accepted claim about Finland."""
    name = f"c-{uuid4().hex[:10]}"
    submission = claim(id=name, occurred_on="2025-09-01", summary=summary)
    with site.client("contributor") as machine:
        key = {"Idempotency-Key": name}
        assert machine.post("/api/v1/claims", json=submission, headers=key).status_code == 201
    with site.client("reviewer") as other:
        assert other.post(f"/api/v1/claims/{name}/accept", json={}).status_code == 200
    site.caught_up()
    return name


def test_a_campaign_from_start_to_end(site: Running, reviewer: httpx.Client) -> None:
    """Started by names of governments, an ask is added, met by a claim that shows it, a date and an
    own action are noted, and it ends: each a form, each to be seen on the page and in the list."""
    path = started(reviewer, "Keep Finland in")
    shown = recorded(site, "Finland answered the letter.")

    def does(act: str, kind: str = "acts", **fields: Any) -> str:
        answer = filled(reviewer, path, f"{path}/{kind}/{act}", **fields)
        assert answer.status_code == 303, answer.text
        page = reviewer.get(answer.headers["location"])
        assert 'role="status"' in page.text
        return page.text

    assert "Answer the letter" in does("ask", "decide", text="Answer the letter", government="FIN")
    key = re.search(r'name="key" value="(answer-the-letter-\w+)"', reviewer.get(path).text)
    assert key is not None
    met = does("meet", "decide", key=key[1], claim=f"{site.url}/claims/{shown}?on=2025-12-27")
    assert "1 of 1 asks are met" in met
    assert "Own action" in does("action", claim=shown)
    assert "30 Nov 2099" in does("date", day="30 November 2099", text="Meeting of the parties")
    assert "Nobody has called yet." in does("note", text="Nobody has called yet.")
    listed = reviewer.get("/campaigns?order=title").text
    assert "1 of 1 met" in listed
    assert "Meeting of the parties" in listed
    does("end", "decide", ended_on="2025-12-31", reason="Finland has left.")
    assert f'data-record="{path.rpartition("/")[2]}"' in reviewer.get("/campaigns?state=ended").text
    rows = reviewer.get(f"{path}?show=own&format=json").json()["rows"]
    assert [row["claim"] for row in rows] == [shown]


def test_what_cannot_be_is_said_and_what_was_typed_stays(reviewer: httpx.Client) -> None:
    """A government that is none, a day that is none and a reason that lacks are each said on the
    page, with the form as it was; nothing is recorded."""
    fields = {"title": "Typed once", "treaty": "APMBC", "started_on": "1 Apr 2025"}
    answer = filled(reviewer, "/campaigns", "/campaigns", targets="Finlnd", **fields)
    assert answer.status_code == 422
    assert "Did you mean FIN?" in answer.text
    assert 'value="Typed once"' in answer.text
    path = started(reviewer)
    for act, sent, says in (
        ("acts/date", {"day": "soon", "text": "x"}, "is not a date"),
        ("acts/date", {"day": "2026", "text": "x"}, "more than one day"),
        ("acts/action", {"claim": "no-such-claim"}, "no-such-claim"),
        ("decide/end", {"ended_on": "2025-12-31"}, "Say why"),
        ("decide/end", {"ended_on": "2024-12-31", "reason": "x"}, "after that"),
        ("decide/change", {"title": "x", "targets": "", "started_on": "2025"}, "governments"),
    ):
        answer = filled(reviewer, path, f"{path}/{act}", **sent)
        assert answer.status_code in (404, 409, 422), answer.text
        assert says in answer.text, act
        assert "Nothing was recorded" in answer.text
    assert reviewer.get(path).text.count("Nothing is asked yet") == 2


def test_a_form_that_is_sent_twice_counts_once(reviewer: httpx.Client) -> None:
    """The same form of the same page, sent again, has no further effect."""
    path = started(reviewer)
    page = reviewer.get(path).text
    token = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "once": "twice", "text": "Said once."}
    places = {reviewer.post(f"{path}/acts/note", data=form).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert reviewer.get(places.pop()).text.count("Said once.") == 1


def test_notes_and_forms_are_for_those_who_work_on_it(
    site: Running, reviewer: httpx.Client
) -> None:
    """A viewer sees neither notes nor forms; a contributor sees both, but what reviewers decide;
    nobody records anything from a page that shows the past."""
    path = started(reviewer)
    done = filled(reviewer, path, f"{path}/acts/note", text="For us alone.")
    behind = done.headers["location"]
    with entered(site, site.person("viewer")) as viewer:
        seen = viewer.get(behind).text
        assert "For us alone." not in seen
        assert "Work on it" not in seen
    with entered(site, site.person("contributor")) as contributor:
        seen = contributor.get(behind).text
        assert "For us alone." in seen
        assert "Note a date" in seen
        assert "End the campaign" not in seen
    past = reviewer.get(f"{path}?on=2025-12-27").text
    assert "For us alone." in past
    assert "Work on it" not in past


def test_a_campaign_as_it_was_known_before_it_started(reviewer: httpx.Client) -> None:
    """Before its start was recorded there is none, which the page says with its number."""
    path = started(reviewer)
    answer = reviewer.get(f"{path}?known_at=seq:0", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "There is no campaign" in answer.text
    assert "No campaign is on file" in reviewer.get("/campaigns?known_at=seq:0").text


def test_a_claim_judged_by_a_second_person_says_so(site: Running, reviewer: httpx.Client) -> None:
    """On its own page, and on the desk for whoever comes to it too late."""
    name = recorded(site, "Recorded by one, accepted by another.")
    page = reviewer.get(f"/claims/{name}").text
    assert page.count("a second person, not whoever recorded it") == 1
    late = reviewer.get(f"/review?claim={name}").text
    assert "Accepted by a second person, not by whoever recorded it: an API token" in late
