"""What is believed of critical claims, kept at hand for the matrix of critics; it never counts."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.claims import Actor
from domain.facts import COUNTED, Facts
from domain.numbers import CRITICAL_KINDS, criticism
from domain.weights import Weights
from projections.criticism import Said
from projections.histories import Version


class _Heard(msgspec.Struct, frozen=True):
    """A counted claim that may criticise, whatever the weights say of it."""

    facts: Facts
    actors: dict[str, Actor]


class Statements:
    """What is believed at the position `through` of counted claims that may criticise somebody; see
    `projections.criticism.criticism_matrix`, which says the same of all versions."""

    def __init__(self) -> None:
        self.through = 0
        self._heard: dict[str, _Heard] = {}
        self._said: dict[str, Said | None] = {}
        self._weights: Weights | None = None
        self._ordered: list[Said] | None = None

    @property
    def claims(self) -> int:
        """How many claims it rests on."""
        return len(self._heard)

    def take(self, versions: Iterable[Version], through: int) -> bool:
        """Bring it up to a position: `versions` are those believed there of the claims that were
        touched since."""
        for version in versions:
            claim = version.claim
            self._heard.pop(claim.id, None)
            self._said.pop(claim.id, None)
            if version.status in COUNTED and claim.kind in CRITICAL_KINDS and claim.targets:
                self._heard[claim.id] = _Heard(version.facts, {a.key: a for a in claim.actors})
            self._ordered = None
        self.through = through
        return True

    def said(self, on: date, weights: Weights) -> list[Said]:
        """What was said by a day and is an instrument of pressure by some weights, in the order of
        recording."""
        if weights != self._weights:
            self._said, self._weights, self._ordered = {}, weights, None
        if self._ordered is None:
            for claim, heard in self._heard.items():
                if claim not in self._said:
                    self._said[claim] = _said(heard, weights)
            found = [said for said in self._said.values() if said is not None]
            self._ordered = sorted(found, key=lambda said: said.facts.position)
        return [said for said in self._ordered if said.facts.day <= on]


def _said(heard: _Heard, weights: Weights) -> Said | None:
    row = criticism(heard.facts, weights)
    return None if row is None else Said(heard.facts, row, heard.actors)
