"""JSON Schemas of what may be submitted, for the OpenAPI document; validation itself is done by the
domain."""

from functools import cache
from typing import Any, Final

import msgspec
from litestar.openapi.spec import Reference

from domain.claims import ACTORS_MAX, RELATIONS_MAX, SOURCES_MAX, TARGETS_MAX, Claim
from domain.details import CLAIM_ID, Details
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF
from domain.treaties import TREATIES

PREFIX: Final = "Submitted"
REF: Final = "#/components/schemas/" + PREFIX + "{name}"
_DATE: Final = (
    r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)"
    r"(-(0[1-9]|1[0-2]|XX)(-(0[1-9]|[12][0-9]|3[01]|XX))?)?[~?%]?"
)
EDTF: Final = rf"^{_DATE}(/{_DATE})?$"
ADDRESS: Final = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/]"

LISTS: Final = {
    "actors": ACTORS_MAX,
    "targets": TARGETS_MAX,
    "sources": SOURCES_MAX,
    "relates_to": RELATIONS_MAX,
}
"""How long the lists of a claim may be when it comes in."""


def reference(name: str) -> Reference:
    """The place of one of these shapes in the document."""
    return Reference(ref=REF.format(name=name))


@cache
def shapes() -> dict[str, Any]:
    """Every shape by its name in the document: a claim, its parts, and the details of each kind."""
    return {PREFIX + name: shape for name, shape in components(REF).items()}


def components(ref: str) -> dict[str, Any]:
    """A claim of any kind, its parts, and the details of each kind, by name; `ref` says where they
    will stand."""
    details = sorted(set(DETAILS_OF.values()), key=lambda one: one.__name__)
    return _components(details, ref, {"enum": sorted(DETAILS_OF)})


def claim_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a claim of one kind, which needs no other document."""
    found = _components([DETAILS_OF[kind]], "#/$defs/{name}", {"const": kind})
    claim = found.pop("Claim")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:article20:schema:claims:{kind}",
        **claim,
        "title": f"A claim of the kind {kind}",
        "$defs": found,
    }


def _components(details: list[type[Details]], ref: str, kind: dict[str, Any]) -> dict[str, Any]:
    _, found = msgspec.json.schema_components((Claim, *details), ref_template=ref)
    claim = found["Claim"]
    claim["required"] = [n for n in claim["required"] if n not in ("id", "details")]
    one, *others = ({"$ref": ref.format(name=shape.__name__)} for shape in details)
    claim["properties"] |= {
        "id": {
            "type": ["string", "null"],
            "pattern": CLAIM_ID.removesuffix(r"(?!\n)"),
            "description": "The submitter's own; made when absent.",
        },
        "kind": kind,
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
            **({"anyOf": [one, *others]} if others else one),
            "description": "The fields of the kind.",
        },
        "known_since": {
            "type": ["string", "null"],
            "description": "From reviewers and trusted sources only: since when it was known.",
        },
    }
    for name, items_max in LISTS.items():
        claim["properties"][name]["maxItems"] = items_max
    _tell_what_parts_need(found["Actor"], found["Source"])
    return found


def _tell_what_parts_need(actor: dict[str, Any], source: dict[str, Any]) -> None:
    """What the fields of an actor or a source need of one another, which their types do not say."""
    others = sorted(set(actor["properties"]["kind"]["enum"]) - {"state"})
    actor["anyOf"] = [
        {
            "properties": {"kind": {"const": "state"}, "code": {"enum": sorted(GOVERNMENTS)}},
            "required": ["code"],
        },
        {
            "properties": {
                "kind": {"enum": others},
                "code": {"type": "null"},
                "name": {"type": "string"},
            },
            "required": ["name"],
        },
    ]
    for shape in source["properties"]["url"]["anyOf"]:
        if shape["type"] == "string":
            shape["pattern"] = ADDRESS
    source["anyOf"] = [
        {"properties": {name: {"type": "string", "minLength": 1}}, "required": [name]}
        for name in ("title", "publisher", "url")
    ]
