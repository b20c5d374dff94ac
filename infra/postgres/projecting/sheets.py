"""Rows of one table that wait to be sent by COPY; it sends nothing."""


class Sheet:
    """Rows of one table that wait to be sent.

    `staged`: the table of the session they go to first; `make` and `fill`: the queries of
    `sql/bulk.sql` that make it, and that carry its rows over into a generation of the view.
    `size`: how many bytes were put together of what was added to `rows`.
    """

    def __init__(self, staged: str, *, make: str, fill: str) -> None:
        self.staged, self.make, self.fill = staged, make, fill
        self.rows: list[bytes] = []
        self.size = 0
        self._pieces: list[bytes] = []

    def put_together(self) -> None:
        """Make one piece of the rows, best while the processor has them at hand."""
        if self.rows:
            piece = b"".join(self.rows)
            self.rows.clear()
            self._pieces.append(piece)
            self.size += len(piece)

    def taken(self) -> list[bytes]:
        """All the rows in pieces, which wait here no longer."""
        self.put_together()
        pieces, self._pieces, self.size = self._pieces, [], 0
        return pieces
