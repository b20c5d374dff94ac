"""The page about the command line says what the program says; nothing is run here."""

import re
from collections.abc import Iterator

import click

from services.cli.program import COMMANDS, program
from services.replay import VIEWS
from tests.house.tree import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group with its path."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}".strip(), command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}".strip())


def test_every_command_is_documented() -> None:
    """Each command has its paragraph, each command below another its name in it."""
    for path, _ in commands(program, ""):
        head, _, rest = path.partition(" ")
        assert f"**`article20 {head}" in PAGE, path
        assert re.search(rf"[`* ]{rest}[` *]", PAGE), path


def test_every_option_is_documented() -> None:
    """Each option that the program takes is on the page, and each on the page is taken."""
    taken = {
        option
        for _, command in [("", program), *commands(program, "")]
        for param in command.params
        if isinstance(param, click.Option)
        for option in param.opts
        if option.startswith("--")
    } | {"--help"}
    named = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    assert taken - named == set()
    assert named - taken == set()


def test_every_view_of_a_replay_is_documented() -> None:
    """Each view that `replay` answers stands in the table beside the API's address."""
    for view in VIEWS:
        assert re.search(rf"^\|[^|]*`{view}`[^|]*\|", PAGE, re.MULTILINE), view


def test_every_command_says_what_it_does() -> None:
    """Each command has its help, and each option that its help lists."""
    for path, command in commands(program, ""):
        assert command.help, path
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden:
                assert param.help, f"{path} {param.name}"


def test_the_commands_are_in_the_readme() -> None:
    """The table of the README names every command."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"`article20 {name}" in readme, name
