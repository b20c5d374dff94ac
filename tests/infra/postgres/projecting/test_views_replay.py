"""Views equal a replay: over made-up histories, at every clock, after every step, and anew."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from domain.standing import LEGAL_KINDS
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.proving.verify import verify
from infra.postgres.reading.views import Views
from projections.histories import believed
from tests.histories import GOVERNMENTS, histories
from tests.infra.postgres.filling import append, clocks_of, new_workspace, replayed, rows_of

EXAMPLES = settings(
    max_examples=15,
    deadline=None,
    # One database serves all examples of a test; each takes a workspace of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def cut(events: list[Recorded], data: st.DataObject, size_max: int) -> list[list[Recorded]]:
    """The events in consecutive parts of drawn sizes."""
    parts, rest = [], events
    while rest:
        size = data.draw(st.integers(1, size_max))
        parts.append(rest[:size])
        rest = rest[size:]
    return parts


@EXAMPLES
@given(events=histories(), data=st.data())
async def test_views_equal_a_replay_after_every_step(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """At the head, at any position and at any moment, views answer what the events give."""
    workspace = await new_workspace(store)
    for part in cut(events, data, 8):
        await append(appender, workspace, [recorded.event for recorded in part])
        head = await projector.catch_up(workspace)
        expected = await replayed(store, workspace)
        clocks = clocks_of(expected, head)
        some = data.draw(st.lists(st.sampled_from(clocks), max_size=3, unique_by=str))
        nudge = timedelta(microseconds=data.draw(st.sampled_from([-1, 1])))
        beside = [KnownAt(moment=c.moment + nudge) for c in some if c.moment is not None]
        for known_at in [HEAD, *some, *beside]:
            held = believed(expected, known_at)
            assert await views.versions(workspace, known_at) == (head, held)
            assert await views.facts(workspace, known_at) == (head, [v.facts for v in held])


@EXAMPLES
@given(events=histories(), data=st.data())
async def test_one_government_and_one_claim_are_parts_of_the_whole(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """What concerns a government, what is legal and what happened by a day are cut from one
    picture."""
    workspace = await new_workspace(store)
    await append(appender, workspace, [recorded.event for recorded in events])
    head = await projector.catch_up(workspace)
    expected = await replayed(store, workspace)
    known_at = data.draw(st.sampled_from(clocks_of(expected, head)))
    held = believed(expected, known_at)
    code = data.draw(st.sampled_from(GOVERNMENTS))
    concern = [v for v in held if code in v.claim.targets]
    assert await views.versions(workspace, known_at, government=code) == (head, concern)
    day = data.draw(st.sampled_from([v.facts.day for v in held])) if held else None
    for legal in (False, True):
        for government in (None, code):
            found = await views.facts(
                workspace, known_at, government=government, until=day, legal_only=legal
            )
            assert found[1] == [
                v.facts
                for v in (held if government is None else concern)
                if (day is None or v.facts.day <= day)
                and (not legal or v.claim.kind in LEGAL_KINDS)
            ]
    for claim, history in expected.items():
        assert await views.history(workspace, claim) == (head, history)
        found_history, beside = (await views.claim(workspace, claim, known_at))[1:]
        assert found_history == history
        named = {r.claim for v in history for r in v.claim.relates_to}
        relating = [v for v in held if claim in {r.claim for r in v.claim.relates_to}]
        assert beside == [*relating, *(v for v in held if v.claim.id in named)]


@EXAMPLES
@given(events=histories(), data=st.data())
async def test_batches_of_any_size_and_a_rebuild_give_the_same_rows(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """One event at a time, several, all at once or anew: the rows are the same, and they verify."""
    workspace = await new_workspace(store)
    found: list[dict[str, list[Any]]] = []
    await append(appender, workspace, [recorded.event for recorded in events])
    projector.events_max = data.draw(st.sampled_from([2, 3, 7, 2000]))
    await projector.catch_up(workspace)
    found.append(await rows_of(store, workspace))
    for size in (1, data.draw(st.integers(2, 9)), 2000):
        projector.events_max = size
        view = data.draw(st.sampled_from([None, "claims", "governments"]))
        assert await projector.rebuild(workspace, view) == len(events)
        found.append(await rows_of(store, workspace))
    assert all(rows == found[0] for rows in found)
    steps = [progress.step async for progress in verify(store, views, workspace)]
    assert {"events", "tags", "keys", "claim_version", "government_claim"} <= set(steps)
