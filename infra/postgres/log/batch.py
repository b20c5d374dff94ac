"""The form in which a batch of appends travels to the log, and its answer back; it never talks to a
database itself."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any, Final
from uuid import uuid4

import msgspec

from domain.dcb import DCBAppendCondition, DCBEvent
from domain.errors import AlreadyRecorded, AppendConflict, KeyReused
from domain.sheaf import LIST_SEPARATOR, SEPARATOR, TYPE_MARK, Sheaf
from infra.postgres.log.identifiers import identifiers
from infra.postgres.log.names import Unstorable, all_checked, checked, items, joined

EVENT_BYTES_MAX: Final = 16 * 1024 * 1024
REQUEST_BYTES_MAX: Final = 128 * 1024 * 1024
"""Bounds of what the log keeps as one event, and of what is appended at once."""
EVENT_OVERHEAD_BYTES: Final = 200
"""What an event takes besides its data, roughly: its names, tags and places in indexes."""
DONE, REPLAYED, CONFLICT, KEY_REUSED, EXISTS = range(5)
OUTCOMES: Final = ("done", "replayed", "conflict", "key_reused", "exists")
"""Their names, in that order."""
POSTING_POSITIONS_MAX: Final = 200
"""As many positions as a page of the table has room for."""
_NO_ITEM: Final = (None, None, None)
MUST_NOT_EXIST: Final = -1
"""Where the log is to look after for what must not exist at all."""

_PROCESS: Final = uuid4().hex
_numbers: Final = count(1)


class AppendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Events to append together under a condition; many of them as a `sheaf` instead.

    `absent`: tags that no event may carry yet, a conflict of its own kind, told before one with the
    condition. `key`: idempotency key, with `request_hash` of the body it stands for; without a
    hash, the events themselves are the body. Without a key the request gets one of its own, so that
    its outcome can always be looked up. A tag that stands twice on an event is kept once. In the
    items of a condition the most selective tag comes first.

    `follows`: the key of an append that must stand in the log before this one, a conflict where it
    does not; only for a sheaf without a condition, which is appended by itself.

    `together`: of requests that are begun one right after the other with the same of it, all reach
    the log in one batch, in which each is judged after those before it: their events stand in that
    order.
    """

    events: tuple[DCBEvent, ...] = ()
    sheaf: Sheaf | None = None
    condition: DCBAppendCondition | None = None
    absent: tuple[str, ...] = ()
    follows: str | None = None
    together: object | None = None
    key: str | None = None
    request_hash: bytes | None = None
    recorded_by: str = "system"


class Appended(msgspec.Struct, frozen=True):
    """Where the events stand. `replayed`: an earlier request with the same key appended them."""

    first: int
    last: int
    recorded_at: datetime
    replayed: bool


