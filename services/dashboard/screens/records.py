"""The pages of the claims: the list, and one claim in full; asks the views, builds and renders, and
never decides on a claim."""

from typing import Final, TypeVar, get_args

from domain.claims import Status
from domain.clocks import KnownAt
from domain.errors import InvalidQuestion
from domain.kinds import DETAILS_OF
from domain.treaties import TREATIES
from projections.claims import ClaimPage, ClaimRow
from projections.histories import Version
from services.dashboard.frame import CLAIMS_PATH
from services.dashboard.language import _, word
from services.dashboard.models.amending import AMENDED, Amending, amends_of
from services.dashboard.models.claims import (
    ClaimAsk,
    claim_sheet,
    claim_view,
    claims_page,
    claims_sheet,
)
from services.dashboard.models.evidence import first_sentence
from services.dashboard.render import render
from services.dashboard.sheets import ROWS_MAX, download
from services.dashboard.states import GOVERNMENTS
from services.dashboard.visit import PageAnswer, Visit
from services.looking import looked_at, looked_through
from services.wiring import ClaimFilter, Cursor, read_cursor

T = TypeVar("T")

LIST_FIELDS: Final = (
    *("q", "government", "kind", "status", "treaty", "actor", "from", "to"),
    *("order", "cursor", "format"),
)
CLAIM_FIELDS: Final = ("recorded", "done", "format")
ROWS_SHOWN_MAX: Final = 50
BATCH_ROWS: Final = 1000
TARGETS_RECKONED_MAX: Final = 8
"""Of how many governments a claim's page reckons the numbers anew."""
GROUP_SHOWN_MAX: Final = 100
"""About so many claims that tell of the same happening are listed on a claim's page."""
STATUSES: Final = get_args(Status)


async def claims(visit: Visit) -> PageAnswer:
    """Which records are there, and where do they stand?"""
    kept = visit.kept(*LIST_FIELDS[:-1])
    if (better := visit.better(kept)) is not None:
        return better
    ask, filter_ = asked_of(visit)
    cursor = visit.asked("cursor")
    after = read_cursor(cursor) if cursor else None
    if visit.form is not None:
        position, rows, is_cut = await every_claim(visit, filter_, oldest=ask.order == "oldest")
        frame = await visit.frame(_("Claims"), position, pairs=kept)
        file = download(claims_sheet(rows, frame, is_cut=is_cut), visit.form)
        return PageAnswer(position=position, download=file)
    position, found, following = await visit.questions.claims(
        visit.workspace,
        visit.known_at,
        filter_,
        after=after,
        limit=ROWS_SHOWN_MAX,
        oldest=ask.order == "oldest",
    )
    by = visit.visitor.by
    looked_through(visit.house, visit.workspace, by, found.claims, CLAIMS_PATH)
    page = claims_page(
        await visit.frame(_("Claims"), position, pairs=kept),
        found.claims,
        on=visit.on,
        ask=ask,
        following="" if following is None else str(following),
        begun=after is not None,
        kinds=sorted(DETAILS_OF),
    )
    return PageAnswer(position=position, html=render(page))


async def claim(visit: Visit, name: str, typed: Amending | None = None) -> PageAnswer:
    """What is claimed, on whose word, who says otherwise, and how it came here."""
    if (better := visit.better(())) is not None:
        return better
    position, found = await visit.questions.claim(visit.workspace, name, visit.known_at)
    looked_at(visit.house, visit.workspace, visit.visitor.by, found)
    others = await _others(visit, found)
    await visit.weigh()
    frame = await visit.frame(
        first_sentence(found.summary), position, concerns=tuple(found.targets)
    )
    if visit.form is not None:
        return PageAnswer(
            position=position, download=download(claim_sheet(found, frame), visit.form)
        )
    effects = await visit.questions.effects(
        visit.workspace,
        found,
        found.targets[:TARGETS_RECKONED_MAX],
        visit.on,
        visit.known_at,
        visit.weights or await visit.weigh(),
    )
    is_own = bool(visit.asked("recorded")) and found.recorded_by == visit.visitor.by
    is_now = visit.reading.clocks.mode(visit.today) == "now"
    decides = is_now and visit.visitor.may("reviewer") and found.status != "retracted"
    page = claim_view(
        frame,
        found,
        others,
        effects,
        is_own=is_own,
        amends=amends_of(found, position, typed or Amending()) if decides else None,
        done=visit.asked("done") if visit.asked("done") in AMENDED else "",
    )
    return PageAnswer(position=position, html=render(page))


async def _others(visit: Visit, found: ClaimPage) -> dict[str, Version]:
    """The claims it has to do with, and the whole group that tells of the same happening; of one
    that is very large those that are nearest."""
    others: dict[str, Version] = {}
    sought = {r.claim for r in found.related} | set(found.same_as)
    group = {found.id, *found.same_as}
    while sought:
        _position, versions = await visit.house.views.versions_of_claims(
            visit.workspace, visit.known_at, sought
        )
        others |= {v.claim.id: v for v in versions}
        group |= {c for name in group if name in others for c in others[name].same}
        sought = group - others.keys() - {found.id} if len(group) <= GROUP_SHOWN_MAX else set()
    return others


async def every_claim(
    visit: Visit, filter_: ClaimFilter, *, oldest: bool
) -> tuple[int, list[ClaimRow], bool]:
    """Every claim that the filter lets through, as they stood at one position, up to `ROWS_MAX`;
    whether there are more."""
    rows: list[ClaimRow] = []
    after: Cursor | None = None
    known_at, position = visit.known_at, 0
    while len(rows) < ROWS_MAX:
        at, found, after = await visit.questions.claims(
            visit.workspace, known_at, filter_, after=after, limit=BATCH_ROWS, oldest=oldest
        )
        if not rows:
            position = at
            if known_at.position is None and known_at.moment is None:
                known_at = KnownAt(position=at)
        rows += found.claims
        if after is None:
            return position, rows, False
    return position, rows[:ROWS_MAX], True


def asked_of(visit: Visit) -> tuple[ClaimAsk, ClaimFilter]:
    """What was typed, and the filter it means; what cannot be read narrows nothing and is told."""
    errors: dict[str, str] = {}
    first, last = visit.span(errors)
    actor = visit.asked("actor")
    ask = ClaimAsk(
        q=visit.asked("q"),
        government=visit.choice("government", GOVERNMENTS),
        kind=visit.choice("kind", DETAILS_OF),
        status=visit.choice("status", STATUSES),
        treaty=visit.choice("treaty", TREATIES),
        actor=actor,
        from_typed=visit.asked("from"),
        to_typed=visit.asked("to"),
        order="oldest" if visit.asked("order") == "oldest" else "newest",
        errors=errors,
    )
    status: Status | None = next((s for s in STATUSES if s == ask.status), None)
    return ask, ClaimFilter(
        government=ask.government or None,
        kind=ask.kind or None,
        status=status,
        treaty=ask.treaty or None,
        actor=actor or None,
        q=ask.q or None,
        first_day=first,
        last_day=min(last, visit.on) if last else visit.on,
    )


def _among(visit: Visit, name: str, known: object) -> str:
    """A choice of the query; InvalidQuestion where there is none of that name."""
    text = visit.asked(name)
    if text and text not in known:  # type: ignore[operator]  # any container of text
        detail = word("choose one of the list")
        raise InvalidQuestion(parameter=name, value=text[:80], detail=detail)
    return text
