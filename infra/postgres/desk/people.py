"""People of a workspace, their sessions and login attempts, and API tokens; it never tells why a
login failed."""

import hashlib
import re
import secrets
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from domain.errors import Article20Error
from infra.passwords import Passwords
from infra.postgres.desk.attempts import Attempts, Elsewhere, LoginBounds, subjects_of
from infra.postgres.desk.audit import NOBODY, PROGRAM, Action, AuditLine, add_lines
from infra.postgres.log.store import NoWorkspace
from infra.postgres.queries import queries
from infra.postgres.scope import Entered, constraint

Role = Literal["viewer", "contributor", "reviewer", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "contributor", "reviewer", "admin")
"""From the one who may least to the one who may most; each may what the ones before may."""
TOKEN_PREFIX: Final = "a20"
BY_TOKEN: Final = "token:"
"""How those who came by a token are told apart from those who came by a session."""
TOKEN_TOUCH_SECONDS: Final = 60
"""How exact the last use of a token is noted."""
SEEN_SECONDS: Final = 300
"""How exact it is noted when somebody was last seen."""
WORDS_CHARS_MAX: Final = 100
"""How long what a session says of its device, and of its place, may be."""
_TOKEN: Final = re.compile(r"a20_([a-z0-9][a-z0-9-]{0,62})_[A-Za-z0-9_-]{43}")
_WORKSPACE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_COOKIE: Final = re.compile(r"([a-z0-9][a-z0-9-]{0,62})\.[A-Za-z0-9_-]{43}")


class PersonExists(Article20Error):
    """Somebody with that e-mail is on the desk of workspace {workspace!r} already. Use another
    e-mail, or give the person another password."""

    slug, status = "person-exists", 409


class InvalidPerson(Article20Error):
    """{field} is not usable: {detail}."""

    slug, status = "invalid-person", 422


class TokenNotFound(Article20Error):
    """There is no token {token} in workspace {workspace!r}. See `article20 token list`."""

    slug, status = "token-not-found", 404


