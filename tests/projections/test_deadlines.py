"""The clocks that run: of every treaty, soonest first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.claims import Status
from domain.clocks import HEAD
from domain.events import Recorded
from projections.deadlines import Deadline, Deadlines, Duties, running_clocks, told_of_duties
from projections.histories import Version, believed, fold_all
from tests.histories import histories
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.told import believed_now, shipped


def clocks(day: str) -> Deadlines:
    """What runs on a day, over the shipped record."""
    return of_versions(shipped(), day)


def of_versions(versions: Sequence[Version], day: str) -> Deadlines:
    """What runs on a day, over some versions."""
    facts = [version.facts for version in versions]
    return running_clocks(facts, versions, on=date.fromisoformat(day), known_at="seq:1")


def of(found: Deadlines, government: str, what: str) -> list[Deadline]:
    """The clocks of one government."""
    return [d for d in found.deadlines if (d.government, d.what) == (government, what)]


def test_a_withdrawal_runs_until_it_takes_effect() -> None:
    """Finland's clock ran from 10 July 2025 to 10 January 2026."""
    (one,) = of(clocks("2025-08-01"), "FIN", "withdrawal")
    assert (one.on, one.counted_from, one.article) == (
        date(2026, 1, 10),
        date(2025, 7, 10),
        "Art. 20(3)",
    )
    assert one.basis == "stated by fin-2025-withdrawal-deposited (Art. 20(3))"
    assert one.confirmed
    assert not of(clocks("2026-01-10"), "FIN", "withdrawal")


def test_every_clock_says_on_what_it_rests() -> None:
    """A date that a claim gives is confirmed and names the claim; a reckoned one names its
    article."""
    for day in ("1999-04-01", "2010-06-01", "2025-08-01", "2026-02-19"):
        for one in clocks(day).deadlines:
            assert one.article in one.basis
            assert one.reason != ""
            assert one.confirmed == one.basis.startswith("stated by ")
            assert not one.confirmed or f"stated by {one.claim} (" in one.basis


def test_clocks_of_all_treaties_are_in_one_order() -> None:
    """Soonest first, those without a date last; the yearly report is every party's."""
    found = clocks("2025-08-01")
    days = [d.on or date.max for d in found.deadlines]
    assert days == sorted(days)
    yearly = [d for d in found.deadlines if d.what == "yearly_report"]
    assert [(d.treaty, d.on, d.government) for d in yearly] == [("APMBC", date(2026, 4, 30), None)]
    (disputed,) = of(found, "UKR", "no_exit")
    assert disputed.on is None
    assert disputed.state == "disputed"


def test_nothing_runs_where_nothing_is_known() -> None:
    """Without claims no clock runs."""
    assert not running_clocks([], [], on=date(2025, 8, 1), known_at="seq:0").deadlines


JOINED: dict[str, Any] = {
    "id": "joined",
    "kind": "state_joined",
    "occurred_on": "2012-03-15",
    "actors": [{"kind": "state", "code": "FIN"}],
    "details": {"instrument": "accession"},
}
"""Finland joins: in force on 1 September 2012."""


def about(kind: str, when: str, article: str | None = None, **details: Any) -> dict[str, Any]:
    """A claim about Finland's duties."""
    details |= {} if article is None else {"article": article}
    return {"id": kind, "kind": kind, "occurred_on": when, "details": details}


CLEARANCE = "clearance_deadline_extended"
MISSED = "obligation_deadline_missed"


