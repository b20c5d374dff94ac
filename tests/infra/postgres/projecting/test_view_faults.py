"""Views that cannot digest an event stop and are named; the others go on, a rebuild clears them."""

from typing import Any

import pytest

from domain.clocks import HEAD, KnownAt
from domain.dcb import DCBEvent
from domain.errors import InvalidQuestion
from domain.events import ClaimAccepted
from infra.postgres.listener import Listener
from infra.postgres.log.appender import Appender, AppendRequest
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.rebuild import UnknownView
from infra.postgres.projecting.view_rows import VIEWS, ClaimsView, Folded, GovernmentsView, View
from infra.postgres.proving.verify import Unsound, verify
from infra.postgres.reading.views import Views
from projections.histories import believed
from tests.conftest import WORKSPACE
from tests.infra.postgres.filling import append, claim, ids, replayed, rows_of


class Tally:
    """A view of its own that rests on nothing: it notes the events it is given, in memory."""

    name = "tally"
    form = 1
    rests_on: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.seen: dict[int, set[int]] = {}

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Note the positions."""
        noted = self.seen.setdefault(generation, set())
        noted.update(recorded.position for recorded in folded.events)

    async def forget(self, connection: Any, workspace: str, generation: int) -> bool:
        """Forget the other generations."""
        self.seen = {generation: self.seen.get(generation, set())}
        return False


class Choosy(GovernmentsView):
    """The view of governments with a fault: it cannot digest a claim called `poison`."""

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write, unless it is there."""
        if any(span.version.claim.id == "poison" for span in folded.change.opened):
            raise KeyError("poison")
        await super().write(connection, workspace, generation, folded)


class Unwritable(ClaimsView):
    """The view of claims with a fault that the database finds: it writes the claim `poison`
    twice."""

    async def write(self, connection: Any, workspace: str, generation: int, folded: Folded) -> None:
        """Write once, or twice."""
        await super().write(connection, workspace, generation, folded)
        if any(span.version.claim.id == "poison" for span in folded.change.opened):
            await super().write(connection, workspace, generation, folded)


EVERY_VIEW_AT_2 = sorted((view.name, 2) for view in VIEWS)


@pytest.fixture
def faulty(dsn: str, listener: Listener, views: Views) -> Projector:
    """A projector whose view of governments cannot digest `poison`."""
    return Projector(dsn, listener, views, written=(VIEWS[0], Choosy(), *VIEWS[2:], Tally()))


async def fill(appender: Appender) -> None:
    """Twenty claims, the one at position 12 called `poison`."""
    names = [f"c-{n}" for n in range(1, 21)]
    names[11] = "poison"
    await append(appender, WORKSPACE, [claim(name) for name in names])


async def test_a_view_that_cannot_digest_an_event_stops_and_the_others_go_on(
    appender: Appender, faulty: Projector, views: Views
) -> None:
    """The fault names view, position and error; every other view reaches the head."""
    await fill(appender)
    assert await faulty.catch_up(WORKSPACE) == 20
    watermark = await views.watermark(WORKSPACE)
    assert watermark.position == 20
    assert [(f.view, f.position, f.error) for f in watermark.faults] == [
        ("governments", 12, "KeyError: 'poison'")
    ]
    position, held = await views.versions(WORKSPACE, HEAD)
    assert (position, len(held)) == (20, 20)


async def test_a_stopped_view_answers_for_the_position_before_its_fault(
    appender: Appender, faulty: Projector, views: Views
) -> None:
    """It never passes a partial picture off as the head."""
    await fill(appender)
    await faulty.catch_up(WORKSPACE)
    position, facts = await views.facts(WORKSPACE, HEAD)
    assert (position, len(facts)) == (11, 11)
    with pytest.raises(InvalidQuestion, match="reached position 11"):
        await views.facts(WORKSPACE, KnownAt(position=12))


async def test_a_rebuild_after_the_mending_clears_the_fault(
    store: EventStore, appender: Appender, faulty: Projector, projector: Projector, views: Views
) -> None:
    """The rebuilt view stands at the watermark, equal to a replay, in a new epoch."""
    await fill(appender)
    await faulty.catch_up(WORKSPACE)
    before = await views.watermark(WORKSPACE)
    assert await projector.rebuild(WORKSPACE, "governments") == 20
    after = await views.watermark(WORKSPACE)
    assert (after.position, after.faults) == (20, ())
    assert after.epoch > before.epoch
    position, facts = await views.facts(WORKSPACE, HEAD)
    expected = believed(await replayed(store, WORKSPACE), HEAD)
    assert (position, facts) == (20, [v.facts for v in expected])
    async for _ in verify(store, views, WORKSPACE):
        pass


