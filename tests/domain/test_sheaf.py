"""Events bound together are the events they were."""

from hypothesis import given
from hypothesis import strategies as st

from domain.sheaf import LIST_SEPARATOR, TYPE_MARK, Plain, bind, joined

tags = st.lists(st.sampled_from(["gov:FIN", "gov:LVA", "treaty:APMBC", "claim:a"]), max_size=3)
events = st.lists(
    st.tuples(st.sampled_from(["said.v1", "seen.v1"]), st.binary(max_size=3), tags.map(tuple)),
    max_size=6,
)


@given(st.lists(events, max_size=4))
def test_sheaves_joined_are_one_that_was_bound(several: list[list[Plain]]) -> None:
    """Wherever events are parted, their sheaves joined are the sheaf of all, which gives every
    event back, with each tag once, and says which events carry what."""
    together = [one for some in several for one in some]
    whole = bind(together)
    assert joined([bind(some) for some in several]) == whole
    plain = [(type_, data, tuple(dict.fromkeys(tags))) for type_, data, tags in together]
    assert whole.events() == plain
    for name, numbers in zip(whole.names, whole.carried, strict=True):
        carry = [
            n for n, (type_, _, tags) in enumerate(plain) if name in (TYPE_MARK + type_, *tags)
        ]
        assert numbers == carry
        assert LIST_SEPARATOR not in name
