"""Every setting, read once at start into one frozen struct; it never reads the environment again.

A setting `name` comes from the variable `ARTICLE20_NAME`, or from the file that
`ARTICLE20_NAME_FILE` names, without its last line break. Unknown and malformed ones are refused in
one line.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from domain.errors import SetupRefused
from domain.misfits import misfit

PREFIX: Final = "ARTICLE20_"
FILE: Final = "_FILE"
DEFAULT_WORKSPACE: Final = "default"
SECRET_KEY_CHARS_MIN: Final = 32
POSTGRESQL: Final = ("postgresql://", "postgres://")

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Bytes = Annotated[int, msgspec.Meta(ge=1024, le=64 * 1024 * 1024)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
NAME: Final = "^[a-z0-9][a-z0-9-]{0,62}$"
Name = Annotated[str, msgspec.Meta(pattern=NAME)]


def user_data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's folder for the data of article20; SetupRefused where the user has no home."""
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"]) / "article20"
    try:
        home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    except RuntimeError as error:
        raise SetupRefused(
            what="there is no home folder to keep the data in",
            how=f"name a folder with --data-dir or {PREFIX}DATA_DIR",
        ) from error
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "article20"
    return home / ".local" / "share" / "article20"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation may set; every bound of the program that one may want to move."""

    host: str = "127.0.0.1"
    """The address the server listens on."""
    port: Port = 8020
    """The port the server listens on."""
    public_url: str = ""
    """The address people type, such as `https://article20.example.org`, where a web server stands
    in front. With https the session cookie is sent over https only."""
    forwarded_by: str = ""
    """Addresses or networks of the web servers in front, separated by commas, whose
    `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    data_dir: Path = msgspec.field(default_factory=user_data_dir)
    """The folder of the embedded PostgreSQL and of generated keys; by default `article20` in the
    user's folder for data."""
    database_url: str = ""
    """The PostgreSQL 18 to use; empty means the embedded one."""
    database_connections_max: Annotated[int, msgspec.Meta(ge=4, le=1000)] = 16
    """How many connections one process opens."""
    workspace: Name = DEFAULT_WORKSPACE
    """The workspace of the login page and of everything that names none. It is made as the first of
    a database; every other but `default` is made by `article20 workspace add`."""
    secret_key: str = ""
    """Encrypts the secrets of webhook sources and signs the tokens of forms; 32 characters or more.
    Made once, in a file of the data folder, where the embedded PostgreSQL is used; to be given
    otherwise."""
    secret_key_previous: str = ""
    """The key before, still read while secrets are encrypted with it, never used for new ones."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged, as JSON, one line each, on stderr."""

    body_bytes_max: Bytes = 256 * 1024
    """The largest body of a request."""
    batch_bytes_max: Bytes = 1024 * 1024
    """The largest body of a CloudEvents batch."""
    batch_items_max: Count = 500
    """How many events a CloudEvents batch may hold."""
    body_seconds_max: Seconds = 30.0
    """How long a body may take to arrive."""
    signature_tolerance_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 300
    """How far the time of a signed webhook may be off, either way."""
    rotation_overlap_hours: Annotated[int, msgspec.Meta(ge=0, le=24 * 365)] = 24
    """How long the secret before is accepted beside a new one, unless the rotation says other."""
    source_requests_per_second_max: Rate = 1000.0
    """How many webhooks one source may send, on average."""
    source_burst_requests_max: Count = 5000
    """How many of them at once."""
    deliveries_days_max: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90
    """How long it is kept what webhook sources delivered and what became of it."""
    refused_bodies_days_max: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 14
    """How long the body of a refused delivery is kept, so that it can be replayed."""
    refused_bodies_bytes_max: Annotated[int, msgspec.Meta(ge=1024, le=2**40)] = 64 * 1024 * 1024
    """How much of them one workspace keeps; the oldest go first."""
    import_bytes_max: Bytes = 32 * 1024 * 1024
    """The largest table that can be uploaded."""
    import_seconds_max: Seconds = 300.0
    """How long an upload may take to arrive."""
    imports_days_max: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    """How long the rows of an uploaded table are kept; what was recorded stays for ever."""
    deliveries_waiting_max: Count = 20_000
    """How many deliveries may wait to be noted; further ones are taken all the same, and left out
    of the list."""
    feed_polling: bool = True
    """Whether `serve` polls feeds; `article20 feed poll` does it whenever it is called."""
    feed_poll_seconds: Annotated[float, msgspec.Meta(ge=60, le=86_400)] = 1800.0
    """How long a feed is left alone after it was asked; longer where its publisher says so, and
    twice as long after each failure in a row."""
    feed_bytes_max: Bytes = 2 * 1024 * 1024
    """The largest feed, unpacked."""
    feed_seconds_max: Seconds = 20.0
    """How long a feed may take to answer, and then to be read."""
    feed_entries_max: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 200
    """How many entries of a feed are read each time, from its beginning."""
    feed_drafts_max: Count = 500
    """How many drafts of one feed may wait; further entries are read once there is room."""
    outgoing_private_hosts: str = ""
    """Hosts within your own network, as `host` or `host:port`, separated by commas, that feeds may
    be fetched from. All others have to have public addresses."""
    token_requests_per_second_max: Rate = 200.0
    """How many requests one API token or session may make, on average."""
    token_burst_requests_max: Count = 1000
    """How many of them at once."""

    session_hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 90)] = 12
    """How long a login lasts."""
    invitation_hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 30)] = 72
    """How long the link of an invitation lets somebody join."""
    smtp_url: str = ""
    """The server that mails invitations: `smtps://user:password@host:465`, or `smtp://…:587`, which
    begins with STARTTLS; percent-encode what is no letter or digit. Empty: nothing is mailed."""
    mail_from: str = ""
    """The address that mail comes from."""
    mail_seconds_max: Seconds = 10.0
    """How long handing a mail over may take."""
    login_attempts_max: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    """How many failed logins one address may make for one e-mail within the window; ten times as
    many for one e-mail or from one address alone."""
    login_window_seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 900
    """The window in which failed logins count."""
    login_hashes_max: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    """How many passwords are checked at a time; each takes 46 MiB for a moment."""

    figures_bytes_max: Annotated[int, msgspec.Meta(ge=0, le=2**40)] = 512 * 1024 * 1024
    """How much memory one process may use to keep the facts that boards are reckoned from at hand,
    about 190 bytes for each government of each version of a claim, and as much again for those of
    the governments that were opened last. Answers about longer histories are right as well, and
    slower: first sums of the head are left out, then everything is read anew, and passes by in
    order, aside in the temporary folder, so that no answer takes more memory for it."""
    pages_bytes_max: Annotated[int, msgspec.Meta(ge=0, le=2**40)] = 64 * 1024 * 1024
    """How much memory one process may use to keep pages as it drew them, for whoever asks for the
    same page again before anything changed."""
    min_position_wait_seconds_max: Seconds = 5.0
    """How long a read with `min_position` waits for the views."""
    page_claims_max: Count = 1000
    """How many claims one page of a list holds."""
    page_events_max: Count = 1000
    """How many events of the log one page holds."""
    live_clients_max: Count = 12_000
    """How many live streams one process keeps open."""
    live_heartbeat_seconds: Seconds = 15.0
    """How often a silent stream says that it is there."""
    live_access_seconds: Seconds = 10.0
    """How often it is looked whether those who follow a stream are still let in: whoever is
    disabled, logged out or has a revoked token is told nothing after this long."""
    live_send_seconds_max: Seconds = 20.0
    """How long a client may take to accept a message before its stream is closed."""
    live_stream_seconds_max: Seconds = 1800.0
    """How long a stream lasts; the client comes back and shows who it is again."""
    live_claims_max: Count = 200
    """How many claims one message of a stream names; governments are always named all."""

    append_requests_max: Count = 1000
    """How many requests one batch of the appender holds."""
    append_bytes_max: Bytes = 8 * 1024 * 1024
    """How many bytes one batch of the appender holds."""
    append_waiting_max: Count = 20_000
    """How many requests may wait for the log before further ones are refused."""
    project: bool = True
    """Whether `serve` brings the views forward itself. Where it does not, `article20 project` does,
    as a process of its own: then pages and submissions never wait for a fold."""
    project_events_max: Count = 2000
    """How many events the projector folds in one transaction when it is behind."""
    shutdown_seconds_max: Seconds = 20.0
    """How long requests under way may take to end when the server stops."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in the variables of an environment; SetupRefused names the one that is wrong."""
    fields = {field.name for field in msgspec.structs.fields(Settings)}
    found: dict[str, Any] = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in fields:
            value = environ[variable]
        elif name.endswith(FILE.lower()) and name[: -len(FILE)] in fields:
            name = name[: -len(FILE)]
            value = _read_file(variable, environ[variable])
        else:
            raise SetupRefused(
                what=f"{variable} is not a setting of article20",
                how="see docs/settings.md for the settings, or unset it",
            )
        if name in found:
            raise SetupRefused(
                what=f"{PREFIX}{name.upper()} is given twice, as a value and as a file",
                how="keep one of the two",
            )
        found[name] = value
    found.setdefault("data_dir", str(user_data_dir(environ)))
    settings = _convert(found)
    validate(settings)
    return settings


