"""The typed details of each kind of claim; shapes only, without rules or behaviour.

Every kind knows the fields of `Details`; what a kind has beyond them is in its own struct. Unknown
quantities are None, never 0; counts are whole numbers; dates are EDTF texts (see `domain.dates`).
"""

from typing import Annotated, Final, Literal

import msgspec

from domain.dates import EDTF_PATTERN

CLAIM_ID: Final = r"^[a-z0-9][a-z0-9._-]{0,127}$(?!\n)"
"""An id of a claim; `$` alone would let a line end follow."""
CLAIM_ID_CHARS_MAX: Final = 128
COUNT_MAX: Final = 10**15
"""More than anything that is counted here, and a whole number to every JSON reader."""

ClaimId = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=CLAIM_ID_CHARS_MAX, extra_json_schema={"pattern": CLAIM_ID}
    ),
]
Edtf = Annotated[
    str,
    msgspec.Meta(
        max_length=32,
        title="EDTF date, level 0 or 1",
        extra_json_schema={"pattern": EDTF_PATTERN},
    ),
]
Count = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
GovernmentCode = Annotated[
    str,
    msgspec.Meta(
        min_length=3,
        max_length=3,
        title="ISO 3166-1 alpha-3",
        extra_json_schema={"pattern": "^[A-Z]{3}$"},
    ),
]

Stance = Literal["critical", "supports_norm", "opposes_norm", "weakens", "strengthens", "neutral"]
Strength = Literal["regret", "concern", "condemnation", "objection"]
Forum = Literal["treaty", "un", "regional", "parliament", "government", "court", "media", "public"]
Instrument = Literal["ratification", "acceptance", "approval", "accession", "succession"]


class Part(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,
):
    """A shape inside details; unknown fields are refused and defaults are not stored.

    Dates, codes and ids are matched with more than their length where a claim is submitted (see
    `domain.faults`), not again each time a recorded one is read; the collector need not look at
    what is frozen and holds no cycles.
    """


class Quantity(Part, frozen=True):
    """An uncertain count: at least, at most, or the words used when they are not numbers."""

    at_least: Count | None = None
    at_most: Count | None = None
    unit: Line | None = None
    words: Line | None = None


Amount = Count | Quantity


class Votes(Part, frozen=True):
    """A roll call: members for, against, abstaining, present without voting, absent; seats of the
    chamber; votes required."""

    votes_for: Count = msgspec.field(name="for")
    against: Count | None = None
    abstain: Count | None = None
    not_voting: Count | None = None
    absent: Count | None = None
    seats: Count | None = None
    threshold: Count | None = None


class Disputed(Part, frozen=True):
    """A field on which sources differ, with every value they give."""

    field: Line
    values: tuple[Annotated[int, msgspec.Meta(ge=-COUNT_MAX, le=COUNT_MAX)] | str, ...]


class Casualties(Part, frozen=True):
    """Recorded casualties: killed or injured, in a year or overall."""

    year: Count | None = None
    total: Count | None = None
    killed: Count | None = None
    injured: Count | None = None
    civilian_share: Share | None = None
    by_government: dict[GovernmentCode, Count] = {}


class Details(Part, frozen=True):
    """What every kind may say about itself."""

    note: Text | None = None
    stance: Stance | None = None
    strength: Strength | None = None
    forum: Forum | None = None
    channel: Line | None = None
    """How it was said: press release, letter to the depositary, social media, …"""
    signatories: Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)] | None = None
    signatories_counted: Literal["exactly", "at_least", "about"] | None = None
    document: Line | None = None
    """Symbol or title of the document, such as SG/SM/22686."""
    place: Line | None = None
    article: Line | None = None
    legal_basis: Line | None = None
    announced: Edtf | None = None
    end_date: Edtf | None = None
    treaties: tuple[Line, ...] = ()
    """Further treaties the act speaks of, besides the claim's own."""
    disputed: tuple[Disputed, ...] = ()
    states_parties_quoted: Count | None = None
    """How many parties the speaker said there were."""


class Joined(Details, frozen=True):
    """Details of joining: the instrument, the deposit and, where stored, the entry into force."""

    instrument: Instrument | None = None
    deposit_date: Edtf | None = None
    entry_into_force: Edtf | None = None
    signed: Edtf | None = None


class Departure(Details, frozen=True):
    """Details of a withdrawal: deposit, stated effect, and the depositary's notification (C.N.)."""

    deposit_date: Edtf | None = None
    effective_date: Edtf | None = None
    notification: Line | None = None
    announced_action: Literal["withdrawal", "suspension"] | None = None
    later_recast_as: Literal["withdrawal", "suspension"] | None = None
    legal_effect: bool | None = None


class Suspension(Details, frozen=True):
    """Details of a claimed suspension, which the treaty does not know."""

    effective_date: Edtf | None = None
    notification: Line | None = None
    validity: Line | None = None


