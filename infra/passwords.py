"""Passwords as argon2id hashes, worked out beside the event loop, a few at a time; it never keeps
one."""

import asyncio
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from domain.errors import Article20Error

PASSWORD_CHARS_MIN: Final = 10
PASSWORD_CHARS_MAX: Final = 1000
MEMORY_KIB: Final = 46 * 1024
PASSES: Final = 1
LANES: Final = 1


class WeakPassword(Article20Error):
    """A password has {least} to {most} characters; choose another one."""

    slug, status = "weak-password", 422


class Passwords:
    """Hashes and checks passwords as OWASP recommends for argon2id: 46 MiB, one pass, one lane.

    One lane, because several checks at a time share the processors anyway. `memory_kib` is less
    only where nothing is to be protected.
    """

    hashes_max: int
    """How many passwords are hashed or checked at a time."""

    def __init__(self, *, hashes_max: int, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES)
        self.hashes_max = hashes_max
        self._places = asyncio.Semaphore(hashes_max)

    async def hash(self, password: str) -> str:
        """The hash to keep; WeakPassword when the password is too short or too long."""
        if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
            raise WeakPassword(least=PASSWORD_CHARS_MIN, most=PASSWORD_CHARS_MAX)
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one that was hashed.

        It takes as long for somebody unknown (`kept` is None), so that time tells nothing.
        """
        if len(password) > PASSWORD_CHARS_MAX:
            return False
        async with self._places:
            return await asyncio.to_thread(self._verify, kept, password)

    def _verify(self, kept: str | None, password: str) -> bool:
        try:
            self._hasher.verify(self._nobody if kept is None else kept, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return kept is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")
