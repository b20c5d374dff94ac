"""`migrate`, `status`, `rebuild` and `verify` as a person runs them."""

import asyncio

import asyncpg
import pytest

from domain.dcb import DCBEvent
from infra.postgres import embedded
from infra.postgres.log.appender import AppendRequest
from infra.shipped import chronology_path
from services.cli.housing import in_house_of
from services.house import House
from services.settings import read_settings
from tests.services.cli.program import Program


@pytest.fixture(autouse=True, scope="module")
def _chronology(article20: Program) -> None:
    article20.done("import", chronology_path())


def test_migrating_twice_is_harmless(article20: Program) -> None:
    """The second time nothing runs; both times the schema is that of this version."""
    for _ in range(2):
        assert article20.done("migrate") == "The schema is that of this version.\n"
    assert article20.answer("migrate", "--format", "json") == []


def test_status_says_how_far_the_views_are(article20: Program) -> None:
    """Every workspace is listed with its head, its views and their faults."""
    article20.done("workspace", "add", "empty")
    found = article20.answer("status", "--format", "json")
    by_name = {w["workspace"]: w for w in found["workspaces"]}
    assert by_name["empty"]["head"] == 0
    full = by_name["default"]
    assert full["behind_events"] == full["head"] - full["position"]
    assert full["faults"] == []
    table = article20.done("status")
    assert "WORKSPACE" in table
    assert f"embedded, in {article20.data_dir}" in table


def test_views_are_built_anew(article20: Program) -> None:
    """All views, or one by name, are built again from the events; the others are refused by
    name."""
    said = article20.done("rebuild")
    assert said.startswith("Every view of default stands at position ")
    assert article20.done("rebuild", "claims").startswith("The view claims of default ")
    assert "There is no view 'weather'" in article20.refused("rebuild", "weather")
    (full,) = [
        w
        for w in article20.answer("status", "--format", "json")["workspaces"]
        if w["workspace"] == "default"
    ]
    assert full["behind_events"] == 0


def test_a_sound_store_is_proved(article20: Program) -> None:
    """A store nobody touched is sound."""
    assert "is sound up to position" in article20.done("verify")
    found = article20.answer("verify", "--format", "json")
    assert found["sound"] is True
    assert found["workspace"] == "default"


def test_the_first_fault_is_named(article20: Program) -> None:
    """A view that was tampered with is found, in one line that says what to do; a rebuild mends
    it."""
    article20.done("rebuild")
    server = embedded.start(article20.data_dir)

    async def tamper() -> None:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute("DELETE FROM article20.claim_relation WHERE true")
        await connection.execute(
            "DELETE FROM article20.government_claim WHERE government = 'FIN' AND true"
        )
        await connection.close()

    asyncio.run(tamper())
    refused = article20.refused("verify")
    assert "not sound" in refused
    assert "article20 rebuild" in refused
    article20.done("rebuild")
    article20.done("verify")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("position = position + 100", "the views stand at"),
        ("recorded_at = recorded_at - interval '1 day'", "the views stand at another event"),
    ],
)
def test_views_of_another_log_are_named(article20: Program, change: str, fault: str) -> None:
    """Views that stand beyond the log, or at another event than it has there, are a fault with its
    remedy, found as any other: whoever runs `verify` is not told to run it."""
    article20.done("rebuild")
    server = embedded.start(article20.data_dir)

    async def tamper() -> None:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            f"UPDATE article20.view_watermark SET {change} WHERE workspace = 'default'"  # noqa: S608 - the two changes above
        )
        await connection.close()

    asyncio.run(tamper())
    refused = article20.refused("verify")
    assert fault in refused
    assert "Run `article20 rebuild`" in refused
    article20.done("rebuild")
    article20.done("verify")


def test_a_workspace_that_is_not_there_is_named(article20: Program) -> None:
    """None of the commands makes a workspace by a slip of the pen."""
    for command in ("verify", "rebuild"):
        assert "There is no workspace 'typo'" in article20.refused(command, "--workspace", "typo")


def test_a_rebuild_that_stops_again_says_so(article20: Program) -> None:
    """Views that an event of a newer release stops are not said to be built anew without more:
    the event is named, and the exit tells scripts."""
    article20.done("workspace", "add", "ahead")
    newer = DCBEvent("claim_accepted.v9", b"\x80", ["claim:x"])

    async def append(house: House) -> None:
        await house.appender.append("ahead", AppendRequest(events=(newer,)))

    settings = read_settings({"ARTICLE20_DATA_DIR": str(article20.data_dir)})
    in_house_of(settings, append, project=False, missing="first")
    for view in ((), ("claims",)):
        said = article20.refused("rebuild", *view, "--workspace", "ahead")
        assert "Built anew, but claims" in said
        assert "position 1 of type 'claim_accepted.v9' cannot be decoded" in said
    article20.done("rebuild")
