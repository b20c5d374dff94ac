"""The page that opens a number: asks for its facts and the sources of what it lists, builds and
renders; it reckons nothing itself."""

from typing import Final, get_args

from domain.errors import Article20Error
from projections.accounts import ORDERS, AccountAsked
from projections.dossier import MEASURES
from services.dashboard.charts.figures import Measure
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.language import _
from services.dashboard.models.explain import (
    EXCLUDED_MAX,
    TERMS_MAX,
    NumberAsk,
    account_page,
    explain_page,
    terms_sheet,
)
from services.dashboard.models.own_weights import NAMES, read_own
from services.dashboard.models.today import figure_interval, shown_status
from services.dashboard.models.what_if import FACTS_MAX, later_than
from services.dashboard.render import render
from services.dashboard.sheets import ROWS_MAX, download
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
    asked = AccountAsked(
        measure=measure,
        on=visit.on,
        order=order,
        later=later_than(visit.on),
        few_max=FACTS_MAX,
        terms_max=TERMS_MAX if visit.form is None else ROWS_MAX,
        excluded_max=EXCLUDED_MAX if visit.form is None else None,
        official=official,
    )
    position, told = await visit.house.figures.account(
        visit.workspace, government, visit.known_at, weights, asked
    )
    title = _("%(measure)s of %(name)s", measure=MEASURE_NAMES[measure],
              name=GOVERNMENTS[government])  # fmt: skip
    frame = await visit.frame(title, position, pairs=kept, concerns=(government,))
    ask = NumberAsk(
        government=government,
        measure=measure,
        on=visit.on,
        weights=weights,
        official=official,
        status=shown_status(told.standing),
        order=order,
    )
    if told.account is None:
        facts = tuple(version.facts for version in told.versions)
        found = MEASURES[measure](facts, government, visit.on, weights)
        versions = {version.claim.id: version for version in told.versions}
        page = explain_page(frame, ask, facts, versions, found)
    else:
        facts, found = told.facts, told.account.number
        page = account_page(
            frame,
            ask,
            told.account,
            {fact.claim: fact for fact in facts},
            {version.claim.id: version for version in told.versions},
            published=None if told.published is None else figure_interval(*told.published),
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
