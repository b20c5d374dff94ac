"""Entries are put in order in bounded memory."""

import os
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import runs
from infra.runs import BLOCK_BYTES, ENTRY_BYTES, Runs

KEYS = st.tuples(st.sampled_from(["", "AFG", "FIN", "é"]), st.integers(-(2**40), 2**40))
ENTRIES = st.dictionaries(KEYS, st.binary(max_size=3 * ENTRY_BYTES), max_size=60)


@given(entries=ENTRIES, bytes_max=st.integers(0, 40 * ENTRY_BYTES))
def test_whatever_is_held_the_order_is_the_same(
    entries: dict[tuple[str, int], bytes], bytes_max: int
) -> None:
    """Entries come in the order of their keys, as often as they are read, also between others that
    are added; never is more held than was allowed."""
    with Runs(bytes_max) as kept:
        seen: dict[tuple[str, int], bytes] = {}
        for number, (key, body) in enumerate(entries.items()):
            kept.add(key, body)
            seen[key] = body
            assert kept.held_bytes <= bytes_max
            if number % 20 == 0:
                assert list(kept) == sorted(seen.items())
        assert list(kept) == list(kept) == sorted(entries.items())
        whole = sum(ENTRY_BYTES + len(body) for body in entries.values())
        assert (kept.runs > 0) == (whole > bytes_max)


def test_a_long_run_is_read_a_block_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """To read all runs at once a block of each is held, however long they are."""
    read: list[int] = []

    def pread(file: int, size: int, at: int) -> bytes:
        read.append(size)
        return os.pread(file, size, at)

    monkeypatch.setattr(runs, "os", SimpleNamespace(pread=pread))
    with Runs(1 << 20) as kept:
        for number in range(10_000):
            kept.add((number * 7919 % 10_000,), b"x" * 300)
        assert kept.runs > 3
        assert [key for key, _ in kept] == [(number,) for number in range(10_000)]
    assert max(read) <= BLOCK_BYTES + ENTRY_BYTES + 300
    assert sum(read) > 2 << 20
