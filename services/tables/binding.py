"""Rows that were read, bound together into blocks: each is handed on, kept aside and recorded as a
whole; it records nothing itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from domain.errors import FieldError
from domain.sheaf import Sheaf, bind, joined
from services.intake.lines import Seen
from services.intake.sheets.table import Turns, UnreadableTable
from services.tables.packing import Packed, Read

BLOCK_ROWS: Final = 500
"""So many rows make a block: what is on its way is no more. Larger ones are no longer at hand of
the processor when they are bound."""

encode: Final = msgspec.msgpack.Encoder(enc_hook=lambda said: str(said)).encode
"""What is wrong is said in texts that keep their template; it is the text that is handed on."""


class Bound(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Claims ready to be recorded together: the row each stands in, its id, how many events it has
    (None: one each), and all of these as a sheaf."""

    numbers: list[int]
    claims: list[str]
    counts: list[int] | None
    sheaf: Sheaf

    def packed(self) -> Iterator[Packed]:
        """The claims, each for itself."""
        events = iter(self.sheaf.events())
        for number, claim, count in zip(
            self.numbers, self.claims, self.counts or [1] * len(self.claims), strict=True
        ):
            yield Packed(number, claim, tuple([next(events) for _ in range(count)]))


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Rows one after the other: how many, those with something wrong, and the claims of the others,
    whose `Bound` is `bound` as msgpack; the pairs of claims declared the same, with their rows.

    `digests`: of what each claim says. `refused`: why the file cannot be read beyond them.
    `stretch`: in which they begin, see `Turns`.
    """

    rows: int
    faulty: list[Read]
    numbers: list[int]
    claims: list[str]
    digests: list[int]
    pairs: list[tuple[int, tuple[str, str]]]
    bound: msgspec.Raw
    is_last: bool = False
    refused: str = ""
    stretch: int = 0


def bound(claims: Sequence[Packed] | Sequence[Read]) -> Bound:
    """Claims, or the rows that hold them, bound together."""
    counts = [len(one.events) for one in claims]
    return Bound(
        [one.number for one in claims],
        [one.claim for one in claims],
        None if counts.count(1) == len(counts) else counts,
        bind([event for one in claims for event in one.events]),
    )


def gathered(claims: Iterable[Bound], claims_max: int) -> Iterator[Bound]:
    """The same claims, as many together as are no more than that, or were so before."""
    some: list[Bound] = []
    count = 0
    for one in claims:
        if some and count + len(one.claims) > claims_max:
            yield _joined(some)
            some, count = [], 0
        some.append(one)
        count += len(one.claims)
    if some:
        yield _joined(some)


def _joined(some: Sequence[Bound]) -> Bound:
    if len(some) == 1:
        return some[0]
    counts = None
    if any(one.counts is not None for one in some):
        counts = [count for one in some for count in one.counts or [1] * len(one.claims)]
    return Bound(
        [number for one in some for number in one.numbers],
        [claim for one in some for claim in one.claims],
        counts,
        joined([one.sheaf for one in some]),
    )


def block(
    reads: Sequence[Read], *, is_last: bool = False, refused: str = "", stretch: int = 0
) -> Block:
    """Rows as a block."""
    sound = [one for one in reads if not one.errors]
    claims = bound(sound)
    return Block(
        len(reads),
        [one for one in reads if one.errors],
        claims.numbers,
        claims.claims,
        [one.digest for one in sound],
        [(one.number, pair) for one in sound for pair in one.pairs],
        msgspec.Raw(encode(claims)),
        is_last,
        refused,
        stretch,
    )


def blocks(reads: Iterable[Read], turns: Turns | None = None) -> Iterator[Block]:
    """Rows as blocks, each within one stretch of the table; the last one says that there is no
    more, and why where the file breaks a bound. `turns`: of the table that is being read."""
    turns = Turns() if turns is None else turns
    some: list[Read] = []
    stretch = turns.stretch
    refused = ""
    try:
        for one in reads:
            if some and (len(some) == BLOCK_ROWS or turns.stretch != stretch):
                yield block(some, stretch=stretch)
                some = []
            stretch = turns.stretch
            some.append(one)
    except UnreadableTable as error:
        refused = str(error.facts["reason"])
    if some and (refused or turns.stretch != stretch):
        yield block(some, stretch=stretch)
        some = []
    yield block(some, is_last=True, refused=refused, stretch=turns.stretch)


def distinct_blocks(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks of a file; a row that says something else under an id than one before is faulty,
    see `services.intake.lines.distinct`."""
    seen = Seen()
    for one in blocks:
        faults = seen.faults(one.numbers, one.claims, one.digests)
        yield _without(one, faults) if faults else one


def _without(one: Block, faults: dict[int, FieldError]) -> Block:
    """A block some rows of which turned out to be faulty."""
    reads = [*one.faulty, *(Read(number, (fault,)) for number, fault in faults.items())]
    claims = msgspec.msgpack.decode(one.bound, type=Bound).packed()
    for claim, digest in zip(claims, one.digests, strict=True):
        if claim.number not in faults:
            pairs = tuple(pair for number, pair in one.pairs if number == claim.number)
            reads.append(Read(claim.number, (), claim.claim, digest, claim.events, pairs))
    reads.sort(key=_number)
    return block(reads, is_last=one.is_last, refused=one.refused, stretch=one.stretch)


def _number(one: Read) -> int:
    return one.number
