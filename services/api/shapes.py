"""JSON Schemas of what may be submitted, for the OpenAPI document; validation itself is done by the
domain."""

from functools import cache
from typing import Any, Final

import msgspec
from litestar.openapi.spec import Reference

from domain.claims import Claim
from domain.details import CLAIM_ID
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF
from domain.treaties import TREATIES

PREFIX: Final = "Submitted"
REF: Final = "#/components/schemas/" + PREFIX + "{name}"
EDTF: Final = r"^\d{4}(-\d{2}(-\d{2})?)?[~?%]?(/\d{4}(-\d{2}(-\d{2})?)?[~?%]?)?$"


def reference(name: str) -> Reference:
    """The place of one of these shapes in the document."""
    return Reference(ref=REF.format(name=name))


@cache
def shapes() -> dict[str, Any]:
    """Every shape by its name in the document: a claim, its parts, and the details of each kind."""
    details = sorted(set(DETAILS_OF.values()), key=lambda one: one.__name__)
    _, found = msgspec.json.schema_components((Claim, *details), ref_template=REF)
    claim = found["Claim"]
    claim["required"] = [n for n in claim["required"] if n not in ("id", "details")]
    claim["properties"] |= {
        "id": {
            "type": "string",
            "pattern": CLAIM_ID.removesuffix(r"(?!\n)"),
            "description": "The submitter's own; made when absent.",
        },
        "kind": {"enum": sorted(DETAILS_OF)},
        "treaty": {"enum": sorted(TREATIES)},
        "occurred_on": {
            "type": "string",
            "pattern": EDTF,
            "description": "EDTF level 0 or 1; not in the future.",
        },
        "targets": {
            "type": "array",
            "items": {"enum": sorted(GOVERNMENTS)},
            "uniqueItems": True,
            "description": "The governments concerned, ISO 3166-1 alpha-3.",
        },
        "details": {
            "anyOf": [{"$ref": REF.format(name=one.__name__)} for one in details],
            "description": "The fields of the kind.",
        },
        "known_since": {
            "type": "string",
            "description": "From reviewers and trusted sources only: since when it was known.",
        },
    }
    return {PREFIX + name: shape for name, shape in found.items()}
