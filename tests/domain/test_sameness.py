"""How claims declared the same hang together, and what parts two of them."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from domain.sameness import chain, how_joined, joined, parting

NAMES = "abcdef"
PAIRS = list(combinations(NAMES, 2))


def linked(pairs: list[tuple[str, str]]) -> dict[str, set[str]]:
    links: dict[str, set[str]] = {name: set() for name in NAMES}
    for one, other in pairs:
        links[one].add(other)
        links[other].add(one)
    return links


@given(st.lists(st.sampled_from(PAIRS), unique=True))
def test_what_parts_two_claims_parts_them_and_nothing_fewer_does(
    pairs: list[tuple[str, str]],
) -> None:
    """Once the declarations named are taken back nothing joins the two; with any one fewer taken
    back, whichever, they are still joined."""
    links = linked(pairs)
    cut = {tuple(sorted(pair)) for pair in parting(links, "a", "b")}
    assert bool(cut) == bool(chain(links, "a", "b"))
    left = [pair for pair in pairs if pair not in cut]
    assert not chain(linked(left), "a", "b")
    for fewer in combinations(pairs, max(0, len(cut) - 1)):
        if cut:
            assert chain(linked([p for p in pairs if p not in fewer]), "a", "b")


@given(st.lists(st.sampled_from(PAIRS), unique=True))
def test_any_one_declaration_that_is_named_as_enough_parts_two_claims_and_no_other_does(
    pairs: list[tuple[str, str]],
) -> None:
    """Where no single one is enough, all those are named that part them together; the way told of
    leads from one claim to the other, by declarations alone."""
    found = joined(linked(pairs), "a", "b")
    if found is None:
        assert not chain(linked(pairs), "a", "b")
        return
    assert [one for one, _ in found.way] == ["a", *(other for _, other in found.way[:-1])]
    assert found.way[-1][1] == "b"
    assert {tuple(sorted(pair)) for pair in found.way} <= set(pairs)
    enough = {p for p in pairs if not chain(linked([q for q in pairs if q != p]), "a", "b")}
    named = {tuple(sorted(pair)) for pair in found.parted}
    assert found.is_all == (not enough)
    if enough:
        assert named == enough
    else:
        assert not chain(linked([pair for pair in pairs if pair not in named]), "a", "b")


def test_who_separates_two_that_a_third_joins_is_told_how_and_what_to_ask() -> None:
    """One way: either of its declarations will do. Two ways: one of each."""
    told = how_joined(linked([("a", "c"), ("b", "c")]), "a", "b")
    assert told == (
        "it is declared the same as 'b' through others alone ('a' the same as 'c', 'c' the same as "
        "'b'); separate 'a' from 'c' or 'c' from 'b'"
    )
    told = how_joined(linked([("a", "c"), ("b", "c"), ("a", "d"), ("b", "d")]), "a", "b")
    assert str(told).endswith("separate 'a' from 'c' and 'a' from 'd'")
    assert how_joined(linked([("a", "c")]), "a", "b") is None
