"""The library's own projection runner with its PostgreSQL recorders, as a peer: our events, one
small view; it uses nothing of our store.

Its recorder can follow one event type at most, so every event goes under one, its own name before
its bytes. The view counts the events of each claim, which is far less than ours keep.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from eventsourcing.dcb.api import DCBEvent
from eventsourcing.dcb.application import DCBApplication
from eventsourcing.dcb.domain import Tagged
from eventsourcing.dcb.msgpack import Decision
from eventsourcing.dcb.persistence import DCBMapper
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from domain.events import decode

TOPIC = "measured"
PARTED = b"\x00"
NEVER_RECORDED = {"recorded_at": None, "recorded_by": "made"}


class Mapper(DCBMapper[Decision]):
    """Reads our events; the benchmark appends them in the form of the store itself."""

    def to_dcb_event(self, event: Tagged[Any]) -> DCBEvent:
        """Never asked for: nothing is decided here."""
        raise AssertionError(f"nothing is decided here, least of all {event}")

    def to_domain_event(self, event: DCBEvent) -> Tagged[Decision]:
        """The event, decoded as ours is."""
        name, _, data = event.data.partition(PARTED)
        one: Any = decode(name.decode(), data, position=1, **NEVER_RECORDED)  # type: ignore[arg-type]  # of two types
        return Tagged(tags=event.tags, decision=one.event)


class ClaimCounts(PostgresTrackingRecorder):
    """How many events each claim has, kept with the tracking in one transaction."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        table = Identifier(self.datastore.schema), Identifier("claim_counts")
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS {}.{} (claim text PRIMARY KEY, events bigint NOT NULL)"
            ).format(*table)
        )
        self.count = SQL(
            "INSERT INTO {}.{} AS c VALUES (%s, 1)"
            " ON CONFLICT (claim) DO UPDATE SET events = c.events + 1"
        ).format(*table)

    def note(self, claim: str, tracking: Tracking) -> None:
        """Count one more event of a claim."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.count, (claim,), prepare=True)


class Counting(Projection[ClaimCounts]):
    """Counts every event."""

    name = "counting"
    topics = (TOPIC,)

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Count it."""
        self.view.note(getattr(domain_event.decision, "claim", ""), tracking)


def stored(events: Sequence[DCBEvent]) -> list[DCBEvent]:
    """Our events as this peer takes them."""
    return [DCBEvent(TOPIC, e.type.encode() + PARTED + e.data, e.tags) for e in events]


def environment(dsn: str) -> dict[str, str]:
    """The library's settings for one of our databases, over its socket."""
    parts = urlsplit(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.dcb.postgres_tt",
        f"{Counting.name.upper()}_PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": "benchmarks.peer_projection:Mapper",
        "POSTGRES_DBNAME": parts.path.strip("/"),
        "POSTGRES_HOST": parse_qs(parts.query)["host"][0],
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "",
    }


def application(dsn: str) -> DCBApplication:
    """The log of the library in a database."""
    return DCBApplication(env=environment(dsn))


def runner(dsn: str) -> ProjectionRunner[DCBApplication, ClaimCounts]:
    """A running projection; leave it with `with`."""
    return ProjectionRunner(
        application_class=DCBApplication,
        projection_class=Counting,
        view_class=ClaimCounts,
        env=environment(dsn),
    )
