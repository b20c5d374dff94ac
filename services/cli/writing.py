"""Files that appear whole or not at all, and a standard output that takes everything; it never
leaves a half-written file under the name asked for."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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

    OSError when it cannot be written; what stood under that name is then untouched.
    """
    if str(path) == "-":
        stdout = sys.stdout.buffer
        yield stdout
        stdout.flush()
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
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
