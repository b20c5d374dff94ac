"""The few facts that are picked from a long legal history say the same as all of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import COUNTED, Facts
from domain.floors import floor_of
from domain.numbers import is_stage
from domain.standing import LEGAL_KINDS, SURPRISES_MAX, Standing, standing_on
from domain.treaties import APMBC, CCM, TREATIES
from projections.columnar.legal.milestones import Legal, lasting, milestones
from projections.columnar.terms.law import Law
from projections.columns import STATUSES, Profile
from tests.domain.made import WEIGHTS

BEGIN = date(2015, 1, 1)
RETURNING = ("state_joined", "withdrawal_instrument_deposited", "withdrawal_effective")


def fact(place: int, drawn: tuple[str, int, str, int, bool, str]) -> Facts:
    """A legal fact as drawn: kind, days since `BEGIN`, status, days until the date it states (0 for
    none), whether carried or engaged, treaty."""
    kind, days, status, stated, yes, treaty = drawn
    day = BEGIN + timedelta(days=days)
    return Facts(
        claim=f"c{place}", position=place, happening=f"c{place}",
        status=status,  # type: ignore[arg-type]  # drawn from the known ones
        kind=kind, treaty=treaty, occurred_on=day.isoformat(), first=day, last=day, day=day,
        targets=("FIN",), states=("EST",) if yes else ("LVA",), actor="state:FIN",
        actors=("state",), signatories=None, reliabilities=("A",), stance="weakens", forum=None,
        strength=None, stated=day + timedelta(days=stated) if stated else None, carried=yes,
        engaged=yes, summary="",
    )  # fmt: skip


FACTS = st.lists(
    st.tuples(
        st.sampled_from((*sorted(LEGAL_KINDS), *RETURNING * 4, *["withdrawal_reversed"] * 4)),
        st.integers(0, 3000),
        st.sampled_from(("accepted", "accepted", "contested", "pending")),
        st.sampled_from((0, 0, 100, 400)),
        st.booleans(),
        st.sampled_from((APMBC.code, APMBC.code, CCM.code)),
    ),
    max_size=60,
)
MANY = st.lists(
    st.tuples(
        st.sampled_from(("bill_introduced", *RETURNING, "state_joined", "withdrawal_reversed")),
        st.integers(0, 3000),
        st.sampled_from(("accepted", "accepted", "contested")),
        st.sampled_from((0, 100)),
        st.booleans(),
        st.just(APMBC.code),
    ),
    min_size=30,
    max_size=120,
)
"""Facts of which more do not fit than are named, or with more joinings than such are named after:
too many to come by chance."""


def legal_of(facts: list[Facts]) -> Legal:
    """The facts as columns hold them."""
    law = Law(WEIGHTS)
    profiles: dict[Profile, int] = {}
    codes = []
    for f in facts:
        profile = Profile(
            f.kind, f.treaty, f.stance, f.forum, f.strength, False, f.carried, f.engaged
        )
        codes.append(profiles.setdefault(profile, len(profiles)))
    roles = law.roles(profiles)[np.array(codes, np.int64)]
    states: dict[Any, int] = {}
    return Legal(
        profile=np.array(codes, np.int64),
        kind=roles[:, 4],
        treaty=roles[:, 5],
        engaged=roles[:, 6],
        step=roles[:, 7],
        stated=np.array([f.stated.toordinal() if f.stated else 0 for f in facts], np.int64),
        status=np.array([STATUSES.index(f.status) for f in facts], np.int64),
        states=np.array([states.setdefault(f.states, len(states)) for f in facts], np.int64),
    )


def plain(standing: Standing, *, surprises: bool) -> dict[str, Any]:
    """A standing as plain values."""
    values = {name: getattr(standing, name) for name in standing.__struct_fields__}
    return values if surprises else values | {"surprises": ()}


@settings(max_examples=40, deadline=None)
@given(drawn=FACTS | MANY, days=st.integers(0, 3400))
def test_a_standing_follows_from_few_facts(
    drawn: list[tuple[str, int, str, int, bool, str]], days: int
) -> None:
    """However often a government joined, left and came back, and whatever else is on file; with all
    that fits no standing where that is asked for."""
    on = BEGIN + timedelta(days=days)
    made = [fact(place, one) for place, one in enumerate(drawn)]
    facts = sorted((f for f in made if f.status in COUNTED and f.day <= on), key=lambda f: f.order)
    if not facts:
        return
    legal = legal_of(facts)
    for surprises in (False, True):
        picked = [facts[place] for place in milestones(legal, surprises=surprises)]
        for treaty in TREATIES.values():
            found = plain(standing_on(treaty, "FIN", picked, on), surprises=surprises)
            expected = plain(standing_on(treaty, "FIN", facts, on), surprises=surprises)
            assert found == expected


READINGS: tuple[Callable[[Facts], bool], ...] = (
    lambda f: f.status in COUNTED,
    lambda f: f.status == "accepted",
    lambda _: True,
)


def floors(facts: list[Facts], on: date) -> list[tuple[float, str | None]]:
    """The floor in the score, the low and the high bound; every source is a good one."""
    return [
        floor_of([f for f in facts if is_stage(f, WEIGHTS) and enters(f)],
                 [f for f in facts if f.status in COUNTED], "FIN", on, WEIGHTS)
        for enters in READINGS
    ]  # fmt: skip


def untils(some: list[Facts], counted: list[Facts]) -> dict[int, int]:
    """Among some of the counted facts, the places of the joinings after which nothing is named as
    not fitting."""
    found: dict[int, int] = {}
    for treaty, code in enumerate(TREATIES):
        joins = [f for f in counted if f.kind == "state_joined" and f.treaty == code]
        if len(joins) > SURPRISES_MAX:
            found[treaty] = sum(f.order < joins[SURPRISES_MAX].order for f in some)
    return found


def left_over(facts: list[Facts], counted: list[Facts]) -> list[Facts]:
    """Of some facts those that last, given all counted ones that came."""
    until = untils([f for f in facts if f.status in COUNTED], counted)
    stages = [[is_stage(f, WEIGHTS) and enters(f) for f in facts] for enters in READINGS]
    masks = [np.array(one, np.bool_) for one in stages]
    return [facts[place] for place in lasting(legal_of(facts), masks, until).tolist()]


@settings(max_examples=150, deadline=None)
@given(drawn=FACTS | MANY, at_once=st.integers(1, 7), days=st.integers(3000, 3400))
def test_what_lasts_says_what_all_would_whatever_comes_after_it(
    drawn: list[tuple[str, int, str, int, bool, str]], at_once: int, days: int
) -> None:
    """Some facts after others, of which only those are kept that last: standings, what fits none of
    them, and floors are those of all facts, and the very same milestones are picked."""
    on = BEGIN + timedelta(days=days)
    made = [fact(place, one) for place, one in enumerate(drawn)]
    facts = sorted(made, key=lambda f: f.order)
    counted = [f for f in facts if f.status in COUNTED]
    held: list[Facts] = []
    for begin in range(0, len(facts), at_once):
        came = [f for f in facts[: begin + at_once] if f.status in COUNTED]
        held = left_over([*held, *facts[begin : begin + at_once]], came)
    if not facts:
        return
    some = [f for f in held if f.status in COUNTED]
    places = milestones(legal_of(some), surprises=True, until=untils(some, counted)) if some else ()
    for treaty in TREATIES.values():
        expected = standing_on(treaty, "FIN", counted, on)
        assert standing_on(treaty, "FIN", some, on) == expected
        assert standing_on(treaty, "FIN", [some[place] for place in places], on) == expected
    assert floors(held, on) == floors(facts, on)
    if counted and len(counted) <= SURPRISES_MAX:
        for surprises in (False, True):
            picked = [
                [them[place] for place in milestones(legal_of(them), surprises=surprises).tolist()]
                for them in (counted, some)
            ]
            assert picked[0] == picked[1]


def test_a_long_story_of_leaving_and_returning_is_read_from_its_end() -> None:
    """A government that left and came back a hundred times is judged by the last time alone."""
    story = []
    for place in range(0, 300, 3):
        for more, kind in enumerate(RETURNING[1:] + RETURNING[:1]):
            drawn = kind, 10 * (place + more), "accepted", 0, True, APMBC.code
            story.append(fact(place + more, drawn))
    assert len(milestones(legal_of(story))) <= 4
