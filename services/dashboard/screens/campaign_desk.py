"""The pages Campaigns and Campaign: ask, build and render, and take the forms to the campaign's
desk; whether something is possible is never decided here."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from domain.campaigns import (
    CampaignDesk,
    CampaignNotFound,
    CampaignRefused,
    InvalidCampaign,
)
from domain.claims import TARGETS_MAX
from domain.dates import partial_date
from domain.errors import ClaimNotFound, KeyReused
from services import spellings
from services.api.access import Principal, read_form
from services.api.campaigns import slug_of
from services.api.claims import claim_id
from services.api.describing import route
from services.api.serving import Served, Serving
from services.campaigning import CampaignQuestions, decide_campaign
from services.dashboard.answering import (
    PAGE,
    Call,
    caught_up,
    redirect,
    refused,
    visit_of,
    visitor_of,
)
from services.dashboard.frame import CAMPAIGNS_PATH, campaign_path
from services.dashboard.language import _, date_words, error_words
from services.dashboard.models.campaigns import (
    CAMPAIGN_STATES,
    ORDERS,
    CampaignAsk,
    Filled,
    campaign_view,
    campaigns_page,
    campaigns_sheet,
    listed,
    timeline_sheet,
)
from services.dashboard.render import render
from services.dashboard.sheets import download
from services.dashboard.visit import PageAnswer, Visit
from services.partial_dates import edtf
from services.recording import key_over

LIST_FIELDS: Final = ("state", "treaty", "order", "format")
FIELDS: Final = ("show", "done", "format")
TEXT_CHARS_MAX: Final = 2000
TITLE_CHARS_MAX: Final = 200
WORDS_OF_KEY_MAX: Final = 40

Form = Mapping[str, str]
Decide = Callable[[CampaignDesk], None]


class NotFilled(ValueError):
    """What is wrong with a form, in words for whoever filled it in, and the field it concerns."""

    def __init__(self, says: str, field: str = "") -> None:
        self.field = field
        super().__init__(says)


async def campaigns(visit: Visit, filled: Filled | None = None) -> PageAnswer:
    """Which campaigns are there, how far have they come, and what is next?"""
    kept = visit.kept(*LIST_FIELDS[:-1])
    if (better := visit.better(kept)) is not None:
        return better
    ask = CampaignAsk(
        state=visit.choice("state", CAMPAIGN_STATES),
        treaty=visit.asked("treaty"),
        order=visit.choice("order", ORDERS) or "next",
    )
    position, answer = await _questions(visit).campaigns(visit.workspace, visit.on, visit.known_at)
    frame = await visit.frame(_("Campaigns"), position, pairs=kept)
    if visit.form is not None:
        file = download(campaigns_sheet(listed(answer.campaigns, ask), frame), visit.form)
        return PageAnswer(position=position, download=file)
    page = campaigns_page(
        frame,
        answer,
        ask=ask,
        may_start=_is_now(visit) and visit.visitor.may("reviewer"),
        once=secrets.token_urlsafe(16),
        filled=filled,
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


async def campaign(visit: Visit, slug: str, filled: Filled | None = None) -> PageAnswer:
    """What is asked, what became of it, and what comes next?"""
    kept = visit.kept("show")
    if (better := visit.better(kept)) is not None:
        return better
    wanted = slug_of(slug)
    show = visit.choice("show", ("own",))
    ask = _questions(visit)
    await visit.weigh()
    position, answer = await ask.campaign(
        visit.workspace, wanted, visit.on, visit.known_at, visit.method
    )
    frame = await visit.frame(answer.title, position, pairs=kept, concerns=answer.targets)
    if visit.form is not None:
        file = download(timeline_sheet(answer, frame, show), visit.form)
        return PageAnswer(position=position, download=file)
    notes, names = None, {}
    if visit.visitor.may("contributor"):
        _position, notes = await ask.notes(visit.workspace, wanted, visit.known_at)
        members = await visit.house.roster.members(visit.workspace) if notes.notes else ()
        names = {f"person:{m.id}": m.name for m in members}
    page = campaign_view(
        frame,
        answer,
        notes,
        names,
        show=show,
        may_work=_is_now(visit) and visit.visitor.may("contributor"),
        may_decide=_is_now(visit) and visit.visitor.may("reviewer"),
        once=secrets.token_urlsafe(16),
        filled=filled,
        done=visit.asked("done"),
    )
    return PageAnswer(position=position, html=render(page), is_fresh=True)


def _start(form: Form) -> tuple[Decide, tuple[str, ...]]:
    title, treaty = _text(form, "title", TITLE_CHARS_MAX), form.get("treaty", "")
    targets, on = _governments(form), _day(form, "started_on")
    return lambda desk: desk.start(title=title, treaty=treaty, targets=targets, on=on), ()


def _change(form: Form) -> tuple[Decide, tuple[str, ...]]:
    title, targets = _text(form, "title", TITLE_CHARS_MAX), _governments(form)
    on, reason = _day(form, "started_on"), form.get("reason", "").strip() or None
    return lambda desk: desk.change(title=title, targets=targets, on=on, reason=reason), ()


def _end(form: Form) -> tuple[Decide, tuple[str, ...]]:
    on, reason = _day(form, "ended_on"), _text(form, "reason")
    return lambda desk: desk.end(on=on, reason=reason), ()


def _resume(form: Form) -> tuple[Decide, tuple[str, ...]]:
    reason = _text(form, "reason")
    return lambda desk: desk.resume(reason=reason), ()


def _ask(form: Form) -> tuple[Decide, tuple[str, ...]]:
    text, government = _text(form, "text"), form.get("government") or None
    key = _key(text)
    return lambda desk: desk.ask(key, text=text, government=government), ()


def _meet(form: Form) -> tuple[Decide, tuple[str, ...]]:
    key, claim = form.get("key", ""), _claim(form)
    return lambda desk: desk.meet(key, claim=claim), (claim,)


def _abandon(form: Form) -> tuple[Decide, tuple[str, ...]]:
    key, reason = form.get("key", ""), _text(form, "reason")
    return lambda desk: desk.abandon(key, reason=reason), ()


def _reopen(form: Form) -> tuple[Decide, tuple[str, ...]]:
    key, reason = form.get("key", ""), _text(form, "reason")
    return lambda desk: desk.reopen(key, reason=reason), ()


def _set_date(form: Form) -> tuple[Decide, tuple[str, ...]]:
    day, text = _day(form, "day"), _text(form, "text")
    key = form.get("key") or _key(text)
    return lambda desk: desk.set_date(key, day=day, text=text), ()


def _drop_date(form: Form) -> tuple[Decide, tuple[str, ...]]:
    key, reason = form.get("key", ""), form.get("reason", "").strip() or None
    return lambda desk: desk.drop_date(key, reason=reason), ()


def _action(form: Form) -> tuple[Decide, tuple[str, ...]]:
    claim = _claim(form)
    return lambda desk: desk.add_action(claim), (claim,)


def _no_action(form: Form) -> tuple[Decide, tuple[str, ...]]:
    claim = _claim(form)
    return lambda desk: desk.remove_action(claim), ()


def _write(form: Form) -> tuple[Decide, tuple[str, ...]]:
    text = _text(form, "text")
    return lambda desk: desk.note(text), ()


DECISIONS: Final[Mapping[str, Callable[[Form], tuple[Decide, tuple[str, ...]]]]] = {
    "ask": _ask,
    "meet": _meet,
    "abandon": _abandon,
    "reopen": _reopen,
    "change": _change,
    "end": _end,
    "resume": _resume,
}
"""What reviewers decide about a campaign, by the last part of its address."""
WORK: Final[Mapping[str, Callable[[Form], tuple[Decide, tuple[str, ...]]]]] = {
    "date": _set_date,
    "drop-date": _drop_date,
    "action": _action,
    "remove-action": _no_action,
    "note": _write,
}
"""What contributors do on a campaign."""


@post(CAMPAIGNS_PATH, status_code=303, **PAGE, **route("reviewer"))
async def start_campaign(request: Call, serving: Served) -> Response[Any]:
    """Start a campaign and lead to its page; a refusal shows the list with the form as it was."""
    form = await read_form(serving.house, request.scope, request.receive)
    slug = form.get("slug", "").strip() or _words(form.get("title", ""))
    return await _taken(request, serving, slug, "start", _start, form)


@post(CAMPAIGNS_PATH + "/{slug:str}/decide/{act:str}", status_code=303, **PAGE, **route("reviewer"))
async def decide(
    request: Call, serving: Served, slug: FromPath[str], act: FromPath[str]
) -> Response[Any]:
    """Take a decision about a campaign."""
    return await _posted(request, serving, slug, act, DECISIONS)


@post(
    CAMPAIGNS_PATH + "/{slug:str}/acts/{act:str}", status_code=303, **PAGE, **route("contributor")
)
async def work(
    request: Call, serving: Served, slug: FromPath[str], act: FromPath[str]
) -> Response[Any]:
    """Note a date, an action or something internal on a campaign."""
    return await _posted(request, serving, slug, act, WORK)


async def _posted(
    request: Call,
    serving: Serving,
    slug: str,
    act: str,
    known: Mapping[str, Callable[[Form], tuple[Decide, tuple[str, ...]]]],
) -> Response[Any]:
    if act not in known:
        raise CampaignNotFound(campaign=f"{slug[:60]}/{act[:20]}")
    form = await read_form(serving.house, request.scope, request.receive)
    return await _taken(request, serving, slug_of(slug), act, known[act], form)


async def _taken(
    request: Call,
    serving: Serving,
    slug: str,
    act: str,
    reading: Callable[[Form], tuple[Decide, tuple[str, ...]]],
    form: Form,
) -> Response[Any]:
    """Take a form to the campaign's desk once, and lead to the campaign; or show the form again."""
    principal: Principal = request.scope["user"]

    async def again(status: int, refusal: str, field: str = "") -> Response[Any]:
        values = {name: value for name, value in form.items() if name != "csrf_token"}
        key = form.get("key", "")
        filled = Filled(act=act, key=key, values=values, refusal=refusal, field=field)
        is_start = act == "start"
        path = CAMPAIGNS_PATH if is_start else campaign_path(slug)
        visit = visit_of(serving, visitor_of(serving, principal), path, {})
        page = await (campaigns(visit, filled) if is_start else campaign(visit, slug, filled))
        return refused(page, status)

    try:
        decision, claims = reading(form)
        told = msgspec.json.encode((act, sorted(form.items())))
        once = form.get("once", "")[:40] or secrets.token_urlsafe(16)
        outcome = await decide_campaign(
            serving.house,
            principal.workspace,
            CampaignDesk(slug, *claims),
            decision,
            by=principal.by,
            key=key_over(f"{principal.by}:form:{once}", told),
        )
    except NotFilled as error:
        return await again(422, str(error), error.field)
    except InvalidCampaign as error:
        return await again(422, "; ".join(e.detail for e in error.errors))
    except (CampaignRefused, ClaimNotFound, KeyReused) as error:
        await caught_up(serving, principal.workspace)
        return await again(error.status, error_words(error))
    serving.saw(principal.workspace, outcome.position)
    told_ = urlencode({"done": act, "min_position": str(outcome.position)})
    return redirect(f"{campaign_path(slug)}?{told_}")


