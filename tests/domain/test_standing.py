"""What a government is to a treaty on a day: joining, leaving, suspending, and what changes
nothing."""

from datetime import date, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duties import duty_clocks
from domain.facts import Facts
from domain.standing import LEGAL_KINDS, SURPRISES_MAX, Standing, standing_on
from domain.treaties import APMBC, CCM, Duty, Treaty
from tests.domain.made import day, fact

JOINED = fact("state_joined", "2012-01-09")
DEPOSIT = "withdrawal_instrument_deposited"


def standing(*facts: Facts, on: str, code: str = "FIN") -> Standing:
    """The standing of Finland under the Mine Ban Treaty on a day."""
    return standing_on(APMBC, code, facts, day(on))


def test_nobody_has_a_standing_without_an_act() -> None:
    """A government of which nothing is recorded is no party, and nothing more is said of it."""
    assert standing(on="2025-01-01") == Standing()


def test_a_signature_alone_makes_a_signatory() -> None:
    """Who has only signed is a signatory since that day, and not before it."""
    signed = fact("state_signed", "1997-12-04")
    assert standing(signed, on="1997-12-03").status == "not_party"
    found = standing(signed, on="2025-01-01")
    assert (found.status, found.since, found.signed_on) == (
        "signatory", day("1997-12-04"), day("1997-12-04")
    )  # fmt: skip
    assert found.deposited_on is None


def test_joining_binds_from_the_sixth_month() -> None:
    """Between deposit and entry into force a government is acceding."""
    acceding = standing(JOINED, on="2012-06-30")
    assert (acceding.status, acceding.since) == ("acceding", day("2012-01-09"))
    party = standing(JOINED, on="2012-07-01")
    assert (party.status, party.since, party.in_force_on) == (
        "party", day("2012-07-01"), day("2012-07-01")
    )  # fmt: skip


def test_a_succession_reaches_back_to_its_stored_day() -> None:
    """The entry into force that a source states wins over the computed one, also when earlier than
    the deposit."""
    joined = fact("state_joined", "2011-11-11", stated="2011-07-09")
    found = standing(joined, on="2011-11-11")
    assert (found.status, found.since) == ("party", day("2011-07-09"))


def test_a_second_report_of_the_joining_brings_its_stored_day() -> None:
    """Two claims of one joining: the first day of deposit stands, and the stated entry into force
    is taken from whichever states one."""
    again = fact("state_joined", "2012-01-20", stated="2012-07-15")
    found = standing(JOINED, again, on="2013-01-01")
    assert (found.deposited_on, found.in_force_on) == (day("2012-01-09"), day("2012-07-15"))


def test_a_joining_reported_long_after_the_joining_is_a_surprise() -> None:
    """A party cannot join; the claim is recorded and flagged."""
    odd = fact("state_joined", "2020-01-01")
    found = standing(JOINED, odd, on="2021-01-01")
    assert (found.status, found.in_force_on, found.surprises) == (
        "party", day("2012-07-01"), (odd.claim,)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("received", "last_day_in", "first_day_out"),
    [
        ("2025-06-27", "2025-12-26", "2025-12-27"),  # Estonia, Latvia, Lithuania
        ("2025-07-10", "2026-01-09", "2026-01-10"),  # Finland
        ("2025-08-20", "2026-02-19", "2026-02-20"),  # Poland
    ],
)
def test_the_exits_of_2025_and_2026(received: str, last_day_in: str, first_day_out: str) -> None:
    """Six months after the depositary received the instrument, to the day."""
    left = fact(DEPOSIT, received)
    before = standing(JOINED, left, on=(day(received) - timedelta(days=1)).isoformat())
    assert (before.status, before.expected_on) == ("party", None)
    leaving = standing(JOINED, left, on=last_day_in)
    assert (leaving.status, leaving.stage, leaving.since) == ("leaving", "deposit", day(received))
    assert (leaving.expected_on, leaving.confirmed) == (day(first_day_out), False)
    former = standing(JOINED, left, on=first_day_out)
    assert (former.status, former.stage) == ("former_party", "in_effect")
    assert (former.since, former.confirmed) == (day(first_day_out), False)


def test_a_passed_date_is_unconfirmed_until_somebody_says_so() -> None:
    """An accepted claim that the withdrawal took effect confirms it; a contested one does not."""
    left = fact(DEPOSIT, "2025-07-10")
    effective = fact("withdrawal_effective", "2026-01-10")
    assert standing(JOINED, left, effective, on="2026-02-01").confirmed is True
    doubtful = fact("withdrawal_effective", "2026-01-10", status="contested")
    found = standing(JOINED, left, doubtful, on="2026-02-01")
    assert (found.status, found.confirmed) == ("former_party", False)


