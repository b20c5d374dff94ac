"""Rows of one table that wait to be sent by COPY; it sends nothing."""


class Sheet:
    """Rows of one table that wait to be sent.

    `staged`: the table of the session they go to first; `make` and `fill`: the queries of
    `sql/bulk.sql` that make it, and that carry its rows over into a generation of the view.
    """

    def __init__(self, staged: str, *, make: str, fill: str) -> None:
        self.staged, self.make, self.fill = staged, make, fill
        self.rows: list[bytes] = []
