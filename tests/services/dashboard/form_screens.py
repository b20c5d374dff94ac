"""The form that records a claim in each of its states; no store is asked."""

from typing import Any, Final

import msgspec

from domain.clocks import HEAD
from domain.errors import FieldError
from domain.events import claim_json
from projections.similar import suggestions
from services.dashboard.forms.fields import claim_fields
from services.dashboard.forms.reading import read_form_of
from services.dashboard.forms.writing import written
from services.dashboard.models.record_form import (
    CorrectAgain,
    CorrectPage,
    DraftView,
    RecordAgain,
    RecordPage,
    correct_page,
    prefilled,
    record_page,
)
from services.dashboard.screens.drafting import draft_view, typed_of
from tests import chronology
from tests.services.dashboard.samples import PAST, frame
from tests.services.dashboard.sources_screens import DRAFT

FILLED: Final = {
    "kind": "parliament_vote",
    "summary": "The Seimas voted to leave the Mine Ban Treaty.",
    "occurred_on": "8 May 2025",
    "actors.0.kind": "parliament",
    "actors.0.who": "Seimas",
    "targets.0": "Lietuva",
    "sources.rows": "2",
    "sources.0.publisher": "Seimas",
    "sources.0.url": "https://example.org/vote",
    "sources.0.published_on": "8.5.2025",
    "sources.0.reliability": "A",
    "sources.0.credibility": "1",
    "details.votes.for": "107",
    "details.carried": "yes",
    "details.stance": "weakens",
    "relates_to.rows": "1",
    "relates_to.0.claim": "ltu-2025-recommended",
    "relates_to.0.relation": "follows",
}


def form(typed: dict[str, str], *, draft: DraftView | None = None, **more: Any) -> RecordPage:
    """The form with what was typed."""
    fields = claim_fields(typed.get("kind", ""))
    reading = read_form_of(fields.nodes, typed)
    faults = more.pop("faults", ())
    reading.blame(faults)
    return record_page(
        frame("Record a claim", "/record"),
        fields,
        typed,
        reading,
        RecordAgain(**more),
        key="a-key-of-the-form",
        draft=draft,
    )


def correction(**more: Any) -> CorrectPage:
    """The form of a claim of the chronology, filled in with what it says."""
    claim = next(v.claim for v in chronology.versions() if v.claim.kind == "parliament_vote")
    fields = claim_fields(claim.kind)
    typed = written(fields, claim_json(claim))
    return correct_page(
        frame("Correct a claim", f"/claims/{claim.id}/correct"),
        fields,
        typed,
        read_form_of(fields.nodes, typed),
        CorrectAgain(**more),
        claim=claim.id,
        title=claim.summary,
        seen=412,
    )


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, every state of the form."""
    wrong = FILLED | {
        "summary": "",
        "occurred_on": "02/03/2026",
        "targets.0": "Lithunia",
        "details.votes.for": "many",
        "actors.0.kind": "",
    }
    version = chronology.versions()[0]
    twin = msgspec.structs.replace(version, claim=msgspec.structs.replace(version.claim, id="one"))
    alike = suggestions(version.claim, [twin], known_at=str(HEAD)).similar
    past = RecordPage(frame=frame("Record a claim", "/record", reading=PAST), key="", past=True)
    fault = FieldError(pointer="/sources/1", detail="says nothing; give a title")
    return {
        "record": form(prefilled(government="FIN")),
        "record-filled": form(FILLED),
        "record-wrong": form(wrong, is_sent=True, faults=(fault,), astray=("It is too large.",)),
        "record-alike": form(FILLED, is_sent=True, alike=alike, anyway="0123456789abcdef"),
        "record-stands": form(FILLED, is_sent=True, stands="claim-0123456789"),
        "record-transfer": form({"kind": "transfer_delivered"}),
        "record-stockpile": form({"kind": "stockpile_destroyed"}),
        "record-draft": form(
            typed_of(DRAFT, "Campaign"),
            draft=draft_view(DRAFT),
        ),
        "record-past": past,
        "correct": correction(),
        "correct-wrong": correction(is_sent=True, reason_error="Say why, in one sentence."),
        "correct-refused": correction(
            reason="The source was read again.",
            refusal="Claim 'one' cannot be corrected: nothing would change.",
        ),
    }
