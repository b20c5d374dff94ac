"""The pages as built from the shipped record: what they say of real governments on telling days."""

import csv
import io
import json
import zipfile
from datetime import date

import msgspec
import pytest

from domain.clocks import HEAD, KnownAt, read_known_at
from domain.governments import GOVERNMENTS
from domain.standing import Standing
from projections.board import board
from projections.criticism import excerpt_of as excerpt_of_matrix
from projections.deadlines import running_clocks
from projections.mornings import morning
from projections.portraits import portrait
from projections.undertakings import UndertakenAsk, Undertaking, What, excerpt_of, undertaken
from projections.worklists import LITTLE_CRITICISED, listed, review_queue
from services.dashboard.formats import sentence_text
from services.dashboard.models import transfers as transfers_model
from services.dashboard.models.criticism import MatrixAsk, choice_of, matrix_page
from services.dashboard.models.deadlines import DeadlinesAsk, deadlines_calendar
from services.dashboard.models.evidence import details_in_words
from services.dashboard.models.government import Asked, government_page
from services.dashboard.models.governments import governments_page
from services.dashboard.models.shapes import GovernmentPage, TodayPage
from services.dashboard.models.today import bound_steps, today_page
from services.dashboard.models.transfers import TransfersAsk
from services.dashboard.models.undertaken import (
    ROWS_SHOWN_MAX,
    UndertakenRow,
    commitments_page,
    commitments_sheet,
    place_of_government,
)
from services.dashboard.render import render
from services.dashboard.sheets import FORMATS, ROWS_MAX, download
from tests import chronology
from tests.projections.told import believed_now
from tests.services.dashboard.markup import Markup
from tests.services.dashboard.samples import frame
from tests.services.dashboard.screens import (
    claim,
    clocked,
    criticism,
    differing,
    mapped,
    matrix,
    moved,
)
from tests.status_table import counts, telling_days

EVE = date(2026, 2, 19)


def today(on: date = EVE, known_at: KnownAt = HEAD) -> TodayPage:
    """The page Today over the shipped record."""
    versions = chronology.versions(known_at)
    queue = review_queue(versions, on=on, known_at="seq:1", weights=chronology.weights())
    return today_page(
        frame("Today", "/today"),
        morning(versions, on=on, weights=chronology.weights()),
        on=on,
        is_now=True,
        queue=queue,
        waiting={version.claim.id: version for version in versions},
        waiting_count=len(queue.claims),
    )


def government(code: str, on: date = EVE, known_at: KnownAt = HEAD, **asked: str) -> GovernmentPage:
    """The page of one government over the shipped record."""
    versions = chronology.versions(known_at, code)
    drawn = portrait(code, versions, on=on, weights=chronology.weights())
    return government_page(
        frame(GOVERNMENTS[code], f"/governments/{code}"),
        code,
        drawn,
        list(chronology.histories().get(asked.get("event", ""), ())),
        on=on,
        asked=Asked(**asked),
    )


def lead(page: GovernmentPage) -> str:
    """The sentence about the Mine Ban Treaty."""
    return sentence_text(page.standings[0].sentence)


def test_the_eve_of_polands_exit_is_the_headline() -> None:
    """Today says what happens tomorrow, how many are bound, and who disputes being counted."""
    page = today()
    assert page.headline == "Poland stops being a State Party tomorrow"
    said = sentence_text(page.lead)
    assert said.startswith("162 states are bound today. If nothing changes, 161 will be from")
    assert "Ukraine is counted as bound; it claims to have suspended the treaty." in said


@pytest.mark.parametrize("on", telling_days())
def test_today_counts_the_states_bound_as_the_status_table_does(on: date) -> None:
    """The first figure of the page is the count of states in force, on every telling day; where
    nothing is on file yet, none is told."""
    page = today(on)
    if page.bound is None:
        assert (page.facts, counts(on)[1]) == ((), 0)
        assert page.headline.startswith("Nothing is on file by")
    else:
        assert page.facts[0].value == counts(on)[1]


def test_the_next_legal_date_is_polands_with_its_article() -> None:
    """The soonest clock stands first, with its basis."""
    first = today().dates[0]
    assert (first.code, first.on, first.state) == ("POL", date(2026, 2, 20), "expected")
    assert "20 Aug 2025" in first.basis
    assert "Art. 20(3)" in first.basis


