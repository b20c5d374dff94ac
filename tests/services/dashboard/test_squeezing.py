"""Pages and files as gzip: for whoever reads it, where the address holds no words."""

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dashboard.squeezing import (
    NOISE_BYTES_MAX,
    file_squeezed,
    is_silent,
    is_taken,
    page_squeezed,
)


@given(st.binary(max_size=2_000))
def test_what_was_squeezed_is_read_again(page: bytes) -> None:
    """Any bytes come back as they were."""
    assert gzip.decompress(page_squeezed(page)) == page
    assert gzip.decompress(file_squeezed(page)) == page


def test_the_length_of_a_page_does_not_tell_what_repeats_in_it() -> None:
    """The same page is longer one time than another, by no more than the noise there may be."""
    page = b"<p>Who said what to whom.</p>" * 300
    lengths = {len(page_squeezed(page)) for _ in range(200)}
    assert len(lengths) > 20
    assert max(lengths) - min(lengths) <= NOISE_BYTES_MAX
    assert max(lengths) < len(page) / 10


@pytest.mark.parametrize(
    ("asked", "takes"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("identity", False),
        ("*", False),
        (None, False),
    ],
)
def test_gzip_is_for_who_reads_it(asked: str | None, *, takes: bool) -> None:
    """A browser says what it reads, and what it does not."""
    headers = [] if asked is None else [(b"accept-encoding", asked.encode())]
    scope: dict[str, Any] = {"headers": headers}
    assert is_taken(scope) is takes


@pytest.mark.parametrize(
    ("query", "silent"),
    [
        ({}, True),
        ({"on": "2025-12-27", "known_at": "seq:120"}, True),
        ({"known_at": "2025-12-05"}, True),
        ({"on": "a0b1c2"}, False),
        ({"on": "2025-12-27\n"}, False),
        ({"known_at": "seq:1 token"}, False),
        ({"q": ""}, False),
        ({"on": "2025-12-27", "q": "Finland"}, False),
        ({"order": "name"}, False),
    ],
)
def test_an_address_with_words_is_no_silent_one(query: dict[str, str], *, silent: bool) -> None:
    """Clocks alone, as the page writes them, could not be laid beside a secret to see whether they
    are the same."""
    assert is_silent(query) is silent
