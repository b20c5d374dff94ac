"""Pages over a history in which a few governments did and heard most stay light."""

from collections import Counter
from datetime import date

from benchmarks import histories as made
from domain.clocks import KnownAt
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened.portraying import drawn, portrayed
from projections.columnar.terms.law import Law
from projections.histories import believed, fold_all
from services.dashboard.assets import assets
from services.dashboard.models.government import RECORDS_SHOWN_MAX, Asked, government_page
from services.dashboard.render import render
from tests.domain.made import WEIGHTS
from tests.projections.columnar.numbers.test_figures import columns_of
from tests.services.dashboard.markup import Markup
from tests.services.dashboard.samples import frame
from tests.services.dashboard.test_pages import WEIGHT_BYTES_MAX

ON = date(2020, 1, 1)
EVENTS = 2_500


def test_the_page_of_a_government_with_hundreds_of_records_is_light() -> None:
    """It lists the newest and leads to all others; with its style sheets and scripts, uncompressed,
    it stays within 150 kB."""
    events = list(made.events(20, EVENTS))
    known_at = KnownAt(position=EVENTS)
    held = believed(fold_all(events), known_at)
    about = Counter(code for v in held for code in v.claim.targets)
    ((government, records),) = about.most_common(1)
    assert records > 250
    reckoner = Reckoner(government, columns_of(events, [], 1)[government], Law(WEIGHTS))
    outline = drawn(reckoner, ON, known_at)
    portrait = portrayed(government, outline, {v.recorded_position: v for v in held}, on=ON)
    around = frame(government, f"/governments/{government}")
    page = render(government_page(around, government, portrait, [], on=ON, asked=Asked()))
    assert len(Markup(page).all("#records tbody tr")) == RECORDS_SHOWN_MAX
    ways = [a for a in Markup(page).values("#main a", "href") if a.startswith("/claims?")]
    assert any(f"government={government}" in address for address in ways)
    ways = [way for way in Markup(page).values("#main a", "href") if way.startswith("/claims?")]
    assert any(f"government={government}" in way for way in ways)
    shared = sum(len(file.body) for name, file in assets().items() if f"/static/{name}?" in page)
    assert len(page.encode()) + shared <= WEIGHT_BYTES_MAX, len(page.encode())
