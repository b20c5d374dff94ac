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
from services.cli import main
from tests.house import tree

README = (tree.ROOT / "README.md").read_text(encoding="utf-8")
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
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


def test_the_table_of_commands_is_the_program() -> None:
    """Every command is in the README's table, and nothing else is."""
    told = set(re.findall(r"^\| `article20 ([a-z-]+)", README, re.MULTILINE))
    assert isinstance(main, click.Group)
    assert told == set(main.commands)


def test_the_subcommands_are_the_programs() -> None:
    """Where a command has commands of its own, the table names each of them."""
    assert isinstance(main, click.Group)
    for name, command in main.commands.items():
        if isinstance(command, click.Group) and name != "report":
            (row,) = re.findall(rf"^\| `article20 {name}.*$", README, re.MULTILINE)
            assert all(word in row for word in command.commands), row


def test_the_options_are_the_programs() -> None:
    """An option in the table belongs to the command of its row, or to the program."""
    assert isinstance(main, click.Group)
    common = {option for parameter in main.params for option in parameter.opts}
    for name, rest in re.findall(r"^\| `article20 ([a-z-]+)(.*)$", README, re.MULTILINE):
        own = {option for parameter in main.commands[name].params for option in parameter.opts}
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in own | common, f"{name} {option}"


def test_the_examples_parse() -> None:
    """Every Python block of the documents is Python."""
    for path in tree.files():
        if path.suffix == ".md":
            for block in re.findall(r"```python\n(.+?)```", path.read_text("utf-8"), re.DOTALL):
                ast.parse(block)
