"""The country brief: what it says, what it cites, and that the same clocks give the same bytes."""

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from domain.clocks import KnownAt
from domain.governments import GOVERNMENTS
from domain.numbers import pressure
from services.reports.brief import brief, known_words
from services.reports.model import Brief
from services.reports.render import Form, render
from tests.services.reports.record import NOW, chronology, submission, versions, weights

ON = date(2026, 2, 19)


def brief_on(government: str = "FIN", on: date = ON, **how: KnownAt) -> Brief:
    """The brief from the shipped chronology."""
    found = versions(chronology(), **how)
    return brief(government, found, on=on, known_at="seq:600", weights=weights())


class Page(HTMLParser):
    """The text of a page, its ids, the addresses it links to and what it would fetch."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.text, self.ids, self.links, self.fetched = "", set[str](), list[str](), list[str]()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if "id" in named:
            assert named["id"] not in self.ids, f"two elements are called {named['id']}"
            self.ids.add(named["id"])
        if tag == "a":
            self.links.append(named["href"])
        if tag in ("link", "script", "img", "iframe") or "src" in named:
            self.fetched.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_finland_has_left() -> None:
    """On the eve of Poland's exit, Finland is a former party, with its days and their rules."""
    found = brief_on()
    standing = found.standings[0]
    assert (standing.treaty, standing.status) == ("APMBC", "former_party")
    assert standing.since == date(2026, 1, 10)
    assert standing.sentence.startswith("Former party since 10 Jan 2026.")
    days = {m.what: (m.on, m.basis) for m in standing.milestones}
    assert days["Deposited its instrument of withdrawal"] == (date(2025, 7, 10), "")
    assert days["Withdrawal took effect"] == (date(2026, 1, 10), "APMBC Art. 20(3)")
    assert days["Bound from"] == (date(2012, 7, 1), "APMBC Art. 17(2)")


def test_a_leaving_state_is_expected_to_leave() -> None:
    """Before the day, the last step is expected, on the treaty's word and without a source."""
    found = brief_on("POL")
    step = found.standings[0].steps[-1]
    assert (step.stage, step.state, step.when) == ("In effect", "expected", "20 Feb 2026")
    assert step.claim is None
    assert step.cites == ()
    assert found.standings[0].milestones[-1].what == "Withdrawal expected to take effect"


def test_a_disputed_suspension_is_only_claimed() -> None:
    """Ukraine is counted as bound; the suspension is said to be claimed."""
    standing = brief_on("UKR").standings[0]
    assert standing.status == "party"
    assert "It claims to have suspended the treaty" in standing.sentence
    assert "it is counted as bound" in standing.sentence
    assert standing.claimed == "suspended"
    assert "NOR" in standing.disputed_by


@pytest.mark.parametrize("code", ["FIN", "UKR", "RUS", "NRU", "LTU"])
def test_sources_are_numbered_in_order_of_first_mention(code: str) -> None:
    """Read from the top, every number is at most one more than the largest before, and each source
    is cited."""
    page = render(brief_on(code), "html").decode()
    body = page[: page.index('<ol class="cites">')]
    cited = [int(n) for n in re.findall(r'href="#s(\d+)"', body)]
    largest = 0
    for number in cited:
        assert number <= largest + 1
        largest = max(largest, number)
    assert largest == len(brief_on(code).sources)


def test_a_publication_keeps_its_number_and_its_grades() -> None:
    """Two claims on one publication cite one number; both grades stand beside it."""
    said = {"publisher": "Reuters", "title": "Norway", "url": "https://example.org/a"}
    found = brief(
        "FIN",
        versions(
            [
                submission(id="one", sources=[said | {"reliability": "A", "credibility": 1}]),
                submission(id="two", sources=[said | {"reliability": "B"}]),
            ]
        ),
        on=ON,
        known_at="seq:2",
        weights=weights(),
    )
    (source,) = found.sources
    assert source.grades == ("A1", "B?")
    assert {line.cites for line in found.timeline} == {(1,)}


def test_numbers_are_those_of_the_live_page() -> None:
    """Score, bounds and every factor are what the pure function gives; the points add up."""
    found = brief_on()
    facts = [v.facts for v in versions(chronology())]
    measure = pressure(facts, "FIN", ON, weights())
    part = next(number for number in found.numbers if number.measure == "pressure")
    assert (part.score, part.low, part.high) == (measure.score, measure.low, measure.high)
    assert [(t.claim, t.c) for t in part.terms] == [(t.claim, t.c) for t in measure.terms]
    assert sum(t.points for t in part.terms) == pytest.approx(part.score)


