"""Events bound together as texts and lists, so that they can be handed on without being taken apart
for each: from one process to the next, and to the log. Nothing is judged here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

SEPARATOR: Final = "\x1f"
"""Between the tags of an event; no name holds it."""
LIST_SEPARATOR: Final = "\x1d"
"""Between the texts of one event and those of the next."""
TYPE_MARK: Final = "\x1e"
"""What the name under which a type is found begins with; no tag begins like that."""

Plain = tuple[str, bytes, tuple[str, ...]]
"""An event as it is stored: its type, its data, its tags."""


class Sheaf(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Events in their order: their types and tags as one text each, their data, and under every
    name, a tag or a type with its mark, which of them carry it, counted from 0.

    `own`: the first tags of all events as one text, where each has one that no other event carries;
    they are not among the names then. Else it is empty.
    """

    types: str
    data: list[bytes]
    tags: str
    own: str
    names: list[str]
    carried: list[list[int]]

    def events(self) -> list[Plain]:
        """The events, each for itself."""
        if not self.data:
            return []
        types, tags = self.types.split(LIST_SEPARATOR), self.tags.split(LIST_SEPARATOR)
        return [
            (type_, data, tuple(under.split(SEPARATOR)) if under else ())
            for type_, data, under in zip(types, self.data, tags, strict=True)
        ]


def joined(sheaves: Sequence[Sheaf]) -> Sheaf:
    """Sheaves one after the other, as one."""
    full = [one for one in sheaves if one.data]
    if len(full) == 1:
        return full[0]
    own = LIST_SEPARATOR.join([one.own for one in full])
    data: list[bytes] = []
    carried: defaultdict[str, list[int]] = defaultdict(list)
    for one in full:
        before = len(data)
        data += one.data
        for name, numbers in zip(one.names, one.carried, strict=True):
            carried[name] += [before + number for number in numbers]
    if not all(one.own for one in full) or not _are_own(own.split(LIST_SEPARATOR), carried):
        return bind([event for one in full for event in one.events()])
    return Sheaf(
        LIST_SEPARATOR.join([one.types for one in full]),
        data,
        LIST_SEPARATOR.join([one.tags for one in full]),
        own,
        list(carried),
        list(carried.values()),
    )


def bind(events: Iterable[Plain]) -> Sheaf:
    """Events as a sheaf; a tag that stands twice on one is kept once."""
    types: list[str] = []
    data: list[bytes] = []
    tagged: list[tuple[str, ...]] = []
    firsts: list[str] = []
    carried: defaultdict[str, list[int]] = defaultdict(list)
    for number, (type_, said, tags) in enumerate(events):
        if len(set(tags)) < len(tags):
            tags = tuple(dict.fromkeys(tags))
        types.append(type_)
        data.append(said)
        tagged.append(tags)
        firsts.append(tags[0] if tags else "")
        carried[TYPE_MARK + type_].append(number)
        for tag in tags[1:]:
            carried[tag].append(number)
    is_own = _are_own(firsts, carried)
    if not is_own:
        carried = defaultdict(list)
        for number, (type_, tags) in enumerate(zip(types, tagged, strict=True)):
            for name in (TYPE_MARK + type_, *tags):
                carried[name].append(number)
    return Sheaf(
        LIST_SEPARATOR.join(types),
        data,
        LIST_SEPARATOR.join(map(SEPARATOR.join, tagged)),
        LIST_SEPARATOR.join(firsts) if is_own else "",
        list(carried),
        list(carried.values()),
    )


def _are_own(firsts: list[str], carried: dict[str, list[int]]) -> bool:
    """Whether every event has a first tag that no other one carries."""
    distinct = set(firsts)
    return len(distinct) == len(firsts) and "" not in distinct and distinct.isdisjoint(carried)