class Vote(Details, frozen=True):
    """Details of a vote in a parliament or in the General Assembly."""

    chamber: Line | None = None
    reading: Line | None = None
    motion: Line | None = None
    resolution: Line | None = None
    votes: Votes | None = None
    second_ballot: Votes | None = None
    carried: bool | None = None
    voted: dict[GovernmentCode, Literal["for", "against", "abstain", "absent"]] = {}


class Decided(Details, frozen=True):
    """Details of a decision of a meeting or of a party."""

    quantity: Amount | None = None
    mine_type: Line | None = None
    deadline: Edtf | None = None


class Meeting(Details, frozen=True):
    """Details of a meeting: who came."""

    delegations: Count | None = None
    delegates: Count | None = None
    organisations: Count | None = None


class Statement(Details, frozen=True):
    """Details of a statement: the speaker's office and what the statement leans on."""

    speaker: Line | None = None
    speaker_role: Line | None = None
    call_to: Line | None = None
    responds_to: Line | None = None
    delegations: Count | None = None
    states_outside_quoted: Count | None = None
    mine_types: Amount | None = None
    date_published: Edtf | None = None
    instrument: Instrument | None = None
    entry_into_force: Edtf | None = None
    causality: Literal["claimed", "denied", "contested"] | None = None


class Policy(Details, frozen=True):
    """Details of a change of national policy."""

    disclosed_on: Edtf | None = None
    geographic_limit: Line | None = None
    remote_delivery: Line | None = None
    stockpile: Line | None = None


class Action(Details, frozen=True):
    """Details of a campaign's action: its form and its reach."""

    action: Line | None = None
    threshold: Count | None = None
    threshold_reached: Edtf | None = None


TransferStage = Literal[
    "requested", "authorised", "announced", "listed", "shipped", "transited", "received", "used"
]
"""How far a transfer has gone, in the order in which one goes; `listed`: in a package or an
inventory that its supplier publishes, `used`: by its recipient."""


class Transfer(Details, frozen=True):
    """Details of a transfer: who to whom by which way, what and how many.

    `stage`: how far it had gone, where that is more exactly known than by the kind of the claim.
    """

    supplier: GovernmentCode | None = None
    recipient: GovernmentCode | None = None
    via: tuple[Line, ...] = ()
    item: Line | None = None
    mine_type: Line | None = None
    quantity: Amount | None = None
    tranche: Count | None = None
    package: Line | None = None
    package_value_usd: Count | None = None
    policy_contradicted: Line | None = None
    stage: TransferStage | None = None


class Production(Details, frozen=True):
    """Details of making or buying mines."""

    quantity: Amount | None = None
    current_per_year: Amount | None = None
    planned_per_year: Amount | None = None
    demand_total: Amount | None = None
    mine_type: Line | None = None
    companies: tuple[Line, ...] = ()
    programme: Line | None = None
    budget: Line | None = None
    earliest_start: Edtf | None = None
    first_available: Edtf | None = None
    peacetime_use: bool | None = None


class Stockpile(Details, frozen=True):
    """Details of stocks kept, destroyed, estimated or overdue (Art. 3 and 4)."""

    quantity: Amount | None = None
    declared_stock: Amount | None = None
    retained: Amount | None = None
    remaining: dict[GovernmentCode, Amount] = {}
    transferred_for_destruction: Amount | None = None
    mine_type: Line | None = None
    deadline: Edtf | None = None


class Incident(Details, frozen=True):
    """Details of use, finds and explosions: type, numbers hurt, and who says whose mines they
    were."""

    mine_type: Line | None = None
    quantity: Amount | None = None
    killed: Count | None = None
    injured: Count | None = None
    attribution: Line | None = None
    answer_due: Edtf | None = None


class Clearance(Details, frozen=True):
    """Details of clearance duties under Article 5."""

    residual: bool | None = None
    deadline: Edtf | None = None
    deadlines: dict[GovernmentCode, Edtf] = {}


class Funding(Details, frozen=True):
    """Details of money for mine action."""

    duration: Line | None = None
    amount_usd: Count | None = None


class Report(Details, frozen=True):
    """Details of a publication and the casualties it counts."""

    report: Line | None = None
    edition: Line | None = None
    casualties: Casualties | None = None


class PartiesCount(Details, frozen=True):
    """Details of a count: of states parties or of objections, at one day or as a series."""

    count: Count | None = None
    series: dict[Edtf, Count] = {}
    counted: Line | None = None


class ArmedConflict(Details, frozen=True):
    """Details of engagement in armed conflict: engaged, or no longer (Art. 20(3))."""

    engaged: bool = True


class Court(Details, frozen=True):
    """Details of a case before a court."""

    court: Line | None = None
    outcome: Line | None = None
