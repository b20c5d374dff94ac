"""The questions a workspace can be asked, answered from the views; each answer stands for one
position."""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Sequence
from datetime import date
from typing import TypeVar, cast

import msgspec

from domain.claims import Claim
from domain.clocks import HEAD, KnownAt, known_text
from domain.errors import ClaimNotFound, GovernmentNotFound
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.standing import Standing
from domain.treaties import APMBC, treaty
from domain.weights import Weights
from projections.board import Board, board
from projections.changes import ChangeList, changes, read_range
from projections.claims import ClaimList, ClaimPage, claim_list, claim_page
from projections.columnar.numbers.reckoning import reckoned_board
from projections.criticism import Choice, CriticismMatrix, Excerpt, Joint
from projections.dossier import MEASURES, Dossier, Explanation, dossier
from projections.effects import Effect, effects
from projections.histories import Version, version_at
from projections.mornings import Morning, morning
from projections.paging import Place
from projections.parties import Parties, parties_among
from projections.portraits import Portrait, portrait
from projections.silence import Among
from projections.similar import Suggestions, settled_of, suggestions
from projections.worklists import RANKED_MAX, Narrowing, ReviewQueue, listed, ranked
from services.house import House
from services.ledgers import LedgerQuestions
from services.matrices import MatrixAsked, excerpt, matrix
from services.weighing import weigh
from services.wiring import ClaimFilter, Cursor

COURSE_CLAIMS_MAX = 16
"""Up to so many claims of a government the readable law tells the course of its numbers; of more
columns do, at a stroke."""
WAITING_COUNTED_MAX = 1_000
"""Up to how many claims that wait are counted; more than a desk works off in a day."""
ANSWERS_KEPT_MAX = 64
"""How many whole answers a process remembers; an answer never changes for its position and
clocks."""

T = TypeVar("T")


