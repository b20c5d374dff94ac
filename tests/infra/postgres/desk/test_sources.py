"""Webhook sources in the store."""

import base64
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from domain.errors import SetupRefused
from infra.postgres.desk.sources import (
    FORMER_SECRETS_MAX,
    InvalidSource,
    SigningKey,
    SourceExists,
    SourceNotFound,
    Sources,
    TooManySecrets,
)
from infra.postgres.log.store import EventStore, NoWorkspace
from infra.sealing import Sealer, Unsealable
from tests.conftest import WORKSPACE

KEY = "a key for tests, of forty letters or so"
OTHER = "neighbours"


@pytest.fixture
async def sources(pool: asyncpg.Pool, store: EventStore) -> Sources:
    """The sources of two workspaces."""
    await store.add_workspace(OTHER)
    return Sources(pool, Sealer(KEY))


def raw(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))


def key(secret: str) -> SigningKey:
    return SigningKey("v1", raw(secret))


async def test_a_source_is_found_by_its_name_alone(sources: Sources) -> None:
    """The address of a source says nothing of its workspace; the store knows it."""
    made, secret = await sources.add(OTHER, "monitor", trusted=True)
    assert made.path == "/hooks/monitor"
    found = await sources.find("monitor")
    assert found is not None
    assert (found.workspace, found.trusted, found.enabled) == (OTHER, True, True)
    assert found.secrets(datetime.now(UTC)) == (key(secret),)
    assert len(raw(secret)) == 32
    assert await sources.find("nobody") is None
    assert await sources.find("No\0body") is None


async def test_a_name_is_taken_once_per_installation(sources: Sources) -> None:
    """Two workspaces cannot have the same address; the one that is there keeps it."""
    await sources.add(WORKSPACE, "monitor")
    for workspace in (WORKSPACE, OTHER):
        with pytest.raises(SourceExists, match="/hooks/monitor"):
            await sources.add(workspace, "monitor")
    assert await sources.listed(OTHER) == []


@pytest.mark.parametrize("name", ["", "UPPER", "a b", "a/b", "-a", "x" * 64, "a\n"])
async def test_a_name_that_makes_no_address_is_refused(sources: Sources, name: str) -> None:
    """A source is named by what may stand in an address."""
    with pytest.raises(InvalidSource):
        await sources.add(WORKSPACE, name)


async def test_a_source_belongs_to_a_workspace_that_is_there(sources: Sources) -> None:
    """Nothing is added to a workspace nobody made."""
    with pytest.raises(NoWorkspace):
        await sources.add("nowhere", "monitor")


async def test_secrets_are_sealed_at_rest(sources: Sources, dsn: str) -> None:
    """The table holds nothing that signs."""
    _, secret = await sources.add(WORKSPACE, "monitor")
    owner = await asyncpg.connect(dsn)
    kept = await owner.fetchval("SELECT secret FROM article20.webhook_source")
    await owner.close()
    assert raw(secret) not in kept
    assert secret.encode() not in kept


async def test_a_secret_moved_to_another_source_opens_nothing(sources: Sources, dsn: str) -> None:
    """Whoever can write the table cannot give one source another's secret."""
    await sources.add(WORKSPACE, "one")
    await sources.add(WORKSPACE, "two")
    owner = await asyncpg.connect(dsn)
    await owner.execute(
        "UPDATE article20.webhook_source SET secret ="
        " (SELECT secret FROM article20.webhook_source WHERE source = 'one')"
    )
    await owner.close()
    with pytest.raises(Unsealable):
        await sources.find("two")


async def test_a_rotation_overlaps(sources: Sources) -> None:
    """The secret before is good until the overlap ends; without overlap only the new one is."""
    _, first = await sources.add(WORKSPACE, "monitor")
    _, second = await sources.rotate(WORKSPACE, "monitor", overlap_hours=2)
    now = datetime.now(UTC)
    found = await sources.find("monitor")
    assert found is not None
    assert found.secrets(now) == (key(second), key(first))
    assert found.secrets(now + timedelta(hours=3)) == (key(second),)
    _, third = await sources.rotate(WORKSPACE, "monitor", overlap_hours=0)
    found = await sources.find("monitor")
    assert found is not None
    assert found.secrets(now) == (key(third),)


