"""Many events of one request, appended as a sheaf: judged as any other request is."""

from datetime import datetime
from typing import Any

import pytest

from domain.dcb import DCBEvent
from domain.errors import AlreadyRecorded, AppendConflict, KeyReused
from domain.sheaf import bind
from infra.postgres.log.appender import Appended, Appender, AppendRequest
from infra.postgres.log.store import EventStore, NoWorkspace
from tests.conftest import WORKSPACE


def sheaf(*claims: str, key: str | None = None, **more: Any) -> AppendRequest:
    """An event for each claim, which must be new; every second one is about one government."""
    return AppendRequest(
        sheaf=bind(
            ("said.v1", b"{}", (f"claim:{one}", *(["gov:FIN"] if number % 2 else [])))
            for number, one in enumerate(claims)
        ),
        absent=tuple(f"claim:{one}" for one in claims),
        key=key,
        request_hash=None if key is None else repr(claims).encode(),
        recorded_by="import:a",
        **more,
    )


async def places(store: EventStore) -> list[tuple[int, str]]:
    """Where which claim stands."""
    return [(one.position, one.tags[0]) for one in (await store.read(WORKSPACE)).events]


async def test_a_sheaf_is_appended_once_under_its_key(
    appender: Appender, store: EventStore
) -> None:
    """Sent again it is answered as at first, another body under its key is refused, and an event
    that must not exist is named with its position; each leaves nothing behind."""
    first = await appender.append(WORKSPACE, sheaf("a", "b", "c", key="k"))
    assert (first.first, first.last, first.replayed) == (1, 3, False)
    again = await appender.append(WORKSPACE, sheaf("a", "b", "c", key="k"))
    assert again == Appended(1, 3, first.recorded_at, True)
    with pytest.raises(KeyReused):
        await appender.append(WORKSPACE, sheaf("d", "e", key="k"))
    with pytest.raises(AlreadyRecorded) as found:
        await appender.append(WORKSPACE, sheaf("d", "b", key="other"))
    assert (found.value.facts["tag"], found.value.facts["position"]) == ("claim:b", 2)
    assert await places(store) == [(1, "claim:a"), (2, "claim:b"), (3, "claim:c")]


async def test_events_of_a_sheaf_bear_one_moment_and_their_author(
    appender: Appender, store: EventStore
) -> None:
    """All events say who brought them and when, which is what the caller is told."""
    appended = await appender.append(WORKSPACE, sheaf("a", "b"))
    events = (await store.read(WORKSPACE)).events
    assert {one.recorded_by for one in events} == {"import:a"}
    assert {one.recorded_at for one in events} == {appended.recorded_at}
    assert isinstance(appended.recorded_at, datetime)


async def test_a_sheaf_follows_another_or_is_a_conflict(
    appender: Appender, store: EventStore
) -> None:
    """What follows an append that is not in the log is refused as a conflict and can be sent again
    under its key once that one is there."""
    await appender.append(WORKSPACE, AppendRequest(events=(DCBEvent("seen.v1", b"", ["x:1"]),)))
    with pytest.raises(AppendConflict) as refused:
        await appender.append(WORKSPACE, sheaf("c", "d", key="second", follows="first"))
    assert refused.value.facts["head"] == 1
    await appender.append(WORKSPACE, sheaf("a", "b", key="first"))
    await appender.append(WORKSPACE, sheaf("c", "d", key="second", follows="first"))
    assert [one for _, one in await places(store)] == [
        "x:1", "claim:a", "claim:b", "claim:c", "claim:d",
    ]  # fmt: skip


async def test_only_a_sheaf_by_itself_follows(appender: Appender) -> None:
    """A request that may be judged together with others cannot follow one."""
    loose = AppendRequest(events=(DCBEvent("seen.v1", b"", []),), follows="first")
    with pytest.raises(ValueError, match="only a sheaf"):
        await appender.append(WORKSPACE, loose)


async def test_a_sheaf_for_no_workspace_is_refused(appender: Appender) -> None:
    """Where there is no such workspace it is said so, whether it follows another one or not."""
    for follows in (None, "first"):
        with pytest.raises(NoWorkspace):
            await appender.append("nowhere", sheaf("a", key="k", follows=follows))
