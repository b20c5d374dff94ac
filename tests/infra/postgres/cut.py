"""A way to PostgreSQL that loses chosen messages; for tests of commits whose outcome is unknown."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

SOCKET = ".s.PGSQL.5432"


class Cut:
    """Passes everything on until told to lose the next request for an append, or its answer."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.loses_request = False
        self.loses_answer = False
        self.cuts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side ends it."""
        from_server, to_server = await asyncio.open_unix_connection(self.behind)
        await asyncio.gather(
            self._pass_on(reader, to_server, self._is_lost_request),
            self._pass_on(from_server, writer, self._is_lost_answer),
        )

    def _is_lost_request(self, message: bytes) -> bool:
        lost = self.loses_request and b"lost:" in message
        self.loses_request = self.loses_request and not lost
        return lost

    def _is_lost_answer(self, message: bytes) -> bool:
        # An execution that ended: data row, completion, ready.
        lost = self.loses_answer and b"SELECT 1\0" in message
        self.loses_answer = self.loses_answer and not lost
        return lost

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        is_lost: Callable[[bytes], bool],
    ) -> None:
        try:
            while message := await reader.read(2**20):
                if is_lost(message):
                    self.cuts += 1
                    break
                writer.write(message)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def cut(dsn: str) -> AsyncIterator[tuple[Cut, str]]:
    """A cut before a server, and the address that leads through it."""
    (folder,) = parse_qs(urlsplit(dsn).query)["host"]
    between = Cut(str(Path(folder) / SOCKET))
    with TemporaryDirectory(prefix="a20-") as name:
        server = await asyncio.start_unix_server(between.serve, Path(name) / SOCKET)
        yield between, dsn.replace(folder, name)
        server.close()
