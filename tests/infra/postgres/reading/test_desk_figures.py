"""What pages of the desk read from columns equals what the law gives over the same versions."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.treaties import TREATIES
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.desk_figures import DeskFigures
from infra.postgres.reading.views import Views
from projections.histories import Histories, believed
from projections.mornings import morning
from tests.domain.made import WEIGHTS
from tests.histories import histories
from tests.infra.postgres.filling import append, clocks_of, new_workspace, replayed
from tests.infra.postgres.reading.test_figures import ONS, plain

EXAMPLES = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def assert_morning(
    figures: DeskFigures, workspace: str, histories: Histories, known_at: KnownAt, on: date
) -> None:
    """What Today is drawn from is what the versions give."""
    _, found = await figures.morning(workspace, on, known_at, WEIGHTS)
    versions = sorted(believed(histories, known_at), key=lambda v: v.recorded_position)
    expected = morning(versions, on=on, weights=WEIGHTS)
    for law in TREATIES.values():
        plainly: Any = [
            {code: one.status for code, one in some.standings[law.code].items()}
            for some in (found, expected)
        ]
        assert plainly[0] == plainly[1]
    for name in ("told", "latest", "effects"):
        pair = [plain(msgspec.to_builtins(getattr(one, name))) for one in (found, expected)]
        assert pair[0] == pair[1]


@EXAMPLES
@given(events=histories(), data=st.data())
async def test_the_morning_from_columns_is_the_one_of_the_law(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """Governments with their numbers and who was heard last, what came to be known last and what it
    did: at the head, again when more has come, and as known at any point."""
    figures = DeskFigures(views)
    workspace = await new_workspace(store)
    on = data.draw(st.sampled_from(ONS))
    half = data.draw(st.integers(1, len(events)))
    for part in (events[:half], events[half:]):
        if part:
            await append(appender, workspace, [one.event for one in part])
        head = await projector.catch_up(workspace)
        expected = await replayed(store, workspace)
        known_at = data.draw(st.sampled_from(clocks_of(expected, head)))
        await assert_morning(figures, workspace, expected, HEAD, on)
        await assert_morning(
            figures, workspace, expected, known_at, data.draw(st.sampled_from(ONS))
        )
