"""The pages that a process keeps: within their bytes, whoever asks for what in which order."""

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from services.api.keeping import PAGE_BYTES, Kept, KeptPages

BYTES_MAX = 5 * PAGE_BYTES
LETTERS_MAX = BYTES_MAX
Step = tuple[str, int | None]

steps = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.none() | st.integers(0, LETTERS_MAX)), max_size=60
)
"""Addresses with the letters of the page that is kept, or None where it is asked for."""


@given(steps)
def test_pages_kept_stay_within_their_bytes(taken: list[Step]) -> None:
    """Whatever is kept and asked for, all pages together take no more than they may, and only those
    asked for longest ago were let go to that end."""
    pages = KeptPages(BYTES_MAX)
    model: OrderedDict[str, Kept] = OrderedDict()
    for position, (address, letters) in enumerate(taken):
        if letters is None:
            assert pages.recall(address) == model.get(address)
            if address in model:
                model.move_to_end(address)
            continue
        page = Kept(position, b"x" * letters)
        pages.keep(address, page)
        model[address] = page
        model.move_to_end(address)
        while sum(map(_bytes_at_most, model.values())) > BYTES_MAX:
            model.popitem(last=False)
        assert pages.size_bytes == sum(map(_bytes_at_most, model.values())) <= BYTES_MAX
    assert {address: pages.recall(address) for address in "abcdefgh"} == {
        address: model.get(address) for address in "abcdefgh"
    }


def _bytes_at_most(page: Kept) -> int:
    return PAGE_BYTES + len(page.body)
