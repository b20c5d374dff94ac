"""The pages of the ledgers, Criticism and Transfers: asks, builds and renders; it never weighs what
a statement did."""

from functools import partial
from typing import Final

from msgspec.structs import replace

from domain.clocks import KnownAt, known_text
from domain.errors import InvalidQuestion
from projections.criticism import JOINTS, Excerpt
from projections.passing import PlansPass
from projections.silence import ALLIES, AMONG_MAX, REGION, Among, read_among
from services import spellings
from services.dashboard.language import _
from services.dashboard.models.criticism import (
    JOINT_ROW,
    ORDERS,
    MatrixAsk,
    choice_of,
    file_choice_of,
    matrix_page,
    matrix_sheet,
    silence_sheet,
    targets_of,
    voices_of,
    with_further_row,
)
from services.dashboard.models.today import shown_status
from services.dashboard.models.transfer_files import ledger_sheet, plans_sheet, totals_sheet
from services.dashboard.models.transfers import ORDERS as TRANSFER_ORDERS
from services.dashboard.models.transfers import (
    ROWS_MAX,
    STAGES,
    TransfersAsk,
    is_listed,
    ledger_page,
    party_name,
    plans_of,
    plans_passed,
    shown_of,
)
from services.dashboard.render import render
from services.dashboard.sheets import ROWS_MAX as FILE_ROWS_MAX
from services.dashboard.sheets import Format, download
from services.dashboard.states import GOVERNMENTS
from services.dashboard.visit import PageAnswer, Visit
from services.dashboard.words import VOICES
from services.wiring import ClaimFilter

MATRIX_FIELDS: Final = (
    *("voice", "government", "circle", "among", "joint", "order", "critic", "target"),
    *("of", "format"),
)
TRANSFER_FIELDS: Final = ("government", "stage", "order", "of", "format")
STATEMENTS_MAX: Final = 100


async def criticism(visit: Visit) -> PageAnswer:
    """Who criticised whom, and who held back?"""
    kept = visit.kept(*MATRIX_FIELDS[:-2])
    if (better := visit.better(kept)) is not None:
        return better
    ask, among = _matrix_ask(visit)
    asked = visit.workspace, visit.on, visit.known_at, among or Among(speakers=True)
    is_matrix = visit.form is not None and visit.asked("of") != "silence"
    position, excerpt = await visit.questions.criticism_page(
        *asked,
        joint=ask.joint,
        government=ask.government,
        choice=(file_choice_of if is_matrix else choice_of)(ask),
    )
    frame = await visit.frame(_("Criticism"), position, pairs=kept)
    if visit.form is not None:
        sheet = (matrix_sheet if is_matrix else silence_sheet)(excerpt, ask, frame)
        return PageAnswer(position=position, download=download(sheet, visit.form))
    critic, target = visit.asked("critic"), visit.asked("target")
    opened = None
    if critic and target in GOVERNMENTS:
        excerpt = await _having(visit, excerpt, critic)
        _position, versions, _following = await visit.house.views.claims(
            visit.workspace,
            visit.known_at,
            ClaimFilter(
                government=target,
                actor=next(iter(voices_of(excerpt.matrix, critic)), critic),
                last_day=visit.on,
            ),
            after=None,
            limit=STATEMENTS_MAX,
        )
        opened = critic, target, versions
    _position, standings = await visit.questions.standings(
        visit.workspace, visit.on, visit.known_at, targets_of(excerpt.matrix, ask)
    )
    statuses = {code: shown_status(standing) for code, standing in standings.items()}
    page = matrix_page(frame, excerpt, statuses, ask=ask, opened=opened, circles=_circles(visit))
    return PageAnswer(position=position, html=render(page))


async def _having(visit: Visit, excerpt: Excerpt, critic: str) -> Excerpt:
    """The excerpt with the row of a critic, where that is a joint statement which stands further
    down than the page goes."""
    is_here = any(one.actor == critic for one in excerpt.matrix.critics)
    if is_here or not critic.startswith(JOINT_ROW):
        return excerpt
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, visit.known_at, [critic.removeprefix(JOINT_ROW)]
    )
    told = [version for version in versions if version.claim.actors]
    return with_further_row(excerpt, told[0]) if told else excerpt