def _text(form: Form, name: str, chars_max: int = TEXT_CHARS_MAX) -> str:
    text = form.get(name, "").strip()
    if not text:
        missing = {"reason": _("Say why, in one sentence."), "title": _("Give it a title.")}
        raise NotFilled(missing.get(name, _("Write what it is about.")), name)
    if len(text) > chars_max:
        raise NotFilled(_("Say it in %(most)s characters or fewer.", most=chars_max), name)
    return text


def _day(form: Form, name: str) -> date:
    typed = form.get(name, "").strip()
    try:
        found = partial_date(edtf(typed))
    except ValueError as error:
        raise NotFilled(date_words(error), name) from error
    if found.first_day != found.last_day:
        raise NotFilled(_("“%(typed)s” is more than one day; write one day.", typed=typed), name)
    return found.first_day


def _governments(form: Form) -> tuple[str, ...]:
    named = [part.strip() for part in re.split(r"[,;\n]", form.get("targets", "")) if part.strip()]
    if not 1 <= len(named) <= TARGETS_MAX:
        raise NotFilled(_("Name 1 to %(most)s governments.", most=TARGETS_MAX), "targets")
    codes = []
    for name in named:
        code = spellings.government(name)
        if code is None:
            near = spellings.suggested(name)
            hint = _(" Did you mean %(code)s?", code=_(" or ").join(near)) if near else ""
            unknown = _("“%(name)s” is no government we know.", name=name[:80])
            raise NotFilled(unknown + hint, "targets")
        codes.append(code)
    return tuple(dict.fromkeys(codes))


def _claim(form: Form) -> str:
    """The claim that a form names: its id, or the address of its page."""
    typed = form.get("claim", "").strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    if not typed:
        raise NotFilled(_("Name the claim, by its id or the address of its page."), "claim")
    return claim_id(typed)


def _words(text: str) -> str:
    """A text as part of an address: small Latin letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:WORDS_OF_KEY_MAX].strip("-")


def _key(text: str) -> str:
    """A key for something new, so that whoever fills in the form need not think of one."""
    return f"{_words(text) or 'a'}-{secrets.token_hex(3)}"


def _is_now(visit: Visit) -> bool:
    """Whether the page shows what is the case now: nothing is recorded in the past."""
    return visit.reading.clocks.mode(visit.today) == "now"


def _questions(visit: Visit) -> CampaignQuestions:
    if visit.campaigns is None:
        raise AssertionError("a page of campaigns is given the questions about them")
    return visit.campaigns


ROUTES: Final[Sequence[ControllerRouterHandler]] = (start_campaign, decide, work)
"""The addresses that take the forms of campaigns."""
