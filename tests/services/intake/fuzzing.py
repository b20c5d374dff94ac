"""Makes deliveries nobody would send and gives them to a server over sockets; run as a program it
tries very many, as `make fuzz` does."""

import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Sequence
from hmac import digest
from pathlib import Path
from typing import Any, Final

import uvloop

from infra.postgres import embedded
from services.api.server import served
from services.house import House, migrate_store, open_house
from services.settings import read_settings
from tests import loopback
from tests.services.intake.over_wire import (
    Header,
    Made,
    Spoken,
    conversations,
    spoken,
)
from tests.services.running import WORKSPACE, claim

SECRET_KEY: Final = "a key for tests, of forty letters or so"
RATE: Final = "1000000"
TOGETHER: Final = 1000
"""How many connections are under way at a time."""
LOOK_SECONDS: Final = 0.02
AGREEING_LOOKS_MAX: Final = 500
"""How often the log is looked at until it agrees with the answers."""
UNANSWERED: Final = 0
"""Counts connections on which nothing was answered: what came had no end, and its sender left."""
TYPES: Final = (
    b"application/json",
    b"application/json; charset=utf-8",
    b"application/cloudevents+json",
    b"application/cloudevents-batch+json",
)
ODD_TYPES: Final = (b"", b"text/plain", b"application/json; charset=x", b"\xff", b";;", b"a" * 5000)
ODD_VALUES: Final[tuple[Any, ...]] = (
    None, True, -1, 0, 2**70, 1e308, "", " ", "\0", "\ud800", "x" * 5000, "A" * 3, "2026-13-45",
    [], {}, [[]], {"": {}}, "9999-12-31", "0000", "XXXX-XX", "~", "/", "state", "١٢٣٤",
    [None] * 300,
)  # fmt: skip
ODD_BYTES: Final = (
    b"\x00",
    b"\xff",
    b"{",
    b"]",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b"1e999",
    b"[" * 2000,
)
ODD_HEADERS: Final = (
    b"", b"\xff", b"v1", b"v1,", b"v1,!", b"v1a,AAAA", b"1.5", b"-1", b"9" * 12, b"9" * 40, b" ",
    b"a b", b"x" * 300, b"\xc3\xa9", b"%00", b"1.0", b"0.3",
)  # fmt: skip
CE: Final = ((b"ce-specversion", b"1.0"), (b"ce-source", b"/fuzz"), (b"ce-type", b"org.example"))
NAMES: Final = (
    b"webhook-id", b"webhook-timestamp", b"webhook-signature", b"svix-id", b"svix-timestamp",
    b"svix-signature", b"content-type", b"content-length", b"ce-id", b"ce-source", b"ce-x\xff",
    b"ce-specversion", b"ce-time", b"ce-" + b"a" * 90,
)  # fmt: skip


