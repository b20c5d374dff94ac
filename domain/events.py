"""The desk's events, the registry of every stored name, and their bytes; nothing here decides
anything.

The stored form of an event is the MessagePack of its struct beside a stable, versioned type name. A
name maps to a struct and, for older versions, to an upcaster; a name never maps to a module path.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any, Final

import msgspec

from domain.campaign_events import CAMPAIGN_EVENTS, CAMPAIGNS_TAG, CampaignEvent
from domain.claims import Actor, Claim, Source, Visibility
from domain.dcb import DCBEvent, Decision
from domain.errors import UndecodableEvent
from domain.kinds import KINDS, ClaimRecorded
from domain.upcasting import UNREADABLE, Upcaster, readers
from domain.weight_events import WEIGHT_EVENTS, WEIGHTS_TAG, WeightSetEvent


class ClaimDecided(Decision, frozen=True, kw_only=True, omit_defaults=True):
    """Something the desk decided about one claim; `known_since` only on back-filled decisions."""

    claim: str
    reason: str | None = None
    known_since: datetime | None = None


class ClaimAccepted(ClaimDecided, frozen=True, kw_only=True):
    """The desk holds the claim to be true."""


class ClaimRejected(ClaimDecided, frozen=True, kw_only=True):
    """The desk does not take the claim up: unfounded, out of scope or unusable."""


class ClaimContested(ClaimDecided, frozen=True, kw_only=True):
    """Someone with standing disputes the claim: `by` whom, on which `sources`."""

    by: tuple[Actor, ...] = ()
    sources: tuple[Source, ...] = ()


class ClaimRefuted(ClaimDecided, frozen=True, kw_only=True):
    """The claim is shown to be false; it stays readable and counts nowhere."""

    sources: tuple[Source, ...] = ()


class ClaimSuperseded(ClaimDecided, frozen=True, kw_only=True):
    """Another claim, `by`, tells the same with more precision; this one counts no longer."""

    by: str | None = None


class ClaimCorrected(ClaimDecided, frozen=True, kw_only=True):
    """Fields of the claim were wrong: `changed` names them, `after` is the claim as it reads
    now."""

    changed: tuple[str, ...]
    after: dict[str, Any]


class ClaimRetracted(ClaimDecided, frozen=True, kw_only=True):
    """The claim's submitter or the desk takes it back."""


class ClaimsDeclaredSame(ClaimDecided, frozen=True, kw_only=True):
    """Two claims, `claim` and `other`, tell of the same happening; both stay readable, one
    counts."""

    other: str


class ClaimsSeparated(ClaimDecided, frozen=True, kw_only=True):
    """Two claims that were declared the same are separate happenings after all."""

    other: str


class SourceAdded(ClaimDecided, frozen=True, kw_only=True):
    """Further `sources` stand behind the claim."""

    sources: tuple[Source, ...]


class SignatoryWithdrawn(ClaimDecided, frozen=True, kw_only=True):
    """One who signed a joint statement no longer stands by it; `signatories` is how many are left,
    where a number was stated."""

    signatory: Actor
    signatories: int | None = None
    sources: tuple[Source, ...] = ()


class VisibilityChanged(ClaimDecided, frozen=True, kw_only=True):
    """The claim may be shown to everybody from now on, or only inside the workspace."""

    visibility: Visibility


DESK_EVENTS: Final[dict[str, type[ClaimDecided]]] = {
    "claim_accepted.v1": ClaimAccepted,
    "claim_rejected.v1": ClaimRejected,
    "claim_contested.v1": ClaimContested,
    "claim_refuted.v1": ClaimRefuted,
    "claim_superseded.v1": ClaimSuperseded,
    "claim_corrected.v1": ClaimCorrected,
    "claim_retracted.v1": ClaimRetracted,
    "claims_declared_same.v1": ClaimsDeclaredSame,
    "claims_separated.v1": ClaimsSeparated,
    "claim_source_added.v1": SourceAdded,
    "claim_signatory_withdrawn.v1": SignatoryWithdrawn,
    "claim_visibility_changed.v1": VisibilityChanged,
}
EVENT_TYPES: Final[dict[str, type[Decision]]] = {
    **{f"{kind}.v{shape.version}": shape for kind, shape in KINDS.items()},
    **DESK_EVENTS,
    **CAMPAIGN_EVENTS,
    **WEIGHT_EVENTS,
}
"""Every name under which events are recorded now -> their struct."""
UPCASTERS: Final[dict[str, Upcaster]] = {}
"""Every older name an event may have in the log -> the step to the version after it."""

ClaimEvent = ClaimRecorded | ClaimDecided
OwnEvent = CampaignEvent | WeightSetEvent
"""What a workspace does beside its claims: it changes none of them."""
LogEvent = ClaimEvent | OwnEvent

