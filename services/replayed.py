"""What a replay draws from very many believed claims, which pass by some at a time: lists, queues
and differences; in bounded memory, and never from a view."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from itertools import groupby
from typing import Any, Final

import msgspec

from domain.clocks import HEAD, KnownAt, known_text
from domain.duties import Deciding
from domain.errors import InvalidQuestion
from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import CRITICAL_KINDS
from domain.standing import LEGAL_KINDS, Standing, standing_on
from domain.treaties import TREATIES
from domain.weights import Weights
from projections.board import Board, board_row
from projections.changes import ChangeList, Compared, changes, compared, joined
from projections.claims import ClaimList, claim_row
from projections.criticism import CriticismMatrix, Joint, critical
from projections.criticism_pass import MatrixPass
from projections.deadlines import Deadlines, clocks_under, each_told
from projections.histories import (
    Histories,
    Version,
    believed,
    fold_all,
    pack,
    unpack,
    version_at,
)
from projections.paging import ROWS_MAX
from projections.passing import LedgerPass, UndertakenPass, page_kept
from projections.silence import Among
from projections.transfers import TRANSFER_STAGES, Transfers
from projections.undertakings import Undertakings, is_told
from projections.worklists import (
    RANKED_MAX,
    TARGETS_RANKED_MAX,
    WAITING,
    Narrowing,
    ReviewQueue,
    narrowings,
    ranked,
)
from services.house import House
from services.runs import Runs
from services.tables.unfolding import unfolded

_FACTS: Final = msgspec.msgpack.Decoder(Facts)
_ENCODER: Final = msgspec.msgpack.Encoder()
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

    async def wanted(self, wants: Wants) -> list[Version]:
        """Those that somebody wants, which are few."""
        return [version async for some in self.believed() for version in some if wants(version)]

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
        matrix = MatrixPass(joint, ROWS_MAX)
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
        async with self._by_government(_is_legal, on, look) as facts:
            for _, code, some in _each(facts):
                for name in law:
                    under[name][code] = standing_on(TREATIES[name], code, some, on)
        return under

    async def deadlines(self, on: date) -> Deadlines:
        """Every clock that runs."""
        deciding = Deciding(on)
        under = await self.under(TREATIES, on, lambda some: deciding.take(each_told(some)))
        return clocks_under(under, deciding.by_government(), on=on, known_at=self.known)

    async def review(self, on: date, weights: Weights) -> ReviewQueue:
        """The queue of the claims that wait."""
        waiting: list[Version] = []

        def look(versions: list[Version]) -> None:
            left = RANKED_MAX + 1 - len(waiting)
            waiting.extend([v for v in versions if v.status in WAITING][:left])

        narrowed: dict[str, list[Narrowing]] = {}
        async with self._by_government(_is_any, None, look) as facts:
            asked: dict[str, list[str]] = {}
            for version in waiting[:RANKED_MAX]:
                for code in version.claim.targets[:TARGETS_RANKED_MAX]:
                    asked.setdefault(code, []).append(version.claim.id)
            for _, code, some in _each(facts, asked):
                for claim in asked[code]:
                    found = narrowings(claim, code, some, on, weights)
                    narrowed.setdefault(claim, []).extend(found)
        how: dict[str, Any] = {"known_at": self.known, "methods": weights.methods}
        return ranked(waiting, narrowed, on=on, **how)

    async def board(self, on: date, weights: Weights) -> Board:
        """The board."""
        rows = {code: board_row(code, (), on, weights) for code in sorted(GOVERNMENTS)}
        async with self._by_government(_is_any) as facts:
            rows |= {code: board_row(code, some, on, weights) for _, code, some in _each(facts)}
        return Board(
            on=on,
            known_at=self.known,
            methods=weights.methods,
            governments=tuple(rows[code] for code in sorted(rows)),
        )

    async def changes(self, known_from: KnownAt, on: date, weights: Weights) -> ChangeList:
        """What differs between two points of knowledge."""
        found = Compared(passed=(), total=0, touched=())
        points = known_from, self.known_at
        with Runs() as runs:
            async for histories in self.histories():
                found = joined(found, compared(histories, *points, until=on))
                for which, point in enumerate(points):
                    _put(runs, believed(histories, point), lambda fact: fact.day <= on, which)
            touched = [one.government for one in found.touched]
            rows = [{code: board_row(code, (), on, weights) for code in touched} for _ in points]
            for which, code, some in _each(runs, set(touched)):
                rows[which][code] = board_row(code, some, on, weights)
        before, after = rows
        return changes(
            found,
            before,
            after,
            on=on,
            from_known_at=known_text(known_from, self.head),
            to_known_at=self.known,
            weights=weights,
        )

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

    @asynccontextmanager
    async def _by_government(
        self,
        wants: Callable[[Facts], bool],
        until: date | None = None,
        look: Callable[[list[Version]], object] = len,
    ) -> AsyncIterator[Runs]:
        """The facts that somebody wants, up to a day, government by government, each in the order
        of recording; meanwhile somebody may `look` at all claims that pass by."""
        with Runs() as runs:
            async for some in self.believed():
                look(some)
                _put(runs, some, lambda f: wants(f) and (until is None or f.day <= until))
            yield runs


async def replayed(house: House, workspace: str, known_at: KnownAt) -> Replayed:
    """The log as known at a point; InvalidQuestion when it has not reached that."""
    head = await house.store.head(workspace)
    if known_at.position is not None and known_at.position > head:
        detail = f"the log has reached position {head}"
        raise InvalidQuestion(parameter="known_at", value=str(known_at), detail=detail)
    until = head if known_at.position is None else known_at.position
    return Replayed(house, workspace, known_at, head, until)


def _is_any(_fact: Facts) -> bool:
    return True


def _is_legal(fact: Facts) -> bool:
    return fact.kind in LEGAL_KINDS


def _put(
    runs: Runs, versions: Iterable[Version], wants: Callable[[Facts], bool], which: int = 0
) -> None:
    """Add the facts of some versions under each government they concern."""
    for version in versions:
        facts = version.facts
        if not wants(facts):
            continue
        packed = _ENCODER.encode(facts)
        for code in facts.targets:
            if code in GOVERNMENTS:
                runs.add((code, which, facts.position), packed)


def _each(
    runs: Runs, only: Collection[str] = GOVERNMENTS
) -> Iterator[tuple[int, str, list[Facts]]]:
    """The facts of each government, of `only` some, in the order of recording."""
    for (code, which), entries in groupby(runs, key=lambda entry: entry[0][:2]):
        if code in only:
            yield which, code, [_FACTS.decode(body) for _, body in entries]
