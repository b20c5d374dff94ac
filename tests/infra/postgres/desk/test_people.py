"""People, sessions, login attempts and API tokens in the store."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from infra.passwords import Passwords, WeakPassword
from infra.postgres.desk.attempts import Elsewhere, LoginBounds, TooManyLogins, subjects_of
from infra.postgres.desk.people import (
    InvalidPerson,
    LoginRefused,
    People,
    Person,
    PersonExists,
    TokenNotFound,
)
from infra.postgres.log.store import EventStore, NoWorkspace
from tests.conftest import HASH_MEMORY_KIB, WORKSPACE

BOUNDS = LoginBounds(session_hours=1, attempts_max=2, window_seconds=60)
PASSWORD = "a password of some length"
OTHER = "neighbours"

Admin = Callable[..., Awaitable[Any]]


@pytest.fixture
async def people(pool: asyncpg.Pool, store: EventStore) -> People:
    """The people of two workspaces."""
    await store.add_workspace(OTHER)
    return People(pool, Passwords(hashes_max=2, memory_kib=HASH_MEMORY_KIB), BOUNDS)


@pytest.fixture
async def ada(people: People) -> Person:
    """Somebody on the desk."""
    return await people.add(
        WORKSPACE, email="Ada@Example.org", name=" Ada  L. ", role="reviewer", password=PASSWORD
    )


async def log_in(people: People, password: str = PASSWORD, **more: str) -> tuple[Person, str]:
    facts = {"email": "ada@example.org", "address": "192.0.2.1"} | more
    return await people.log_in(WORKSPACE, password=password, **facts)


async def test_hashes_cost_who_guesses_as_much_as_is_recommended() -> None:
    """By default a password is hashed by argon2id with 46 MiB, one pass and one lane."""
    made = await Passwords(hashes_max=1).hash(PASSWORD)
    assert made.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


async def test_a_person_is_kept_by_a_tidy_email(ada: Person) -> None:
    """E-mails are compared in small letters; names lose stray spaces."""
    assert (ada.email, ada.name, ada.role) == ("ada@example.org", "Ada L.", "reviewer")


async def test_an_email_is_taken_once_per_workspace(people: People, ada: Person) -> None:
    """The same e-mail is refused in the same workspace and welcome in another."""
    facts: dict[str, Any] = {"name": "Ada", "role": "viewer", "password": PASSWORD}
    with pytest.raises(PersonExists):
        await people.add(WORKSPACE, email="ADA@example.org", **facts)
    assert (await people.add(OTHER, email="ada@example.org", **facts)).id != ada.id


@pytest.mark.parametrize(
    ("email", "name", "password", "error"),
    [
        ("nowhere", "Ada", PASSWORD, InvalidPerson),
        ("a@b@c", "Ada", PASSWORD, InvalidPerson),
        ("a\0@b", "Ada", PASSWORD, InvalidPerson),
        ("a@" + "b" * 300, "Ada", PASSWORD, InvalidPerson),
        ("a@b", "", PASSWORD, InvalidPerson),
        ("a@b", "x" * 201, PASSWORD, InvalidPerson),
        ("a@b", "Ada", "short", WeakPassword),
        ("a@b", "Ada", "x" * 1001, WeakPassword),
    ],
)
async def test_a_person_who_cannot_be_is_refused(
    people: People, email: str, name: str, password: str, error: type[Exception]
) -> None:
    """What is not usable is refused before anything is kept."""
    with pytest.raises(error):
        await people.add(WORKSPACE, email=email, name=name, role="viewer", password=password)


async def test_nobody_joins_a_workspace_that_is_not_there(people: People) -> None:
    """People and tokens belong to a workspace that exists."""
    with pytest.raises(NoWorkspace):
        await people.add("nowhere", email="a@b", name="A", role="viewer", password=PASSWORD)
    with pytest.raises(NoWorkspace):
        await people.create_token("nowhere", name="A", role="viewer")


async def test_a_login_begins_a_session_that_can_be_ended(people: People, ada: Person) -> None:
    """The cookie stands for the person until they log out."""
    person, cookie = await log_in(people)
    assert person == ada
    assert await people.session(cookie) == ada
    await people.log_out(cookie)
    assert await people.session(cookie) is None


async def test_only_a_digest_of_the_cookie_is_kept(
    people: People, ada: Person, pool: asyncpg.Pool, dsn: str
) -> None:
    """Whoever reads the table cannot log in with what it says; nor does it keep the password."""
    _, cookie = await log_in(people)
    _, token = await people.create_token(WORKSPACE, name="script", role="viewer")
    owner = await asyncpg.connect(dsn)
    kept = [
        str(row)
        for table in ("session", "token", "person", "login_attempt")
        for row in await owner.fetch(f"TABLE article20.{table}")
    ]
    await owner.close()
    assert len(kept) >= 3
    for secret in (cookie, cookie.partition(".")[2], token, token[-43:], PASSWORD, "192.0.2.1"):
        assert secret not in "".join(kept)
    assert "argon2id" in "".join(kept)


async def test_a_session_ends_with_its_time(people: People, ada: Person, dsn: str) -> None:
    """A cookie whose time is over stands for nobody, nor does one of a disabled person."""
    _, cookie = await log_in(people)
    owner = await asyncpg.connect(dsn)
    await owner.execute("UPDATE article20.person SET disabled_at = now()")
    assert await people.session(cookie) is None
    with pytest.raises(LoginRefused):
        await log_in(people)
    await owner.execute("UPDATE article20.person SET disabled_at = NULL")
    assert await people.session(cookie) == ada
    await owner.execute("UPDATE article20.session SET expires_at = now()")
    await owner.close()
    assert await people.session(cookie) is None


async def test_a_made_up_cookie_stands_for_nobody(people: People, ada: Person) -> None:
    """Neither a cookie of another form nor one nobody was given is a session."""
    _, cookie = await log_in(people)
    for made_up in ("", "x", f"{WORKSPACE}.{'A' * 43}", cookie.replace(WORKSPACE, OTHER)):
        assert await people.session(made_up) is None
        await people.log_out(made_up)


async def test_too_many_failures_are_throttled(people: People, ada: Person) -> None:
    """After so many failures from one address the right password waits, there and nowhere else."""
    for _ in range(BOUNDS.attempts_max):
        with pytest.raises(LoginRefused):
            await log_in(people, "wrong password")
    with pytest.raises(TooManyLogins) as refused:
        await log_in(people)
    assert 0 < refused.value.facts["retry_after_seconds"] <= BOUNDS.window_seconds
    assert (await log_in(people, address="192.0.2.2"))[0] == ada


async def test_many_at_once_are_as_bounded_as_many_in_turn(people: People, ada: Person) -> None:
    """Trying twenty passwords at the same moment checks no more than the bound."""
    found = await asyncio.gather(
        *(log_in(people, f"wrong password {n}") for n in range(20)), return_exceptions=True
    )
    refused = [type(error).__name__ for error in found]
    assert refused.count("LoginRefused") == BOUNDS.attempts_max
    assert refused.count("TooManyLogins") == 20 - BOUNDS.attempts_max


async def test_one_email_is_bounded_from_everywhere(people: People, ada: Person) -> None:
    """Trying one e-mail from many addresses is bounded too, and so is one address for many."""
    for n in range(BOUNDS.attempts_max * 10):
        with pytest.raises(LoginRefused):
            await log_in(people, "wrong password", address=f"192.0.2.{n}")
    with pytest.raises(TooManyLogins):
        await log_in(people, address="198.51.100.1")


async def test_a_network_of_ipv6_counts_as_one_address(people: People, ada: Person) -> None:
    """Who has a network of addresses has no more attempts than who has one."""
    for n in range(BOUNDS.attempts_max):
        with pytest.raises(LoginRefused):
            await log_in(people, "wrong password", address=f"2001:db8:1:1::{n}")
    with pytest.raises(TooManyLogins):
        await log_in(people, address="2001:db8:1:1:ffff::1")
    assert (await log_in(people, address="2001:db8:1:2::1"))[0] == ada


async def test_desks_that_do_not_exist_are_bounded_too(people: People) -> None:
    """Who logs in nowhere makes us work no more often than who does so somewhere."""

    async def nowhere(n: int, address: str = "192.0.2.1") -> None:
        facts = {"email": f"a{n}@example.org", "password": PASSWORD, "address": address}
        await people.log_in(f"nowhere-{n % 3}", **facts)

    for n in range(BOUNDS.attempts_max * 10):
        with pytest.raises(LoginRefused):
            await nowhere(n)
    with pytest.raises(TooManyLogins) as refused:
        await nowhere(0)
    assert 0 < refused.value.facts["retry_after_seconds"] <= BOUNDS.window_seconds
    with pytest.raises(LoginRefused):
        await nowhere(0, "192.0.2.2")


def test_attempts_at_desks_that_do_not_exist_count_for_a_while() -> None:
    """After the window they are forgotten."""
    now = [0.0]
    elsewhere = Elsewhere(BOUNDS, clock=lambda: now[0])
    subjects = subjects_of("a@example.org", "192.0.2.1")
    for _ in range(BOUNDS.attempts_max):
        elsewhere.count(subjects)
    with pytest.raises(TooManyLogins):
        elsewhere.count(subjects)
    now[0] = BOUNDS.window_seconds
    elsewhere.count(subjects)


@pytest.mark.parametrize("change", ["password", "disabled"])
async def test_a_login_under_way_ends_with_the_others(
    people: People, ada: Person, dsn: str, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gets another password, or is disabled, while an old password is being judged, is not
    let in by it."""
    check = people.passwords.check

    async def check_meanwhile(kept: str | None, password: str) -> bool:
        is_right = await check(kept, password)
        if change == "password":
            await people.set_password(WORKSPACE, "ada@example.org", "another password of hers")
        else:
            owner = await asyncpg.connect(dsn)
            await owner.execute("UPDATE article20.person SET disabled_at = now()")
            await owner.close()
        return is_right

    monkeypatch.setattr(people.passwords, "check", check_meanwhile)
    with pytest.raises(LoginRefused):
        await log_in(people)