async def test_a_rebuild_with_the_fault_still_there_stops_at_it_again(
    store: EventStore, appender: Appender, faulty: Projector, views: Views
) -> None:
    """A rebuild that mends nothing says so by the same fault, and harms no other view."""
    await fill(appender)
    await faulty.catch_up(WORKSPACE)
    await faulty.rebuild(WORKSPACE)
    assert [f.position for f in (await views.watermark(WORKSPACE)).faults] == [12]
    assert (await views.facts(WORKSPACE, HEAD))[0] == 11
    assert len((await views.versions(WORKSPACE, HEAD))[1]) == 20


async def test_a_fault_that_the_database_finds_stops_what_rests_on_the_view_too(
    dsn: str, listener: Listener, appender: Appender, views: Views
) -> None:
    """Without histories nothing that reads them can go on; what rests on nothing does."""
    tally = Tally()
    written: tuple[View, ...] = (Unwritable(), VIEWS[1], tally)
    await fill(appender)
    await Projector(dsn, listener, views, written=written).catch_up(WORKSPACE)
    watermark = await views.watermark(WORKSPACE)
    assert [(f.view, f.position) for f in watermark.faults] == [("claims", 12), ("governments", 12)]
    assert "UniqueViolationError" in watermark.faults[0].error
    assert tally.seen[1] == set(range(1, 21))
    assert len((await views.versions(WORKSPACE, HEAD))[1]) == 11


async def test_an_event_nobody_can_decode_stops_every_view_and_no_process(
    appender: Appender, projector: Projector, views: Views, store: EventStore
) -> None:
    """An event of an unknown name, and one with unreadable bytes, are faults, never a crash."""
    await append(appender, WORKSPACE, [claim()])
    unknown = DCBEvent("from_the_future.v9", b"\x80", ["claim:x"])
    broken = DCBEvent("claim_accepted.v1", b"\xff not msgpack", ["claim:x"])
    await appender.append(WORKSPACE, AppendRequest(events=(unknown, broken)))
    await append(appender, WORKSPACE, [claim("after")])
    assert await projector.catch_up(WORKSPACE) == 4
    watermark = await views.watermark(WORKSPACE)
    assert [(f.view, f.position) for f in watermark.faults] == EVERY_VIEW_AT_2
    assert "from_the_future.v9" in watermark.faults[0].error
    position, held = await views.versions(WORKSPACE, HEAD)
    assert (position, ids(held)) == (1, [("nor-regret", 1)])
    with pytest.raises(Unsound, match=r"position 2: .*from_the_future\.v9"):
        async for _ in verify(store, views, WORKSPACE):
            pass


async def test_an_event_about_a_claim_nobody_recorded_is_a_fault(
    appender: Appender, projector: Projector, views: Views
) -> None:
    """A broken history stops the views of histories with the claim named."""
    await append(appender, WORKSPACE, [claim(), ClaimAccepted(claim="nobody-recorded")])
    await projector.catch_up(WORKSPACE)
    faults = (await views.watermark(WORKSPACE)).faults
    assert [(f.view, f.position) for f in faults] == EVERY_VIEW_AT_2
    assert "nobody-recorded" in faults[0].error


async def test_a_further_view_is_built_from_the_log_by_itself(
    dsn: str, listener: Listener, appender: Appender, projector: Projector, views: Views
) -> None:
    """A release that brings a view builds it for workspaces that have a history, and keeps it."""
    await fill(appender)
    await projector.catch_up(WORKSPACE)
    tally = Tally()
    newer = Projector(dsn, listener, views, written=(*VIEWS, tally))
    await newer.rebuild(WORKSPACE, "tally")
    assert tally.seen == {2: set(range(1, 21))}
    await append(appender, WORKSPACE, [claim("later")])
    await newer.catch_up(WORKSPACE)
    assert tally.seen == {2: set(range(1, 22))}
    assert (await rows_of_claims(views)) == 21


async def rows_of_claims(views: Views) -> int:
    """How many claims are believed at the head."""
    return len((await views.versions(WORKSPACE, HEAD))[1])


async def test_there_is_no_view_of_any_other_name(projector: Projector) -> None:
    """A rebuild names the views there are."""
    with pytest.raises(UnknownView, match="claims, governments"):
        await projector.rebuild(WORKSPACE, "everything")


async def test_rows_of_a_view_that_stopped_stay_readable_as_they_were(
    store: EventStore, appender: Appender, faulty: Projector, views: Views
) -> None:
    """What was written before the fault is not touched by what comes after it."""
    await fill(appender)
    await faulty.catch_up(WORKSPACE)
    before = (await rows_of(store, WORKSPACE))["government_rows"]
    await append(appender, WORKSPACE, [ClaimAccepted(claim="c-1"), claim("later")])
    await faulty.catch_up(WORKSPACE)
    assert (await rows_of(store, WORKSPACE))["government_rows"] == before
