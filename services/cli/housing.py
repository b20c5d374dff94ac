"""Opens the house for one command and closes it after; it never keeps it open longer."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

from services.cli.options import Common
from services.house import House, open_house
from services.settings import Settings

T = TypeVar("T")


def in_house(common: Common, work: Callable[[House], Awaitable[T]], *, project: bool = False) -> T:
    """What `work` returns, done in a house of the settings the options amount to.

    `project`: whether views follow the log while it works.
    """
    return in_house_of(common.settings(), work, project=project)


def in_house_of(settings: Settings, work: Callable[[House], Awaitable[T]], *, project: bool) -> T:
    """What `work` returns, done in the house of `settings`.

    Whoever ends the process politely finds the house closed: what waited for the log is written,
    and a PostgreSQL that was started is stopped.
    """

    async def open_and_work() -> T:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_IGN:
                continue  # as under nohup: whoever started it wants it to go on
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        async with open_house(settings, project=project) as house:
            return await work(house)

    return uvloop.run(open_and_work())
