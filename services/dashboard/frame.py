"""What surrounds every page, as plain frozen fields; it never fetches and never asks the time."""

from datetime import date, datetime
from typing import Final

import msgspec

from services.dashboard.clocks import ClockReading, Clocks
from services.dashboard.language import Words, word

TODAY_PATH: Final = "/today"
GOVERNMENTS_PATH: Final = "/governments"
CRITICISM_PATH: Final = "/criticism"
TRANSFERS_PATH: Final = "/transfers"
COMMITMENTS_PATH: Final = "/commitments"
DEADLINES_PATH: Final = "/deadlines"
MAP_PATH: Final = "/map"
CLAIMS_PATH: Final = "/claims"
RECORD_PATH: Final = "/record"
EXPORT_PATH: Final = "/export"
"""Beside the claims and not under them, so that every id of a claim has an address."""
CAMPAIGNS_PATH: Final = "/campaigns"
FIND_PATH: Final = "/find"
REVIEW_PATH: Final = "/review"
SOURCES_PATH: Final = "/sources"
IMPORT_PATH: Final = "/import"
FEEDS_PATH: Final = "/feeds"
DELIVERIES_PATH: Final = "/deliveries"
"""Beside the sources and not under them, so that a source may have any name."""
DRAFTS_PATH: Final = "/drafts"
COMPARE_PATH: Final = "/compare"
INTEGRITY_PATH: Final = "/integrity"
PEOPLE_PATH: Final = "/people"
AUDIT_PATH: Final = "/audit"
ACCOUNT_PATH: Final = "/account"
JOIN_PATH: Final = "/join"
LEAVE_PATH: Final = "/leave"
AWAY_PATH: Final = "/away"
LANGUAGE_PATH: Final = "/language"
API_PATH: Final = "/api"


def government_path(code: str) -> str:
    """The address of one government's page, without clocks."""
    return f"{GOVERNMENTS_PATH}/{code}"


def measure_path(code: str, measure: str) -> str:
    """The address of the page that opens one number of a government, without clocks."""
    return f"{GOVERNMENTS_PATH}/{code}/{measure}"


def claim_path(claim: str) -> str:
    """The address of a claim's own page, without clocks."""
    return f"{CLAIMS_PATH}/{claim}"


def correct_path(claim: str) -> str:
    """The address of the form that corrects a claim, without clocks."""
    return f"{claim_path(claim)}/correct"


def campaign_path(slug: str) -> str:
    """The address of a campaign's own page, without clocks."""
    return f"{CAMPAIGNS_PATH}/{slug}"


class Link(msgspec.Struct, frozen=True):
    """One link of our own host; the clocks of the page are added unless `pinned` to its own."""

    label: str
    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    fragment: str = ""
    pinned: bool = False


class NavItem(msgspec.Struct, frozen=True):
    """One page of the main navigation; `count` is what waits there, `count_says` what it counts."""

    label: str
    path: str
    current: bool = False
    count: int | None = None
    count_says: str = ""


class Person(msgspec.Struct, frozen=True):
    """Who is signed in."""

    name: str
    role: str
    workspace: str


PLACES: Final = ("cursor", "before", "event", "claim")
"""Names of query pairs that say where in a list the reader is, not what it is narrowed to."""


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """Where the page stands in the log, and the stream that tells when it moved on.

    `concerns` are the governments whose records change this page; empty means all. Without
    `stream` the page does not update.
    """

    position: int
    recorded_at: datetime | None = None
    stream: str | None = "/live"
    concerns: tuple[str, ...] = ()


class Weighing(msgspec.Struct, frozen=True, kw_only=True):
    """How the numbers of a page are reckoned, and the sets of weights that could be chosen.

    `method` is the name of the set asked for, empty for the published weights; `methods` what the
    numbers of the page have; `choices` every set offered, by name, with its version. `refusal` says
    why a set that was asked for is not used.
    """

    method: str
    methods: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    refusal: str = ""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a page: title, address, clocks, live line, navigation, person, notices.

    `pairs` are the query pairs of the address besides the clocks; the clock form keeps them.
    """

    title: str
    path: str
    today: date
    reading: ClockReading
    live: Live
    csrf_token: str
    person: Person
    nav: tuple[NavItem, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    presets: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = ()
    faults: tuple[str, ...] = ()
    """Sentences about views that could not digest an event, said on top of the page."""
    behind: int = 0
    """Events that the views have yet to take in, when they are so many that the page is stale."""

    method: str = ""
    """The set of weights asked for, which every link carries on; empty for the published one."""
    weighing: Weighing | None = None
    """How the numbers are reckoned, on pages that show any."""

    @property
    def weighing_pairs(self) -> tuple[tuple[str, str], ...]:
        """The query pair that carries the set of weights on."""
        return (("method", self.method),) if self.method else ()

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """The query pairs that every form carries on: clocks and weights."""
        return self.clocks.pairs() + self.weighing_pairs

    @property
    def may_record(self) -> bool:
        """Whether whoever looks may record claims; the route decides, this shows the way."""
        return self.person.role != "viewer"

    @property
    def may_review(self) -> bool:
        """Whether whoever looks may decide about claims; the route decides, this shows the way."""
        return self.person.role in ("reviewer", "admin")

    @property
    def known_at(self) -> str:
        """The second clock as files state it: the head is the position it was read at."""
        return self.clocks.known_at or f"seq:{self.live.position}"

    @property
    def question(self) -> tuple[tuple[str, str], ...]:
        """What a file of the page answers, as pairs: both clocks, and what its list is narrowed
        to, by whatever page of the list or opened claim it was asked from."""
        on = (self.clocks.on or self.today).isoformat()
        narrowed = (pair for pair in self.pairs if pair[0] not in PLACES)
        return (("on", on), ("known_at", self.known_at), *narrowed)

    @property
    def clocks(self) -> Clocks:
        """The clocks every link of the page carries."""
        return self.reading.clocks


LIVE_WORDS: Final = Words(
    {
        "live": word("Live, position %(position)s"),
        "stale": word("As of %(time)s, reconnecting"),
        "loggedOut": word("You are logged out, nothing updates."),
        "logIn": word("Log in again"),
        "wentBack": word("The log was put back to an older one, nothing updates."),
        "reload": word("Reload"),
        "newer": word("1 newer record: %(title)s"),
        "newerSeveral": word("%(count)s newer records, one of them: %(title)s"),
        "moved": word("This page has moved on."),
        "show": word("Show"),
        "close": word("Close this notice"),
    }
)
"""What the script of live pages says."""


def live_words() -> str:
    """The same as one JSON object, for an attribute of the live line."""
    return msgspec.json.encode(dict(LIVE_WORDS)).decode()
