"""A transaction that sees and writes the rows of one workspace; it never spans two."""

from typing import Any

import asyncpg

from domain.errors import StoreUnavailable
from infra.postgres.pool import UNREACHABLE
from infra.postgres.queries import queries


class Entered:
    """`async with Entered(pool, workspace) as connection`: committed when the block ends well.

    StoreUnavailable when the server is away.
    """

    def __init__(self, pool: Any, workspace: str) -> None:
        self.pool, self.workspace = pool, workspace

    async def __aenter__(self) -> Any:
        try:
            self.connection = await self.pool.acquire()
        except UNREACHABLE as error:
            raise _unavailable(error) from error
        try:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
            await self.connection.execute(queries("log")["enter"], self.workspace)
        except BaseException as error:
            await self.pool.release(self.connection)
            if isinstance(error, UNREACHABLE):
                raise _unavailable(error) from error
            raise
        return self.connection

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                await self.transaction.commit()
            elif not self.connection.is_closed():
                await self.transaction.rollback()
        except UNREACHABLE as lost:
            raise _unavailable(lost) from lost
        finally:
            await self.pool.release(self.connection)
        if isinstance(error, UNREACHABLE):
            raise _unavailable(error) from error


def constraint(error: asyncpg.PostgresError) -> str:
    """The name of the constraint that refused a row, empty where none did."""
    return str(getattr(error, "constraint_name", None) or "")


def _unavailable(error: BaseException) -> StoreUnavailable:
    return StoreUnavailable(reason=str(error) or type(error).__name__)
