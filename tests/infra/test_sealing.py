"""Secrets at rest, and the key that seals them."""

import stat
import threading
from pathlib import Path

import pytest

from domain.errors import SetupRefused
from infra.sealing import KEY_FILE, Sealer, Unsealable, kept_key

KEY = "a key for tests, of forty letters or so"


def test_what_is_sealed_opens_again() -> None:
    """A secret comes back as it was, and its sealed form holds nothing of it."""
    sealer = Sealer(KEY)
    sealed = sealer.seal("a source", b"whsec")
    assert b"whsec" not in sealed
    assert sealer.open("a source", sealed) == b"whsec"


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    """A secret cannot be moved from one row to another."""
    sealer = Sealer(KEY)
    with pytest.raises(Unsealable, match="another source"):
        sealer.open("another source", sealer.seal("a source", b"whsec"))


def test_a_new_key_opens_with_the_one_before() -> None:
    """While the key before is given too, what it sealed stays readable; without it, it is not."""
    sealed = Sealer(KEY).seal("a source", b"whsec")
    new = "another key for tests, of forty letters"
    assert Sealer(new, KEY).open("a source", sealed) == b"whsec"
    with pytest.raises(Unsealable):
        Sealer(new).open("a source", sealed)


def test_the_key_of_a_data_folder_is_made_once(tmp_path: Path) -> None:
    """Many processes that start together end up with the same key, which only its owner reads."""
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept_key(tmp_path / "data"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    path = tmp_path / "data" / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(found[0]) >= 32
    assert [file.name for file in path.parent.iterdir()] == [KEY_FILE]


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A file in the way is one line that says what to do."""
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(SetupRefused, match="ARTICLE20_SECRET_KEY"):
        kept_key(tmp_path)
