"""The model of the page Audit list: lines in words, and the list as a file; it never fetches nor
writes a line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from services.dashboard.frame import CLAIMS_PATH, PEOPLE_PATH, SOURCES_PATH, Frame
from services.dashboard.language import Words, _, word
from services.dashboard.sheets import Cell, Sheet
from services.wiring import NOBODY, PROGRAM, Action, AuditLine

ACTION_WORDS: Final = Words(
    {
        "decided": word("Decided on a claim"),
        "campaign_decided": word("Decided on a campaign"),
        "claim_opened": word("Opened a claim that is not public"),
        "claims_listed": word("Listed claims that are not public"),
        "log_read": word("Read the log"),
        "exported": word("Took a file away"),
        "logged_in": word("Logged in"),
        "login_refused": word("A login was refused"),
        "logged_out": word("Logged out"),
        "logins_ended": word("Ended logins"),
        "left_quickly": word("Left quickly"),
        "invited": word("Invited somebody"),
        "invitation_withdrawn": word("Withdrew an invitation"),
        "joined": word("Joined"),
        "person_added": word("Added a person"),
        "role_changed": word("Changed a role"),
        "disabled": word("Disabled somebody"),
        "enabled": word("Let somebody in again"),
        "password_changed": word("Changed a password"),
        "token_created": word("Made an API token"),
        "token_revoked": word("Revoked an API token"),
        "source_added": word("Added a webhook source"),
        "source_rotated": word("Gave a source a new secret"),
        "source_disabled": word("Disabled a source"),
        "source_enabled": word("Enabled a source"),
        "source_trusted": word("Changed whether a source is trusted"),
        "source_limited": word("Changed the limits of a source"),
        "feed_added": word("Added a feed"),
        "feed_disabled": word("Disabled a feed"),
        "feed_enabled": word("Enabled a feed"),
        "lines_left_out": word("Lines were left out"),
    }
)
GROUPS: Final[Mapping[str, tuple[Action, ...]]] = {
    "decisions": ("decided", "campaign_decided"),
    "looks": ("claim_opened", "claims_listed", "log_read"),
    "exports": ("exported",),
    "logins": ("logged_in", "login_refused", "logged_out", "logins_ended", "left_quickly"),
    "people": (
        *("invited", "invitation_withdrawn", "joined", "person_added", "role_changed"),
        *("disabled", "enabled", "password_changed"),
    ),
    "tokens": ("token_created", "token_revoked"),
    "sources": (
        *("source_added", "source_rotated", "source_disabled", "source_enabled"),
        *("source_trusted", "source_limited", "feed_added", "feed_disabled", "feed_enabled"),
    ),
    "gaps": ("lines_left_out",),
}
GROUP_WORDS: Final = Words(
    {
        "decisions": word("Decisions"),
        "looks": word("Looks"),
        "exports": word("Exports"),
        "logins": word("Logins"),
        "people": word("People and roles"),
        "tokens": word("API tokens"),
        "sources": word("Sources and feeds"),
        "gaps": word("Gaps"),
    }
)
COLUMNS: Final = ("at", "who", "who_id", "action", "subject", "detail")


class AuditAsk(msgspec.Struct, frozen=True, kw_only=True):
    """How the list is narrowed, and what could not be read of it."""

    group: str = ""
    by: str = ""
    subject: str = ""
    from_typed: str = ""
    to_typed: str = ""
    order: str = "newest"
    errors: Mapping[str, str] = {}

    @property
    def narrows(self) -> bool:
        """Whether a line may be left out."""
        return bool(self.group or self.by or self.subject or self.from_typed or self.to_typed)


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line in words; `about`: what it is about, each with the path of its page, if any."""

    at: datetime | None
    who: str
    by: str
    what: str
    about: tuple[tuple[str, str], ...]
    detail: str


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what on the desk."""

    frame: Frame
    rows: tuple[AuditRow, ...]
    people: tuple[tuple[str, str], ...]
    ask: AuditAsk
    following: str = ""
    begun: bool = False
    past: bool = False


def audit_rows(lines: Sequence[AuditLine], names: Mapping[str, str]) -> tuple[AuditRow, ...]:
    """Lines in words; `names`: of people by the id that lines hold."""
    return tuple(
        AuditRow(
            at=line.at,
            who=who(line.by, names),
            by=line.by,
            what=ACTION_WORDS[line.action],
            about=tuple((_subject(one, names), _path(one)) for one in line.subject.split()),
            detail=line.detail,
        )
        for line in lines
    )


def who(by: str, names: Mapping[str, str]) -> str:
    """Somebody in words: a name, a machine, the program, or a person who is gone."""
    kind, _colon, number = by.partition(":")
    if by in names:
        return names[by]
    if by == PROGRAM:
        return _("the program on the server")
    if by == NOBODY:
        return _("nobody who is known")
    if kind == "token":
        return _("API token %(number)s", number=number[:8])
    return _("a person who was erased") if kind == "person" else by


def audit_sheet(
    lines: Sequence[AuditLine], names: Mapping[str, str], frame: Frame, *, is_cut: bool
) -> Sheet:
    """The list as a file holds it."""
    rows: list[Sequence[Cell]] = [
        (line.at, who(line.by, names), line.by, line.action, line.subject, line.detail)
        for line in lines
    ]
    return Sheet(name="audit", columns=COLUMNS, rows=rows, about=frame.pairs, is_cut=is_cut)


def _subject(subject: str, names: Mapping[str, str]) -> str:
    kind, _colon, _rest = subject.partition(":")
    if kind == "person":
        return names.get(subject, _("a person who was erased"))
    return subject


def _path(subject: str) -> str:
    kind, _colon, name = subject.partition(":")
    return {"claim": f"{CLAIMS_PATH}/{name}", "person": PEOPLE_PATH, "source": SOURCES_PATH}.get(
        kind, ""
    )
