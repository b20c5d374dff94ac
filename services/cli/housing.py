"""Opens the house for one command and closes it after; it never keeps it open longer."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import click
import msgspec
import uvloop

from services.cli.options import Common
from services.house import House, open_house
from services.settings import DEFAULT_WORKSPACE, Settings
from services.workspaces import Missing

T = TypeVar("T")
ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def in_house(
    common: Common,
    work: Callable[[House], Awaitable[T]],
    *,
    project: bool = False,
    missing: Missing = "refused",
) -> T:
    """What `work` returns, done in a house of the settings the options amount to.

    `project`: whether views follow the log while it works. `missing`: what becomes of a workspace
    that is not there; one that is named by the option is never made as the first.
    """
    settings = msgspec.structs.replace(common.settings(), workspace=common.workspace())
    if missing == "first" and "workspace" in common.said:
        missing = "refused"
    return in_house_of(settings, work, project=project, missing=missing)


def in_house_of(
    settings: Settings,
    work: Callable[[House], Awaitable[T]],
    *,
    project: bool,
    missing: Missing,
) -> T:
    """What `work` returns, done in the house of `settings`.

    Whoever ends the process politely finds the house closed: what waited for the log is written,
    and a PostgreSQL that was started is stopped. While the loop is put up, those who would end it
    wait: they are heard once it can be told to stop, and never in the middle of making it.
    """

    is_default = settings.workspace == DEFAULT_WORKSPACE

    async def open_and_work() -> T:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_IGN:
                continue  # as under nohup: whoever started it wants it to go on
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        async with open_house(settings, project=project, missing=missing) as house:
            if house.made_workspace and missing == "first" and not is_default:
                click.echo(f"Made the workspace {settings.workspace}.", err=True)
            return await work(house)

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        return uvloop.run(open_and_work())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
