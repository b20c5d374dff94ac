"""The page Integrity: asks where the log and the views stand and renders; it repairs nothing."""

from services.dashboard.language import _
from services.dashboard.models.integrity import IntegrityPage, Stopped
from services.dashboard.render import render
from services.dashboard.visit import PageAnswer, Visit


async def integrity(visit: Visit) -> PageAnswer:
    """Can what stands here be trusted?"""
    if (better := visit.better(())) is not None:
        return better
    watermark = await visit.house.views.watermark(visit.workspace)
    page = IntegrityPage(
        frame=await visit.frame(_("Integrity"), watermark.position),
        head=await visit.house.store.head(visit.workspace),
        position=watermark.position,
        recorded_at=watermark.recorded_at,
        epoch=watermark.epoch,
        listening=visit.house.listener.is_listening,
        stopped=tuple(Stopped(f.view, f.position, f.error) for f in watermark.faults),
        proof=None if visit.checks is None else visit.checks.last(visit.workspace),
        may_check=visit.checks is not None and visit.visitor.role in ("reviewer", "admin"),
    )
    return PageAnswer(position=watermark.position, html=render(page), is_fresh=True)