class LoginRefused(Article20Error):
    """The e-mail or the password is not right. Check both and try again."""

    slug, status = "login-refused", 401


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the desk of a workspace."""

    id: UUID
    workspace: str
    email: str
    name: str
    role: Role
    language: str | None = None
    """The language that pages speak to them, where they chose one."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as lists show it; the token itself is shown once, when it is made."""

    id: UUID
    workspace: str
    name: str
    role: Role
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class People:
    """Adds people, logs them in and out, and keeps API tokens."""

    def __init__(self, pool: Any, passwords: Passwords, bounds: LoginBounds) -> None:
        self.pool, self.passwords, self.bounds = pool, passwords, bounds
        self.attempts = Attempts(pool, bounds, at_once=passwords.hashes_max)
        self.elsewhere = Elsewhere(bounds)

    async def add(
        self, workspace: str, *, email: str, name: str, role: Role, password: str
    ) -> Person:
        """Add somebody to the desk; PersonExists, InvalidPerson or WeakPassword say why not."""
        email, name = tidy_email(email), tidy_name(name)
        async with self._enter(workspace) as connection:
            # Looked up first, because hashing is made to be slow; the constraint below decides.
            if await connection.fetchval(queries("people")["has_person"], workspace, email):
                raise PersonExists(workspace=workspace)
        kept = await self.passwords.hash(password)
        try:
            async with self._enter(workspace) as connection:
                person = await connection.fetchval(
                    queries("people")["add_person"], workspace, email, name, role, kept
                )
                line = AuditLine(
                    action="person_added", by=PROGRAM, subject=named(person), detail=role
                )
                await add_lines(connection, workspace, [line])
        except asyncpg.IntegrityConstraintViolationError as error:
            if constraint(error) == "person_email":
                raise PersonExists(workspace=workspace) from error
            if constraint(error) == "workspace_exists":
                raise NoWorkspace(workspace=workspace) from error
            raise
        return Person(id=person, workspace=workspace, email=email, name=name, role=role)

    async def set_password(self, workspace: str, email: str, password: str) -> Person | None:
        """Give somebody another password and end their sessions; None where nobody has that
        e-mail."""
        kept = await self.passwords.hash(password)
        async with self._enter(workspace) as connection:
            row = await connection.fetchrow(
                queries("people")["set_password"], workspace, tidy_email(email), kept
            )
            if row is None:
                return None
            await connection.execute(queries("people")["end_sessions"], workspace, row["person"])
            subject = named(row["person"])
            line = AuditLine(action="password_changed", by=PROGRAM, subject=subject)
            await add_lines(connection, workspace, [line])
        return _person(workspace, row)

    async def log_in(
        self,
        workspace: str,
        *,
        email: str,
        password: str,
        address: str,
        device: str = "",
        place: str = "",
    ) -> tuple[Person, str]:
        """Check a password and begin a session; returns the person and the cookie to set.

        `address`: of the client; `device`, `place`: what the session says of it. LoginRefused when
        anything is wrong, TooManyLogins when too many failed; neither tells whether the e-mail is
        known.
        """
        email = email.strip().lower()[:254].replace("\0", "")
        if not await self._has_workspace(workspace):
            self.elsewhere.count(subjects_of(f"{workspace}\0{email}", address))
            await self.passwords.check(None, password)
            raise LoginRefused()
        async with self._enter(workspace) as connection:
            row = await connection.fetchrow(queries("people")["person_to_log_in"], workspace, email)
        kept = row["password_hash"] if row is not None else None
        is_right = await self.judge(workspace, email, address, kept, password)
        if not is_right or row is None:
            line = AuditLine(action="login_refused", by=NOBODY, detail=f"{device}, {place}")
            async with self._enter(workspace) as connection:
                await add_lines(connection, workspace, [line])
            raise LoginRefused()
        person = _person(workspace, row)
        return person, await self.begin_session(person, device=device, place=place, judged=kept)

    async def judge(
        self, workspace: str, email: str, address: str, kept: str | None, password: str
    ) -> bool:
        """Whether a password is the one that was hashed, tried for an e-mail from an address, so
        that many at once are as bounded as many in turn; TooManyLogins when too many failed."""
        subjects = subjects_of(email, address)
        async with self.attempts.judging(workspace, subjects) as right:
            is_right = await self.passwords.check(kept, password)
            if is_right:
                right()
        return is_right

    async def begin_session(
        self, person: Person, *, device: str = "", place: str = "", judged: str | None = None
    ) -> str:
        """Begin a session of somebody who was let in; returns the cookie to set.

        `judged`: the hash that their password was judged by. LoginRefused where it is no longer
        theirs, or where they were disabled since: what ends logins ends those under way too.
        """
        secret = f"{person.workspace}.{secrets.token_urlsafe(32)}"
        async with self._enter(person.workspace) as connection:
            begun = await connection.fetchval(
                queries("people")["start_session"],
                person.workspace,
                digest_of(secret),
                person.id,
                self.bounds.session_hours,
                device[:WORDS_CHARS_MAX],
                place[:WORDS_CHARS_MAX],
                judged,
            )
            if begun is None:
                raise LoginRefused()
            line = AuditLine(action="logged_in", by=named(person.id), detail=f"{device}, {place}")
            await add_lines(connection, person.workspace, [line])
        return secret

    async def session(self, cookie: str) -> Person | None:
        """Whose session a cookie stands for, or None where it stands for none that lasts."""
        match = _COOKIE.fullmatch(cookie)
        if match is None:
            return None
        async with self._enter(match[1]) as connection:
            row = await connection.fetchrow(
                queries("people")["session_person"], match[1], digest_of(cookie), SEEN_SECONDS
            )
            if row is not None and row["is_stale"]:
                await connection.execute(
                    queries("people")["touch_session"], match[1], digest_of(cookie)
                )
        return None if row is None else _person(match[1], row)

    async def still_let_in(self, workspace: str, holders: Collection[str]) -> set[str]:
        """Of some who were let in, by the cookies of their sessions or as `token:` and the id,
        those who would be let in now; nothing is noted of them."""
        sessions = {digest_of(one): one for one in holders if not one.startswith(BY_TOKEN)}
        tokens = {
            UUID(one.removeprefix(BY_TOKEN)): one for one in holders if one.startswith(BY_TOKEN)
        }
        async with self._enter(workspace) as connection:
            rows = await connection.fetch(
                queries("people")["still_let_in"], workspace, list(sessions), list(tokens)
            )
        return {
            tokens[row["token"]] if row["digest"] is None else sessions[row["digest"]]
            for row in rows
        }

    async def log_out(self, cookie: str, *, quickly: bool = False) -> None:
        """End the session of a cookie; `quickly`: by leaving the site at once."""
        match = _COOKIE.fullmatch(cookie)
        if match is not None:
            async with self._enter(match[1]) as connection:
                person = await connection.fetchval(
                    queries("people")["end_session"], match[1], digest_of(cookie)
                )
                if person is not None:
                    action: Action = "left_quickly" if quickly else "logged_out"
                    await add_lines(
                        connection, match[1], [AuditLine(action=action, by=named(person))]
                    )

    async def create_token(self, workspace: str, *, name: str, role: Role) -> tuple[Token, str]:
        """Make an API token; returns it as lists show it, and, this once, the token itself."""
        if not 1 <= len(name) <= 200 or "\0" in name:
            raise InvalidPerson(field="the token's name", detail="it has 1 to 200 characters")
        secret = f"{TOKEN_PREFIX}_{workspace}_{secrets.token_urlsafe(32)}"
        try:
            async with self._enter(workspace) as connection:
                row = await connection.fetchrow(
                    queries("people")["add_token"], workspace, digest_of(secret), name, role
                )
                subject = f"token:{row['token']}"
                line = AuditLine(action="token_created", by=PROGRAM, subject=subject, detail=role)
                await add_lines(connection, workspace, [line])
        except asyncpg.ForeignKeyViolationError as error:
            raise NoWorkspace(workspace=workspace) from error
        return _token(workspace, row), secret

    async def tokens(self, workspace: str) -> list[Token]:
        """The API tokens of a workspace, revoked ones included, the latest first."""
        async with self._enter(workspace) as connection:
            rows = await connection.fetch(queries("people")["tokens"], workspace)
        return [_token(workspace, row) for row in rows]

    async def revoke_token(self, workspace: str, token: UUID) -> Token:
        """Revoke an API token for good; TokenNotFound where there is none of that id."""
        async with self._enter(workspace) as connection:
            row = await connection.fetchrow(queries("people")["revoke_token"], workspace, token)
            if row is not None:
                line = AuditLine(action="token_revoked", by=PROGRAM, subject=f"token:{token}")
                await add_lines(connection, workspace, [line])
        if row is None:
            raise TokenNotFound(workspace=workspace, token=token)
        return _token(workspace, row)

    async def token(self, text: str) -> Token | None:
        """The API token somebody shows, or None where it is none or revoked; notes its use."""
        match = _TOKEN.fullmatch(text)
        if match is None:
            return None
        workspace = match[1]
        async with self._enter(workspace) as connection:
            row = await connection.fetchrow(
                queries("people")["find_token"], workspace, digest_of(text), TOKEN_TOUCH_SECONDS
            )
            if row is not None and row["is_stale"]:
                await connection.execute(queries("people")["touch_token"], workspace, row["token"])
        return None if row is None else _token(workspace, row)

    async def _has_workspace(self, workspace: str) -> bool:
        """Whether attempts may be counted there: for a name that is none nothing is kept."""
        if not _WORKSPACE.fullmatch(workspace):
            return False
        async with self._enter(workspace) as connection:
            return await connection.fetchval(queries("log")["head"], workspace) is not None

    def _enter(self, workspace: str) -> AbstractAsyncContextManager[Any]:
        return Entered(self.pool, workspace)


