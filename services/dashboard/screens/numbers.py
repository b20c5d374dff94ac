"""The page that opens a number: asks for its facts and the sources of what it lists, builds and
renders; it reckons nothing itself."""

from typing import Final, get_args

from domain.errors import Article20Error
from domain.standing import standing_on
from domain.treaties import APMBC
from projections.dossier import MEASURES
from services.dashboard.charts.figures import Measure
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.language import _
from services.dashboard.models.explain import (
    ORDERS,
    explain_page,
    listed_claims,
    terms_sheet,
)
from services.dashboard.models.today import shown_status
from services.dashboard.render import render
from services.dashboard.screens.own_weights import NAMES, read_own
from services.dashboard.sheets import download
from services.dashboard.states import GOVERNMENTS
from services.dashboard.visit import PageAnswer, Visit
from services.questions import government_code

FIELDS: Final = ("order", "format", *NAMES)


class NoMeasure(Article20Error):
    """There is no number {name!r}; ask for erosion, pressure or backing."""

    slug, status = "no-measure", 404


async def explain(visit: Visit, code: str, name: str) -> PageAnswer:
    """Where does each point come from, and what would change it?"""
    government = government_code(code)
    measure = _measure(name)
    kept = visit.kept("order", *NAMES)
    if (better := visit.better(kept)) is not None:
        return better
    official = await visit.weigh()
    weights = read_own(visit.query, official) if measure == "pressure" else official
    order = visit.asked("order") if visit.asked("order") in ORDERS else ORDERS[0]
    position, facts = await visit.questions.facts(
        visit.workspace, government, visit.on, visit.known_at
    )
    found = MEASURES[measure](facts, government, visit.on, weights)
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, visit.known_at, listed_claims(found, facts, order)
    )
    title = _("%(measure)s of %(name)s", measure=MEASURE_NAMES[measure],
              name=GOVERNMENTS[government])  # fmt: skip
    page = explain_page(
        await visit.frame(title, position, pairs=kept, concerns=(government,)),
        government,
        measure,
        facts,
        {version.claim.id: version for version in versions},
        on=visit.on,
        weights=weights,
        official=official,
        status=shown_status(standing_on(APMBC, government, facts, visit.on)),
        order=order,
        found=found,
    )
    if visit.form is not None:
        file = download(terms_sheet(page, found, facts), visit.form)
        return PageAnswer(position=position, download=file)
    return PageAnswer(position=position, html=render(page))


def _measure(name: str) -> Measure:
    for measure in get_args(Measure):
        if measure == name:
            return measure  # type: ignore[no-any-return]  # it is one of the literals
    raise NoMeasure(name=name[:40])