@pytest.mark.parametrize(
    ("told", "day", "what", "expected"),
    [
        ([], "2015-01-01", "stockpile", (date(2016, 9, 1), "Art. 4", "computed")),
        ([], "2015-01-01", "clearance", (date(2022, 9, 1), "Art. 5(1)", "computed")),
        ([], "2023-01-01", "clearance", None),
        ([about("stockpile_destroyed", "2014-05-01")], "2015-01-01", "stockpile", None),
        ([about("clearance_completed", "2014-05-01")], "2015-01-01", "clearance", None),
        ([about("clearance_completed", "2014-05-01")], "2014-04-30", "clearance", "computed"),
        (
            [about(CLEARANCE, "2021-11-20", deadline="2027-12-31")],
            "2023-01-01",
            "clearance",
            (date(2027, 12, 31), "Art. 5(3)", "extended"),
        ),
        (
            [about(CLEARANCE, "2021-11-20", deadlines={"FIN": "2026", "POL": "2030-01-01"})],
            "2023-01-01",
            "clearance",
            (date(2026, 12, 31), "Art. 5(3)", "extended"),
        ),
        (
            [about(CLEARANCE, "2021-11-20")],
            "2023-01-01",
            "clearance",
            (None, "Art. 5(3)", "extended"),
        ),
        (
            [about(CLEARANCE, "2021-11-20", deadline="2027-12-31")],
            "2028-01-01",
            "clearance",
            (date(2027, 12, 31), "Art. 5(3)", "passed"),
        ),
        (
            [about("meeting_decision", "2021-11-20", "Art. 5(3)", deadline="2027-12-31")],
            "2023-01-01",
            "clearance",
            (date(2027, 12, 31), "Art. 5(3)", "extended"),
        ),
        (
            [about("meeting_decision", "2015-11-20", "Art. 4", deadline="2027-12-31")],
            "2016-01-01",
            "stockpile",
            (date(2016, 9, 1), "Art. 4", "computed"),
        ),
        (
            [about(MISSED, "2016-09-02", "Art. 4", deadline="2016-09-01")],
            "2018-01-01",
            "stockpile",
            (date(2016, 9, 1), "Art. 4", "missed"),
        ),
        ([about(MISSED, "2016-09-02", "Art. 4")], "2015-01-01", "stockpile", "computed"),
        (
            [about(MISSED, "2022-09-02", "Art. 5")],
            "2023-01-01",
            "clearance",
            (date(2022, 9, 1), "Art. 5(1)", "missed"),
        ),
        (
            [about("clarification_requested", "2025-07-24")],
            "2025-08-21",
            "answer",
            (date(2025, 8, 21), "Art. 8(2)", "computed"),
        ),
        ([about("clarification_requested", "2025-07-24")], "2025-08-22", "answer", None),
    ],
)
def test_a_duty_runs_until_it_is_done_extended_or_missed(
    told: list[dict[str, Any]], day: str, what: str, expected: Any
) -> None:
    """Article 4 allows no more time, Article 5 does; a request under Article 8 has 28 days."""
    found = of(of_versions(believed_now(JOINED, *told), day), "FIN", what)
    if expected is None:
        assert found == []
        return
    (one,) = found
    told_by = one.claim is not None
    if isinstance(expected, str):
        assert one.state == expected
    else:
        assert (one.on, one.article, one.state) == expected
        assert told_by == (one.state != "computed" or what == "answer")


@pytest.mark.parametrize(
    ("told", "day", "what", "confirmed", "basis"),
    [
        (
            [about(CLEARANCE, "2021-11-20", deadline="2027-12-31")],
            "2028-01-01",
            "clearance",
            True,
            "stated by clearance_deadline_extended (Art. 5(3))",
        ),
        (
            [about(CLEARANCE, "2021-11-20")],
            "2023-01-01",
            "clearance",
            False,
            "no day stated by clearance_deadline_extended (Art. 5(3))",
        ),
        (
            [about(MISSED, "2016-09-02", "Art. 4")],
            "2018-01-01",
            "stockpile",
            False,
            "as long after entry into force as the treaty gives for destroying stocks,"
            " counted from 2012-09-01 (Art. 4)",
        ),
        (
            [about("clarification_requested", "2025-07-24", answer_due="2025-09-01")],
            "2025-08-21",
            "answer",
            True,
            "stated by clarification_requested (Art. 8(2))",
        ),
    ],
)
def test_a_date_is_confirmed_where_a_claim_states_it_and_nowhere_else(
    told: list[dict[str, Any]], day: str, what: str, confirmed: bool, basis: str
) -> None:
    """A stated day stays stated once it has passed; a claim that names no day confirms none."""
    (one,) = of(of_versions(believed_now(JOINED, *told), day), "FIN", what)
    assert (one.confirmed, one.basis) == (confirmed, basis)


def test_who_rejoins_begins_anew_with_what_it_must_do() -> None:
    """More time that was given before a state left is no more time of its second membership."""
    left = {"id": "left", "kind": "withdrawal_effective", "occurred_on": "2022-01-10"}
    again = JOINED | {"id": "again", "occurred_on": "2024-03-15"}
    more = about(CLEARANCE, "2021-11-20", deadline="2027-12-31")
    held = of_versions(believed_now(JOINED, more, left, again), "2025-01-01")
    (one,) = of(held, "FIN", "clearance")
    assert (one.on, one.state, one.article) == (date(2034, 9, 1), "computed", "Art. 5(1)")