class Waiting:
    """One request in the form of the log, with the future its caller awaits.

    Unstorable when the log cannot keep it.
    """

    __slots__ = (
        "afters",
        "attempts",
        "by",
        "count",
        "digest",
        "events",
        "follows",
        "future",
        "ids",
        "is_alone",
        "item_tags",
        "item_types",
        "key",
        "sheaf",
        "size",
        "tags",
        "together",
    )

    def __init__(self, request: AppendRequest, future: asyncio.Future[Appended]) -> None:
        self.events: Sequence[DCBEvent] = request.events
        self.sheaf = request.sheaf
        self.is_alone = request.sheaf is not None and request.condition is None
        """Whether it travels by itself, see `sheaf_arguments`."""
        self.follows = request.follows
        if self.follows is not None and not self.is_alone:
            raise ValueError("only a sheaf without a condition follows another append")
        self.together = request.together
        if self.together is not None and self.is_alone:
            raise ValueError("a sheaf without a condition is appended by itself")
        self.by = checked(request.recorded_by, "who records")
        if self.sheaf is None:
            self.tags = [_tags(event.tags) for event in self.events]
            self.size = _size([event.data for event in self.events])
            for event in self.events:
                checked(event.type)
            self.count = len(self.events)
        else:
            all_checked([name.removeprefix(TYPE_MARK) for name in self.sheaf.names])
            if self.sheaf.own:
                all_checked(self.sheaf.own.split(LIST_SEPARATOR))
            self.size = _size(self.sheaf.data)
            self.count = len(self.sheaf.data)
        self.item_types: Sequence[str] = ()
        self.item_tags: Sequence[str] = ()
        self.afters: Sequence[int] = ()
        if request.condition is not None:
            self._bind(request.condition)
        if request.absent:
            self._exclude(request.absent)
        if request.key is None:
            self.key = f"once:{_PROCESS}:{next(_numbers)}"
            self.digest = b""
        else:
            self.key = checked(request.key, "an idempotency key")
            self.digest = request.request_hash or _digest(self)
        self.ids = ""
        self.attempts = 0
        self.future = future

    def goes_with(self, before: "Waiting") -> bool:
        """Whether it must be in one batch with the request before it."""
        return self.together is not None and self.together is before.together

    def _bind(self, condition: DCBAppendCondition) -> None:
        self.item_types, self.item_tags = items(condition.fail_if_events_match)
        if not self.item_types:  # it matches everything, as one item without names does
            self.item_types, self.item_tags = ("",), ("",)
        self.afters = [condition.after or 0] * len(self.item_tags)

    def _exclude(self, absent: Sequence[str]) -> None:
        tags = all_checked(absent)
        self.item_types = [*([""] * len(tags)), *self.item_types]
        self.item_tags = [*tags, *self.item_tags]
        self.afters = [*([MUST_NOT_EXIST] * len(tags)), *self.afters]

    def loosen(self) -> None:
        """Take the events out of their sheaf, to travel with others."""
        if self.sheaf is not None:
            plain = self.sheaf.events()
            self.events = [DCBEvent(type_, data, list(tags)) for type_, data, tags in plain]
            self.tags = [SEPARATOR.join(tags) for _, _, tags in plain]
            self.sheaf = None

    def settle(self, outcome: Appended | Exception) -> None:
        """Answer the caller, unless it was answered or has gone away."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


def arguments(workspace: str, batch: Sequence[Waiting], head: int = 0) -> tuple[Any, ...]:
    """The arguments of the query `append`: lists by request, by event, by item, and by name; None
    for one that says the obvious, see the function `append_lists` of the schema. `head`: where the
    log is believed to end; where it does not, the log reckons for itself."""
    count = sum([one.count for one in batch])
    _identify(batch)
    types, data, tags, *postings = _columns(batch, head + 1)
    lengths = [len(one.item_tags) for one in batch]
    item_types = [types for one in batch for types in one.item_types]
    item_tags = [tags for one in batch for tags in one.item_tags]
    afters = [after for one in batch for after in one.afters]
    return (
        workspace,
        _runs(batch),
        _list([one.key for one in batch]),
        [one.digest for one in batch],
        None if count == len(batch) else [one.count for one in batch],
        " ".join([one.ids for one in batch]),
        types,
        data,
        tags,
        _list([by for one in batch for by in [one.by] * one.count]),
        None if lengths.count(1) == len(lengths) else lengths,
        _list(item_types) if any(item_types) else None,
        _list(item_tags) if item_tags else None,
        " ".join(map(str, afters)) if afters else None,
        _list([_first(tags) for tags in item_tags]) if all(item_tags) else None,
        None if len(set(afters)) > 1 else next(iter(afters), 0),
        head,
        *postings,
    )


def _columns(batch: Sequence[Waiting], first: int) -> tuple[str, list[bytes], str, str, str, str]:
    """Types, data and tags of the events of a batch, and what is posted of them, see `_posted`."""
    for one in batch:
        one.loosen()
    events = [event for one in batch for event in one.events]
    return (
        _list([event.type for event in events]),
        [event.data for event in events],
        _list([tags for one in batch for tags in one.tags]),
        *_postings(_posted(events, first), len(events)),
    )


def sheaf_arguments(workspace: str, one: Waiting, head: int) -> tuple[Any, ...]:
    """The arguments of the query `append_sheaf` for a request that travels by itself."""
    sheaf = one.sheaf
    assert sheaf is not None
    _identify([one])
    positions = list(map(str, range(head + 1, head + 1 + one.count)))
    posted = [
        (name, [positions[number] for number in numbers])
        for name, numbers in zip(sheaf.names, sheaf.carried, strict=True)
    ]
    return (
        workspace, one.key, one.digest, one.ids, sheaf.types, sheaf.data, sheaf.tags, one.by,
        _list(one.item_tags) if one.item_tags else None, one.follows, head, sheaf.own or None,
        *_postings(posted, one.count),
    )  # fmt: skip


def single(workspace: str, one: Waiting) -> tuple[Any, ...] | None:
    """The arguments of the query `append_alone`; None for a request that needs a batch."""
    if one.count != 1 or len(one.item_tags) > 1:
        return None
    one.loosen()
    _identify([one])
    (event,) = one.events
    item = (one.item_types[0], one.item_tags[0], one.afters[0]) if one.item_tags else _NO_ITEM
    return (
        workspace,
        one.key,
        one.digest,
        one.ids,
        event.type,
        event.data,
        one.tags[0],
        one.by,
        *item,
    )


def _posted(events: Sequence[DCBEvent], first: int) -> list[tuple[str, list[str]]]:
    """Every name that events of a batch carry, and the positions of those that do."""
    types: defaultdict[str, list[str]] = defaultdict(list)
    tags: defaultdict[str, list[str]] = defaultdict(list)
    positions = list(map(str, range(first, first + len(events))))
    for position, event in zip(positions, events, strict=True):
        types[event.type].append(position)
        for tag in event.tags:
            under = tags[tag]
            if not under or under[-1] is not position:  # it may stand twice on an event
                under.append(position)
    posted = [(TYPE_MARK + type_, under) for type_, under in types.items()]
    return [*posted, *tags.items()]


def _postings(posted: list[tuple[str, list[str]]], count: int) -> tuple[str, str, str]:
    """What is posted of so many events: every name, the position of the last one that carries it,
    and those of the earlier ones in the text form of an array, empty for none; the name again where
    a posting is full."""
    if count > POSTING_POSITIONS_MAX:
        posted = [(name, part) for name, under in posted for part in _parts(under)]
    return (
        _list([name for name, _ in posted]),
        " ".join([under[-1] for _, under in posted]),
        _list([f"{{{','.join(under[:-1])}}}" if len(under) > 1 else "" for _, under in posted]),
    )


def _parts(positions: list[str]) -> list[list[str]]:
    size = POSTING_POSITIONS_MAX
    return [positions[start : start + size] for start in range(0, len(positions), size)]


def _runs(batch: Sequence[Waiting]) -> list[int] | None:
    """The last request of each run of requests that cannot touch each other, None for one run.

    A request begins a new run when an earlier one of its run has the same key or an event with the
    first tag of one of its items, or when one of its items has no tags.
    """
    if len(batch) == 1:
        return None
    ends: list[int] = []
    keys: set[str] = set()
    carried: set[str] = set()
    for number, one in enumerate(batch):
        touches = one.key in keys
        for tags in one.item_tags:
            first = _first(tags)
            touches = touches or first in carried or not first
        if touches and keys:
            ends.append(number)
            keys.clear()
            carried.clear()
        keys.add(one.key)
        for event in one.events:
            carried.update(event.tags)
    return [*ends, len(batch)] if ends else None


def settle_answered(batch: Sequence[Waiting], answer: Any) -> tuple[int, datetime]:
    """Give every caller what became of its request, as the one row of the query `append` says.

    The last position that was appended, 0 for none, and its moment.
    """
    head, recorded_at, outcomes, firsts, lasts, moments = answer
    if outcomes is None:
        for one in batch:
            first, head = head + 1, head + one.count
            if not one.future.done():
                one.future.set_result(Appended(first, head, recorded_at, False))
        return head, recorded_at
    appended = 0, recorded_at
    for one, outcome, first, last, moment in zip(
        batch, outcomes, firsts, lasts, moments, strict=True
    ):
        if outcome == DONE:
            appended = last, moment
        if outcome in (DONE, REPLAYED):
            one.settle(Appended(first, last, moment, outcome == REPLAYED))
        elif outcome == CONFLICT:
            one.settle(AppendConflict(head=last))
        elif outcome == EXISTS:
            one.settle(AlreadyRecorded(tag=one.item_tags[last - 1], position=first))
        else:
            one.settle(KeyReused(key=one.key))
    return appended


def _first(tags: str) -> str:
    return tags if SEPARATOR not in tags else tags[: tags.index(SEPARATOR)]


def _list(elements: Sequence[str]) -> str:
    return LIST_SEPARATOR.join(elements)


def _tags(tags: Sequence[str]) -> str:
    return joined(tags if len(set(tags)) == len(tags) else list(dict.fromkeys(tags)))


def _size(data: Sequence[bytes]) -> int:
    """What events take; Unstorable where the log cannot keep as much."""
    if not data:
        raise Unstorable(reason="an append has no events")
    lengths = list(map(len, data))
    longest = max(lengths)
    if longest > EVENT_BYTES_MAX:
        raise Unstorable(
            reason=f"an event of {longest} bytes is larger than {EVENT_BYTES_MAX} bytes"
        )
    size = sum(lengths) + len(lengths) * EVENT_OVERHEAD_BYTES
    if size > REQUEST_BYTES_MAX:
        raise Unstorable(
            reason=f"an append of {size} bytes is larger than {REQUEST_BYTES_MAX} bytes"
        )
    return size


def _digest(one: Waiting) -> bytes:
    if one.sheaf is not None:
        body = msgspec.msgpack.encode(one.sheaf.events())
    else:
        plain = [(event.type, event.data, event.tags) for event in one.events]
        body = msgspec.msgpack.encode(plain)
    return hashlib.sha256(body).digest()


def _identify(batch: Sequence[Waiting]) -> None:
    """Give identifiers to the events of requests that have none: sent again, they are the same."""
    new = [one for one in batch if not one.ids]
    if new:
        made = identifiers([(one.key, one.digest, one.count) for one in new])
        for one, ids in zip(new, made, strict=True):
            one.ids = ids
