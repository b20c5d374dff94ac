"""What a replay draws from very many believed claims, which pass by some at a time: lists, queues
and differences; in bounded memory, and never from a view."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import msgspec

from domain.campaigns import Campaign
from domain.claims import Status
from domain.clocks import HEAD, KnownAt, known_text, reached
from domain.duties import Deciding
from domain.facts import COUNTED
from domain.governments import GOVERNMENTS
from domain.numbers import CRITICAL_KINDS
from domain.standing import LEGAL_KINDS, Standing
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import Board, BoardRow
from projections.campaigns import (
    TIMELINE_MAX,
    CampaignPage,
    Figures,
    Reached,
    campaign_reached,
    first_day,
    is_happening,
)
from projections.changes import ChangeList, Compared, changes, compared, joined
from projections.claims import ClaimList, claim_row
from projections.criticism import CriticismMatrix, Joint, critical
from projections.criticism_pass import MatrixPass
from projections.deadlines import Deadlines, clocks_under, each_told
from projections.dossier import Dossier, Explanation, when
from projections.dossier_pass import DossierPass
from projections.histories import (
    Histories,
    Version,
    believed,
    fold_all,
    pack,
    unpack,
    version_at,
)
from projections.law_pass import LawPass, is_law, law_entries
from projections.opened_pass import explanation_told, packed_facts
from projections.paging import ROWS_MAX, First
from projections.passing import LedgerPass, UndertakenPass, page_kept
from projections.rows_pass import Reckoned, narrowings_told, row_told
from projections.silence import Among
from projections.transfers import TRANSFER_STAGES, Transfers
from projections.undertakings import Undertakings, is_told
from projections.worklists import (
    RANKED_MAX,
    TARGETS_RANKED_MAX,
    WAITING,
    Narrowing,
    ReviewQueue,
    ranked,
)
from services.house import House
from services.reckoning import Reckoning, take
from services.tables.unfolding import unfolded
from services.wiring import Runs

Wants = Callable[[Version], bool]


class ListedClaims:
    """The answer `projections.claims.ClaimList`, whose claims are kept aside and told one by one,
    once."""

    def __init__(self, known_at: str, claims: Runs) -> None:
        self.known_at, self._claims = known_at, claims

    def parts(self) -> Iterator[bytes]:
        """The JSON of the whole, some of it at a time."""
        whole = msgspec.json.encode(ClaimList(known_at=self.known_at, claims=()))
        head, tail = whole[: -len(b"]}")], whole[-len(b"]}") :]
        yield head
        separator = b""
        with self._claims:
            for _, body in self._claims:
                yield separator + msgspec.json.encode(claim_row(unpack(body)))
                separator = b","
        yield tail


def json_parts(answer: msgspec.Struct | ListedClaims) -> Iterator[bytes]:
    """The JSON of an answer, some of it at a time."""
    if isinstance(answer, ListedClaims):
        return answer.parts()
    return iter((msgspec.json.encode(answer),))


class Replayed:
    """A workspace's log up to a point, of which the claims believed there pass by."""

    def __init__(
        self, house: House, workspace: str, known_at: KnownAt, head: int, until: int
    ) -> None:
        """`head`: of the log; `until`: the last position that is read."""
        self.house, self.workspace = house, workspace
        self.head, self.until = head, until
        self.known = known_text(known_at, head)
        self.known_at = KnownAt(position=until) if known_at == HEAD else known_at

    async def histories(self) -> AsyncIterator[Histories]:
        """Every claim with its versions up to the last position, some at a time."""
        async for _, some in unfolded(self.house, self.workspace, self.until):
            yield some

    async def believed(self) -> AsyncIterator[list[Version]]:
        """The claims believed, in the order of recording, some at a time."""
        async for some in self.histories():
            yield believed(some, self.known_at)

    async def named(self, claims: Collection[str]) -> list[Version]:
        """Some claims as believed, in the order of recording; those that are not are left out."""
        asked = sorted(claims)
        found = fold_all(await self.house.store.about(self.workspace, asked, self.until))
        versions = (version_at(found[claim], self.known_at) for claim in asked if claim in found)
        return sorted((v for v in versions if v is not None), key=lambda v: v.recorded_position)

    async def claims(self, last_day: date | None) -> ListedClaims:
        """All claims up to a day, those that happened last first."""
        runs = Runs()
        async for some in self.believed():
            for version in some:
                day = version.claim.date.representative_day
                if last_day is None or day <= last_day:
                    runs.add((-day.toordinal(), -version.recorded_position), pack(version))
        return ListedClaims(self.known, runs)

    async def transfers(self, on: date) -> Transfers:
        """The first page of the ledger of transfers."""
        ledger = LedgerPass(on)
        await self._by_happening(lambda v: v.claim.kind in TRANSFER_STAGES, ledger.take)
        return ledger.page(self.known)[0]

    async def criticism(
        self, on: date, weights: Weights, joint: Joint, among: Among | None
    ) -> CriticismMatrix:
        """The first page of the matrix of critics."""
        with Runs() as aside:
            matrix = MatrixPass(joint, ROWS_MAX, aside)
            await self._by_happening(
                lambda v: v.claim.kind in CRITICAL_KINDS and v.status in COUNTED,
                lambda versions: matrix.take(critical(versions, on, weights)),
            )
            circles = self.house.circles
            return matrix.page(
                on=on, known_at=self.known, weights=weights, among=among, circles=circles
            )

    async def commitments(self, on: date) -> Undertakings:
        """The first page of what governments undertook and answered."""
        told = UndertakenPass(on, page_kept(ROWS_MAX))
        await self._by_happening(is_told, told.take)
        names = {version.claim.id: version for version in await self.named(told.answers())}
        return told.page(ROWS_MAX, names, self.known)[0]

    async def under(
        self, law: Collection[str], on: date, look: Callable[[list[Version]], object] = len
    ) -> dict[str, dict[str, Standing]]:
        """The standing of every government, by treaty and government, while somebody may `look` at
        all claims that pass by."""
        codes = sorted(GOVERNMENTS)
        under = {name: dict.fromkeys(codes, Standing()) for name in law}
        with Runs() as runs:
            async for some in self.believed():
                look(some)
                for fact in (v.facts for v in some if v.claim.kind in LEGAL_KINDS):
                    if fact.day <= on and is_law(fact):
                        told = list(law_entries(fact, {}, None))
                        for code in GOVERNMENTS.keys() & set(fact.targets):
                            for tail, body in told:
                                runs.add((code, *tail), body)
            for code, entries in groupby(runs, key=lambda entry: entry[0][0]):
                one = LawPass(on)
                one.take((key[1:], body) for key, body in entries)
                standings = one.standings()
                for name in law:
                    under[name][code] = standings[name]
        return under

    async def deadlines(self, on: date) -> Deadlines:
        """Every clock that runs."""
        deciding = Deciding(on)
        under = await self.under(TREATIES, on, lambda some: deciding.take(each_told(some)))
        return clocks_under(under, deciding.by_government(), on=on, known_at=self.known)

    async def review(self, on: date, weights: Weights) -> ReviewQueue:
        """The queue of the claims that wait."""
        waiting: list[Version] = []
        narrowed: dict[str, list[Narrowing]] = {}
        with Reckoning((on,), weights) as reckoning:
            asked: dict[str, list[int]] = {}
            async for some in self.believed():
                for version in some:
                    if version.status in WAITING and len(waiting) <= RANKED_MAX:
                        waiting.append(version)
                        _ask(reckoning, version, len(waiting) - 1, asked)
                    take(reckoning, version)
            for code, _, entries in reckoning.each():
                if code not in asked:
                    continue
                reckoned = Reckoned(entries, on, weights)
                for place in asked[code]:
                    found = narrowings_told(code, reckoned, *_supposed(place))
                    narrowed.setdefault(waiting[place].claim.id, []).extend(found)
        how: dict[str, Any] = {"known_at": self.known, "methods": weights.methods}
        return ranked(waiting, narrowed, on=on, **how)

    async def board(self, on: date, weights: Weights) -> Board:
        """The board."""
        with Reckoning((on,), weights) as reckoning:
            async for some in self.believed():
                for version in some:
                    take(reckoning, version)
            (rows,) = _rows(reckoning, (on,), GOVERNMENTS)
        return Board(
            on=on,
            known_at=self.known,
            methods=weights.methods,
            governments=tuple(rows[code] for code in sorted(rows)),
        )

    async def changes(self, known_from: KnownAt, on: date, weights: Weights) -> ChangeList:
        """What differs between two points of knowledge."""
        found = Compared(passed=(), total=0, touched=())
        points, days = (known_from, self.known_at), (on, on)
        with Reckoning(days, weights) as reckoning:
            async for histories in self.histories():
                found = joined(found, compared(histories, *points, until=on))
                for which, point in enumerate(points):
                    for version in believed(histories, point):
                        take(reckoning, version, which)
            before, after = _rows(reckoning, days, {one.government for one in found.touched})
        return changes(
            found,
            before,
            after,
            on=on,
            from_known_at=known_text(known_from, self.head),
            to_known_at=self.known,
            weights=weights,
        )

    async def dossier(self, government: str, on: date, weights: Weights) -> Dossier:
        """The first page of the dossier of one government."""
        told = DossierPass(government, on)
        with Reckoning((on,), weights, governments=(government,)) as reckoning:
            async for version in self.about((government,)):
                told.take(version)
                take(reckoning, version)
            _, _, entries = next(reckoning.each())
            return told.dossier(entries, reckoning.tally(government), self.known, weights)

    async def explanation(
        self, measure: str, government: str, on: date, weights: Weights
    ) -> Explanation:
        """The first page of what a number of one government consists of."""
        with Reckoning((on,), weights, governments=(government,)) as reckoning:
            async for version in self.about((government,)):
                take(reckoning, version, told=packed_facts(version.facts))
            _, _, entries = next(reckoning.each())
            return explanation_told(measure, government, entries, on, self.known, weights)

    async def campaign(self, campaign: Campaign, on: date, weights: Weights) -> CampaignPage:
        """One campaign in full."""
        targets, days = campaign.targets, (on, first_day(campaign, on))
        around: First[Version] = First(TIMELINE_MAX, when, reverse=True)
        standings: dict[str, Standing] = {}
        figures = [dict[str, Figures]() for _ in days]
        with Reckoning(days, weights, governments=targets) as reckoning:
            async for version in self.about(targets):
                if is_happening(campaign, version, on):
                    around.add((version,))
                for which, _ in enumerate(days):
                    take(reckoning, version, which)
            for code, which, entries in reckoning.each():
                one = Reckoned(entries, days[which], weights)
                figures[which][code] = Figures(on=days[which], **one.figures())
                if which == 0:
                    standings[code] = one.standings[campaign.treaty]
        now, at_start = figures
        named = await self.named(set(campaign.claims))
        reached = Reached(
            standings=standings, at_start=at_start, now=now, around=around.rows(), named=named
        )
        return campaign_reached(campaign, reached, on=on, known_at=self.known, weights=weights)

    async def about(self, governments: Collection[str]) -> AsyncIterator[Version]:
        """The claims believed that concern some governments, in the order of recording."""
        async for some in self.believed():
            for version in some:
                if not set(governments).isdisjoint(version.claim.targets):
                    yield version

    async def _by_happening(
        self, wants: Wants, take: Callable[[Iterable[Version]], object]
    ) -> None:
        """Let `take` look at the claims that somebody wants, happening by happening."""
        with Runs() as runs:
            async for some in self.believed():
                for version in some:
                    if wants(version):
                        runs.add((version.happening, version.recorded_position), pack(version))
            take(unpack(body) for _, body in runs)


