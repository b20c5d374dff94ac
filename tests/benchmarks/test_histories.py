"""Big made histories: sound enough to measure with."""

from itertools import islice

from benchmarks.histories import NOW, claims, encoded, events
from domain.claims import read_submission
from domain.kinds import DETAILS_OF
from projections.histories import fold_all

EVENTS = 3000


def test_the_same_seed_makes_the_same_history() -> None:
    """A history is its seed and its size; another seed makes another."""
    made = list(encoded(7, EVENTS))
    assert made == list(encoded(7, EVENTS))
    assert made != list(encoded(8, EVENTS))


def test_a_made_history_folds_and_has_every_kind_of_decision() -> None:
    """Every event fits the ones before it, and the desk contests, corrects, refutes, merges."""
    made = list(events(7, EVENTS))
    histories = fold_all(made)
    statuses = {history[-1].status for history in histories.values()}
    assert statuses >= {"pending", "accepted", "rejected", "contested", "refuted", "retracted"}
    assert any(len(history) > 2 for history in histories.values())
    assert [event.position for event in made] == list(range(1, EVENTS + 1))


def test_made_claims_are_valid_submissions() -> None:
    """What is sent to measure with is what anybody might send."""
    for plain in islice(claims(7, EVENTS), 300):
        read_submission(plain, details_of=DETAILS_OF, now=NOW, new_id="")
