"""Lines of a document that are kept aside and made while they are read, as often as one likes; none
of them is held."""

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

T = TypeVar("T")


class Lines(Collection[T]):
    """So many lines, which `make` makes anew for whoever reads them."""

    def __init__(self, count: int, make: Callable[[], Iterator[T]]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self._make()

    def __contains__(self, line: object) -> bool:
        return any(one == line for one in self)
