"""The roster in the store: invitations, roles, logins, and who may change what."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from infra.passwords import Passwords, WeakPassword
from infra.postgres.desk.attempts import LoginBounds, TooManyLogins
from infra.postgres.desk.audit import Audit, AuditLine, LineFilter
from infra.postgres.desk.people import People, Person, PersonExists
from infra.postgres.desk.roster import (
    InvitationOver,
    LastAdmin,
    PersonNotFound,
    Roster,
    WrongPassword,
)
from infra.postgres.log.store import EventStore
from infra.postgres.migrate import SCHEMA
from tests.conftest import HASH_MEMORY_KIB, WORKSPACE

BOUNDS = LoginBounds(session_hours=1, attempts_max=3, window_seconds=60)
PASSWORD = "a password of some length"
BY = "person:somebody"
OTHER = "neighbours"


@pytest.fixture
async def people(pool: asyncpg.Pool, store: EventStore) -> People:
    """The people of two workspaces."""
    await store.add_workspace(OTHER)
    return People(pool, Passwords(hashes_max=2, memory_kib=HASH_MEMORY_KIB), BOUNDS)


@pytest.fixture
async def superuser(dsn: str) -> AsyncIterator[Any]:
    """A connection of the superuser."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": SCHEMA})
    yield connection
    await connection.close()


@pytest.fixture
def roster(pool: asyncpg.Pool, people: People) -> Roster:
    """Their roster."""
    return Roster(pool, people, invitation_hours=1)


@pytest.fixture
async def ada(people: People) -> Person:
    """The only admin."""
    return await people.add(
        WORKSPACE, email="ada@example.org", name="Ada", role="admin", password=PASSWORD
    )


async def lines(pool: asyncpg.Pool, workspace: str = WORKSPACE) -> list[AuditLine]:
    """The audit list, oldest first."""
    return await Audit(pool).lines(workspace, LineFilter(), after=None, limit=100, oldest=True)


async def invited(roster: Roster, email: str = "new@example.org") -> str:
    """The secret of a new invitation."""
    _, secret = await roster.invite(WORKSPACE, email=email, role="reviewer", by=BY)
    return secret


async def test_an_invitation_lets_one_person_join_once(
    roster: Roster, people: People, ada: Person
) -> None:
    """Of many who use one link at the same moment one joins, with the role that was meant; the link
    is over for everybody else."""
    secret = await invited(roster, " New@Example.org ")
    assert (await roster.invited(secret)).email == "new@example.org"
    joined = await asyncio.gather(
        *(roster.join(secret, name=f"New {n}", password=PASSWORD) for n in range(4)),
        return_exceptions=True,
    )
    (person,) = [one[0] for one in joined if isinstance(one, tuple)]
    assert sum(isinstance(one, InvitationOver) for one in joined) == 3
    assert person.role == "reviewer"
    found, _ = await people.log_in(
        WORKSPACE, email="new@example.org", password=PASSWORD, address=""
    )
    assert found.id == person.id
    assert await roster.invitations(WORKSPACE) == []


async def test_a_link_is_kept_as_a_digest_alone(
    roster: Roster, ada: Person, superuser: Any
) -> None:
    """Neither the secret nor a part of it is in any row."""
    secret = await invited(roster)
    kept = "".join(repr(tuple(row)) for row in await superuser.fetch("TABLE invitation"))
    kept += "".join(repr(tuple(row)) for row in await superuser.fetch("TABLE audit"))
    assert "new@example.org" in kept
    assert secret.partition(".")[2] not in kept


async def test_an_invitation_ends(roster: Roster, ada: Person, superuser: Any) -> None:
    """It is over when its time is, when it is withdrawn, and when another goes to the same e-mail;
    a password that is too short uses nothing up."""
    first = await invited(roster)
    second = await invited(roster)
    with pytest.raises(InvitationOver):
        await roster.invited(first)
    with pytest.raises(WeakPassword):
        await roster.join(second, name="New", password="short")
    (open_,) = await roster.invitations(WORKSPACE)
    await roster.withdraw(WORKSPACE, open_.id, by=BY)
    with pytest.raises(InvitationOver):
        await roster.join(second, name="New", password=PASSWORD)
    with pytest.raises(InvitationOver):
        await roster.withdraw(WORKSPACE, open_.id, by=BY)
    third = await invited(roster)
    await superuser.execute("UPDATE invitation SET expires_at = now()")
    for secret in (third, "coalition.short", "nowhere", ""):
        with pytest.raises(InvitationOver):
            await roster.join(secret, name="New", password=PASSWORD)


