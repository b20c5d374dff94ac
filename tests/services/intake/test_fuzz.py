"""Deliveries nobody would send, a few of them; `make fuzz` tries many more."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.api.server import served
from services.house import open_house
from tests.services.intake.fuzzing import Maker, check, opened
from tests.services.running import WORKSPACE

EXAMPLES = 3
CONNECTIONS = 150


async def test_nothing_that_is_sent_breaks_the_server(dsn: str) -> None:
    """Whatever goes over a connection, by its heads, bodies and pieces: no answer is a 5xx, and the
    log holds exactly what the answers say was recorded."""
    settings_ = await opened(dsn)
    async with open_house(settings_, project=False) as house, served(house):
        _, secret = await house.sources.add(WORKSPACE, "fuzz", trusted=True)
        loop = asyncio.get_running_loop()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(seed=some.integers(0, 2**40))
        def attempt(seed: int) -> None:
            maker = Maker(seed, secret)
            several = [maker.spoken("fuzz") for _ in range(CONNECTIONS)]
            checking = check(house, settings_.port, "fuzz", several)
            asyncio.run_coroutine_threadsafe(checking, loop).result(120)

        await asyncio.to_thread(attempt)
