"""Cells read into values of a claim, and values written into cells, by the type of their column:
what is written reads back as the same value; it never guesses what somebody may have meant.

A text that a spreadsheet would take for a formula is written after an apostrophe, and read without
it. A text with characters that cells change or lose is written as a JSON string after one.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, get_args

import msgspec
from rapidfuzz import fuzz, process

from domain.claims import ActorKind, RelationKind
from domain.governments import GOVERNMENTS
from services import partial_dates
from services.intake.sheets.listed import Column, Type
from services.intake.sheets.table import Cell
from services.spellings import NAME_CHARS_MAX, government, suggested
from services.treaty_names import treaty_code

FORMULA: Final = "=+-@\t\r\n＝＋－＠"
"""What a text must not begin with in a cell."""
_MARKED: Final = frozenset(FORMULA + "'")
_ODD: Final = re.compile(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_x")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[ ,\u00a0\u202f’']\d{3})+")
_PARTED: Final = re.compile(r"(?:(?<!\s)\s+)?[;\n]\s*")
"""Blanks are taken from where they begin: else each of a million would be tried as the first."""
_YES: Final = frozenset({"yes", "true", "1", "x", "oui", "ja", "sí", "si"})
_NO: Final = frozenset({"no", "false", "0", "non", "nein"})
_ACTOR_KINDS: Final = get_args(ActorKind)
_RELATIONS: Final = get_args(RelationKind)
_LIKE: Final = 70
MEANT_MAX: Final = 6


class Unfit(ValueError):
    """A cell that does not fit its column; the message says why and how to write it."""


def read_text(cell: str) -> str:
    """The text that stands in a cell."""
    text = cell.strip()
    if text[:1] != "'":
        return text
    if text[1:2] == '"':
        try:
            said = msgspec.json.decode(text[1:].encode(), type=str)
        except (msgspec.DecodeError, UnicodeEncodeError):
            return text
        return said
    return text[1:] if text[1:2] and text[1] in _MARKED else text


def written_text(text: str) -> str:
    """A text as it stands in a cell."""
    if not text or text != text.strip() or _ODD.search(text) is not None:
        return "'" + msgspec.json.encode(text).decode().replace("_x", "\\u005fx")
    return f"'{text}" if text[0] in _MARKED else text


def read_cell(column: Column, cell: Cell) -> Any:
    """The value of a cell, as JSON has it; Unfit says how to write it."""
    return READERS[column.type](column, cell)


def written_cell(column: Column, value: Any) -> str | int | float | bool:
    """What stands in a cell for a value, as JSON has it."""
    kind = column.type
    if kind == "bool":
        return "yes" if value else "no"
    if kind in ("integer", "number", "amount") and isinstance(value, int | float):
        return value
    shown = _WRITTEN.get(kind, _json)(value)
    cell = written_text(shown)
    try:
        if read_cell(column, cell) == value:
            return cell
    except Unfit:
        pass  # written as JSON instead, which always reads back
    return written_text(_json(value))


def _said(cell: Cell) -> str:
    """What a cell says as text, a whole number without its decimals."""
    if isinstance(cell, str):
        return read_text(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _text(_column: Column, cell: Cell) -> str:
    return read_text(cell) if isinstance(cell, str) else _said(cell)


def _id(_column: Column, cell: Cell) -> str:
    return _said(cell)


def _date(_column: Column, cell: Cell) -> str:
    try:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return partial_dates.of_number(cell)
        said = _said(cell)
        if said.isdecimal() and len(said) == 5:
            return partial_dates.of_number(int(said))
        return partial_dates.edtf(said)
    except ValueError as error:
        raise Unfit(str(error)) from None


def _moment(_column: Column, cell: Cell) -> str:
    return _said(cell)


def _choice(column: Column, cell: Cell) -> str:
    said = _said(cell)
    if column.path == "treaty":
        said = treaty_code(said) or said
    return _one_of(said, column.choices)


@lru_cache(maxsize=4096)
def _one_of(said: str, choices: tuple[str, ...]) -> str:
    if said in choices:
        return said
    folded = re.sub(r"[\s_-]+", "_", said.strip().casefold())
    exact = [choice for choice in choices if choice.casefold() == folded]
    if exact:
        return exact[0]
    near = process.extractOne(folded, choices, scorer=fuzz.ratio, score_cutoff=_LIKE)
    meant = _with_words(folded, choices) or ([near[0]] if near is not None else [])
    if meant:
        raise Unfit(f"{said[:80]!r} is not known here; did you mean {' or '.join(meant)}?")
    if len(choices) <= 12:
        raise Unfit(f"{said[:80]!r} is not known here; write one of {', '.join(choices)}")
    raise Unfit(
        f"{said[:80]!r} is not known here; write one of those that the template lists, such as"
        f" {choices[0]} or {choices[-1]}"
    )


def _with_words(folded: str, choices: tuple[str, ...]) -> list[str]:
    """The choices in which every word of what was said begins a word, or a longer one; none where
    there are too many to choose from."""
    words = [word for word in folded.split("_") if len(word) > 2]
    found = [
        choice
        for choice in choices
        if words and all(any(part.startswith(w) for part in choice.split("_")) for w in words)
    ]
    return found if len(found) <= MEANT_MAX else []


def _government(_column: Column, cell: Cell) -> str:
    return _code(_said(cell))


def _code(said: str) -> str:
    found = government(said)
    if found is not None:
        return found
    near = suggested(said[:NAME_CHARS_MAX])
    meant = " or ".join(near)
    hint = f"did you mean {meant}?" if near else "use its name or its ISO 3166-1 alpha-3 code"
    raise Unfit(f"{said[:80]!r} is no government known here; {hint}")


def _governments(_column: Column, cell: Cell) -> list[str]:
    said = _said(cell)
    if said[:1] == "[":
        return _list(said)
    return list(_codes(said))


@lru_cache(maxsize=4096)
def _codes(said: str) -> tuple[str, ...]:
    codes = tuple(said.split("; "))
    if all(code in GOVERNMENTS for code in codes):  # as an export writes them
        return codes
    whole = government(said)
    if whole is not None:
        return (whole,)
    parts = [part for part in _PARTED.split(said) if part]
    if len(parts) == 1:
        by_comma = [part.strip() for part in re.split(r"[,/]", said) if part.strip()]
        by_space = said.split()
        if len(by_comma) > 1:
            parts = by_comma
        elif len(by_space) > 1 and all(len(word) == 3 and word.isupper() for word in by_space):
            parts = by_space
    return tuple(_code(part) for part in parts)


def _actors(_column: Column, cell: Cell) -> list[Any]:
    said = _said(cell)
    if said[:1] in "[{":
        return _list(said)
    return [_actor(part) for part in _PARTED.split(said) if part]


def _actor(said: str) -> dict[str, str]:
    named, bar, role = said.partition("|")
    kind, colon, name = named.partition(":")
    kind = kind.strip().casefold()
    found: dict[str, str]
    if colon and kind in _ACTOR_KINDS:
        name = name.strip()
        found = (
            {"kind": kind, "code": _code(name)} if kind == "state" else {"kind": kind, "name": name}
        )
    else:
        code = government(named.strip())
        if code is None:
            kinds = ", ".join(_ACTOR_KINDS)
            raise Unfit(
                f"{named.strip()[:80]!r} is no government; write kind: name, such as"
                f" ngo: ICBL (kinds: {kinds})"
            )
        found = {"kind": "state", "code": code}
    if bar and role.strip():
        found["role"] = role.strip()
    return found


def _ids(_column: Column, cell: Cell) -> list[Any]:
    said = _said(cell)
    return _list(said) if said[:1] == "[" else [part for part in re.split(r"[\s;,]+", said) if part]


def _relations(_column: Column, cell: Cell) -> list[Any]:
    said = _said(cell)
    if said[:1] == "[":
        return _list(said)
    found = []
    for part in _PARTED.split(said):
        relation, colon, claim = part.partition(":")
        if not colon:
            raise Unfit(
                f"{part[:80]!r} lacks how it is related; write relation: id, such as"
                f" follows: {part[:40]}"
            )
        found.append({"claim": claim.strip(), "relation": _one_of(relation.strip(), _RELATIONS)})
    return found


def _texts(_column: Column, cell: Cell) -> list[Any]:
    said = _said(cell)
    return _list(said) if said[:1] == "[" else [part for part in _PARTED.split(said) if part]


def _integer(_column: Column, cell: Cell) -> int:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    said = _said(cell)
    bare = re.sub(r"[ ,\u00a0\u202f’']", "", said) if _THOUSANDS.fullmatch(said) else said
    if bare.isascii() and bare.isdecimal() and len(bare) <= 18:
        return int(bare)
    raise Unfit(f"{said[:80]!r} is not a whole number; write figures alone, nothing for unknown")


def _number(_column: Column, cell: Cell) -> float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    try:
        return float(_said(cell))
    except ValueError:
        raise Unfit(f"{_said(cell)[:80]!r} is not a number; write it as 0.5") from None


def _amount(column: Column, cell: Cell) -> Any:
    """A whole number, a quantity as JSON, or the words that the sources use instead."""
    if isinstance(cell, str):
        said = read_text(cell)
        if said[:1] == "{":
            return _json_of(said)
        if re.match(r"[\d(]", said) is None:
            return {"words": said}
    return _integer(column, cell)


def _bool(_column: Column, cell: Cell) -> bool:
    said = _said(cell).casefold()
    if said in _YES or said in _NO:
        return said in _YES
    raise Unfit(f"{said[:80]!r} is neither yes nor no; write one of them, nothing for unknown")


def _json_cell(_column: Column, cell: Cell) -> Any:
    return _json_of(_said(cell))


def _json_of(said: str) -> Any:
    try:
        return msgspec.json.decode(said.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Unfit(f"not JSON ({error}); write JSON, or fill in the columns for it") from None


def _list(said: str) -> list[Any]:
    found = _json_of(said)
    if not isinstance(found, list):
        raise Unfit("not a list; write a JSON list, or several parted by ;")
    return found


READERS: Final[dict[Type, Callable[[Column, Cell], Any]]] = {
    "text": _text,
    "id": _id,
    "date": _date,
    "moment": _moment,
    "choice": _choice,
    "government": _government,
    "governments": _governments,
    "actors": _actors,
    "ids": _ids,
    "relations": _relations,
    "texts": _texts,
    "integer": _integer,
    "number": _number,
    "amount": _amount,
    "bool": _bool,
    "json": _json_cell,
}
"""Type of a column -> how its cells are read."""


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plain_text(value: Any) -> str:
    return str(value)


def _joined(value: Any) -> str:
    return "; ".join(str(one) for one in value)


def _actors_text(value: Any) -> str:
    found = []
    for one in value:
        said = f"{one.get('kind')}: {one.get('code') or one.get('name')}"
        found.append(f"{said} | {one['role']}" if one.get("role") else said)
    return "; ".join(found)


def _relations_text(value: Any) -> str:
    return "; ".join(f"{one.get('relation')}: {one.get('claim')}" for one in value)


def _amount_text(value: Any) -> str:
    return (
        str(value["words"]) if isinstance(value, dict) and set(value) == {"words"} else _json(value)
    )


_WRITTEN: Final[dict[Type, Callable[[Any], str]]] = {
    "text": _plain_text,
    "id": _plain_text,
    "date": _plain_text,
    "moment": _plain_text,
    "choice": _plain_text,
    "government": _plain_text,
    "governments": _joined,
    "actors": _actors_text,
    "ids": _joined,
    "relations": _relations_text,
    "texts": _joined,
    "amount": _amount_text,
}
"""Type of a column -> the readable form of its values; others are written as JSON."""
