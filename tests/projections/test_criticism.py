"""The matrix of critics and governments: what counts as criticism, voices, silence and sums."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alliances import read_alliances
from domain.circles import Circles, read_regions
from domain.clocks import HEAD
from domain.errors import InvalidQuestion
from domain.facts import COUNTED
from domain.kinds import DETAILS_OF
from domain.numbers import CRITICAL_KINDS, criticism
from infra.shipped import alliances as shipped_alliances
from infra.shipped import regions as shipped_regions
from projections.criticism import JOINTS, Cell, CriticismMatrix, criticism_matrix, read_joint
from projections.histories import believed, fold_all
from projections.silence import Among, read_among
from tests.domain.made import WEIGHTS, fact
from tests.histories import GOVERNMENTS, histories
from tests.projections.told import believed_now, shipped

ON = date(2026, 1, 20)
CIRCLES = Circles(read_alliances(shipped_alliances()), read_regions(shipped_regions()))


def matrix(*claims: Any, same: Any = (), on: date = ON, **asked: Any) -> CriticismMatrix:
    """The matrix of some claims."""
    held = believed_now(*claims, same=same)
    return criticism_matrix(held, on=on, known_at="seq:1", weights=WEIGHTS, **asked)


def cell(found: CriticismMatrix, critic: str, target: str) -> Cell:
    """The one cell of a critic and a target."""
    (one,) = [c for c in found.cells if (c.critic, c.target) == (critic, target)]
    return one


@pytest.mark.parametrize("order", [("asked", "objected"), ("objected", "asked")])
def test_of_instruments_of_equal_weight_the_first_of_the_table_is_the_strongest(
    order: tuple[str, str],
) -> None:
    """An objection and a request for clarification weigh the same: whichever was recorded first,
    the cell is told by the objection, as the table tries it first, however it is reckoned."""
    kinds = {"asked": "clarification_requested", "objected": "objection_lodged"}
    claims = [{"id": name, "kind": kinds[name], "occurred_on": "2025-04-01"} for name in order]
    assert cell(matrix(*claims), "state:NOR", "FIN").strongest == "objection"


def test_a_cell_counts_happenings_and_knows_the_last() -> None:
    """Reports of one statement count once; the last statement and the strongest instrument
    show."""
    found = matrix(
        {"id": "a", "occurred_on": "2025-04-02"},
        {"id": "b", "occurred_on": "2025-04-03"},
        {"id": "c", "kind": "objection_lodged", "occurred_on": "2025-04-01"},
        {"id": "d", "occurred_on": "2025-06", "details": {"signatories": 42}},
        same=[("a", "b")],
    )
    assert found.cells == (
        Cell(
            critic="state:NOR",
            target="FIN",
            count=3,
            joint=1,
            single=2,
            claims=4,
            latest_on="2025-06",
            latest_claim="d",
            strongest="objection",
        ),
    )
    (critic,), (target,) = found.critics, found.targets
    assert (critic.name, critic.code, critic.targets) == ("Norway", "NOR", 1)
    assert (target.name, target.critics, target.count, target.unnamed) == ("Finland", 1, 3, 1)
    assert target.silent is None


def test_a_minister_beside_a_state_speaks_for_it() -> None:
    """An institution with its speaker is one voice; two institutions, or two people, are joint."""
    minister = {"kind": "individual", "name": "Espen Barth Eide"}
    other = {"kind": "individual", "name": "Jody Williams"}
    ngo, state = {"kind": "ngo", "name": "ICBL"}, {"kind": "state", "code": "NOR"}
    for actors, joint in [
        ([state, minister], 0),
        ([minister], 0),
        ([minister, other], 1),
        ([state, ngo], 1),
    ]:
        found = matrix({"actors": actors})
        assert {c.joint for c in found.cells} == {joint}
        assert len(found.cells) == len(actors)


def test_what_criticises_nobody_is_not_in_the_matrix() -> None:
    """Backing, an open letter of thanks, what is not counted and what comes later stay out."""
    thanks = {"kind": "open_letter", "details": {"stance": "supports_norm"}}
    later = {"occurred_on": "2025-12-27"}
    assert not matrix(
        thanks,
        {"details": {"stance": "opposes_norm"}},
        {"status": "refuted"},
        {"status": "pending"},
        later,
        on=date(2025, 12, 1),
    ).targets
    assert matrix(later, {"status": "contested"}).cells[0].count == 2
    assert matrix({"sources": [{"publisher": "a blog", "reliability": "F"}]}).cells


def test_silence_is_asked_of_a_list() -> None:
    """Who is on the list and no critic of a government is silent on it; nobody is silent on
    itself."""
    found = matrix({}, {"targets": ["POL"]}, {"actors": [{"kind": "ngo", "name": "ICBL"}]},
                   among=Among(codes=("POL", "NOR", "FIN", "EST", "EST")))  # fmt: skip
    assert found.among == ("EST", "FIN", "NOR", "POL")
    assert {t.government: t.silent for t in found.targets} == {
        "FIN": ("EST", "POL"),
        "POL": ("EST", "FIN"),
    }


def test_silence_is_asked_of_an_alliance_as_of_the_day() -> None:
    """Sweden is asked as a member of NATO from 7 March 2024 on, and not the day before."""
    for day, is_asked in ((date(2024, 3, 6), False), (date(2024, 3, 7), True)):
        found = criticism_matrix(
            believed_now({"occurred_on": "2024-01-10"}), on=day, known_at="seq:1",
            weights=WEIGHTS, among=Among(alliances=("NATO",)), circles=CIRCLES,
        )  # fmt: skip
        assert ("SWE" in (found.among or ())) == is_asked
        (finland,) = found.targets
        assert finland.silent is not None
        assert ("SWE" in finland.silent) == is_asked
        assert "NOR" not in finland.silent
        assert finland.asked == len(found.among or ()) - 1
        assert found.alliances == ("NATO",)


def test_allies_are_those_of_each_government_criticised() -> None:
    """Who stands in an alliance with Poland is asked about Poland, and nobody about Norway's
    neighbour outside of any; itself, and who spoke, are never silent."""
    found = matrix({"targets": ["POL", "UKR"]}, among=Among(allies=True), circles=CIRCLES)
    poland, ukraine = found.targets
    assert poland.shared == ("EU", "NATO")
    assert poland.silent is not None
    assert {"FRA", "AUT", "USA"} <= set(poland.silent)
    assert not {"POL", "NOR", "CHE"} & set(poland.silent)
    assert (ukraine.shared, ukraine.silent, ukraine.asked) == ((), (), 0)


def test_silence_is_asked_of_a_region() -> None:
    """Of a region by its name, or of each government's own; who spoke is not silent, and a voice of
    a joint statement has spoken even where joint statements are left out."""
    found = matrix({"targets": ["POL"]}, among=Among(regions=("northern-europe",)),
                   circles=CIRCLES)  # fmt: skip
    (poland,) = found.targets
    assert found.regions == ("northern-europe",)
    assert (poland.asked, poland.shared) == (10, ())
    assert poland.silent is not None
    assert {"EST", "SWE"} <= set(poland.silent)
    assert "NOR" not in poland.silent
    both = {"actors": [{"kind": "state", "code": "NOR"}, {"kind": "state", "code": "EST"}]}
    (finland,) = matrix({}, both, among=Among(region=True), circles=CIRCLES, joint="off").targets
    assert (finland.shared, finland.asked) == (("northern-europe",), 9)
    assert finland.silent == ("DNK", "GBR", "IRL", "ISL", "LTU", "LVA", "SWE")


def test_a_joint_statement_is_told_as_asked() -> None:
    """In the row of each voice, in one row named after the first, alone, or not at all."""
    both = {
        "id": "both",
        "actors": [{"kind": "state", "code": "NOR"}, {"kind": "state", "code": "CHE"}],
        "details": {"signatories": 42},
    }
    told = {
        joint: {c.critic: (c.joint, c.single) for c in matrix({}, both, joint=joint).cells}
        for joint in JOINTS
    }
    assert told == {
        "each": {"state:NOR": (1, 1), "state:CHE": (1, 0)},
        "one": {"joint:both": (1, 0), "state:NOR": (0, 1)},
        "only": {"state:NOR": (1, 0), "state:CHE": (1, 0)},
        "off": {"state:NOR": (0, 1)},
    }
    row = matrix(both, joint="one").critics[0]
    assert (row.name, row.kind, row.signatories) == ("Norway", "state", 42)
    assert row.voices == ("state:CHE", "state:NOR")
    assert [read_joint(word) for word in (None, "one")] == ["each", "one"]
    with pytest.raises(InvalidQuestion, match="each, one, only, off"):
        read_joint("some")


def test_a_list_of_governments_is_read() -> None:
    """Codes parted by commas; none is no list, and codes that are none are refused."""
    assert read_among("EST, lva") == Among(codes=("EST", "LVA"))
    assert read_among("NATO,CHE,allies", CIRCLES) == Among(
        codes=("CHE",), alliances=("NATO",), allies=True
    )
    assert read_among("northern-europe,region", CIRCLES) == Among(
        regions=("northern-europe",), region=True
    )
    assert read_among(None) is None
    for text in ("", "EST,XXX", "NATO", ",".join(["EST"] * 251)):
        with pytest.raises(InvalidQuestion, match="parted by commas"):
            read_among(text)


def test_the_shipped_record_names_critics() -> None:
    """Norway criticised Finland, and the coalition's statements are in their rows."""
    found = criticism_matrix(shipped(), on=date(2026, 2, 19), known_at="seq:1", weights=WEIGHTS)
    assert cell(found, "state:NOR", "LTU").count >= 1
    assert {"FIN", "USA"} <= {t.government for t in found.targets}


