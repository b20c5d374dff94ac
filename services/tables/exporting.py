"""Lists of claims written into a file of a format, in bounded memory and off the loop; which claims
they are is asked elsewhere."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final, cast

import msgspec

from domain.clocks import KnownAt
from services.house import House
from services.intake.sheets.writing import SheetFormat, claims_aside, write_claims
from services.tables.believed import listed_claims
from services.wiring import ClaimFilter

SPOOLED_BYTES_MAX: Final = 4 * 1024 * 1024
PART_BYTES: Final = 256 * 1024


class Exported(msgspec.Struct, frozen=True):
    """A file that was written: the position its claims were read at, how many they are, and its
    bytes, some at a time, once."""

    position: int
    count: int
    parts: Iterator[bytes]


async def export_list(
    house: House,
    workspace: str,
    known_at: KnownAt,
    filter_: ClaimFilter,
    form: SheetFormat,
    about: Sequence[tuple[str, str]],
    *,
    oldest: bool = False,
) -> Exported:
    """The claims of a list as a file; `about` is printed in it, with the position.

    TooLongForSheet and TooManyForSheet where a workbook cannot hold them.
    """
    with ExitStack() as stack:
        claims = stack.enter_context(claims_aside())
        position = 0
        async for at, some in listed_claims(house, workspace, known_at, filter_, oldest=oldest):
            position = at
            for plain in some:
                claims.add(plain)
        pinned = (("known_at", f"seq:{position}"), *about)
        told = pinned if not dict(about).get("known_at") else tuple(about)
        kept = tempfile.SpooledTemporaryFile(  # noqa: SIM115  # closed by `_parts`, sent or not
            max_size=SPOOLED_BYTES_MAX
        )
        out = cast(Any, kept)
        try:
            await asyncio.to_thread(write_claims, claims, form, out, told)
        except BaseException:
            out.close()
            raise
        out.seek(0)
        return Exported(position, claims.count, _parts(out))


def _parts(out: Any) -> Iterator[bytes]:
    with out:
        while part := out.read(PART_BYTES):
            yield part
