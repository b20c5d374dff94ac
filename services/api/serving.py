"""What every route works with, put together once per process; it never answers a request itself."""

from importlib import metadata
from typing import Final

from litestar.di import NamedDependency

from domain.errors import SetupRefused
from services.api.access import Access, Buckets
from services.api.keeping import KeptPages
from services.api.metrics import Metrics
from services.api.requests import Patience
from services.campaigning import CampaignQuestions
from services.checking import Checks
from services.feeding import Feeding
from services.house import House
from services.live.hub import Hub
from services.questions import Questions
from services.tables.uploads import TableImports

UNVERIFIED_NOTES_PER_SECOND: Final = 1 / 60
UNVERIFIED_NOTES_BURST: Final = 60
"""How many deliveries that could not be verified are noted for one source: enough to see that
something is wrong, too few to fill the store."""


class Serving:
    """The house with what serving it needs: access, questions, streams, bounds and counts."""

    def __init__(self, house: House) -> None:
        if house.sealer is None:
            raise SetupRefused(
                what="serving needs a secret key, and none is given",
                how="set ARTICLE20_SECRET_KEY or ARTICLE20_SECRET_KEY_FILE, to 32 random"
                " characters or more, and keep it",
            )
        settings = house.settings
        self.house = house
        self.settings = settings
        self.access = Access(house, house.sealer.signing_key)
        self.questions = Questions(house)
        self.campaigns = CampaignQuestions(house)
        self.hub = Hub(house)
        self.pages = KeptPages(settings.pages_bytes_max)
        self.checks = Checks(house)
        self.imports = TableImports(house)
        self.feeding = Feeding(house)
        self.metrics = Metrics(metadata.version("article20"))
        house.observe(self.metrics)
        self.source_buckets = Buckets(
            settings.source_requests_per_second_max, settings.source_burst_requests_max
        )
        self.patience = Patience(settings.body_seconds_max)
        self.unverified_buckets = Buckets(UNVERIFIED_NOTES_PER_SECOND, UNVERIFIED_NOTES_BURST)
        self._positions: dict[str, int] = {}

    def saw(self, workspace: str, position: int) -> None:
        """Note how far a workspace is known to be, for answers that need no look of their own."""
        if position > self._positions.get(workspace, 0):
            self._positions[workspace] = position

    def position(self, workspace: str) -> int:
        """The last position seen; 0 for whoever belongs to no workspace, or where none was seen."""
        return self._positions.get(workspace, 0)


Served = NamedDependency[Serving]
"""What a route asks for to be given the `Serving` of its application."""
