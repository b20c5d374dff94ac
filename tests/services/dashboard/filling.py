"""Fills in the form of a claim as a person would: opens it, adds the rows it needs, types; no
claim is made but by sending the form."""

from html.parser import HTMLParser
from typing import Any

import httpx

from domain.governments import GOVERNMENTS
from services.dashboard.forms.fields import ClaimFields, Group, Leaf, Node, Rows, in_row

PATH = "/record"


class _Fields(HTMLParser):
    """The fields of the form `record`, read in one go: this is done hundreds of times."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.inside = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a field up."""
        held = {name: value or "" for name, value in attrs}
        name = held.get("name", "")
        self.inside |= tag == "form" and held.get("id") == "record"
        if not self.inside:
            return
        if tag == "input":
            self.found[name] = held.get("value", "")
        elif tag == "textarea":
            self.area, self.found[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and "value" in held and self._stands(held):
            self.found[self.select] = held["value"]

    def _stands(self, option: dict[str, str]) -> bool:
        """Whether a field holds this option, as far as the form has been read."""
        return "selected" in option or self.select not in self.found

    def handle_endtag(self, tag: str) -> None:
        """Leave a text area, or the form."""
        self.inside &= tag != "form"
        if tag == "textarea":
            self.found[self.area] = self.found[self.area].removeprefix("\n")
            self.area = ""

    def handle_data(self, data: str) -> None:
        """Take up the text of a text area."""
        if self.area:
            self.found[self.area] += data


def fields_of(page: str) -> dict[str, str]:
    """Every field of the form by name, with what it holds."""
    reader = _Fields()
    reader.feed(page)
    assert reader.found, page
    return reader.found


def typed(fields: ClaimFields, claim: dict[str, Any]) -> dict[str, str]:
    """What a person types for a claim given as JSON values."""
    found: dict[str, str] = {"kind": claim["kind"], "treaty": claim["treaty"]}
    for node in fields.nodes:
        stated: Any = claim
        for part in node.name.split("."):
            stated = stated.get(part) if isinstance(stated, dict) else None
        if stated is not None:
            found |= _typed(node, stated)
    return found


def _typed(node: Node, stated: Any) -> dict[str, str]:
    if isinstance(node, Rows):
        found = {f"{node.name}.rows": str(len(stated))}
        for number, item in enumerate(stated):
            parts = [in_row(part, node.name, number) for part in node.parts]
            single = len(parts) == 1 and isinstance(parts[0], Leaf)
            found |= _typed(parts[0], item) if single else _object(parts, item)
        return found
    if isinstance(node, Group):
        return _object(list(node.parts), stated)
    return {node.name: _text(node, stated)}


def _object(parts: list[Node], stated: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        key = part.name.rpartition(".")[2]
        if isinstance(part, Leaf) and part.input == "who":
            found[part.name] = GOVERNMENTS.get(stated.get("code", ""), "") or stated["name"]
        elif key in stated:
            found |= _typed(part, stated[key])
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
    return f"{stated:,}" if leaf.input in ("count", "amount") else str(stated)


def _amount(
    at_least: int | None = None,
    at_most: int | None = None,
    unit: str = "",
    words: str = "",
) -> str:
    if at_least is None and at_most is None:
        return words
    span = f"{at_least:,} to {at_most:,}" if at_least is not None and at_most is not None else ""
    bound = f"at least {at_least:,}" if at_most is None else f"at most {at_most:,}"
    return " ".join(filter(None, [span or bound, unit, f"“{words}”" if words else ""]))


def opened(browser: httpx.Client, wanted: dict[str, str]) -> dict[str, str]:
    """The fields of the form once its kind is chosen and it has the rows that are wanted."""
    page = browser.get(PATH, params={"kind": wanted["kind"]})
    assert page.status_code == 200, page.text
    held = fields_of(page.text)
    rows = {name: count for name, count in wanted.items() if name.endswith(".rows")}
    if any(int(held[name]) < int(count) for name, count in rows.items()):
        page = browser.post(PATH, data=held | rows | {"action": "show"})
        assert page.status_code == 200, page.text
        held = fields_of(page.text)
    return held
