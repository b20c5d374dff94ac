"""A dossier from columns equals the one the law gives, page by page."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import KnownAt
from domain.events import Recorded
from projections import dossier as law
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened import outlining
from projections.columnar.opened.outlining import affected, outlined, outlined_dossier
from projections.columnar.terms.law import Law
from projections.dossier import dossier
from projections.effects import effects
from projections.histories import believed, fold_all
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.projections.columnar.numbers.test_figures import columns_of

ONS = tuple(date.fromisoformat(d) for d in ("2025-04-20", "2025-12-31", "2026-07-11"))


class Near(float):
    """A number that equals any other within 1e-9: rounding would part two that lie beside it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and abs(self - other) <= 1e-9

    __hash__ = float.__hash__


def plain(answer: Any) -> Any:
    """An answer as plain values, its numbers to 1e-9."""
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [plain(value) for value in answer]
    return Near(answer) if isinstance(answer, float) else answer


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_a_dossier_from_columns_is_the_one_of_the_law(
    events: list[Recorded], data: st.DataObject
) -> None:
    """For every government and day, at any position, with pages and steps of any number: standings
    with what does not fit them, stages, numbers, points, timeline and the next page."""
    history = fold_all(events)
    known_at = KnownAt(position=data.draw(st.integers(1, len(events))))
    held = believed(history, known_at)
    size = data.draw(st.integers(1, 6))
    after = data.draw(st.integers(0, 4))
    with pytest.MonkeyPatch.context() as patched:
        for module in (law, outlining):
            patched.setattr(module, "ENTRIES_MAX", size)
            patched.setattr(module, "STEPS_MAX", size)
        for government, pieces in columns_of(events, [], 1).items():
            if government not in GOVERNMENTS:
                continue
            reckoner = Reckoner(government, pieces, Law(WEIGHTS))
            for on in ONS:
                outline = outlined(reckoner, on, known_at, after)
                at = {(v.recorded_position, v.position): v for v in held}
                versions = {recorded: at[recorded, position]
                            for _, recorded, position in outline.places}  # fmt: skip
                names = {str(recorded): at[recorded, position].claim.id
                         for _, recorded, position in outline.named}  # fmt: skip
                how: dict[str, Any] = {"on": on, "known_at": "", "weights": WEIGHTS, "after": after}
                found = outlined_dossier(government, outline, versions, names, **how)
                expected = dossier(government, held, **how)
                assert plain(msgspec.to_builtins(found)) == plain(msgspec.to_builtins(expected))


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=30), size=st.integers(1, 5))
def test_the_pages_of_a_timeline_are_the_whole(events: list[Recorded], size: int) -> None:
    """Following `next_after` gives every claim that is shown once, latest first."""
    held = [h[-1] for h in fold_all(events).values()]
    how: dict[str, Any] = {"on": ONS[-1], "known_at": "", "weights": WEIGHTS}
    for government in GOVERNMENTS:
        whole = dossier(government, held, **how).timeline
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(law, "ENTRIES_MAX", size)
            found: list[Any] = []
            after: int | None = 0
            while after is not None:
                page = dossier(government, held, after=after, **how)
                assert page.timeline_total == len(whole)
                found += page.timeline
                after = page.next_after
        assert found == list(whole)


@settings(max_examples=25, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_what_a_claim_does_to_numbers_is_what_the_law_says(
    events: list[Recorded], data: st.DataObject
) -> None:
    """For every claim, government and day, at any position: the points that it adds, the legal
    floor, or why it is left out."""
    history = fold_all(events)
    known_at = KnownAt(position=data.draw(st.integers(1, len(events))))
    held = believed(history, known_at)
    on = data.draw(st.sampled_from(ONS))
    recorded = {name: versions[0].recorded_position for name, versions in history.items()}
    for government, pieces in columns_of(events, [], 1).items():
        if government not in GOVERNMENTS:
            continue
        reckoner = Reckoner(government, pieces, Law(WEIGHTS))
        facts = [v.facts for v in held if government in v.claim.targets]
        numbers = {name: of(facts, government, on, WEIGHTS) for name, of in law.MEASURES.items()}
        for claim, place in recorded.items():
            told = affected(reckoner, place, on=on, known_at=known_at)
            assert plain(msgspec.to_builtins(told)) == plain(
                msgspec.to_builtins(effects(claim, numbers))
            )
