"""Builds the page Review: what waits, one claim in full beside what resembles it, and what a
decision would change; pure, it neither fetches nor decides."""

from collections.abc import Sequence
from typing import Final, get_args

import msgspec

from domain.claims import ActorKind, Status
from domain.desk import Verdict, possible_verdicts
from domain.numbers import Figure
from projections.claims import ClaimPage as Answer
from projections.histories import Version
from projections.similar import Similar
from projections.worklists import Narrowing, Queued, ReviewQueue
from services.dashboard.charts.figures import Measure
from services.dashboard.formats import date_text, names_text
from services.dashboard.forms.words import value_words
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, word
from services.dashboard.models.claims import (
    ClaimView,
    ListedClaim,
    actor_names,
    claim_view,
    listed,
    publishers,
)
from services.dashboard.models.evidence import details_in_words
from services.dashboard.models.usefulness import usefulness
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS

NAMES_MAX: Final = 6
VERDICTS: Final[tuple[tuple[Verdict, str, str], ...]] = (
    ("accepted", word("Accept"), word("The sources bear it out: it counts in full.")),
    (
        "rejected",
        word("Reject"),
        word("Unfounded, out of scope or unusable: kept, and counted nowhere."),
    ),
    (
        "contested",
        word("Contest"),
        word("Somebody with standing disputes it: it counts only in what may be."),
    ),
    (
        "refuted",
        word("Refute"),
        word("Shown to be false: readable, struck through, counted nowhere."),
    ),
    ("retracted", word("Retract"), word("Taken back by the desk: readable, counted nowhere.")),
)
"""Verdict -> its name and what it means, in the order of the form."""
ORDERS: Final = Words(
    {
        "useful": word("Most useful first"),
        "oldest": word("Oldest first"),
        "newest": word("Newest first"),
    }
)
"""The orders of the queue, as addresses have them; the others go by when a claim was recorded."""
DONE: Final = Words(
    {
        "accepted": word("accepted"),
        "rejected": word("rejected"),
        "contested": word("contested"),
        "refuted": word("refuted"),
        "retracted": word("retracted"),
        "same": word("declared the same as another"),
        "separated": word("separated from another"),
    }
)


class QueueItem(msgspec.Struct, frozen=True):
    """One claim that waits."""

    row: ListedClaim
    current: bool
    own: bool
    why: str = ""
    """Why it stands where it stands."""


class PairRow(msgspec.Struct, frozen=True):
    """One field of the incoming claim beside that of the claim on file."""

    label: str
    incoming: str
    on_file: str

    @property
    def differs(self) -> bool:
        """Whether they read otherwise."""
        return self.incoming != self.on_file


class Twin(msgspec.Struct, frozen=True, kw_only=True):
    """A claim on file that may tell of the same happening; `likeness` in per cent."""

    claim: str
    title: str
    status: Status
    likeness: int | None
    """None where the two are declared the same."""
    rows: tuple[PairRow, ...] = ()


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A published number before and after the claim would be accepted."""

    code: str
    name: str
    measure: Measure
    before: Figure
    after: Figure


class Choice(msgspec.Struct, frozen=True):
    """A decision that may be taken; `needs_reason` unless it is acceptance."""

    verdict: str
    word: str
    says: str
    chosen: bool
    needs_reason: bool


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a refused form held, and why it was refused; `field` is the one to mend."""

    verdict: str = ""
    reason: str = ""
    disputed_by: str = ""
    disputed_kind: str = ""
    source: str = ""
    refusal: str = ""
    field: str = ""

    @property
    def says_more(self) -> bool:
        """Whether anything beside the decision and its reason was typed."""
        return bool(self.disputed_by or self.disputed_kind or self.source)


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The chosen claim and all that a decision about it needs."""

    view: ClaimView
    own: bool
    twins: tuple[Twin, ...]
    shifts: tuple[Shift, ...]
    reckoned: int
    """Of how many governments the numbers were reckoned."""
    choices: tuple[Choice, ...]
    actor_kinds: tuple[tuple[str, str], ...]
    """Kinds of actors that may dispute a claim, with their words."""
    seen: int
    previous: str = ""
    following: str = ""


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision, and one of it in full."""

    frame: Frame
    waiting: int
    queue: tuple[QueueItem, ...]
    desk: Desk | None
    typed: Typed
    order: str = "useful"
    """One of `ORDERS`, in which the queue stands."""
    done: tuple[str, str, str] | None = None
    """What was just decided: the claim, its title and the decision."""
    past: bool = False

    @property
    def orders(self) -> tuple[tuple[str, str], ...]:
        """The orders that the queue can stand in, with their words."""
        return tuple(ORDERS.items())