def validate(settings: Settings) -> None:
    """SetupRefused when settings are well-formed each but not possible together or at all."""
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise _refused("public_url", "write https:// and the name of the host, without a path")
    if settings.smtp_url:
        mail = urlsplit(settings.smtp_url)
        if mail.scheme not in ("smtp", "smtps") or not mail.hostname:
            raise _refused("smtp_url", "begin with smtp:// or smtps:// and name the host")
        if not re.fullmatch(r"[^\s@]+@[^\s@]+", settings.mail_from):
            raise _refused("mail_from", "give the address that mail comes from")
    if settings.database_url and not settings.database_url.startswith(POSTGRESQL):
        raise _refused("database_url", "begin with postgresql://")
    for name in ("secret_key", "secret_key_previous"):
        if 0 < len(getattr(settings, name)) < SECRET_KEY_CHARS_MIN:
            raise _refused(name, f"give {SECRET_KEY_CHARS_MIN} random characters or more")
    if settings.secret_key_previous and not settings.secret_key:
        raise _refused("secret_key_previous", "give the new key too, as secret_key")
    if settings.batch_bytes_max < settings.body_bytes_max:
        raise _refused("batch_bytes_max", "allow a batch at least what one body may have")


def _convert(found: dict[str, Any]) -> Settings:
    for name, value in found.items():
        try:
            msgspec.convert({name: value}, Settings, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            said = str(error).partition(" - at ")[0]
            raise _refused(name, misfit(said, Settings, f"/{name}")) from None
    return msgspec.convert(found, Settings, strict=False, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str) and value:
        return Path(value).expanduser().absolute()
    raise ValueError("give the path of a folder")


def _read_file(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SetupRefused(
            what=f"{variable} names {path}, which cannot be read ({reason})",
            how="name a file this user may read",
        ) from error


def _refused(name: str, how: str) -> SetupRefused:
    # The value is left out: it may be a secret.
    return SetupRefused(what=f"{PREFIX}{name.upper()} is not usable", how=how)
