"""A workspace that is named and not there: which command makes it, and how the others say so."""

import pytest

from tests.services.cli.program import Program
from tests.services.cli.test_files import CLAIM, lines

READING = (
    ("replay", "--view", "board"),
    ("export", "--out", "-"),
    ("verify",),
    ("report", "government", "FIN", "--out", "-"),
    ("rebuild",),
    ("token", "list"),
    ("webhook-source", "list"),
    ("webhook-source", "deliveries"),
    ("feed", "list"),
    ("feed", "poll"),
    ("weights", "list"),
    ("import", "-", "--dry-run"),
    ("import", "--undo", "0a1b2c"),
)
WRITING = (
    ("import", "-"),
    ("person", "add", "you@example.org", "--role", "admin", "--generate"),
    ("token", "create", "--role", "viewer"),
    ("webhook-source", "add", "monitor"),
    ("feed", "add", "news", "https://example.org/feed"),
    ("serve",),
)


def there(article20: Program) -> list[str]:
    """The workspaces that there are; asking makes none."""
    found = article20.answer("status", "--format", "json", ARTICLE20_WORKSPACE="asking")
    return [one["workspace"] for one in found["workspaces"]]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_command_that_only_looks_makes_no_workspace(
    article20: Program, command: tuple[str, ...]
) -> None:
    """Whether the option names it or the environment, in a database that holds nothing yet: it says
    that there is none of that name, and what makes it."""
    for options, environ in [
        (("--workspace", "nobody"), {}),
        ((), {"ARTICLE20_WORKSPACE": "nobody"}),
    ]:
        assert article20.refused(*command, *options, stdin=lines(CLAIM), **environ) == (
            "article20: There is no workspace 'nobody'; there is none yet. "
            "`article20 workspace add nobody` makes it."
        )
    assert there(article20) == []


def test_the_first_workspace_is_made_where_it_is_first_written_to(article20: Program) -> None:
    """In a database that holds nothing the environment names the workspace of the installation,
    and whoever records first makes it and is told so; from then on another name is a slip of the
    pen, whatever the command. Making it on purpose goes on, and so does `default`."""
    article20.done("verify")
    made = article20("import", "-", stdin=lines(CLAIM), ARTICLE20_WORKSPACE="coalition")
    assert made.returncode == 0
    assert "Made the workspace coalition.\n" in made.stderr
    for command in (*READING, *WRITING):
        said = article20.refused(*command, stdin=lines(CLAIM), ARTICLE20_WORKSPACE="coaltion")
        assert said == (
            "article20: There is no workspace 'coaltion' (did you mean coalition?); there are: "
            "coalition, default. `article20 workspace add coaltion` makes it."
        )
    assert "coaltion" in article20.refused("serve", "--workspace", "coaltion")
    assert there(article20) == ["coalition", "default"]
    added = article20.done("workspace", "add", "other", ARTICLE20_WORKSPACE="other")
    assert added == "Workspace other is there.\n"
    again = article20("import", "-", stdin=lines(CLAIM), ARTICLE20_WORKSPACE="other")
    assert (again.returncode, "Made the workspace" in again.stderr) == (0, False)


def test_what_cannot_name_a_workspace_is_not_offered_to_be_made(article20: Program) -> None:
    """A name with a capital, a space or an underscore is refused for what it is."""
    for name in ("Coalition", "our coalition", "our_coalition"):
        said = article20.refused("export", "--out", "-", "--workspace", name)
        assert f"{name!r} cannot name a workspace" in said