def test_a_day_the_month_lacks_is_the_last_one_it_has() -> None:
    """A deposit on 31 August takes effect on about the last of February, and says "about"."""
    found = standing(JOINED, fact(DEPOSIT, "2025-08-31"), on="2025-12-01")
    assert (found.expected_on, found.about) == (day("2026-02-28"), True)
    leap = standing(JOINED, fact(DEPOSIT, "2027-08-31"), on="2027-12-01")
    assert (leap.expected_on, leap.about) == (day("2028-02-29"), True)
    exact = standing(JOINED, fact(DEPOSIT, "2025-08-20"), on="2025-12-01")
    assert exact.about is False


def test_a_stated_day_of_effect_wins() -> None:
    """What the depositary's notification says is not computed."""
    left = fact(DEPOSIT, "2025-07-10", stated="2026-01-12")
    assert standing(JOINED, left, on="2025-12-01").expected_on == day("2026-01-12")


def test_votes_decrees_and_announcements_start_no_clock() -> None:
    """The steps at home are told as the stage; the government stays a party."""
    steps = [
        fact("withdrawal_recommended", "2025-03-18"),
        fact("withdrawal_announced", "2025-04-01"),
        fact("government_approval", "2025-04-24"),
        fact("bill_introduced", "2025-05-08"),
        fact("parliament_vote", "2025-06-19", stance="weakens"),
        fact("head_of_state_assent", "2025-07-04"),
    ]
    names = ["recommended", "announced", "government_approval", "bill", "parliament_vote", "assent"]
    for count, name in enumerate(names, 1):
        found = standing(JOINED, *steps[:count], on="2030-01-01")
        assert (found.status, found.stage, found.expected_on) == ("party", name, None)


def test_a_vote_counts_when_it_is_carried_and_weakens() -> None:
    """A motion that fails, or that strengthens the treaty, is no step of leaving."""
    lost = fact("parliament_vote", "2025-06-19", stance="weakens", carried=False)
    other = fact("parliament_vote", "2025-06-19", stance="strengthens")
    assert standing(JOINED, lost, other, on="2026-01-01").stage is None


def test_armed_conflict_holds_a_withdrawal_up() -> None:
    """A state engaged in armed conflict when the six months end stays bound; the reason is
    shown."""
    left = fact(DEPOSIT, "2025-07-10")
    war = fact("armed_conflict_engagement_reported", "2025-09-01")
    found = standing(JOINED, left, war, on="2026-06-01")
    assert (found.status, found.expected_on) == ("leaving", None)
    assert found.reason is not None
    assert "2025-09-01" in found.reason
    assert "Art. 20(3)" in found.reason


def test_the_end_of_the_conflict_ends_the_delay() -> None:
    """The withdrawal takes effect at the end of the conflict, not before six months."""
    left = fact(DEPOSIT, "2025-07-10")
    war = fact("armed_conflict_engagement_reported", "2025-09-01")
    late = fact("armed_conflict_engagement_reported", "2026-05-05", engaged=False)
    assert standing(JOINED, left, war, late, on="2026-05-04").status == "leaving"
    after = standing(JOINED, left, war, late, on="2026-05-05")
    assert (after.status, after.since) == ("former_party", day("2026-05-05"))
    early = fact("armed_conflict_engagement_reported", "2025-10-01", engaged=False)
    undelayed = standing(JOINED, left, war, early, on="2026-01-10")
    assert (undelayed.status, undelayed.since) == ("former_party", day("2026-01-10"))


@pytest.mark.parametrize("when", ["2025-07", "2025-07-10~", "2025-07-10?", "2025-07-09/2025-07-11"])
def test_a_receipt_that_is_not_certain_gives_no_certain_end(when: str) -> None:
    """A deposit that sources date to a month, approximately or uncertainly has an effect that is
    told as about; a stated day of effect, or the claim that it took effect, is certain."""
    left = msgspec.structs.replace(fact(DEPOSIT, "2025-07-10"), occurred_on=when)
    found = standing(JOINED, left, on="2025-10-01")
    assert (found.status, found.expected_on, found.about) == ("leaving", day("2026-01-10"), True)
    assert found.received_about
    assert standing(JOINED, left, on="2026-06-01").about
    assert not standing(JOINED, fact(DEPOSIT, "2025-07-10"), on="2025-10-01").received_about
    told = msgspec.structs.replace(left, stated=day("2026-01-10"))
    effective = fact("withdrawal_effective", "2026-01-10")
    for certain in ((told,), (left, effective), (fact(DEPOSIT, "2025-07-10"),)):
        assert not standing(JOINED, *certain, on="2026-06-01").about