def named(person: UUID) -> str:
    """A person as events and the audit list name them."""
    return f"person:{person}"


def tidy_email(text: str) -> str:
    """An e-mail as it is compared; InvalidPerson says how to write it."""
    email = text.strip().lower()
    if not 3 <= len(email) <= 254 or not re.fullmatch(r"[^\s@\0]+@[^\s@\0]+", email):
        raise InvalidPerson(field="the e-mail", detail="write it as name@example.org")
    return email


def tidy_name(text: str) -> str:
    """A name without stray spaces; InvalidPerson says how long it may be."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= 200 or "\0" in name:
        raise InvalidPerson(field="the name", detail="it has 1 to 200 characters")
    return name


def digest_of(secret: str) -> bytes:
    """What is kept of a secret that somebody shows."""
    # What is digested has 256 random bits, or is no secret; a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).digest()


def _person(workspace: str, row: Any) -> Person:
    return Person(
        id=row["person"],
        workspace=workspace,
        email=row["email"],
        name=row["name"],
        role=row["role"],
        language=row.get("language"),
    )


def _token(workspace: str, row: Any) -> Token:
    return Token(
        id=row["token"],
        workspace=workspace,
        name=row["name"],
        role=row["role"],
        created_at=row["created_at"],
        used_at=row["used_at"],
        revoked_at=row["revoked_at"],
    )
