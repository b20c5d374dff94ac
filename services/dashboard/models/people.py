"""The models of the pages People, Account and Joining, and what the lists hold; pure, they neither
fetch nor decide."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, word
from services.dashboard.sheets import Cell, Sheet
from services.wiring import ROLES, Invitation, Login, Member, Role

ROLE_WORDS: Final = Words(
    {
        "viewer": word("Viewer"),
        "contributor": word("Contributor"),
        "reviewer": word("Reviewer"),
        "admin": word("Admin"),
    }
)
ROLE_LEADS: Final = Words(
    {
        "viewer": word("You are a viewer: a viewer reads everything."),
        "contributor": word("You are a contributor: a contributor reads, and records claims."),
        "reviewer": word("You are a reviewer: a reviewer also decides on claims of others."),
        "admin": word("You are an admin: an admin also invites people and sees the audit list."),
    }
)
ROLE_SAYS: Final = Words(
    {
        "viewer": word("reads everything"),
        "contributor": word("reads, and records claims"),
        "reviewer": word("also decides on claims of others"),
        "admin": word("also invites people and sees the audit list"),
    }
)
STATES: Final = Words({"active": word("May log in"), "disabled": word("Disabled")})
ORDERS: Final = Words({"name": word("Name"), "seen": word("Last seen"), "role": word("Role")})
DONE: Final = Words(
    {
        "role": word("The role was changed. It holds from the next page on."),
        "disabled": word("The person may log in no longer, and every login of theirs has ended."),
        "enabled": word("The person may log in again, with the password they had."),
        "withdrawn": word("The invitation was withdrawn: its link leads nowhere."),
    }
)
COLUMNS: Final = ("name", "email", "role", "state", "last_seen", "logins", "on_the_desk_since")
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


def device_words(device: str) -> str:
    """A browser and a system, as a login keeps them, in words; empty where it keeps nothing."""
    browser, on, system = device.partition(" on ")
    return (
        _("%(browser)s on %(system)s", browser=_(browser), system=system) if on else _known(device)
    )


def place_words(place: str) -> str:
    """The network of a login, as it is kept, in words; empty where it is not."""
    network, parted, bits = place.partition("network ")
    return _("network %(range)s", range=bits) if parted and bits and not network else _known(place)


def _known(text: str) -> str:
    return _(text) if text else ""


DEVICES: Final = (
    *(word("an unknown browser"), word("a browser"), word("an unknown network")),
    *(word("the machine that serves"), word("a private network")),
)
"""What a login may keep of where it came from, besides names."""


class PeopleAsk(msgspec.Struct, frozen=True, kw_only=True):
    """How the list of people is narrowed and ordered."""

    q: str = ""
    role: str = ""
    state: str = ""
    order: str = "name"

    @property
    def narrows(self) -> bool:
        """Whether somebody may be left out."""
        return bool(self.q or self.role or self.state)


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the desk; `is_self`: whoever looks."""

    member: Member
    is_self: bool

    @property
    def state(self) -> str:
        """Whether they may log in, as the filter names it."""
        return "active" if self.member.disabled_at is None else "disabled"


class OpenInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """An open invitation, with the name of whoever invites."""

    invitation: Invitation
    invited_by: str


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """The link of a new invitation, shown this once."""

    link: str
    email: str
    expires_at: datetime
    is_mailed: bool = False
    not_mailed: str = ""
    """Why it could not be mailed, where it should have been."""


class InviteForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the form that invites held, and why it was refused."""

    email: str = ""
    role: str = "viewer"
    refusal: str = ""


class PeoplePage(msgspec.Struct, frozen=True, kw_only=True):
    """Who may log in, who is invited, and what may be changed about it."""

    frame: Frame
    rows: tuple[PersonRow, ...]
    active: int
    admins: int
    invitations: tuple[OpenInvitation, ...]
    ask: PeopleAsk
    form: InviteForm
    invited: Invited | None = None
    done: str = ""
    refusal: str = ""
    past: bool = False


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """Oneself: where one is logged in, and the password; `logins` is None for a token."""

    frame: Frame
    name: str
    role: Role
    email: str
    logins: tuple[Login, ...] | None
    is_admin: bool
    language: str = ""
    """The code of their own choice; empty where the browser says what is spoken."""
    done: str = ""
    refusal: str = ""
    wrong: str = ""
    """The field that was refused: `present` or `new`."""
    past: bool = False


class JoinPage(msgspec.Struct, frozen=True, kw_only=True):
    """The form of somebody who was invited; without `email` the invitation is over."""

    csrf_token: str
    secret: str
    workspace: str = ""
    email: str = ""
    role: str = ""
    name: str = ""
    error: str = ""


def people_page(
    frame: Frame,
    members: Sequence[Member],
    invitations: Sequence[Invitation],
    *,
    by: str,
    ask: PeopleAsk,
    form: InviteForm | None = None,
    invited: Invited | None = None,
    done: str = "",
    refusal: str = "",
    past: bool = False,
) -> PeoplePage:
    """The page for whoever `by` names, the list narrowed and ordered as asked."""
    active = [m for m in members if m.disabled_at is None]
    names = {f"person:{m.id}": m.name for m in members}
    return PeoplePage(
        frame=frame,
        rows=tuple(
            PersonRow(member=m, is_self=by == f"person:{m.id}") for m in listed(members, ask)
        ),
        active=len(active),
        admins=sum(m.role == "admin" for m in active),
        invitations=tuple(
            OpenInvitation(invitation=i, invited_by=names.get(i.invited_by, _("a machine")))
            for i in invitations
        ),
        ask=ask,
        form=form or InviteForm(),
        invited=invited,
        done=done if done in DONE else "",
        refusal=refusal,
        past=past,
    )


def listed(members: Sequence[Member], ask: PeopleAsk) -> list[Member]:
    """The members that a question lets through, in its order."""
    words = ask.q.casefold()
    found = [
        m
        for m in members
        if (words in m.name.casefold() or words in m.email)
        and ask.role in ("", m.role)
        and ask.state in ("", "active" if m.disabled_at is None else "disabled")
    ]
    keys: dict[str, Callable[[Member], Any]] = {
        "name": lambda m: m.name.casefold(),
        "seen": lambda m: -(m.seen_at or _NEVER).timestamp(),
        "role": lambda m: (-ROLES.index(m.role), m.name.casefold()),
    }
    return sorted(found, key=keys[ask.order])


def people_sheet(members: Sequence[Member], ask: PeopleAsk) -> Sheet:
    """The list as a file holds it."""
    rows: list[Sequence[Cell]] = [
        (
            m.name,
            m.email,
            m.role,
            "active" if m.disabled_at is None else "disabled",
            m.seen_at,
            m.logins,
            m.created_at,
        )
        for m in listed(members, ask)
    ]
    return Sheet(name="people", columns=COLUMNS, rows=rows)
