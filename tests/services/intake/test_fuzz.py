"""Deliveries nobody would send, a few of them; `make fuzz` tries many more."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.api.app import enveloped
from services.api.serving import Serving
from services.api.straight import Straight
from services.wiring import open_house
from tests.services.intake.fuzzing import Maker, check, opened
from tests.services.running import WORKSPACE

EXAMPLES = 12
DELIVERIES = 50


async def test_nothing_that_is_sent_breaks_the_server(dsn: str) -> None:
    """Whatever the headers, the query and the body: no answer is a 5xx, and the log holds exactly
    what the answers say was recorded."""
    async with open_house(await opened(dsn), project=False) as house:
        _, secret = await house.sources.add(WORKSPACE, "fuzz", trusted=True)
        serving = Serving(house)
        app = enveloped(serving)
        straight = Straight(serving, app)
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
            several = [maker.made() for _ in range(DELIVERIES)]
            checking = check(house, app, "fuzz", several, straight)
            asyncio.run_coroutine_threadsafe(checking, loop).result(120)

        await asyncio.to_thread(attempt)
