"""The form that records a claim, over HTTP: every kind has its own, nothing typed is lost, and
nothing is recorded twice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from domain.clocks import HEAD
from domain.events import claim_json
from domain.kinds import KINDS
from services.dashboard.forms.fields import claim_fields
from services.dashboard.forms.writing import written
from tests.services.api.test_access import log_in
from tests.services.dashboard.filling import PATH, fields_of, opened
from tests.services.running import WORKSPACE, Running

INTERNAL = ("visibility", "internal")
"""What a claim is unless it says otherwise, and then does not state."""
SAMPLES = Path(__file__).resolve().parents[2] / "events"


@pytest.fixture(scope="module")
def browser(site: Running) -> Iterator[httpx.Client]:
    """A client in which a contributor is logged in."""
    with site.client() as client:
        log_in(client, site.person("contributor"))
        yield client


def sample(kind: str) -> dict[str, Any]:
    """The stored sample of a kind as a claim."""
    event = json.loads((SAMPLES / f"{kind}.v1.json").read_text(encoding="utf-8"))["event"]
    left = ("claim", "status", "known_since")
    stated = {k: v for k, v in event.items() if k not in left and (k, v) != INTERNAL}
    return {**stated, "kind": kind}


def on_file(site: Running, claim: str) -> dict[str, Any]:
    """A recorded claim as JSON values, without its id."""
    site.caught_up()
    _position, history, _beside = site.call(site.house.views.claim(WORKSPACE, claim, HEAD))
    assert history[0].status == "pending"
    plain = json.loads(msgspec.json.encode(claim_json(history[0].claim)))
    return {name: value for name, value in plain.items() if name != "id"}


def sent(browser: httpx.Client, fields: dict[str, str]) -> httpx.Response:
    """The answer to a form that is sent, shown candidates confirmed."""
    answer = browser.post(PATH, data=fields | {"action": "record"})
    if answer.status_code == 409 and 'value="anyway:' in answer.text:
        shown = answer.text.partition('value="anyway:')[2][:16]
        answer = browser.post(PATH, data=fields | {"action": f"anyway:{shown}"})
    return answer


def recorded(answer: httpx.Response) -> str:
    """The claim whose page an answer leads to."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0].rpartition("/")[2]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_recorded_exactly_as_it_is_filled_in(
    site: Running, browser: httpx.Client, kind: str
) -> None:
    """The form of a kind has a field for everything that its stored sample states, and what is
    typed becomes that claim."""
    claim = sample(kind)
    wanted = written(claim_fields(kind), claim)
    held = opened(browser, wanted)
    assert set(wanted) <= set(held), set(wanted) - set(held)
    name = recorded(sent(browser, held | wanted))
    assert on_file(site, name) == claim


def plain_form(browser: httpx.Client, **changes: str) -> dict[str, str]:
    """The form of a criticism, filled in."""
    wanted = {
        "kind": "statement_of_criticism",
        "summary": f"A campaign criticised Finland ({uuid4().hex[:8]}).",
        "occurred_on": "18 Feb 2026",
        "actors.0.kind": "ngo",
        "actors.0.who": f"Campaign {uuid4().hex[:8]}",
        "targets.0": "finland",
        "sources.0.url": "https://example.org/said",
    }
    return opened(browser, wanted) | wanted | changes


def test_words_are_understood_and_said(browser: httpx.Client, site: Running) -> None:
    """Names and dates as people write them are shown as they were understood, and recorded so."""
    form = plain_form(browser) | {"targets.0": "Swaziland", "occurred_on": "about March 2025"}
    form |= {"actors.0.kind": "", "actors.0.who": "Turkey"}
    page = browser.post(PATH, data=form | {"action": "show"}).text
    for said in ("Eswatini (SWZ)", "Türkiye (TUR)", "c. Mar 2025"):
        assert said in page
    claim = on_file(site, recorded(sent(browser, form)))
    assert claim["occurred_on"] == "2025-03~"
    assert claim["actors"] == [{"kind": "state", "code": "TUR"}]
    assert claim["targets"] == ["SWZ"]


def test_every_fault_stands_beside_its_field_and_nothing_is_lost(
    browser: httpx.Client, site: Running
) -> None:
    """All faults are said at once, each beside its field; what was typed stands there still."""
    before = site.head()
    wrong = plain_form(browser) | {
        "summary": "",
        "occurred_on": "02/03/2026",
        "targets.0": "Lithunia",
        "actors.0.kind": "state",
        "actors.0.who": "Atlantis",
        "sources.0.url": "example.org",
        "sources.0.published_on": "2199",
        "details.signatories": "many",
    }
    answer = browser.post(PATH, data=wrong | {"action": "record"})
    assert answer.status_code == 422
    for name in (
        "summary", "occurred_on", "targets.0", "actors.0.who", "sources.0.url",
        "sources.0.published_on", "details.signatories",
    ):  # fmt: skip
        assert f'id="f-{name}-e"' in answer.text, name
        assert f'href="#f-{name}"' in answer.text, name
    assert "Is it Lithuania?" in answer.text
    kept = fields_of(answer.text)
    assert {name: kept[name] for name in wrong} == wrong
    assert site.head() == before


