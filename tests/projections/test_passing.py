"""Ledgers told in one pass say what the plain questions over all claims say, and keep no more."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.clocks import HEAD
from domain.duties import DUTY_KINDS, Deciding, Told, duty_clocks
from domain.events import Recorded
from domain.standing import Standing
from domain.treaties import TREATIES
from projections import transfers as ledger
from projections import undertakings as given_word
from projections.deadlines import each_told
from projections.histories import Version, believed, fold_all
from projections.paging import First, Place
from projections.passing import LedgerPass, PlansPass, UndertakenPass, page_kept, stands_after
from projections.transfers import PLAN_KINDS, STAGES, LedgerAsk
from projections.undertakings import UndertakenAsk, answered_by, is_told, place_among
from tests.histories import histories
from tests.projections.columnar.dense import FIRST_DAY
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.test_ledgers import TOLD, named
from tests.projections.told import believed_now

DAYS = (FIRST_DAY + timedelta(days=5), FIRST_DAY + timedelta(days=12), date(2026, 5, 1))


def by_happening(versions: Sequence[Version]) -> list[Version]:
    """Some claims as a pass is shown them."""
    return sorted(versions, key=lambda v: (v.happening, v.recorded_position))


@settings(max_examples=40, deadline=None)
@given(events=TOLD | histories(moves_max=30), data=st.data())
def test_a_pass_over_transfers_tells_what_the_whole_ledger_does(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Page after page, each after the last row of the one before, with the totals of all; and what
    a page of the dashboard shows, narrowed in any way, with the plans beside it."""
    held = believed(fold_all(events), HEAD)
    on = data.draw(st.sampled_from((*DAYS, *ONS)))
    whole = ledger.transfers(held, on=on, known_at="seq:1")
    limit = data.draw(st.integers(1, 3))
    after: Place | None = None
    rows: list[Any] = []
    while True:
        passed = LedgerPass(on, after=after, rows_max=limit)
        passed.take(by_happening(held))
        found, following = passed.page("seq:1")
        assert (found, following) == ledger.page_of(whole, after, limit)
        rows += found.transfers
        if following is None:
            break
        after = following
    assert tuple(rows) == whole.transfers
    ask = LedgerAsk(
        government=data.draw(st.sampled_from(("", "UKR", "USA"))),
        stage=data.draw(st.sampled_from(("", *STAGES))),
        order=data.draw(st.sampled_from(("newest", "oldest", "supplier"))),
        rows_max=data.draw(st.integers(1, 4)),
        totals_max=data.draw(st.integers(1, 4)),
    )
    passed = LedgerPass(on, ask, name=named, rows_max=0)
    passed.take(by_happening(held))
    assert passed.excerpt("seq:1") == ledger.excerpt_of(whole, ask, named)
    plans = PlansPass(on, lambda v: ask.government in ("", *v.claim.targets), ask.rows_max)
    plans.take(held)
    told = [v for v in held if v.claim.kind in PLAN_KINDS and v.claim.date.representative_day <= on]
    told.sort(key=lambda v: (v.claim.date.representative_day, v.recorded_position), reverse=True)
    asked = [v for v in told if ask.government in ("", *v.claim.targets)]
    assert plans.first.rows() == asked[: ask.rows_max]
    assert (plans.count, plans.first.total) == (len(told), len(asked))


