"""Files that appear whole or not at all, and a standard output that takes everything; it never
leaves a half-written file under the name asked for."""

import io
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import click

Named = TypeVar("Named", bound=str)


def named_form(out: Path, forms: Sequence[Named], otherwise: Named, option: str) -> Named:
    """The form that the name of a file ends in; `otherwise` where it ends in none.

    click.BadParameter, which names the endings there are, where it ends in another.
    """
    ending = out.suffix.lower().removeprefix(".")
    if not ending:
        return otherwise
    for form in forms:
        if form == ending:
            return form
    known = ", ".join(f".{form}" for form in forms)
    raise click.BadParameter(
        f"{out.name!r} ends in no form that can be written; the endings are {known}",
        param_hint=f"'{option}'",
    )


def buffer_stdout() -> None:
    """Let standard output take all that is written, also where Python runs unbuffered: it then
    writes once and drops what a pipe did not take in that moment, without a word."""
    stdout = sys.stdout
    raw = getattr(stdout, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        whole = io.BufferedWriter(raw)
        sys.stdout = io.TextIOWrapper(
            whole, encoding=stdout.encoding, errors=stdout.errors, line_buffering=True
        )


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` when the block ends well; `-` is stdout.

    What is no regular file, a device or a pipe, is written to as it is; of a link, what it leads
    to. OSError when it cannot be written; what stood under that name is then untouched. Who may
    read what stood there may read what takes its place, and nobody else.
    """
    if str(path) == "-":
        stdout = sys.stdout.buffer
        yield stdout
        stdout.flush()
        return
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as special:
            yield special
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    try:
        draft.unlink(missing_ok=True)
        # Made here and by nobody before us: no link that somebody laid is followed.
        made = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0)
        with os.fdopen(made, "wb") as file:
            if mode is not None:
                os.fchmod(made, mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        if error.filename == str(draft):
            error.filename = str(path)  # the name that was asked for, not ours
        raise
    finally:
        draft.unlink(missing_ok=True)
