"""The claims of a log unfolded some at a time are those of the log folded whole, in bounded
memory."""

import tracemalloc
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from benchmarks.histories import events as generated
from domain.clocks import KnownAt
from domain.events import ClaimsDeclaredSame, ClaimsSeparated, LogEvent, Recorded, encode
from domain.kinds import ClaimRecorded
from projections.histories import Version, fold_all
from services.tables import unfolding
from services.tables.believed import Claims, believed_claims
from services.tables.unfolding import unfolded
from services.wiring import AppendRequest
from tests.services.running import Running

EVENTS = 400
BATCH = 500


def filled(site: Running, name: str, count: int, before: Sequence[LogEvent] = ()) -> list[Recorded]:
    """The events of a new workspace with a made history, and with others before it."""
    site.call(site.house.store.add_workspace(name))
    made = [encode(one) for one in (*before, *(g.event for g in generated(11, count)))]
    for begin in range(0, len(made), BATCH):
        request = AppendRequest(events=tuple(made[begin : begin + BATCH]), recorded_by="made")
        site.call(site.house.appender.append(name, request))

    async def read() -> list[Recorded]:
        return [one async for some in site.house.store.recorded(name) for one in some]

    return site.call(read())


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_claims_unfold_as_the_log_folds(
    site: Running, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """However many are read together and however far: every claim once, in the order of recording,
    with the versions that a fold of the whole log gives it, whatever it was declared the same
    as."""
    monkeypatch.setattr(unfolding, "CLAIMS_AT_ONCE", at_once)
    events = filled(site, f"unfolded-{at_once}", EVENTS)
    for until in (1, EVENTS // 2, EVENTS):
        found: dict[str, list[Version]] = {}

        async def read(until: int = until, found: dict[str, list[Version]] = found) -> None:
            name = f"unfolded-{at_once}"
            async for _, histories in unfolded(site.house, name, until):
                assert found.keys().isdisjoint(histories)
                found |= histories

        site.call(read())
        whole = fold_all(events[:until])
        assert list(found) == list(whole)
        assert found == whole
        assert any(version.same for history in found.values() for version in history) or until == 1


@pytest.mark.parametrize("separated", [False, True])
def test_what_was_declared_the_same_as_claims_of_long_ago_is_unfolded_with_them(
    site: Running, monkeypatch: pytest.MonkeyPatch, separated: bool
) -> None:
    """Also where the event that says so is at hand, and the other claim is not."""
    monkeypatch.setattr(unfolding, "CLAIMS_AT_ONCE", 7)
    recorded = [one.event for one in generated(5, 400) if isinstance(one.event, ClaimRecorded)]
    first, last = recorded[0].claim, recorded[-1].claim
    said: list[LogEvent] = [ClaimsDeclaredSame(claim=last, other=first)]
    if separated:
        said.append(ClaimsSeparated(claim=first, other=last))
    name = f"long-ago-{int(separated)}"
    events = filled(site, name, 40, [*recorded, *said])
    found: dict[str, list[Version]] = {}

    async def read() -> None:
        async for _, histories in unfolded(site.house, name, len(events)):
            found.update(histories)

    site.call(read())
    assert found == fold_all(events)
    assert (found[last][-1].happening == first) != separated


def test_an_export_by_pieces_is_the_export_of_the_whole(
    site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As known at any point and moment, line by line."""
    monkeypatch.setattr(unfolding, "CLAIMS_AT_ONCE", 5)
    events = filled(site, "pieces", EVENTS)
    moments = sorted({one.recorded_at for one in events})
    clocks = (
        KnownAt(position=EVENTS // 3),
        KnownAt(position=EVENTS),
        KnownAt(moment=moments[0]),
        KnownAt(moment=moments[-1]),
    )
    for known_at in clocks:
        until = known_at.position or EVENTS
        whole = Claims(until)
        for history in fold_all(events[:until]).values():
            for version in history:
                if known_at.moment is None or version.known_from <= known_at.moment:
                    whole.take(version)

        async def read(known_at: KnownAt = known_at) -> list[dict[str, Any]]:
            pieces = believed_claims(site.house, "pieces", known_at)
            return [plain async for _, some in pieces for plain in some]

        found = b"".join(msgspec.json.encode(plain) + b"\n" for plain in site.call(read()))
        assert found == b"".join(whole.lines())


def test_unfolding_takes_no_more_memory_the_longer_the_log_is(
    site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times as long a log takes at most a quarter more at its peak."""
    monkeypatch.setattr(unfolding, "CLAIMS_AT_ONCE", 200)
    peaks = []
    for count in (5_000, 20_000):
        filled(site, f"long-{count}", count)

        async def read(count: int = count) -> int:
            tracemalloc.start()
            async for _, histories in unfolded(site.house, f"long-{count}", count):
                del histories
            return tracemalloc.get_traced_memory()[1]

        site.caught_up(f"long-{count}")  # nothing else is to be done meanwhile
        try:
            peaks.append(site.call(read()))
        finally:
            tracemalloc.stop()
    few, many = peaks
    assert many < 1.25 * few
