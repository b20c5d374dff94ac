"""The events of a workspace's own sets of weights, each a frozen struct of facts; nothing here
decides anything.

They lie in the same log as the claims, under the tags `weights:<name>` and `weights`, and count as
known from the moment of recording, so that a number can be read as of any clock.
"""

from datetime import datetime
from typing import ClassVar, Final

import msgspec

from domain.dcb import Decision

WEIGHTS_TAG: Final = "weights"
"""The tag of every event of every set of weights."""


class WeightChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a set differs from the published tables, by the name of the row; everything else is as
    published.

    `instruments`: weights of pressure and of `backing`. `conduct` and `floors`: of erosion, by kind
    of claim. `half_lives`: in days, of an instrument or a conduct. `actors`: by kind of actor.
    `grades`: probabilities, by letter of reliability.
    """

    instruments: dict[str, float] = {}
    conduct: dict[str, float] = {}
    floors: dict[str, float] = {}
    half_lives: dict[str, float] = {}
    actors: dict[str, float] = {}
    grades: dict[str, float] = {}


class WeightSetEvent(Decision, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to one set of weights, named by its slug."""

    known_since: ClassVar[datetime | None] = None

    weights: str


class WeightSetDefined(WeightSetEvent, frozen=True, kw_only=True):
    """A set of weights reads so from now on; `version` counts its definitions from 1, `reason` says
    why its authors weigh otherwise."""

    version: int
    changes: WeightChanges
    reason: str


class WeightSetWithdrawn(WeightSetEvent, frozen=True, kw_only=True):
    """A set of weights is offered no longer; what was asked with it before can be asked again as
    known then."""

    reason: str


WEIGHT_EVENTS: Final[dict[str, type[WeightSetEvent]]] = {
    "weight_set_defined.v1": WeightSetDefined,
    "weight_set_withdrawn.v1": WeightSetWithdrawn,
}