def test_a_day_that_a_claim_states_leads_to_the_claim() -> None:
    """Today, the page of the government and Deadlines link the claim about the deposit that gives
    the day of leaving; where no day is to come, none is linked."""
    page, first = government("POL"), today().dates[0]
    claim = page.standings[0].stated_by
    assert claim is not None
    assert first.claim == claim
    assert (
        next(row for row in clocked(DeadlinesAsk()).rows if row.government == "POL").claim == claim
    )
    for one in (page, today(), clocked(DeadlinesAsk())):
        links = Markup(render(one)).values("#main a", "href")
        assert any(link.startswith(f"/claims/{claim}") for link in links)
    assert government("FIN").standings[0].stated_by is None


def test_claims_that_do_not_fit_are_named_with_the_reason() -> None:
    """The page of a government links every claim that does not fit its standing, and says why, with
    the article: a reversal after the effect, a second joining, a leaving without a joining."""
    joined = {"kind": "state_joined", "targets": ["FIN"]}
    left = {
        "kind": "withdrawal_instrument_deposited",
        "occurred_on": "2025-07-10",
        "targets": ["FIN"],
    }
    late = {"kind": "withdrawal_reversed", "occurred_on": "2026-02-01", "targets": ["FIN"]}
    why = {}
    for name, some in {
        "late": (
            joined | {"id": "joined", "occurred_on": "2012-01-09"},
            left | {"id": "left"},
            late | {"id": "late"},
        ),
        "again": (
            joined | {"id": "joined", "occurred_on": "2012-01-09"},
            joined | {"id": "again", "occurred_on": "2014-01-09"},
        ),
        "left": (left | {"id": "left"},),
    }.items():
        drawn = portrait(
            "FIN", believed_now(*some), on=date(2026, 6, 1), weights=chronology.weights()
        )
        around = frame("Finland", "/governments/FIN")
        page = government_page(around, "FIN", drawn, [], on=date(2026, 6, 1), asked=Asked())
        (misfit,) = page.standings[0].misfits
        assert misfit.claim == name
        text = render(page)
        assert f"/claims/{name}" in " ".join(Markup(text).values("#head a", "href"))
        assert misfit.why in text
        why[name] = misfit.why
    assert "Vienna Convention on the Law of Treaties, Art. 68" in why["late"]
    assert (why["again"], why["left"]) == (
        "It was bound already.",
        "No joining is on record before it.",
    )
    assert not government("POL").standings[0].misfits


def test_under_pressured_governments_stand_in_alphabetical_order() -> None:
    """The list is not a ranking, and a gap means that the intervals do not overlap."""
    rows = today().gaps
    assert [row.name for row in rows] == sorted(row.name for row in rows)
    for row in rows:
        assert (row.verdict == "gap") == (
            row.pressure.high > 0 and row.erosion.low > row.pressure.high
        )


def test_today_and_the_list_of_governments_name_the_same_little_criticised() -> None:
    """A government whose whole Erosion lies above its whole Pressure is marked on Today, and is a
    row of the list; no other is."""
    facts = [version.facts for version in chronology.versions()]
    answer = board(facts, on=EVE, known_at="seq:1", weights=chronology.weights())
    around = frame("Governments", "/governments")
    page = governments_page(around, answer, on=EVE, list_=LITTLE_CRITICISED)
    found = {row.code for row in page.rows}
    assert found == {row.code for row in today().gaps if row.little_criticised}
    assert found == {row.government for row in listed(answer, LITTLE_CRITICISED).governments}
    assert found
    assert not page.quiet
    assert [choice.count for choice in page.lists] == [len(GOVERNMENTS), len(found)]


def test_finland_reads_as_a_former_party_since_10_january_2026() -> None:
    """The page of Finland says when it stopped being bound."""
    assert lead(government("FIN")).startswith("Former party since 10 Jan 2026.")


@pytest.mark.parametrize("code", ["EST", "LVA", "LTU"])
def test_the_baltic_exits_flip_between_26_and_27_december_2025(code: str) -> None:
    """The day before it is expected, on the day it is done."""
    before = government(code, date(2025, 12, 26))
    assert lead(before).startswith("State Party until 27 Dec 2025, expected.")
    assert before.countdown is not None
    after = government(code, date(2025, 12, 27))
    assert lead(after).startswith("Former party since 27 Dec 2025.")
    assert after.countdown is None


