"""Furnishes a workspace for trying article20 out: the shipped chronology, a login per role, a
webhook source; doing it again changes nothing."""

import asyncio
import hashlib
import os
import secrets
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from services.house import House
from services.intake.jsonl import read_lines
from services.intake.recorded_lines import Tally, record_lines
from services.wiring import ROLES, PersonExists, Role, chronology_path

WORKSPACE: Final = "demo"
SOURCE: Final = "demo"
IMPORTED_BY: Final = "import"
PASSWORD_BYTES: Final = 9
SAMPLE: Final[dict[str, Any]] = {
    "id": "demo-campaign-criticises-finland",
    "kind": "statement_of_criticism",
    "treaty": "APMBC",
    "occurred_on": "2026-02-20",
    "actors": [{"kind": "ngo", "name": "Example Campaign"}],
    "targets": ["FIN"],
    "summary": "Example Campaign, which does not exist, criticised Finland for having left the "
    "treaty.",
    "details": {"strength": "condemnation", "stance": "critical", "forum": "public"},
    "sources": [
        {
            "title": "A statement made up to try a webhook with",
            "publisher": "Example Campaign",
            "url": "https://example.org/statement",
            "published_on": "2026-02-20",
            "language": "en",
            "reliability": "B",
            "credibility": 2,
        }
    ],
}
"""A claim that is nobody's, to try a webhook with."""


class Login(msgspec.Struct, frozen=True):
    """Somebody made up who may log in."""

    email: str
    role: Role
    password: str


class Furnished(msgspec.Struct, frozen=True, kw_only=True):
    """What a demo can be tried with: logins, a webhook source and its secret, a claim in a file."""

    tally: Tally
    logins: tuple[Login, ...]
    source: str
    secret: str
    sample: Path


async def furnish(house: House, tell: Callable[[str], None]) -> Furnished:
    """Furnish the workspace of the house's settings; `tell` hears what is being done.

    Passwords are made once per data folder and database, and kept in a file that only its owner
    may read.
    """
    workspace = house.settings.workspace
    tally = await _load_chronology(house, workspace, tell)
    logins = await _logins(house, workspace)
    source, secret = await _source(house, workspace)
    sample = house.settings.data_dir / "demo-claim.json"
    sample.write_bytes(msgspec.json.format(msgspec.json.encode(SAMPLE), indent=2) + b"\n")
    return Furnished(tally=tally, logins=logins, source=source, secret=secret, sample=sample)


async def _load_chronology(house: House, workspace: str, tell: Callable[[str], None]) -> Tally:
    changed: list[str] = []
    with chronology_path().open("rb") as file:
        lines = list(read_lines(file, house.now()))
    if await house.store.head(workspace) == 0:
        tell(f"Loading the chronology: {len(lines):,} claims ...")
    tally = await record_lines(
        house,
        workspace,
        lines,
        by=IMPORTED_BY,
        accepted=True,
        refuse=lambda _, detail: changed.append(detail),
        advance=lambda _: None,
    )
    if changed:
        tell(f"{len(changed):,} claims of the chronology say something else here and were left.")
    return tally


async def _logins(house: House, workspace: str) -> tuple[Login, ...]:
    """One login per role; whoever lost the file of passwords gets new ones."""
    path = house.settings.data_dir / _passwords_name(house)
    kept = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}
    passwords = {
        role: kept.get(f"{workspace}/{role}", secrets.token_urlsafe(PASSWORD_BYTES))
        for role in ROLES
    }
    _write_private(path, kept | {f"{workspace}/{role}": p for role, p in passwords.items()})

    async def login(role: Role) -> Login:
        email, password = f"{role}@demo.example", passwords[role]
        try:
            await house.people.add(
                workspace, email=email, name=f"Demo {role}", role=role, password=password
            )
        except PersonExists:
            if f"{workspace}/{role}" not in kept:
                await house.people.set_password(workspace, email, password)
        return Login(email, role, password)

    return tuple(await asyncio.gather(*(login(role) for role in ROLES)))


async def _source(house: House, workspace: str) -> tuple[str, str]:
    """A trusted webhook source of the workspace and its secret."""
    name = SOURCE if workspace == WORKSPACE else f"{SOURCE}-{workspace}"[:63]
    found = await house.sources.find(name)
    if found is None:
        _, secret = await house.sources.add(workspace, name, trusted=True)
        return name, secret
    return name, f"whsec_{b64encode(found.secret.raw).decode()}"


def _passwords_name(house: House) -> str:
    if not house.settings.database_url:
        return "demo-logins.json"
    digest = hashlib.sha256(house.settings.database_url.encode()).hexdigest()
    return f"demo-logins-{digest[:12]}.json"


def _write_private(path: Path, passwords: dict[str, str]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(passwords), indent=2) + b"\n")
    draft.replace(path)
