"""Standard output in a pipe that takes little at a time: nothing of what is written is dropped."""

import io
import os
import sys
from pathlib import Path

import click
import msgspec
import pytest

from services.cli.output import say_json
from services.cli.writing import buffer_stdout, whole_file


class Narrow(io.RawIOBase):
    """A raw stream that takes at most so many bytes of each write, as a full pipe does."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = bytearray()

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: object) -> int:
        """How many bytes were taken."""
        some = bytes(memoryview(data))[: self.most]  # type: ignore[arg-type]  # any buffer
        self.taken += some
        return len(some)


def test_an_unbuffered_output_is_written_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PYTHONUNBUFFERED, an answer longer than the pipe takes at once arrives whole, and lines
    of text as they are said."""
    pipe = Narrow(65_536)
    unbuffered = io.TextIOWrapper(pipe, encoding="utf-8", write_through=True)  # type: ignore[type-var]  # as Python itself makes it
    monkeypatch.setattr(sys, "stdout", unbuffered)
    buffer_stdout()
    answer = {"text": "é" * 150_000}
    say_json(answer)
    assert msgspec.json.decode(bytes(pipe.taken)) == answer
    pipe.taken.clear()
    click.echo("a line")
    assert bytes(pipe.taken) == b"a line\n"


def test_a_pipe_or_a_link_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """Whoever names a device, a pipe or a link as the file gets the bytes through it, and it stays
    what it was."""
    pipe, link, aim = tmp_path / "pipe", tmp_path / "link.jsonl", tmp_path / "aim.jsonl"
    os.mkfifo(pipe)
    link.symlink_to(aim)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for path in (pipe, link):
        with whole_file(path) as file:
            file.write(b"claims")
    assert os.read(reading, 100) == b"claims"
    os.close(reading)
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert aim.read_bytes() == b"claims"


def test_a_buffered_output_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python buffers, or nothing of bytes lies beneath, the output stays the same object."""
    for stream in (io.TextIOWrapper(io.BytesIO()), io.StringIO()):
        monkeypatch.setattr(sys, "stdout", stream)
        buffer_stdout()
        assert sys.stdout is stream


def test_a_file_stays_as_readable_as_it_was(tmp_path: Path) -> None:
    """What takes the place of a file that its owner alone may read is read by nobody else, also
    while it is written; a link laid in its way is not followed."""
    path, victim = tmp_path / "claims.jsonl", tmp_path / "victim"
    victim.write_bytes(b"as it was")
    path.touch(mode=0o600)
    (tmp_path / f".{path.name}.{os.getpid()}.part").symlink_to(victim)
    with whole_file(path) as file:
        file.write(b"claims")
        file.flush()
        (draft,) = tmp_path.glob(".claims*")
        assert draft.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == b"claims"
    assert path.stat().st_mode & 0o777 == 0o600
    assert victim.read_bytes() == b"as it was"
