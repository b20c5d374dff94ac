"""Files of lists that are longer than a file has room for: the first rows of the list as it is
ordered and narrowed, and that there are more."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from projections.criticism import Joint, excerpt_of
from projections.passing import LedgerPass, PlansPass
from projections.transfers import LedgerAsk
from projections.undertakings import UndertakenAsk, undertaken
from projections.undertakings import excerpt_of as excerpt_of_undertakings
from services.dashboard.models import criticism
from services.dashboard.models.criticism import MatrixAsk, file_choice_of, matrix_sheet
from services.dashboard.models.transfer_files import ledger_sheet, plans_sheet, totals_sheet
from services.dashboard.models.transfers import (
    TransfersAsk,
    is_listed,
    party_name,
    plans_passed,
    shown_of,
)
from services.dashboard.models.undertaken import commitments_sheet, place_of_government
from services.dashboard.sheets import FORMATS, ROWS_MAX, Format, Sheet, download
from tests import chronology
from tests.services.dashboard.samples import frame
from tests.services.dashboard.screens import matrix
from tests.services.dashboard.test_built import EVE, undertaking

ROOM = st.integers(1, 12)


def is_first(sheet: Sheet, whole: Sheet, room: int) -> bool:
    """Whether a file holds as many of the first rows of the whole one as it has room for."""
    assert not whole.is_cut
    assert sheet.is_cut == (len(whole.rows) > room)
    return list(sheet.rows) == list(whole.rows)[:room]


@settings(deadline=None)
@given(
    joint=st.sampled_from(("each", "one", "only", "off")),
    voice=st.sampled_from(("", "state", "ngo")),
    government=st.sampled_from(("", "POL", "FIN")),
    order=st.sampled_from(("name", "count")),
    room=ROOM,
)
def test_a_file_of_criticism_holds_the_first_cells(
    joint: Joint, voice: str, government: str, order: str, room: int
) -> None:
    """Whoever is narrowed to and however joint statements are told."""
    ask = MatrixAsk(joint=joint, voice=voice, government=government, order=order)

    def filed(rows_max: int) -> Sheet:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(criticism, "ROWS_MAX", rows_max)
            found = excerpt_of(matrix(joint), government, file_choice_of(ask))
            return matrix_sheet(found, ask, frame("Criticism", "/criticism"))

    whole = filed(ROWS_MAX)
    assert is_first(filed(room), whole, room)
    critics = {critic.actor: critic for critic in matrix(joint).critics}
    assert sorted((row[0], row[3]) for row in whole.rows) == sorted(
        (cell.critic, cell.target)
        for cell in matrix(joint).cells
        if voice in ("", critics[cell.critic].kind) and government in ("", cell.target)
    )


@settings(deadline=None)
@given(
    government=st.sampled_from(("", "USA", "POL")),
    order=st.sampled_from(("newest", "oldest", "supplier")),
    room=ROOM,
)
def test_files_of_transfers_hold_the_first_rows(government: str, order: str, room: int) -> None:
    """The ledger, its sums and the plans beside it."""
    ask = TransfersAsk(government=government, order=order)

    def filed(rows_max: int) -> list[Sheet]:
        shown: LedgerAsk = replace(shown_of(ask), rows_max=rows_max, totals_max=rows_max)
        ledger = LedgerPass(EVE, shown, name=party_name, rows_max=0)
        plans = PlansPass(EVE, partial(is_listed, ask=ask), rows_max)
        for told in (ledger, plans):
            told.take(chronology.versions())
        around, found = frame("Transfers", "/transfers"), ledger.excerpt("seq:412")
        return [
            ledger_sheet(found, around),
            totals_sheet(found, around),
            plans_sheet(plans_passed(plans), around),
        ]

    for sheet, whole in zip(filed(room), filed(ROWS_MAX), strict=True):
        assert is_first(sheet, whole, room)


@given(order=st.sampled_from(("newest", "oldest", "government")), room=ROOM)
def test_a_file_of_commitments_holds_the_first_rows(order: str, room: int) -> None:
    """In the order that is asked for."""
    rows = [
        undertaking(code, "commitment", f"2025-0{month}-01")
        for month in (1, 2, 3)
        for code in ("FIN", "NOR", "POL")
    ]
    found, around = undertaken(rows, on=EVE, known_at="seq:1"), frame("Commitments", "/commitments")

    def filed(rows_max: int) -> Sheet:
        some = UndertakenAsk(order=order), rows_max, place_of_government
        return commitments_sheet(excerpt_of_undertakings(found, *some), around)

    assert is_first(filed(room), filed(ROWS_MAX), room)


@pytest.mark.parametrize("form", FORMATS)
def test_the_name_of_a_file_that_is_cut_off_says_so(form: Format) -> None:
    """In every format, also where a file has no room to say anything of itself."""
    whole = Sheet(name="audit", columns=("at",), rows=(("now",), ("then",)))
    assert download(whole, form).filename == f"audit.{form}"
    cut = replace(whole, is_cut=True)
    assert download(cut, form).filename == f"audit-first-2.{form}"
