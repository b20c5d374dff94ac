"""Claims in JSONL, one a line, in the contract's format: read and judged line by line; it records
nothing.

An import is an operator's: it may state `known_since` and restate statuses and sameness, as an
export does. Importing the same file twice changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from domain.claims import read_submission
from domain.errors import FieldError, InvalidClaim
from domain.kinds import DETAILS_OF
from services.intake.lines import MADE_LATER, Line, distinct, named

LINE_BYTES_MAX: Final = 1024 * 1024
ONE_A_LINE: Final = "each line holds one claim, whole"


def read_lines(file: BinaryIO, now: datetime) -> Iterator[Line]:
    """Every line that is not blank, read and validated; `now` is the moment of recording.

    A claim without an id gets one made from its content, so that it stays the same claim. A second
    line that says something else under an id of the file is faulty.
    """
    return distinct(_lines(file, now))


def _lines(file: BinaryIO, now: datetime) -> Iterator[Line]:
    for number, raw in _raw_lines(file):
        if len(raw) > LINE_BYTES_MAX:
            detail = f"longer than {LINE_BYTES_MAX} bytes; one line holds one claim"
            yield Line(number=number, errors=(FieldError("", detail),))
        else:
            yield _read(number, raw, now)


def _raw_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every line that is not blank; of one that is too long, its beginning."""
    number = 0
    while raw := file.readline(LINE_BYTES_MAX + 2):
        number += 1
        rest = raw
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LINE_BYTES_MAX)
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield number, raw.rstrip(b"\r\n")


def _read(number: int, raw: bytes, now: datetime) -> Line:
    try:
        read = read_submission(
            raw, details_of=DETAILS_OF, now=now, new_id=MADE_LATER, backfill=True, restate=True
        )
    except InvalidClaim as error:
        whole = [f"{fault.detail}; {ONE_A_LINE}" for fault in error.errors if not fault.pointer]
        errors = tuple(FieldError("", detail) for detail in whole) or error.errors
        return Line(number=number, errors=errors)
    return named(number, read)
