"""Fills in the form of a claim as a person would: opens it, adds the rows it needs, types; no
claim is made but by sending the form."""

from html.parser import HTMLParser

import httpx

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
