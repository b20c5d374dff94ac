"""Routes the facts of believed claims, government by government, through runs to what is told of
each in one pass; it holds few of them, whatever the length of the log."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Final, Self

import msgspec

from domain.claims import Status
from domain.facts import Facts
from domain.governments import GOVERNMENTS
from domain.weights import Weights
from projections.histories import Version
from projections.law_pass import Entry, law_entries
from projections.numbers_pass import NOTHING_TOLD, Weighing
from projections.rows_pass import Tally
from services.wiring import Runs

_DECODER: Final = msgspec.msgpack.Decoder(tuple[Facts, bytes])
_ENCODER: Final = msgspec.msgpack.Encoder()
_NOBODY: Final[Mapping[int, Status]] = {}


class Reckoning:
    """The claims about governments on their way to the passes that tell of them, on some days.

    Claims declared the same as others wait until all of their happening are there: which of them
    enters a number is told of them together.
    """

    def __init__(
        self,
        days: Collection[date],
        weights: Weights,
        *,
        governments: Collection[str] = GOVERNMENTS,
    ) -> None:
        """`days`: the days asked about, each named by its place among them. `governments`: those
        that are told of."""
        self.weights, self._governments = weights, governments
        self._weighing = [Weighing(day, weights) for day in days]
        self._alone, self._together = Runs(), Runs()
        self._tallies: dict[tuple[str, int], Tally] = {}
        self._supposed: dict[str, dict[str, dict[int, Status]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_gone: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        self._alone.close()
        self._together.close()

    def suppose(self, government: str, claim: str, supposed: Mapping[int, Status]) -> None:
        """Ask what other statuses of a claim would do to the numbers of a government, before any
        of them is added."""
        self._supposed.setdefault(government, {}).setdefault(claim, {}).update(supposed)

    def add(self, fact: Facts, which: int = 0, *, is_alone: bool, told: bytes = b"") -> None:
        """Take a believed claim for one of the days; `is_alone`: whether no other tells of its
        happening. `told`: what whoever looks at its terms is shown beside them."""
        weighing = self._weighing[which]
        if fact.day > weighing.on:
            return
        packed = None
        said: dict[tuple[bool, bool], list[Entry]] = {}
        for code in fact.targets:
            if code not in self._governments:
                continue
            place = code, which
            tally = self._tallies.get(place)
            if tally is None:
                tally = self._tallies[place] = Tally()
            tally.take(fact)
            if not is_alone:
                packed = packed or _ENCODER.encode((fact, told))
                order = fact.day.toordinal(), fact.position
                self._together.add((*place, fact.happening, *order), packed)
            # It says the same of all that it concerns, but for those who say it themselves and
            # those of whom something is supposed, which is the same of all of these.
            kind = code in fact.states, fact.claim in self._supposed.get(code, ())
            entries = said.get(kind)
            if entries is None:
                entries = self._said(fact, code, which, is_alone=is_alone, told=told)
                said[kind] = entries
            for tail, body in entries:
                self._alone.add((*place, *tail), body)

    def tally(self, government: str, which: int = 0) -> Tally:
        """How many claims about a government were taken, and the latest."""
        return self._tallies.get((government, which), Tally())

    def each(self) -> Iterator[tuple[str, int, Iterator[Entry]]]:
        """What is said of each government on each day, in order; each is to be read before the
        next. Those about which nothing is said come last."""
        for (code, which, _), some in groupby(self._together, key=lambda entry: entry[0][:3]):
            self._weigh([_DECODER.decode(body) for _, body in some], code, which)
        left = {(code, which) for code in self._governments for which in range(len(self._weighing))}
        for (code, which), entries in groupby(self._alone, key=lambda entry: entry[0][:2]):
            left.discard((code, which))
            yield code, which, ((key[2:], body) for key, body in entries)
        for code, which in sorted(left):
            yield code, which, iter(())

    def _said(
        self, fact: Facts, government: str, which: int, *, is_alone: bool, told: bytes
    ) -> list[Entry]:
        """What a claim says of the law of a government, and, where no other tells of its happening,
        of its numbers."""
        supposed = self._supposed.get(government, {})
        found = list(law_entries(fact, supposed.get(fact.claim, _NOBODY), self.weights))
        if is_alone:
            beside = {fact.position: told} if told else NOTHING_TOLD
            found += self._weighing[which].entries([fact], government, supposed, beside)
        return found

    def _weigh(self, some: list[tuple[Facts, bytes]], government: str, which: int) -> None:
        supposed = self._supposed.get(government, {})
        told = {fact.position: beside for fact, beside in some if beside}
        facts = [fact for fact, _ in some]
        for tail, body in self._weighing[which].entries(facts, government, supposed, told):
            self._alone.add((government, which, *tail), body)


def take(reckoning: Reckoning, version: Version, which: int = 0, told: bytes = b"") -> None:
    """Take a believed version for one of the days; see `Reckoning.add`."""
    is_alone = not version.same and version.happening == version.claim.id
    reckoning.add(version.facts, which, is_alone=is_alone, told=told)
