"""Everybody who speaks in a critical claim, as columns keep them; it never tells what was said."""

from collections.abc import Iterable
from typing import Final

import msgspec

from domain.claims import Actor, ActorKind
from domain.numbers import CRITICAL_KINDS


class Speaker(msgspec.Struct, frozen=True, array_like=True):
    """One actor as claims name it: see `domain.claims.Actor`."""

    kind: ActorKind
    code: str | None
    name: str | None

    @property
    def key(self) -> str:
        """What makes two speakers the same one."""
        return Actor(kind=self.kind, code=self.code, name=self.name).key


class Speakers(msgspec.Struct, frozen=True, array_like=True):
    """Everybody who speaks in a critical claim, in its order, and how many `signed`, 0 where that
    is not stated; nobody of any other claim."""

    signed: int
    actors: tuple[Speaker, ...]


NOBODY: Final[tuple[int, tuple[Speaker, ...]]] = (0, ())
"""What is kept of claims that criticise nobody."""


def spoken(
    kind: str, signatories: int | None, actors: Iterable[Actor]
) -> tuple[int, tuple[Speaker, ...]]:
    """What `Speakers` says of a claim of a kind."""
    if kind not in CRITICAL_KINDS:
        return NOBODY
    return signatories or 0, tuple([Speaker(a.kind, a.code, a.name) for a in actors])
