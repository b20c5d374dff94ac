"""The page that opens a number: its terms add up, files hold the same; no store is asked."""

import csv
import io

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.events import Recorded
from projections.dossier import MEASURES
from projections.histories import believed, fold_all
from services.dashboard.charts.figures import Measure
from services.dashboard.formats import sentence_text
from services.dashboard.models import supposing, what_if
from services.dashboard.models.explain import terms_sheet
from services.dashboard.render import render
from services.dashboard.sheets import Sheet, download
from services.intake.sheets.cells import FORMULA
from tests import chronology
from tests.projections.columnar.dense import dense
from tests.projections.columnar.numbers.test_figures import ONS
from tests.services.dashboard.markup import Markup
from tests.services.dashboard.samples import EVE
from tests.services.dashboard.screens import NAMES, explained


@pytest.mark.parametrize("measure", NAMES)
@pytest.mark.parametrize("code", ["POL", "FIN", "UKR", "RUS", "TON"])
def test_the_bars_end_where_the_headline_stands(code: str, measure: Measure) -> None:
    """Each bar starts where the one above ends, and the last one ends at the score."""
    page = explained(code, measure)
    at = 0.0
    for row in page.rows:
        assert row.start == pytest.approx(at)
        assert row.points > 0
        at += row.points
    assert at + page.more_points == pytest.approx(page.now.score)
    assert Markup(render(page)).text("h1")


def test_the_lead_names_the_heaviest_statement_and_the_interval() -> None:
    """The first sentence says how many count, which weighs most, and how wide the doubt is."""
    page = explained("POL", "pressure")
    said = sentence_text(page.lead)
    assert said.startswith(f"{len(page.rows)} statements count. The one that weighs most, of 5 Dec")
    assert "From what is beyond doubt to what may be true:" in said


def test_an_order_moves_rows_and_changes_no_point() -> None:
    """By day or by kind the same terms stand with the same points."""
    by_points, by_day = explained("POL", "pressure"), explained("POL", "pressure", "day")
    assert [row.points for row in by_points.rows] == sorted(
        (row.points for row in by_points.rows), reverse=True
    )
    assert {(r.claim, r.points) for r in by_day.rows} == {
        (r.claim, r.points) for r in by_points.rows
    }
    assert by_day.rows != by_points.rows


def test_what_is_left_out_says_why_and_is_no_bar() -> None:
    """A statement without a source of grade A to C is read, and told beside the terms."""
    page = explained("POL", "pressure")
    out = {row.claim: row.reason for row in page.left_out}
    assert any("no source of reliability A, B or C" in reason for reason in out.values())
    assert not out.keys() & {row.claim for row in page.rows}


def test_the_changes_that_would_move_it_most_stand_first() -> None:
    """Each is the formula over other facts; withdrawing the heaviest statement lowers the score."""
    page = explained("POL", "pressure")
    *tried, quiet = page.scenarios
    assert [case.moves for case in tried] == sorted((c.moves for c in tried), reverse=True)
    without = next(
        c for c in tried if c.what.startswith("Withdrawn") and c.claim == page.rows[0].claim
    )
    assert without.now.score < page.now.score - 10
    assert quiet.what == "Nothing new until 20 Aug 2026"
    assert quiet.now.score < page.now.score


def test_own_weights_are_told_to_be_unofficial() -> None:
    """With other weights the page shows both numbers; a value that is none changes nothing."""
    page = explained("POL", "pressure", w_forum_statement="0", a_io="0")
    assert page.official is not None
    assert page.now.score < page.official.score
    assert "not official" in Markup(render(page)).html
    assert explained("POL", "pressure", w_forum_statement="-3", a_io="much").official is None


def test_the_file_holds_every_term_of_the_page_in_its_order() -> None:
    """CSV and JSON list the same records with the same points, then what is not counted."""
    versions = chronology.versions(government="POL")
    facts = [v.facts for v in versions]
    page = explained("POL", "pressure", "day")
    found = MEASURES["pressure"](facts, "POL", EVE, chronology.weights())
    sheet = terms_sheet(page, found, facts)
    rows = list(csv.DictReader(io.StringIO(download(sheet, "csv").body.decode())))
    counted = [row for row in rows if not row["not_counted"]]
    assert [row["claim"] for row in counted] == [row.claim for row in page.rows]
    assert sum(float(row["points"]) for row in counted) == pytest.approx(page.now.score)
    told = msgspec.json.decode(download(sheet, "json").body)
    assert [row["claim"] for row in told["rows"]] == [row["claim"] for row in rows]
    assert (told["government"], told["known_at"]) == ("POL", "seq:412")


def test_a_cell_is_never_a_formula() -> None:
    """Text that a spreadsheet would run is marked as text; numbers stay numbers."""
    sheet = Sheet(name="x", columns=("a", "b"), rows=[("=1+1", -2)])
    assert download(sheet, "csv").body == b"a,b\r\n'=1+1,-2\r\n"
    for begins in FORMULA:
        wide = Sheet(name="x", columns=("a",), rows=[(f"{begins}1",)])
        (row,) = csv.DictReader(io.StringIO(download(wide, "csv").body.decode(), newline=""))
        assert row["a"] == f"'{begins}1"


@pytest.mark.parametrize("measure", NAMES)
def test_what_cannot_enter_a_number_changes_no_scenario(
    measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would move a number is told from the facts that may enter it as from all of them."""
    weights = chronology.weights()

    def told(code: str) -> list[what_if.Scenario]:
        facts = [v.facts for v in chronology.versions(government=code)]
        found = MEASURES[measure](facts, code, EVE, weights)
        return list(what_if.scenarios(measure, code, facts, found, on=EVE, weights=weights))

    monkeypatch.setattr(supposing, "ALL_FACTS_MAX", 10**6)
    few = [told(code) for code in ("FIN", "UKR", "LTU")]
    monkeypatch.setattr(what_if, "_may_enter", lambda *_: True)
    assert few == [told(code) for code in ("FIN", "UKR", "LTU")]
    assert any(len(some) > 1 for some in few)


@settings(max_examples=30, deadline=None)
@given(events=dense(), data=st.data())
def test_what_a_claim_moves_is_told_from_the_facts_beside_it(
    events: list[Recorded], data: st.DataObject
) -> None:
    """The number with a claim changed or withdrawn is what the law gives over all facts."""
    held = believed(fold_all(events), HEAD)
    on = data.draw(st.sampled_from(ONS))
    facts = [v.facts for v in held if "FIN" in v.claim.targets and v.facts.day <= on]
    measure = data.draw(st.sampled_from(("pressure", "backing", "erosion")))
    weights = chronology.weights()
    some = [fact for fact in facts if what_if._may_enter(measure, fact, weights)]
    for fact in facts[:6]:
        better = msgspec.structs.replace(fact, reliabilities=("A",))
        other = data.draw(
            st.sampled_from((None, better, msgspec.structs.replace(fact, status="accepted")))
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(supposing, "ALL_FACTS_MAX", 0)
            found = supposing.Supposing(measure, "FIN", some, on, weights).figure(fact.claim, other)
        changed = [other if one is fact else one for one in facts]
        law = MEASURES[measure]([one for one in changed if one], "FIN", on, weights)
        for name in ("score", "low", "high"):
            assert getattr(found, name) == pytest.approx(getattr(law, name), abs=1e-9)
