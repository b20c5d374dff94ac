"""What a claim's own page offers to decide besides verdicts and corrections; pure, it neither
fetches nor asks."""

from typing import Final, Literal, get_args

import msgspec

from domain.claims import ActorKind
from projections.claims import ClaimPage as Answer
from services.dashboard.forms.words import value_words
from services.dashboard.language import Words, _, word
from services.dashboard.states import GOVERNMENTS

ANOTHER: Final = "another"
Act = Literal["visibility", "signatory", "separated"]
AMENDED: Final = Words(
    {
        "visibility": word("Who may see it was changed."),
        "signatory": word("One signatory less stands by it; numbers and standings follow at once."),
        "separated": word("The two are declared the same no longer."),
    }
)
"""What was decided on the page -> what the page says of it."""


class Amending(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed into one of the forms, and why nothing came of it; `field` is what the
    refusal concerns."""

    act: Act | Literal[""] = ""
    reason: str = ""
    signatory: str = ""
    name: str = ""
    kind: str = ""
    source: str = ""
    refusal: str = ""
    field: str = ""


class Amends(msgspec.Struct, frozen=True, kw_only=True):
    """The two forms: `seen` is the position they were shown at, `visibility` what may be chosen
    instead; `signatories` those listed, by key and name; `may_be_another`: whether more signed than
    are listed."""

    seen: int
    visibility: str
    signatories: tuple[tuple[str, str], ...]
    may_be_another: bool
    actor_kinds: tuple[tuple[str, str], ...]
    typed: Amending

    @property
    def may_lose(self) -> bool:
        """Whether anybody can withdraw from it."""
        return bool(self.signatories) or self.may_be_another


def amends_of(answer: Answer, seen: int, typed: Amending) -> Amends:
    """What is offered for a claim as it stands."""
    count = answer.details.signatories
    is_joint = len(answer.actors) > 1 if count is None else count > 1
    listed = [
        (actor.key, GOVERNMENTS.get(actor.code or "", "") or actor.name or actor.key)
        for actor in answer.actors
        if is_joint
    ]
    return Amends(
        seen=seen,
        visibility="internal" if answer.visibility == "public" else "public",
        signatories=tuple(listed),
        may_be_another=is_joint and count is not None,
        actor_kinds=tuple((kind, _(value_words(kind))) for kind in get_args(ActorKind)),
        typed=typed,
    )