def test_what_was_known_earlier_still_expected_the_exit() -> None:
    """On 27 December as known on 5 December no source confirms the exit yet."""
    page = government("EST", date(2025, 12, 27), read_known_at("2025-12-05"))
    assert "no source on file confirms it yet" in lead(page)


def test_a_late_source_is_not_known_before_it_was_published() -> None:
    """Poland's deposit of 20 August 2025 is invisible before its first source of 1 December."""
    page = government("POL", date(2025, 11, 30), read_known_at("2025-11-30"))
    assert lead(page).startswith("State Party since 1 Jun 2013.")


def test_ukraine_is_counted_as_bound_and_its_claim_is_said_to_be_one() -> None:
    """A claimed suspension is told with who disputes it, and changes no standing."""
    page = government("UKR")
    assert page.standings[0].status == "contested"
    assert "It claims to have suspended the treaty" in lead(page)
    assert "it is counted as bound" in lead(page)


def test_the_stepper_of_poland_marks_the_disputed_day_and_the_expected_effect() -> None:
    """Every step shows its state, each chamber its vote; what is not there yet is expected."""
    steps = {step.title: step for step in government("POL").standings[0].stages}
    assert steps["Sejm vote"].state == "disputed"
    assert (steps["Senate vote"].state, steps["Senate vote"].when) == ("done", "2025-07-17")
    assert steps["Deposited"].state == "done"
    assert steps["Takes effect"].state == "expected"


def test_a_refuted_report_moves_nothing_and_stays_readable() -> None:
    """The misreported Lithuanian exit is in the list, struck out, and counts for no number."""
    page = government("LTU", date(2025, 6, 1))
    row = next(r for r in page.records if r.claim == "ltu-2025-exit-date-misreport")
    assert (row.status, row.counted, row.points) == ("refuted", False, None)
    assert page.standings[0].status == "party"


def test_an_opened_claim_shows_both_clocks_sources_and_history() -> None:
    """The evidence names the record, since when it is known, its grades and its life."""
    opened = government("POL", event="pol-2025-withdrawal-deposited").evidence
    assert opened is not None
    assert opened.known_since == date(2025, 12, 1)
    assert opened.sources[0].reliability in "ABC"
    assert opened.history[0].what == "Recorded"


def test_the_list_of_records_narrows_and_says_to_how_many() -> None:
    """Lane, status and day narrow the list; a mistyped day is named and narrows nothing."""
    whole = government("POL")
    legal = government("POL", lane="legal")
    assert {record.lane for record in legal.records} == {"legal"}
    assert (legal.filter.shown, legal.filter.total) == (len(legal.records), len(whole.records))
    mistyped = government("POL", from_typed="31 Feb")
    assert mistyped.filter.from_error is not None
    assert len(mistyped.records) == len(whole.records)


@pytest.mark.parametrize("code", GOVERNMENTS)
def test_the_page_of_every_government_renders_as_valid_html(code: str) -> None:
    """No government of the table is left without a page."""
    page = Markup(render(government(code)))
    assert page.text("h1").startswith(GOVERNMENTS[code])


def test_the_board_shows_every_government_once() -> None:
    """Those with acts or criticism on file in rows, the others by their standing."""
    facts = [version.facts for version in chronology.versions()]
    answer = board(facts, on=EVE, known_at="seq:1", weights=chronology.weights())
    page = governments_page(frame("Governments", "/governments"), answer, on=EVE)
    codes = [row.code for row in page.rows]
    codes += [code for group in page.quiet for code, _ in group.governments]
    assert sorted(codes) == sorted(GOVERNMENTS)
    only = governments_page(
        frame("Governments", "/governments"), answer, on=EVE, status="former_party"
    )
    assert {row.code for row in only.rows} == {"EST", "FIN", "LTU", "LVA"}


