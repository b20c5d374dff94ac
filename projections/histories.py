"""The history of every claim as versions, each with where and when it was believed; pure folds, no
I/O.

This is the first of the two levels of the read side: what did we believe at `known_at`? Everything
else is a question over the claims believed there.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec.structs import force_setattr, replace

from domain.amending import amended
from domain.claims import Actor, Claim, Source, Status
from domain.clocks import KnownAt
from domain.details import Details
from domain.errors import Article20Error
from domain.events import (
    WORDS,
    ClaimContested,
    ClaimDecided,
    ClaimRefuted,
    ClaimsDeclaredSame,
    ClaimsSeparated,
    ClaimSuperseded,
    LogEvent,
    OwnEvent,
    Recorded,
)
from domain.facts import Facts, facts_of
from domain.kinds import DETAILS_OF, ClaimRecorded, claim_of
from domain.known import STATUS_AFTER

REGROUPING: Final = (ClaimsDeclaredSame, ClaimsSeparated)
"""Decisions about two claims, which change whole groups. Asking a tuple is quicker than a union."""
SOURCED: Final = (ClaimContested, ClaimRefuted)


class BrokenHistory(Article20Error):
    """The event at position {position} speaks of claim {claim!r}, which no earlier event
    recorded."""

    slug, status = "broken-history", 500


class Version(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One version of a claim, believed from `position` and, by the second clock, from `known_from`.

    `recorded_position`, `recorded_at` and `recorded_by`: where, when and by whom the claim came in;
    `event`, `reason` and `decided_by`: what made this version. `same`: claims declared the same as
    it, directly; `happening`: the earliest claim of the whole group. `backfilled`: the version
    counts as known earlier than it was recorded. `contested_by`, `decision_sources` and
    `superseded_by` belong to the last verdict; `withdrawn`: who signed it and took that back.
    """

    claim: Claim
    status: Status
    number: int
    position: int
    known_from: datetime
    recorded_position: int
    recorded_at: datetime
    recorded_by: str
    event: str
    decided_at: datetime
    decided_by: str
    happening: str
    same: tuple[str, ...] = ()
    reason: str | None = None
    contested_by: tuple[Actor, ...] = ()
    decision_sources: tuple[Source, ...] = ()
    superseded_by: str | None = None
    backfilled: bool = False
    withdrawn: tuple[Actor, ...] = ()

    @property
    def facts(self) -> Facts:
        """What the pure questions need to know of this version."""
        return facts_of(
            self.claim,
            position=self.recorded_position,
            status=self.status,
            happening=self.happening,
        )


History = list[Version]
Histories = dict[str, History]


def touched_by(event: LogEvent) -> tuple[str, ...]:
    """The claims an event changes; folding it needs their current versions and those of their
    groups."""
    if isinstance(event, OwnEvent):
        return ()
    if isinstance(event, REGROUPING):
        return event.claim, event.other
    return (event.claim,)


def fold(current: Mapping[str, Version], recorded: Recorded) -> list[Version]:
    """The new versions that one event makes, given the current versions of the claims it touches.

    `current` holds at least the claims of `touched_by` and everything declared the same as them.
    BrokenHistory when the event names a claim that was never recorded.
    """
    event = recorded.event
    if isinstance(event, ClaimRecorded):
        return [_first(event, recorded)]
    if isinstance(event, OwnEvent):
        return []
    version = _held(current, event.claim, recorded)
    if isinstance(event, REGROUPING):
        return _regroup(current, event, recorded, version, _held(current, event.other, recorded))
    return [_decided(version, event, recorded)]


def _held(current: Mapping[str, Version], claim: str, recorded: Recorded) -> Version:
    version = current.get(claim)
    if version is None:
        raise BrokenHistory(position=recorded.position, claim=claim)
    return version


def fold_all(events: Iterable[Recorded], histories: Histories | None = None) -> Histories:
    """The histories after `events`, in order of position; starts from `histories`, which it
    changes."""
    histories = {} if histories is None else histories
    current = {claim: history[-1] for claim, history in histories.items()}
    for recorded in events:
        for version in fold(current, recorded):
            current[version.claim.id] = version
            histories.setdefault(version.claim.id, []).append(version)
    return histories


def version_at(history: History, known_at: KnownAt) -> Version | None:
    """The version of one claim believed at `known_at`, or None where it was not known yet."""
    for version in reversed(history):
        if known_at.position is not None:
            if version.position <= known_at.position:
                return version
        elif known_at.moment is None or version.known_from <= known_at.moment:
            return version
    return None


def believed(histories: Histories, known_at: KnownAt) -> list[Version]:
    """Every claim as it was believed at `known_at`, in the order in which the claims were
    recorded."""
    found = (version_at(history, known_at) for history in histories.values())
    return sorted((v for v in found if v is not None), key=lambda v: v.recorded_position)


class Heading(msgspec.Struct, frozen=True):
    """What a claim is called by: see `domain.claims.Claim`."""

    id: str
    occurred_on: str
    kind: str
    summary: str


class _Headed(msgspec.Struct, frozen=True, array_like=True):
    """A version of which no more is read than the heading of its claim."""

    claim: Heading


_ENCODER: Final = msgspec.msgpack.Encoder()
_UNPACKER: Final = msgspec.msgpack.Decoder(tuple[Version, msgspec.Raw])
_HEADINGS: Final = msgspec.msgpack.Decoder(tuple[_Headed, msgspec.Raw])
_DETAILS: Final[dict[str, msgspec.msgpack.Decoder[Any]]] = {
    kind: msgspec.msgpack.Decoder(shape) for kind, shape in DETAILS_OF.items()
}
_NO_DETAILS: Final = Details()


