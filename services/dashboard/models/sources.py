"""The model of the page Sources: the machines that may submit, what they delivered and what became
of it; pure, it neither fetches nor decides, and holds a secret only to show it once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from services.dashboard.formats import Tag, names_text, short_number
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, word
from services.dashboard.models.ordering import Head, Order, head
from services.dashboard.sheets import ROWS_MAX, Cell, Sheet
from services.dashboard.states import GOVERNMENTS
from services.dashboard.words import kind_words
from services.wiring import Draft, Feed, Noted, SourceCounts, WebhookSource

NAMES_MAX: Final = 6
ORDERS: Final[Mapping[str, Order]] = {
    "newest": Order("received", is_down=True),
    "oldest": Order("received"),
}
"""The orders of the deliveries, as addresses have them."""
OUTCOMES: Final = Words({"accepted": word("Taken"), "refused": word("Refused")})
SOURCE_DONE: Final = Words(
    {
        "disable": word(
            "It may submit no longer: its address answers 410. What it submitted stays."
        ),
        "enable": word("It may submit again."),
        "trust": word("Its claims are accepted at once from now on."),
        "distrust": word("Its claims wait for the desk from now on."),
        "limit": word("The limits hold from its next delivery on."),
        "feed-added": word("The feed was added; it is read within a minute."),
        "feed-disable": word("The feed is read no longer. Its drafts stay."),
        "feed-enable": word("The feed is read again soon."),
        "feed-polled": word("The feed was read."),
        "dismissed": word("The draft was dismissed; its entry does not come again."),
        "taken": word("The delivery was taken: what it brought is recorded."),
        "refused": word("The delivery was refused again; its row says why."),
    }
)
"""What was just done -> the sentence that says so."""
FEED_STATES: Final[Mapping[str, Tag]] = {
    "read": Tag("state", "confirmed", "v-ok", word("Read")),
    "new": Tag("state", "expected", "v-clock", word("Not read yet")),
    "failing": Tag("state", "disputed", "v-bang", word("Cannot be read")),
    "disabled": Tag("state", "refuted", "v-x", word("Disabled")),
}
SOURCE_STATES: Final[Mapping[str, Tag]] = {
    "enabled": Tag("state", "confirmed", "v-ok", word("May submit")),
    "disabled": Tag("state", "refuted", "v-x", word("Disabled")),
}
TAKEN: Final = Tag("state", "confirmed", "v-ok", word("Taken"))
REFUSED: Final = Tag("state", "refuted", "v-x", word("Refused"))


def deliveries_sheet(found: Sequence[Noted], frame: Frame) -> Sheet:
    """The deliveries of the list as a file, in its order: up to `ROWS_MAX` of those found."""
    rows: list[tuple[Cell, ...]] = [
        (
            *(str(one.delivery), one.received_at, one.source, one.webhook_id, one.media_type),
            *(one.body_bytes, one.status, "refused" if one.reason else "accepted", one.reason),
            *(one.detail, one.claim, one.position, one.replayed_at),
        )
        for one in found[:ROWS_MAX]
    ]
    columns = (
        *("delivery", "received_at", "source", "webhook_id", "media_type", "body_bytes"),
        *("status", "outcome", "reason", "detail", "claim", "position", "replayed_at"),
    )
    return Sheet(
        name="deliveries",
        columns=columns,
        rows=rows,
        about=frame.question,
        is_cut=len(found) > ROWS_MAX,
    )


class SourcesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """How the list of deliveries is narrowed."""

    source: str = ""
    outcome: str = ""
    reason: str = ""
    webhook_id: str = ""
    claim: str = ""
    order: Order = ORDERS["newest"]

    @property
    def oldest(self) -> bool:
        """Whether the oldest stand first."""
        return not self.order.is_down

    @property
    def narrows(self) -> bool:
        """Whether some may be left out."""
        return any((self.source, self.outcome, self.reason, self.webhook_id, self.claim))


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of a source, shown this once; `until`: how long the one before stays good."""

    source: str
    text: str
    path: str
    until: datetime | None = None
    is_public_key: bool = False


class AddForm(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed to add a source, and why it was refused."""

    name: str = ""
    public_key: str = ""
    trusted: bool = False
    refusal: str = ""


class FeedForm(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed to add a feed, and why it was refused."""

    name: str = ""
    url: str = ""
    refusal: str = ""


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One source, with the deliveries of the days that are counted."""

    source: WebhookSource
    counts: SourceCounts
    limits: tuple[str, ...]

    @property
    def state(self) -> str:
        """Whether it may submit."""
        return "enabled" if self.source.disabled_at is None else "disabled"


class SourcesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who submits, what came of it, and what has to be mended?"""

    frame: Frame
    may_manage: bool
    rows: tuple[SourceRow, ...]
    counted_days: int
    ask: SourcesAsk
    deliveries: tuple[Noted, ...] = ()
    following: str = ""
    begun: bool = False
    feeds: tuple[Feed, ...] = ()
    drafts: tuple[Draft, ...] = ()
    drafts_waiting: int = 0
    form: AddForm = AddForm()
    feed_form: FeedForm = FeedForm()
    secret: Secret | None = None
    done: str = ""
    refusal: str = ""
    past: bool = False

    @property
    def refused(self) -> int:
        """Deliveries that were refused in the days that are counted."""
        return sum(row.counts.refused for row in self.rows)

    @property
    def received(self) -> Head:
        """The head of the column by which deliveries are sorted."""
        return head(_("Received"), "received", self.ask.order, ORDERS)

    @property
    def enabled(self) -> int:
        """How many sources may submit."""
        return sum(row.state == "enabled" for row in self.rows)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The sources to narrow the deliveries to."""
        return tuple((row.source.source, row.source.source) for row in self.rows)


def source_rows(
    sources: Sequence[WebhookSource], counts: Mapping[str, SourceCounts]
) -> tuple[SourceRow, ...]:
    """The sources by name, those that may submit first."""
    rows = [
        SourceRow(
            source=source,
            counts=counts.get(source.source, SourceCounts()),
            limits=_limits(source),
        )
        for source in sources
    ]
    return tuple(sorted(rows, key=lambda row: (row.state != "enabled", row.source.source)))


def _limits(source: WebhookSource) -> tuple[str, ...]:
    said = []
    if source.kinds is not None:
        said.append(names_text([kind_words(kind) for kind in source.kinds], NAMES_MAX))
    if source.governments is not None:
        names = names_text([GOVERNMENTS[code] for code in source.governments], NAMES_MAX)
        said.append(_("about %(names)s", names=names))
    if source.requests_per_second_max is not None:
        rate = short_number(source.requests_per_second_max)
        said.append(_("%(rate)s a second", rate=rate))
    if source.burst_requests_max is not None:
        said.append(_("%(most)s at once", most=source.burst_requests_max))
    return tuple(said)


def feed_state(feed: Feed) -> str:
    """How it stands with a feed, as its tag is named."""
    if feed.disabled_at is not None:
        return "disabled"
    if feed.failures:
        return "failing"
    return "read" if feed.polled_at is not None else "new"


def delivery_tag(noted: Noted) -> Tag:
    """Whether a delivery was taken, as a tag."""
    return TAKEN if noted.reason is None else REFUSED