WORDS: Final[dict[type[ClaimDecided], str]] = {
    ClaimAccepted: "accepted",
    ClaimRejected: "rejected",
    ClaimContested: "contested",
    ClaimRefuted: "refuted",
    ClaimRetracted: "retracted",
    ClaimSuperseded: "superseded",
    ClaimCorrected: "corrected",
    ClaimsDeclaredSame: "declared_same",
    ClaimsSeparated: "separated",
    SourceAdded: "source_added",
    SignatoryWithdrawn: "signatory_withdrawn",
    VisibilityChanged: "visibility_changed",
}
"""Decision -> the word for it in the history of a claim."""

PLACES_KEPT: Final = 4096
"""Of how many groups of governments under a treaty the tags are remembered: they come again."""
_ABOUT_TWO: Final = (ClaimsDeclaredSame, ClaimsSeparated)
_NAMES: Final[dict[type[Decision], str]] = {shape: name for name, shape in EVENT_TYPES.items()}
_READERS: Final[dict[str, Callable[[bytes], Any]]] = readers(EVENT_TYPES, UPCASTERS)
_ENCODER: Final = msgspec.msgpack.Encoder()


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """One event as the log holds it: its `position`, the moment and the (opaque) author, and the
    event."""

    position: int
    recorded_at: datetime
    recorded_by: str
    event: LogEvent

    @property
    def known_since(self) -> datetime:
        """From when it counts as known: stated on back-filled history, else the moment of
        recording."""
        stated = self.event.known_since
        if stated is None or stated > self.recorded_at:
            return self.recorded_at
        return stated


def name_of_kind(kind: str) -> str:
    """The stable name under which a claim of a kind is recorded."""
    return _NAMES[KINDS[kind]]


def claim_tag(claim: str) -> str:
    """The tag of all that concerns a claim."""
    return f"claim:{claim}"


def type_name(event: Decision) -> str:
    """The stable name under which `event` is stored."""
    return _NAMES[type(event)]


def tags_of(event: LogEvent) -> list[str]:
    """The tags an event is stored under, the most selective first."""
    if isinstance(event, ClaimRecorded):  # first, as nearly all are
        return [claim_tag(event.claim), *places(event.targets, event.treaty)]
    if isinstance(event, CampaignEvent):
        return [f"campaign:{event.campaign}", CAMPAIGNS_TAG]
    if isinstance(event, WeightSetEvent):
        return [f"weights:{event.weights}", WEIGHTS_TAG]
    tags = [claim_tag(event.claim)]
    if isinstance(event, _ABOUT_TWO):
        tags.append(claim_tag(event.other))
    return tags


@lru_cache(maxsize=PLACES_KEPT)
def places(targets: tuple[str, ...], treaty: str) -> tuple[str, ...]:
    """The tags of a claim that concerns some governments under a treaty, beside its own."""
    return *[f"gov:{code}" for code in targets], f"treaty:{treaty}"


def encode(event: LogEvent) -> DCBEvent:
    """The event as the log's port takes it."""
    return DCBEvent(type=type_name(event), data=_ENCODER.encode(event), tags=tags_of(event))


def decode(
    name: str, data: bytes, *, position: int, recorded_at: datetime, recorded_by: str
) -> Recorded:
    """The event stored under `name`; UndecodableEvent says which one could not be read and why."""
    return Recorded(position, recorded_at, recorded_by, _read(name, data, position))


def _read(name: str, data: bytes, position: int) -> Any:
    reader = _READERS.get(name)
    if reader is None:
        raise UndecodableEvent(position=position, type=name, reason=_unknown(name))
    try:
        return reader(data)
    except UNREADABLE as error:
        reason = str(error) or type(error).__name__
        raise UndecodableEvent(position=position, type=name, reason=reason) from error


def _unknown(name: str) -> str:
    """Why an event of that name cannot be read."""
    kind = name.rpartition(".v")[0]
    known = [other for other in _READERS if other.rpartition(".v")[0] == kind]
    reads = f"reads it up to {known[-1]!r}" if kind and known else "knows no event of that name"
    return f"this release {reads}, and a newer one wrote it"


def decode_page(
    first: int,
    names: Sequence[str],
    data: Sequence[bytes],
    moments: Iterable[datetime],
    authors: Iterable[str],
) -> list[Recorded]:
    """Events that stand one after the other from position `first` on, as columns of equal length.

    UndecodableEvent says which one could not be read and why.
    """
    try:
        events = [_READERS[name](body) for name, body in zip(names, data, strict=True)]
    except UNREADABLE:
        for position, (name, body) in enumerate(zip(names, data, strict=True), first):
            _read(name, body, position)
        raise
    return list(map(Recorded, count(first), moments, authors, events))


def claim_json(claim: Claim) -> dict[str, Any]:
    """The claim as plain JSON values, defaults left out: what export writes and a correction
    keeps."""
    plain: dict[str, Any] = msgspec.to_builtins(claim)
    return plain