def test_contested_and_refuted_claims_are_listed_apart() -> None:
    """A refuted claim is in no timeline; both are listed with why; a pending one is counted
    only."""
    found = brief(
        "FIN",
        versions(
            [
                submission(id="fine"),
                submission(id="doubtful", status="contested", status_reason="Denied."),
                submission(id="false", status="refuted", status_reason="Never said."),
                submission(id="later", status="pending"),
                submission(id="gone", status="retracted"),
            ]
        ),
        on=ON,
        known_at="seq:9",
        weights=weights(),
    )
    assert [line.claim for line in found.timeline] == ["fine", "doubtful"]
    disputed = {line.claim: (line.status, line.reason) for line in found.disputed}
    assert disputed == {
        "doubtful": ("contested", "Denied."),
        "false": ("refuted", "Never said."),
    }
    assert found.waiting == 1
    assert "retracted" not in render(found, "html").decode().partition("</style>")[2].replace(
        "refuted, retracted or superseded", ""
    )


def test_back_filled_claims_are_marked() -> None:
    """What was brought in afterwards is said to be, with the day since when it was known."""
    found = brief_on()
    for line in found.timeline:
        assert line.backfilled == (line.known_since < NOW.date()), line.claim
    assert "back-filled, known since" in Page(render(found, "html")).text


def test_what_comes_later_is_left_out() -> None:
    """Nothing that happened after the day, or was known after the moment, is in the brief."""
    early = brief_on(on=date(2025, 7, 9))
    assert early.standings[0].status == "party"
    assert all("2026" not in line.when for line in early.timeline)
    moment = KnownAt(moment=datetime(2025, 5, 1, tzinfo=UTC))
    assert len(brief_on(known_at=moment).timeline) < len(brief_on().timeline)


def test_an_empty_record_is_said_to_be_one() -> None:
    """A government of which nothing is on file gets a brief that says so and judges nothing."""
    found = brief("NRU", [], on=ON, known_at="seq:0", weights=weights())
    text = Page(render(found, "html")).text
    assert "Nothing about Nauru is on file" in text
    assert "in breach" not in text
    assert found.pin.position == 0


@pytest.mark.parametrize("form", ["html", "json"])
def test_the_same_clocks_give_the_same_bytes(form: Form) -> None:
    """Two briefs of the same clocks are equal to the byte; another day gives others."""
    first, second = (render(brief_on(), form) for _ in range(2))
    assert first == second
    assert render(brief_on(on=date(2026, 2, 18)), form) != first


def test_the_page_needs_no_other_file() -> None:
    """It fetches nothing, allows nothing to be fetched, and every number leads to its source."""
    page = Page(render(brief_on(), "html"))
    assert page.fetched == []
    assert b"default-src 'none'" in render(brief_on(), "html")
    assert b"@import" not in render(brief_on(), "html")
    assert b"url(" not in render(brief_on(), "html")
    for link in page.links:
        assert (
            link.removeprefix("#") in page.ids if link.startswith("#") else link.startswith("http")
        )


def test_what_a_source_says_cannot_become_markup() -> None:
    """Text from outside is escaped, and an address that is none is not linked."""
    nasty = {"publisher": "<script>alert(1)</script>", "url": 'https://x"onmouseover="y'}
    found = brief(
        "FIN",
        versions([submission(summary="<img src=x onerror=y>", sources=[nasty])]),
        on=ON,
        known_at="seq:1",
        weights=weights(),
    )
    page = render(found, "html")
    assert b"<script" not in page
    assert b"<img" not in page
    assert b'"onmouseover' not in page


def test_the_json_form_says_the_same() -> None:
    """The JSON form holds what the page shows, in the same order, with plain sentences."""
    found = json.loads(render(brief_on(), "json"))
    assert found["government"] == "FIN"
    assert found["standings"][0]["sentence"].startswith("Former party since 10 Jan 2026.")
    assert [s["number"] for s in found["sources"]] == list(range(1, len(found["sources"]) + 1))
    assert found["pin"]["known_at"] == "seq:600"


def test_every_government_has_a_brief() -> None:
    """A brief can be written on each of the governments."""
    found = versions(chronology())
    for code, name in GOVERNMENTS.items():
        page = render(
            brief(code, found, on=ON, known_at="seq:600", weights=weights()), "html"
        ).decode()
        assert escape(name) in page


def test_the_second_clock_is_said_in_words() -> None:
    """A position is a position of the log, a moment a moment."""
    assert known_words("seq:217") == "position 217 of the log"
    assert known_words("2026-02-19T23:59:59.999999+00:00") == "19 Feb 2026 23:59 UTC"


def test_claims_declared_the_same_are_one_step() -> None:
    """A step told of by two claims declared the same is one line with the sources of both."""
    found = brief_on()
    deposits = [s for s in found.standings[0].steps if s.stage == "Instrument deposited"]
    assert len(deposits) == 1
    same = {line.claim: line for line in found.timeline if line.same_as}
    told = [line for line in same.values() if line.kind == "withdrawal_instrument_deposited"]
    assert len(told) == 2
    assert set(deposits[0].cites) == {number for line in told for number in line.cites}