@settings(max_examples=40, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_a_pass_over_commitments_tells_what_the_whole_ledger_does(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Page after page, commitments and responses together, with the claims that are answered; and
    what a page of the dashboard shows, narrowed in any way."""
    held = believed(fold_all(events), HEAD)
    on = data.draw(st.sampled_from(ONS))
    told = [v for v in held if is_told(v)]
    whole = given_word.undertakings(told, held, on=on, known_at="seq:1")
    names = {v.claim.id: v for v in held}
    limit = data.draw(st.integers(1, 3))
    after: Place | None = None
    rows: list[Any] = []
    while True:
        passed = UndertakenPass(on, page_kept(limit), stands_after(after))
        passed.take(by_happening(told))
        assert passed.answers() <= answered_by(told)
        found, following = passed.page(limit, names, "seq:1")
        assert (found, following) == given_word.page_of(whole, after, limit)
        rows += [*found.commitments, *found.responses]
        if following is None:
            break
        after = following
    everything = (*whole.commitments, *whole.responses)
    assert sorted(rows, key=place_among) == sorted(everything, key=place_among)
    ask = UndertakenAsk(
        government=data.draw(st.sampled_from(("", "FIN", "NOR"))),
        what=data.draw(st.sampled_from(("", "commitment", "response"))),
        treaty=data.draw(st.sampled_from(("", "CCM"))),
        order=data.draw(st.sampled_from(("newest", "oldest", "government"))),
        before=data.draw(st.integers(0, 2)),
    )
    key, reverse = ask.order_by(named)
    passed = UndertakenPass(on, First(ask.before + limit, key, reverse=reverse), ask.takes)
    passed.take(by_happening(told))
    assert passed.excerpt(ask.before, names, "seq:1") == given_word.excerpt_of(
        whole, ask, limit, named
    )


_TOLD = st.builds(
    Told,
    claim=st.integers(0, 10**6).map("c-{}".format),
    kind=st.sampled_from(sorted(DUTY_KINDS)),
    treaty=st.sampled_from(sorted(TREATIES)),
    day=st.integers(0, 400).map(lambda days: date(2016, 1, 1) + timedelta(days=10 * days)),
    position=st.integers(1, 10**6),
    targets=st.sampled_from((("FIN",), ("FIN", "POL"), ("POL",), ())),
    due=st.sampled_from(({}, {"FIN": date(2022, 5, 1)}, {"POL": date(2030, 1, 1)})),
    article=st.sampled_from((None, "Art. 4", "Art. 5(1)", "Art. 3(2)", "Article 4", "soon")),
)


@settings(max_examples=60, deadline=None)
@given(
    told=st.lists(_TOLD, max_size=14, unique_by=(lambda one: one.claim, lambda one: one.position)),
    on=st.integers(0, 420).map(lambda days: date(2016, 1, 1) + timedelta(days=10 * days)),
    entered=st.sampled_from((date(2014, 3, 1), date(2012, 9, 1), date(2021, 6, 1))),
)
def test_few_claims_decide_what_clocks_run(told: list[Told], on: date, entered: date) -> None:
    """The clocks of duties follow from the few that are kept as they do from all, whatever is
    done, extended or missed in any order; and no duty keeps more than two."""
    deciding = Deciding(on)
    deciding.take(told)
    kept = deciding.by_government()
    standing = Standing(status="party", in_force_on=entered)
    for code in ("FIN", "POL", "NOR"):
        for law in TREATIES.values():
            assert duty_clocks(law, code, standing, kept.get(code, ()), on) == duty_clocks(
                law, code, standing, told, on
            )
        moving = [t for t in kept.get(code, ()) if t.kind != "clarification_requested"]
        assert len(moving) <= 2 * sum(len(law.duties) for law in TREATIES.values())


@given(rows=st.lists(st.integers(), unique=True), count=st.integers(0, 5), reverse=st.booleans())
def test_the_first_of_many_rows_are_kept_in_order(
    rows: list[int], count: int, reverse: bool
) -> None:
    """In whatever order they come; never more than twice as many as are asked for and one."""
    first: First[int] = First(count, lambda row: row, reverse=reverse)
    for row in rows:
        first.add((row,))
        assert len(first._rows) <= 2 * count + 1
    assert first.rows() == sorted(rows, reverse=reverse)[:count]
    assert first.total == len(rows)


def many(count: int, kind: str, **details: Any) -> Iterator[Version]:
    """So many claims, each a happening of its own, one after another."""
    (one,) = believed_now({"kind": kind, "targets": ["UKR"], "details": details})
    for number in range(count):
        name = f"c-{number:06}"
        day = FIRST_DAY + timedelta(days=number % 300)
        claim = replace(one.claim, id=name, occurred_on=day.isoformat())
        yield replace(one, claim=claim, happening=name, recorded_position=number + 1)


def peak_bytes(take: Callable[[Iterable[Version]], object], versions: Iterator[Version]) -> int:
    """The most memory that looking at some claims took at a time."""
    tracemalloc.start()
    try:
        take(versions)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_as_many_claims_pass_in_the_same_memory() -> None:
    """Of transfers, of commitments and of duties: what an answer holds is bounded by the page, the
    governments and the treaties, not by the history; it grows by less than a quarter of what
    the claims themselves take."""
    on = FIRST_DAY + timedelta(days=400)

    def duties(count: int) -> int:
        deciding = Deciding(on)
        extended = many(count, "clearance_deadline_extended", deadline="2030-01-01")
        return peak_bytes(lambda versions: deciding.take(each_told(versions)), extended)

    def ledgers(count: int) -> int:
        passed = LedgerPass(on, rows_max=20)
        return peak_bytes(passed.take, many(count, "transfer_delivered", supplier="NOR"))

    def words(count: int) -> int:
        passed = UndertakenPass(on, page_kept(20))
        return peak_bytes(passed.take, many(count, "policy_statement", stance="supports_norm"))

    kept: list[Version] = []
    whole = peak_bytes(kept.extend, many(1_500, "policy_statement"))
    for taken in (duties, ledgers, words):
        assert taken(1_500) < taken(150) + whole / 4, taken.__name__
