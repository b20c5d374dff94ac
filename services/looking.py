"""Notes in the audit list who looked at what is not public; it never makes the reader wait."""

from collections.abc import Iterable
from typing import Final, Protocol

from services.house import House
from services.wiring import AuditLine

PUBLIC: Final = "public"


class Seen(Protocol):
    """A claim as an answer shows it."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def visibility(self) -> str:
        """Who may see it."""


def looked_at(house: House, workspace: str, by: str, claim: Seen) -> None:
    """Somebody opened a claim in full."""
    if claim.visibility != PUBLIC:
        line = AuditLine(action="claim_opened", by=by, subject=f"claim:{claim.id}")
        house.audit.looked(workspace, line)


def looked_through(
    house: House, workspace: str, by: str, claims: Iterable[Seen], where: str
) -> None:
    """Somebody was shown a list of claims."""
    count = sum(claim.visibility != PUBLIC for claim in claims)
    if count:
        line = AuditLine(
            action="claims_listed", by=by, subject=where, detail=f"{count} that are not public"
        )
        house.audit.looked(workspace, line)
