"""The same questions as the API's, answered from the events alone; no view table is ever read."""

from datetime import date
from typing import Final

import msgspec

from domain.clocks import HEAD, KnownAt
from domain.dcb import DCBQuery, DCBQueryItem
from domain.errors import InvalidQuestion
from domain.treaties import treaty
from domain.weights import Weights
from projections.board import Board
from projections.campaigns import campaign_list
from projections.changes import read_range
from projections.columnar.numbers.folding import BoardFold, contents_of
from projections.criticism import Joint
from projections.dossier import MEASURES
from projections.parties import parties_among
from projections.silence import Among
from projections.worklists import LISTS, listed
from services.campaigning import campaigns_of, one_campaign
from services.house import House
from services.questions import government_code
from services.replayed import ListedClaims, Replayed, replayed
from services.weighing import offered, weigh
from services.wiring import opened

OF_ALL: Final = (
    *("claims", "transfers", "criticism", "deadlines", "commitments", "changes", "campaigns"),
    *("review", "weights", *LISTS),
)  # fmt: skip
FOLDED_EVENTS_MAX: Final = 50_000
"""So many events are folded to a board at once, which takes some 650 bytes for each; of a longer
log claims pass by."""
VIEWS: Final = (
    "board", "parties", "government:CODE", *(f"{m}:CODE" for m in MEASURES), "campaign:SLUG",
    *OF_ALL,
)  # fmt: skip
"""What can be asked; CODE is a government, SLUG a campaign."""


async def replay(
    house: House,
    workspace: str,
    view: str,
    *,
    on: date,
    known_at: KnownAt,
    treaty_code: str,
    last_day: date | None = None,
    among: Among | None = None,
    joint: Joint = "each",
    known_from: KnownAt = HEAD,
    method: str | None = None,
) -> msgspec.Struct | ListedClaims:
    """The answer of `view`, one of `VIEWS`, on the day `on`, as known at `known_at`.

    `treaty_code`: of `parties`. `last_day`: of the `claims`, which are all of one page here.
    `among` and `joint`: of `criticism`. `known_from`: of `changes`. `method`: the set of weights,
    None for the published ones. InvalidQuestion when there is no such view or the log has not
    reached `known_at`.
    """
    ask, code = _read_view(view)
    found_treaty = treaty(treaty_code)
    if ask == "changes":
        read_range(known_from, known_at)
    log = await replayed(house, workspace, known_at)
    weights = house.weights
    if method is not None:
        weights = (await weigh(house, workspace, method, log.known_at))[0]
    if ask == "weights":
        return (await offered(house, workspace, log.known_at))[1]
    if ask == "changes":
        return await log.changes(known_from, on, weights)
    if ask == "board" or ask in LISTS:
        is_short = known_at.moment is None and log.until <= FOLDED_EVENTS_MAX
        whole = await (_board(log, on, weights) if is_short else log.board(on, weights))
        return whole if ask == "board" else listed(whole, ask)
    if ask == "review":
        return await log.review(on, weights)
    if ask == "parties":
        under = (await log.under((found_treaty.code,), on))[found_treaty.code]
        return parties_among(found_treaty, under, on=on, known_at=log.known)
    if ask == "claims":
        return await log.claims(last_day)
    if ask == "transfers":
        return await log.transfers(on)
    if ask == "criticism":
        return await log.criticism(on, weights, joint, among)
    if ask == "commitments":
        return await log.commitments(on)
    if ask in ("campaign", "campaigns"):
        return await _campaigns(house, workspace, log, code, on, weights)
    if ask == "deadlines":
        return await log.deadlines(on)
    if ask == "government":
        return await log.dossier(code, on, weights)
    return await log.explanation(ask, code, on, weights)


async def _campaigns(
    house: House, workspace: str, log: Replayed, slug: str, on: date, weights: Weights
) -> msgspec.Struct:
    """All campaigns, or the one of a slug."""
    campaigns = await campaigns_of(house, workspace, log.known_at, log.until)
    if not slug:
        named = await log.named({claim for one in campaigns.values() for claim in one.claims})
        return campaign_list(campaigns, named, on=on, known_at=log.known)
    return await log.campaign(one_campaign(campaigns, slug), on, weights)


async def _board(log: Replayed, on: date, weights: Weights) -> Board:
    """The board as known at a position, which needs none of the versions that led to it, of a log
    short enough to be folded at once."""
    fold, store = BoardFold(), log.house.store
    async for page in store.recorded(log.workspace, until=log.until):
        fold.take(page)
    for claim in sorted(fold.amended):
        about = DCBQuery([DCBQueryItem(tags=[f"claim:{claim}"])])
        found = await store.read(log.workspace, about)
        events = (opened(one) for one in found.events if one.position <= log.until)
        fold.amend(contents_of(events, claim))
    return fold.board(on=on, known_at=log.known, weights=weights)


def _read_view(view: str) -> tuple[str, str]:
    """The question and its government or campaign, empty where it needs none."""
    ask, separator, code = view.partition(":")
    of_one = ask == "government" or ask in MEASURES
    if of_one and separator:
        return ask, government_code(code)
    if ask == "campaign" and separator:
        return ask, code
    if ask in ("board", "parties", *OF_ALL) and not separator:
        return ask, ""
    detail = f"use one of {', '.join(VIEWS)}"
    raise InvalidQuestion(parameter="view", value=view, detail=detail)
