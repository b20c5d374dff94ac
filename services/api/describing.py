"""What the OpenAPI document says of each route, declared where the route is; it never changes how a
route behaves, but for the query, which is refused unless it is declared here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from services.api.access import FormBounds
from services.api.problems import MEDIA_TYPE, Problem

STRING: Final = OpenAPIType.STRING
INTEGER: Final = OpenAPIType.INTEGER


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One name of a query, or one header: what it means and what it may hold."""

    name: str
    says: str
    schema: Schema
    where: str = "query"
    required: bool = False

    def parameter(self) -> Parameter:
        """It as OpenAPI describes it."""
        return Parameter(
            name=self.name,
            param_in=self.where,
            description=self.says,
            schema=self.schema,
            required=self.required,
        )


def text_field(name: str, says: str, **more: Any) -> Field:
    """A parameter that is a text."""
    return Field(name=name, says=says, schema=Schema(type=STRING, **more))


ON: Final = Field(
    name="on",
    says="The day in the world that is asked about; today, UTC, unless given.",
    schema=Schema(type=STRING, format=OpenAPIFormat.DATE),
)
KNOWN_AT: Final = Field(
    name="known_at",
    says="What was known: `seq:N` for a position of the log, a day, or a timestamp with its offset;"
    " everything unless given.",
    schema=Schema(
        type=STRING, pattern=r"^(seq:\d{1,18}|\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:\d{2}))?)$"
    ),
)
MIN_POSITION: Final = Field(
    name="min_position",
    says="Wait, for a bounded time, until the views have reached this position.",
    schema=Schema(type=INTEGER, minimum=0, maximum=10**18 - 1),
)
CLOCKS: Final = (ON, KNOWN_AT, MIN_POSITION)
METHOD: Final = Field(
    name="method",
    says="The set of weights to reckon with, by its name at `/api/v1/weights`; the published ones"
    " unless given.",
    schema=Schema(type=STRING, pattern="^[a-z0-9][a-z0-9-]{0,62}$"),
)

_REFUSALS: Final = {
    400: "The address or the body cannot be read; `errors` may say where.",
    401: "Neither a token nor a session that lasts.",
    403: "The role does not reach, or a form lacks its token.",
    404: "There is no such thing in this workspace.",
    409: "It does not fit what stands in the log.",
    410: "The webhook source is disabled.",
    413: "The body is too large.",
    415: "The body is of a kind that is not taken here.",
    422: "The body is not valid; `errors` says where, by JSON Pointer.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Not now; `Retry-After` says when to come back.",
}
_ALWAYS: Final = (400, 401, 403, 429, 503)


def route(
    role: str,
    *,
    query: tuple[Field, ...] = (),
    headers: tuple[Field, ...] = (),
    body: Schema | Reference | None = None,
    refusals: tuple[int, ...] = (),
    replays: Any = None,
    form: FormBounds | None = None,
) -> dict[str, Any]:
    """The keyword arguments of a route: the role it needs, the query it takes, and what OpenAPI
    says of it.

    `replays`: the struct of a 200 that repeats an earlier answer, beside the route's own status.
    `form`: how much a form may hold, where it is more than a small one.
    """
    if any(field.name == MIN_POSITION.name for field in query):
        refusals = (*refusals, 409)  # where the log does not reach that position
    answers = {
        status: ResponseSpec(
            data_container=Problem,
            description=_REFUSALS[status],
            media_type=MEDIA_TYPE,
            generate_examples=False,
        )
        for status in sorted({*_ALWAYS, *refusals})
    }
    if replays is not None:
        answers[200] = ResponseSpec(
            data_container=replays,
            description="An earlier answer, repeated, or something that stands already.",
            generate_examples=False,
        )
    return {
        "opt": {"role": role, "query": tuple(field.name for field in query)}
        | ({} if form is None else {"form": form}),
        "operation_class": _operation((*query, *headers), body),
        "responses": answers,
        "security": [] if role == "public" else [{"token": []}, {"session": []}],
    }


def _operation(fields: tuple[Field, ...], body: Schema | Reference | None) -> type[Operation]:
    """An operation that knows its query, headers and body, which the framework cannot see."""

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or []), *(field.parameter() for field in fields)]
            if body is not None:
                self.request_body = RequestBody(
                    content={"application/json": OpenAPIMediaType(schema=body)}, required=True
                )

    return Described


def schema_of(shape: Mapping[str, Any]) -> Schema:
    """A JSON Schema written by hand as the framework takes it."""
    known = set(Schema.__dataclass_fields__)
    renamed = {_SNAKE.get(name, name): value for name, value in shape.items()}
    assert set(renamed) <= known, set(renamed) - known
    return Schema(**renamed)


_SNAKE: Final = {
    "additionalProperties": "additional_properties",
    "maxLength": "max_length",
    "minLength": "min_length",
    "maxItems": "max_items",
}
