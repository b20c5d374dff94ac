"""Makes the packed rows of all views from versions, one after another as they are folded; what
becomes of the rows is for whoever packs, and nothing is sent here.

What the views need of a claim is reckoned once for all of them and for all versions that leave the
claim as it is.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

from domain.events import Recorded
from domain.facts import told as told_of
from infra.postgres.projecting.bulk_rows import Packer, Ranged, begins_of, ends_from
from infra.postgres.projecting.copying import UNIX_MICROSECONDS, microseconds
from projections.gathering import Gatherer, told_by
from projections.histories import Version, fold


class Common(msgspec.Struct, gc=False):
    """What the rows of all versions that leave a claim as it is have in common: its parts for each
    packer, and what is `told` for the figures (`gathering.Told`), which is reckoned of all claims
    that came together. `first`: the first of these versions that is packed here."""

    first: Version
    shared: list[Any]
    told: Any


class Head(msgspec.Struct, gc=False):
    """The current version of a claim.

    `common`: what it may have in common with the next one; None until that is needed. `kept`: what
    is kept of its rows, which lack their ends; None where they are written already, with open ends.
    """

    version: Version
    common: Common | None
    kept: Any


class _Made(msgspec.Struct, gc=False):
    """A version that was folded, the one it follows, and where it begins."""

    version: Version
    before: Version | None
    common: Common
    begins: bytes
    known: int


class Packing(ABC):
    """The current versions of claims, and what makes rows of those that follow.

    `current`: the versions of the `heads`, as the fold wants them. Heads that changed last stand
    last.
    """

    def __init__(self, packers: Sequence[Packer], gatherers: Sequence[Gatherer]) -> None:
        self.packers, self.gatherers = packers, gatherers
        # An ordered one finds its oldest at once; a dict looks through all that have left it.
        self.heads: OrderedDict[str, Head] = OrderedDict()
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
        made = self._fold(events)
        self._reckon([one.common for one in made if one.common.first is one.version])
        # One packer after the other, not one version after the other: the processor has at hand
        # what it has just done, and takes a tenth less time.
        packed = [
            [packer.pack(one.version, one.common.shared[place], one.begins) for one in made]
            for place, packer in enumerate(self.packers)
        ]
        for gatherer in self.gatherers:
            for one in made:
                if one.before is not None:
                    gatherer.close(one.before, one.version.position, one.known)
                gatherer.open(one.version, one.common.told, one.known)
        heads = self.heads
        for one, *rows in zip(made, *packed, strict=True):
            claim = one.version.claim.id
            head = heads.pop(claim, None)
            if head is not None:
                self.end(head, one.version, ends_from(one.begins))
            heads[claim] = Head(one.version, one.common, self.keep(list(chain.from_iterable(rows))))

    def hold(self, version: Version, kept: Any) -> None:
        """Let a version be the current one of its claim, as it was when it was let go."""
        self.heads[version.claim.id] = Head(version, None, kept)
        self.current[version.claim.id] = version

    def let_go(self, claim: str) -> Head:
        """Hold a claim no longer."""
        del self.current[claim]
        return self.heads.pop(claim)

    def _fold(self, events: Sequence[Recorded]) -> list[_Made]:
        current, heads = self.current, self.heads
        commons: dict[str, Common | None] = {}
        made: list[_Made] = []
        for recorded in events:
            for version in fold(current, recorded):
                claim = version.claim.id
                before = current.get(claim)
                common = None
                if before is not None:
                    if version.number == 1:
                        raise ValueError(f"the claim {claim} was recorded twice")
                    common = commons[claim] if claim in commons else heads[claim].common
                if common is None or common.first.claim is not version.claim:
                    common = Common(version, [], None)
                commons[claim] = common
                current[claim] = version
                known = microseconds(version.known_from)
                made.append(
                    _Made(
                        version,
                        before,
                        common,
                        begins_of(version, known),
                        known + UNIX_MICROSECONDS,
                    )
                )
        return made

    def _reckon(self, commons: Sequence[Common]) -> None:
        """What the views need of claims that are new to them."""
        values = [told_of(common.first.claim) for common in commons]
        for common, told in zip(commons, values, strict=True):
            version = common.first
            common.told = told_by(told, version.recorded_position, version.claim.actors)
        for packer in self.packers:
            for common, told in zip(commons, values, strict=True):
                common.shared.append(packer.share(common.first, told))
