"""The page Sources in each of its states; no store is asked."""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec

from services.dashboard.models.sources import (
    AddForm,
    FeedForm,
    Secret,
    SourcesAsk,
    SourcesPage,
    source_rows,
)
from services.wiring import Draft, Feed, Noted, SourceCounts, WebhookSource
from tests.services.dashboard.samples import PAST, frame

NINE: Final = datetime(2026, 2, 19, 9, 0, tzinfo=UTC)
SOURCES: Final = tuple(
    WebhookSource(
        source=name,
        workspace="demo",
        trusted=name == "monitor",
        scheme="v1a" if name == "partner-ed" else "v1",
        kinds=("statement_of_criticism", "open_letter") if name == "partner" else None,
        governments=("FIN", "POL") if name == "partner" else None,
        requests_per_second_max=5.0 if name == "partner" else None,
        burst_requests_max=None,
        created_at=NINE,
        rotated_at=NINE if name == "monitor" else None,
        previous_until=NINE if name == "monitor" else None,
        disabled_at=NINE if name == "old-script" else None,
    )
    for name in ("monitor", "partner", "partner-ed", "old-script")
)
COUNTS: Final = {
    "monitor": SourceCounts(taken=12_345, refused=2, last_at=NINE),
    "partner": SourceCounts(taken=3, last_at=NINE),
}


def delivery(number: int, **facts: object) -> Noted:
    """One delivery."""
    plain = Noted(
        delivery=UUID(int=number),
        source="monitor",
        received_at=NINE,
        webhook_id=f"msg-{number}",
        media_type="application/json",
        body_bytes=1234,
        status=201,
        claim=f"claim-{number}",
        position=number,
    )
    return msgspec.structs.replace(plain, **facts)


DELIVERIES: Final = (
    delivery(3),
    delivery(
        2,
        status=422,
        claim=None,
        reason="invalid-claim",
        detail="The claim is not valid: /targets/0: 'XXX' is not a government.",
        has_body=True,
        replayed_at=NINE,
    ),
    delivery(1, status=401, claim=None, reason="forged-signature"),
)


def feed(name: str, **facts: object) -> Feed:
    """One feed."""
    plain = Feed(
        feed=name,
        url=f"https://{name}.example.org/feed.xml",
        title=name.capitalize(),
        created_at=NINE,
        polled_at=NINE,
        next_poll_at=NINE,
        etag=None,
        last_modified=None,
        failures=0,
        last_error=None,
        disabled_at=None,
    )
    return msgspec.structs.replace(plain, **facts)


FEEDS: Final = (
    feed("campaign"),
    feed("ministry", failures=3, last_error="The publisher answered 500."),
    feed("new", polled_at=None, title=""),
    feed("old", disabled_at=NINE, last_error="The publisher says that the feed is gone (410)."),
)
DRAFT: Final = Draft(
    draft=UUID(int=7),
    feed="campaign",
    guid="tag:example.org,2026:1",
    title="Norway objects to the withdrawal of Poland",
    link="https://campaign.example.org/norway",
    language="en",
    summary="In a letter to the depositary, Norway said that it regrets the step.",
    published_on=date(2026, 2, 18),
    created_at=NINE,
)
UNDATED: Final = msgspec.structs.replace(
    DRAFT, draft=UUID(int=8), published_on=None, link="", summary="", title="A statement"
)


def sources(*, empty: bool = False, **facts: object) -> SourcesPage:
    """The page with sources and deliveries, or with neither."""
    page = SourcesPage(
        frame=frame("Sources", "/sources"),
        may_manage=True,
        rows=() if empty else source_rows(SOURCES, COUNTS),
        counted_days=30,
        ask=SourcesAsk(),
        deliveries=() if empty else DELIVERIES,
        following="" if empty else str(UUID(int=1)),
        feeds=() if empty else FEEDS,
        drafts=() if empty else (DRAFT, UNDATED),
        drafts_waiting=0 if empty else 60,
    )
    return msgspec.structs.replace(page, **facts)


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, every state of the page."""
    secret = Secret(source="monitor", text="whsec_c2VjcmV0", path="/hooks/monitor", until=NINE)
    wrong = AddForm(name="No Good", refusal="'No Good' cannot name a webhook source.")
    return {
        "sources": sources(done="taken"),
        "sources-secret": sources(secret=secret),
        "sources-empty": sources(empty=True),
        "sources-filtered": sources(deliveries=(), ask=SourcesAsk(reason="nothing")),
        "sources-refused": sources(form=wrong, refusal="There is no webhook source 'x'."),
        "sources-feed": sources(
            done="feed-added",
            feed_form=FeedForm(name="x", url="http://10.0.0.1/", refusal="It is not fetched."),
        ),
        "sources-reader": sources(may_manage=False, deliveries=()),
        "sources-past": sources(past=True, frame=frame("Sources", "/sources", reading=PAST)),
    }
