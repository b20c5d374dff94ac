"""Makes the packed rows of all views from versions, one after another as they are folded; what
becomes of the rows is for whoever packs, and nothing is sent here.

What the views need of a claim is reckoned once for all of them and for all versions that leave the
claim as it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import msgspec

from domain.events import Recorded
from domain.facts import told as told_of
from infra.postgres.bulk_rows import Packer, Ranged, begins_of, ends_from
from infra.postgres.copying import UNIX_MICROSECONDS, microseconds
from projections.gathering import Gatherer, Told, told_by
from projections.histories import Version, fold


class Head(msgspec.Struct, gc=False):
    """The current version of a claim.

    `shared`: what all versions of its claim have in common, for each packer, and `told` for the
    figures; None until they are needed. `kept`: what is kept of its rows, which lack their ends;
    None where they are written already, with open ends.
    """

    version: Version
    shared: list[Any] | None
    told: Told | None
    kept: Any


class Packing(ABC):
    """The current versions of claims, and what makes rows of those that follow.

    `current`: the versions of the `heads`, as the fold wants them. Heads that changed last stand
    last.
    """

    def __init__(self, packers: Sequence[Packer], gatherers: Sequence[Gatherer]) -> None:
        self.packers, self.gatherers = packers, gatherers
        self.heads: dict[str, Head] = {}
        self.current: dict[str, Version] = {}

    def keep(self, rows: list[Ranged]) -> Any:
        """What is kept of the rows of a version until it is known where they end."""
        return rows

    @abstractmethod
    def end(self, head: Head, follower: Version, ends: bytes) -> None:
        """Be done with a version that another follows, which gives its rows these ends."""

    def digest(self, events: Sequence[Recorded]) -> None:
        """Fold events that follow those before, and pack what they make.

        BrokenHistory as `fold`, ValueError where a claim is recorded twice.
        """
        current = self.current
        for recorded in events:
            for version in fold(current, recorded):
                self._take(version)

    def hold(self, version: Version, kept: Any) -> None:
        """Let a version be the current one of its claim, as it was when it was let go."""
        self.heads[version.claim.id] = Head(version, None, None, kept)
        self.current[version.claim.id] = version

    def let_go(self, claim: str) -> Head:
        """Hold a claim no longer."""
        del self.current[claim]
        return self.heads.pop(claim)

    def _take(self, version: Version) -> None:
        claim = version.claim.id
        known = microseconds(version.known_from)
        begins = begins_of(version, known)
        known += UNIX_MICROSECONDS
        head = self.heads.pop(claim, None)
        shared: list[Any] | None = None
        told: Told | None = None
        if head is not None:
            if version.number == 1:
                raise ValueError(f"the claim {claim} was recorded twice")
            self.end(head, version, ends_from(begins))
            for gatherer in self.gatherers:
                gatherer.close(head.version, version.position, known)
            if head.version.claim is version.claim:
                shared, told = head.shared, head.told
        if shared is None or told is None:
            values = told_of(version.claim)
            shared = [packer.share(version, values) for packer in self.packers]
            told = told_by(values, version.recorded_position, version.claim.actors)
        rows: list[Ranged] = []
        for packer, part in zip(self.packers, shared, strict=True):
            rows += packer.pack(version, part, begins)
        for gatherer in self.gatherers:
            gatherer.open(version, told, known)
        self.heads[claim] = Head(version, shared, told, self.keep(rows))
        self.current[claim] = version
