"""Lines of a file of claims, whatever its format: the claim in each or what is wrong with it, ids
made where there are none, and what two lines say of one another; it records nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from domain.claims import Claim, Submission
from domain.errors import FieldError
from domain.events import claim_json

MADE_PREFIX: Final = "import-"
"""Begins the ids that are made from the content of a claim."""
MADE_LATER: Final = "-"
"""Stands in for the id of a claim that brings none; no claim may have this one."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: its number from 1, and the claim it holds or what is wrong with it."""

    number: int
    submission: Submission | None = None
    errors: tuple[FieldError, ...] = ()


def distinct(lines: Iterable[Line], seen: "Seen | None" = None) -> Iterator[Line]:
    """The lines of a file; a second one that says something else under an id of it is faulty.

    `seen`: what was seen before of the same file; it is added to.
    """
    seen = Seen() if seen is None else seen
    for line in lines:
        if line.submission is not None:
            claim = line.submission.claim
            fault = seen.fault(line.number, claim.id, digest_of(claim))
            if fault is not None:
                line = Line(number=line.number, errors=(fault,))
        yield line


class Seen(dict[str, tuple[int, bytes | int]]):
    """What was seen of a file: claim -> the line that brought it first, and a digest of what it
    says."""

    def fault(self, number: int, claim: str, digest: bytes | int) -> FieldError | None:
        """What is wrong with a line whose claim says something else than one of the same id."""
        first, said = self.setdefault(claim, (number, digest))
        if said == digest:
            return None
        detail = f"line {first} says something else under the same id; give it another"
        return FieldError("/id", detail)

    def faults(
        self, numbers: Sequence[int], claims: Sequence[str], digests: Sequence[bytes | int]
    ) -> dict[int, FieldError]:
        """What is wrong with several lines, by their numbers; lines of which none comes again are
        not looked at one by one."""
        if len(set(claims)) == len(claims) and self.keys().isdisjoint(claims):
            self.update(zip(claims, zip(numbers, digests, strict=True), strict=True))
            return {}
        found = {
            number: self.fault(number, claim, digest)
            for number, claim, digest in zip(numbers, claims, digests, strict=True)
        }
        return {number: fault for number, fault in found.items() if fault is not None}


def digest_of(claim: Claim) -> bytes:
    """A digest of all that a claim says."""
    return hashlib.sha256(_encode(claim)).digest()


def _made_id(submission: Submission) -> str:
    """The id of a claim that brings none: made from its content, so the same each time."""
    content = msgspec.json.encode(claim_json(submission.claim), order="deterministic")
    return f"{MADE_PREFIX}{hashlib.sha256(content).hexdigest()[:24]}"


def named(number: int, read: Submission) -> Line:
    """A line with the submission it holds, which gets an id made from its content where it brings
    none."""
    if read.claim.id == MADE_LATER:
        claim = msgspec.structs.replace(read.claim, id=_made_id(read))
        read = msgspec.structs.replace(read, claim=claim)
    if read.claim.id in read.same_as:
        fault = FieldError("/same_as", "a claim is always the same as itself; name another one")
        return Line(number=number, errors=(fault,))
    return Line(number=number, submission=read)


def pairs_of(submission: Submission) -> Iterator[tuple[str, str]]:
    """The pairs of claims that a submission declares the same, each in the order of its ids."""
    for other in submission.same_as:
        first, second = sorted((submission.claim.id, other))
        yield first, second