async def test_nobody_is_invited_twice_over(roster: Roster, people: People, ada: Person) -> None:
    """Somebody on the desk, disabled or not, is not invited again."""
    with pytest.raises(PersonExists):
        await invited(roster, "ADA@example.org")


async def test_a_workspace_keeps_an_admin(roster: Roster, people: People, ada: Person) -> None:
    """The last admin is neither lowered nor disabled, also not when two admins lower each other at
    the same moment."""
    with pytest.raises(LastAdmin):
        await roster.set_role(WORKSPACE, ada.id, "viewer", by=BY)
    with pytest.raises(LastAdmin):
        await roster.set_disabled(WORKSPACE, ada.id, disabled=True, by=BY)
    bea = await people.add(
        WORKSPACE, email="bea@example.org", name="Bea", role="admin", password=PASSWORD
    )
    answers = await asyncio.gather(
        roster.set_role(WORKSPACE, ada.id, "viewer", by=BY),
        roster.set_disabled(WORKSPACE, bea.id, disabled=True, by=BY),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, LastAdmin) for answer in answers) == 1
    members = await roster.members(WORKSPACE)
    assert sum(m.role == "admin" and m.disabled_at is None for m in members) == 1


@pytest.mark.parametrize("change", ["disabled", "lowered"])
async def test_whoever_is_admin_no_longer_left_no_way_back(
    roster: Roster, people: People, ada: Person, pool: asyncpg.Pool, change: str
) -> None:
    """An invitation of an admin ends with their being one, and the audit list says so; those of
    others stay."""
    bea = await people.add(
        WORKSPACE, email="bea@example.org", name="Bea", role="admin", password=PASSWORD
    )
    hers = f"person:{bea.id}"
    _, left = await roster.invite(WORKSPACE, email="me@example.org", role="admin", by=hers)
    kept = await invited(roster)
    if change == "disabled":
        await roster.set_disabled(WORKSPACE, bea.id, disabled=True, by=BY)
    else:
        await roster.set_role(WORKSPACE, bea.id, "reviewer", by=BY)
    with pytest.raises(InvitationOver):
        await roster.join(left, name="Me", password=PASSWORD)
    assert (await roster.invited(kept)).email == "new@example.org"
    assert [(line.action, line.by) for line in await lines(pool)][-1] == (
        "invitation_withdrawn",
        BY,
    )


async def test_whoever_is_disabled_is_out_at_once(
    roster: Roster, people: People, ada: Person
) -> None:
    """Disabling ends every login; letting in again brings none back, and the password stands."""
    bea = await people.add(
        WORKSPACE, email="bea@example.org", name="Bea", role="viewer", password=PASSWORD
    )
    cookie = await people.begin_session(bea)
    assert await people.session(cookie) == bea
    await roster.set_disabled(WORKSPACE, bea.id, disabled=True, by=BY)
    assert await people.session(cookie) is None
    await roster.set_disabled(WORKSPACE, bea.id, disabled=False, by=BY)
    assert await people.session(cookie) is None
    await people.log_in(WORKSPACE, email=bea.email, password=PASSWORD, address="")


