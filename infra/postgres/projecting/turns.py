"""The order in which workspaces get their turns, one after the other; it knows neither what a turn
is nor how long it takes.
"""

from collections.abc import Iterable


class Turns:
    """Who waits for a turn, in the order in which they came.

    Between two turns of one, everybody who waited at the first of them has had theirs: nobody,
    however busy, keeps another waiting for longer than everybody's one turn.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, names: Iterable[str]) -> None:
        """Let some wait behind those who do; who waits already keeps their place."""
        for name in names:
            self._waiting.setdefault(name)

    def take(self) -> str:
        """Who is next, and waits no longer."""
        name = next(iter(self._waiting))
        del self._waiting[name]
        return name
