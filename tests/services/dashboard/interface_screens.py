"""Samples of the page API, out of a small OpenAPI document."""

from typing import Any

import msgspec

from services.dashboard.models.interface import interface_page

DOCUMENT: dict[str, Any] = {
    "info": {"version": "0.1.0"},
    "paths": {
        "/api/v1/claims": {
            "get": {
                "description": "Claims as believed; pages follow by the header `Link`.",
                "parameters": [
                    {"name": "on", "in": "query", "schema": {"type": "string", "format": "date"}},
                    {
                        "name": "government",
                        "in": "query",
                        "schema": {"enum": [f"G{number:02}" for number in range(20)]},
                        "description": "Claims that concern this government.",
                    },
                ],
                "responses": {
                    "200": {
                        "description": "Done.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/ClaimList"}
                            }
                        },
                    },
                    "400": {"description": "It cannot be read."},
                },
            }
        },
        "/hooks/{source}": {
            "post": {
                "description": "Submit by signed webhook.",
                "requestBody": {
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {
                    "201": {"description": "Stored."},
                    "400": {"description": "Headers are missing."},
                },
            }
        },
        "/healthz": {
            "get": {
                "description": "Alive.",
                "responses": {
                    "200": {"description": "Done."},
                    "400": {"description": "It cannot be read."},
                },
            }
        },
    },
    "components": {
        "schemas": {
            "ClaimList": {
                "description": "A page of claims.",
                "properties": {
                    "claims": {"type": "array", "items": {"type": ["string", "null"]}},
                    "totals": {"additionalProperties": {"type": "integer"}, "type": "object"},
                },
                "required": ["claims"],
            },
            "Problem": {"properties": {"status": {"type": "integer"}}, "required": ["status"]},
        }
    },
}


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model."""
    return {"interface": interface_page(DOCUMENT, {("/api/v1/claims", "GET"): "viewer"})}
