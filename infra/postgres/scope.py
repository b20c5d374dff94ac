"""A transaction that sees and writes the rows of one workspace; it never spans two."""

from typing import Any

import asyncpg

from infra.postgres.pool import HINDERED, unavailable
from infra.postgres.queries import queries


class Entered:
    """`async with Entered(pool, workspace) as connection`: committed when the block ends well.

    StoreUnavailable when the server is away or hindered.
    """

    def __init__(self, pool: Any, workspace: str) -> None:
        self.pool, self.workspace = pool, workspace

    async def __aenter__(self) -> Any:
        try:
            self.connection = await self.pool.acquire()
        except HINDERED as error:
            raise unavailable(error) from error
        try:
            self.transaction = self.connection.transaction()
            # Entered and left as by `async with`: asyncpg then knows that whoever is cancelled in
            # between leaves nothing behind, and complains to nobody.
            await self.transaction.__aenter__()
            await self.connection.execute(queries("log")["enter"], self.workspace)
        except BaseException as error:
            await self.pool.release(self.connection)
            if isinstance(error, HINDERED):
                raise unavailable(error) from error
            raise
        return self.connection

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None or not self.connection.is_closed():
                await self.transaction.__aexit__(kind, error, trace)
        except HINDERED as lost:
            raise unavailable(lost) from lost
        finally:
            await self.pool.release(self.connection)
        if isinstance(error, HINDERED):
            raise unavailable(error) from error


def constraint(error: asyncpg.PostgresError) -> str:
    """The name of the constraint that refused a row, empty where none did."""
    return str(getattr(error, "constraint_name", None) or "")
