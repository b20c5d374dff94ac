"""The screens of the desk in each of their states; no store is asked."""

import msgspec

from domain.clocks import HEAD
from domain.numbers import Figure
from projections.claims import claim_page
from projections.histories import Version
from projections.similar import suggestions
from projections.worklists import review_queue
from services.dashboard.frame import Link
from services.dashboard.models.claims import listed
from services.dashboard.models.find import FindPage, fitting_governments, fitting_pages
from services.dashboard.models.review import (
    ReviewPage,
    Shift,
    Typed,
    desk_of,
    queue_of,
)
from tests import chronology
from tests.services.dashboard.samples import EVE, PAST, frame

CHOSEN = "ltu-2025-exit-date-misreport"
ADA = "person:ada"


def _waiting(count: int) -> list[Version]:
    """The first claims of the record, as if they waited."""
    found = [v for v in chronology.versions() if v.claim.sources][:count]
    chosen = next(v for v in chronology.versions() if v.claim.id == CHOSEN)
    rest = [v for v in found if v.claim.id != CHOSEN]
    return [msgspec.structs.replace(v, status="pending") for v in (chosen, *rest)]


def reviewed(*, typed: Typed | None = None, own: bool = False, done: bool = False) -> ReviewPage:
    """The queue with one claim opened beside one that resembles it."""
    around = frame("Review", "/review", pairs=(("claim", CHOSEN),))
    waiting = _waiting(4)
    answer = claim_page(chronology.histories()[CHOSEN], [], HEAD)
    assert answer is not None
    recorder = ADA if own else "person:mira"
    answer = msgspec.structs.replace(answer, status="pending", recorded_by=recorder)
    chosen = waiting[0]
    twin = msgspec.structs.replace(
        chosen, status="accepted", claim=msgspec.structs.replace(chosen.claim, id="another")
    )
    similar = suggestions(chosen.claim, [twin], known_at="seq:412").similar
    waits = {version.claim.id: version for version in waiting}
    versions = [waits.get(v.claim.id, v) for v in chronology.versions()]
    ranked = review_queue(versions, on=EVE, known_at="seq:412", weights=chronology.weights())
    queue = queue_of(ranked.claims, waiting, CHOSEN, ADA)
    shift = Shift(
        code="LTU",
        name="Lithuania",
        measure="erosion",
        before=Figure(score=40, low=30, high=52),
        after=Figure(score=44, low=44, high=52),
    )
    desk = desk_of(
        around,
        answer,
        by=ADA,
        twins=[(one, twin) for one in similar],
        shifts=() if own else (shift,),
        reckoned=1,
        queue=queue,
        typed=typed or Typed(),
        seen=412,
    )
    return ReviewPage(
        frame=around,
        waiting=60,
        queue=queue,
        desk=desk,
        typed=typed or Typed(),
        done=("another", "Poland deposited its instrument.", "accepted") if done else None,
    )


def paired() -> ReviewPage:
    """A claim that is declared the same as one on file."""
    page = reviewed()
    assert page.desk is not None
    declared = [msgspec.structs.replace(twin, likeness=None) for twin in page.desk.twins]
    desk = msgspec.structs.replace(page.desk, twins=tuple(declared))
    told = ("another", "Poland deposited its instrument.", "declared the same as another")
    return msgspec.structs.replace(page, desk=desk, done=told)


def found(q: str) -> FindPage:
    """What fits some words."""
    links = [Link(label, "/") for label in ("Today", "Review", "Record a claim")]
    rows = [listed(v) for v in chronology.versions()[:3]] if q == "poland" else []
    return FindPage(
        frame=frame("Find", "/find", pairs=(("q", q),)),
        q=q,
        pages=fitting_pages(q, links),
        governments=fitting_governments(q, None),
        claims=tuple(rows),
    )


def nothing_waits() -> ReviewPage:
    """Review with an empty queue."""
    around = frame("Review", "/review")
    return ReviewPage(frame=around, waiting=0, queue=(), desk=None, typed=Typed())


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, every screen of the desk in every state."""
    mute = Typed(verdict="rejected", refusal="Say why, in one sentence.", field="why")
    unsaid = Typed(
        verdict="contested",
        reason="The ministry denies it.",
        disputed_by="Ministry of Defence",
        source="https://example.org/denial",
        refusal="Say who disputes it, and choose what it is.",
        field="by",
    )
    past = msgspec.structs.replace(
        nothing_waits(), past=True, frame=frame("Review", "/review", reading=PAST)
    )
    return {
        "review": reviewed(done=True),
        "review-own": reviewed(own=True),
        "review-refused": reviewed(typed=mute),
        "review-unsaid": reviewed(typed=unsaid),
        "review-empty": nothing_waits(),
        "review-paired": paired(),
        "find": found("poland"),
        "find-unasked": found(""),
        "find-nothing": found("xyzzy"),
        "review-past": past,
    }