async def replayed(house: House, workspace: str, known_at: KnownAt) -> Replayed:
    """The log as known at a point; InvalidQuestion when it has not reached that."""
    head = await house.store.head(workspace)
    return Replayed(house, workspace, known_at, head, reached(known_at, head))


def _rows(
    reckoning: Reckoning, days: Sequence[date], codes: Collection[str]
) -> list[dict[str, BoardRow]]:
    """The rows of some governments on each of the days."""
    rows = [dict[str, BoardRow]() for _ in days]
    for code, which, entries in reckoning.each():
        if code in codes:
            reckoned = Reckoned(entries, days[which], reckoning.weights)
            rows[which][code] = row_told(code, reckoned, reckoning.tally(code, which))
    return rows


def _supposed(place: int) -> tuple[int, int]:
    """The numbers of the two suppositions about the claim that waits at a place: that it were
    accepted, and that it were refused."""
    return 2 * place, 2 * place + 1


def _ask(reckoning: Reckoning, version: Version, place: int, asked: dict[str, list[int]]) -> None:
    """Ask what deciding a claim that waits would do to the governments it concerns."""
    if place >= RANKED_MAX:
        return
    accepted, refused = _supposed(place)
    supposed: dict[int, Status] = {accepted: "accepted", refused: "rejected"}
    for code in version.claim.targets[:TARGETS_RANKED_MAX]:
        if code in GOVERNMENTS:
            asked.setdefault(code, []).append(place)
            reckoning.suppose(code, version.claim.id, supposed)