class Questions(LedgerQuestions):
    """Asks the views and lets the pure functions answer; remembers the dearest answers."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    async def board(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        list_: str | None = None,
        method: str | None = None,
    ) -> tuple[int, Board]:
        """The board: every government on the day `on`, or those of one of `LISTS`."""
        if list_ is not None:
            position, whole = await self.board(workspace, on, known_at, method=method)
            return position, listed(whole, list_)
        weights, known_at = await weigh(self.house, workspace, method, known_at)
        key = await self._key(f"board:{weights.set_label}", workspace, on, known_at)
        kept = cast("tuple[int, Board] | None", self._recall(key))
        if kept is not None:
            return kept
        if not await self.is_long(workspace):
            position, facts = await self.house.views.facts(workspace, known_at, until=on)
            known = known_text(known_at, position)
            return self._keep(key, (position, board(facts, on=on, known_at=known, weights=weights)))
        position, rows = await self.house.figures.board(workspace, on, known_at, weights)
        known = known_text(known_at, position)
        answer = reckoned_board(rows, on=on, known_at=known, weights=weights)
        return self._keep(key, (position, answer))

    async def morning(
        self, workspace: str, on: date, known_at: KnownAt, method: str | None = None
    ) -> tuple[int, Morning]:
        """What the page Today is drawn from on the day `on`."""
        weights, known_at = await weigh(self.house, workspace, method, known_at)
        if await self.is_long(workspace):
            return await self.house.figures.morning(workspace, on, known_at, weights)
        position, versions = await self.house.views.versions(workspace, known_at)
        return position, morning(versions, on=on, weights=weights)

    async def portrait(
        self, workspace: str, code: str, on: date, known_at: KnownAt, weights: Weights
    ) -> tuple[int, Portrait]:
        """What the page of one government is drawn from on the day `on`."""
        government = government_code(code)
        if not await self.is_long(workspace):
            position, versions = await self.house.views.versions(
                workspace, known_at, government=government
            )
            if len(versions) <= COURSE_CLAIMS_MAX:
                return position, portrait(government, versions, on=on, weights=weights)
        return await self.house.figures.portrait(workspace, government, on, known_at, weights)

    async def queue(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        method: str | None = None,
        *,
        newest: bool = False,
    ) -> tuple[int, ReviewQueue]:
        """The claims that wait, most useful first; of very many those recorded first, or those
        recorded last where the `newest` are asked for."""
        weights, known_at = await weigh(self.house, workspace, method, known_at)
        key = await self._key(f"queue:{newest}:{weights.set_label}", workspace, on, known_at)
        kept = cast("tuple[int, ReviewQueue] | None", self._recall(key))
        if kept is not None:
            return kept
        position, versions = await self.waiting_claims(workspace, known_at, newest=newest)
        if known_at == HEAD:
            known_at = KnownAt(position=position)
        narrowed: dict[str, list[Narrowing]] = {}
        if versions:
            _, narrowed = await self.house.figures.narrowings(
                workspace, versions[:RANKED_MAX], on, known_at, weights
            )
        known = known_text(known_at, position)
        answer = ranked(versions, narrowed, on=on, known_at=known, methods=weights.methods)
        return self._keep(key, (position, answer))

    async def parties(
        self, workspace: str, code: str, on: date, known_at: KnownAt
    ) -> tuple[int, Parties]:
        """The parties of a treaty on the day `on`; TreatyNotFound names the known treaties."""
        found = treaty(code)
        key = await self._key(f"parties:{code}", workspace, on, known_at)
        kept = cast("tuple[int, Parties] | None", self._recall(key))
        if kept is not None:
            return kept
        position, under = await self.under_treaties(workspace, on, known_at)
        known = known_text(known_at, position)
        told = parties_among(found, under[found.code], on=on, known_at=known)
        return self._keep(key, (position, told))

    async def dossier(
        self,
        workspace: str,
        code: str,
        on: date,
        known_at: KnownAt,
        method: str | None = None,
        after: int = 0,
    ) -> tuple[int, Dossier]:
        """Everything held on one government, a page of its timeline; GovernmentNotFound when there
        is none of that code."""
        government = government_code(code)
        weights, known_at = await weigh(self.house, workspace, method, known_at)
        if await self.is_long(workspace):
            position, answer = await self.house.figures.dossier(
                workspace, government, on, known_at, weights, after
            )
            known = known_text(known_at, position)
            return position, msgspec.structs.replace(answer, known_at=known)
        position, versions = await self.house.views.versions(
            workspace, known_at, government=government
        )
        known = known_text(known_at, position)
        return position, dossier(
            government, versions, on=on, known_at=known, weights=weights, after=after
        )

    async def criticism(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        among: Among | None,
        method: str | None = None,
        joint: Joint = "each",
        after: Place | None = None,
        limit: int | None = None,
    ) -> tuple[int, CriticismMatrix, Place | None]:
        """Who criticised whom up to the day `on`, and who of the governments `among` kept silent;
        `joint`: how joint statements are told; a page of critics unless `limit` is None, and after
        which the next one begins."""
        asked = MatrixAsked(workspace, on, known_at, among, joint, method, after, limit)
        return await matrix(self.house, asked, is_long=await self.is_long(workspace))

    async def criticism_page(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        among: Among | None,
        *,
        joint: Joint,
        government: str,
        choice: Choice,
    ) -> tuple[int, Excerpt]:
        """What a page shows of the matrix; see `projections.criticism.excerpt_of`."""
        asked = MatrixAsked(workspace, on, known_at, among, joint, None)
        is_long = await self.is_long(workspace)
        return await excerpt(self.house, asked, government, choice, is_long=is_long)

    async def changes(
        self,
        workspace: str,
        on: date,
        known_from: KnownAt,
        known_to: KnownAt,
        method: str | None = None,
    ) -> tuple[int, ChangeList]:
        """What differs between two points of knowledge, both weighed as the second knows to;
        InvalidQuestion where they are none."""
        read_range(known_from, known_to)
        weights, _ = await weigh(self.house, workspace, method, known_to)
        position, found, before, after = await self.house.figures.between(
            workspace, known_from, known_to, on, weights
        )
        first, last = known_text(known_from, position), known_text(known_to, position)
        return position, changes(
            found, before, after, on=on, from_known_at=first, to_known_at=last, weights=weights
        )

    async def explain(
        self,
        workspace: str,
        measure: str,
        code: str,
        on: date,
        known_at: KnownAt,
        after: int = 0,
        method: str | None = None,
    ) -> tuple[int, Explanation]:
        """One number of one government with every term, a page of them: `pressure`, `erosion` or
        `backing`."""
        weights, known_at = await weigh(self.house, workspace, method, known_at)
        position, found = await self.house.figures.explain(
            workspace, measure, government_code(code), on, known_at, weights, after
        )
        known = known_text(known_at, position)
        return position, msgspec.structs.replace(found, known_at=known)

    async def standings(
        self,
        workspace: str,
        on: date,
        known_at: KnownAt,
        only: Collection[str] | None = None,
    ) -> tuple[int, dict[str, Standing]]:
        """What every government is to the Mine Ban Treaty on the day `on`, by code; of a long log
        `only` some may be asked about."""
        if only is not None and await self.is_long(workspace):
            position, some = await self.under_treaties(workspace, on, known_at, only)
            return position, some[APMBC.code]
        key = await self._key("standings", workspace, on, known_at)
        kept = cast("tuple[int, dict[str, Standing]] | None", self._recall(key))
        if kept is not None:
            return kept
        position, under = await self.under_treaties(workspace, on, known_at)
        return self._keep(key, (position, under[APMBC.code]))

    async def facts(
        self, workspace: str, code: str, on: date, known_at: KnownAt
    ) -> tuple[int, list[Facts]]:
        """The facts that the numbers of one government on the day `on` are reckoned from."""
        return await self.house.views.facts(
            workspace, known_at, government=government_code(code), until=on
        )

    async def effects(
        self,
        workspace: str,
        claim: ClaimPage,
        governments: Sequence[str],
        on: date,
        known_at: KnownAt,
        weights: Weights,
    ) -> dict[str, dict[str, Effect]]:
        """What a claim does to the numbers of governments on the day `on`, by code and measure."""
        if await self.is_long(workspace):
            return await self.house.figures.effects(
                workspace, claim.position, governments, on, known_at, weights
            )
        found = {}
        for code in governments:
            _, facts = await self.facts(workspace, code, on, known_at)
            numbers = {name: of(facts, code, on, weights) for name, of in MEASURES.items()}
            found[code] = effects(claim.id, numbers)
        return found

    async def claims(
        self,
        workspace: str,
        known_at: KnownAt,
        filter_: ClaimFilter,
        *,
        after: Cursor | None,
        limit: int,
        oldest: bool = False,
    ) -> tuple[int, ClaimList, Cursor | None]:
        """One page of the claims that a filter lets through, newest first or `oldest`, and where
        the next begins."""
        position, versions, following = await self.house.views.claims(
            workspace, known_at, filter_, after=after, limit=limit, oldest=oldest
        )
        return position, claim_list(versions, known_at=known_text(known_at, position)), following

    async def claim(self, workspace: str, claim: str, known_at: KnownAt) -> tuple[int, ClaimPage]:
        """One claim with its versions and decisions; ClaimNotFound when it was not known by
        then."""
        position, history, beside = await self.house.views.claim(workspace, claim, known_at)
        page = claim_page(history, beside, known_at)
        if page is None:
            raise ClaimNotFound(claim=claim)
        return position, page

    async def similar(
        self, workspace: str, claim: str, known_at: KnownAt
    ) -> tuple[int, Suggestions]:
        """Claims that may tell of the same happening as a recorded one; ClaimNotFound when it was
        not known by then."""
        _, history, _ = await self.house.views.claim(workspace, claim, known_at)
        version = version_at(history, known_at)
        if version is None:
            raise ClaimNotFound(claim=claim)
        known = [v for v in history if v.number <= version.number]
        return await self.similar_to(workspace, version.claim, known_at, settled=settled_of(known))

    async def similar_to(
        self, workspace: str, claim: Claim, known_at: KnownAt, *, settled: Collection[str] = ()
    ) -> tuple[int, Suggestions]:
        """Claims that may tell of the same happening as one that need not be recorded yet;
        `settled`: claims about which the desk has decided."""
        position, candidates = await self.house.views.candidates(workspace, known_at, claim)
        known = known_text(known_at, position)
        return position, suggestions(claim, candidates, known_at=known, settled=settled)

    async def waiting_claims(
        self, workspace: str, known_at: KnownAt, *, newest: bool = False
    ) -> tuple[int, list[Version]]:
        """The claims that wait for the desk whatever the day, those recorded first, or the
        `newest`: as many as are ranked, and one more where there is one."""
        key = await self._key(f"waiting claims:{newest}", workspace, date.min, known_at)
        kept = cast("tuple[int, list[Version]] | None", self._recall(key))
        if kept is not None:
            return kept
        return self._keep(
            key,
            await self.house.views.waiting(workspace, RANKED_MAX + 1, known_at, newest=newest),
        )

    async def waiting(self, workspace: str, known_at: KnownAt = HEAD) -> int:
        """How many claims wait for the desk, counted up to `WAITING_COUNTED_MAX`."""
        key = await self._key("waiting", workspace, date.min, known_at)
        kept = cast("int | None", self._recall(key))
        if kept is not None:
            return kept
        return self._keep(
            key, await self.house.views.waiting_count(workspace, WAITING_COUNTED_MAX, known_at)
        )

    async def _key(self, name: str, workspace: str, on: date, known_at: KnownAt) -> Hashable:
        """What an answer depends on: the views as they stand at a position, in an epoch that only a
        rebuild or another projector ends."""
        watermark = await self.house.views.watermark(workspace)
        return name, workspace, on, str(known_at), watermark.position, watermark.epoch

    def _recall(self, key: Hashable) -> object | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def _keep(self, key: Hashable, answer: T) -> T:
        self._kept[key] = answer
        while len(self._kept) > ANSWERS_KEPT_MAX:
            self._kept.popitem(last=False)
        return answer


def government_code(code: str) -> str:
    """The code of a government of the status table; GovernmentNotFound otherwise."""
    if code not in GOVERNMENTS:
        raise GovernmentNotFound(code=code)
    return code
