"""Counts and times for Prometheus; they name routes, never workspaces, people or addresses."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """What one process counts."""

    media_type: Final = "text/plain; version=1.0.0"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "article20_requests",
            "Requests answered, by route and status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "article20_request_seconds",
            "Time from a request's first byte to the end of its answer; streams are left out.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self.live_clients = self._gauge("article20_live_clients", "Live streams that are open.")
        self.append_waiting = self._gauge(
            "article20_append_waiting", "Requests that wait for the log."
        )
        self.lag_events = self._gauge(
            "article20_lag_events", "Events that the views of all workspaces have yet to take in."
        )
        self.faulted_views = self._gauge(
            "article20_faulted_views", "Views that could not digest an event."
        )

    def answered(self, route: str, method: str, status: int, seconds: float | None) -> None:
        """Count one answer; `seconds` is None for a stream."""
        self._requests.labels(route, method, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """The exposition format."""
        return bytes(generate_latest(self._registry))

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(name, says, registry=self._registry)
