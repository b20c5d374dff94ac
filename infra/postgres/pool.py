"""Connections to PostgreSQL as the application role; it never runs a query of its own."""

from typing import Any, Final

import asyncpg

from domain.errors import StoreUnavailable
from infra.postgres.migrate import APP_ROLE, SCHEMA

STATEMENT_SECONDS_MAX: Final = 60
LOCK_SECONDS_MAX: Final = 20
IDLE_IN_TRANSACTION_SECONDS_MAX: Final = 60
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

SETTINGS: Final = {
    "role": APP_ROLE,
    "search_path": SCHEMA,
    "timezone": "UTC",
    "application_name": "article20",
    "statement_timeout": f"{STATEMENT_SECONDS_MAX}s",
    "lock_timeout": f"{LOCK_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s",
}


async def open_pool(dsn: str, *, connections_max: int = 10) -> Any:
    """An asyncpg pool whose connections act as the application role; StoreUnavailable when none
    answers."""
    try:
        return await asyncpg.create_pool(
            dsn, min_size=1, max_size=connections_max, server_settings=SETTINGS
        )
    except UNREACHABLE as error:
        raise StoreUnavailable(reason=str(error) or type(error).__name__) from error


async def connect(dsn: str) -> Any:
    """One connection as the application role, outside any pool; StoreUnavailable when none
    answers."""
    try:
        return await asyncpg.connect(dsn, server_settings=SETTINGS)
    except UNREACHABLE as error:
        raise StoreUnavailable(reason=str(error) or type(error).__name__) from error