def test_what_is_missing_is_not_said_before_it_is_sent(browser: httpx.Client) -> None:
    """Choosing a kind or adding a row keeps all that was typed and complains of nothing empty."""
    form = opened(browser, {"kind": "unga_vote"}) | {"summary": "Typed before the kind changed."}
    answer = browser.post(PATH, data=form | {"kind": "parliament_vote", "action": "show"})
    assert answer.status_code == 200
    assert "Fill this in" not in answer.text
    kept = fields_of(answer.text)
    assert kept["summary"] == "Typed before the kind changed."
    assert "details.votes.for" in kept


def test_rows_are_added_and_removed_where_they_stand(browser: httpx.Client) -> None:
    """A row is added at the end; when one is removed, those after it move up."""
    form = plain_form(browser)
    for number in (1, 2):
        form = fields_of(browser.post(PATH, data=form | {"action": "add:sources"}).text)
        form[f"sources.{number}.title"] = f"Source {number}"
    form = fields_of(browser.post(PATH, data=form | {"action": "remove:sources:1"}).text)
    assert form["sources.rows"] == "2"
    assert form["sources.0.url"] == "https://example.org/said"
    assert form["sources.1.title"] == "Source 2"
    assert "sources.2.title" not in form
    for odd in ("remove:sources:9", "remove:nothing:0", "add:details.votes", "remove:sources:x"):
        again = browser.post(PATH, data=form | {"action": odd})
        assert again.status_code == 200
        assert fields_of(again.text) == form


def test_a_form_sent_twice_records_one_claim(browser: httpx.Client, site: Running) -> None:
    """The same form again leads to the same claim; with other words it is told what stands, and
    recorded beside it only when it is sent once more."""
    form = plain_form(browser)
    name = recorded(sent(browser, form))
    head = site.head()
    assert recorded(sent(browser, form)) == name
    assert site.head() == head
    changed = form | {"summary": f"Something else happened ({uuid4().hex[:8]}) in Riga."}
    answer = sent(browser, changed)
    assert answer.status_code == 409
    assert f"/claims/{name}" in answer.text
    assert site.head() == head
    other = recorded(sent(browser, fields_of(answer.text)))
    assert other != name


def test_what_resembles_it_is_shown_before_it_is_recorded(
    browser: httpx.Client, site: Running
) -> None:
    """A likely duplicate stops the form; it is recorded when that is said on purpose."""
    form = plain_form(browser)
    first = recorded(sent(browser, form))
    site.caught_up()
    again = {**form, "key": uuid4().hex}
    head = site.head()
    for action in ("record", "anyway:0123456789abcdef"):
        answer = browser.post(PATH, data=again | {"action": action})
        assert answer.status_code == 409
        assert f'href="/claims/{first}"' in answer.text
    assert site.head() == head
    second = recorded(sent(browser, again))
    assert second != first
    assert on_file(site, second) == on_file(site, first)


def test_a_viewer_is_refused_in_words(site: Running) -> None:
    """Who may only read sees why, no button that leads there, and records nothing."""
    with site.client() as client:
        log_in(client, site.person("viewer"))
        page = client.get(PATH, headers={"Accept": "text/html"})
        assert page.status_code == 403
        assert "This needs the role contributor" in page.text
        assert "yours is viewer" in page.text
        assert 'id="record"' not in page.text
        assert PATH not in client.get("/claims").text
        assert PATH not in client.get("/governments/FIN").text


def test_the_way_to_the_form_is_filled_in(browser: httpx.Client, site: Running) -> None:
    """From a government's page the form opens with that government named."""
    site.caught_up()
    page = browser.get("/governments/FIN").text
    assert f"{PATH}?government=FIN" in page
    assert fields_of(browser.get(f"{PATH}?government=FIN").text)["targets.0"] == "Finland"
    assert fields_of(browser.get(f"{PATH}?kind=nonsense&government=X").text)["targets.0"] == ""


def test_a_form_without_its_token_records_nothing(browser: httpx.Client, site: Running) -> None:
    """A form sent from elsewhere is refused."""
    form = plain_form(browser)
    before = site.head()
    answer = browser.post(PATH, data=form | {"csrf_token": "0" * 64, "action": "record"})
    assert answer.status_code == 403
    assert site.head() == before


def test_a_form_beyond_its_bounds_is_refused(browser: httpx.Client) -> None:
    """Too many fields and too many bytes are each one clear refusal."""
    form = plain_form(browser)
    many = {f"x{n}": "" for n in range(4001)}
    assert browser.post(PATH, data=form | many).status_code == 413
    assert browser.post(PATH, data=form | {"summary": "x" * 300_000}).status_code == 413
    long = browser.post(PATH, data=form | {"summary": "x" * 5000, "action": "record"})
    assert long.status_code == 422
