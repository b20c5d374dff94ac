"""Who is told what the log and the views do, once per batch; it never changes what they do."""

from collections.abc import Sequence


class Observer:
    """Lets everything pass; whoever counts overrides what it counts.

    It is called between two batches on the event loop, so it neither waits nor raises.
    """

    def appended(
        self, outcomes: Sequence[int] | None, requests: int, events: int, seconds: float
    ) -> None:
        """The log answered a batch of so many requests, of which it took so many events, after a
        round trip of so many seconds; `outcomes` as in `infra.postgres.log.batch`, None where every
        request was done."""

    def append_failed(self, requests: int, error: Exception) -> None:
        """So many requests were given up, or refused as what the log cannot keep, and why."""

    def folded(self, view: str, seconds: float) -> None:
        """A view wrote what a batch changes."""

    def projected(self, events: int, seconds: float) -> None:
        """The views of a workspace took in a batch of so many events, committed."""
