"""The board from columns equals the board from a replay, at every step and point of knowledge."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.circles import NO_CIRCLES
from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.governments import GOVERNMENTS
from domain.treaties import TREATIES
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.proving.verify import verify
from infra.postgres.reading.desk_figures import DeskFigures
from infra.postgres.reading.views import Views
from projections.board import board
from projections.columnar.criticism.matrices import MatrixDraw
from projections.columnar.numbers.reckoning import reckoned_board
from projections.criticism import critical, matrix_of
from projections.dossier import dossier, explain
from projections.histories import Histories, believed
from projections.parties import parties, parties_among
from projections.silence import Among
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.infra.postgres.filling import append, clocks_of, new_workspace, replayed
from tests.infra.test_orders import BOUNDS
from tests.projections.columnar.opened.test_outlining import plain as near

EXAMPLES = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ONS = tuple(date.fromisoformat(d) for d in ("2025-04-20", "2025-12-31", "2026-07-11"))


def plain(answer: Any) -> Any:
    """An answer as plain values, its numbers to 1e-9."""
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [plain(value) for value in answer]
    return round(answer, 9) + 0.0 if isinstance(answer, float) else answer


async def assert_boards(
    figures: DeskFigures, workspace: str, histories: Histories, known_at: KnownAt, on: date
) -> None:
    """The board from the columns is the one that the histories give, a page of Criticism, and a
    government with its pressure opened."""
    asked: dict[str, Any] = {"among": Among(allies=True), "circles": NO_CIRCLES, "joint": "one"}
    draw = MatrixDraw(**asked, rows_max=2)
    _, told, following = await figures.criticism(workspace, on, known_at, WEIGHTS, draw)
    said = list(critical(believed(histories, known_at), on, WEIGHTS))
    law_says: dict[str, Any] = {"on": on, "known_at": "", "weights": WEIGHTS, "rows_max": 2}
    assert (told.matrix, following) == matrix_of(said, **law_says, **asked)
    _, rows = await figures.board(workspace, on, known_at, WEIGHTS)
    found = reckoned_board(rows, on=on, known_at="", weights=WEIGHTS)
    facts = [v.facts for v in believed(histories, known_at)]
    expected = board(facts, on=on, known_at="", weights=WEIGHTS)
    assert plain(msgspec.to_builtins(found)) == plain(msgspec.to_builtins(expected))
    held = believed(histories, known_at)
    for code in sorted({c for v in held for c in v.claim.targets} & GOVERNMENTS.keys())[:1]:
        how_told: dict[str, Any] = {"on": on, "known_at": "", "weights": WEIGHTS}
        _, one = await figures.dossier(workspace, code, on, known_at, WEIGHTS)
        assert near(msgspec.to_builtins(one)) == near(
            msgspec.to_builtins(dossier(code, held, **how_told))
        )
        _, number = await figures.explain(workspace, "pressure", code, on, known_at, WEIGHTS)
        concerned = [v.facts for v in held if code in v.claim.targets]
        assert near(msgspec.to_builtins(number)) == near(
            msgspec.to_builtins(explain("pressure", code, concerned, **how_told))
        )
    _, under = await figures.standings(workspace, on, known_at, WEIGHTS)
    for law in TREATIES.values():
        how: dict[str, Any] = {"on": on, "known_at": ""}
        assert parties_among(law, under[law.code], **how) == parties(law, facts, **how)


@EXAMPLES
@given(events=histories(), data=st.data())
async def test_the_board_equals_a_replay_after_every_step(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """At the head from rows kept, elsewhere from a shelf or, where that is too much to keep, from
    columns streamed, those of governments with many rows in order; with few parts to a block and
    blocks of few rows, leaves of few rows, columns kept or not; and a rebuild changes nothing."""
    parts_max = data.draw(st.integers(2, 4))
    monkeypatch.setattr("infra.postgres.projecting.figure_view.PARTS_MAX", parts_max)
    monkeypatch.setattr(
        "infra.postgres.projecting.figure_view.BLOCK_ROWS", data.draw(st.integers(2, 8))
    )
    monkeypatch.setattr(
        "projections.columnar.shelf.shelving.LEAF_ROWS", data.draw(st.integers(1, 8))
    )
    leaf_rows = data.draw(st.integers(1, 8))
    monkeypatch.setattr("projections.columnar.streams.speaking.LEAF_ROWS", leaf_rows)
    merged = data.draw(st.integers(0, 4))
    monkeypatch.setattr("projections.columnar.criticism.merging.MERGED_CELLS", merged)
    kept = data.draw(st.sampled_from([0, 10**4]))
    monkeypatch.setattr("infra.postgres.reading.desk_figures.LATEST_KEPT_MAX", kept)
    figures = DeskFigures(
        views,
        kept_bytes_max=data.draw(st.sampled_from([0, 2000, 10**6])),
        shelves_bytes_max=data.draw(st.sampled_from([0, 10**7, 10**7])),
        held_rows_max=data.draw(st.sampled_from([0, 3, 10**6])),
        bounds=data.draw(BOUNDS),
    )
    workspace = await new_workspace(store)
    on = data.draw(st.sampled_from(ONS))
    rest = [recorded.event for recorded in events]
    while rest:
        size = data.draw(st.integers(1, 6))
        part, rest = rest[:size], rest[size:]
        await append(appender, workspace, part)
        head = await projector.catch_up(workspace)
        expected = await replayed(store, workspace)
        known_at = data.draw(st.sampled_from(clocks_of(expected, head)))
        await assert_boards(figures, workspace, expected, HEAD, on)
        await assert_boards(figures, workspace, expected, known_at, data.draw(st.sampled_from(ONS)))
    await projector.rebuild(workspace, data.draw(st.sampled_from([None, "figures"])))
    await assert_boards(figures, workspace, expected, HEAD, on)
    steps = [progress.step async for progress in verify(store, views, workspace)]
    concerned = any(v.claim.targets for history in expected.values() for v in history)
    assert ("figure_part" in steps) == concerned