async def transfers(visit: Visit) -> PageAnswer:
    """Who moves or makes mines: said, shipped or received?"""
    kept = visit.kept(*TRANSFER_FIELDS[:-2])
    if (better := visit.better(kept)) is not None:
        return better
    stage, code = visit.asked("stage"), visit.asked("government")
    order = visit.asked("order")
    ask = TransfersAsk(
        government=code if code in GOVERNMENTS else "",
        stage=stage if stage in STAGES else "",
        order=order if order in TRANSFER_ORDERS else TRANSFER_ORDERS[0],
    )
    if visit.form is None and (shown := await _at_hand(visit, ask, kept)) is not None:
        return shown
    asked = visit.workspace, visit.on, visit.known_at
    if visit.form is not None:
        return await _file(visit, visit.form, ask, kept)
    plans = PlansPass(visit.on, partial(is_listed, ask=ask), ROWS_MAX)
    position, found = await visit.questions.transfers_shown(
        *asked, shown_of(ask), party_name, plans
    )
    frame = await visit.frame(_("Transfers"), position, pairs=kept)
    page = ledger_page(frame, found, plans_passed(plans), ask=ask)
    return PageAnswer(position=position, html=render(page))


async def _file(
    visit: Visit, form: Format, ask: TransfersAsk, kept: tuple[tuple[str, str], ...]
) -> PageAnswer:
    """The ledger as a file, or its sums or the plans beside it."""
    asked, of = (visit.workspace, visit.on, visit.known_at), visit.asked("of")
    plans = PlansPass(visit.on, partial(is_listed, ask=ask), FILE_ROWS_MAX if of == "plans" else 0)
    few, many = ("rows_max", "totals_max") if of == "totals" else ("totals_max", "rows_max")
    shown = replace(shown_of(ask), **{few: 0, many: FILE_ROWS_MAX})
    position, found = await visit.questions.transfers_shown(*asked, shown, party_name, plans)
    frame = await visit.frame(_("Transfers"), position, pairs=kept)
    if of == "plans":
        sheet = plans_sheet(plans_passed(plans), frame)
    elif of == "totals":
        sheet = totals_sheet(found, frame)
    else:
        sheet = ledger_sheet(found, frame)
    return PageAnswer(position=position, download=download(sheet, form))


async def _at_hand(
    visit: Visit, ask: TransfersAsk, kept: tuple[tuple[str, str], ...]
) -> PageAnswer | None:
    """The page from the ledger that is at hand; None where that does not tell it."""
    async with visit.house.views.ledgers.of(visit.workspace, visit.known_at) as ledger:
        if ledger is None:
            return None
        position = ledger.through
        known = known_text(visit.known_at, position)
        asked = shown_of(ask)
        found = ledger.excerpt(asked, on=visit.on, known_at=known, name=party_name)
        plans = ledger.plans(asked, on=visit.on)
    _position, versions = await visit.house.views.versions_of_claims(
        visit.workspace, KnownAt(position=position), [plan.claim for plan in plans.listed]
    )
    by_claim = {version.claim.id: version for version in versions}
    frame = await visit.frame(_("Transfers"), position, pairs=kept)
    page = ledger_page(frame, found, plans_of(plans, by_claim), ask=ask)
    return PageAnswer(position=position, html=render(page))


def _circles(visit: Visit) -> tuple[str, ...]:
    """What the silence of many may be asked by: allies, regions, alliances, then regions."""
    circles = visit.house.circles
    return (ALLIES, REGION, *circles.alliances.names, *circles.regions.names)


def _code(named: str, circles: tuple[str, ...]) -> str:
    """The code of a government that is named in some way; the name of an alliance or a region, and
    what is neither, as it was written."""
    if named.casefold() in {circle.casefold() for circle in circles}:
        return named
    return spellings.government(named) or named


def _matrix_ask(visit: Visit) -> tuple[MatrixAsk, Among | None]:
    """What was typed, and the governments whose silence is asked about; what is none of them is
    told beside the field."""
    typed, among, error = visit.asked("among"), None, ""
    circles = _circles(visit)
    circle = visit.asked("circle") if visit.asked("circle") in circles else ""
    named = [_code(one.strip(), circles) for one in typed.split(",") if one.strip()]
    if typed or circle:
        try:
            among = read_among(",".join(filter(None, (circle, *named))), visit.house.circles)
        except InvalidQuestion:
            known = {name.upper() for name in (*GOVERNMENTS, *circles)}
            astray = next((one for one in named if one.upper() not in known), "")
            error = (
                _("“%(name)s” is no government, alliance or region we know.", name=astray[:80])
                if astray
                else _("Name %(most)s at most.", most=AMONG_MAX)
            )
    voice, government = visit.asked("voice"), visit.asked("government")
    return (
        MatrixAsk(
            voice=voice if voice in VOICES else "",
            government=government if government in GOVERNMENTS else "",
            circle=circle,
            among=typed,
            joint=next((j for j in JOINTS if j == visit.asked("joint")), JOINTS[0]),
            among_error=error,
            order=visit.asked("order") if visit.asked("order") in ORDERS else ORDERS[0],
        ),
        among,
    )
