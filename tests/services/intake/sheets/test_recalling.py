"""Rows put together from parts that were seen before: the same claims as rows read whole."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.sheets import recalling
from services.intake.sheets.matching import columns_of
from services.intake.sheets.reading import RowReader
from services.intake.sheets.table import Cell, Row, Unreadable
from tests.services.intake.sheets.made import NOW

SOUND: dict[str, tuple[Cell, ...]] = {
    "id": ("fin-1", "fin-2", ""),
    "kind": ("parliament_vote", "withdrawal_announced"),
    "treaty": ("APMBC", "CCM"),
    "occurred_on": ("2025-04-01", "April 2025", 2025, 45748),
    "actors": (
        "state: NOR",
        "Norway | minister; ngo: ICBL",
        "",
        "ngo: ICBL",
        "ngo: ICBL; state: NOR",
    ),
    "targets": ("FIN; EST", "Finland", "", "Finland; EST", "Serbia; Montenegro"),
    "summary": ("Finland left.", " Finland left. ", "x" * 2500),
    "visibility": ("", "public", "internal"),
    "relates_to": ("", "follows: fin-2", "follows: fin-1", "confirms: a; mentions: any"),
    "known_since": ("", "2025-05-01", "2025-06-01T09:00:00Z"),
    "status": ("", "accepted", "contested", "refuted"),
    "contested_by": ("", "state: RUS"),
    "same_as": ("", "fin-2", "fin-1"),
    "sources.1.title": ("Statement", "", "Déclaration"),
    "sources.1.published_on": ("2025-04-02", "2025-04", "", 1),
    "sources.1.url": ("", "https://example.org/a"),
    "sources.1.credibility": ("", 1, 2, "3", 1.0),
    "sources.3.publisher": ("", "Yle", "2025-04-02"),
    "sources.3.published_on": ("", "2025-04-02"),
    "details.note": ("", "a note", 1),
    "details.votes.for": ("", "107", 107.0, 1),
    "details.carried": ("", "yes", "no"),
    "details.quantity": ("", 1, "a few", "1,000"),
    "details": ("", '{"chamber": "Seimas"}'),
    "more_sources": ("", '[{"title": "x"}]'),
}
"""Cells that may stand in a column of a sound claim, alone or with others."""
ODD: tuple[Cell, ...] = (
    None, True, "  ", "'", "'=1+1", "'\"a\\u0000b\"", "a\0b", "\\u0000", "{", "NPT", "2031-01-01",
    "\u200b", "2025-02-30", "0000-01-01", "1999-12-31",
    "confirms: b; confirms: b", "claimed_cause: b", "follows: any",
    "fin 1", "12", 12, 0.5, "y" * 5000, "RUS; RUS", "FIN; '\"EST\"", "ngo: x; ",
    "ngo: x; '\"ngo: y\"",
    "follows: NOT", Unreadable("is damaged"),
)  # fmt: skip
"""Cells that stand well in few columns and in most of them not."""
COLUMNS = tuple(SOUND)


def reader(*, restate: bool = True) -> RowReader:
    """A reader of all these columns, and of one between them that means nothing."""
    return RowReader(columns_of(["?", *COLUMNS], [], {}), NOW, restate=restate)


def row_of(choice: int, oddities: list[tuple[str, Cell]]) -> list[Cell]:
    """A row of sound cells that a number chooses, some of them replaced, its empty end left out."""
    cells: list[Cell] = ["beside"]
    for column in COLUMNS:
        options = SOUND[column]
        choice, index = divmod(choice, len(options))
        cells.append(options[index])
    for column, cell in oddities:
        cells[1 + COLUMNS.index(column)] = cell
    while cells and not cells[-1]:
        cells.pop()
    return cells


oddities = st.lists(st.tuples(st.sampled_from(COLUMNS), st.sampled_from(ODD)), max_size=1)
choices = st.binary(min_size=7, max_size=7).map(int.from_bytes) | st.integers(0, 30_000)
rows = st.lists(st.builds(row_of, choices, oddities), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(rows, st.booleans())
def test_rows_put_together_are_the_rows_read_whole(rows: list[list[Cell]], restate: bool) -> None:
    """Whatever stands in the rows before and in the row itself, its claim or its faults are those
    of the row read alone."""
    quick, plain = reader(restate=restate), reader(restate=restate)
    for number, cells in enumerate(rows, 2):
        row = Row(number, cells)
        assert quick.line(row) == plain.whole(row)


def test_every_cell_is_read_as_it_is_alone() -> None:
    """What a column holds after each other cell that it may hold reads as if nothing had come
    before."""
    quick = reader()
    for column, sound in SOUND.items():
        for cell in (*sound, *ODD, *sound):
            row = Row(2, row_of(0, [("status", "contested"), (column, cell)]))
            assert quick.line(row) == reader().whole(row), (column, cell)


def test_sound_rows_are_put_together() -> None:
    """Rows without anything special to them are never read whole, and parts that came before are
    not tried again."""
    quick = reader().recalling
    firsts: list[list[Any]] = [row_of(choice, []) for choice in (0, 1, 2, 0)]
    claims = [quick.submission(cells) for cells in firsts]
    assert None not in claims
    assert claims[0] == claims[3]
    known = [len(part.known) for part in quick.parts]
    assert known[0] == 1
    again = quick.submission(firsts[1])
    assert again is not None
    assert claims[1] is not None
    assert again.claim.details is claims[1].claim.details


def test_what_is_remembered_is_bounded(monkeypatch: Any) -> None:
    """Parts beyond the bound, and those of long rows, are tried each time and read the same."""
    monkeypatch.setattr(recalling, "PARTS_KNOWN_MAX", 1)
    quick, plain = reader(), reader()
    for number, choice in enumerate((0, 24, 48, 2 * 3 * 2 * 2 * 4 * 3 * 3, 24), 2):
        row = Row(number, row_of(choice, []))
        assert quick.line(row) == plain.whole(row)
    assert {len(part.known) for part in quick.recalling.parts} == {1}
