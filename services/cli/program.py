"""The program: its commands, loaded when they are called, and how it ends; it never does the work.

It exits 0 when done, 1 when refused or failed, with one line on stderr, and 2 when it was called
wrongly. What nobody expected leaves its traceback in a file, and its name in the line.
"""

import asyncio
import errno
import importlib
import logging
import os
import stat
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, TextIO

import click

from domain.errors import Article20Error
from services.cli import STOPPED
from services.cli.options import Common, Group, options, version_text
from services.cli.writing import buffer_stdout
from services.collecting import settle

REFUSED: Final = 1
DRIVER: Final = "asyncpg"
"""The logger of what speaks to PostgreSQL."""
LOG_NAME: Final = "article20-errors.log"
COMMANDS: Final = {
    "demo": ("services.cli.demo:demo", "Start everything, with the shipped chronology."),
    "serve": ("services.cli.serve:serve", "Serve the dashboard and the API until Ctrl-C."),
    "project": ("services.cli.serve:project", "Bring the views forward until Ctrl-C."),
    "migrate": ("services.cli.store:migrate", "Bring the database to this version's schema."),
    "import": ("services.cli.imports:import_", "Record claims from JSONL, CSV or XLSX."),
    "export": ("services.cli.files:export", "Write the claims as JSONL, CSV or XLSX."),
    "replay": ("services.cli.answers:replay", "Answer from the events alone."),
    "rebuild": ("services.cli.store:rebuild", "Fold views again from the events."),
    "report": ("services.cli.answers:report", "Write a report with numbered sources."),
    "webhook-source": (
        "services.cli.deliveries:webhook_source",
        "Add, list, rotate, disable webhook sources.",
    ),
    "feed": ("services.cli.feeds:feed", "Add, list, poll, disable Atom and RSS feeds."),
    "send": ("services.cli.send:send", "Sign claims and send them to a webhook."),
    "token": ("services.cli.access:token", "Create, list and revoke API tokens."),
    "person": ("services.cli.access:person", "Add people to the desk of a workspace."),
    "workspace": ("services.cli.access:workspace", "Add workspaces."),
    "weights": ("services.cli.weights:weights", "Keep weights of your own."),
    "verify": ("services.cli.store:verify", "Prove the store sound."),
    "status": ("services.cli.store:status", "Say what is installed and how far it is."),
}
"""Name of a command, in the order in which they are listed -> module and attribute, and what it
does in the words of its own help: listing the commands imports none of them."""


REMEDIES: Final = {
    errno.ENOENT: "Check its name, and that of its folder.",
    errno.EACCES: "Mend its permissions, or name another one.",
    errno.EPERM: "Mend its permissions, or name another one.",
    errno.EROFS: "Name one where this user may write.",
    errno.EISDIR: "Name a file, not a folder.",
    errno.ENOTDIR: "Name one whose folder is none of your files.",
    errno.ENOSPC: "Make room on the disk, and do it again.",
    errno.EDQUOT: "Make room on the disk, and do it again.",
}
"""What the system says of a file -> how to mend it."""
UNHEARD: Final = (errno.ENOSPC, errno.EPIPE, errno.EDQUOT, errno.EIO)
"""What the system says of a stream that takes nothing any more."""


class Program(Group):
    """A group whose commands are imported only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with what it does."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in COMMANDS.items()])


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The options above may stand before or after the command.",
)
@click.version_option(version_text(), prog_name="article20", message="%(prog)s %(version)s")
@options("workspace", "database_url", "data_dir", "format", "on", "known_at")
def program() -> None:
    """The memory and the live picture of everyone who defends the Mine Ban Treaty."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program with `arguments` (default: those of the process) and exit."""
    sys.excepthook = report_unexpected
    # What it says of a lost connection, with its traceback, the line of the command says in words.
    logging.getLogger(DRIVER).addHandler(logging.NullHandler())
    buffer_stdout()
    settle()
    ended = run(arguments)
    with _where_it_can_be_written():
        pass  # what was said before: Python would exit 120 where it finds no room for it
    sys.exit(ended)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns how it exits. What nobody expected is raised."""
    try:
        program.main(arguments, prog_name="article20", standalone_mode=False, obj=Common())
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as wrong:
        with _where_it_can_be_written():
            wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt, asyncio.CancelledError) as ended:
        return _refused(_noted(STOPPED, ended))
    except Article20Error as error:
        return _refused(_noted(str(error), error))
    except OSError as error:
        _leave(sys.stdout)
        if error.errno == errno.EPIPE:  # whoever read our output has read enough
            return REFUSED
        return _refused(_noted(_os_text(error), error))
    return 0


def _leave(stream: TextIO) -> None:
    """Keep Python from failing once more at exit, where nothing can be written any more."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def _where_it_can_be_written() -> Iterator[None]:
    """What the block says on stderr, and all before, as far as there is room for it: how it ended
    is told by how it exits, also where nobody reads what it says."""
    try:
        yield
    except OSError as error:
        if error.errno not in UNHEARD:
            raise
    finally:
        if sys.stderr is not None and not sys.stderr.closed:
            _leave(sys.stderr)


def report_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say in one line that the program failed, and write the traceback where the line says."""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    lines = [f"{moment} {' '.join(sys.argv[1:2])}\n", *traceback.format_exception(error)]
    path = Path(tempfile.gettempdir()) / LOG_NAME
    try:
        with _log_of_ours(path) as log:
            log.writelines(lines)
    except OSError:
        sys.stderr.writelines(lines)
        path = Path("the lines above")
    text = f"failed unexpectedly ({kind.__name__}: {_one_line(error)}); the details are in {path}"
    _refused(_noted(text, error))


def _log_of_ours(path: Path) -> TextIO:
    """A file in a folder where everybody may lay one, for our eyes alone; OSError where somebody
    else did, or laid a link."""
    how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    log = os.fdopen(os.open(path, how, 0o600), "a", encoding="utf-8")
    found = os.fstat(log.fileno())
    if found.st_uid != os.geteuid() or not stat.S_ISREG(found.st_mode):
        log.close()
        raise PermissionError(errno.EPERM, "it belongs to somebody else", str(path))
    os.fchmod(log.fileno(), 0o600)
    return log


def _noted(text: str, error: BaseException) -> str:
    """What a command says, with what those that it passed on its way noted: how far they were."""
    if isinstance(error, click.Abort) and error.__cause__ is not None:
        error = error.__cause__  # in whose place click raises it
    notes: list[str] = getattr(error, "__notes__", [])
    return " ".join([f"{text.rstrip('.')}.", *notes]) if notes else text


def _refused(text: str) -> int:
    with _where_it_can_be_written():
        click.echo(f"article20: {_one_line(text)}", err=True)
    return REFUSED


def _os_text(error: OSError) -> str:
    if error.errno == errno.EBADF:
        return "standard input or output is closed, and is needed"
    named = f"{error.filename}: " if error.filename is not None else ""
    remedy = REMEDIES.get(error.errno or 0)
    return f"{named}{error.strerror or error}" + (f". {remedy}" if remedy else "")


def _one_line(said: Any) -> str:
    return " ".join(str(said).split())