class Maker:
    """Makes the same deliveries again from the same seed."""

    def __init__(self, seed: int, secret: str) -> None:
        self.random = random.Random(seed)
        self.secret = b64decode(secret.removeprefix("whsec_"))

    def made(self) -> Made:
        """One delivery: mostly signed well, with something odd in its body, its headers, or both;
        now and then nothing is odd at all."""
        any_ = self.random
        media = any_.choice(TYPES) if any_.random() < 0.95 else any_.choice(ODD_TYPES)
        body = self._body(media)
        headers = self._headers(media, body)
        if any_.random() < 0.2:
            headers = self._odd(headers)
        queries = (b"", b"", b"", b"atomic=true", b"atomic=x", b"atomic=true&atomic=true", b"%ff")
        return Made(headers, any_.choice(queries), body)

    def spoken(self, source: str) -> Spoken:
        """What goes over one connection: mostly one delivery, now and then several."""
        several = [self.made() for _ in range(self.random.choice((1, 1, 1, 1, 1, 3)))]
        return spoken(source, several, self.random)

    def _body(self, media: bytes) -> bytes:
        any_ = self.random
        plain: Any = self._claim()
        if b"batch" in media:
            plain = [self._event() for _ in range(any_.randrange(4))]
        elif b"cloudevents" in media:
            plain = self._event()
        for _ in range(any_.choice((0, 1, 1, 1, 2, 4))):
            plain = self._changed(plain)
        body = bytearray(json.dumps(plain, allow_nan=True).encode())
        for _ in range(any_.choice((0, 0, 0, 1, 3))):
            at = any_.randrange(len(body) + 1)
            body[at : at + any_.choice((0, 1, 5))] = any_.choice(ODD_BYTES)
        return bytes(body)

    def _claim(self) -> dict[str, Any]:
        id_ = f"fuzz-{self.random.randrange(3000)}"
        return claim(id=id_ if self.random.random() < 0.5 else None)

    def _event(self) -> dict[str, Any]:
        number = self.random.randrange(3000)
        fixed = {"specversion": "1.0", "source": "/fuzz", "type": "org.example.claim"}
        return {**fixed, "id": str(number), "data": self._claim()}

    def _changed(self, plain: Any) -> Any:
        """The value with something odd put in one place of it."""
        any_ = self.random
        if any_.random() < 0.3 or not isinstance(plain, dict | list) or not plain:
            return any_.choice(ODD_VALUES)
        if isinstance(plain, list):
            at = any_.randrange(len(plain))
            return [*plain[:at], self._changed(plain[at]), *plain[at + 1 :]]
        name = any_.choice(sorted(plain))
        if any_.random() < 0.1:
            return {**plain, any_.choice(("", "x", "a/b", "~", "\0", name * 50)): plain[name]}
        return {**plain, name: self._changed(plain[name])}

    def _headers(self, media: bytes, body: bytes) -> list[Header]:
        any_ = self.random
        id_, sent = b"fuzz-%d" % any_.randrange(20_000), b"%d" % time.time()
        signature = b64encode(digest(self.secret, b".".join((id_, sent, body)), "sha256"))
        headers = [
            (b"content-type", media),
            (b"content-length", b"%d" % len(body)),
            (b"webhook-id", id_),
            (b"webhook-timestamp", sent),
            (b"webhook-signature", b"v1," + signature),
        ]
        if media.startswith(b"application/json") and any_.random() < 0.3:
            headers += [*CE, (b"ce-id", b"%d" % any_.randrange(3000))]
        return headers

    def _odd(self, headers: list[Header]) -> list[Header]:
        any_ = self.random
        at = any_.randrange(len(headers))
        name, value = headers[at]
        match any_.randrange(4):
            case 0:
                return headers[:at] + headers[at + 1 :]
            case 1:
                return [*headers, (name, value)]
            case 2:
                return [*headers, (any_.choice(NAMES), any_.choice(ODD_HEADERS))]
            case _:
                return [*headers[:at], (name, any_.choice(ODD_HEADERS)), *headers[at + 1 :]]


async def check(house: House, port: int, source: str, several: Sequence[Spoken]) -> Counter[int]:
    """Deliver several at once over the wire; AssertionError where one breaks the server, or where
    the log holds more or less than the answers say."""
    before = await house.store.head(WORKSPACE)
    found: Counter[int] = Counter()
    async with conversations(port, several) as connections:
        for _ in range(AGREEING_LOOKS_MAX):
            recorded = sum(told.recorded for one in connections for told in one.answers)
            added = await house.store.head(WORKSPACE) - before
            if added == recorded:
                break
            await asyncio.sleep(LOOK_SECONDS)
        assert added == recorded, (added, recorded, several)
    for one in connections:
        found[UNANSWERED] += not one.answers
        for told in one.answers:
            assert told.status < 500, (told, one.said)
            assert told.status < 300 or json.loads(told.body)["status"] == told.status, one.said
            found[told.status] += 1
    return found


def _say(what: str, found: Counter[int]) -> None:
    sys.stdout.write(f"{what}: {dict(sorted(found.items()))}\n")
    sys.stdout.flush()


async def opened(dsn: str) -> Any:
    """Settings of a house in which nothing is limited by its rate."""
    names = ("SOURCE_REQUESTS_PER_SECOND_MAX", "SOURCE_BURST_REQUESTS_MAX")
    environ = {"DATABASE_URL": dsn, "WORKSPACE": WORKSPACE, "SECRET_KEY": SECRET_KEY}
    environ |= {"PORT": str(loopback.free_port())} | dict.fromkeys(names, RATE)
    return read_settings({f"ARTICLE20_{name}": value for name, value in environ.items()})


async def fuzz(dsn: str, cases: int, seed: int) -> Counter[int]:
    """Try deliveries on so many connections, from a seed on; how many answers had which status."""
    settings = await opened(dsn)
    await migrate_store(settings)
    found: Counter[int] = Counter()
    source = f"fuzz-{seed}"
    async with open_house(settings, project=False) as house, served(house):
        _, secret = await house.sources.add(WORKSPACE, source, trusted=True)
        for turn in range(-(-cases // TOGETHER)):
            maker = Maker(seed * 1_000_003 + turn, secret)
            several = [maker.spoken(source) for _ in range(TOGETHER)]
            found += await check(house, settings.port, source, several)
            if turn % 10 == 0:
                _say(f"{turn * TOGETHER:,} connections tried", found)
    return found


def main() -> None:
    """Try as many as the first argument says, on a database of their own."""
    cases = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    folder = Path(tempfile.mkdtemp(prefix="a20-"))
    server = embedded.start(folder)
    try:
        found = uvloop.run(fuzz(server.dsn, cases, seed))
        _say(f"{cases:,} connections from seed {seed}", found)
    finally:
        server.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
