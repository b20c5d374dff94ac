"""What the README tells a newcomer to type; it is tried as far as no server is needed."""

import ast
import re
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from standardwebhooks import Webhook

from domain.claims import read_submission
from domain.kinds import DETAILS_OF
from services.cli.program import program
from tests.house import tree

README = (tree.ROOT / "README.md").read_text(encoding="utf-8")
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# In front of the program may stand a container that is called like it.
TYPED = re.compile(r"(?:^|\s)article20 (?!article20)([a-z-]+\b)([^\n#]*)")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def example() -> str:
    """The program that signs and sends, as the README prints it."""
    (found,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    return str(found)


def posted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the example posts when it is run with a secret that is one."""
    sent: dict[str, Any] = {}

    class Answer:
        def json(self) -> dict[str, Any]:
            return {}

    def post(url: str, **given: Any) -> Answer:
        sent.update(url=url, **given)
        return Answer()

    monkeypatch.setattr("httpx.post", post)
    exec(compile(example().replace("whsec_…", SECRET), "README.md", "exec"), {})
    return sent


def test_the_example_signs_what_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature of the README's example is the one that the receiver computes."""
    sent = posted(monkeypatch)
    assert sent["url"].endswith("/hooks/monitor")
    Webhook(SECRET).verify(sent["content"], sent["headers"])


def test_the_example_is_a_valid_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim of the README's example is one that article20 takes."""
    body = posted(monkeypatch)["content"].encode()
    found = read_submission(body, details_of=DETAILS_OF, now=NOW, new_id="made-here")
    assert found.claim.kind == "statement_of_criticism"


def commands() -> dict[str, click.Command]:
    """Every command of the program by its name."""
    context = click.Context(program)
    found = {name: program.get_command(context, name) for name in program.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def options_of(command: click.Command) -> set[str]:
    """The options of a command and of the commands it has."""
    own = {option for parameter in command.params for option in parameter.opts}
    if isinstance(command, click.Group):
        own |= {option for inner in command.commands.values() for option in options_of(inner)}
    return own


def test_the_table_of_commands_is_the_program() -> None:
    """Every command is in the README's table, in its order, and nothing else is."""
    told = re.findall(r"^\| `article20 ([a-z-]+)", README, re.MULTILINE)
    assert told == list(commands())


def test_the_subcommands_are_the_programs() -> None:
    """Where a command has commands of its own, the table names each of them."""
    for name, command in commands().items():
        if isinstance(command, click.Group):
            (row,) = re.findall(rf"^\| `article20 {name}.*$", README, re.MULTILINE)
            assert all(word in row for word in command.commands), row


def test_the_options_are_the_programs() -> None:
    """An option in the table belongs to the command of its row."""
    for name, rest in re.findall(r"^\| `article20 ([a-z-]+)(.*)$", README, re.MULTILINE):
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in options_of(commands()[name]), f"{name} {option}"


def test_what_is_typed_is_understood() -> None:
    """Each line that a shell block of a document gives to the program names a command of it, and
    options of that command."""
    for path in tree.files():
        if path.suffix == ".md":
            for block in re.findall(r"```sh\n(.+?)```", path.read_text("utf-8"), re.DOTALL):
                for name, rest in TYPED.findall(block):
                    unknown = set(re.findall(r"--[a-z-]+", rest)) - {"--help"}
                    assert unknown <= options_of(commands()[name]), block


def test_the_examples_parse() -> None:
    """Every Python block of the documents is Python."""
    for path in tree.files():
        if path.suffix == ".md":
            for block in re.findall(r"```python\n(.+?)```", path.read_text("utf-8"), re.DOTALL):
                ast.parse(block)
