"""The numbers of all governments from a shelf equal those that columns and the law give, however
the log came onto it."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.numbers import NOVELTY_DAYS
from domain.standing import standing_on
from domain.treaties import TREATIES
from projections.columnar.legal import winnowing
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned, standings_of
from projections.columnar.numbers.surveying import standings_on, survey
from projections.columnar.shelf import shelving
from projections.columnar.shelf.shelving import Shelf
from projections.columnar.terms.law import Law
from projections.columns import Pieces, parts_of, pieces_of
from projections.histories import Version, believed, fold_all
from projections.spans import advance
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.infra.postgres.filling import claim
from tests.projections.columnar.dense import dense
from tests.projections.columnar.legal.test_milestones import plain
from tests.projections.columnar.numbers.test_figures import (
    ONS,
    assert_equal,
    columns_of,
    placed,
)


def shelved(events: list[Recorded], cuts: list[int]) -> list[Shelf]:
    """The shelf after each batch of a log that was cut there."""
    shelves = [Shelf(Law(WEIGHTS))]
    heads: dict[str, Version] = {}
    for begin, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        change = advance(heads, events[begin:end])
        parts: list[tuple[str, Pieces]] = [
            (code, pieces_of(part)) for code, part in parts_of(change.opened, change.closed).items()
        ]
        for span in change.opened:
            if span.position_to is None:
                heads[span.version.claim.id] = span.version
        shelves.append(shelves[-1].put(parts, end))
    return shelves[1:]


@settings(max_examples=25, deadline=None)
@given(events=dense() | histories(moves_max=40), data=st.data())
def test_a_shelf_gives_what_columns_and_the_law_give(
    events: list[Recorded], data: st.DataObject
) -> None:
    """On any day and as known at any point, to the last bit, however the log was cut into batches
    and many governments share a leaf; also for a log that is read as it was before more came."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=6)) - {len(events)})
    history = fold_all(events)
    moments = sorted({v.known_from for h in history.values() for v in h})
    nudge = timedelta(microseconds=data.draw(st.sampled_from([-1, 0, 1])))
    moment = KnownAt(moment=data.draw(st.sampled_from(moments)) + nudge)
    clocks = [HEAD, KnownAt(position=data.draw(st.integers(0, len(events)))), moment]
    few = data.draw(st.sampled_from([0, 5, 24]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelving, "LEAF_ROWS", data.draw(st.sampled_from([1, 12, 10**6])))
        patch.setattr(winnowing, "ALL_ROWS_MAX", few)
        shelves = shelved(events, cuts)
        for earlier in shelves[:-1]:  # what was asked before stays at hand
            survey(earlier, data.draw(st.sampled_from(ONS)), HEAD, until=earlier.through)
        shelf = shelves[-1]
        shelf.presents, shelf.sums = data.draw(st.booleans()), data.draw(st.booleans())
        columns = columns_of(events, cuts, 1)
        for known_at, on in product(clocks, ONS):
            known = believed(history, known_at)
            found = survey(shelf, on, known_at, until=len(events))
            assert set(found) == set(columns)
            some = data.draw(st.sets(st.sampled_from(sorted(columns)))) if columns else set()
            alone = standings_on(shelf, on, known_at, until=len(events), only=some)
            assert alone == {code: r.standings for code, r in found.items() if code in some}
            for government, one in found.items():
                reckoner = Reckoner(government, columns[government], Law(WEIGHTS))
                assert numbers(one) == numbers(reckoner.reckon(on, known_at))
                facts = [v.facts for v in known if government in v.claim.targets]
                assert_equal(one, facts, government, on)
                for treaty in TREATIES.values():
                    standing = standings_of(government, one, on)[treaty.code]
                    wanted = standing_on(treaty, government, placed(facts), on)
                    assert plain(standing, surprises=False) == plain(wanted, surprises=False)
    until = data.draw(st.integers(0, len(events)))
    earlier = shelved(events[:until], [])[-1] if until else Shelf(Law(WEIGHTS))
    for known_at in (HEAD, KnownAt(moment=moments[-1])):
        before = survey(earlier, ONS[1], known_at, until=until)
        since = survey(shelf, ONS[1], known_at, until=until)
        assert before == {code: since[code] for code in before}
        assert all(is_nothing(one) for code, one in since.items() if code not in before)


def numbers(found: Reckoned) -> Reckoned:
    """What was reckoned without the legal facts, of which more or fewer say the same."""
    return msgspec.structs.replace(found, legal=(), standings=None)


def is_nothing(found: Reckoned) -> bool:
    """Whether nothing at all was reckoned with."""
    return not any((found.acts, found.voices, found.latest, found.legal, found.sums["pressure"][2]))


@pytest.mark.parametrize(("days", "kth"), [(NOVELTY_DAYS - 1, 3), (NOVELTY_DAYS, 2)])
def test_repetition_counts_within_its_days_alone(days: int, kth: int) -> None:
    """What a speaker said again is counted among what they said within the days of repetition."""
    first = date(2025, 1, 1)
    spoken = [
        claim(f"c{n}", occurred_on=str(first + timedelta(days=after)))
        for n, after in enumerate((0, 45, days))
    ]
    when = datetime(2025, 12, 1, tzinfo=UTC)
    events = [Recorded(n, when, "person:1", event) for n, event in enumerate(spoken, 1)]
    on = first + timedelta(days=days)
    before, after = (
        survey(shelved(events[:count], [])[0], on, HEAD, until=count)["FIN"] for count in (2, 3)
    )
    alone = survey(shelved(events[2:], [])[0], on, HEAD, until=3)["FIN"].sums["pressure"][2]
    assert after.sums["pressure"][2] == pytest.approx(before.sums["pressure"][2] + alone / kth)