def test_commitments_are_filtered_ordered_and_paged() -> None:
    """Every filter keeps what it names alone, every order is the one it says, and the pages follow
    on one another; the files hold the rows of every page in the same order."""
    rows = [
        undertaking(code, what, f"2025-{month:02}-01")
        for month in range(1, 13)
        for code in ("FIN", "NOR", "POL")
        for what in ("commitment", "response")
    ]
    found = undertaken(rows, on=EVE, known_at="seq:1")
    around = frame("Commitments", "/commitments")
    for ask, count in (
        (UndertakenAsk(government="POL"), 24),
        (UndertakenAsk(what="response", order="government"), 36),
        (UndertakenAsk(treaty="CCM"), 0),
        (UndertakenAsk(order="oldest"), 72),
    ):
        shown: list[UndertakenRow] = []
        before: str | None = "0"
        while before:
            now = msgspec.structs.replace(ask, before=int(before))
            some = excerpt_of(found, now, ROWS_SHOWN_MAX, place_of_government)
            page = commitments_page(around, some, ask=now)
            assert page.total == count
            shown += page.rows
            before = page.following
        whole = excerpt_of(found, ask, ROWS_MAX, place_of_government)
        sheet = commitments_sheet(whole, around)
        assert [r[8] for r in sheet.rows] == [row.claim for row in shown]
        assert len(shown) == len({row.claim for row in shown}) == count
        assert {row.government for row in shown} <= {
            ask.government or row.government for row in shown
        }
        key = {"newest": "occurred_on", "oldest": "occurred_on", "government": "name"}[ask.order]
        told = [getattr(row, key) for row in shown]
        assert told == sorted(told, reverse=ask.order == "newest")


def undertaking(code: str, what: What, day: str) -> Undertaking:
    """One row of the ledger."""
    name = f"{code}-{what}-{day}".lower()
    return Undertaking(
        government=code, name=GOVERNMENTS[code], what=what, happening=name, claim=name,
        kind="policy_statement", treaty="APMBC", occurred_on=day, day=date.fromisoformat(day),
        status="accepted", summary="=1+1", claims=(name,), answers=(),
    )  # fmt: skip


def test_deadlines_say_what_states_them() -> None:
    """Of every clock the page says its date, its basis and whether a claim gives it; those without
    a date stand last, and the filter by basis parts them."""
    page = clocked(DeadlinesAsk())
    poland = next(row for row in page.rows if row.government == "POL")
    assert (poland.on, poland.days, poland.confirmed) == (date(2026, 2, 20), 1, True)
    assert (poland.basis, poland.counted_from) == ("stated by a claim", date(2025, 8, 20))
    assert [row.on is None for row in page.rows] == sorted(row.on is None for row in page.rows)
    stated, reckoned = (clocked(DeadlinesAsk(confirmed=answer)) for answer in ("yes", "no"))
    assert stated.total + reckoned.total == page.total
    assert all(row.basis == "stated by a claim" for row in stated.rows)
    assert not any(row.confirmed for row in reckoned.rows)
    longer = [row for row in reckoned.rows if row.on is None and row.claim]
    assert {(row.basis, row.counted_from) for row in longer} == {("stated by a claim", None)}
    assert {"every year on the same day"} <= {row.basis for row in reckoned.rows}
    latest = [row.on for row in clocked(DeadlinesAsk(order="latest")).rows if row.on]
    assert latest == sorted(latest, reverse=True)


def test_deadlines_stand_by_how_near_they_are() -> None:
    """Every clock stands once, under the name of the time that it is in; by government there are no
    such names."""
    page = clocked(DeadlinesAsk())
    assert [band for band, _rows in page.banded] == [
        "Date passed",
        "Within a year",
        "Later",
        "No date",
    ]
    assert [row for _band, rows in page.banded for row in rows] == list(page.rows)
    for band, rows in page.banded:
        for row in rows:
            nearest = "Within a year" if (row.days or 0) <= 365 else "Later"
            expected = "No date" if row.days is None else "Date passed" if row.days < 0 else nearest
            assert band == expected
    ((name, rows),) = clocked(DeadlinesAsk(order="government")).banded
    assert (name, len(rows)) == ("", page.total)


