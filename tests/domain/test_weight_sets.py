"""A workspace's own sets of weights: what may be defined, and what a set changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import InvalidQuestion
from domain.events import decode, encode
from domain.weight_events import WeightChanges
from domain.weight_sets import (
    SETS_MAX,
    InvalidWeights,
    WeightsDesk,
    WeightSetNotFound,
    WeightSetRefused,
    read_method,
    weighed,
)
from tests.domain.made import WEIGHTS

NOW = datetime(2026, 2, 1, tzinfo=UTC)


class Desks:
    """Desks that read what earlier ones decided."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def decide(self, name: str, **changes: dict[str, float]) -> None:
        """Define a set."""
        desk = self.desk(name)
        desk.define(WeightChanges(**changes), reason="we weigh otherwise")
        self.keep(desk)

    def desk(self, name: str) -> WeightsDesk:
        """A desk about one set."""
        desk = WeightsDesk(name, WEIGHTS)
        desk.read(self.events, len(self.events))
        return desk

    def keep(self, desk: WeightsDesk) -> None:
        """Append what was decided, through its stored form."""
        for tagged in desk.collect_events():
            stored, position = encode(tagged.decision), len(self.events) + 1
            self.events.append(
                decode(
                    stored.type, stored.data, position=position, recorded_at=NOW, recorded_by="ada"
                )
            )


def test_a_set_changes_what_it_names_and_nothing_else() -> None:
    """Rows that are not named weigh as published, and the published weights stay as they were."""
    desks = Desks()
    desks.decide("louder", instruments={"open_letter": 6.0}, half_lives={"open_letter": 30.0})
    found = weighed(WEIGHTS, desks.desk("louder").sets["louder"])
    for mine, published in zip(found.pressure, WEIGHTS.pressure, strict=True):
        if mine.name == "open_letter":
            assert (mine.weight, mine.half_life_days) == (6.0, 30.0)
            assert mine != published
        else:
            assert mine == published
    assert (found.floors, found.conduct, found.actors, found.grades, found.backing) == (
        WEIGHTS.floors, WEIGHTS.conduct, WEIGHTS.actors, WEIGHTS.grades, WEIGHTS.backing,
    )  # fmt: skip
    assert found.methods == ("erosion/1+louder/1", "pressure/1+louder/1", "backing/1+louder/1")
    assert WEIGHTS.methods == ("erosion/1", "pressure/1", "backing/1")


def test_each_definition_is_a_version_of_its_own() -> None:
    """Versions count from 1, also when a set was withdrawn in between; the last one reads."""
    desks = Desks()
    desks.decide("louder", actors={"ngo": 1.0})
    desks.decide("louder", actors={"ngo": 2.0})
    desk = desks.desk("louder")
    desk.withdraw(reason="no longer agreed")
    desks.keep(desk)
    assert desks.desk("louder").sets["louder"].withdrawn
    desks.decide("louder", actors={"ngo": 2.0})
    held = desks.desk("louder").sets["louder"]
    assert (held.label, held.withdrawn, held.changes.actors) == ("louder/3", False, {"ngo": 2.0})


@pytest.mark.parametrize(
    ("name", "changes", "pointer"),
    [
        ("louder", {"instruments": {"shouting": 2.0}}, "/changes/instruments/shouting"),
        ("louder", {"instruments": {"objection": -1.0}}, "/changes/instruments/objection"),
        ("louder", {"half_lives": {"objection": 0.0}}, "/changes/half_lives/objection"),
        ("louder", {"grades": {"A": 1.01}}, "/changes/grades/A"),
        ("louder", {"floors": {"withdrawal_effective": 101.0}}, "/changes/floors/withdrawal"),
        ("louder", {"floors": {"mine_use_confirmed": 10.0}}, "/changes/floors/mine_use"),
        ("louder", {"actors": {"ngo": float("nan")}}, "/changes/actors/ngo"),
        ("louder", {}, "/changes"),
        ("Louder", {"actors": {"ngo": 1.0}}, "/weights"),
        ("published", {"actors": {"ngo": 1.0}}, "/weights"),
    ],
)
def test_what_cannot_be_weighed_is_named(
    name: str, changes: dict[str, dict[str, float]], pointer: str
) -> None:
    """Unknown rows, values out of bounds, a name that is taken: each by its JSON Pointer."""
    with pytest.raises(InvalidWeights) as refused:
        Desks().decide(name, **changes)
    assert refused.value.errors[0].pointer.startswith(pointer)


def test_nothing_is_decided_that_changes_nothing() -> None:
    """A set that reads so already, one withdrawn twice and one nobody defined are refused."""
    desks = Desks()
    desks.decide("louder", actors={"ngo": 1.0})
    with pytest.raises(WeightSetRefused, match="read so already"):
        desks.decide("louder", actors={"ngo": 1.0})
    with pytest.raises(WeightSetNotFound):
        desks.desk("quieter").withdraw(reason="never there")
    desk = desks.desk("louder")
    desk.withdraw(reason="no longer agreed")
    desks.keep(desk)
    with pytest.raises(WeightSetRefused, match="withdrawn already"):
        desks.desk("louder").withdraw(reason="again")


def test_a_workspace_offers_a_bounded_number_of_sets() -> None:
    """One more than the bound is refused; the ones there can still be defined anew."""
    desks = Desks()
    for number in range(SETS_MAX):
        desks.decide(f"set-{number}", actors={"ngo": 1.0})
    with pytest.raises(WeightSetRefused, match=f"at most {SETS_MAX}"):
        desks.decide("one-more", actors={"ngo": 1.0})
    desks.decide("set-0", actors={"ngo": 2.0})


def test_a_method_is_the_name_of_a_set() -> None:
    """Nothing and `published` stand for the published weights; what is no name is refused."""
    assert read_method(None) is read_method("published") is None
    assert read_method("louder") == "louder"
    for text in ("", "Louder", "pressure/1", "a b", "x\n"):
        with pytest.raises(InvalidQuestion, match="method"):
            read_method(text)
