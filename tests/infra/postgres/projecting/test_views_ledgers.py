"""What ledgers and changes read of the views equals a replay, at every clock."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clocks import KnownAt
from domain.events import Recorded
from domain.numbers import CRITICAL_KINDS
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading.figures import Figures
from infra.postgres.reading.views import Views
from projections.changes import compared, rows_of
from projections.histories import believed
from projections.transfers import TRANSFER_STAGES
from tests.domain.made import WEIGHTS
from tests.histories import NOW, histories
from tests.infra.postgres.filling import append, claim, clocks_of, new_workspace, replayed
from tests.infra.postgres.reading.test_figures import plain

EXAMPLES = settings(
    max_examples=20,
    deadline=None,
    # One database serves all examples of a test; each takes a workspace of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EXAMPLES
@given(events=histories(), data=st.data())
async def test_ledgers_and_changes_read_what_a_replay_holds(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """Versions of some kinds, and two points of knowledge with the numbers of every government
    touched, are those of the events."""
    workspace = await new_workspace(store)
    await append(appender, workspace, [recorded.event for recorded in events])
    head = await projector.catch_up(workspace)
    expected = await replayed(store, workspace)
    clocks = clocks_of(expected, head)
    moments = [k for k in clocks if k.moment is not None]
    pairs = st.one_of(
        st.tuples(st.sampled_from(moments), st.sampled_from([*moments, KnownAt()])),
        st.tuples(st.integers(0, head), st.integers(0, head) | st.none()).map(
            lambda pair: (KnownAt(position=pair[0]), KnownAt(position=pair[1]))
        ),
    )
    figures = Figures(
        views,
        shelves_bytes_max=data.draw(st.sampled_from([0, 10**7])),
        held_rows_max=data.draw(st.sampled_from([0, 10**6])),
    )
    days = sorted({v.facts.day for history in expected.values() for v in history})
    for first, last in data.draw(st.lists(pairs, min_size=1, max_size=3)):
        until = data.draw(st.sampled_from([*days, NOW.date()]))
        position, found, *rows = await figures.between(workspace, first, last, until, WEIGHTS)
        assert (position, found) == (head, compared(expected, first, last, until=until))
        for known_at, read in zip((first, last), rows, strict=True):
            facts = (v.facts for v in believed(expected, known_at))
            law = rows_of(found, facts, until, WEIGHTS)
            assert plain(msgspec.to_builtins(read)) == plain(msgspec.to_builtins(law))
        for kinds in (CRITICAL_KINDS, TRANSFER_STAGES.keys()):
            assert await views.versions_of_kinds(workspace, first, kinds, until=until) == (
                head,
                [
                    v
                    for v in believed(expected, first)
                    if v.claim.kind in kinds and v.facts.day <= until
                ],
            )


async def test_a_long_list_of_changes_is_cut_where_a_replay_cuts_it(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first by position are listed, of the claims that differ the first by name are named, and
    how many there are is told."""
    for module in ("projections.changes", "infra.postgres.reading.comparing"):
        monkeypatch.setattr(f"{module}.DIFFERENCES_MAX", 2)
        monkeypatch.setattr(f"{module}.CLAIMS_NAMED_MAX", 3)
    workspace = await new_workspace(store)
    await append(appender, workspace, [claim(f"regret-{n}") for n in range(4)])
    head = await projector.catch_up(workspace)
    first = KnownAt(position=0)
    asked = workspace, first, KnownAt(), NOW.date(), WEIGHTS
    position, found, *_ = await Figures(views).between(*asked)
    assert [p.version.position for p in found.passed] == [1, 2]
    assert found.total == 4
    assert {(one.claims, one.total) for one in found.touched} == {
        (("regret-0", "regret-1", "regret-2"), 4)
    }
    expected = await replayed(store, workspace)
    law = compared(expected, first, KnownAt(), until=NOW.date())
    assert (position, found) == (head, law)