_FIELDS_LEFT: Final = Version.__struct_fields__[1:]
_fields_left: Final = attrgetter(*_FIELDS_LEFT)


def array_head(length: int) -> bytes:
    """What a MessagePack array of so many values begins with."""
    return _ENCODER.encode((None,) * length)[:-length]


_PACKED_HEAD: Final = array_head(2) + array_head(1 + len(_FIELDS_LEFT))
_LEFT_HEAD_BYTES: Final = len(array_head(len(_FIELDS_LEFT)))


def pack_claim(claim: Claim) -> tuple[bytes, bytes]:
    """The parts of a packed version that stay the same while its claim does: the claim without its
    details, and the details."""
    bare = replace(claim, details=_NO_DETAILS)
    return _ENCODER.encode(bare), _ENCODER.encode(claim.details)


def pack(version: Version, parts: tuple[bytes, bytes] | None = None) -> bytes:
    """The version as MessagePack: its fields in order, then the details of its claim on their own.

    Details go apart because only the kind of the claim says which struct they are. `parts`: what
    `pack_claim` gives for its claim, where that is at hand.
    """
    bare, details = parts or pack_claim(version.claim)
    left = _ENCODER.encode(_fields_left(version))[_LEFT_HEAD_BYTES:]
    return b"".join((_PACKED_HEAD, bare, left, details))


def unpack(body: bytes) -> Version:
    """The version that `pack` wrote."""
    version, details = _UNPACKER.decode(body)
    claim = version.claim
    force_setattr(claim, "details", _DETAILS[claim.kind].decode(details))  # nobody has seen it yet
    return version


def unpack_heading(body: bytes) -> Heading:
    """What the version that `pack` wrote says first, for those who only name it: a fifth of the
    work."""
    (headed, _details) = _HEADINGS.decode(body)
    return headed.claim


def _first(event: ClaimRecorded, recorded: Recorded) -> Version:
    known_since, recorded_at = recorded.known_since, recorded.recorded_at
    return Version(
        claim=claim_of(event),
        status=event.status,
        number=1,
        position=recorded.position,
        known_from=known_since,
        recorded_position=recorded.position,
        recorded_at=recorded_at,
        recorded_by=recorded.recorded_by,
        event="recorded",
        decided_at=recorded_at,
        decided_by=recorded.recorded_by,
        happening=event.claim,
        backfilled=known_since < recorded_at,
    )


def _decided(version: Version, event: ClaimDecided, recorded: Recorded) -> Version:
    verdict = STATUS_AFTER.get(type(event))
    if verdict is None:
        claim, withdrawn = amended(version.claim, version.withdrawn, event)
        return _next(version, event, recorded, version.known_from, claim=claim, withdrawn=withdrawn)
    disputing: tuple[Actor, ...] = ()
    sources: tuple[Source, ...] = ()
    superseded_by = None
    if isinstance(event, ClaimSuperseded):
        superseded_by = event.by
    elif isinstance(event, SOURCED):
        sources = event.sources
        if isinstance(event, ClaimContested):
            disputing = event.by
            if version.status == "contested":
                disputing = tuple(dict.fromkeys((*version.contested_by, *disputing)))
                sources = tuple(dict.fromkeys((*version.decision_sources, *sources)))
    return _next(
        version,
        event,
        recorded,
        version.known_from,
        status=verdict,
        contested_by=disputing,
        decision_sources=sources,
        superseded_by=superseded_by,
    )


def _next(
    version: Version,
    event: ClaimDecided,
    recorded: Recorded,
    not_before: datetime,
    **changes: object,
) -> Version:
    """The version after `version`, made by `event` with what it `changes`; within a claim the
    clocks never run backwards."""
    known_since, recorded_at = recorded.known_since, recorded.recorded_at
    known_from = known_since if known_since > not_before else not_before
    return replace(
        version,
        number=version.number + 1,
        position=recorded.position,
        known_from=known_from,
        event=WORDS[type(event)],
        decided_at=recorded_at,
        decided_by=recorded.recorded_by,
        reason=event.reason,
        backfilled=known_from < recorded_at,
        **changes,
    )


def _regroup(
    current: Mapping[str, Version],
    event: ClaimsDeclaredSame | ClaimsSeparated,
    recorded: Recorded,
    *held: Version,
) -> list[Version]:
    """New versions of every claim whose links or group the event changes."""
    first, second = (version.claim.id for version in held)
    group = {c for v in held for c in reachable(lambda c: current[c].same, v.claim.id)}
    members = {claim: current[claim] for claim in group}
    links = {claim: set(version.same) for claim, version in members.items()}
    if isinstance(event, ClaimsDeclaredSame):
        links[first].add(second)
        links[second].add(first)
    else:
        links[first].discard(second)
        links[second].discard(first)
    not_before = max(version.known_from for version in members.values())
    made: list[Version] = []
    for claim, version in members.items():
        happening = min(
            reachable(links.__getitem__, claim), key=lambda c: members[c].recorded_position
        )
        same = tuple(sorted(links[claim]))
        if (happening, same) != (version.happening, version.same):
            made.append(_next(version, event, recorded, not_before, happening=happening, same=same))
    return sorted(made, key=lambda v: v.recorded_position)


def reachable(links: Callable[[str], Iterable[str]], claim: str) -> set[str]:
    """Every claim that declared links lead to from `claim`, itself included."""
    seen, waiting = {claim}, [claim]
    while waiting:
        for other in links(waiting.pop()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
