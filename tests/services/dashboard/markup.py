"""Reads HTML strictly for the tests: a parse error is a failure; nothing is mended or sanitised."""

import re
from functools import cached_property
from typing import Final

from justhtml import Comment, Element, JustHTML

PLAIN: Final = re.compile(r"([a-z][a-z0-9]*)?(?:\[([a-z][a-z-]*)\])?")
"""A selector that names an element, an attribute or both."""


class Markup:
    """A document or a fragment, parsed after the HTML standard."""

    def __init__(self, html: str, *, fragment: bool = False) -> None:
        self.html = html
        self._parsed = JustHTML(html, fragment=fragment, sanitize=False, strict=True)

    def all(self, selector: str) -> list[Element]:
        """Every element that a CSS selector matches, in order."""
        if (plain := PLAIN.fullmatch(selector)) is None:
            return self._asked(selector)
        # Most selectors of the tests are these, and the library walks the page for each.
        name, attribute = plain.groups()
        found = self._everything if name is None else self._named(name)
        return [node for node in found if attribute is None or attribute in (node.attrs or {})]

    @cached_property
    def _everything(self) -> list[Element]:
        return self._asked("*")

    def _named(self, name: str) -> list[Element]:
        return [node for node in self._everything if node.name == name]

    def _asked(self, selector: str) -> list[Element]:
        found = self._parsed.query(selector)
        return [node for node in found if not isinstance(node, Comment)]

    def values(self, selector: str, name: str) -> list[str]:
        """One attribute of every element that a selector matches; it has to be there."""
        return [value(node, name) for node in self.all(selector)]

    def text(self, selector: str) -> str:
        """The text of the first element that a selector matches."""
        return " ".join(self.all(selector)[0].to_text().split())


def value(node: Element, name: str) -> str:
    """An attribute that has to be there; an empty one is empty text."""
    assert node.attrs is not None
    return node.attrs[name] or ""