async def test_logins_are_listed_and_ended(roster: Roster, people: People, ada: Person) -> None:
    """One sees one's own logins, ends one or all others, and nobody else's."""
    bea = await people.add(
        WORKSPACE, email="bea@example.org", name="Bea", role="viewer", password=PASSWORD
    )
    here = await people.begin_session(ada, device="Firefox on Linux", place="network 10.0.0.0/16")
    there, further = [await people.begin_session(ada) for _ in range(2)]
    hers = await people.begin_session(bea)
    logins = await roster.logins(WORKSPACE, ada.id, here)
    assert [login.device for login in logins if login.is_current] == ["Firefox on Linux"]
    (of_bea,) = await roster.logins(WORKSPACE, bea.id, None)
    assert not await roster.end_login(WORKSPACE, ada.id, of_bea.id)
    (one,) = [
        login.id for login in await roster.logins(WORKSPACE, ada.id, there) if login.is_current
    ]
    assert await roster.end_login(WORKSPACE, ada.id, one)
    assert await people.session(there) is None
    await roster.end_logins(WORKSPACE, ada.id, but=here)
    assert await people.session(further) is None
    assert await people.session(here) is not None
    assert await people.session(hers) is not None


async def test_a_password_is_changed_with_the_present_one(
    roster: Roster, people: People, ada: Person
) -> None:
    """It takes the present password, a bounded number of times, and ends every other login."""
    here, there = [await people.begin_session(ada) for _ in range(2)]
    facts: dict[str, Any] = {"new": "another password", "cookie": here}
    for _ in range(2):
        with pytest.raises(WrongPassword):
            await roster.change_password(WORKSPACE, ada.id, present="a guess", **facts)
    await roster.change_password(WORKSPACE, ada.id, present=PASSWORD, **facts)
    assert await people.session(here) is not None
    assert await people.session(there) is None
    await people.log_in(WORKSPACE, email=ada.email, password="another password", address="")
    for _ in range(BOUNDS.attempts_max):
        with pytest.raises(WrongPassword):
            await roster.change_password(WORKSPACE, ada.id, present="a guess", **facts)
    with pytest.raises(TooManyLogins):
        await roster.change_password(WORKSPACE, ada.id, present="a guess", **facts)


async def test_another_workspace_has_no_say(roster: Roster, ada: Person) -> None:
    """A person is changed in their own workspace alone."""
    for number in (ada.id, uuid4()):
        with pytest.raises(PersonNotFound):
            await roster.set_role(OTHER, number, "viewer", by=BY)
    assert await roster.members(OTHER) == []


async def test_every_change_leaves_its_line(
    roster: Roster, people: People, ada: Person, pool: asyncpg.Pool
) -> None:
    """Who was invited, joined, changed, disabled, logged in and out stands in the audit list, by
    opaque ids alone."""
    person, _ = await roster.join(await invited(roster), name="Newcomer", password=PASSWORD)
    await invited(roster, "third@example.org")
    (open_,) = await roster.invitations(WORKSPACE)
    await roster.withdraw(WORKSPACE, open_.id, by=BY)
    await roster.set_role(WORKSPACE, person.id, "contributor", by=BY)
    cookie = await people.begin_session(person, device="Firefox on Linux")
    await people.log_out(cookie)
    await people.log_out(await people.begin_session(person), quickly=True)
    await roster.end_logins(WORKSPACE, person.id, but=None)
    for disabled in (True, False):
        await roster.set_disabled(WORKSPACE, person.id, disabled=disabled, by=BY)
    found = await lines(pool)
    assert [line.action for line in found] == [
        *("person_added", "invited", "joined", "invited", "invitation_withdrawn"),
        *("role_changed", "logged_in", "logged_out", "logged_in", "left_quickly"),
        *("logins_ended", "disabled", "enabled"),
    ]
    changed = found[5]
    assert (changed.by, changed.subject) == (BY, f"person:{person.id}")
    assert changed.detail == "from reviewer to contributor"
    told = "".join(repr(line) for line in found)
    assert not [text for text in ("example.org", "Newcomer", "Ada") if text in told]


async def test_what_did_not_happen_leaves_no_line(
    roster: Roster, ada: Person, pool: asyncpg.Pool
) -> None:
    """A change that is refused, and one that is rolled back, is not told."""
    before = await lines(pool)
    with pytest.raises(LastAdmin):
        await roster.set_role(WORKSPACE, ada.id, "viewer", by=BY)
    with pytest.raises(InvitationOver):
        await roster.withdraw(WORKSPACE, uuid4(), by=BY)
    assert await lines(pool) == before
