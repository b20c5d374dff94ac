"""The same questions as the API's, answered from the events alone; no view table is ever read."""

from datetime import date
from typing import Final

import msgspec

from domain.clocks import KnownAt
from domain.errors import InvalidQuestion
from domain.treaties import treaty
from projections.board import board
from projections.claims import claim_list, newest_first
from projections.dossier import MEASURES, dossier, explain
from projections.histories import Histories, Version, believed, fold
from projections.parties import parties
from services.questions import government_code, known_text
from services.recording import opened
from services.wiring import House

VIEWS: Final = ("board", "parties", "government:CODE", *(f"{m}:CODE" for m in MEASURES), "claims")
"""What can be asked; CODE is a government."""


async def replay(
    house: House,
    workspace: str,
    view: str,
    *,
    on: date,
    known_at: KnownAt,
    treaty_code: str,
    last_day: date | None = None,
) -> msgspec.Struct:
    """The answer of `view`, one of `VIEWS`, on the day `on`, as known at `known_at`.

    `treaty_code`: the treaty of `parties`. `last_day`: of the `claims`, which are all of one page
    here. InvalidQuestion when there is no such view or the log has not reached `known_at`.
    """
    ask, code = _read_view(view)
    found_treaty = treaty(treaty_code)
    head, versions = await believed_from_events(house, workspace, known_at)
    known = known_text(known_at, head)
    weights = house.weights
    if ask == "board":
        facts = [v.facts for v in versions]
        return board(facts, on=on, known_at=known, weights=weights)
    if ask == "parties":
        facts = [v.facts for v in versions]
        return parties(found_treaty, facts, on=on, known_at=known)
    if ask == "claims":
        return claim_list(newest_first(versions, last_day), known_at=known)
    if ask == "government":
        return dossier(code, versions, on=on, known_at=known, weights=weights)
    facts = [v.facts for v in versions if code in v.claim.targets]
    return explain(ask, code, facts, on=on, known_at=known, weights=weights)


async def believed_from_events(
    house: House, workspace: str, known_at: KnownAt
) -> tuple[int, list[Version]]:
    """The head of the log and the claims believed at `known_at`, in the order of recording.

    InvalidQuestion when the log has not reached `known_at`.
    """
    head = await house.store.head(workspace)
    if known_at.position is not None and known_at.position > head:
        detail = f"the log has reached position {head}"
        raise InvalidQuestion(parameter="known_at", value=str(known_at), detail=detail)
    until = head if known_at.position is None else known_at.position
    current: dict[str, Version] = {}
    histories: Histories = {}
    async for page in house.store.stream(workspace, until=until):
        for stored in page:
            for version in fold(current, opened(stored)):
                current[version.claim.id] = version
                histories.setdefault(version.claim.id, []).append(version)
    return head, believed(histories, known_at)


def _read_view(view: str) -> tuple[str, str]:
    """The question and its government, empty where it needs none."""
    ask, separator, code = view.partition(":")
    of_one = ask == "government" or ask in MEASURES
    if of_one and separator:
        return ask, government_code(code)
    if ask in ("board", "parties", "claims") and not separator:
        return ask, ""
    detail = f"use one of {', '.join(VIEWS)}"
    raise InvalidQuestion(parameter="view", value=view, detail=detail)