def test_the_cluster_convention_gives_eight_years_and_more_time() -> None:
    """Article 3 of the CCM: eight years, extended by a decision of a meeting."""
    joined = JOINED | {"treaty": "CCM"}
    (plain,) = of(of_versions(believed_now(joined), "2015-01-01"), "FIN", "stockpile")
    assert (plain.on, plain.article, plain.treaty) == (date(2020, 9, 1), "Art. 3(2)", "CCM")
    more = about("meeting_decision", "2019-09-01", "Art. 3(3)", deadline="2024-09-01")
    later = of_versions(believed_now(joined, more | {"treaty": "CCM"}), "2021-01-01")
    (extended,) = of(later, "FIN", "stockpile")
    assert (extended.on, extended.article) == (date(2024, 9, 1), "Art. 3(3)")


def test_duties_end_with_the_treaty() -> None:
    """Who has left has no clock left, and who is not bound yet has none."""
    left = {"id": "left", "kind": "withdrawal_instrument_deposited", "occurred_on": "2014-01-10"}
    held = believed_now(JOINED, left)
    assert of(of_versions(held, "2014-07-09"), "FIN", "clearance")
    assert not of(of_versions(held, "2014-07-10"), "FIN", "clearance")
    assert not of(of_versions(held, "2012-08-31"), "FIN", "clearance")


def test_the_shipped_record_tells_of_what_was_missed_and_asked() -> None:
    """Three missed the deadline of 1 March 2008; Cambodia was to answer Thailand by 21 August
    2025."""
    assert [of(clocks("2009-01-01"), c, "stockpile")[0].state for c in ("BLR", "GRC", "TUR")] == [
        "missed"
    ] * 3
    assert date(2025, 8, 21) in [d.on for d in of(clocks("2025-08-01"), "KHM", "answer")]


@settings(max_examples=30, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_duties_at_hand_say_what_the_believed_claims_say(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Brought up to date batch by batch, on any day."""
    duties, before = Duties(), dict[str, Version]()
    for end in sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=3)) | {len(events)}):
        now = {v.claim.id: v for v in believed(fold_all(events[:end]), HEAD)}
        assert duties.take([v for c, v in now.items() if v != before.get(c)], end)
        before = now
        on = data.draw(st.sampled_from(ONS))
        held = sorted(now.values(), key=lambda v: v.recorded_position)
        happened = [v for v in held if v.claim.date.representative_day <= on]
        wanted = told_of_duties(happened)
        for some in wanted.values():
            some.sort(key=lambda told: (told.day, told.position))
        assert duties.told(on) == wanted


@pytest.mark.parametrize("status", ["retracted", "pending", "refuted"])
def test_a_duty_at_hand_goes_with_the_claim_that_told_of_it(status: Status) -> None:
    """Also where it was asked for before, and comes back with it."""
    missed = {"kind": "obligation_deadline_missed", "details": {"article": "4"}}
    (version,) = believed_now(missed)
    duties = Duties()
    for one, told in ((version, 1), (replace(version, status=status), 0), (version, 1)):
        duties.take([one], duties.through + 1)
        assert len(duties.told(date.max)) == told


def test_a_stated_day_of_leaving_or_joining_is_confirmed() -> None:
    """The day in the depositary's notification is no longer reckoned; armed conflict puts it in
    question again, and where no claim states it, it is reckoned."""
    received = {
        "id": "deposit",
        "kind": "withdrawal_instrument_deposited",
        "occurred_on": "2025-07-10",
    }
    deposit = received | {"details": {"effective_date": "2026-01-12"}}
    war = {"id": "war", "kind": "armed_conflict_engagement_reported", "occurred_on": "2025-09-01"}
    joining = JOINED | {
        "id": "joining",
        "occurred_on": "2025-07-01",
        "details": {"entry_into_force": "2026-02-01"},
    }
    told = ((JOINED, deposit), (joining,), (JOINED, deposit, war))
    (leaves,), (enters,), (held,) = (
        of(of_versions(believed_now(*some), "2025-10-01"), "FIN", what)
        for some, what in zip(told, ("withdrawal", "entry_into_force", "withdrawal"), strict=True)
    )
    assert (leaves.on, leaves.confirmed) == (date(2026, 1, 12), True)
    assert leaves.basis == "stated by deposit (Art. 20(3))"
    assert leaves.claim == "deposit"
    assert (enters.on, enters.confirmed, enters.claim) == (date(2026, 2, 1), True, "joining")
    assert (held.on, held.confirmed, held.claim) == (None, False, None)
    (reckoned,) = of(of_versions(believed_now(JOINED, received), "2025-10-01"), "FIN", "withdrawal")
    assert not reckoned.confirmed
    assert reckoned.basis == (
        "six months after the depositary received the instrument, counted from 2025-07-10"
        " (Art. 20(3))"
    )
