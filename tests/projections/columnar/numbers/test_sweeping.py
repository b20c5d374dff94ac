"""The numbers of all governments in one pass equal those of each by itself and those of the law."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.numbers import pressure
from domain.standing import standing_on
from domain.treaties import TREATIES
from projections.columnar.numbers import sweeping
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned
from projections.columnar.numbers.sweeping import Reckoning, Sweep
from projections.columnar.terms.law import Law
from projections.columns import Ints, joined, pack_block, pack_part, parts_of, unpack_pieces
from projections.histories import Version, believed, fold_all
from projections.spans import advance
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.projections.columnar.numbers.test_figures import ONS, assert_equal, placed

Bodies = dict[str, list[tuple[bool, bytes]]]


def stored(events: list[Recorded], cuts: list[int], merge_at: int) -> Bodies:
    """The parts of every government as the view stores them, the first `merge_at` of each merged
    into a block."""
    parts: Bodies = {}
    heads: dict[str, Version] = {}
    for begin, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        change = advance(heads, events[begin:end])
        for government, part in parts_of(change.opened, change.closed).items():
            parts.setdefault(government, []).append((False, pack_part(part)))
        for span in change.opened:
            if span.position_to is None:
                heads[span.version.claim.id] = span.version
    found: Bodies = {}
    for government, some in parts.items():
        plain = [unpack_pieces(body, is_block=False) for _, body in some[:merge_at]]
        found[government] = [(True, pack_block(joined(plain))), *some[merge_at:]]
    return found


def swept(
    bodies: Bodies, on: date, known_at: KnownAt, *, at_once: int = 3, rows: int = 0
) -> dict[str, Reckoned]:
    """What a pass over all governments gives, so many parts at once, the newest first; `rows`: how
    many are told to come of each."""
    sweep = Sweep(Law(WEIGHTS), on, known_at)
    found: dict[str, Reckoned] = {}
    for government in sorted(bodies):
        for some in batched(reversed(bodies[government]), at_once):
            found |= dict(sweep.take(government, some, rows))
    return found | dict(sweep.rest())


def batched(bodies: Iterable[tuple[bool, bytes]], size: int) -> Iterator[list[tuple[bool, bytes]]]:
    """So many parts at a time."""
    rest = iter(bodies)
    while some := list(islice(rest, size)):
        yield some


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_one_pass_gives_what_the_law_gives(events: list[Recorded], data: st.DataObject) -> None:
    """For every government, on any day and as known at any point, however the log was cut and
    however many governments are reckoned at a stroke."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=6)) - {len(events)})
    bodies = stored(events, cuts, data.draw(st.integers(1, 4)))
    history = fold_all(events)
    moments = sorted({v.known_from for h in history.values() for v in h})
    nudge = timedelta(microseconds=data.draw(st.sampled_from([-1, 0, 1])))
    clocks = [
        HEAD,
        KnownAt(position=data.draw(st.integers(0, len(events)))),
        KnownAt(moment=data.draw(st.sampled_from(moments)) + nudge),
    ]
    at_once, rows = data.draw(st.integers(1, 4)), data.draw(st.sampled_from([0, 10]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "SWEPT_ROWS", data.draw(st.sampled_from([1, 20, 10**6])))
        patch.setattr(
            "projections.columnar.legal.legal.FEW_ROWS_MAX", data.draw(st.sampled_from([0, 5, 24]))
        )
        for known_at in clocks:
            known = believed(history, known_at)
            for on in ONS:
                given = swept(bodies, on, known_at, at_once=at_once, rows=rows)
                for government, found in given.items():
                    facts = [v.facts for v in known if government in v.claim.targets]
                    assert_equal(found, facts, government, on)
                    pressed = pressure(facts, government, on, WEIGHTS)
                    by_place = {f.position: f.claim for f in facts}
                    last = None if found.heard is None else by_place[found.heard.recorded]
                    assert found.voices == len(pressed.terms)
                    assert last == (pressed.terms[-1].claim if pressed.terms else None)
                    for treaty in TREATIES.values():
                        standing = standing_on(treaty, government, found.legal, on)
                        expected = standing_on(treaty, government, placed(facts), on)
                        plain = {n: getattr(standing, n) for n in standing.__struct_fields__}
                        wanted = {n: getattr(expected, n) for n in expected.__struct_fields__}
                        assert plain | {"surprises": ()} == wanted | {"surprises": ()}


@settings(max_examples=10, deadline=None)
@given(events=histories(moves_max=30), data=st.data())
def test_one_pass_gives_what_columns_of_one_government_give(
    events: list[Recorded], data: st.DataObject
) -> None:
    """To the last bit, so that an answer does not depend on the way it was reckoned."""
    bodies = stored(events, [], 1)
    known_at = KnownAt(position=data.draw(st.integers(0, len(events))))
    on = data.draw(st.sampled_from(ONS))
    for government, found in swept(bodies, on, known_at).items():
        pieces = joined([unpack_pieces(b, is_block=is_block) for is_block, b in bodies[government]])
        assert Reckoner(government, pieces, Law(WEIGHTS)).reckon(on, known_at) == found


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=40), rows_max=st.integers(1, 12))
def test_no_more_governments_are_reckoned_together_than_have_so_many_rows(
    events: list[Recorded], rows_max: int
) -> None:
    """However many governments there are: of one that has more rows than that, its own alone."""
    bodies = stored(events, [], 1)
    rows = {
        code: sum(unpack_pieces(body, is_block=is_block).size for is_block, body in some)
        for code, some in bodies.items()
    }
    together: list[list[int]] = []

    class Counting(Reckoning):
        def __init__(self, codes: Sequence[str], sizes: Ints, *how: Any) -> None:
            together.append(sizes.tolist())
            super().__init__(codes, sizes, *how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "SWEPT_ROWS", rows_max)
        patch.setattr(sweeping, "Reckoning", Counting)
        sweep = Sweep(Law(WEIGHTS), ONS[-1], HEAD)
        found = [
            code
            for code in sorted(bodies)
            for code, _ in sweep.take(code, bodies[code], rows[code])
        ]
        found += [code for code, _ in sweep.rest()]
    assert found == sorted(bodies)
    assert all(sum(some) <= rows_max or len(some) == 1 for some in together)
