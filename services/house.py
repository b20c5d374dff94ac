"""Puts the house together: database, log, views, desk, as the settings say; it decides nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from domain.alliances import read_alliances
from domain.circles import Circles, read_regions
from domain.errors import SetupRefused
from domain.weights import Weights, read_weights
from infra import shipped
from infra.mail import mail_by
from infra.outgoing import Outgoing
from infra.passwords import Passwords
from infra.postgres import embedded
from infra.postgres.desk.attempts import LoginBounds
from infra.postgres.desk.audit import Audit
from infra.postgres.desk.deliveries import Bounds, Deliveries
from infra.postgres.desk.feeds import Feeds
from infra.postgres.desk.imports import Imports
from infra.postgres.desk.people import People
from infra.postgres.desk.roster import Roster
from infra.postgres.desk.sources import Sources
from infra.postgres.listener import ACCESS, Listener
from infra.postgres.log.appender import Appender
from infra.postgres.log.lineage import Lineage
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import migrate
from infra.postgres.observer import Observer
from infra.postgres.pool import UNREACHABLE, open_pool
from infra.postgres.projecting.projector import Projector
from infra.postgres.projecting.watching import Watch
from infra.postgres.reading.changes import Changes
from infra.postgres.reading.desk_figures import DeskFigures
from infra.postgres.reading.desk_views import DeskViews
from infra.postgres.reviving import keep_running
from infra.sealing import Sealer, kept_key
from services.settings import Settings
from services.workspaces import Missing, come_to

POSTGRES_VERSION_MIN: Final = 18


class House:
    """Everything the services work with, opened by `open_house`.

    `sealer` is None where a database of one's own is used without a secret key; `projector` where
    views don't follow the log in this process. `made_workspace`: whether its workspace was not
    there before.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        dsn: str,
        pool: Any,
        listener: Listener,
        sealer: Sealer | None,
        weights: Weights,
        circles: Circles,
        lineage: Lineage,
    ) -> None:
        self.settings = settings
        self.dsn = dsn
        self.pool = pool
        self.listener = listener
        self.sealer = sealer
        self.weights, self.circles = weights, circles
        self.store = EventStore(pool)
        self.appender = Appender(
            pool,
            lineage=lineage,
            batch_requests_max=settings.append_requests_max,
            batch_bytes_max=settings.append_bytes_max,
            queue_requests_max=settings.append_waiting_max,
        )
        self.views = DeskViews(pool, listener, lineage)
        self.figures = DeskFigures(self.views, shelves_bytes_max=settings.figures_bytes_max)
        self.watch = Watch(pool)
        self.lineage = lineage
        self.changes = Changes(pool, claims_max=settings.live_claims_max)
        self.people = People(
            pool,
            Passwords(hashes_max=settings.login_hashes_max),
            LoginBounds(
                session_hours=settings.session_hours,
                attempts_max=settings.login_attempts_max,
                window_seconds=settings.login_window_seconds,
            ),
        )
        self.audit = Audit(pool)
        self.roster = Roster(pool, self.people, invitation_hours=settings.invitation_hours)
        self.mail = mail_by(settings.smtp_url, settings.mail_from, settings.mail_seconds_max)
        self.sources = Sources(pool, sealer)
        self.feeds = Feeds(pool)
        self.outgoing = Outgoing(
            bytes_max=settings.feed_bytes_max,
            seconds_max=settings.feed_seconds_max,
            private_hosts=settings.outgoing_private_hosts.split(","),
        )
        self.deliveries = Deliveries(
            pool,
            Bounds(
                days_max=settings.deliveries_days_max,
                bodies_days_max=settings.refused_bodies_days_max,
                bodies_bytes_max=settings.refused_bodies_bytes_max,
                waiting_max=settings.deliveries_waiting_max,
            ),
        )
        self.imports = Imports(pool)
        self.projector: Projector | None = None
        self.made_workspace = False

    def observe(self, observer: Observer) -> None:
        """Tell `observer` of every batch from now on."""
        self.appender.observer = observer
        if self.projector is not None:
            self.projector.observer = observer

    def now(self) -> datetime:
        """This moment, UTC."""
        return datetime.now(UTC)


