"""The form that corrects a claim, over HTTP: it holds what the claim says, changes what was
changed and nothing else, and every version stays."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.kinds import KINDS
from services.dashboard.forms.fields import claim_fields
from services.dashboard.forms.reading import read_form_of
from services.dashboard.forms.writing import written
from services.dashboard.screens.correcting import untouched
from tests.services.api.test_access import log_in
from tests.services.dashboard.filling import fields_of
from tests.services.dashboard.test_recording import sample
from tests.services.running import Running, claim


@pytest.fixture(scope="module")
def browser(site: Running) -> Iterator[httpx.Client]:
    """A client in which a reviewer is logged in."""
    with site.client() as client:
        log_in(client, site.person("reviewer"))
        yield client


def recorded(site: Running, **changes: Any) -> str:
    """A claim that was just recorded and is seen by every page."""
    name = f"corrected-{uuid4().hex[:8]}"
    with site.client("contributor") as http:
        answer = http.post(
            "/api/v1/claims",
            json=claim(id=name, **changes),
            headers={"Idempotency-Key": uuid4().hex},
        )
    assert answer.status_code == 201, answer.text
    site.caught_up()
    return name


def held(browser: httpx.Client, name: str) -> dict[str, str]:
    """The form of a claim as it comes."""
    page = browser.get(f"/claims/{name}/correct")
    assert page.status_code == 200, page.text
    return fields_of(page.text)


def sent(browser: httpx.Client, name: str, form: dict[str, str]) -> httpx.Response:
    """The answer to a correction."""
    return browser.post(f"/claims/{name}/correct", data=form | {"action": "correct"})


def now(browser: httpx.Client, site: Running, name: str) -> dict[str, Any]:
    """The claim in full as the API gives it."""
    site.caught_up()
    with site.client("viewer") as http:
        found: dict[str, Any] = http.get(f"/api/v1/claims/{name}").json()
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_a_claim_says_is_written_into_its_form(kind: str) -> None:
    """Of every kind, what the stored sample states reads back from the form as it was."""
    stated = sample(kind)
    fields = claim_fields(kind)
    reading = read_form_of(fields.nodes, written(fields, stated))
    assert not reading.errors
    left = {name: value for name, value in stated.items() if name not in ("kind", "treaty")}
    assert reading.value == {"details": {}, **left} or reading.value == left


def test_a_correction_changes_what_was_changed(browser: httpx.Client, site: Running) -> None:
    """A day and a detail are corrected, a detail is taken away; the rest and the version before
    stay as they were."""
    details = {"strength": "regret", "note": "read by telephone", "signatories": 3}
    name = recorded(site, details=details)
    before = now(browser, site, name)
    form = held(browser, name) | {
        "occurred_on": "17 Feb 2026",
        "details.strength": "condemnation",
        "details.note": "",
        "reason": "The source was read again.",
    }
    answer = sent(browser, name, form)
    assert answer.status_code == 303, answer.text
    after = now(browser, site, name)
    assert after["occurred_on"] == "2026-02-17"
    assert after["details"] == {"strength": "condemnation", "signatories": 3}
    same = ("actors", "targets", "summary", "sources", "relates_to", "visibility", "status")
    assert {n: after[n] for n in same} == {n: before[n] for n in same}
    assert [v["occurred_on"] for v in after["versions"]] == ["2026-02-20", "2026-02-17"]
    assert set(after["decisions"][-1]["changed"]) == {"occurred_on", "details"}
    assert after["decisions"][-1]["reason"] == "The source was read again."


def test_what_nobody_touched_is_never_rewritten(browser: httpx.Client, site: Running) -> None:
    """A claim that came in with spaces around its text, and characters in its texts that turn the
    order of reading, which no page shows, keeps them when its day and a source are corrected."""
    summary = "  A campaign\tcriticised \u202eFinland. "
    sources = [{"title": "\u2067A title\u2069", "language": "en"}, {"title": "Another"}]
    name = recorded(site, summary=summary, sources=sources)
    form = held(browser, name) | {"occurred_on": "2026-02-18", "reason": "Another day."}
    assert "\u202e" not in "".join(form.values())
    form |= {"sources.1.title": "Yet another"}
    assert sent(browser, name, form).status_code == 303
    found = now(browser, site, name)
    assert (found["summary"], found["occurred_on"]) == (summary, "2026-02-18")
    assert [one["title"] for one in found["sources"]] == ["\u2067A title\u2069", "Yet another"]


def test_a_text_that_moved_up_keeps_what_no_page_shows() -> None:
    """A row that stands where one was taken away is found by what it says; where two say the same,
    and one holds characters that no page shows, each keeps its own."""
    stated = {"sources.0.title": "A", "sources.1.title": "\u202eB", "sources.1.url": "B"}
    assert untouched({"sources.0.title": "B"}, stated) == {"sources.0.title": "\u202eB"}
    assert untouched({"sources.1.url": "B"}, stated) == {"sources.1.url": "B"}
    twice = stated | {"sources.2.title": "B"}
    assert untouched({"sources.2.title": "B"}, twice) == {"sources.2.title": "B"}
    assert untouched({"sources.1.title": "B, anew"}, twice) == {"sources.1.title": "B, anew"}


def test_what_is_wrong_is_said_and_nothing_is_recorded(
    browser: httpx.Client, site: Running
) -> None:
    """Without a reason, with an invalid field, or with nothing changed, the form comes again with
    all that was typed."""
    name = recorded(site)
    head = site.head()
    form = held(browser, name)
    wrong = form | {"occurred_on": "2199", "reason": "It lies ahead."}
    for typed, status, says in (
        (form | {"summary": "Otherwise."}, 422, 'id="why-e"'),
        (wrong, 422, 'id="f-occurred_on-e"'),
        (form | {"summary": "", "reason": "x"}, 422, 'id="f-summary-e"'),
        (form | {"reason": "Nothing."}, 409, "nothing would change"),
    ):
        answer = sent(browser, name, typed)
        assert answer.status_code == status, answer.text
        assert says in answer.text
        kept = fields_of(answer.text)
        assert {k: kept[k] for k in typed if k != "seen"} == {
            k: v for k, v in typed.items() if k != "seen"
        }
    assert site.head() == head


def test_a_correction_upon_a_stale_page_is_told(browser: httpx.Client, site: Running) -> None:
    """Who corrects what somebody else decided about meanwhile hears of it; nothing is recorded."""
    name = recorded(site)
    form = held(browser, name) | {"summary": "Otherwise.", "reason": "It reads otherwise."}
    with site.client("admin") as http:
        assert http.post(f"/api/v1/claims/{name}/accept").status_code == 200
    site.caught_up()
    answer = sent(browser, name, form)
    assert answer.status_code == 409
    assert "was accepted by" in answer.text


def test_the_form_is_for_reviewers(site: Running, browser: httpx.Client) -> None:
    """A reviewer is led from a claim to its correction; a contributor is not, and is refused."""
    name = recorded(site)
    assert f'href="/claims/{name}/correct"' in browser.get(f"/claims/{name}").text
    assert "/correct" not in browser.get(f"/claims/{name}?known_at=seq:1000000").text
    with site.client() as client:
        log_in(client, site.person("contributor"))
        assert f'href="/claims/{name}/correct"' not in client.get(f"/claims/{name}").text
        assert client.get(f"/claims/{name}/correct").status_code == 403
