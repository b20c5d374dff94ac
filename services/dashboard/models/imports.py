"""Builds the pages Import: the tables that were uploaded, and one of them row by row; pure, it
neither fetches nor records."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from services.dashboard.formats import names_text
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, count_text, many, word
from services.dashboard.states import GOVERNMENTS
from services.dashboard.words import kind_words
from services.intake.sheets.columns import SOURCE_FIELDS, details_columns, source_column
from services.intake.sheets.listed import CORE, MORE_SOURCES, RESTATED, Column
from services.intake.sheets.matching import Match, lacking
from services.intake.sheets.table import MEBIBYTE, ROWS_MAX, Cell, column_name
from services.tables.choices import cell_text, cells_of, is_taken
from services.wiring import Fate, Import, ImportRow

ROWS_SHOWN_MAX: Final = 50
NAMES_MAX: Final = 3
MENDED_CHARS_MAX: Final = 1_000
"""A longer text is mended in the file."""
FATES: Final[tuple[Fate, ...]] = ("new", "likely", "duplicate", "conflict", "error")
FATE_WORDS: Final[Mapping[Fate, tuple[str, str, str]]] = {
    "new": (word("New"), "v-plus", "new"),
    "likely": (word("Likely duplicate"), "v-dup", "duplicate"),
    "duplicate": (word("Duplicate"), "v-eq", "unverified"),
    "conflict": (word("Conflict"), "v-neq", "conflict"),
    "error": (word("Error"), "v-bang", "error"),
}
"""What may become of a row -> the word, the icon and the look of its tag."""
OVER: Final = ("imported", "undone")
"""States in which nothing is left to do about a row."""
STATE_WORDS: Final = Words(
    {
        "reading": word("being read"),
        "columns": word("columns to choose"),
        "ready": word("nothing recorded yet"),
        "importing": word("being recorded"),
        "imported": word("recorded"),
        "undoing": word("being taken back"),
        "undone": word("taken back"),
        "refused": word("refused"),
    }
)


class Stage(msgspec.Struct, frozen=True):
    """One stage of the way: `done`, `now` or still to come (empty)."""

    word: str
    says: str
    state: str = ""


class Option(msgspec.Struct, frozen=True):
    """One thing that a row may be chosen to become."""

    value: str
    word: str
    is_chosen: bool = False


class Mend(msgspec.Struct, frozen=True):
    """A faulty cell that can be written anew: its name, its header, and what it holds."""

    cell: str
    header: str
    text: str


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table, and what would become of it."""

    number: int
    fate: Fate
    occurred_on: str
    who: str
    title: str
    kind: str
    found: str
    beside: str
    todo: str
    options: tuple[Option, ...] = ()
    mends: tuple[Mend, ...] = ()


class Chip(msgspec.Struct, frozen=True):
    """One fate to narrow the rows to; an empty one means all."""

    fate: str
    word: str
    icon: str
    count: int
    current: bool


class ImportsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The form that takes a table, and the tables that were uploaded."""

    frame: Frame
    latest: tuple[Import, ...]
    bytes_max: int
    refusal: str = ""
    past: bool = False

    @property
    def mebibytes_max(self) -> int:
        """The largest file, in MiB."""
        return self.bytes_max // MEBIBYTE

    @property
    def rows_max(self) -> int:
        """The most rows a table may have."""
        return ROWS_MAX


class ImportPage(msgspec.Struct, frozen=True, kw_only=True):
    """One table: how far it is, what each row would become, and what was recorded of it."""

    frame: Frame
    one: Import
    stages: tuple[Stage, ...]
    lead: str
    chips: tuple[Chip, ...]
    rows: tuple[RowView, ...]
    show: str
    counts: Mapping[str, int]
    following: int
    begun: bool
    is_moving: bool
    is_stale: bool
    missing: tuple[str, ...]
    choices: tuple[str, ...]
    """What a column may be, for the fields that choose."""
    labels: Mapping[str, str]
    by_you: bool
    taken: int = 0
    """How many rows would be recorded, those that were left to the box below the table not
    among them."""
    undecided: int = 0
    """How many resemble something on file and nothing was chosen for them."""
    after: int = 0
    refusal: str = ""

    @property
    def is_over(self) -> bool:
        """Whether rows tell what became of them, not what is to do."""
        return self.one.state in OVER


def import_page(
    frame: Frame,
    one: Import,
    rows: Sequence[ImportRow],
    counts: Mapping[str, int],
    *,
    by: str,
    show: str,
    begun: bool,
    cells: Mapping[int, Sequence[Cell]] = MappingProxyType({}),
    choices: Mapping[tuple[str, str], int] = MappingProxyType({}),
    after: int = 0,
    is_moving: bool,
    is_stale: bool,
    refusal: str = "",
) -> ImportPage:
    """The page of one table; `rows` of the kind `show`, one more than are shown where there are
    more. `cells`: of the rows that are faulty; `choices`: for how many rows what was chosen, by
    fate and choice."""
    missing = lacking(
        tuple(Match(index=n, header=c.header, path=c.path) for n, c in enumerate(one.columns))
    )
    labels = {column.path: column.label for column in _columns()}
    is_open = one.state == "ready" and not is_moving
    heads = {column.letter: column.header for column in one.columns}
    shown = tuple(
        _row(row, heads, cells.get(row.number, ()), one, is_open=is_open)
        for row in rows[:ROWS_SHOWN_MAX]
    )
    likely = counts.get("likely", 0)
    decided = sum(n for (fate, _choice), n in choices.items() if fate == "likely")
    taken = counts.get("new", 0) - choices.get(("new", "leave"), 0)
    taken += choices.get(("likely", "take"), 0) + choices.get(("likely", "same"), 0)
    total = sum(counts.get(fate, 0) for fate in FATES)
    chips = [Chip("", _("All"), "", total, not show)]
    for fate in FATES:
        if counts.get(fate, 0):
            said, icon, _look = FATE_WORDS[fate]
            chips.append(Chip(fate, _(said), icon, counts[fate], show == fate))
    return ImportPage(
        frame=frame,
        one=one,
        stages=_stages(one),
        lead=_lead(one, counts),
        chips=tuple(chips),
        rows=shown,
        show=show,
        counts=counts,
        following=rows[ROWS_SHOWN_MAX - 1].number if len(rows) > ROWS_SHOWN_MAX else 0,
        begun=begun,
        is_moving=is_moving,
        is_stale=is_stale,
        missing=tuple(labels.get(path, path) for path in missing),
        choices=tuple(column.label for column in _columns()),
        labels=labels,
        by_you=one.by == by,
        taken=taken,
        undecided=likely - decided,
        after=after,
        refusal=refusal,
    )


def _columns() -> list[Column]:
    """The columns that can be chosen, in the order of the template."""
    sources = [source_column(n, f) for n in (1, 2, 3) for f in SOURCE_FIELDS]
    known = [one for one in RESTATED if not one.restates]
    return [*CORE, *sources, MORE_SOURCES, *details_columns().values(), *known]


def _stages(one: Import) -> tuple[Stage, ...]:
    at = {"reading": 2, "columns": 1, "ready": 2, "refused": 0}.get(one.state, 3)
    matched = sum(column.path is not None for column in one.columns)
    last = {
        "imported": _("recorded, can be undone"),
        "undone": _("taken back"),
        "importing": _("you are here"),
        "undoing": _("being taken back"),
    }.get(one.state, _("can be undone"))
    says = (
        f"{one.filename}, {one.says}",
        _("%(matched)s of %(all)s matched", matched=matched, all=len(one.columns)),
        _("you are here") if at == 2 else _("every row is looked up"),
        last,
    )
    words = (_("File"), _("Columns"), _("Dry run"), _("Import"))
    ended = one.state in OVER
    return tuple(
        Stage(
            word, said, "done" if n < at or (n == at == 3 and ended) else "now" if n == at else ""
        )
        for n, (word, said) in enumerate(zip(words, says, strict=True))
    )


def _lead(one: Import, counts: Mapping[str, int]) -> str:
    """What the page says in one sentence."""
    read = many("%(count)s row read", "%(count)s rows read", one.rows)
    if one.state == "columns":
        return _("%(read)s, nothing stored. Say which columns are meant.", read=read)
    if one.state in ("imported", "importing", "undoing", "undone"):
        brought = many("%(count)s claim recorded", "%(count)s claims recorded", one.recorded)
        back = many("%(count)s taken back", "%(count)s taken back", one.retracted)
        return f"{brought}, {back}." if one.retracted else f"{brought}."
    said = [
        (counts.get("new", 0), _("new")),
        (counts.get("likely", 0), _("resembling what is on file")),
        (counts.get("duplicate", 0), _("already here")),
        (counts.get("conflict", 0), _("disagreeing with the record")),
        (counts.get("error", 0), _("that cannot be read")),
    ]
    parts = [f"{count_text(number)} {what}" for number, what in said if number]
    told = names_text(parts, len(parts)) if parts else _("none judged yet")
    return _("%(read)s, nothing stored: %(told)s.", read=read, told=told)


def _options(row: ImportRow) -> tuple[Option, ...]:
    """What the row may be chosen to become."""
    words = {
        "new": {"": _("Import"), "leave": _("Leave out")},
        "likely": {
            "": _("Not decided"),
            "take": _("A new claim"),
            "same": _("The same as that one"),
            "leave": _("Leave out"),
        },
    }.get(row.fate, {})
    chosen = "" if row.choice is None or row.choice not in words else row.choice
    return tuple(Option(value, word, value == chosen) for value, word in words.items())


def _mends(row: ImportRow, heads: Mapping[str, str], cells: Sequence[Cell]) -> tuple[Mend, ...]:
    """The cells of a faulty row that can be written anew here."""
    found = []
    for name, index in cells_of(row) if row.fate == "error" else ():
        text = cell_text(cells[index]) if index < len(cells) else ""
        if len(text) <= MENDED_CHARS_MAX:
            found.append(Mend(name, heads.get(column_name(index), name), text))
    return tuple(found)


def _became(row: ImportRow, one: Import) -> str:
    """What became of a row, where the import is over."""
    if not is_taken(row, with_likely=one.with_likely):
        return _("Was left out")
    if one.state == "imported":
        return _("Was recorded")
    why = dict(one.left).get(row.claim)
    return _("Was left: %(why)s", why=why) if why else _("Was taken back")


def _row(
    row: ImportRow, heads: Mapping[str, str], cells: Sequence[Cell], one: Import, *, is_open: bool
) -> RowView:
    names = [GOVERNMENTS[code] for code in row.targets if code in GOVERNMENTS]
    found = {
        "new": _("New record"),
        "likely": _("Resembles: %(summary)s", summary=row.detail),
        "duplicate": _("Duplicate: %(why)s", why=row.detail),
        "conflict": row.detail,
        "error": row.detail,
    }[row.fate]
    todo = {
        "new": _("Import"),
        "likely": _("Import if you choose so"),
        "duplicate": _("Skip"),
        "conflict": _("Skip; correct the claim on file"),
        "error": _("Mend cell %(cell)s", cell=row.cell) if row.cell else _("Mend the row"),
    }[row.fate]
    return RowView(
        number=row.number,
        fate=row.fate,
        occurred_on=row.occurred_on,
        who=names_text(names, NAMES_MAX),
        title=row.title,
        kind=kind_words(row.kind) if row.kind else "",
        found=found,
        beside=row.beside,
        todo=_became(row, one) if one.state in OVER else todo,
        options=_options(row) if is_open else (),
        mends=_mends(row, heads, cells) if is_open else (),
    )
