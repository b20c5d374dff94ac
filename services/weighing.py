"""A workspace's own sets of weights: which were offered when, and decisions about one; no rules
here."""

from collections.abc import Callable
from functools import partial

import msgspec

from domain.clocks import HEAD, KnownAt, reached
from domain.dcb import DCBQuery, DCBQueryItem
from domain.events import Recorded
from domain.weight_events import WEIGHTS_TAG
from domain.weight_sets import WeightsDesk
from domain.weights import Weights
from projections.weight_sets import WeightSetList, sets_at, weight_set_list, weights_of
from services.deciding import take
from services.house import House
from services.recording import Key
from services.wiring import opened


class WeightsReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a decision about a set of weights: its name, and where it stands in the
    log."""

    weights: str
    position: int


async def weigh(
    house: House, workspace: str, method: str | None, known_at: KnownAt
) -> tuple[Weights, KnownAt]:
    """The weights of a method, and the clock that an answer with them is asked by.

    None is the published method. Of a set the head is pinned to the position of the views, so that
    weights and claims are of one moment. WeightSetNotFound where it was not offered by then.
    """
    if method is None:
        return house.weights, known_at
    if known_at == HEAD:
        known_at = KnownAt(position=(await house.views.watermark(workspace)).position)
    sets = sets_at(await _events(house, workspace, known_at), known_at)
    return weights_of(sets, method, house.weights), known_at


async def offered(house: House, workspace: str, known_at: KnownAt) -> tuple[int, WeightSetList]:
    """The sets offered at `known_at`."""
    position = (await house.views.watermark(workspace)).position
    reached(known_at, position, "the views have")
    if known_at == HEAD:
        known_at = KnownAt(position=position)
    sets = sets_at(await _events(house, workspace, known_at), known_at)
    return position, weight_set_list(sets, house.weights, known_at=str(known_at))


async def decide_weights(
    house: House,
    workspace: str,
    name: str,
    decision: Callable[[WeightsDesk], None],
    *,
    by: str,
    key: Key | None = None,
) -> tuple[WeightsReceipt, bool]:
    """Take a decision about a set and append it, once for each idempotency `key`; whether an
    earlier call with the same key did. KeyReused when the key was used for another body."""
    fresh = partial(WeightsDesk, name, house.weights)
    taken = await take(house, workspace, fresh, decision, by=by, key=key)
    return WeightsReceipt(weights=name, position=taken.position), taken.replayed


async def _events(house: House, workspace: str, known_at: KnownAt) -> list[Recorded]:
    """The events of all sets, up to `known_at` where it is a position."""
    query = DCBQuery([DCBQueryItem(tags=[WEIGHTS_TAG])])
    until = known_at.position
    found: list[Recorded] = []
    async for page in house.store.stream(workspace, query, until=until):
        found += [opened(stored) for stored in page]
    return found
