"""What of infra the services name: its errors, its values, its readers. It decides nothing.

Whoever needs something of infra imports it from here; what holds together is put so in `house`.
"""

from infra.feed_apart import read_feed_apart
from infra.feed_reading import Entry, NotAFeed
from infra.mail import NotMailed
from infra.outgoing import AddressRefused, Fetched, FetchFailed
from infra.outlines import Outlines, outlines
from infra.passwords import WeakPassword
from infra.postgres.desk.attempts import TooManyLogins
from infra.postgres.desk.audit import ACTIONS, NOBODY, PROGRAM, Action, AuditLine, LineFilter
from infra.postgres.desk.deliveries import (
    Arrived,
    DeliveryFilter,
    DeliveryNotFound,
    Noted,
    SourceCounts,
)
from infra.postgres.desk.feeds import (
    Asked,
    Draft,
    DraftNotFound,
    Feed,
    FeedExists,
    FeedNotFound,
    InvalidFeed,
)
from infra.postgres.desk.imports import (
    Choice,
    Fate,
    Import,
    ImportColumn,
    ImportNotFound,
    ImportRow,
)
from infra.postgres.desk.limits import InvalidLimit, Limits
from infra.postgres.desk.people import (
    ROLES,
    InvalidPerson,
    LoginRefused,
    Person,
    PersonExists,
    Role,
    Token,
    TokenNotFound,
)
from infra.postgres.desk.roster import (
    Invitation,
    InvitationOver,
    LastAdmin,
    Login,
    Member,
    PersonNotFound,
    WrongPassword,
)
from infra.postgres.desk.sources import (
    InvalidPublicKey,
    InvalidSource,
    Signer,
    SigningKey,
    SourceExists,
    SourceNotFound,
    TooManySecrets,
    WebhookSource,
)
from infra.postgres.listener import VIEWED
from infra.postgres.log.appender import Appended, AppendRequest
from infra.postgres.log.batch import OUTCOMES
from infra.postgres.log.lineage import LogReplaced
from infra.postgres.log.store import (
    EventStore,
    InvalidWorkspace,
    Keyed,
    NoWorkspace,
    ReadBatch,
    StoredEvent,
    opened,
)
from infra.postgres.observer import Observer
from infra.postgres.projecting.rebuild import ViewsAstray
from infra.postgres.projecting.watching import HowFar
from infra.postgres.proving.verify import verify
from infra.postgres.reading.changes import Changed
from infra.postgres.reading.claim_filter import ClaimFilter, Cursor, read_cursor
from infra.postgres.reading.views import Fault, Watermark
from infra.runs import Runs
from infra.shipped import chronology_path

__all__ = [
    "ACTIONS",
    "NOBODY",
    "OUTCOMES",
    "PROGRAM",
    "ROLES",
    "VIEWED",
    "Action",
    "AddressRefused",
    "AppendRequest",
    "Appended",
    "Arrived",
    "Asked",
    "AuditLine",
    "Changed",
    "Choice",
    "ClaimFilter",
    "Cursor",
    "DeliveryFilter",
    "DeliveryNotFound",
    "Draft",
    "DraftNotFound",
    "Entry",
    "EventStore",
    "Fate",
    "Fault",
    "Feed",
    "FeedExists",
    "FeedNotFound",
    "FetchFailed",
    "Fetched",
    "HowFar",
    "Import",
    "ImportColumn",
    "ImportNotFound",
    "ImportRow",
    "InvalidFeed",
    "InvalidLimit",
    "InvalidPerson",
    "InvalidPublicKey",
    "InvalidSource",
    "InvalidWorkspace",
    "Invitation",
    "InvitationOver",
    "Keyed",
    "LastAdmin",
    "Limits",
    "LineFilter",
    "LogReplaced",
    "Login",
    "LoginRefused",
    "Member",
    "NoWorkspace",
    "NotAFeed",
    "NotMailed",
    "Noted",
    "Observer",
    "Outlines",
    "Person",
    "PersonExists",
    "PersonNotFound",
    "ReadBatch",
    "Role",
    "Runs",
    "Signer",
    "SigningKey",
    "SourceCounts",
    "SourceExists",
    "SourceNotFound",
    "StoredEvent",
    "Token",
    "TokenNotFound",
    "TooManyLogins",
    "TooManySecrets",
    "ViewsAstray",
    "Watermark",
    "WeakPassword",
    "WebhookSource",
    "WrongPassword",
    "chronology_path",
    "opened",
    "outlines",
    "read_cursor",
    "read_feed_apart",
    "verify",
]
