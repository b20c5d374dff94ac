"""Webhook sources: machines that may submit and nothing else; their secrets are sealed at rest and
shown once."""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

import asyncpg
import msgspec

from domain.errors import Article20Error, SetupRefused
from infra.postgres.desk.audit import PROGRAM, Action, tell
from infra.postgres.desk.limits import Limits
from infra.postgres.log.store import NoWorkspace
from infra.postgres.pool import HINDERED, unavailable
from infra.postgres.queries import queries
from infra.postgres.remembered import Remembered
from infra.postgres.scope import Entered, constraint
from infra.sealing import Sealer

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"
PUBLIC_KEY_PREFIX: Final = "whpk_"
PUBLIC_KEY_BYTES: Final = 32
SOURCE_NAME: Final = "^[a-z0-9][a-z0-9._-]{0,62}$"
FORMER_SECRETS_MAX: Final = 5
"""How many former secrets may be good at once; a constraint of the table holds to it."""
KEPT_MAX: Final = 10_000
KEPT_SECONDS_MAX: Final = 5.0
"""How long a source is remembered at most; changes are told at once while a listener listens."""

Scheme = Literal["v1", "v1a"]


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


class InvalidPublicKey(Article20Error):
    """This is not a public key for signed webhooks. Give an Ed25519 key as Standard Webhooks writes
    it: whpk_ and the base64 of its 32 bytes."""

    slug, status = "invalid-public-key", 422


class TooManySecrets(Article20Error):
    """Webhook source {source!r} has {secrets_max} former secrets that are still good, the first
    until {until}. Rotate after that, or end all of them now, on the page Sources or with `article20
    webhook-source rotate {source} --overlap-hours 0`."""

    slug, status = "too-many-secrets", 409


class SigningKey(msgspec.Struct, frozen=True):
    """What a signature is checked with: a shared secret (`v1`), or an Ed25519 public key
    (`v1a`)."""

    scheme: Scheme
    raw: bytes


