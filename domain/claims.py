"""A claim as it is submitted, exported and believed, and the rules that make one valid; no I/O, no
clock.

Shapes and rules: the contract's "A claim". A claim arrives as one JSON object, is decoded in two
steps (the frame, then the details its kind prescribes), and every fault is named by a JSON Pointer.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from domain.dates import PartialDate, partial_date
from domain.decoding import beside, decoded, sound_parts
from domain.details import ClaimId, Details, GovernmentCode, Line
from domain.errors import FieldError, InvalidClaim
from domain.faults import (
    actor_faults,
    date_fault,
    details_faults,
    id_faults,
    latest_day,
    moment_faults,
    nul_faults,
    read_moment,
    shows_nothing,
    source_faults,
)
from domain.governments import GOVERNMENTS
from domain.treaties import TREATIES

TARGETS_MAX: Final = 250
ACTORS_MAX: Final = 250
SOURCES_MAX: Final = 50
RELATIONS_MAX: Final = 50
SUMMARY_CHARS_MAX: Final = 4000

ActorKind = Literal["state", "io", "parliament", "ngo", "coalition", "individual", "media"]
Reliability = Literal["A", "B", "C", "D", "E", "F"]
Credibility = Literal[1, 2, 3, 4, 5, 6]
RelationKind = Literal[
    "follows", "responds_to", "confirms", "contradicts", "claimed_cause", "supersedes", "mentions"
]
Visibility = Literal["internal", "public"]
Status = Literal[
    "pending", "accepted", "rejected", "contested", "refuted", "retracted", "superseded"
]


class Part(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,
):
    """A part of a claim; unknown fields are refused. Frozen parts hold no cycles: the collector
    need not look at them."""


class Actor(Part, frozen=True):
    """Who acted: a state by `code`, anyone else by `name`; `role` is the office spoken from."""

    kind: ActorKind
    code: GovernmentCode | None = None
    name: Line | None = None
    role: Line | None = None

    @property
    def key(self) -> str:
        """What makes two actors the same one: `state:FIN`, else kind and name, in whichever form
        of Unicode its accents were typed."""
        if self.kind == "state":
            return f"state:{self.code}"
        key = f"{self.kind}:{self.name}"
        return key if key.isascii() else unicodedata.normalize("NFC", key)


class Source(Part, frozen=True):
    """A publication behind a claim with its Admiralty grade (reliability A-F, credibility 1-6).

    Without a reliability the source cannot be judged, which is what F means.
    """

    title: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    publisher: Line | None = None
    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    published_on: Annotated[str, msgspec.Meta(max_length=32)] | None = None
    language: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    reliability: Reliability | None = None
    credibility: Credibility | None = None


class Relation(Part, frozen=True):
    """How this claim relates to another one of the workspace.

    `author`: who says so. That one thing caused another is always somebody's claim, never the
    system's, so a claimed cause has one.
    """

    claim: ClaimId
    relation: RelationKind
    author: Actor | None = None


class Claim(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,
):
    """What sources say an actor did, on a date, concerning governments, under a treaty.

    `details` is an instance of the struct that `kind` prescribes.
    """

    id: ClaimId
    kind: str
    treaty: str
    occurred_on: str
    actors: tuple[Actor, ...] = ()
    targets: tuple[str, ...] = ()
    summary: Annotated[str, msgspec.Meta(min_length=1, max_length=SUMMARY_CHARS_MAX)]
    details: Details
    sources: tuple[Source, ...] = ()
    relates_to: tuple[Relation, ...] = ()
    visibility: Visibility = "internal"

    @property
    def date(self) -> PartialDate:
        """The day or span in which it happened."""
        return partial_date(self.occurred_on)


class _Frame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The wire form of a submission: `details` still undecoded, the id optional."""

    kind: str
    treaty: str
    occurred_on: str
    summary: Annotated[str, msgspec.Meta(min_length=1, max_length=SUMMARY_CHARS_MAX)]
    id: ClaimId | None = None
    actors: Annotated[tuple[Actor, ...], msgspec.Meta(max_length=ACTORS_MAX)] = ()
    targets: Annotated[tuple[str, ...], msgspec.Meta(max_length=TARGETS_MAX)] = ()
    details: dict[str, Any] = {}
    sources: Annotated[tuple[Source, ...], msgspec.Meta(max_length=SOURCES_MAX)] = ()
    relates_to: Annotated[tuple[Relation, ...], msgspec.Meta(max_length=RELATIONS_MAX)] = ()
    visibility: Visibility = "internal"
    known_since: str | None = None
    status: Status | None = None
    status_reason: Line | None = None
    same_as: tuple[ClaimId, ...] = ()
    contested_by: Annotated[tuple[Actor, ...], msgspec.Meta(max_length=ACTORS_MAX)] = ()
    status_sources: Annotated[tuple[Source, ...], msgspec.Meta(max_length=SOURCES_MAX)] = ()
    superseded_by: ClaimId | None = None
    withdrawn: Annotated[tuple[Actor, ...], msgspec.Meta(max_length=ACTORS_MAX)] = ()
    withdrawn_since: Annotated[tuple[str, ...], msgspec.Meta(max_length=ACTORS_MAX)] = ()


