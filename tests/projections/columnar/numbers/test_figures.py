"""Numbers reckoned from columns equal the law, on any day and as known at any point."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.facts import Facts
from domain.numbers import Figure
from domain.standing import standing_on
from domain.treaties import TREATIES
from projections.board import board_row
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned
from projections.columnar.opened.explaining import named, opened
from projections.columnar.shelf.slimming import slim
from projections.columnar.terms.law import Law
from projections.columns import Pieces, joined, pack_block, pack_part, parts_of, unpack_pieces
from projections.dossier import MEASURES, explain
from projections.histories import Version, believed, fold_all
from projections.spans import advance
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories

EXACT = 1e-9
ONS = tuple(date.fromisoformat(d) for d in ("2024-11-20", "2025-04-20", "2025-12-31", "2026-07-11"))


def columns_of(events: list[Recorded], cuts: list[int], merge_at: int) -> dict[str, Pieces]:
    """The columns of every government, written batch by batch as the view writes them; the first
    `merge_at` parts of each merged into a block."""
    bodies: dict[str, list[bytes]] = {}
    heads: dict[str, Version] = {}
    begins = [0, *cuts]
    for begin, end in zip(begins, [*cuts, len(events)], strict=True):
        change = advance(heads, events[begin:end])
        for government, part in parts_of(change.opened, change.closed).items():
            bodies.setdefault(government, []).append(pack_part(part))
        for span in change.opened:
            if span.position_to is None:
                heads[span.version.claim.id] = span.version
    found: dict[str, Pieces] = {}
    for government, parts in bodies.items():
        plain = [unpack_pieces(body, is_block=False) for body in parts]
        merged = pack_block(joined(plain[:merge_at]))
        cut = len(parts[merge_at:]) // 2 + merge_at  # what came later is put to what was there
        taken = slim([(True, merged), *((False, body) for body in parts[merge_at:cut])])
        found[government] = joined([taken, slim((False, body) for body in parts[cut:])])
    return found


def near(found: Figure, expected: Figure) -> bool:
    """Whether two figures agree to 1e-9."""
    return all(
        getattr(found, name) == pytest.approx(getattr(expected, name), abs=EXACT)
        for name in ("score", "low", "high")
    )


def placed(facts: list[Facts]) -> list[Facts]:
    """Facts that name their claims as columns do: by where they were recorded."""
    return [msgspec.structs.replace(fact, claim=str(fact.position)) for fact in facts]


def assert_equal(found: Reckoned, facts: list[Facts], government: str, on: date) -> None:
    """What was reckoned is what the law says of the facts."""
    expected = board_row(government, facts, on, WEIGHTS)
    assert near(found.pressure, expected.pressure)
    assert near(found.backing, expected.backing)
    assert near(found.erosion, expected.erosion)
    assert found.claims == expected.claims
    by_recorded = {f.position: f.claim for f in facts}
    last = None if found.latest is None else by_recorded[found.latest.recorded]
    assert last == (None if expected.latest is None else expected.latest.claim)


def assert_explained(
    reckoner: Reckoner, facts: list[Facts], government: str, on: date, known_at: KnownAt
) -> None:
    """Every number opens into the same terms, from the first on and from the second."""
    names = {str(f.position): f.claim for f in facts}
    for measure in MEASURES:
        for after in (0, 1):
            page = opened(reckoner, measure, on=on, known_at=known_at, after=after)
            expected = explain(
                measure, government, facts, on=on, known_at="", weights=WEIGHTS, after=after
            )
            assert named(page.explanation, "", names) == expected
            whole = sum(term.points for term in page.explanation.terms)
            if after == 0:
                floor = expected.floor or 0.0
                assert whole + floor == pytest.approx(expected.score, abs=EXACT)


@settings(max_examples=30, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_columns_give_what_the_law_gives(events: list[Recorded], data: st.DataObject) -> None:
    """For every government, day and point of knowledge, however the log was cut into batches."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=6)) - {len(events)})
    columns = columns_of(events, cuts, data.draw(st.integers(1, 4)))
    history = fold_all(events)
    moments = sorted({v.known_from for h in history.values() for v in h})
    nudge = timedelta(microseconds=data.draw(st.sampled_from([-1, 0, 1])))
    clocks = [
        HEAD,
        KnownAt(position=data.draw(st.integers(0, len(events)))),
        KnownAt(moment=data.draw(st.sampled_from(moments)) + nudge),
    ]
    with pytest.MonkeyPatch.context() as patch:
        few_of = data.draw(st.sampled_from([1, 4, 10**6]))
        patch.setattr("projections.columnar.numbers.steady.FEW_OF", few_of)
        for government in GOVERNMENTS:
            if government not in columns:
                continue
            reckoner = Reckoner(government, columns[government], Law(WEIGHTS))
            for known_at in clocks:
                facts = [
                    v.facts for v in believed(history, known_at) if government in v.claim.targets
                ]
                for on in ONS:
                    found = reckoner.reckon(on, known_at)
                    assert_equal(found, facts, government, on)
                    assert_explained(reckoner, facts, government, on, known_at)
                    for treaty in TREATIES.values():
                        standing = standing_on(treaty, government, found.legal, on)
                        expected = standing_on(treaty, government, placed(facts), on)
                        plain = {n: getattr(standing, n) for n in standing.__struct_fields__}
                        wanted = {n: getattr(expected, n) for n in expected.__struct_fields__}
                        assert plain | {"surprises": ()} == wanted | {"surprises": ()}
