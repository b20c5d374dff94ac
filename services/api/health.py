"""Whether the process is alive and able to serve, and its numbers; it never names a workspace."""

import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from domain.errors import Article20Error, StoreFull
from services.api.access import PUBLIC
from services.api.asking import json_answer
from services.api.describing import route
from services.api.serving import Served, Serving
from services.wiring import HowFar, LogReplaced

LOOK_SECONDS: Final = 1.0
"""How often the store is looked at for anyone who asks how it is."""

NO_ROOM: Final = "Able to serve readers. Nothing can be recorded: the store has no room left."
UNBUILT: Final = (
    "Able to record. Views are being built in the form of this release, and read when that is done:"
    " stop what still runs of an older one."
)
NOT_RECORDED: Final = (
    "Able to serve readers. What was last to be recorded the store did not take; its log says why."
)


class Alive(msgspec.Struct, frozen=True):
    """The process is alive."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it can serve, and what stands in the way.

    `recording`: whether the log took what this process last gave it; readers are served anyway.
    `lag_events`, `lag_seconds`: events the views of all workspaces have yet to take in, and how
    long the oldest has waited. `faulted_views`: how many views stopped at an event they could not
    digest, in all workspaces; `faulted`: their names. `projecting`: whether some process brings the
    views forward. `beyond`: workspaces whose views stand beyond the end of their log. `unbuilt`:
    workspaces whose views have yet to be built in the form of this release, which are answered 503
    until then. `listening`: whether changes are heard of at once.
    """

    status: str
    detail: str
    store: bool
    recording: bool
    listening: bool
    projecting: bool
    lag_events: int
    lag_seconds: float
    faulted_views: int
    faulted: tuple[str, ...]
    beyond: int
    unbuilt: int


NOTHING_SEEN: Final = HowFar(
    workspaces=0,
    lag_events=0,
    waiting_since=None,
    beyond=0,
    faulted={},
    unbuilt=0,
    is_projected=False,
)


class Readiness:
    """Looks at the store now and then, and remembers what it saw."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self._seen: Ready | None = None
        self._until = 0.0

    async def look(self) -> Ready:
        """How it is, as of a second ago at most; whether it records, as of now."""
        if self._seen is None or time.monotonic() >= self._until:
            self._seen = await self._look()
            self._until = time.monotonic() + LOOK_SECONDS
        hindrance = self.serving.metrics.hindrance
        if hindrance is None or not self._seen.store:
            return self._seen
        detail = NO_ROOM if isinstance(hindrance, StoreFull) else NOT_RECORDED
        return msgspec.structs.replace(self._seen, recording=False, detail=detail)

    async def _look(self) -> Ready:
        house, now = self.serving.house, self.serving.house.now()
        found, store, detail = NOTHING_SEEN, True, "Able to serve."
        try:
            found = await house.watch.how_far()
        except LogReplaced as error:
            store, detail = False, str(error)
        except (Article20Error, OSError):
            store, detail = False, "The store does not answer; the log of this process says why."
        self.serving.metrics.looked(found, now)
        if found.beyond:
            detail = "Views stand beyond the end of their log: `article20 status` says which."
        elif found.faulted:
            detail = "Views have stopped: `article20 status` says where and at which event."
        elif found.unbuilt:
            detail = UNBUILT
        return Ready(
            status="ready" if store else "not ready",
            detail=detail,
            store=store,
            recording=store,
            listening=house.listener.is_listening,
            projecting=found.is_projected,
            lag_events=found.lag_events,
            lag_seconds=round(found.lag_seconds(now), 3),
            faulted_views=sum(found.faulted.values()),
            faulted=tuple(found.faulted),
            beyond=found.beyond,
            unbuilt=found.unbuilt,
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
    metrics, house = serving.metrics, serving.house
    metrics.live_clients.set(serving.hub.count)
    metrics.append_waiting.set(house.appender.waiting)
    metrics.log_replaced.set(house.lineage.replaced)
    if house.projector is not None:
        metrics.leading.set(house.projector.is_leading)
        metrics.beat.set(house.projector.beat_at)
    return Response(metrics.text(), media_type=metrics.media_type)


def routes(metrics_role: str) -> Sequence[ControllerRouterHandler]:
    """The routes; `metrics_role`: the role that reading the numbers needs."""
    return (
        healthz,
        readyz,
        get("/metrics", media_type=MediaType.TEXT, **route(metrics_role))(read_metrics),
    )
