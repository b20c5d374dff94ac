"""Whether the process is alive and able to serve, and its numbers; it never names a workspace."""

import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error
from services.api.access import PUBLIC
from services.api.asking import json_answer
from services.api.describing import route
from services.api.serving import Served, Serving

LOOK_SECONDS: Final = 1.0
"""How often the store is looked at for anyone who asks how it is."""


class Alive(msgspec.Struct, frozen=True):
    """The process is alive."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it can serve.

    `lag_events`: events the views of all workspaces have yet to take in. `faulted_views`: views
    that stopped at an event they could not digest. `listening`: whether changes are heard of at
    once.
    """

    status: str
    store: bool
    listening: bool
    lag_events: int
    faulted_views: int


class Readiness:
    """Looks at the store now and then, and remembers what it saw."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self._seen: Ready | None = None
        self._until = 0.0

    async def look(self) -> Ready:
        """How it is, as of a second ago at most."""
        if self._seen is None or time.monotonic() >= self._until:
            self._seen = await self._look()
            self._until = time.monotonic() + LOOK_SECONDS
        return self._seen

    async def _look(self) -> Ready:
        house = self.serving.house
        lag = faults = 0
        try:
            for workspace, head, _ in await house.store.workspaces():
                watermark = await house.views.watermark(workspace)
                lag += max(0, head - watermark.position)
                faults += len(watermark.faults)
                self.serving.saw(workspace, watermark.position)
            store = True
        except (Article20Error, OSError):
            store = False
        metrics = self.serving.metrics
        metrics.lag_events.set(lag)
        metrics.faulted_views.set(faults)
        return Ready(
            status="ready" if store else "not ready",
            store=store,
            listening=house.listener.is_listening,
            lag_events=lag,
            faulted_views=faults,
        )


@get("/healthz", **route(PUBLIC))
async def healthz() -> Response[Alive]:
    """Alive."""
    return json_answer(Alive())


@get("/readyz", **route(PUBLIC))
async def readyz(serving: Served, readiness: NamedDependency[Readiness]) -> Response[Ready]:
    """Able to serve, with how far the views are behind the log."""
    ready = await readiness.look()
    return json_answer(ready, 200 if ready.store else 503)


async def read_metrics(serving: Served, readiness: NamedDependency[Readiness]) -> Response[Any]:
    """Counts and times for Prometheus."""
    await readiness.look()
    metrics = serving.metrics
    metrics.live_clients.set(serving.hub.count)
    metrics.append_waiting.set(serving.house.appender.waiting)
    return Response(metrics.text(), media_type=metrics.media_type)


def routes(metrics_role: str) -> Sequence[ControllerRouterHandler]:
    """The routes; `metrics_role`: the role that reading the numbers needs."""
    return (
        healthz,
        readyz,
        get("/metrics", media_type=MediaType.TEXT, **route(metrics_role))(read_metrics),
    )