def test_a_conflict_that_begins_after_the_effect_changes_nothing() -> None:
    """Who was out before the conflict stays out."""
    left = fact(DEPOSIT, "2025-07-10")
    war = fact("armed_conflict_engagement_reported", "2026-02-01")
    found = standing(JOINED, left, war, on="2026-06-01")
    assert (found.status, found.since) == ("former_party", day("2026-01-10"))


def test_a_reversal_takes_the_withdrawal_back() -> None:
    """A notice revoked before its effect leaves a party whose stage is `reversed`."""
    left, back = fact(DEPOSIT, "2025-07-10"), fact("withdrawal_reversed", "2025-11-02")
    found = standing(JOINED, left, back, on="2026-06-01")
    assert (found.status, found.stage, found.since) == ("party", "reversed", day("2012-07-01"))
    assert (found.expected_on, found.leaves_on, found.confirmed) == (None, None, None)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_reversal_after_the_effect_is_a_rejoining_that_does_not_fit(*, confirmed: bool) -> None:
    """On the day of the effect or later, confirmed or passed, it says that the state rejoined, and
    is named, since an instrument of its own is not on record; a day before, it fits."""
    left = fact(DEPOSIT, "2025-07-10")
    told = [JOINED, left, *([fact("withdrawal_effective", "2026-01-10")] if confirmed else [])]
    late, early = (
        fact("withdrawal_reversed", "2026-01-10"),
        fact("withdrawal_reversed", "2026-01-09"),
    )
    found = standing(*told, late, on="2026-06-01")
    assert (found.status, found.stage, found.surprises) == ("party", "reversed", (late.claim,))
    found = standing(JOINED, left, early, on="2026-06-01")
    assert (found.status, found.stage, found.surprises) == ("party", "reversed", ())


def test_a_former_party_that_never_joined_does_not_fit() -> None:
    """That a withdrawal took effect is kept where no joining is on record, and named as odd."""
    effective = fact("withdrawal_effective", "2026-01-10")
    found = standing(effective, on="2026-06-01")
    assert (found.status, found.surprises) == ("former_party", (effective.claim,))


def test_of_claims_that_do_not_fit_the_first_are_named() -> None:
    """However many there are, a standing names so many, and none once a state is said to have
    joined more often."""
    odd = [fact("bill_introduced", f"2025-01-{1 + n:02}") for n in range(SURPRISES_MAX + 5)]
    named = tuple(one.claim for one in odd[:SURPRISES_MAX])
    assert standing(*odd, on="2026-01-01").surprises == named
    joinings = [fact("state_joined", f"{2000 + n}-03-01") for n in range(SURPRISES_MAX + 5)]
    again = tuple(one.claim for one in joinings[1:SURPRISES_MAX])
    assert standing(*joinings, on="2026-01-01").surprises == again


def test_who_left_may_join_again() -> None:
    """A new joining is a new beginning, bound from its own sixth month."""
    left, again = fact(DEPOSIT, "2025-07-10"), fact("state_joined", "2030-02-03")
    found = standing(JOINED, left, again, on="2030-09-01")
    assert (found.status, found.deposited_on, found.since) == (
        "party", day("2030-02-03"), day("2030-08-01")
    )  # fmt: skip
    assert found.stage is None


def test_a_suspension_changes_only_what_is_claimed() -> None:
    """The standing stays; who objects to the suspension is named, by code."""
    suspended = fact("suspension_notified", "2025-07-18", stated="2025-07-18")
    objections = [fact("objection_lodged", "2025-09-01", by=code) for code in ("NOR", "AUT")]
    found = standing(JOINED, suspended, *objections, on="2026-01-01")
    assert (found.status, found.claimed) == ("party", "suspended")
    assert found.disputed_by == ("AUT", "NOR")
    assert (found.stage, found.expected_on) == (None, None)


