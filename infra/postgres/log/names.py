"""The form in which lists of types and tags travel to the log; it never decides what a list means.

A list is one text, its names parted by the unit separator; the functions of the schema take it
apart with `names`. Ragged arrays have no form of their own in PostgreSQL, and this one is quick.
"""

import re
from collections.abc import Sequence
from typing import Final

from domain.dcb import DCBQuery
from domain.errors import Article20Error
from domain.sheaf import SEPARATOR

NAME_BYTES_MAX: Final = 1000
"""How long a type, tag or key may be: two of them and a workspace fit into a row of an index."""
NAME_CHARS_SAFE: Final = NAME_BYTES_MAX // 4
"""So many characters are never too many bytes."""
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Unstorable(Article20Error):
    """The log cannot keep this: {reason}."""

    slug, status = "unstorable", 422


def joined(names: Sequence[str]) -> str:
    """The names of a list as one text, empty for none; Unstorable when one is empty, too long or
    holds a control character."""
    if len(names) == 1:
        return checked(names[0])
    text = "".join(names)
    if len(text) > NAME_CHARS_SAFE or "" in names or not text.isprintable():
        for name in names:
            checked(name)
    return SEPARATOR.join(names)


def all_checked(names: Sequence[str]) -> Sequence[str]:
    """Many names; Unstorable where the log cannot keep one."""
    if "" in names or max(map(len, names), default=0) > NAME_CHARS_SAFE:
        return [checked(name) for name in names]
    return names if "".join(names).isprintable() else [checked(name) for name in names]


def checked(name: str, what: str = "a type or tag") -> str:
    """The name, or Unstorable when the log cannot keep it."""
    if name and len(name) <= NAME_CHARS_SAFE and name.isprintable():
        return name
    if not name:
        raise Unstorable(reason=f"{what} is empty")
    if _FORBIDDEN.search(name):
        raise Unstorable(reason=f"{what} holds a control character: {name[:100]!r}")
    if len(name.encode()) > NAME_BYTES_MAX:
        raise Unstorable(reason=f"{what} is longer than {NAME_BYTES_MAX} bytes: {name[:100]!r}")
    return name


def items(query: DCBQuery | None) -> tuple[list[str], list[str]]:
    """The types and the tags of a query's items; both empty when it matches everything."""
    types: list[str] = []
    tags: list[str] = []
    for item in query.items if query is not None else ():
        if not item.types and not item.tags:
            return [], []
        types.append(joined(item.types))
        tags.append(joined(item.tags))
    return types, tags
