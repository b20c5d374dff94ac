"""Attempts at passwords, counted before they are judged and taken back once they were right; it
never learns a password, nor whose it is."""

import asyncio
import hashlib
import ipaddress
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from domain.errors import Article20Error
from infra.postgres.queries import queries
from infra.postgres.scope import Entered

HOUSEHOLD_BITS_V6: Final = 64
ALONE_FACTOR: Final = 10
"""One e-mail, or one address, may fail this many times as often as the two together."""


class TooManyLogins(Article20Error):
    """Too many logins failed. Try again in {retry_after_seconds} s."""

    slug, status, retryable = "too-many-logins", 429, True


class LoginBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a login lasts, and how many may fail within which window."""

    session_hours: int
    attempts_max: int
    window_seconds: int


class Elsewhere:
    """Attempts at desks that do not exist, each of which is judged as slowly as any other: counted
    in this process alone, because nothing is kept in the store of what anybody can make up."""

    KEPT_MAX: Final = 100_000

    def __init__(self, bounds: LoginBounds, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.bounds, self.clock = bounds, clock
        self._kept: dict[bytes, tuple[float, int]] = {}

    def count(self, subjects: Sequence[bytes]) -> None:
        """Count an attempt; TooManyLogins where there were as many as may be."""
        now, window = self.clock(), self.bounds.window_seconds
        held = [self._kept.get(subject, (now, 0)) for subject in subjects]
        held = [(since, made) if now < since + window else (now, 0) for since, made in held]
        waits = [
            since + window - now
            for (since, made), most in zip(held, _most(self.bounds), strict=True)
            if made >= most
        ]
        if waits:
            raise TooManyLogins(retry_after_seconds=max(1, math.ceil(max(waits))))
        if len(self._kept) >= self.KEPT_MAX:
            self._kept.clear()
        for subject, (since, made) in zip(subjects, held, strict=True):
            self._kept[subject] = (since, made + 1)


class Attempts:
    """Bounds how often passwords may be guessed, and lets any number of right ones through.

    `at_once`: how many are judged at a time. Those under way count as failures until they are
    known to be right, so the others wait for their turn to be counted.
    """

    def __init__(self, pool: Any, bounds: LoginBounds, *, at_once: int) -> None:
        self.pool, self.bounds = pool, bounds
        self._turns = asyncio.Semaphore(min(at_once, bounds.attempts_max))
        self._under_way: Counter[bytes] = Counter()

    @asynccontextmanager
    async def judging(
        self, workspace: str, subjects: Sequence[bytes]
    ) -> AsyncIterator[Callable[[], None]]:
        """Count an attempt while a password is judged; who finds it right calls what this gives.

        TooManyLogins when too many failed: at once where that is so already, so that nobody waits
        for a turn in vain.
        """
        async with Entered(self.pool, workspace) as connection:
            await self._refuse_beyond(connection, workspace, subjects, self._under_way)
        was_right = False

        def right() -> None:
            nonlocal was_right
            was_right = True

        async with self._turns:
            attempt = uuid4()
            async with Entered(self.pool, workspace) as connection:
                await connection.execute(queries("people")["lock_logins"], workspace)
                await self._refuse_beyond(connection, workspace, subjects)
                await connection.execute(
                    queries("people")["add_attempts"], workspace, list(subjects), attempt
                )
            self._under_way.update(subjects)
            try:
                yield right
                if was_right:
                    await self._take_back(workspace, subjects, attempt)
            finally:
                self._under_way.subtract(subjects)
                self._under_way += Counter()

    async def _take_back(self, workspace: str, subjects: Sequence[bytes], attempt: UUID) -> None:
        """Forget what failed before, and of the address this attempt alone: one who knows one
        password may be guessing others."""
        async with Entered(self.pool, workspace) as connection:
            await connection.execute(
                queries("people")["clear_attempts"], workspace, list(subjects), subjects[2], attempt
            )

    async def _refuse_beyond(
        self,
        connection: Any,
        workspace: str,
        subjects: Sequence[bytes],
        under_way: Mapping[bytes, int] = MappingProxyType({}),
    ) -> None:
        window, bounds = self.bounds.window_seconds, _most(self.bounds)
        await connection.execute(queries("people")["forget_attempts"], workspace, window)
        rows = await connection.fetch(
            queries("people")["count_attempts"], workspace, list(subjects)
        )
        found = {row["subject"]: row for row in rows}
        waits = [
            window - found[subject]["first_seconds_ago"]
            for subject, bound in zip(subjects, bounds, strict=True)
            if subject in found and found[subject]["attempts"] - under_way.get(subject, 0) >= bound
        ]
        if waits:
            raise TooManyLogins(retry_after_seconds=max(1, math.ceil(max(waits))))


def subjects_of(email: str, address: str) -> tuple[bytes, ...]:
    """Digests of who tries from where: the two together, the e-mail alone, the address alone."""
    place = _household(address)
    return tuple(
        hashlib.sha256(text.encode()).digest()
        for text in (f"both\0{email}\0{place}", f"email\0{email}", f"address\0{place}")
    )


def _most(bounds: LoginBounds) -> tuple[int, int, int]:
    """How many may fail: of the two together, of the e-mail alone, of the address alone."""
    least = bounds.attempts_max
    return least, least * ALONE_FACTOR, least * ALONE_FACTOR


def _household(address: str) -> str:
    """What one connection to the internet has of addresses: of IPv6, all of one network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), HOUSEHOLD_BITS_V6), strict=False))
