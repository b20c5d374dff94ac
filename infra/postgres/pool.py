"""Connections to PostgreSQL as the application role; it asks nothing about the data."""

import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from domain.errors import SetupRefused, StoreFull, StoreUnavailable
from infra.postgres.ends import use_true_ends
from infra.postgres.migrate import APP_ROLE, SCHEMA
from infra.postgres.queries import queries

STATEMENT_SECONDS_MAX: Final = 60
LOCK_SECONDS_MAX: Final = 20
IDLE_IN_TRANSACTION_SECONDS_MAX: Final = 60
SENT_BYTES: Final = 4 * 1024 * 1024
"""So much on its way to a server on this machine the kernel takes over at once, if it may."""
UNREACHABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,
)
"""What asyncpg raises when the server is away or going away."""
TURNED_AWAY: Final = (
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
"""What a server refuses connections with whose database is closed to them or not there, as while a
backup is put in its place, or whose user was changed."""
HINDERED: Final = (
    *UNREACHABLE,
    *TURNED_AWAY,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""All of these, and what it raises when the server is there and cannot do its work for now: a full
disk, a statement or a lock that takes too long, a standby that was not promoted."""

SETTINGS: Final = {
    "role": APP_ROLE,
    "search_path": SCHEMA,
    "timezone": "UTC",
    "application_name": "article20",
    "statement_timeout": f"{STATEMENT_SECONDS_MAX}s",
    "lock_timeout": f"{LOCK_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s",
}

_SQL: Final = queries("pool")


async def open_pool(
    dsn: str,
    *,
    connections_max: int = 10,
    check: Callable[[Any], Awaitable[None]] | None = None,
) -> Any:
    """An asyncpg pool whose connections act as the application role.

    Its connections are not reset when they come back, which would cost a round trip each time: who
    borrows one leaves nothing behind in its session, but for a statement that was prepared when its
    caller was cancelled, see `store.snapshot`. Settings are set for a transaction; session locks
    and LISTEN are for connections of their own. `check` looks at each new connection and may
    refuse it. StoreUnavailable when no server answers,
    SetupRefused when it does not know the role.
    """

    async def begin(connection: Any) -> None:
        if check is not None:
            await check(connection)
        await _prepare(connection)

    try:
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=connections_max,
            server_settings=SETTINGS,
            reset=_leave_as_is,
            init=begin,
        )
    except asyncpg.InvalidParameterValueError as error:
        raise _unmigrated(error) from error
    except UNREACHABLE as error:
        raise unavailable(error) from error


async def connect(dsn: str) -> Any:
    """One connection as the application role, outside any pool; errors as of `open_pool`."""
    try:
        connection = await asyncpg.connect(dsn, server_settings=SETTINGS)
        try:
            await _prepare(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection
    except asyncpg.InvalidParameterValueError as error:
        raise _unmigrated(error) from error
    except UNREACHABLE as error:
        raise unavailable(error) from error


def unavailable(error: BaseException) -> StoreUnavailable:
    """The refusal that tells of one of `HINDERED`: StoreFull where the disk is full."""
    reason = str(error) or type(error).__name__
    if isinstance(error, asyncpg.DiskFullError):
        return StoreFull(reason=reason)
    return StoreUnavailable(reason=reason)


async def _prepare(connection: Any) -> None:
    _widen(connection)
    await use_true_ends(connection)
    await _make_room(connection)


def _widen(connection: Any) -> None:
    """Let the kernel take over a large batch at once, as far as the system allows.

    By default it takes 208 KiB, and wakes the process that sends for every page which the server
    has read: of a batch of a thousand events that took as long as making it ready. Over networks
    the kernel finds the size itself.
    """
    sending = connection._transport.get_extra_info("socket")  # nothing of asyncpg's leads to it
    if sending is not None and sending.family == socket.AF_UNIX:
        sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_BYTES)


async def _make_room(connection: Any) -> None:
    """Let the server process of a connection keep memory that it needs again and again.

    PostgreSQL takes what it builds a long value in from malloc. glibc takes what is longer than
    128 KiB from the kernel each time, zeroed page by page, and gives it back at once, until a
    longer one has been let go of: from then on only what is longer than that one. A page of the
    log took the server twice as long without.
    """
    await connection.execute(_SQL["make_room"])


async def _leave_as_is(_connection: Any) -> None:
    """What asyncpg asks of every connection that comes back."""


def _unmigrated(error: asyncpg.PostgresError) -> SetupRefused:
    return SetupRefused(
        what=f"the database is not article20's yet ({error})", how="run `article20 migrate` first"
    )
