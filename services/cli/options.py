"""The options that several commands share, taken before or after the command; it never acts on
them."""

import difflib
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import metadata
from typing import Any, Final, TypeVar

import click

from domain.clocks import KnownAt, read_known_at, read_on
from services.settings import Settings, read_settings

STORE: Final = ("workspace", "database_url", "data_dir")
"""The options of every command that opens a store."""
SHORT_HELP_CHARS_MAX: Final = 200
F = TypeVar("F", bound=Callable[..., Any])


class Common:
    """What was said by the shared options, wherever on the line; the later one wins."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    @property
    def as_json(self) -> bool:
        """Whether JSON was asked for, and not a table."""
        return self.said.get("format") == "json"

    def on(self) -> date:
        """The first clock; today, UTC, unless said."""
        return read_on(self.said.get("on"), datetime.now(UTC).date())

    def on_said(self) -> date | None:
        """The first clock where it was said, else None."""
        return self.on() if "on" in self.said else None

    def workspace(self) -> str:
        """The workspace named, or the one of the settings."""
        return self.said.get("workspace") or self.settings().workspace

    def known_at(self) -> KnownAt:
        """The second clock; the head unless said."""
        return read_known_at(self.said.get("known_at"))

    def settings(self, **more: str | None) -> Settings:
        """The settings of the environment, with what the options say instead.

        `more`: further settings by their names; None leaves one as it is.
        """
        environ = dict(os.environ)
        chosen = {name: self.said.get(name) for name in ("database_url", "data_dir")} | more
        for name, value in chosen.items():
            if value is not None:
                variable = f"ARTICLE20_{name.upper()}"
                environ[variable] = value
                environ.pop(f"{variable}_FILE", None)
        return read_settings(environ)


EVERYWHERE: Final = ("workspace", "database_url", "data_dir", "format")
"""What scripts may say to every command alike, also to one whose answer does not depend on it."""


class Command(click.Command):
    """A command that takes what may be said everywhere, and refuses a clock it has no use for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = {option for param in self.params for option in param.opts}
        for name in EVERYWHERE:
            option = f"--{name.replace('_', '-')}"
            if option not in taken:
                self.params.append(_unlisted(name, option))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; UsageError names the option that means nothing to it."""
        mine = {param.name for param in self.params}
        for name in ctx.ensure_object(Common).said:
            if name not in mine:
                option = f"--{name.replace('_', '-')}"
                raise click.UsageError(f"{option} means nothing to {ctx.info_name!r}.", ctx)
        return super().invoke(ctx)


class Group(click.Group):
    """A group that lists what each of its commands does in full, and knows what a name that is none
    may mean."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its first sentence."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(SHORT_HELP_CHARS_MAX)) for name, one in found if one]
            )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named first; UsageError says what may be meant by any other name."""
        said = args[0]
        names = self.list_commands(ctx)
        if said not in names and not said.startswith("-"):
            near = difflib.get_close_matches(said, names, n=1)
            known = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(names)}."
            raise click.UsageError(f"No such command {said!r}: {known}", ctx)
        return super().resolve_command(ctx, args)


def _keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None and param.name is not None:
        ctx.ensure_object(Common).said[param.name] = value


def _option(name: str, **how: Any) -> Callable[[F], F]:
    return click.option(f"--{name}", expose_value=False, callback=_keep, **how)


_OPTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "workspace": _option(
        "workspace",
        metavar="W",
        help="The workspace (ARTICLE20_WORKSPACE); `demo` in demo, else `default`.",
    ),
    "database_url": _option(
        "database-url",
        metavar="URL",
        help="A PostgreSQL 18 (ARTICLE20_DATABASE_URL); by default the embedded one.",
    ),
    "data_dir": _option(
        "data-dir", metavar="FOLDER", help="Where the data lie (ARTICLE20_DATA_DIR)."
    ),
    "format": _option(
        "format", type=click.Choice(["json", "table"]), help="How to print; by default a table."
    ),
    "on": _option("on", metavar="DAY", help="The day asked about; by default today, UTC."),
    "known_at": _option(
        "known-at",
        metavar="P",
        help="What was known: seq:N, a day or a timestamp; by default everything.",
    ),
}


def _unlisted(name: str, option: str) -> click.Option:
    """A shared option that a command takes without listing it in its help."""
    kind = click.Choice(["json", "table"]) if name == "format" else None
    return click.Option([option], expose_value=False, callback=_keep, hidden=True, type=kind)


def options(*names: str) -> Callable[[F], F]:
    """Give a command shared options by name, listed in that order."""

    def decorate(command: F) -> F:
        for name in reversed(names):
            command = _OPTIONS[name](command)
        return command

    return decorate


def version_text() -> str:
    """The version of article20 that is installed; `unknown` where it runs from a bare tree."""
    try:
        return metadata.version("article20")
    except metadata.PackageNotFoundError:
        return "unknown"
