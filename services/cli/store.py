"""`migrate`, `rebuild`, `verify` and `status`: the store itself, looked after and looked at; no
claim is ever touched."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec
import uvloop

from services.cli.housing import in_house, in_house_of
from services.cli.options import STORE, Command, Common, options, version_text
from services.cli.output import Advance, progress, say_facts, say_json, say_table
from services.cli.refusals import Refused
from services.house import House, migrate_store
from services.settings import Settings
from services.wiring import Fault, ViewsAstray
from services.wiring import verify as prove


class WorkspaceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One workspace: the head of its log, how far its views are, and which of them stopped.

    `behind_events` and `behind_seconds`: the views behind the log. `beyond`: they stand beyond its
    end, `astray`: where it has another event or none, as after an older backup was restored.
    """

    workspace: str
    head: int
    recorded_at: datetime | None
    position: int
    behind_events: int
    behind_seconds: float
    beyond: bool
    astray: bool
    faults: tuple[str, ...]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is installed, which database it uses, and its workspaces.

    `projecting`: whether some process brings the views forward. `lag_events`, `lag_seconds`: events
    that the views of all workspaces have yet to take in, and how long the oldest has waited.
    `unbuilt`: workspaces whose views have yet to be built in the form of this release.
    """

    version: str
    database: str
    projecting: bool
    lag_events: int
    lag_seconds: float
    unbuilt: int
    workspaces: tuple[WorkspaceStatus, ...]


@click.command(cls=Command, short_help="Bring the database to this version's schema.")
@options("database_url", "data_dir", "format")
@click.pass_obj
def migrate(common: Common) -> None:
    """Bring the database to the schema of this version; harmless where it is there already."""
    ran = uvloop.run(migrate_store(common.settings()))
    if common.as_json:
        say_json(ran)
        return
    for name in ran:
        click.echo(f"Ran {name}.")
    click.echo("The schema is that of this version.")


@click.command(cls=Command, short_help="Fold views again from the events.")
@click.argument("view", metavar="[VIEW]", required=False)
@options(*STORE)
@click.pass_obj
def rebuild(common: Common, view: str | None) -> None:
    """Fold one view of the workspace, or all of them, again from the events.

    The new rows are built beside the ones being read and take their place at once.
    """

    async def work(house: House) -> tuple[int, list[Fault]]:
        assert house.projector is not None
        try:
            await house.projector.catch_up(common.workspace())
        except ViewsAstray:
            if view is not None:
                raise  # one view alone cannot bring the others back
        with progress("Rebuilding", None, "events") as advance:
            position = await house.projector.rebuild(
                common.workspace(), view, progress=_counting(advance)
            )
        standing = await house.views.watermark(common.workspace())
        return position, [one for one in standing.faults if view in (None, one.view)]

    settings = msgspec.structs.replace(
        common.settings(), project=True, workspace=common.workspace()
    )
    position, faults = in_house_of(settings, work, project=True, missing="refused")
    if faults:
        first = min(faults, key=lambda one: one.position)
        names = ", ".join(one.view for one in faults)
        what = f"Built anew, but {names} of {common.workspace()} stopped at position"
        raise Refused(
            what=f"{what} {first.position:,}: {first.error.rstrip('.')}.",
            how="Mend the cause, then rebuild once more.",
        )
    what = f"The view {view}" if view else "Every view"
    click.echo(f"{what} of {common.workspace()} stands at position {position:,}, built anew.")


@click.command(cls=Command, short_help="Prove the store sound.")
@options(*STORE, "format")
@click.pass_obj
def verify(common: Common) -> None:
    """Prove the workspace's store sound, or name the first fault and exit 1.

    Positions without gaps, moments that never run backwards, every event decodable and under its
    tags, views equal to a replay.
    """
    workspace = common.workspace()

    left: list[str] = []

    async def work(house: House) -> tuple[int, int]:
        step, done, head = "", 0, await house.store.head(workspace)
        with progress("Verifying", None, "checks") as advance:
            async for reached in prove(house.store, house.views, workspace):
                if reached.step != step:
                    step, done = reached.step, 0
                advance(reached.done - done)
                done = reached.done
                if reached.left:
                    left.append(reached.left)
        return head, min(head, (await house.views.watermark(workspace)).position)

    head, views_at = in_house(common, work)
    if common.as_json:
        found = {"workspace": workspace, "sound": True, "position": head, "views_at": views_at}
        say_json(found | {"left": left} if left else found)
    else:
        click.echo(
            f"The store of {workspace} is sound up to position {head:,}; "
            f"its views, at {views_at:,}, equal a replay."
        )
        for one in left:
            click.echo(one)


@click.command(cls=Command, short_help="Say what is installed and how far it is.")
@options("database_url", "data_dir", "format")
@click.pass_obj
def status(common: Common) -> None:
    """Say what is installed, which database it uses, and how far each workspace is."""
    settings = common.settings()

    async def work(house: House) -> Status:
        found = [
            await _workspace_status(house, workspace, head, recorded_at)
            for workspace, head, recorded_at in await house.store.workspaces()
        ]
        far = await house.watch.how_far()
        return Status(
            version=version_text(),
            database=_database_text(settings),
            projecting=far.is_projected,
            lag_events=far.lag_events,
            lag_seconds=far.lag_seconds(house.now()),
            unbuilt=far.unbuilt,
            workspaces=tuple(found),
        )

    found = in_house(common, work, missing="left")
    if common.as_json:
        say_json(found)
        return
    say_facts(
        [
            ("article20", found.version),
            ("database", found.database),
            ("views", _kept(found)),
            ("behind", _behind(found.lag_events, found.lag_seconds)),
        ]
    )
    click.echo()
    say_table(
        ("workspace", "events", "last recorded", "views at", "behind", "faults"),
        [
            (
                w.workspace,
                w.head,
                w.recorded_at,
                w.position,
                _standing(w),
                "; ".join(w.faults) or "none",
            )
            for w in found.workspaces
        ],
    )


def _standing(found: WorkspaceStatus) -> str:
    if found.beyond:
        return "beyond the log"
    if found.astray:
        return "at another event than the log"
    return _behind(found.behind_events, found.behind_seconds)


def _behind(events: int, seconds: float) -> str:
    return f"{events:,} events, {seconds:,.1f} s" if events else "nothing"


def _database_text(settings: Settings) -> str:
    """Which database some settings mean, without any password."""
    if not settings.database_url:
        return f"embedded, in {settings.data_dir}"
    parts = urlsplit(settings.database_url)
    where = parts.hostname or "local socket"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.path.strip('/') or 'postgres'} at {where}{port}"


async def _workspace_status(
    house: House, workspace: str, head: int, recorded_at: datetime | None
) -> WorkspaceStatus:
    mark = await house.views.watermark(workspace)
    behind = max(0, head - mark.position)
    seconds = 0.0
    if behind and recorded_at is not None:
        first_unseen = await house.store.at(workspace, mark.position + 1)
        since = first_unseen.recorded_at if first_unseen is not None else recorded_at
        seconds = max(0.0, (house.now() - since).total_seconds())
    stands_at = await house.store.at(workspace, mark.position) if mark.position else None
    return WorkspaceStatus(
        workspace=workspace,
        head=head,
        recorded_at=recorded_at,
        position=mark.position,
        behind_events=behind,
        behind_seconds=seconds,
        beyond=mark.position > head,
        astray=mark.recorded_at != (stands_at.recorded_at if stands_at is not None else None),
        faults=tuple(f"{f.view} at {f.position}: {f.error}" for f in mark.faults),
    )


def _kept(found: Status) -> str:
    says = "brought forward" if found.projecting else "nobody brings them forward"
    if found.unbuilt:
        says += f"; in {found.unbuilt:,} workspaces yet to be built in the form of this release"
    return says


def _counting(advance: Advance) -> Any:
    """Turns `(done, total)` into steps for a progress bar."""
    seen = 0

    def tell(done: int, total: int) -> None:
        nonlocal seen
        advance(done - seen, total=total)
        seen = done

    return tell