def queue_of(
    queue: Sequence[Queued], versions: Sequence[Version], chosen: str, by: str
) -> tuple[QueueItem, ...]:
    """The rows of the queue in its order; `versions` are its claims in full, where they could be
    had."""
    by_claim = {version.claim.id: version for version in versions}
    return tuple(
        QueueItem(
            listed(by_claim[queued.claim]),
            current=queued.claim == chosen,
            own=queued.recorded_by == by,
            why=usefulness(queued),
        )
        for queued in queue
        if queued.claim in by_claim
    )


def queue_sheet(found: ReviewQueue, frame: Frame) -> Sheet:
    """The queue as a file, in its order: what waits, and the interval that a decision narrows
    most."""
    rows: list[tuple[Cell, ...]] = [
        (
            *(queued.claim, queued.occurred_on, queued.kind, queued.treaty, queued.status),
            *(" ".join(queued.targets), queued.summary, queued.points, len(queued.intervals)),
            *((most.government, most.measure) if (most := _most(queued)) else (None, None)),
        )
        for queued in found.claims
    ]
    columns = (
        *("claim", "occurred_on", "kind", "treaty", "status", "targets", "summary"),
        *("narrows_by", "narrows_intervals", "narrows_most_of", "narrows_most"),
    )
    return Sheet(
        name="review", columns=columns, rows=rows, about=frame.question, is_cut=found.more > 0
    )


def _most(queued: Queued) -> Narrowing | None:
    return next(iter(queued.intervals), None)


def desk_of(
    frame: Frame,
    answer: Answer,
    *,
    by: str,
    twins: Sequence[tuple[Similar | None, Version]],
    shifts: Sequence[Shift],
    reckoned: int,
    queue: Sequence[QueueItem],
    typed: Typed,
    seen: int,
) -> Desk:
    """The chosen claim as the desk sees it; `seen`: the position it was read at."""
    own = answer.recorded_by == by
    names = [item.row.claim for item in queue]
    here = names.index(answer.id) if answer.id in names else -1
    return Desk(
        view=claim_view(frame, answer, {}, {}),
        own=own,
        twins=tuple(_twin(answer, *twin) for twin in twins),
        shifts=tuple(shifts),
        reckoned=reckoned,
        choices=tuple(_choices(answer.status, own, typed.verdict)),
        actor_kinds=tuple((kind, _(value_words(kind))) for kind in get_args(ActorKind)),
        seen=seen,
        previous=names[here - 1] if here > 0 else "",
        following=names[here + 1] if -1 < here < len(names) - 1 else "",
    )


def _choices(status: Status, own: bool, typed: str) -> list[Choice]:
    possible = possible_verdicts(status)
    return [
        Choice(verdict, _(name), _(says), verdict == typed, verdict != "accepted")
        for verdict, name, says in VERDICTS
        if verdict in possible and not (own and verdict == "accepted")
    ]


def _twin(answer: Answer, similar: Similar | None, version: Version) -> Twin:
    claim = version.claim
    rows = [
        PairRow(_("Wording"), answer.summary, claim.summary),
        PairRow(_("Date"), date_text(answer.occurred_on), date_text(claim.occurred_on)),
        PairRow(_("Who acted"), _actors(answer), _actors(claim)),
        PairRow(_("Governments"), _targets(answer.targets), _targets(claim.targets)),
    ]
    mine, theirs = dict(details_in_words(answer.details)), dict(details_in_words(claim.details))
    for name in dict.fromkeys((*mine, *theirs)):
        row = PairRow(name, mine.get(name, _("not said")), theirs.get(name, _("not said")))
        rows.append(row)
    rows.append(PairRow(_("Publishers"), publishers(answer), publishers(claim)))
    rows.append(PairRow(_("Source grades"), _grades(answer), _grades(claim)))
    return Twin(
        claim=claim.id,
        title=claim.summary,
        status=version.status,
        likeness=None if similar is None else round(similar.likeness * 100),
        rows=tuple(rows),
    )


def _actors(claim: object) -> str:
    named = actor_names(getattr(claim, "actors", ()), roles=True)
    return names_text(named, NAMES_MAX) or _("nobody is named")


def _targets(codes: Sequence[str]) -> str:
    return names_text([GOVERNMENTS[code] for code in codes], NAMES_MAX) or _("no government")


def _grades(claim: object) -> str:
    sources = getattr(claim, "sources", ())
    grades = [f"{s.reliability or 'F'}{s.credibility or 6}" for s in sources]
    return " ".join(grades) or _("no source")
