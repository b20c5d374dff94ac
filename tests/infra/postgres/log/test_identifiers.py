"""Identifiers of events: new ones for each append, in order within it, bound to key and hash."""

from uuid import UUID
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from infra.postgres.log.identifiers import SEALED, identifiers

APPENDS = st.lists(
    st.tuples(st.text(max_size=20), st.binary(max_size=32), st.integers(1, 70)),
    min_size=1,
    max_size=20,
)


@given(appends=APPENDS)
def test_identifiers_are_sealed_with_key_and_hash(appends: list[tuple[str, bytes, int]]) -> None:
    """Every event of every append gets a UUID of version 8 of its own; those of an append begin
    with its seal and go on by one."""
    found = identifiers(appends)
    every = [UUID(id_) for ids in found for id_ in ids.split(" ")]
    assert len(set(every)) == sum(count for _, _, count in appends)
    assert {id_.version for id_ in every} == {SEALED}
    for (key, digest, count), ids in zip(appends, found, strict=True):
        first, *others = map(UUID, ids.split(" "))
        seal = crc32(first.bytes[:12] + key.encode() + digest) & 0x7FFFFFFF
        assert first.int & 0xFFFFFFFF == seal
        assert [id_.int for id_ in others] == [first.int + n for n in range(1, count)]


def test_what_is_appended_twice_gets_other_identifiers() -> None:
    """Two appends of the same body under the same key can be told apart."""
    once, again = (identifiers([("key", b"hash", 2)])[0] for _ in range(2))
    assert not set(once.split()) & set(again.split())
