"""Writes a claim into the fields of its form, as a person would type it; pure, and what it writes
reads back as the same claim."""

from typing import Any

from services.dashboard.forms.fields import ClaimFields, Group, Leaf, Node, Rows, in_row
from services.dashboard.states import GOVERNMENTS


def written(fields: ClaimFields, claim: dict[str, Any]) -> dict[str, str]:
    """What stands in the fields for a claim given as JSON values, by the name of the field."""
    found: dict[str, str] = {"kind": claim["kind"], "treaty": claim["treaty"]}
    for node in fields.nodes:
        stated: Any = claim
        for part in node.name.split("."):
            stated = stated.get(part) if isinstance(stated, dict) else None
        if stated is not None:
            found |= _written(node, stated)
    return found


def _written(node: Node, stated: Any) -> dict[str, str]:
    if isinstance(node, Rows):
        found = {f"{node.name}.rows": str(len(stated))}
        for number, item in enumerate(stated):
            parts = [in_row(part, node.name, number) for part in node.parts]
            is_single = len(parts) == 1 and isinstance(parts[0], Leaf)
            found |= _written(parts[0], item) if is_single else _parts(parts, item)
        return found
    if isinstance(node, Group):
        return _parts(list(node.parts), stated)
    return {node.name: _text(node, stated)}


def _parts(parts: list[Node], stated: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        key = part.name.rpartition(".")[2]
        if isinstance(part, Leaf) and part.input == "who":
            code = stated.get("code")
            found[part.name] = GOVERNMENTS[code] if code else stated.get("name", "")
        elif key in stated:
            found |= _written(part, stated[key])
    return found


def _text(leaf: Leaf, stated: Any) -> str:
    if leaf.input == "government":
        return GOVERNMENTS[stated]
    if leaf.input == "flag":
        return "yes" if stated else "no"
    if leaf.input in ("lines", "values"):
        return "\n".join(str(item) for item in stated)
    if leaf.input == "pairs":
        assert leaf.pair is not None
        key, item = leaf.pair
        return "\n".join(f"{_text(key, k)}: {_text(item, v)}" for k, v in stated.items())
    if leaf.input == "amount" and isinstance(stated, dict):
        return _amount(**stated)
    return str(stated)


def _amount(
    at_least: int | None = None,
    at_most: int | None = None,
    unit: str | None = None,
    words: str | None = None,
) -> str:
    quoted = f"“{words}”" if words else ""
    if at_least is None and at_most is None:
        return quoted
    if at_least is not None and at_most is not None:
        span = f"{at_least} to {at_most}"
    else:
        span = f"at least {at_least}" if at_most is None else f"at most {at_most}"
    return " ".join(filter(None, (span, unit, quoted)))
