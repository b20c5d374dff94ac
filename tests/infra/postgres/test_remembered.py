"""What is looked up once for many and remembered for a while."""

import asyncio

import pytest

from infra.postgres.remembered import Remembered

MANY = 50


class Shelf:
    """Where things are looked up slowly; counts how often, and lets them be changed."""

    def __init__(self) -> None:
        self.things: dict[str, str] = {"one": "first"}
        self.looks = 0
        self.open = asyncio.Event()
        self.open.set()
        self.error: Exception | None = None

    async def look_up(self, name: str) -> str | None:
        """The thing as it is now, told once the shelf is open."""
        self.looks += 1
        found = self.things.get(name)
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return found

    def remembered(self, kept_seconds_max: float = 3600.0) -> Remembered[str]:
        """A memory of this shelf."""
        return Remembered(self.look_up, kept_max=10, kept_seconds_max=kept_seconds_max)


async def test_many_who_ask_at_once_are_answered_by_one_look() -> None:
    """Whoever asks while another looks waits for that answer; afterwards nobody looks."""
    shelf = Shelf()
    remembered = shelf.remembered()
    assert await asyncio.gather(*(remembered.find("one") for _ in range(MANY))) == ["first"] * MANY
    assert await remembered.find("one") == remembered.kept("one") == "first"
    assert shelf.looks == 1


async def test_what_is_not_there_is_asked_for_again() -> None:
    """A name that nobody has is not remembered."""
    shelf = Shelf()
    remembered = shelf.remembered()
    assert [await remembered.find("two"), await remembered.find("two")] == [None, None]
    assert shelf.looks == 2


async def test_what_was_read_before_it_was_forgotten_is_not_remembered() -> None:
    """A look under way when everything is forgotten may have seen what was before: it answers
    whoever waited, and the next one looks anew."""
    shelf = Shelf()
    remembered = shelf.remembered()
    shelf.open.clear()
    before = asyncio.create_task(remembered.find("one"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    shelf.things["one"] = "second"
    remembered.forget()
    after = asyncio.create_task(remembered.find("one"))
    await asyncio.sleep(0)
    shelf.open.set()
    assert [await before, await after] == ["first", "second"]
    assert remembered.kept("one") == "second"


async def test_a_failed_look_fails_all_who_wait_and_nobody_after() -> None:
    """The error reaches everybody who asked meanwhile, and is not remembered."""
    shelf = Shelf()
    remembered = shelf.remembered()
    shelf.error = OSError("away")
    told = await asyncio.gather(
        *(remembered.find("one") for _ in range(MANY)), return_exceptions=True
    )
    assert told == [shelf.error] * MANY
    shelf.error = None
    assert await remembered.find("one") == "first"
    assert shelf.looks == 2


async def test_who_gives_up_waiting_ends_nobody_elses_look() -> None:
    """The look goes on for the others when the one who began it is cancelled."""
    shelf = Shelf()
    remembered = shelf.remembered()
    shelf.open.clear()
    first = asyncio.create_task(remembered.find("one"))
    await asyncio.sleep(0)
    second = asyncio.create_task(remembered.find("one"))
    await asyncio.sleep(0)
    first.cancel()
    shelf.open.set()
    assert await second == "first"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_what_is_in_use_is_looked_up_before_it_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Near the end of its time it is still answered at once, while it is looked up again."""
    now = 1000.0
    monkeypatch.setattr("infra.postgres.remembered.monotonic", lambda: now)
    shelf = Shelf()
    remembered = shelf.remembered(kept_seconds_max=10.0)
    await remembered.find("one")
    shelf.things["one"] = "second"
    now = 1007.0
    assert (remembered.kept("one"), shelf.looks) == ("first", 1)
    now = 1009.0
    shelf.open.clear()
    assert [remembered.kept("one") for _ in range(MANY)] == ["first"] * MANY
    shelf.open.set()
    await asyncio.wait([one for one in asyncio.all_tasks() if one is not asyncio.current_task()])
    assert (remembered.kept("one"), shelf.looks) == ("second", 2)
    now = 1020.0
    assert remembered.kept("one") is None
