"""What the pure questions need to know of one believed claim: its facts without its prose and
sources."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

import msgspec

from domain.claims import Actor, Claim, Source, Status
from domain.dates import partial_date
from domain.details import ArmedConflict, Departure, Details, Joined, Suspension, Vote, Votes

T = TypeVar("T")
COUNTED: Final = frozenset({"accepted", "contested"})
"""Statuses of claims that count."""
POSSIBLE: Final = frozenset({"accepted", "contested", "pending"})
"""Statuses of claims that may yet be true: not rejected, refuted, retracted or superseded."""
RECEIVED: Final = "withdrawal_instrument_deposited"
"""The kind of claim that starts the clock of a withdrawal."""


class Facts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One claim as numbers and standings see it.

    `position` is where it was recorded; `day` its representative day; `happening` names the group
    of claims declared the same; `stated` the effective or entry date it states; `actors` the kinds
    of its actors.
    """

    claim: str
    position: int
    happening: str
    status: Status
    kind: str
    treaty: str
    occurred_on: str
    first: date
    last: date
    day: date
    targets: tuple[str, ...]
    states: tuple[str, ...]
    actor: str
    actors: tuple[str, ...]
    signatories: int | None
    reliabilities: tuple[str, ...]
    stance: str | None
    forum: str | None
    strength: str | None
    stated: date | None
    carried: bool
    engaged: bool
    summary: str

    @property
    def voices(self) -> int:
        """How many speak; see `voices_of`."""
        return voices_of(self.signatories, self.states)

    @property
    def is_about(self) -> bool:
        """Whether its day is one of several, approximate or uncertain."""
        return not partial_date(self.occurred_on).is_day

    @property
    def order(self) -> tuple[date, int]:
        """Where it stands in a history: by representative day, then by position."""
        return self.day, self.position


SPEAKERS_KEPT: Final = 4096
"""Of how many groups of actors is remembered what facts say of them: few speak again and again."""
TOLD: Final = Facts.__struct_fields__[4:]
"""The fields of facts that the claim itself tells."""


class Telling(Protocol):
    """What a claim and the event that recorded it both tell."""

    @property
    def kind(self) -> str:
        """See `domain.claims.Claim`, as of all others."""

    @property
    def treaty(self) -> str: ...

    @property
    def occurred_on(self) -> str: ...

    @property
    def actors(self) -> tuple[Actor, ...]: ...

    @property
    def targets(self) -> tuple[str, ...]: ...

    @property
    def summary(self) -> str: ...

    @property
    def details(self) -> Details: ...

    @property
    def sources(self) -> tuple[Source, ...]: ...


def voices_of(signatories: int | None, states: Sequence[str]) -> int:
    """How many speak: the stated signatories, else the number of states, at least 1."""
    return signatories or max(1, len(states))


def is_about_receipt(kind: str, occurred_on: str) -> bool:
    """Whether a claim tells only about when an instrument of withdrawal was received."""
    return kind == RECEIVED and not partial_date(occurred_on).is_day


def facts_of(claim: Claim, *, position: int, status: Status, happening: str) -> Facts:
    """The facts of a claim that was recorded at `position` and now has `status`."""
    return Facts(claim.id, position, happening, status, *told(claim))


def told(claim: Telling) -> tuple[Any, ...]:
    """What of the facts a claim, or the event that recorded it, tells itself, whatever is thought
    of it: the values of the fields `TOLD`, in their order."""
    details, when = claim.details, partial_date(claim.occurred_on)
    return (
        claim.kind,
        claim.treaty,
        claim.occurred_on,
        when.first_day,
        when.last_day,
        when.representative_day,
        claim.targets,
        *speaking(claim.actors),
        details.signatories,
        grades([source.reliability for source in claim.sources]),
        details.stance,
        details.forum,
        details.strength,
        *done(details),
        claim.summary,
    )


@lru_cache(maxsize=SPEAKERS_KEPT)
def speaking(actors: tuple[Actor, ...]) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The states among some actors, the key of the first, and their kinds."""
    return (
        _each([actor.code for actor in actors if actor.code is not None]),
        actors[0].key if actors else "",
        _each([actor.kind for actor in actors]),
    )


def _each(values: Sequence[T]) -> tuple[T, ...]:
    """Each of some values once, in their order."""
    return tuple(values) if len(values) < 2 else tuple(dict.fromkeys(values))


def grades(reliabilities: Sequence[str | None]) -> tuple[str, ...]:
    """Each reliability once that sources have; one that cannot be judged is F."""
    return _each([one or "F" for one in reliabilities])


def done(details: Details) -> tuple[date | None, bool, bool]:
    """What details tell of an act: the effective or entry date they state, whether a motion was
    carried, and whether a state is engaged in armed conflict."""
    tell = _DONE.get(type(details))
    return _NOTHING_DONE if tell is None else tell(details)


def _takes_effect(text: str | None) -> tuple[date | None, bool, bool]:
    return None if text is None else partial_date(text).representative_day, True, True


def _carried(vote: Vote) -> bool:
    """Whether a motion is known to have been carried: as stated, else by its votes. How many were
    against is unknown where nobody says, not none: then what was required or the seats must tell.
    """
    if vote.carried is not None:
        return vote.carried
    votes: Votes | None = vote.votes
    if votes is None or votes.votes_for < (votes.threshold or 0):
        return False
    if votes.against is not None:
        return votes.votes_for > votes.against
    if votes.threshold is not None:
        return True
    return votes.seats is not None and votes.votes_for * 2 > votes.seats


_NOTHING_DONE: Final = (None, True, True)
_DONE: Final[dict[type[Details], Callable[[Any], tuple[date | None, bool, bool]]]] = {
    Joined: lambda details: _takes_effect(details.entry_into_force),
    Departure: lambda details: _takes_effect(details.effective_date),
    Suspension: lambda details: _takes_effect(details.effective_date),
    Vote: lambda details: (None, _carried(details), True),
    ArmedConflict: lambda details: (None, True, details.engaged),
}
"""The details that tell more of an act than that it was done."""
