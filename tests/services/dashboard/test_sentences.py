"""The sentences people quote: what they say of each standing and of each day."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dashboard.charts.figures import BoundStep, BoundSteps
from services.dashboard.formats import sentence_text
from services.dashboard.models.shapes import Status
from services.dashboard.sentences import (
    INSTRUMENT_VERBS,
    StandingFacts,
    bound_count,
    standing_sentence,
    today_headline,
    today_lead,
)
from tests.services.dashboard.samples import EVE, UKRAINE, bound

FINLAND = StandingFacts(
    status="former_party",
    instrument="accession",
    deposited_on=date(2012, 1, 9),
    in_force_on=date(2012, 7, 1),
    received_on=date(2025, 7, 10),
    left_on=date(2026, 1, 10),
)
STATUSES: tuple[Status, ...] = (
    *("not_party", "signatory", "acceding"),
    *("party", "leaving", "former_party"),
)


def on(day: date) -> BoundSteps:
    """The record of 2025 and 2026 as it stood on another day."""
    figure = bound()
    steps = tuple(msgspec.structs.replace(step, expected=step.day > day) for step in figure.steps)
    return msgspec.structs.replace(figure, today=day, steps=steps)


def said(facts: StandingFacts) -> str:
    """The sentence in plain text."""
    return sentence_text(standing_sentence(facts))


def test_a_former_party_is_said_to_be_one_since_a_day() -> None:
    """Since when, when the instrument was received, and how long it was bound."""
    assert said(FINLAND) == (
        "Former party since 10 Jan 2026. Its instrument of withdrawal was received on 10 Jul 2025. "
        "It acceded on 9 Jan 2012 and was bound from 1 Jul 2012."
    )


def test_an_exit_that_no_source_confirms_is_said_to_be_computed() -> None:
    """A passed expected date counts as in effect, and the sentence says on what ground."""
    facts = msgspec.structs.replace(FINLAND, left_on=None, expected_on=date(2026, 1, 10))
    unconfirmed = msgspec.structs.replace(facts, confirmed=False)
    assert said(unconfirmed).startswith(
        "Former party since 10 Jan 2026, computed: no source on file confirms it yet."
    )


def test_a_leaving_party_is_bound_until_a_day() -> None:
    """Still a State Party, until when, and on what receipt."""
    facts = msgspec.structs.replace(FINLAND, status="leaving", expected_on=date(2026, 1, 10))
    assert said(facts).startswith(
        "State Party until 10 Jan 2026, expected. Its instrument of withdrawal was received on "
    )


def test_a_receipt_that_is_not_certain_is_said_to_be_about() -> None:
    """A deposit known to the month is not put on its middle day."""
    facts = msgspec.structs.replace(
        FINLAND, status="leaving", expected_on=date(2026, 1, 10), about=True, received_about=True
    )
    assert said(facts).startswith(
        "State Party until about 10 Jan 2026, expected. Its instrument of withdrawal was received "
        "about 10 Jul 2025."
    )


def test_a_day_the_month_lacks_is_said_to_be_about() -> None:
    """Six months after 31 Aug is about the last day of February."""
    facts = StandingFacts(status="leaving", expected_on=date(2026, 2, 28), about=True)
    assert said(facts) == "State Party until about 28 Feb 2026, expected."


def test_a_withdrawal_held_up_by_conflict_has_a_reason_and_no_date() -> None:
    """Article 20 lets nobody leave while engaged in armed conflict."""
    facts = StandingFacts(
        status="leaving", received_on=date(2025, 7, 10), reason="it is engaged in armed conflict"
    )
    assert said(facts) == (
        "State Party, leaving. Its instrument of withdrawal was received on 10 Jul 2025. "
        "It cannot take effect while it is engaged in armed conflict."
    )


def test_a_claimed_suspension_is_said_to_be_claimed() -> None:
    """Who claims, since when, who disputes it, and that the standing stays."""
    facts = StandingFacts(
        status="party",
        in_force_on=date(2006, 6, 1),
        claimed="suspended the treaty",
        claimed_on=date(2025, 7, 18),
        disputed_by=("the 22MSP", "Norway"),
    )
    assert said(facts) == (
        "State Party since 1 Jun 2006. It claims to have suspended the treaty since 18 Jul 2025. "
        "The 22MSP and Norway dispute that; it is counted as bound."
    )
    alone = msgspec.structs.replace(facts, disputed_by=())
    assert said(alone).endswith("since 18 Jul 2025; its standing does not change by that.")


def test_the_ways_of_joining_have_their_own_verbs() -> None:
    """Ratified, acceded, accepted, approved, succeeded; and joined when the record does not say."""
    for instrument, verb in INSTRUMENT_VERBS.items():
        facts = StandingFacts(
            status="acceding", instrument=instrument, deposited_on=EVE, in_force_on=date(2026, 8, 1)
        )
        assert said(facts) == f"Joining: it {verb} on 19 Feb 2026 and is bound from 1 Aug 2026."
    assert said(StandingFacts(status="party", deposited_on=EVE)) == (
        "State Party. It joined on 19 Feb 2026."
    )


def test_who_never_joined_is_not_party_and_never_in_breach() -> None:
    """The words for a state outside the treaty accuse it of nothing."""
    assert said(StandingFacts(status="not_party")) == (
        "Not party: no instrument of joining is on file."
    )
    signatory = StandingFacts(status="signatory", signed_on=date(1997, 12, 4))
    assert said(signatory) == "Signatory: it signed on 4 Dec 1997 and has not ratified."


DAY = st.none() | st.dates(date(1997, 1, 1), date(2030, 1, 1))


@given(
    st.builds(
        StandingFacts,
        status=st.sampled_from(STATUSES),
        instrument=st.none() | st.sampled_from(sorted(INSTRUMENT_VERBS)),
        signed_on=DAY,
        deposited_on=DAY,
        in_force_on=DAY,
        received_on=DAY,
        expected_on=DAY,
        left_on=DAY,
        confirmed=st.booleans(),
        about=st.booleans(),
    )
)
def test_any_standing_makes_whole_sentences(facts: StandingFacts) -> None:
    """Whatever the record lacks, the sentence ends and holds no gap."""
    text = said(facts)
    assert text.endswith(".")
    assert "None" not in text
    assert "  " not in text
    assert " ." not in text


@pytest.mark.parametrize(
    ("day", "headline"),
    [
        (EVE, "Poland stops being a State Party tomorrow"),
        (date(2026, 2, 20), "Poland stopped being a State Party today"),
        (date(2026, 2, 21), "Poland stopped being a State Party yesterday"),
        (date(2026, 3, 22), "Poland stopped being a State Party on 20 Feb 2026"),
        (date(2026, 3, 31), "161 states are bound by the Mine Ban Treaty"),
        (
            date(2025, 12, 1),
            "Estonia, Latvia and Lithuania stop being States Parties on 27 Dec 2025",
        ),
        (date(2025, 8, 31), "Marshall Islands becomes a State Party tomorrow"),
        (date(2025, 2, 1), "164 states are bound by the Mine Ban Treaty"),
    ],
)
def test_the_headline_says_what_changes_next_or_changed_last(day: date, headline: str) -> None:
    """A change to come leads, then a fresh one, then the count."""
    assert today_headline(on(day)) == headline


def test_the_lead_counts_and_looks_one_step_ahead() -> None:
    """How many are bound, what follows if nothing changes, and who disputes being counted."""
    assert sentence_text(today_lead(bound(), (UKRAINE,))) == (
        "162 states are bound today. If nothing changes, 161 will be from 20 Feb 2026: the fifth "
        "withdrawal in eight weeks, after Estonia, Latvia and Lithuania on 27 Dec 2025 and Finland "
        "on 10 Jan 2026. Ukraine is counted as bound; it claims to have suspended the treaty."
    )


def test_the_lead_of_another_day_names_it() -> None:
    """Seen from elsewhere, "today" is a date."""
    assert sentence_text(today_lead(on(date(2026, 3, 1)), now=False)) == (
        "161 states are bound on 1 Mar 2026."
    )


def test_the_lead_says_nothing_twice() -> None:
    """Where the headline counts the states bound, the lead tells what changed that number last, or
    that nothing did."""
    later = on(date(2026, 3, 31))
    assert today_headline(later) == "161 states are bound by the Mine Ban Treaty"
    assert sentence_text(today_lead(later, (UKRAINE,))) == (
        "Poland stopped being a State Party on 20 Feb 2026. Ukraine is counted as bound; it claims "
        "to have suspended the treaty."
    )
    still = BoundSteps(date(2025, 1, 1), date(2026, 4, 1), date(2026, 2, 1), 164)
    assert sentence_text(today_lead(still)) == "None joined or left since 1 Jan 2025."


def test_several_withdrawals_on_one_day_are_ranked_together() -> None:
    """Three exits on one day after one before are the second to fourth."""
    figure = BoundSteps(
        since=date(2025, 1, 1),
        until=date(2026, 6, 1),
        today=date(2025, 12, 1),
        count=10,
        steps=(
            BoundStep(date(2025, 11, 1), 9, left=("A",)),
            BoundStep(date(2026, 5, 1), 6, left=("B", "C", "D"), expected=True),
        ),
    )
    assert (
        "the second to fourth withdrawals in six months, after A on 1 Nov 2025."
        in sentence_text(today_lead(figure))
    )


def test_what_is_bound_is_counted_at_the_end_of_the_day() -> None:
    """On the day an exit takes effect it counts."""
    assert bound_count(on(date(2026, 2, 19))) == 162
    assert bound_count(on(date(2026, 2, 20))) == 161
    assert bound_count(on(date(2025, 1, 1))) == 164