class _SentFrame(_Frame, frozen=True, kw_only=True):
    """A submission as JSON: its details stay text until the kind says what they are."""

    details: msgspec.Raw = msgspec.Raw(b"{}")  # type: ignore[assignment]  # decoded by its kind


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A valid claim and what its submitter states beside it.

    `known_since`: since when the submitter knew it (back-filled history), or None. All else
    restates desk decisions of an export and is honoured on import only: the status, why it was
    given, by whom the claim is contested, on which sources, what supersedes it, what is the same,
    and who of its signatories withdrew, each known since the moment of the same place in
    `withdrawn_since`, or with the claim where there is none.
    """

    claim: Claim
    known_since: datetime | None = None
    status: Status | None = None
    status_reason: str | None = None
    same_as: tuple[str, ...] = ()
    contested_by: tuple[Actor, ...] = ()
    status_sources: tuple[Source, ...] = ()
    superseded_by: str | None = None
    withdrawn: tuple[Actor, ...] = ()
    withdrawn_since: tuple[datetime, ...] = ()


_STAND_INS: Final = {"treaty": next(iter(TREATIES)), "occurred_on": "2000", "summary": "."}
_RESTATED: Final = (
    "status", "status_reason", "same_as", "contested_by", "status_sources", "superseded_by",
    "withdrawn", "withdrawn_since",
)  # fmt: skip
_BELONGS_TO: Final[dict[str, tuple[Status, ...]]] = {
    "contested_by": ("contested",),
    "status_sources": ("contested", "refuted"),
    "superseded_by": ("superseded",),
}
"""What is restated beside a status -> the statuses it says something of."""


def read_submission(
    raw: bytes | dict[str, Any],
    *,
    details_of: dict[str, type[Details]],
    now: datetime,
    new_id: str,
    backfill: bool = False,
    restate: bool = False,
    is_nul_free: bool = False,
) -> Submission:
    """The valid submission in a JSON text or object; InvalidClaim names every fault found.

    `details_of`: kind -> details struct. `now`: the moment of recording, UTC. `new_id`: the id for
    a claim that brings none. `backfill`: whether this submitter may state `known_since`; `restate`:
    whether also `status`, `status_reason` and `same_as`, as an import of an export does.
    `is_nul_free`: whether it is known that no text of it holds U+0000.
    """
    asked = details_of, now, new_id, backfill, restate
    try:
        frame = decoded(raw, _SentFrame if isinstance(raw, bytes) else _Frame, "")
    except InvalidClaim as error:
        sound = sound_parts(raw, error.errors, {"details": "kind"})
        raise InvalidClaim([*error.errors, *_faults_of(sound, error.errors, *asked)]) from None
    return _judged(frame, raw, is_nul_free, *asked)


def _faults_of(
    sound: dict[str, Any], found: Sequence[FieldError], of: dict[str, type[Details]], *how: Any
) -> list[FieldError]:
    """What else is wrong with a submission of which only some parts fit."""
    needed = {"kind": next(iter(of)), **_STAND_INS}
    try:
        _judged(decoded(needed | sound, _Frame, ""), sound, False, of, *how)
    except InvalidClaim as error:
        return beside(error.errors, found)
    return []


def _judged(
    frame: _Frame,
    raw: bytes | dict[str, Any],
    is_nul_free: bool,
    details_of: dict[str, type[Details]],
    now: datetime,
    new_id: str,
    backfill: bool,
    restate: bool,
) -> Submission:
    restates = _restates(frame)
    faults = _frame_faults(frame, details_of, now)
    if restates or frame.known_since is not None:
        faults += _licence_faults(frame, now, backfill, restate)
    details = None
    shape = details_of.get(frame.kind)
    if shape is not None:
        try:
            details = decoded(frame.details, shape, "/details")
        except InvalidClaim as error:
            faults += error.errors
        else:
            faults += details_faults(details)
    if not is_nul_free and details is not None:
        faults += nul_faults(raw)
    if faults or details is None:
        raise InvalidClaim(faults)
    claim = _claim(frame, frame.id or new_id, details)
    since = read_moment(frame.known_since) if frame.known_since is not None else None
    if not restates:
        return Submission(claim=claim, known_since=since)
    restated = {name: getattr(frame, name) for name in _RESTATED}
    restated["withdrawn_since"] = tuple(read_moment(text) for text in frame.withdrawn_since)
    return Submission(claim=claim, known_since=since, **restated)


def read_claim(plain: dict[str, Any], details_of: dict[str, type[Details]]) -> Claim:
    """The claim that `domain.events.claim_json` wrote; InvalidClaim when it is none."""
    frame = decoded(plain, _Frame, "")
    if frame.id is None or frame.kind not in details_of:
        raise InvalidClaim(
            [FieldError(pointer="", detail="not a whole claim: id or kind is missing")]
        )
    return _claim(frame, frame.id, decoded(frame.details, details_of[frame.kind], "/details"))


def _claim(frame: _Frame, claim_id: str, details: Details) -> Claim:
    return Claim(
        id=claim_id,
        kind=frame.kind,
        treaty=frame.treaty,
        occurred_on=frame.occurred_on,
        actors=frame.actors,
        targets=frame.targets,
        summary=frame.summary,
        details=details,
        sources=frame.sources,
        relates_to=frame.relates_to,
        visibility=frame.visibility,
    )


def _restates(frame: _Frame) -> bool:
    """Whether anything of an export's is told; written out, as nearly every submission tells
    nothing."""
    return bool(
        frame.status
        or frame.status_reason
        or frame.same_as
        or frame.contested_by
        or frame.status_sources
        or frame.superseded_by
        or frame.withdrawn
        or frame.withdrawn_since
    )


def _frame_faults(
    frame: _Frame, details_of: dict[str, type[Details]], now: datetime
) -> list[FieldError]:
    faults: list[FieldError] = []

    def fault(pointer: str, detail: str) -> None:
        faults.append(FieldError(pointer=pointer, detail=detail))

    if frame.kind not in details_of:
        fault("/kind", f"{frame.kind!r} is not a kind of claim; see docs/events.md for the kinds")
    if frame.treaty not in TREATIES:
        fault(
            "/treaty", f"{frame.treaty!r} is not a known treaty; use one of {', '.join(TREATIES)}"
        )
    date_fault(fault, "/occurred_on", frame.occurred_on, latest_day(now))
    if shows_nothing(frame.summary):
        fault("/summary", "says nothing; tell in a sentence what happened")
    faults += actor_faults(frame.actors, "/actors")
    for i, code in enumerate(frame.targets):
        if code not in GOVERNMENTS:
            fault(f"/targets/{i}", f"{code!r} is not a government; use an ISO 3166-1 alpha-3 code")
        elif code in frame.targets[:i]:
            fault(f"/targets/{i}", f"{code} is named twice; name each government once")
    faults += source_faults(frame.sources, "/sources", now)
    ids = [("/id", frame.id)] if frame.id is not None else []
    ids += [(f"/same_as/{i}", other) for i, other in enumerate(frame.same_as)]
    ids += [(f"/relates_to/{i}/claim", one.claim) for i, one in enumerate(frame.relates_to)]
    faults += id_faults(ids)
    for i, relation in enumerate(frame.relates_to):
        if relation.claim == frame.id:
            fault(f"/relates_to/{i}/claim", "a claim has no relation to itself; leave it out")
        elif relation in frame.relates_to[:i]:
            fault(f"/relates_to/{i}", "this relation is stated twice; state it once")
        faults += _author_faults(relation, f"/relates_to/{i}/author")
    return faults


def _author_faults(relation: Relation, pointer: str) -> list[FieldError]:
    if relation.author is None and relation.relation == "claimed_cause":
        detail = "that one thing caused another is somebody's claim; name its author, as an actor"
        return [FieldError(pointer=pointer, detail=detail)]
    authors = () if relation.author is None else (relation.author,)
    return [
        msgspec.structs.replace(fault, pointer=fault.pointer.replace("/author/0", "/author"))
        for fault in actor_faults(authors, pointer)
    ]


def _licence_faults(
    frame: _Frame, now: datetime, backfill: bool, restate: bool
) -> list[FieldError]:
    """Faults of a submitter who states what only some may state."""
    faults: list[FieldError] = []
    for name in _RESTATED:
        if getattr(frame, name) and not restate:
            detail = "only an import may restate the desk's decisions; leave it out"
            faults.append(FieldError(pointer=f"/{name}", detail=detail))
    for name, statuses in _BELONGS_TO.items():
        if getattr(frame, name) and frame.status not in statuses:
            detail = f"says something of claims that are {' or '.join(statuses)}; leave it out"
            faults.append(FieldError(pointer=f"/{name}", detail=detail))
    faults += actor_faults(frame.contested_by, "/contested_by")
    faults += actor_faults(frame.withdrawn, "/withdrawn")
    faults += moment_faults(frame.withdrawn_since, len(frame.withdrawn), now)
    faults += source_faults(frame.status_sources, "/status_sources", now)
    if frame.known_since is None:
        return faults
    if not backfill:
        detail = "only reviewers' imports and trusted sources may state this; leave it out"
        return [*faults, FieldError(pointer="/known_since", detail=detail)]
    try:
        moment = read_moment(frame.known_since)
    except ValueError as error:
        return [*faults, FieldError(pointer="/known_since", detail=str(error))]
    if moment > now:
        detail = "lies after the moment of recording; state an earlier moment"
        faults.append(FieldError(pointer="/known_since", detail=detail))
    return faults
