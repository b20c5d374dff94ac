"""Migrations stay as they are: a database that ran one cannot be brought further by another text
under its number; nothing is run here."""

from pathlib import Path

import msgspec

from infra.postgres.migrate import migrations

PUBLISHED = Path(__file__).with_name("migrations.json")


def test_no_migration_that_was_published_is_changed() -> None:
    """Each migration has the digest that it was published with: what it should have done otherwise
    is done by a further one, whose digest is added to `migrations.json`."""
    published = msgspec.json.decode(PUBLISHED.read_bytes(), type=dict[str, str])
    there = {f"{one.number:04}_{one.name}": _text(one.digest) for one in migrations()}
    assert {name: there.get(name) for name in published} == published
    assert there.keys() - published.keys() == set(), "add the new ones to migrations.json"


def _text(digest: str | bytes) -> str:
    return digest.hex() if isinstance(digest, bytes) else digest
