"""Takes a decision upon what the log says of something, once for each idempotency key, and anew
where somebody else was quicker; it knows no rules and no claims."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from domain.dcb import DCBAppendCondition, DCBQuery
from domain.errors import AppendConflict, KeyReused
from domain.events import Recorded
from services.house import House
from services.recording import DECISION_TRIES_MAX, Key, request_of
from services.wiring import opened


class Desk(Protocol):
    """What decides: it reads the events of its boundary, then holds those of its decision."""

    def query(self) -> DCBQuery:
        """What is to be read."""

    def read(self, events: Iterable[Recorded], head: int) -> None:
        """Fold the events read when the log's head was `head`."""

    def collect_events(self) -> Any:
        """The events of the decision, with their tags."""

    def condition(self) -> DCBAppendCondition:
        """The boundary as a condition of the append."""


D = TypeVar("D", bound=Desk)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it stands in the log: where its last event is, and of which types they are;
    `replayed`: an earlier call with the same key took it."""

    position: int
    replayed: bool
    types: tuple[str, ...] = ()


async def take(
    house: House,
    workspace: str,
    fresh: Callable[[], D],
    decision: Callable[[D], None],
    *,
    by: str,
    key: Key | None = None,
) -> Taken:
    """Let a `fresh` desk take a `decision` and append it, once for each idempotency `key`.

    When someone else decided meanwhile, the decision is taken anew upon what has become of it;
    AppendConflict after `DECISION_TRIES_MAX` tries. KeyReused when the key was used for another
    body.
    """
    for tries in range(DECISION_TRIES_MAX):
        if key is not None and (kept := await house.store.keyed(workspace, key.name)) is not None:
            if kept.request_hash != key.request_hash:
                raise KeyReused(key=key.name)
            return Taken(position=kept.last, replayed=True)
        desk = fresh()
        batch = await house.store.read(workspace, desk.query())
        desk.read((opened(stored) for stored in batch.events), batch.head)
        decision(desk)
        decided, condition = desk.collect_events(), desk.condition()
        request = request_of(decided, condition, by=by, key=key)
        try:
            appended = await house.appender.append(workspace, request)
        except AppendConflict:
            if tries == DECISION_TRIES_MAX - 1:
                raise
            continue
        types = tuple(event.type for event in request.events)
        return Taken(position=appended.last, replayed=appended.replayed, types=types)
    raise AssertionError("the loop returns or raises")
