"""What a webhook source may submit, and how often; it never counts what was submitted."""

from typing import Final

import msgspec

from domain.errors import Article20Error
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF

REQUESTS_MAX: Final = 1_000_000


class InvalidLimit(Article20Error):
    """{limit!r} is not {what}, so a source cannot be limited to it. Use the kinds of docs/events.md
    and ISO 3166-1 alpha-3 codes of governments."""

    slug, status = "invalid-limit", 422


class InvalidRate(Article20Error):
    """{number!r} is not {what}, so a source cannot be limited to it. Write a number above 0, up to
    {most}."""

    slug, status = "invalid-limit", 422


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a source may submit, and how often; None for no limit of its own."""

    kinds: tuple[str, ...] | None = None
    governments: tuple[str, ...] | None = None
    requests_per_second_max: float | None = None
    burst_requests_max: int | None = None

    def check(self) -> None:
        """Refuse a kind or government there is not (InvalidLimit), and a number that bounds nothing
        or is beyond bounds (InvalidRate)."""
        for kind in self.kinds or ():
            if kind not in DETAILS_OF:
                raise InvalidLimit(limit=kind, what="a kind of claim")
        for code in self.governments or ():
            if code not in GOVERNMENTS:
                raise InvalidLimit(limit=code, what="a government of the status table")
        for number, what in (
            (self.requests_per_second_max, "a rate in requests a second"),
            (self.burst_requests_max, "a number of requests at once"),
        ):
            # Asked so that what is not a number is none either: it compares as neither.
            if number is not None and not 0 < number <= REQUESTS_MAX:
                raise InvalidRate(number=number, what=what, most=f"{REQUESTS_MAX:,}")

    def told(self) -> str:
        """The limits as a line of the audit list says them."""
        rate = self.requests_per_second_max
        told = (
            ("kinds", " ".join(self.kinds or ())),
            ("governments", " ".join(self.governments or ())),
            ("per second", "" if rate is None else f"{rate:g}"),
            ("burst", str(self.burst_requests_max or "")),
        )
        return "; ".join(f"{name}: {what}" for name, what in told if what) or "no limits of its own"