def test_words_given_and_answers_stand_apart() -> None:
    """Each row is a word given or an answer, in the order of the list; beside it stands where its
    government is by the treaty on that day."""
    rows = [
        undertaking(code, what, f"2025-0{month}-01")
        for month in (1, 2)
        for code in ("FIN", "NOR")
        for what in ("commitment", "response")
    ]
    given, answered = ([r for r in rows if r.what == what] for what in ("commitment", "response"))
    found = undertaken(rows, on=EVE, known_at="seq:1")
    some = excerpt_of(found, UndertakenAsk(), ROWS_SHOWN_MAX, place_of_government)
    around = frame("Commitments", "/commitments")
    page = commitments_page(around, some, ask=UndertakenAsk(), statuses={"FIN": "former_party"})
    assert {row.claim for row in page.given} == {row.claim for row in given}
    assert {row.claim for row in page.answered} == {row.claim for row in answered}
    assert [row.claim for row in page.given] == [r.claim for r in page.rows if not r.is_response]
    assert {(row.government, row.standing) for row in page.rows} == {
        ("FIN", "former_party"),
        ("NOR", None),
    }


def test_a_list_goes_out_in_every_form_with_the_same_rows() -> None:
    """Workbook, CSV, JSON Lines and JSON hold the same cells; what looks like a formula is text."""
    row = undertaking("FIN", "commitment", "2025-01-01")
    whole = undertaken([row], on=EVE, known_at="seq:1")
    found = excerpt_of(whole, UndertakenAsk(), ROWS_MAX, place_of_government)
    sheet = commitments_sheet(found, frame("Commitments", "/commitments"))
    files = {form: download(sheet, form).body for form in FORMATS}
    (line,) = csv.DictReader(io.StringIO(files["csv"].decode()))
    said = json.loads(files["jsonl"])
    assert json.loads(files["json"])["rows"] == [said]
    assert {k: v.removeprefix("'") for k, v in line.items()} == said
    book = zipfile.ZipFile(io.BytesIO(files["xlsx"]))
    cells = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in cells
    shared = book.read("xl/sharedStrings.xml").decode()
    assert all(f">{value}<" in shared for value in said.values() if value)


def test_the_map_of_a_day_before_the_treaty_shows_that_nobody_was_bound() -> None:
    """The chart of states bound begins on the day shown where that is before the treaty."""
    page = mapped(on=date(1998, 1, 1))
    assert page.bound == ((date(1998, 1, 1), 0),)
    assert "0 on 1 Jan 1998" in render(page)


def test_what_is_expected_in_years_far_ahead_stretches_no_chart() -> None:
    """A day in the last year of the calendar is told in lists, and the chart of Today ends as
    soon as without it."""
    on = date(2026, 2, 19)
    soon = Standing(status="acceding", deposited_on=on, in_force_on=date(2026, 8, 1))
    far = Standing(status="acceding", deposited_on=on, in_force_on=date.max)
    drawn = bound_steps({"FIN": soon, "EST": far}, on)
    assert [step.joined for step in drawn.steps] == [("Finland",)]
    assert drawn.until == date(2026, 9, 30)


def test_only_states_are_counted_as_objecting() -> None:
    """Six states object to Ukraine's suspension; the Federal Council that decided it for
    Switzerland is no seventh."""
    said = sentence_text(criticism(MatrixAsk()).lead)
    assert "6 of them lodged objections with the depositary." in said


def test_the_matrix_counts_joint_statements_it_has_no_room_for() -> None:
    """How many critics are on record, how many of a kind are further down, and which kinds there
    are to choose from is told of all, and not of the rows that are shown."""
    whole, ask = matrix("one"), MatrixAsk(joint="one")
    choice = msgspec.structs.replace(choice_of(ask), rows_max=1)
    few = matrix_page(frame("Criticism", "/"), excerpt_of_matrix(whole, "", choice), {}, ask=ask,
                      opened=None)  # fmt: skip
    shown = sum(len(group.rows) for group in few.groups)
    assert few.more_critics > 0
    assert shown + few.more_critics == len(whole.critics)
    assert f"{len(whole.critics)} speakers are on record" in sentence_text(few.lead)
    assert few.voices == criticism(ask).voices


def test_numbers_of_a_plan_are_told_with_what_they_count() -> None:
    """What is made, planned and needed are three numbers and no range."""
    plans = {plan.claim: plan.quantity for plan in moved(TransfersAsk()).plans}
    (told,) = [quantity for quantity in plans.values() if "needed" in quantity]
    assert told == "100,000 a year now; 1,200,000 a year planned; 5,000,000–6,000,000 needed"


