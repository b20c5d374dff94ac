"""Claims bound together are the claims they were, however many are gathered for one append."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from services.tables.binding import bound, gathered
from services.tables.packing import Packed

EVENT = ("said.v1", b"{}", ("claim:a", "gov:FIN"))
TAGLESS = ("seen.v1", b"", ())


@given(
    st.lists(st.lists(st.sampled_from([(EVENT,), (EVENT, TAGLESS)]), max_size=5), max_size=6),
    st.integers(1, 8),
)
def test_claims_gathered_are_those_that_were_bound(
    blocks: list[list[tuple[tuple[str, bytes, tuple[str, ...]], ...]]], claims_max: int
) -> None:
    """Every claim comes once and in its order with all its events, and no more together than are
    asked for, unless they were bound so."""
    numbers = iter(range(100))
    claims = [[Packed(n := next(numbers), f"c-{n}", events) for events in some] for some in blocks]
    found = list(gathered(map(bound, claims), claims_max))
    assert list(chain.from_iterable(one.packed() for one in found)) == list(chain(*claims))
    longest = max(map(len, claims), default=0)
    assert all(len(one.claims) <= max(claims_max, longest) for one in found)
