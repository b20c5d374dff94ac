"""Who is on the desk of a workspace: the list, roles, invitations and logins; it never lets a
workspace lose its last admin, and never keeps a link that it gave away."""

import re
import secrets
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from domain.errors import Article20Error
from infra.postgres.desk.audit import Action, tell
from infra.postgres.desk.people import (
    People,
    Person,
    PersonExists,
    Role,
    digest_of,
    named,
    tidy_email,
    tidy_name,
)
from infra.postgres.log.store import NoWorkspace
from infra.postgres.queries import queries
from infra.postgres.scope import Entered, constraint

MEMBERS_MAX: Final = 10_000
"""How many people one list holds."""
_LINK: Final = re.compile(r"([a-z0-9][a-z0-9-]{0,62})\.[A-Za-z0-9_-]{43}")


class PersonNotFound(Article20Error):
    """There is no such person in workspace {workspace!r}. Load the page again."""

    slug, status = "person-not-found", 404


class LastAdmin(Article20Error):
    """{name} is the last admin of this workspace. Make somebody else an admin first."""

    slug, status = "last-admin", 409


class InvitationOver(Article20Error):
    """This invitation was used, withdrawn or is too old. Ask whoever invited you for another."""

    slug, status = "invitation-over", 410


class WrongPassword(Article20Error):
    """The present password is not right. Nothing was changed."""

    slug, status = "wrong-password", 422


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the desk as lists show them; `logins`: how many of theirs last."""

    id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None
    logins: int = 0


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may join, until a moment; the link itself is shown once, when it is made."""

    id: UUID
    workspace: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A session that lasts: from which device and network, and whether it is the one that asks."""

    id: UUID
    device: str
    place: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool


class Roster:
    """Lists people, gives roles, invites, and ends logins."""

    def __init__(self, pool: Any, people: People, *, invitation_hours: int) -> None:
        self.pool, self.people, self.invitation_hours = pool, people, invitation_hours

    async def members(self, workspace: str) -> list[Member]:
        """Everybody by name, disabled or not, `MEMBERS_MAX` at most."""
        async with self._enter(workspace) as connection:
            rows = await connection.fetch(queries("roster")["members"], workspace, MEMBERS_MAX)
        return [_member(row) for row in rows]

    async def set_role(self, workspace: str, person: UUID, role: Role, *, by: str) -> Member:
        """Give somebody another role; returns them as they were. PersonNotFound, LastAdmin.

        What an admin invited to who is one no longer is withdrawn, or they could come back by it.
        """
        async with self._enter(workspace) as connection:
            member = await self._changing(connection, workspace, person, leaves=role != "admin")
            await connection.execute(queries("roster")["set_role"], workspace, person, role)
            detail = f"from {member.role} to {role}"
            await tell(connection, workspace, "role_changed", by, named(person), detail)
            if role != "admin":
                await _withdraw_by(connection, workspace, person, by)
        return member

    async def set_disabled(
        self, workspace: str, person: UUID, *, disabled: bool, by: str
    ) -> Member:
        """Let somebody log in no longer, which ends their logins and withdraws their invitations,
        or again; returns them as they were. PersonNotFound, LastAdmin."""
        async with self._enter(workspace) as connection:
            member = await self._changing(connection, workspace, person, leaves=disabled)
            await connection.execute(queries("roster")["set_disabled"], workspace, person, disabled)
            if disabled:
                await connection.execute(queries("people")["end_sessions"], workspace, person)
            action: Action = "disabled" if disabled else "enabled"
            await tell(connection, workspace, action, by, named(person))
            if disabled:
                await _withdraw_by(connection, workspace, person, by)
        return member

    async def invite(
        self, workspace: str, *, email: str, role: Role, by: str
    ) -> tuple[Invitation, str]:
        """Let somebody join; returns the invitation and, this once, the secret of its link.

        An open invitation to the same e-mail ends. PersonExists, InvalidPerson say why not.
        """
        email = tidy_email(email)
        secret = f"{workspace}.{secrets.token_urlsafe(32)}"
        try:
            async with self._enter(workspace) as connection:
                if await connection.fetchval(queries("people")["has_person"], workspace, email):
                    raise PersonExists(workspace=workspace)
                await connection.execute(queries("roster")["forget_invitations"], workspace)
                row = await connection.fetchrow(
                    queries("roster")["invite"],
                    workspace,
                    digest_of(secret),
                    email,
                    role,
                    by,
                    self.invitation_hours,
                )
                subject = f"invitation:{row['invitation']}"
                await tell(connection, workspace, "invited", by, subject, role)
        except asyncpg.ForeignKeyViolationError as error:
            raise NoWorkspace(workspace=workspace) from error
        return _invitation(workspace, row), secret

    async def invitations(self, workspace: str) -> list[Invitation]:
        """The open invitations, the one that ends first first."""
        async with self._enter(workspace) as connection:
            rows = await connection.fetch(queries("roster")["invitations"], workspace)
        return [_invitation(workspace, row) for row in rows]

    async def withdraw(self, workspace: str, invitation: UUID, *, by: str) -> Invitation:
        """End an invitation before it is used; InvitationOver where it is gone."""
        async with self._enter(workspace) as connection:
            row = await connection.fetchrow(
                queries("roster")["withdraw_invitation"], workspace, invitation
            )
            if row is not None:
                subject = f"invitation:{invitation}"
                await tell(connection, workspace, "invitation_withdrawn", by, subject)
        if row is None:
            raise InvitationOver()
        return _invitation(workspace, row)

    async def invited(self, secret: str) -> Invitation:
        """The open invitation of a link; InvitationOver where it is none, or none any longer."""
        workspace = _workspace(secret)
        async with self._enter(workspace) as connection:
            row = await connection.fetchrow(
                queries("roster")["invited"], workspace, digest_of(secret)
            )
        if row is None:
            raise InvitationOver()
        return _invitation(workspace, row)

    async def join(self, secret: str, *, name: str, password: str) -> tuple[Person, Invitation]:
        """Make a person of an invitation, once. InvitationOver, InvalidPerson or WeakPassword say
        why not; then the invitation stays open."""
        name, workspace = tidy_name(name), _workspace(secret)
        await self.invited(secret)  # before hashing, which is made to be slow
        kept = await self.people.passwords.hash(password)
        try:
            async with self._enter(workspace) as connection:
                row = await connection.fetchrow(
                    queries("roster")["take_invitation"], workspace, digest_of(secret)
                )
                if row is None:
                    raise InvitationOver()
                person = await connection.fetchval(
                    queries("people")["add_person"],
                    workspace,
                    row["email"],
                    name,
                    row["role"],
                    kept,
                )
                subject = f"invitation:{row['invitation']}"
                await tell(connection, workspace, "joined", named(person), subject, row["role"])
        except asyncpg.UniqueViolationError as error:
            if constraint(error) == "person_email":
                raise PersonExists(workspace=workspace) from error
            raise
        joined = Person(
            id=person, workspace=workspace, email=row["email"], name=name, role=row["role"]
        )
        return joined, _invitation(workspace, row)

    async def logins(self, workspace: str, person: UUID, cookie: str | None) -> list[Login]:
        """The logins of a person that last; `cookie`: of the one that asks."""
        async with self._enter(workspace) as connection:
            rows = await connection.fetch(
                queries("roster")["sessions_of"], workspace, person, digest_of(cookie or "")
            )
        return [
            Login(
                id=row["session"],
                device=row["device"],
                place=row["place"],
                created_at=row["created_at"],
                seen_at=row["seen_at"],
                expires_at=row["expires_at"],
                is_current=row["is_current"],
            )
            for row in rows
        ]

    async def end_login(self, workspace: str, person: UUID, login: UUID) -> bool:
        """End one login of a person; False where it is over already, or somebody else's."""
        async with self._enter(workspace) as connection:
            ended = await connection.fetchval(
                queries("roster")["end_session_of"], workspace, person, login
            )
            if ended is not None:
                await tell(connection, workspace, "logins_ended", named(person), "", "one")
        return ended is not None

    async def end_logins(self, workspace: str, person: UUID, *, but: str | None) -> None:
        """End every login of a person, but the one of a cookie where one is given."""
        async with self._enter(workspace) as connection:
            await connection.execute(
                queries("roster")["end_sessions_of"], workspace, person, digest_of(but or "")
            )
            which = "all" if but is None else "all others"
            await tell(connection, workspace, "logins_ended", named(person), "", which)

    async def change_password(
        self, workspace: str, person: UUID, *, present: str, new: str, cookie: str | None
    ) -> None:
        """Give oneself another password, which ends one's other logins.

        WrongPassword, WeakPassword or TooManyLogins say why not; the present one is asked for so
        that nobody takes an open browser over for good.
        """
        async with self._enter(workspace) as connection:
            held = await connection.fetchval(queries("roster")["password_of"], workspace, person)
        if not await self.people.judge(workspace, str(person), "their account", held, present):
            raise WrongPassword()
        kept = await self.people.passwords.hash(new)
        async with self._enter(workspace) as connection:
            await connection.execute(queries("roster")["set_password_of"], workspace, person, kept)
            await connection.execute(
                queries("roster")["end_sessions_of"], workspace, person, digest_of(cookie or "")
            )
            await tell(connection, workspace, "password_changed", named(person), named(person))

    async def set_language(self, workspace: str, person: UUID, language: str | None) -> None:
        """Let pages speak a language to oneself; None leaves it to the browser."""
        async with self._enter(workspace) as connection:
            await connection.execute(queries("roster")["set_language"], workspace, person, language)

    async def _changing(
        self, connection: Any, workspace: str, person: UUID, *, leaves: bool
    ) -> Member:
        """Somebody about to be changed; `leaves`: whether they will be an admin no longer."""
        await connection.execute(queries("roster")["lock_roster"], workspace)
        row = await connection.fetchrow(queries("roster")["member"], workspace, person)
        if row is None:
            raise PersonNotFound(workspace=workspace)
        member = _member(row)
        if leaves and member.role == "admin" and member.disabled_at is None:
            others = await connection.fetchval(queries("roster")["other_admins"], workspace, person)
            if not others:
                raise LastAdmin(name=member.name)
        return member

    def _enter(self, workspace: str) -> AbstractAsyncContextManager[Any]:
        return Entered(self.pool, workspace)


async def _withdraw_by(connection: Any, workspace: str, person: UUID, by: str) -> None:
    sql = queries("roster")["withdraw_invitations_by"]
    for row in await connection.fetch(sql, workspace, named(person)):
        subject = f"invitation:{row['invitation']}"
        await tell(connection, workspace, "invitation_withdrawn", by, subject)


def _workspace(secret: str) -> str:
    match = _LINK.fullmatch(secret)
    if match is None:
        raise InvitationOver()
    return match[1]


def _member(row: Any) -> Member:
    return Member(
        id=row["person"],
        email=row["email"],
        name=row["name"],
        role=row["role"],
        created_at=row["created_at"],
        seen_at=row["seen_at"],
        disabled_at=row["disabled_at"],
        logins=row["logins"],
    )


def _invitation(workspace: str, row: Any) -> Invitation:
    return Invitation(
        id=row["invitation"],
        workspace=workspace,
        email=row["email"],
        role=row["role"],
        invited_by=row["invited_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