@pytest.mark.parametrize("kind", sorted(DETAILS_OF))
def test_only_critical_kinds_criticise(kind: str) -> None:
    """A claim of another kind is no instrument, whatever it says of itself; one of these may be."""
    plain = fact(kind, "2025-04-02")
    forms = [
        msgspec.structs.replace(plain, stance=stance, forum=forum, strength="condemnation")
        for stance in (None, "critical")
        for forum in (None, "un")
    ]
    found = [criticism(form, WEIGHTS) for form in forms]
    assert any(row is not None for row in found) == (kind in CRITICAL_KINDS)


@settings(max_examples=80, deadline=None)
@given(events=histories(), data=st.data())
def test_cells_add_up(events: list[Any], data: st.DataObject) -> None:
    """The claims of all cells are the (claim, critic, target) triples of the record, and their
    counts its (happening, critic, target) triples, in whatever order it is read; what is told of
    joint statements alone, and without them, is together what is told of all; and silence is told
    of a matrix at hand as it is when asked about."""
    held = believed(fold_all(events), HEAD)
    triples = [
        (v.claim.id, v.happening, actor, target)
        for v in held
        if v.status in COUNTED and criticism(v.facts, WEIGHTS) is not None
        for actor in {a.key for a in v.claim.actors}
        for target in v.claim.targets
    ]
    found = criticism_matrix(held, on=ON, known_at="", weights=WEIGHTS)
    assert sum(c.claims for c in found.cells) == len(triples)
    assert sum(c.count for c in found.cells) == len({t[1:] for t in triples})
    assert all(c.joint + c.single == c.count for c in found.cells)
    told = {j: criticism_matrix(held, on=ON, known_at="", weights=WEIGHTS, joint=j) for j in JOINTS}
    only, off = ({(c.critic, c.target): c.count for c in told[j].cells} for j in ("only", "off"))
    assert {(c.critic, c.target): (c.joint, c.single) for c in found.cells} == {
        pair: (only.get(pair, 0), off.get(pair, 0)) for pair in {*only, *off}
    }
    alone = {(c.critic, c.target): c.count for c in told["one"].cells if c.single}
    assert alone == off
    again = criticism_matrix(data.draw(st.permutations(held)), on=ON, known_at="", weights=WEIGHTS)
    assert again == found
    codes = tuple(sorted(data.draw(st.sets(st.sampled_from(GOVERNMENTS), min_size=1))))
    asked = criticism_matrix(held, on=ON, known_at="", weights=WEIGHTS, among=Among(codes=codes))
    silent = {t.government: set(t.silent or ()) for t in asked.targets}
    spoke = {(actor, target) for _, _, actor, target in triples}
    assert silent == {
        t.government: {c for c in codes if c != t.government}
        - {c for c in codes if (f"state:{c}", t.government) in spoke}
        for t in found.targets
    }
    speakers = tuple(c.code for c in found.critics if c.code is not None)
    heard = criticism_matrix(held, on=ON, known_at="", weights=WEIGHTS, among=Among(speakers=True))
    by_name = Among(codes=speakers) if speakers else None
    assert heard == criticism_matrix(held, on=ON, known_at="", weights=WEIGHTS, among=by_name)