@asynccontextmanager
async def open_house(
    settings: Settings, *, project: bool, missing: Missing = "first"
) -> AsyncIterator[House]:
    """The house of some settings, its database started if need be and brought to this release.

    `project`: whether this process listens to notifications, keeps the embedded server running and,
    unless the settings leave that to another, brings the views forward. `missing`: what becomes of
    the workspace of the settings where it is not there; UnknownWorkspace.
    When it closes, what waits for the log is written first. SetupRefused or StoreUnavailable say
    what stands in the way.
    """
    async with AsyncExitStack() as stack:
        dsn, server = await _database(settings, stack)
        await _migrated(dsn)
        lineage = Lineage()
        pool = await open_pool(
            dsn, connections_max=settings.database_connections_max, check=lineage.check
        )
        stack.push_async_callback(_closed, pool)
        listener = Listener(dsn)
        stack.push_async_callback(listener.close)
        house = House(
            settings=settings,
            dsn=dsn,
            pool=pool,
            listener=listener,
            sealer=_sealer(settings),
            weights=read_weights(shipped.weights()),
            circles=Circles(read_alliances(shipped.alliances()), read_regions(shipped.regions())),
            lineage=lineage,
        )
        house.made_workspace = await come_to(house.store, settings.workspace, missing)
        stack.push_async_callback(house.appender.close)
        stack.push_async_callback(house.deliveries.flush)
        stack.push_async_callback(house.audit.flush)
        if project:
            await listener.start()
            works = [_follow_access(house), *([] if server is None else [keep_running(server)])]
            if settings.project:
                house.projector = Projector(
                    dsn, listener, house.views, events_max=settings.project_events_max
                )
                works.append(house.projector.run())
            for work in works:
                stack.push_async_callback(_stopped, asyncio.create_task(work))
        yield house


async def migrate_store(settings: Settings) -> list[str]:
    """Bring the database of some settings to this release; the names of the migrations that ran."""
    async with AsyncExitStack() as stack:
        dsn, _ = await _database(settings, stack)
        return await _migrated(dsn)


async def _database(
    settings: Settings, stack: AsyncExitStack
) -> tuple[str, embedded.EmbeddedServer | None]:
    """Where the database is, and the embedded server where that is ours."""
    if settings.database_url:
        return settings.database_url, None
    starting = asyncio.create_task(asyncio.to_thread(embedded.start, settings.data_dir))
    stack.push_async_callback(_stopped_server, starting)
    # A thread cannot be cancelled: whoever ends us meanwhile has it stopped once it has started.
    server = await asyncio.shield(starting)
    return server.dsn, server


async def _stopped_server(starting: asyncio.Task[embedded.EmbeddedServer]) -> None:
    await asyncio.wait({starting})
    if starting.exception() is None:
        await asyncio.to_thread(starting.result().close)


async def _migrated(dsn: str) -> list[str]:
    try:
        connection = await asyncpg.connect(dsn)
        version = connection.get_server_version().major
        await connection.close()
        if version < POSTGRES_VERSION_MIN:
            raise SetupRefused(
                what=f"the database is PostgreSQL {version}",
                how=f"use PostgreSQL {POSTGRES_VERSION_MIN}",
            )
        return await migrate(dsn)
    except (*UNREACHABLE, asyncpg.PostgresError, ValueError) as error:
        raise SetupRefused(
            what=f"the database cannot be used ({_one_line(error)})",
            how="check --database-url, the user's rights and that the server runs",
        ) from error


def _sealer(settings: Settings) -> Sealer | None:
    if settings.secret_key:
        return Sealer(settings.secret_key, settings.secret_key_previous)
    if settings.database_url:
        return None
    return Sealer(kept_key(settings.data_dir))


async def _follow_access(house: House) -> None:
    """Forget remembered sources whenever any process changes one."""
    while True:
        if await house.listener.wait_any(ACCESS):
            house.sources.forget()


async def _closed(pool: Any) -> None:
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
