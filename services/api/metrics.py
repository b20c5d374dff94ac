"""Counts and times for Prometheus; they name routes and views, never workspaces, people or
addresses.

What the log and the views do is told once per batch, see `infra.postgres.observer`; what the store
holds is looked at when somebody asks, at most once a second.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from domain.errors import StoreUnavailable
from services.wiring import OUTCOMES, HowFar, Observer

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
FAILED: Final = "failed"


class Answers(Collector):
    """Answers counted as plain numbers, brought into the form of the library when somebody asks:
    its own counters would take longer to count a quick answer than writing it does."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, list[float]] = {}

    def add(self, route: str, method: str, status: int, seconds: float | None) -> None:
        """Count one answer; `seconds` is None for a stream."""
        key = route, method, status
        self._counts[key] = self._counts.get(key, 0) + 1
        if seconds is None:
            return
        times = self._times.get(route)
        if times is None:
            # So many answers up to each of SECONDS, those beyond, and the seconds in all.
            times = self._times[route] = [0.0] * (len(SECONDS) + 2)
        times[bisect_left(SECONDS, seconds)] += 1
        times[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """The counts as the library sends them."""
        requests = CounterMetricFamily(
            "article20_requests",
            "Requests answered, by route and status.",
            labels=("route", "method", "status"),
        )
        for (route, method, status), count in self._counts.items():
            requests.add_metric((route, method, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily(
            "article20_request_seconds",
            "Time from a request's first byte to the end of its answer; streams are left out.",
            labels=("route",),
        )
        for route, times in self._times.items():
            sums = accumulate(times[:-1])
            bounds = [*(str(float(bound)) for bound in SECONDS), "+Inf"]
            seconds.add_metric((route,), list(zip(bounds, sums, strict=True)), times[-1])
        yield seconds


class Metrics(Observer):
    """What one process counts.

    `hindrance`: why the store did not take the last batch; None where it did.
    """

    media_type: Final = "text/plain; version=1.0.0"

    def __init__(self, release: str) -> None:
        # When each count began would double what is sent.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in the library
        self.hindrance: StoreUnavailable | None = None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Info("article20_build", "The release that runs.", registry=self._registry).info(
            {"version": release}
        )
        self._answers = Answers()
        self._registry.register(self._answers)
        self._count_appends()
        self._count_views()
        self.live_clients = self._gauge("article20_live_clients", "Live streams that are open.")

    def _count_appends(self) -> None:
        outcomes = Counter(
            "article20_append_requests",
            "Requests to append, by what became of them.",
            ("outcome",),
            registry=self._registry,
        )
        self._outcomes = [outcomes.labels(name) for name in OUTCOMES]
        self._failed = outcomes.labels(FAILED)
        self._appended = Counter(
            "article20_appended_events",
            "Events this process appended to the log.",
            registry=self._registry,
        )
        self._batch_requests = self._histogram(
            "article20_append_batch_requests", "Requests in a batch of the appender.", SIZES
        )
        self._commit_seconds = self._histogram(
            "article20_append_commit_seconds",
            "Round trip of a batch to the log, its durable commit included.",
            SECONDS,
        )
        self.append_waiting = self._gauge(
            "article20_append_waiting", "Requests that wait for the log."
        )

    def _count_views(self) -> None:
        self._lag_events = self._gauge(
            "article20_lag_events", "Events that the views of all workspaces have yet to take in."
        )
        self._lag_seconds = self._gauge(
            "article20_lag_seconds", "For how long the oldest of them has waited."
        )
        self._workspaces = self._gauge("article20_workspaces", "Workspaces in the database.")
        self._faulted = self._gauge(
            "article20_faulted_views", "Views that could not digest an event, in all workspaces."
        )
        self._faults = Gauge(
            "article20_view_faulted_workspaces",
            "Workspaces in which a view could not digest an event, by view.",
            ("view",),
            registry=self._registry,
        )
        self._unbuilt = self._gauge(
            "article20_views_unbuilt_workspaces",
            "Workspaces whose views have yet to be built in the form of this release.",
        )
        self._beyond = self._gauge(
            "article20_views_beyond_log_workspaces",
            "Workspaces whose views stand beyond the end of their log.",
        )
        self.log_replaced = self._gauge(
            "article20_log_replaced", "1 once this process has met a log that it does not know."
        )
        self._projected = self._gauge(
            "article20_projector_present", "1 while some process brings the views forward."
        )
        self.leading = self._gauge("article20_projector_leading", "1 while this process does.")
        self.beat = self._gauge(
            "article20_projector_heartbeat_timestamp_seconds",
            "When the projector of this process last went round, since 1970; 0 before it led.",
        )
        self._projected_events = self._histogram(
            "article20_projector_batch_events", "Events in a batch of the projector.", SIZES
        )
        self._projected_seconds = self._histogram(
            "article20_projector_batch_seconds",
            "Time of a batch of the projector, from reading to the commit.",
            SECONDS,
        )
        self._view_seconds = self._histogram(
            "article20_view_batch_seconds",
            "Time a view takes to write what a batch changes.",
            SECONDS,
            "view",
        )

    def answered(self, route: str, method: str, status: int, seconds: float | None) -> None:
        """Count one answer; `seconds` is None for a stream."""
        self._answers.add(route, method, status, seconds)

    def appended(
        self, outcomes: Sequence[int] | None, requests: int, events: int, seconds: float
    ) -> None:
        """See `Observer`."""
        self.hindrance = None
        self._batch_requests.observe(requests)
        self._commit_seconds.observe(seconds)
        self._appended.inc(events)
        if outcomes is None:
            self._outcomes[0].inc(requests)
        else:
            for outcome in outcomes:
                self._outcomes[outcome].inc()

    def append_failed(self, requests: int, error: Exception) -> None:
        """See `Observer`."""
        self._failed.inc(requests)
        if isinstance(error, StoreUnavailable):
            self.hindrance = error

    def folded(self, view: str, seconds: float) -> None:
        """See `Observer`."""
        self._view_seconds.labels(view).observe(seconds)

    def projected(self, events: int, seconds: float) -> None:
        """See `Observer`."""
        self._projected_events.observe(events)
        self._projected_seconds.observe(seconds)

    def looked(self, found: HowFar, now: datetime) -> None:
        """Keep what a look at the store has found."""
        self._workspaces.set(found.workspaces)
        self._lag_events.set(found.lag_events)
        self._lag_seconds.set(found.lag_seconds(now))
        self._beyond.set(found.beyond)
        self._unbuilt.set(found.unbuilt)
        self._projected.set(found.is_projected)
        self._faulted.set(sum(found.faulted.values()))
        self._faults.clear()
        for view, workspaces in found.faulted.items():
            self._faults.labels(view).set(workspaces)

    def text(self) -> bytes:
        """The exposition format."""
        return bytes(generate_latest(self._registry))

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(name, says, registry=self._registry)

    def _histogram(self, name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, says, labels, buckets=buckets, registry=self._registry)
