"""Reads what was typed into the form of a claim: the claim as JSON values, what was understood in
words, and what is wrong beside its field; pure, and nothing typed is changed."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from domain.errors import FieldError
from services.dashboard.formats import date_text
from services.dashboard.forms.fields import Group, Leaf, Node, Rows, in_row
from services.dashboard.language import _, chosen, count_text, date_words
from services.dashboard.states import GOVERNMENTS
from services.partial_dates import edtf
from services.spellings import government, suggested

LINES_MAX: Final = 300
DIGITS_MAX: Final = 15
_NUMBER: Final = r"\d{1,3}(?:[,.\s]\d{3})+|\d+"
_AMOUNT: Final = re.compile(
    r"(?:(?P<bound>at least|at most|au moins|au plus|al menos|como máximo)\s+)?"
    rf"(?P<first>{_NUMBER})"
    rf"(?:\s*(?:to|à|a|–|-)\s*(?P<last>{_NUMBER}))?(?:\s+(?P<unit>[^\d\s“\"][^“\"]*+))?"
    r"(?:\s*[“\"](?P<words>.+)[”\"])?",
    re.IGNORECASE,
)
"""Nothing of a unit is given back (`*+`): else each of its blanks would be tried as its end."""
_MOST: Final = ("at most", "au plus", "como máximo")
_QUOTED: Final = re.compile(r"[“\"](.+)[”\"]")

Typed = Mapping[str, str]


class Reading(msgspec.Struct, kw_only=True):
    """What was read: `value` holds only what was filled in; `said` and `errors` by the name of the
    field; `rows`: of each list, the row that each of its items stands in."""

    value: dict[str, Any] = {}
    said: dict[str, str] = {}
    errors: dict[str, str] = {}
    rows: dict[str, list[int]] = {}

    def blame(self, faults: tuple[FieldError, ...]) -> list[str]:
        """Put faults of the claim beside the fields they are about, unless those are blamed
        already; returns what belongs to no field."""
        astray = []
        for fault in faults:
            name = self._name(fault.pointer)
            if not name:
                astray.append(_(fault.detail))
            elif not any(one == name or one.startswith(f"{name}.") for one in self.errors):
                self.errors[name] = _sentence(_(fault.detail))
        return astray

    def _name(self, pointer: str) -> str:
        """The field that a JSON Pointer leads to: the items of a list are counted by row."""
        parts = pointer.strip("/").split("/")
        name = parts[0]
        for part in parts[1:]:
            kept = self.rows.get(name)
            if kept is not None and part.isdigit() and int(part) < len(kept):
                part = str(kept[int(part)])
            name += f".{part.replace('~1', '/').replace('~0', '~')}"
        if re.fullmatch(r"(.+\.)?(actors\.\d+|author)\.(code|name)", name):
            name = f"{name.rpartition('.')[0]}.who"
        return name


class _Wrong(ValueError):
    """What was typed into one field cannot be read; the text is a sentence for who typed it."""


def read_form_of(nodes: tuple[Node, ...], typed: Typed) -> Reading:
    """What was typed into the fields."""
    reading = Reading()
    for node in nodes:
        _read(node, typed, reading, reading.value)
    return reading


def row_count(node: Rows, typed: Typed) -> int:
    """How many rows of a list the form shows."""
    text = typed.get(f"{node.name}.rows", "")
    count = int(text) if text.isdecimal() and len(text) <= 4 else node.rows_first
    return min(count, node.rows_max)


def with_row(node: Rows, typed: Typed) -> dict[str, str]:
    """What was typed with an empty row more."""
    count = min(row_count(node, typed) + 1, node.rows_max)
    return {**typed, f"{node.name}.rows": str(count)}


def without_row(node: Rows, typed: Typed, number: int) -> dict[str, str]:
    """What was typed without one row; those after it move up."""
    count = row_count(node, typed)
    if not 0 <= number < count:
        return dict(typed)
    kept: dict[str, str] = {}
    row = re.compile(rf"{re.escape(node.name)}\.(\d+)((?:\..+)?)")
    for name, value in typed.items():
        match = row.fullmatch(name)
        at = -1 if match is None else int(match[1])
        if match is None or at < number:
            kept[name] = value
        elif at > number:
            kept[f"{node.name}.{at - 1}{match[2]}"] = value
    return {**kept, f"{node.name}.rows": str(count - 1)}


def _read(node: Node, typed: Typed, reading: Reading, into: dict[str, Any]) -> None:
    """Read one node into the object that holds it, under the last part of its name."""
    key = node.name.rpartition(".")[2]
    if node.name.startswith("details.") and node.name.count(".") == 1:
        into = into.setdefault("details", {})
    if isinstance(node, Rows):
        items, kept = [], []
        for number in range(row_count(node, typed)):
            item = _row(node, number, typed, reading)
            if item:
                items.append(item)
                kept.append(number)
        reading.rows[node.name] = kept
        if items:
            into[key] = items
        return
    found = _group(node, typed, reading) if isinstance(node, Group) else _leaf(node, typed, reading)
    if found not in (None, {}, []):
        into[key] = found


def _row(node: Rows, number: int, typed: Typed, reading: Reading) -> Any:
    parts = [in_row(part, node.name, number) for part in node.parts]
    if len(parts) == 1 and isinstance(parts[0], Leaf):
        return _leaf(parts[0], typed, reading)
    return _object(f"{node.name}.{number}", parts, typed, reading)


def _group(node: Group, typed: Typed, reading: Reading) -> dict[str, Any]:
    return _object(node.name, list(node.parts), typed, reading)


def _object(name: str, parts: list[Node], typed: Typed, reading: Reading) -> dict[str, Any]:
    """The parts of one object that are filled in; an actor's name becomes a code where it is a
    state. A part that is needed is missed only where another one is filled in."""
    if any(isinstance(part, Leaf) and part.input == "who" for part in parts):
        return _actor(name, typed, reading)
    found: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, Leaf) and part.required and not typed.get(part.name, "").strip():
            continue
        _read_part(part, typed, reading, found)
    if found:
        for part in parts:
            key = part.name.rpartition(".")[2]
            if isinstance(part, Leaf) and part.required and key not in found:
                reading.errors.setdefault(part.name, _("Fill this in too, or empty the others."))
    return found


def _read_part(part: Node, typed: Typed, reading: Reading, into: dict[str, Any]) -> None:
    key = part.name.rpartition(".")[2]
    found = (
        _leaf(part, typed, reading)
        if isinstance(part, Leaf)
        else _object(part.name, list(part.parts), typed, reading)
    )
    if found not in (None, {}, []):
        into[key] = found


def _actor(name: str, typed: Typed, reading: Reading) -> dict[str, Any]:
    kind, who, role = (typed.get(f"{name}.{part}", "").strip() for part in ("kind", "who", "role"))
    if not (kind or who or role):
        return {}
    found: dict[str, Any] = {"role": role} if role else {}
    code = government(who) if who else None
    if not who:
        reading.errors[f"{name}.who"] = _("Say who it is.")
    if not kind and code is not None:
        kind = "state"
    if not kind:
        reading.errors[f"{name}.kind"] = _("Choose what it is.")
    elif kind != "state":
        found |= {"kind": kind, "name": who}
    elif code is None and who:
        reading.errors[f"{name}.who"] = _unknown(who)
    elif code is not None:
        found |= {"kind": kind, "code": code}
        reading.said[f"{name}.who"] = f"{GOVERNMENTS[code]} ({code})"
    return found


def _leaf(leaf: Leaf, typed: Typed, reading: Reading) -> Any:
    """The value of one field; None where it is empty, or wrong, which is then said."""
    text = typed.get(leaf.name, "").replace("\r\n", "\n").strip()
    if not text:
        if leaf.required:
            reading.errors[leaf.name] = _("Fill this in.")
        return None
    try:
        value, said = _READERS[leaf.input](leaf, text)
        if leaf.chars_max is not None and len(text) > leaf.chars_max:
            raise _Wrong(_("Say it in %(most)s characters or fewer.", most=leaf.chars_max))
    except _Wrong as wrong:
        reading.errors[leaf.name] = str(wrong)
        return None
    if said:
        reading.said[leaf.name] = said
    return value


def _text(leaf: Leaf, text: str) -> tuple[Any, str]:
    return text, ""


def _date(leaf: Leaf, text: str) -> tuple[Any, str]:
    try:
        found = edtf(text)
    except ValueError as error:
        raise _Wrong(_sentence(date_words(error))) from None
    return found, date_text(found)


def _government(leaf: Leaf, text: str) -> tuple[Any, str]:
    code = government(text)
    if code is None:
        raise _Wrong(_unknown(text))
    return code, f"{GOVERNMENTS[code]} ({code})"


def _unknown(text: str) -> str:
    near = suggested(text)
    if near:
        name = _(" or ").join(GOVERNMENTS[code] for code in near)
        return _("“%(text)s” is no government we know. Is it %(name)s?", text=text[:80], name=name)
    return _("“%(text)s” is no government we know; give its name or code.", text=text[:80])


def _number(text: str) -> int | None:
    parting = ".\\s" if chosen().group == "." else ",\\s"
    bare = re.sub(rf"[{parting}]", "", text)
    is_number = re.fullmatch(_NUMBER, text) is not None and len(bare) <= DIGITS_MAX
    return int(bare) if is_number and bare.isascii() else None


def _count(leaf: Leaf, text: str) -> tuple[Any, str]:
    number = _number(text)
    if number is None:
        raise _Wrong(_("Give a whole number, such as 4,000; leave it empty where it is unknown."))
    return number, ""


def _share(leaf: Leaf, text: str) -> tuple[Any, str]:
    try:
        share = float(text.replace(",", "."))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise _Wrong(_("Give a number between 0 and 1, such as 0.84."))
    return share, ""


def _amount(leaf: Leaf, text: str) -> tuple[Any, str]:
    """A count, or a rough one: bounds, a unit, or the words used."""
    match = _AMOUNT.fullmatch(text)
    first = None if match is None else _number(match["first"])
    if match is None or first is None:
        quoted = _QUOTED.fullmatch(text)
        words = quoted[1] if quoted else text
        return {"words": words}, _("kept as words: %(words)s", words=words)
    last = _number(match["last"]) if match["last"] else None
    bound, unit = (match["bound"] or "").casefold(), (match["unit"] or "").rstrip() or None
    if not bound and last is None and not unit and not match["words"]:
        return first, ""
    if bound and match["last"]:
        raise _Wrong(_("Write at least 4,000, at most 5,000, or 4,000 to 5,000."))
    least = None if bound in _MOST else first
    most = first if bound in _MOST else last if match["last"] else None if bound else first
    parts = {"at_least": least, "at_most": most, "unit": unit, "words": match["words"]}
    said = [
        count_text(least) if least is not None and least == most else "",
        _("at least %(least)s", least=count_text(least))
        if least is not None and least != most
        else "",
        _("at most %(most)s", most=count_text(most)) if most is not None and least != most else "",
        unit or "",
        f"“{match['words']}”" if match["words"] else "",
    ]
    return {k: v for k, v in parts.items() if v is not None}, " ".join(filter(None, said))


def _choice(leaf: Leaf, text: str) -> tuple[Any, str]:
    if text not in {value for value, _words in leaf.choices}:
        raise _Wrong(_("Choose one of the list."))
    return int(text) if text.isdigit() else text, ""


def _flag(leaf: Leaf, text: str) -> tuple[Any, str]:
    chosen, _said = _choice(leaf, text)
    return chosen == "yes", ""


def _lines(leaf: Leaf, text: str) -> tuple[Any, str]:
    return [line for _number, line in _numbered(text)], ""


def _values(leaf: Leaf, text: str) -> tuple[Any, str]:
    return [int(v) if _is_plain(v) else v for _number, v in _numbered(text)], ""


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX


def _pairs(leaf: Leaf, text: str) -> tuple[Any, str]:
    assert leaf.pair is not None
    found, said = {}, []
    for number, line in _numbered(text):
        left, colon, right = (part.strip() for part in line.partition(":"))
        try:
            if not (colon and left and right):
                raise _Wrong(_("part the two with a colon."))
            key, key_said = _READERS[leaf.pair[0].input](leaf.pair[0], left)
            value, value_said = _READERS[leaf.pair[1].input](leaf.pair[1], _lower(leaf, right))
        except _Wrong as wrong:
            raise _Wrong(_("Line %(number)s: %(why)s", number=number, why=wrong)) from None
        if key in found:
            raise _Wrong(_("Line %(number)s: %(what)s is named twice.", number=number, what=left))
        found[key] = value
        said.append(f"{key_said or left}: {value_said or right}")
    return found, "; ".join(said)


def _lower(leaf: Leaf, text: str) -> str:
    """A choice is read in any case."""
    assert leaf.pair is not None
    return text.casefold() if leaf.pair[1].input == "choice" else text


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    if len(lines) > LINES_MAX:
        raise _Wrong(_("Give %(most)s lines at most.", most=LINES_MAX))
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line.strip()


def _sentence(text: str) -> str:
    raised = text[:1].upper() + text[1:]
    return raised if raised.endswith((".", "?", "!")) else f"{raised}."


_READERS: Final[dict[str, Callable[[Leaf, str], tuple[Any, str]]]] = {
    "line": _text,
    "text": _text,
    "url": _text,
    "who": _text,
    "date": _date,
    "government": _government,
    "count": _count,
    "share": _share,
    "amount": _amount,
    "choice": _choice,
    "flag": _flag,
    "lines": _lines,
    "values": _values,
    "pairs": _pairs,
}