class WebhookSource(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook source as lists show it.

    `scheme`: how it signs, `v1` with a shared secret or `v1a` with Ed25519. `kinds`, `governments`:
    what it may submit, None for everything. The rate is None where it is the one of the settings.
    `previous_until`: how long the secret before is good.
    """

    source: str
    workspace: str
    trusted: bool
    scheme: Scheme
    kinds: tuple[str, ...] | None
    governments: tuple[str, ...] | None
    requests_per_second_max: float | None
    burst_requests_max: int | None
    created_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None
    disabled_at: datetime | None

    @property
    def path(self) -> str:
        """Where it submits."""
        return f"/hooks/{self.source}"


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """What judging a webhook needs: whose it is, whether it may submit, and its secrets; the
    former ones with the moment at which each ends, the newest first."""

    source: str
    workspace: str
    trusted: bool
    enabled: bool
    secret: SigningKey
    former: tuple[tuple[SigningKey, datetime], ...] = ()
    kinds: frozenset[str] | None = None
    governments: frozenset[str] | None = None
    requests_per_second_max: float | None = None
    burst_requests_max: int | None = None

    def secrets(self, now: datetime) -> tuple[SigningKey, ...]:
        """The secrets good at the moment `now`, the current one first."""
        return self.secret, *(key for key, until in self.former if now < until)


CHANGES: Final[Mapping[str, Action]] = {
    "rotate_source": "source_rotated",
    "disable_source": "source_disabled",
    "enable_source": "source_enabled",
    "trust_source": "source_trusted",
    "limit_source": "source_limited",
}
"""What changes a source -> the action of the line that it leaves in the audit list."""


class Sources:
    """Adds, rotates, disables and finds webhook sources."""

    def __init__(self, pool: Any, sealer: Sealer | None) -> None:
        self.pool, self._sealer = pool, sealer
        self._signers = Remembered(self._read, kept_max=KEPT_MAX, kept_seconds_max=KEPT_SECONDS_MAX)

    async def add(
        self,
        workspace: str,
        source: str,
        *,
        trusted: bool = False,
        public_key: str | None = None,
        by: str = PROGRAM,
    ) -> tuple[WebhookSource, str]:
        """Add a source; returns it and, this once, its secret (`whsec_…`), or the `public_key`
        (`whpk_…`) it will sign for."""
        if not re.fullmatch(SOURCE_NAME, source):
            raise InvalidSource(source=source)
        key, text = _made(public_key)
        sealed = self.sealer.seal(_purpose(workspace, source), key.raw)
        try:
            async with Entered(self.pool, workspace) as connection:
                row = await connection.fetchrow(
                    queries("sources")["add_source"],
                    workspace,
                    source,
                    trusted,
                    sealed,
                    key.scheme,
                )
                told = _trusted(trusted)
                await tell(connection, workspace, "source_added", by, f"source:{source}", told)
        except asyncpg.IntegrityConstraintViolationError as error:
            if constraint(error) in ("hook_is_free", "webhook_source_pkey"):
                raise SourceExists(source=source) from error
            if constraint(error) == "workspace_exists":
                raise NoWorkspace(workspace=workspace) from error
            raise
        self.forget()
        return _source(workspace, row), text

    async def listed(self, workspace: str) -> list[WebhookSource]:
        """The sources of a workspace by name, disabled ones included."""
        async with Entered(self.pool, workspace) as connection:
            rows = await connection.fetch(queries("sources")["sources"], workspace)
        return [_source(workspace, row) for row in rows]

    async def rotate(
        self,
        workspace: str,
        source: str,
        *,
        overlap_hours: int,
        public_key: str | None = None,
        by: str = PROGRAM,
    ) -> tuple[WebhookSource, str]:
        """Give a source a new secret, returned this once, or another `public_key`; the one before
        stays good for the overlap, and those before it until the end of theirs. Without overlap
        all of them end. TooManySecrets where one more would be too many."""
        key, text = _made(public_key)
        sealed = self.sealer.seal(_purpose(workspace, source), key.raw)
        how = (sealed, overlap_hours, key.scheme)
        told = f"the secret before stays good for {overlap_hours} hours"
        try:
            rotated = await self._change("rotate_source", workspace, source, by, told, *how)
        except asyncpg.CheckViolationError as error:
            if constraint(error) != "former_secrets_are_few":
                raise
            raise await self._too_many(workspace, source) from error
        return rotated, text

    async def disable(self, workspace: str, source: str, *, by: str = PROGRAM) -> WebhookSource:
        """Let a source submit no longer; SourceNotFound where there is none of that name."""
        return await self._change("disable_source", workspace, source, by, "")

    async def enable(self, workspace: str, source: str, *, by: str = PROGRAM) -> WebhookSource:
        """Let a source submit again; SourceNotFound where there is none of that name."""
        return await self._change("enable_source", workspace, source, by, "")

    async def trust(
        self, workspace: str, source: str, *, trusted: bool, by: str = PROGRAM
    ) -> WebhookSource:
        """Accept the claims of a source at once, or let them pend from now on."""
        return await self._change("trust_source", workspace, source, by, _trusted(trusted), trusted)

    async def limit(
        self, workspace: str, source: str, limits: Limits, *, by: str = PROGRAM
    ) -> WebhookSource:
        """Limit what a source may submit and how often, in place of its limits before; InvalidLimit
        names what it cannot be limited to."""
        limits.check()
        return await self._change(
            "limit_source",
            workspace,
            source,
            by,
            limits.told(),
            limits.kinds,
            limits.governments,
            limits.requests_per_second_max,
            limits.burst_requests_max,
        )

    async def _too_many(self, workspace: str, source: str) -> TooManySecrets:
        sql = queries("sources")["former_secrets_until"]
        async with Entered(self.pool, workspace) as connection:
            until = await connection.fetchval(sql, workspace, source)
        said = f"{until or datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        return TooManySecrets(source=source, secrets_max=FORMER_SECRETS_MAX, until=said)

    async def _change(
        self, change: str, workspace: str, source: str, by: str, told: str, *how: Any
    ) -> WebhookSource:
        """Make a change, and write its line in the same transaction; `told` is what it says."""
        sql = queries("sources")[change]
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(sql, workspace, source, *how)
            if row is None:
                raise SourceNotFound(source=source, workspace=workspace)
            await tell(connection, workspace, CHANGES[change], by, f"source:{source}", told)
        self.forget()
        return _source(workspace, row)

    async def find(self, source: str) -> Signer | None:
        """What judging the webhooks of a source needs, or None where there is none of that name.

        The answer is remembered for a while; see `kept` and `forget`.
        """
        return await self._signers.find(source) if re.fullmatch(SOURCE_NAME, source) else None

    def kept(self, source: str) -> Signer | None:
        """What `find` answers, where it is remembered."""
        return self._signers.kept(source)

    def forget(self) -> None:
        """Look sources up again: something about them changed, or may have unheard."""
        self._signers.forget()

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
        except HINDERED as error:
            raise unavailable(error) from error
        if workspace is None:
            return None
        async with Entered(self.pool, workspace) as connection:
            row = await connection.fetchrow(queries("sources")["source_secrets"], workspace, source)
        if row is None:
            return None
        purpose = _purpose(workspace, source)
        now = datetime.now(UTC)
        former = tuple(
            (SigningKey(scheme, self.sealer.open(purpose, sealed)), until)
            for sealed, scheme, until in zip(
                row["former_secrets"], row["former_schemes"], row["former_until"], strict=True
            )
            if until is not None and until > now
        )
        return Signer(
            source=source,
            workspace=workspace,
            trusted=row["is_trusted"],
            enabled=row["is_enabled"],
            secret=SigningKey(row["scheme"], self.sealer.open(purpose, row["secret"])),
            former=former,
            kinds=None if row["kinds"] is None else frozenset(row["kinds"]),
            governments=None if row["governments"] is None else frozenset(row["governments"]),
            requests_per_second_max=row["requests_per_second_max"],
            burst_requests_max=row["burst_requests_max"],
        )


def _trusted(trusted: bool) -> str:
    return "its claims are accepted at once" if trusted else "its claims wait for the desk"


def _purpose(workspace: str, source: str) -> str:
    return f"webhook source {workspace}/{source}"


def _made(public_key: str | None) -> tuple[SigningKey, str]:
    """A new shared secret, or the public key that was given, and how it is written."""
    if public_key is None:
        raw = secrets.token_bytes(SECRET_BYTES)
        return SigningKey("v1", raw), SECRET_PREFIX + b64encode(raw).decode()
    try:
        raw = b64decode(public_key.removeprefix(PUBLIC_KEY_PREFIX), validate=True)
    except ValueError:
        raise InvalidPublicKey() from None
    if not public_key.startswith(PUBLIC_KEY_PREFIX) or len(raw) != PUBLIC_KEY_BYTES:
        raise InvalidPublicKey()
    return SigningKey("v1a", raw), public_key


def _several(values: Any) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _source(workspace: str, row: Any) -> WebhookSource:
    return WebhookSource(
        source=row["source"],
        workspace=workspace,
        trusted=row["is_trusted"],
        scheme=row["scheme"],
        kinds=_several(row["kinds"]),
        governments=_several(row["governments"]),
        requests_per_second_max=row["requests_per_second_max"],
        burst_requests_max=row["burst_requests_max"],
        created_at=row["created_at"],
        rotated_at=row["rotated_at"],
        previous_until=row["previous_until"],
        disabled_at=row["disabled_at"],
    )
