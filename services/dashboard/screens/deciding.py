"""What the pages that decide about a claim have in common: a decision rests on what its form shows,
and a refusal stands beside the claim as it is since; whether one is possible is never decided here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from domain.desk import ClaimDesk
from domain.errors import DecidedMeanwhile, DecisionRefused, NotAllowed
from services.api.access import Principal
from services.api.serving import Serving
from services.dashboard.answering import caught_up
from services.recording import Outcome, decide

DIGITS_MAX: Final = 18
"""No position is longer."""


class Wrong(ValueError):
    """What was typed beside a decision cannot be taken; the text is a sentence for who typed it."""

    def __init__(self, says: str, field: str) -> None:
        self.field = field
        super().__init__(says)


async def decided(
    serving: Serving,
    principal: Principal,
    claims: Sequence[str],
    decision: Callable[[ClaimDesk], None],
    form: Mapping[str, str],
) -> Outcome:
    """What becomes of a decision about claims, see `services.recording.decide`.

    DecisionRefused, DecidedMeanwhile and NotAllowed come once the views hold what the log holds, so
    that the form shown again tells of it.
    """
    try:
        outcome = await decide(
            serving.house,
            principal.workspace,
            claims,
            decision,
            by=principal.by,
            seen=_seen(form),
        )
    except (DecisionRefused, DecidedMeanwhile, NotAllowed):
        await caught_up(serving, principal.workspace)
        raise
    serving.saw(principal.workspace, outcome.position)
    return outcome


def _seen(form: Mapping[str, str]) -> int | None:
    """The position of what whoever decides had before them, where the form says it."""
    seen = form.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) <= DIGITS_MAX else None