async def test_every_secret_stays_good_until_the_end_it_was_promised(sources: Sources) -> None:
    """Rotated again within the overlap, a source keeps what its senders may still sign with, each
    secret for its own hours."""
    _, first = await sources.add(WORKSPACE, "monitor")
    _, second = await sources.rotate(WORKSPACE, "monitor", overlap_hours=24)
    _, third = await sources.rotate(WORKSPACE, "monitor", overlap_hours=2)
    _, fourth = await sources.rotate(WORKSPACE, "monitor", overlap_hours=5)
    found = await sources.find("monitor")
    assert found is not None
    now = datetime.now(UTC)
    assert found.secrets(now) == (key(fourth), key(third), key(second), key(first))
    assert found.secrets(now + timedelta(hours=3)) == (key(fourth), key(third), key(first))
    assert found.secrets(now + timedelta(hours=6)) == (key(fourth), key(first))
    assert found.secrets(now + timedelta(hours=25)) == (key(fourth),)


async def test_no_more_secrets_are_good_at_once_than_the_bound(sources: Sources) -> None:
    """A rotation that would have to end a secret early is refused, saying until when it counts and
    how to end it; nothing changes before somebody does."""
    _, text = await sources.add(WORKSPACE, "monitor")
    promised = [key(text)]
    for _ in range(FORMER_SECRETS_MAX):
        _, text = await sources.rotate(WORKSPACE, "monitor", overlap_hours=24)
        promised.insert(0, key(text))
    with pytest.raises(TooManySecrets, match=r"until \d{4}-\d\d-\d\d .*--overlap-hours 0"):
        await sources.rotate(WORKSPACE, "monitor", overlap_hours=24)
    found = await sources.find("monitor")
    assert found is not None
    assert found.secrets(datetime.now(UTC)) == tuple(promised)
    _, text = await sources.rotate(WORKSPACE, "monitor", overlap_hours=0)
    found = await sources.find("monitor")
    assert found is not None
    assert found.secrets(datetime.now(UTC)) == (key(text),)


async def test_a_disabled_source_stays_known(sources: Sources) -> None:
    """It is found, so that it can be told, and listed with the moment."""
    await sources.add(WORKSPACE, "monitor")
    disabled = await sources.disable(WORKSPACE, "monitor")
    again = await sources.disable(WORKSPACE, "monitor")
    assert disabled.disabled_at == again.disabled_at is not None
    found = await sources.find("monitor")
    assert found is not None
    assert not found.enabled
    assert await sources.listed(WORKSPACE) == [disabled]


async def test_another_workspaces_source_is_out_of_reach(sources: Sources) -> None:
    """Nobody rotates or disables what belongs to another workspace."""
    await sources.add(OTHER, "monitor")
    with pytest.raises(SourceNotFound):
        await sources.rotate(WORKSPACE, "monitor", overlap_hours=0)
    with pytest.raises(SourceNotFound):
        await sources.disable(WORKSPACE, "monitor")


async def test_a_source_is_remembered_until_something_changes(
    sources: Sources, pool: asyncpg.Pool
) -> None:
    """What another process changes is seen once this one is told to look again."""
    await sources.add(WORKSPACE, "monitor")
    assert await sources.find("monitor") is not None
    await Sources(pool, Sealer(KEY)).disable(WORKSPACE, "monitor")
    found = await sources.find("monitor")
    assert found is not None
    assert found.enabled
    sources.forget()
    found = await sources.find("monitor")
    assert found is not None
    assert not found.enabled


async def test_without_a_secret_key_there_are_no_sources(pool: asyncpg.Pool) -> None:
    """A store of one's own needs a key before it keeps secrets; the refusal says how to give it."""
    with pytest.raises(SetupRefused, match="ARTICLE20_SECRET_KEY"):
        await Sources(pool, None).add(WORKSPACE, "monitor")
