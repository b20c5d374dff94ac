"""Webhook sources: machines that may submit and nothing else; their secrets are sealed at rest and
shown once."""

import re
import secrets
import time
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import msgspec

from domain.errors import Article20Error, SetupRefused, StoreUnavailable
from infra.postgres.pool import UNREACHABLE
from infra.postgres.queries import queries
from infra.postgres.scope import Entered, constraint
from infra.postgres.store import NoWorkspace
from infra.sealing import Sealer

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"
SOURCE_NAME: Final = "^[a-z0-9][a-z0-9._-]{0,62}$"
KEPT_MAX: Final = 10_000
KEPT_SECONDS_MAX: Final = 5.0
"""How long a source is remembered at most; changes are told at once while a listener listens."""


class SourceExists(Article20Error):
    """A webhook source {source!r} exists already. Its address /hooks/{source} is taken in this
    installation; choose another name."""

    slug, status = "source-exists", 409


class SourceNotFound(Article20Error):
    """There is no webhook source {source!r} in workspace {workspace!r}. See `article20
    webhook-source list`."""

    slug, status = "source-not-found", 404


class InvalidSource(Article20Error):
    """{source!r} cannot name a webhook source. Use up to 63 small letters, digits, dots, dashes and
    underscores, beginning with a letter or digit."""

    slug, status = "invalid-source", 422


class WebhookSource(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook source as lists show it; `previous_until`: how long the secret before is good."""

    source: str
    workspace: str
    trusted: bool
    created_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None
    disabled_at: datetime | None

    @property
    def path(self) -> str:
        """Where it submits."""
        return f"/hooks/{self.source}"


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """What judging a webhook needs: whose it is, whether it may submit, and its secrets."""

    source: str
    workspace: str
    trusted: bool
    enabled: bool
    secret: bytes
    previous: bytes | None
    previous_until: datetime | None

    def secrets(self, now: datetime) -> tuple[bytes, ...]:
        """The secrets good at the moment `now`, the current one first."""
        if self.previous is None or self.previous_until is None or now >= self.previous_until:
            return (self.secret,)
        return self.secret, self.previous


class Sources:
    """Adds, rotates, disables and finds webhook sources."""

    def __init__(self, pool: Any, sealer: Sealer | None) -> None:
        self.pool, self._sealer = pool, sealer
        self._kept: dict[str, tuple[float, Signer | None]] = {}

    async def add(
        self, workspace: str, source: str, *, trusted: bool = False
    ) -> tuple[WebhookSource, str]:
        """Add a source; returns it and, this once, its secret (`whsec_…`)."""
        if not re.fullmatch(SOURCE_NAME, source):
            raise InvalidSource(source=source)
        raw = secrets.token_bytes(SECRET_BYTES)
        sealed = self.sealer.seal(_purpose(workspace, source), raw)
        try:
            async with Entered(self.pool, workspace) as connection:
                row = await connection.fetchrow(
                    queries("sources")["add_source"], workspace, source, trusted, sealed
                )
        except asyncpg.IntegrityConstraintViolationError as error:
            if constraint(error) in ("hook_is_free", "webhook_source_pkey"):
                raise SourceExists(source=source) from error
            if constraint(error) == "workspace_exists":
                raise NoWorkspace(workspace=workspace) from error
            raise
        self.forget()
        return _source(workspace, row), _secret_text(raw)

    async def listed(self, workspace: str) -> list[WebhookSource]:
        """The sources of a workspace by name, disabled ones included."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(queries("sources")["sources"], workspace)
        return [_source(workspace, row) for row in rows]

    async def rotate(
        self, workspace: str, source: str, *, overlap_hours: int
    ) -> tuple[WebhookSource, str]:
        """Give a source a new secret, returned this once; the one before stays good for the
        overlap."""
        raw = secrets.token_bytes(SECRET_BYTES)
        sealed = self.sealer.seal(_purpose(workspace, source), raw)
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(
                queries("sources")["rotate_source"], workspace, source, sealed, overlap_hours
            )
        if row is None:
            raise SourceNotFound(source=source, workspace=workspace)
        self.forget()
        return _source(workspace, row), _secret_text(raw)

    async def disable(self, workspace: str, source: str) -> WebhookSource:
        """Let a source submit no longer; SourceNotFound where there is none of that name."""
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(queries("sources")["disable_source"], workspace, source)
        if row is None:
            raise SourceNotFound(source=source, workspace=workspace)
        self.forget()
        return _source(workspace, row)

    async def find(self, source: str) -> Signer | None:
        """What judging the webhooks of a source needs, or None where there is none of that name.

        The answer is remembered for a while; see `forget`.
        """
        kept = self._kept.get(source)
        if kept is not None and time.monotonic() < kept[0]:
            return kept[1]
        found = await self._read(source) if re.fullmatch(SOURCE_NAME, source) else None
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        if found is not None:
            # Names nobody has are not remembered: anyone could send a flood of them.
            self._kept[source] = (time.monotonic() + KEPT_SECONDS_MAX, found)
        return found

    def forget(self) -> None:
        """Look sources up again: something about them changed, or may have unheard."""
        self._kept.clear()

    @property
    def sealer(self) -> Sealer:
        """Seals secrets; SetupRefused where no secret key was given."""
        if self._sealer is None:
            raise SetupRefused(
                what="webhook sources need a secret key, and none is given",
                how="set ARTICLE20_SECRET_KEY or ARTICLE20_SECRET_KEY_FILE, to 32 random characters"
                " or more, and keep it",
            )
        return self._sealer

    async def _read(self, source: str) -> Signer | None:
        try:
            async with self.pool.acquire() as connection:
                workspace = await connection.fetchval(queries("sources")["hook_workspace"], source)
        except UNREACHABLE as error:
            raise StoreUnavailable(reason=str(error) or type(error).__name__) from error
        if workspace is None:
            return None
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(queries("sources")["source_secrets"], workspace, source)
        if row is None:
            return None
        purpose = _purpose(workspace, source)
        previous = row["previous_secret"]
        if row["previous_until"] is not None and row["previous_until"] <= datetime.now(UTC):
            previous = None
        return Signer(
            source=source,
            workspace=workspace,
            trusted=row["is_trusted"],
            enabled=row["is_enabled"],
            secret=self.sealer.open(purpose, row["secret"]),
            previous=None if previous is None else self.sealer.open(purpose, previous),
            previous_until=row["previous_until"],
        )


def _purpose(workspace: str, source: str) -> str:
    return f"webhook source {workspace}/{source}"


def _secret_text(raw: bytes) -> str:
    return SECRET_PREFIX + b64encode(raw).decode()


def _source(workspace: str, row: Any) -> WebhookSource:
    return WebhookSource(
        source=row["source"],
        workspace=workspace,
        trusted=row["is_trusted"],
        created_at=row["created_at"],
        rotated_at=row["rotated_at"],
        previous_until=row["previous_until"],
        disabled_at=row["disabled_at"],
    )
