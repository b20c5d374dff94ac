"""`token`, `person` and `workspace`: who and what may come in; a secret is printed when it is made,
and never again."""

import secrets
import sys
from typing import Final
from uuid import UUID

import click
import msgspec

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, Group, options
from services.cli.output import say_facts, say_json, say_list
from services.cli.refusals import Refused
from services.house import House
from services.wiring import ROLES, Person, Role, Token

PASSWORD_BYTES: Final = 15


class MadePerson(msgspec.Struct, frozen=True):
    """Somebody who was just added; `password` only where it was made here."""

    id: UUID
    email: str
    name: str
    role: Role
    password: str | None = None


_role = click.option(
    "--role", type=click.Choice(ROLES), required=True, help="What its holder may do."
)
_generate = click.option(
    "--generate",
    is_flag=True,
    help="Make a password and print it once, instead of asking for one.",
)


@click.group(cls=Group)
def token() -> None:
    """Create, list and revoke API tokens."""


@token.command(cls=Command)
@_role
@click.option("--name", default="", help="What the token is for; by default its role.")
@options(*STORE, "format")
@click.pass_obj
def create(common: Common, role: Role, name: str) -> None:
    """Make an API token and print it, this once."""

    async def work(house: House) -> tuple[Token, str]:
        return await house.people.create_token(common.workspace(), name=name or role, role=role)

    made, secret = in_house(common, work, missing="first")
    if common.as_json:
        say_json({"token": secret})
        return
    say_facts([("token", secret), ("role", made.role), ("name", made.name), ("id", made.id)])
    click.echo("The token is shown this once; keep it now.", err=True)


@token.command("list", cls=Command)
@options(*STORE, "format")
@click.pass_obj
def list_(common: Common) -> None:
    """List the API tokens of the workspace, the latest first; revoked ones stay listed."""

    async def work(house: House) -> list[Token]:
        return await house.people.tokens(common.workspace())

    found = in_house(common, work)
    columns = {"id": "id", "name": "name", "role": "role", "made": "created_at"}
    columns |= {"last used": "used_at", "revoked": "revoked_at"}
    say_list(found, columns, as_json=common.as_json)


@token.command(cls=Command)
@click.argument("id", metavar="ID", type=click.UUID)
@options(*STORE)
@click.pass_obj
def revoke(common: Common, id: UUID) -> None:
    """Revoke an API token for good."""

    async def work(house: House) -> Token:
        return await house.people.revoke_token(common.workspace(), id)

    click.echo(f"{in_house(common, work).name} is revoked.")


@click.group(cls=Group)
def person() -> None:
    """Add people to the desk of a workspace."""


@person.command("add", cls=Command)
@click.argument("email", metavar="EMAIL")
@_role
@click.option("--name", default="", help="How they are called; by default what stands before @.")
@_generate
@options(*STORE, "format")
@click.pass_obj
def add_person(common: Common, email: str, role: Role, name: str, *, generate: bool) -> None:
    """Add somebody to the desk.

    The password is asked for, or read from stdin where that is no terminal; with --generate one is
    made and printed, this once.
    """
    password = _password(generate=generate)

    async def work(house: House) -> Person:
        return await house.people.add(
            common.workspace(),
            email=email,
            name=name or email.partition("@")[0],
            role=role,
            password=password,
        )

    found = in_house(common, work, missing="first")
    _say_person(common, found, password if generate else None)


@person.command("password", cls=Command)
@click.argument("email", metavar="EMAIL")
@_generate
@options(*STORE, "format")
@click.pass_obj
def change_password(common: Common, email: str, *, generate: bool) -> None:
    """Give somebody another password; whoever is logged in as them is logged out."""
    password = _password(generate=generate)

    async def work(house: House) -> Person:
        found = await house.people.set_password(common.workspace(), email, password)
        if found is None:
            raise Refused(
                what=f"Nobody in workspace {common.workspace()} has the e-mail {email}.",
                how="Add them with `article20 person add`.",
            )
        return found

    _say_person(common, in_house(common, work), password if generate else None)


@click.group(short_help="Add workspaces.", cls=Group)
def workspace() -> None:
    """Add workspaces: each has its own log, views, people and secrets."""


@workspace.command("add", cls=Command)
@click.argument("name", metavar="W")
@options("database_url", "data_dir")
@click.pass_obj
def add_workspace(common: Common, name: str) -> None:
    """Add a workspace; harmless where it exists."""

    async def work(house: House) -> bool:
        return await house.store.add_workspace(name)

    is_new = in_house(common, work, missing="left")
    click.echo(f"Workspace {name} is there{'' if is_new else ' already'}.")


def _password(*, generate: bool) -> str:
    """The password to set: made, asked for twice at a terminal, or the first line of stdin."""
    if generate:
        return secrets.token_urlsafe(PASSWORD_BYTES)
    if sys.stdin.isatty():
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return asked
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise click.UsageError("Give the password on stdin, or use --generate.")
    return given


def _say_person(common: Common, found: Person, password: str | None) -> None:
    made = MadePerson(found.id, found.email, found.name, found.role, password)
    if common.as_json:
        say_json(made)
        return
    facts = [("e-mail", made.email), ("name", made.name), ("role", made.role), ("id", made.id)]
    facts.append(("logs in at", f"/login?workspace={common.workspace()}"))
    say_facts(facts + ([("password", password)] if password else []))
    if password:
        click.echo("The password is shown this once; pass it on now.", err=True)