async def test_right_passwords_are_never_too_many(people: People, ada: Person) -> None:
    """However many log in from one address at the same moment, or in one window, all are let in;
    and what they did right gives nobody there more guesses."""
    everybody = BOUNDS.attempts_max * 10 + 5
    found = await asyncio.gather(*(log_in(people) for _ in range(everybody)))
    assert {person for person, _ in found} == {ada}
    for n in range(BOUNDS.attempts_max * 10):
        with pytest.raises(LoginRefused):
            await log_in(people, "wrong password", email=f"nobody-{n}@example.org")
        if n == BOUNDS.attempts_max:
            assert (await log_in(people))[0] == ada
    with pytest.raises(TooManyLogins):
        await log_in(people)


async def test_a_success_forgets_the_failures(people: People, ada: Person) -> None:
    """Whoever mistypes now and then is not locked out in the end."""
    for _ in range(4):
        with pytest.raises(LoginRefused):
            await log_in(people, "wrong password")
        await log_in(people)


async def test_old_failures_count_no_longer(people: People, ada: Person, dsn: str) -> None:
    """Failures that the window no longer holds are dropped from the table."""
    for _ in range(BOUNDS.attempts_max):
        with pytest.raises(LoginRefused):
            await log_in(people, "wrong password")
    owner = await asyncpg.connect(dsn)
    await owner.execute(
        "UPDATE article20.login_attempt SET attempted_at = now() - interval '2 minutes'"
    )
    assert (await log_in(people))[0] == ada
    kept = await owner.fetchval("SELECT count(*) FROM article20.login_attempt")
    await owner.close()
    assert kept <= 3


