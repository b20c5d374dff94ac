"""`webhook-source deliveries` and `replay`: what machines delivered, what became of it, and a
refused one again; it never shows a body."""

from uuid import UUID

import click

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, options
from services.cli.output import say_facts, say_json, say_list
from services.cli.refusals import Refused
from services.cli.sources import webhook_source
from services.house import House
from services.intake.webhooks.posted import replay as replay_delivery
from services.wiring import DeliveryFilter, Noted

__all__ = ["webhook_source"]

LIMIT = 50
LIMIT_MAX = 10_000
COLUMNS = {
    **{"delivery": "delivery", "received": "received_at", "source": "source", "status": "status"},
    **{"reason": "reason", "claim": "claim", "replayable": "has_body", "detail": "detail"},
}
"""Heading of a list of deliveries -> the field below it."""


@webhook_source.command(cls=Command)
@click.option("--source", metavar="NAME", help="Those of one source.")
@click.option("--refused/--accepted", default=None, help="Only those, or only the others.")
@click.option("--reason", metavar="SLUG", help="Refused for this reason, such as invalid-claim.")
@click.option("--webhook-id", metavar="ID", help="Those with this webhook-id.")
@click.option("--claim", metavar="ID", help="Those that brought this claim.")
@click.option(
    "--limit", type=click.IntRange(1, LIMIT_MAX), default=LIMIT, show_default=True, help="How many."
)
@options(*STORE, "format")
@click.pass_obj
def deliveries(
    common: Common,
    source: str | None,
    refused: bool | None,
    reason: str | None,
    webhook_id: str | None,
    claim: str | None,
    limit: int,
) -> None:
    """List what was delivered and what became of it, newest first; kept for a bounded time."""
    asked = DeliveryFilter(
        source=source, refused=refused, reason=reason, webhook_id=webhook_id, claim=claim
    )

    async def work(house: House) -> list[Noted]:
        return await house.deliveries.listed(common.workspace(), asked, before=None, limit=limit)

    say_list(in_house(common, work), COLUMNS, as_json=common.as_json)


@webhook_source.command(cls=Command)
@click.argument("delivery", metavar="DELIVERY", type=click.UUID)
@options(*STORE, "format")
@click.pass_obj
def replay(common: Common, delivery: UUID) -> None:
    """Take a refused delivery again, once what it was refused for is mended."""

    async def work(house: House) -> Noted:
        return await replay_delivery(house, common.workspace(), delivery)

    found = in_house(common, work)
    if common.as_json:
        say_json(found)
    else:
        say_facts(
            [
                ("delivery", str(found.delivery)),
                ("status", str(found.status)),
                ("claim", found.claim or ""),
                ("reason", found.reason or ""),
            ]
        )
    if found.reason is not None:
        raise Refused(what=f"It is refused again: {found.reason}.", how=found.detail or "")
