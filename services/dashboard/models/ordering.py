"""The order a table stands in, as its address and its column heads say it; pure, it sorts
nothing itself."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Direction = Literal["", "ascending", "descending"]


class Head(msgspec.Struct, frozen=True):
    """One head of a column that can be sorted by: its words, the order that its link asks for
    (empty for the first one of the list), and how the table stands by it now."""

    words: str
    asks: str
    direction: Direction = ""


class Order(msgspec.Struct, frozen=True):
    """By what a list is sorted, and whether from the last to the first."""

    key: str
    is_down: bool = False


def read_order(text: str, orders: Mapping[str, Order]) -> Order | None:
    """The order that an address names, the first of them where it names none; None where there is
    no such order."""
    return orders.get(text) if text else next(iter(orders.values()))


def head(words: str, key: str, now: Order, orders: Mapping[str, Order]) -> Head:
    """The head of a column: it turns the order that holds round, and begins any other with the
    one of its two that `orders` has first."""
    names = [name for name, order in orders.items() if order.key == key]
    if now.key == key:
        names = [name for name in names if orders[name] != now]
    asks = "" if names[0] == next(iter(orders)) else names[0]
    if now.key != key:
        return Head(words, asks)
    return Head(words, asks, "descending" if now.is_down else "ascending")