def test_a_reversal_ends_a_suspension() -> None:
    """Afterwards nothing is claimed and nobody disputes it."""
    suspended = fact("suspension_notified", "2025-07-18")
    objection = fact("objection_lodged", "2025-09-01", by="NOR")
    back = fact("withdrawal_reversed", "2025-12-01")
    found = standing(JOINED, suspended, objection, back, on="2026-01-01")
    assert (found.claimed, found.disputed_by) == (None, ())


def test_a_deposit_by_a_state_that_is_not_party_is_kept_and_flagged() -> None:
    """Facts from the world are not refused because they are surprising."""
    odd = fact(DEPOSIT, "2025-07-10")
    found = standing(odd, on="2025-08-01")
    assert (found.status, found.surprises) == ("leaving", (odd.claim,))


@pytest.mark.parametrize("status", ["pending", "rejected", "refuted", "retracted", "superseded"])
def test_claims_that_do_not_count_change_no_standing(status: str) -> None:
    """Only accepted and contested claims are counted."""
    left = fact(DEPOSIT, "2025-07-10", status=status)
    assert standing(JOINED, left, on="2026-06-01") == standing(JOINED, on="2026-06-01")


def test_treaties_do_not_mix() -> None:
    """An act under one treaty says nothing of another; armed conflict is no act under either."""
    left = fact(DEPOSIT, "2024-09-06", treaty="CCM", targets=("LTU",))
    joined = fact("state_joined", "2011-03-24", treaty="CCM", targets=("LTU",))
    assert standing(joined, left, on="2025-06-01", code="LTU").status == "not_party"
    found = standing_on(CCM, "LTU", [joined, left], day("2025-06-01"))
    assert (found.status, found.since) == ("former_party", day("2025-03-06"))


KINDS = sorted(LEGAL_KINDS)
DAYS = st.dates(date(1997, 12, 3), date(2030, 1, 1)).map(date.isoformat)


@given(
    made=st.lists(st.tuples(st.sampled_from(KINDS), DAYS), max_size=12),
    on=DAYS,
    seed=st.integers(0, 99),
)
def test_a_standing_does_not_depend_on_the_order_in_which_facts_arrive(
    made: list[tuple[str, str]], on: str, seed: int
) -> None:
    """Facts are folded in order of happening, however they are handed over; dates fit the
    status."""
    facts = [
        fact(kind, when, stance="weakens", position=n) for n, (kind, when) in enumerate(made, 1)
    ]
    shuffled = list(facts)
    Random(seed).shuffle(shuffled)
    found = standing(*facts, on=on)
    assert standing(*shuffled, on=on) == found
    if found.status in ("leaving", "former_party"):
        assert found.confirmed is not None
        assert found.expected_on is not None or found.reason is not None
    else:
        assert (found.expected_on, found.confirmed) == (None, None)
    if found.status == "former_party":
        assert found.since is not None
        assert found.since <= day(on)
    if found.disputed_by:
        assert found.claimed == "suspended"


INVENTED = Treaty(
    code="NEW",
    name="A convention that nobody has written",
    short_name="Invented Convention",
    depositary_key="XXVI-99",
    opened_on=date(2019, 1, 1),
    in_force_on=date(2020, 1, 1),
    entry_months=3,
    entry_article="Art. 90",
    withdrawal_months=12,
    withdrawal_article="Art. 91",
    conflict_clause=False,
    duties=(Duty(what="stockpile", article="Art. 9", years=2, days=10),),
)


def test_a_new_treaty_is_one_more_value() -> None:
    """Its own months and duties, and no clause on armed conflict: only the value says so."""
    facts = [
        fact("state_joined", "2021-05-20", treaty="NEW"),
        fact("armed_conflict_engagement_reported", "2022-01-01"),
        fact("withdrawal_instrument_deposited", "2022-06-15", treaty="NEW"),
    ]
    party = standing_on(INVENTED, "FIN", facts, day("2022-01-01"))
    assert (party.status, party.since) == ("party", day("2021-08-01"))
    leaving = standing_on(INVENTED, "FIN", facts, day("2022-07-01"))
    assert (leaving.status, leaving.expected_on, leaving.reason) == (
        "leaving", day("2023-06-15"), None,
    )  # fmt: skip
    (clock,) = duty_clocks(INVENTED, "FIN", leaving, [], day("2022-07-01"))
    assert (clock.on, clock.article) == (day("2023-08-11"), "Art. 9")
    gone = standing_on(INVENTED, "FIN", facts, day("2023-06-15"))
    assert gone.status == "former_party"
    assert standing_on(APMBC, "FIN", facts, day("2023-06-15")).status == "not_party"
