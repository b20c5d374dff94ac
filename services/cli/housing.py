"""Opens the house for one command and closes it after; it never keeps it open longer."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

from services.cli.options import Common
from services.wiring import House, open_house

T = TypeVar("T")


def in_house(common: Common, work: Callable[[House], Awaitable[T]], *, project: bool = False) -> T:
    """What `work` returns, done in a house of the settings the options amount to.

    `project`: whether views follow the log while it works.
    """
    settings = common.settings()

    async def open_and_work() -> T:
        async with open_house(settings, project=project) as house:
            return await work(house)

    return uvloop.run(open_and_work())