def test_what_sources_differ_on_is_told_as_alternatives() -> None:
    """The day of Poland's vote reads as one day or the other, under the name of its field."""
    vote = next(v.claim for v in chronology.versions() if v.claim.id == "pol-2025-sejm-vote")
    disputed = dict(details_in_words(vote.details))["Disputed"]
    assert " or " in disputed
    assert "values" not in disputed


def test_deadlines_go_into_a_calendar() -> None:
    """Each clock with a date is one event of a whole day, tentative unless a claim states it, in
    lines of at most 75 bytes; a clock without a date is left out."""
    found = running_clocks(
        [v.facts for v in chronology.versions()], chronology.versions(), on=EVE, known_at="seq:412"
    )
    file = deadlines_calendar(found, DeadlinesAsk())
    lines = file.body.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = file.body.decode().replace("\r\n ", "")
    assert whole.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    events = whole.split("BEGIN:VEVENT\r\n")[1:]
    assert len(events) == sum(d.on is not None for d in found.deadlines)
    (poland,) = [event for event in events if "UID:APMBC-POL-withdrawal" in event]
    assert "DTSTART;VALUE=DATE:20260220\r\n" in poland
    assert "SUMMARY:Poland: Withdrawal takes effect\r\n" in poland
    assert "STATUS:CONFIRMED\r\n" in poland
    assert "DESCRIPTION:Mine Ban Treaty\\, Art. 20(3). Stated by a claim" in poland
    assert "STATUS:TENTATIVE\r\n" in whole
    assert len({line for line in whole.split("\r\n") if line.startswith("UID:")}) == len(events)


def test_long_tables_of_transfers_say_how_many_more_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of transfers, of sums and of plans the page shows so many, and tells of how many more."""
    whole = moved(TransfersAsk())
    monkeypatch.setattr(transfers_model, "ROWS_MAX", 1)
    page = moved(TransfersAsk())
    assert (page.rows, page.totals, page.plans) == (
        whole.rows[:1],
        whole.totals[:1],
        whole.plans[:1],
    )
    assert (page.more, page.more_totals, page.more_plans) == (
        len(whole.rows) - 1,
        len(whole.totals) - 1,
        len(whole.plans) - 1,
    )
    assert f"{page.more_totals} further sum" in render(page)


@pytest.mark.parametrize(
    ("code", "on", "begins", "opens_late"),
    [
        ("FIN", date(2026, 11, 26), date(2025, 3, 2), False),
        ("FIN", date(2025, 7, 10), date(2024, 5, 16), True),
        ("DEU", date(2026, 11, 26), date(2025, 10, 2), False),
        ("FIN", date(2031, 1, 1), date(2029, 11, 7), False),
    ],
)
def test_a_timeline_begins_before_the_first_step_of_leaving(
    code: str, on: date, begins: date, opens_late: bool
) -> None:
    """It reaches back fourteen months, or three years at most to show a leaving whole; a narrow
    screen begins at its end only where something lies there."""
    timeline = government(code, on).timeline
    assert (timeline.start, timeline.opens_late) == (begins, opens_late)


def test_a_number_differs_because_of_what_may_enter_it() -> None:
    """Between 26 and 27 Dec 2025 three states left: that moved their Erosion; their Pressure only
    faded, and no step of leaving is named as why."""
    rows = {
        (row.code, row.measure): row
        for row in differing(date(2025, 12, 27), date(2025, 12, 26)).scores
    }
    for code in ("EST", "LVA", "LTU"):
        assert rows[code, "erosion"].because
        assert rows[code, "pressure"].because == ()


def test_a_source_without_a_title_begins_with_its_date() -> None:
    """No comma stands where nothing comes before it."""
    page = claim("fin-apmbc-withdrawal-effective")
    untitled = msgspec.structs.replace(page.sources[0], title="", published_on="2026-01-11")
    html = render(msgspec.structs.replace(page, sources=(untitled,)))
    assert ">11 Jan 2026" in html.replace("</span>", ">")
    assert ", 11 Jan 2026" not in html
