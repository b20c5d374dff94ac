"""`token`, `person`, `workspace`, `webhook-source`: secrets are shown once, refusals are lines."""

from typing import Any

import pytest

from tests.services.cli.program import Program


def test_a_token_is_shown_once(article20: Program) -> None:
    """Creating prints the token; the list knows its name, role and id, and not the token."""
    made = article20.answer(
        "token", "create", "--role", "viewer", "--name", "report", "--format", "json"
    )
    assert list(made) == ["token"]
    listed = article20.answer("token", "list", "--format", "json")
    (found,) = [token for token in listed if token["name"] == "report"]
    assert found["role"] == "viewer"
    assert made["token"] not in article20.done("token", "list", "--format", "json")


def test_a_token_is_revoked_by_its_id(article20: Program) -> None:
    """A revoked token stays listed as such; an id nobody has is refused."""
    article20.done("token", "create", "--role", "admin", "--name", "gone")
    listed = article20.answer("token", "list", "--format", "json")
    (found,) = [token for token in listed if token["name"] == "gone"]
    assert article20.done("token", "revoke", found["id"]) == "gone is revoked.\n"
    again = article20.answer("token", "list", "--format", "json")
    assert next(t for t in again if t["id"] == found["id"])["revoked_at"] is not None
    nobody = "00000000-0000-0000-0000-000000000000"
    assert "There is no token" in article20.refused("token", "revoke", nobody)


def test_a_token_belongs_to_its_workspace(article20: Program) -> None:
    """Another workspace lists none of it; a workspace that is not there is named."""
    article20.done("workspace", "add", "alone")
    assert article20.answer("token", "list", "--workspace", "alone", "--format", "json") == []
    refused = article20.refused("token", "create", "--role", "viewer", "--workspace", "typo")
    assert "There is no workspace 'typo'" in refused


@pytest.mark.parametrize("how", ["given", "made"])
def test_somebody_is_added_with_a_password(article20: Program, how: str) -> None:
    """The password comes from stdin, or is made and printed once."""
    made = article20.answer(
        "person", "add", f"{how}@example.org", "--role", "reviewer", "--format", "json",
        *(["--generate"] if how == "made" else []),
        stdin="correct horse battery\n" if how == "given" else "",
    )  # fmt: skip
    assert made["email"] == f"{how}@example.org"
    assert made["name"] == how
    assert (made["password"] is not None) == (how == "made")


def test_who_cannot_be_added_is_said(article20: Program) -> None:
    """An e-mail that is taken or none, and a password that is weak or missing, are refused."""
    add = ("person", "add", "a@example.org", "--role", "viewer")
    article20.done(*add, "--generate")
    assert "on the desk" in article20.refused(*add, "--generate")
    none = ("person", "add", "nobody", "--role", "viewer", "--generate")
    assert "the e-mail is not usable" in article20.refused(*none)
    weak = ("person", "add", "weak@example.org", "--role", "viewer")
    assert "characters" in article20.refused(*weak, stdin="short\n")
    assert article20(*weak).returncode == 2


def test_a_password_can_be_replaced(article20: Program) -> None:
    """Somebody gets another password; nobody, none."""
    article20.done("person", "add", "b@example.org", "--role", "viewer", "--generate")
    assert "password" in article20.done("person", "password", "b@example.org", "--generate")
    refused = article20.refused("person", "password", "c@example.org", "--generate")
    assert "has the e-mail c@example.org" in refused


def test_a_workspace_is_added_once(article20: Program) -> None:
    """Adding a workspace again is harmless; a name that is none is refused."""
    assert article20.done("workspace", "add", "twice") == "Workspace twice is there.\n"
    assert article20.done("workspace", "add", "twice") == "Workspace twice is there already.\n"
    assert "Not A Name" in article20.refused("workspace", "add", "Not A Name")


def test_the_secret_of_a_source_is_shown_once(article20: Program) -> None:
    """Adding prints name, secret and path; the list knows everything but the secret."""
    made = article20.answer("webhook-source", "add", "monitor", "--trusted", "--format", "json")
    assert made == {"source": "monitor", "secret": made["secret"], "path": "/hooks/monitor"}
    assert made["secret"].startswith("whsec_")
    listed = article20.answer("webhook-source", "list", "--format", "json")
    found: dict[str, Any] = next(source for source in listed if source["source"] == "monitor")
    assert found["trusted"] is True
    assert found["path"] == "/hooks/monitor"
    assert made["secret"] not in str(listed)


def test_a_source_is_rotated_and_disabled(article20: Program) -> None:
    """Rotating prints another secret and how long the one before is good; disabling is said."""
    first = article20.answer("webhook-source", "add", "turning", "--format", "json")
    ended = article20("webhook-source", "rotate", "turning", "--overlap-hours", "2")
    assert ended.returncode == 0
    assert "whsec_" in ended.stdout
    assert first["secret"] not in ended.stdout
    assert "stays good until" in ended.stderr
    assert "answers 410" in article20.done("webhook-source", "disable", "turning")
    assert "yes" not in article20.done("webhook-source", "list").split("turning")[1].split("\n")[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "monitor-2"], "exists already"),
        (["add", "Not A Name"], "cannot name a webhook source"),
        (["rotate", "nobody"], "There is no webhook source 'nobody'"),
        (["disable", "nobody"], "There is no webhook source 'nobody'"),
    ],
)
def test_what_cannot_be_done_to_a_source_is_said(
    article20: Program, arguments: list[str], said: str
) -> None:
    """A name that is taken, none or nobody's is refused in one line."""
    article20("webhook-source", "add", "monitor-2")
    assert said in article20.refused("webhook-source", *arguments)
