"""Facts made by hand for tests of standings and numbers; no test of its own."""

from datetime import date
from typing import Any

from domain.facts import Facts
from domain.weights import Weights, read_weights
from infra import shipped

WEIGHTS: Weights = read_weights(shipped.weights())
_POSITIONS = iter(range(1, 10**9))


def day(text: str) -> date:
    """The day written as YYYY-MM-DD."""
    return date.fromisoformat(text)


def fact(kind: str, when: str, **fields: Any) -> Facts:
    """An accepted claim about Finland by Finland under the Mine Ban Treaty, from a source graded A.

    `by` is the code of the one state that acts; `stated` a day; other `fields` replace their own.
    Positions grow from one fact to the next.
    """
    position = fields.pop("position", None) or next(_POSITIONS)
    by = fields.pop("by", "FIN")
    stated = fields.pop("stated", None)
    plain: dict[str, Any] = {
        "claim": f"made-{position}",
        "position": position,
        "happening": f"made-{position}",
        "status": "accepted",
        "kind": kind,
        "treaty": "APMBC",
        "occurred_on": when,
        "first": day(when),
        "last": day(when),
        "day": day(when),
        "targets": ("FIN",),
        "states": (by,),
        "actor": f"state:{by}",
        "actors": ("state",),
        "signatories": None,
        "reliabilities": ("A",),
        "stance": None,
        "forum": None,
        "strength": None,
        "stated": None if stated is None else day(stated),
        "carried": True,
        "engaged": True,
        "summary": f"Something of kind {kind}.",
    }
    return Facts(**(plain | fields))
