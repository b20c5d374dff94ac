"""The same questions as the API's, answered from the events alone; no view table is ever read."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Final

import msgspec

from domain.clocks import HEAD, KnownAt, known_text
from domain.dcb import DCBQuery, DCBQueryItem
from domain.errors import InvalidQuestion
from domain.standing import LEGAL_KINDS
from domain.treaties import treaty
from domain.weights import Weights
from projections.board import Board, board
from projections.campaigns import all_happened, campaign_list, campaign_page
from projections.changes import ChangeList, changes_of, read_range
from projections.claims import claim_list, newest_first
from projections.columnar.numbers.folding import BoardFold, contents_of
from projections.criticism import Joint, criticism_matrix
from projections.deadlines import running_clocks
from projections.dossier import MEASURES, dossier, explain
from projections.histories import Histories, Version, fold, version_at
from projections.paging import ROWS_MAX
from projections.parties import parties
from projections.silence import Among
from projections.transfers import TRANSFER_STAGES, transfers
from projections.transfers import page_of as transfers_page
from projections.undertakings import is_told, undertakings
from projections.undertakings import page_of as commitments_page
from projections.worklists import LISTS, listed, review_queue
from services.campaigning import campaigns_of, one_campaign
from services.house import House
from services.questions import government_code
from services.recording import opened
from services.tables.unfolding import unfolded
from services.weighing import offered, weigh

OF_ALL: Final = (
    *("claims", "transfers", "criticism", "deadlines", "commitments", "changes", "campaigns"),
    *("review", "weights", *LISTS),
)  # fmt: skip
VIEWS: Final = (
    "board", "parties", "government:CODE", *(f"{m}:CODE" for m in MEASURES), "campaign:SLUG",
    *OF_ALL,
)  # fmt: skip
"""What can be asked; CODE is a government, SLUG a campaign."""
_KINDS: Final[Mapping[str, Collection[str]]] = {
    "parties": LEGAL_KINDS,
    "transfers": frozenset(TRANSFER_STAGES),
}
"""The kinds of claims that a view is drawn from, where these are few."""
Wants = Callable[[Version], bool]


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
) -> msgspec.Struct:
    """The answer of `view`, one of `VIEWS`, on the day `on`, as known at `known_at`.

    `treaty_code`: of `parties`. `last_day`: of the `claims`, which are all of one page here.
    `among` and `joint`: of `criticism`. `known_from`: of `changes`. `method`: the set of weights,
    None for the published ones. InvalidQuestion when there is no such view or the log has not
    reached `known_at`.
    """
    ask, code = _read_view(view)
    found_treaty = treaty(treaty_code)
    if ask == "changes":
        return await _changes(house, workspace, on, known_from, known_at, method)
    if ask == "board" or ask in LISTS:
        whole = await _board(house, workspace, on, known_at, method)
        return whole if ask == "board" else listed(whole, ask)
    wants = _wants(ask, code)
    head, versions = await believed_from_events(house, workspace, known_at, wants)
    known = known_text(known_at, head)
    weights = await _weights(house, workspace, method, known_at, head)
    if ask == "weights":
        at = KnownAt(position=head) if known_at == HEAD else known_at
        return (await offered(house, workspace, at))[1]
    if ask == "review":
        return review_queue(versions, on=on, known_at=known, weights=weights)
    if ask == "parties":
        facts = [v.facts for v in versions]
        return parties(found_treaty, facts, on=on, known_at=known)
    if ask == "claims":
        return claim_list(newest_first(versions, last_day), known_at=known)
    if ask == "government":
        return dossier(code, versions, on=on, known_at=known, weights=weights)
    if ask == "transfers":
        return transfers_page(transfers(versions, on=on, known_at=known))[0]
    if ask == "criticism":
        return criticism_matrix(
            versions, on=on, known_at=known, weights=weights,
            among=among, circles=house.circles, joint=joint, rows_max=ROWS_MAX,
        )  # fmt: skip
    if ask == "commitments":
        told = undertakings(filter(is_told, versions), versions, on=on, known_at=known)
        return commitments_page(told)[0]
    if ask in ("campaign", "campaigns"):
        until = head if known_at.position is None else known_at.position
        campaigns = await campaigns_of(house, workspace, known_at, until)
        if ask == "campaigns":
            return campaign_list(campaigns, versions, on=on, known_at=known)
        campaign = one_campaign(campaigns, code)
        happened = all_happened(campaign, versions, until=on)
        return campaign_page(campaign, happened, on=on, known_at=known, weights=weights)
    if ask == "deadlines":
        return running_clocks([v.facts for v in versions], versions, on=on, known_at=known)
    facts = [v.facts for v in versions if code in v.claim.targets]
    return explain(ask, code, facts, on=on, known_at=known, weights=weights)


async def believed_from_events(
    house: House, workspace: str, known_at: KnownAt, wants: Wants | None = None
) -> tuple[int, list[Version]]:
    """The head of the log and the claims believed at `known_at`, in the order of recording; those
    alone that somebody `wants`, where few are wanted: then no more than these is held.

    InvalidQuestion when the log has not reached `known_at`.
    """
    head, until = await _reach(house, workspace, known_at)
    if wants is not None:
        return head, await _wanted(house, workspace, known_at, until, wants)
    moment = known_at.moment
    current: dict[str, Version] = {}
    # Of every claim the last version that counts is kept, so that a long log needs no more room
    # than its claims do.
    kept: dict[str, Version] = {} if moment is not None else current
    async for page in house.store.recorded(workspace, until=until):
        for event in page:
            for version in fold(current, event):
                current[version.claim.id] = version
                if moment is not None and version.known_from <= moment:
                    kept[version.claim.id] = version
    return head, sorted(kept.values(), key=lambda version: version.recorded_position)


async def _wanted(
    house: House, workspace: str, known_at: KnownAt, until: int, wants: Wants
) -> list[Version]:
    at = KnownAt(position=until) if known_at == HEAD else known_at
    found: list[Version] = []
    async for _, histories in unfolded(house, workspace, until):
        for history in histories.values():
            version = version_at(history, at)
            if version is not None and wants(version):
                found.append(version)
    return found


def _wants(ask: str, code: str) -> Wants | None:
    """What a view is drawn from, where that is little of what is on file."""
    if code and ask != "campaign":
        return lambda version: code in version.claim.targets
    kinds = _KINDS.get(ask)
    return None if kinds is None else lambda version: version.claim.kind in kinds


async def _board(
    house: House, workspace: str, on: date, known_at: KnownAt, method: str | None
) -> Board:
    """The board; as known at a position it needs none of the versions that led to it."""
    if known_at.moment is not None:
        head, versions = await believed_from_events(house, workspace, known_at)
        weights = await _weights(house, workspace, method, known_at, head)
        facts = [version.facts for version in versions]
        return board(facts, on=on, known_at=known_text(known_at, head), weights=weights)
    head, until = await _reach(house, workspace, known_at)
    fold = BoardFold()
    async for page in house.store.recorded(workspace, until=until):
        fold.take(page)
    for claim in sorted(fold.amended):
        about = DCBQuery([DCBQueryItem(tags=[f"claim:{claim}"])])
        found = await house.store.read(workspace, about)
        events = (opened(one) for one in found.events if one.position <= until)
        fold.amend(contents_of(events, claim))
    weights = await _weights(house, workspace, method, known_at, head)
    return fold.board(on=on, known_at=known_text(known_at, head), weights=weights)


async def _weights(
    house: House, workspace: str, method: str | None, known_at: KnownAt, head: int
) -> Weights:
    """The weights of a method at the clock that the claims are read by."""
    if method is None:
        return house.weights
    at = KnownAt(position=head) if known_at == HEAD else known_at
    return (await weigh(house, workspace, method, at))[0]


async def _changes(
    house: House,
    workspace: str,
    on: date,
    known_from: KnownAt,
    known_to: KnownAt,
    method: str | None,
) -> ChangeList:
    read_range(known_from, known_to)
    head, histories = await _histories(house, workspace, known_to)
    return changes_of(
        histories,
        known_from,
        known_to,
        on=on,
        from_known_at=known_text(known_from, head),
        to_known_at=known_text(known_to, head),
        weights=await _weights(house, workspace, method, known_to, head),
    )


async def _histories(house: House, workspace: str, known_at: KnownAt) -> tuple[int, Histories]:
    """The head of the log and the histories up to `known_at`, later ones too where it is a
    moment."""
    head, until = await _reach(house, workspace, known_at)
    histories: Histories = {}
    current: dict[str, Version] = {}
    async for page in house.store.recorded(workspace, until=until):
        for event in page:
            for version in fold(current, event):
                current[version.claim.id] = version
                histories.setdefault(version.claim.id, []).append(version)
    return head, histories


async def _reach(house: House, workspace: str, known_at: KnownAt) -> tuple[int, int]:
    """The head of the log and the last position to read for `known_at`."""
    head = await house.store.head(workspace)
    if known_at.position is not None and known_at.position > head:
        detail = f"the log has reached position {head}"
        raise InvalidQuestion(parameter="known_at", value=str(known_at), detail=detail)
    return head, head if known_at.position is None else known_at.position


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