async def test_another_password_ends_the_sessions(people: People, ada: Person) -> None:
    """With the new password the old one and everything begun with it is over."""
    _, cookie = await log_in(people)
    assert await people.set_password(WORKSPACE, "ada@example.org", "another password") == ada
    assert await people.session(cookie) is None
    with pytest.raises(LoginRefused):
        await log_in(people)
    assert (await log_in(people, "another password"))[0] == ada
    assert await people.set_password(WORKSPACE, "eve@example.org", "another password") is None


async def test_a_token_is_found_until_it_is_revoked(people: People) -> None:
    """A token is known by its text alone, notes when it was used, and is over when revoked."""
    made, text = await people.create_token(WORKSPACE, name="script", role="contributor")
    assert text.startswith(f"a20_{WORKSPACE}_")
    assert made.used_at is None
    found = await people.token(text)
    assert found is not None
    assert (found.id, found.workspace, found.role) == (made.id, WORKSPACE, "contributor")
    (listed,) = await people.tokens(WORKSPACE)
    assert listed.used_at is not None
    revoked = await people.revoke_token(WORKSPACE, made.id)
    assert revoked.revoked_at is not None
    assert await people.token(text) is None
    again = await people.revoke_token(WORKSPACE, made.id)
    assert again.revoked_at == revoked.revoked_at


async def test_a_token_of_one_workspace_is_none_in_another(people: People) -> None:
    """Changing the workspace a token names makes it nobody's, and no list shows another's."""
    made, text = await people.create_token(WORKSPACE, name="script", role="admin")
    assert await people.token(text.replace(WORKSPACE, OTHER)) is None
    assert await people.tokens(OTHER) == []
    with pytest.raises(TokenNotFound):
        await people.revoke_token(OTHER, made.id)
    with pytest.raises(TokenNotFound):
        await people.revoke_token(WORKSPACE, uuid4())


async def test_row_level_security_keeps_workspaces_apart(
    people: People, ada: Person, pool: asyncpg.Pool
) -> None:
    """Even a query that forgets its workspace sees the rows of the one it entered, or none."""
    await people.create_token(WORKSPACE, name="script", role="viewer")
    async with pool.acquire() as connection:
        for table in ("person", "token"):
            assert await connection.fetch(f"TABLE {table}") == []
            async with connection.transaction():
                await connection.execute(f"SET LOCAL article20.workspace = '{OTHER}'")
                assert await connection.fetch(f"TABLE {table}") == []
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(
                        "INSERT INTO login_attempt (workspace, subject) VALUES ($1, $2)",
                        WORKSPACE,
                        b"x",
                    )
