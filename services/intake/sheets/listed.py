"""The columns that a table of claims may have, listed with labels, HXL tags, notes and other names;
which details there are is found elsewhere, from the kinds of claim."""

from typing import Any, Final, Literal

import msgspec

from domain.kinds import DETAILS_OF
from domain.treaties import TREATIES

Type = Literal[
    "text", "id", "date", "moment", "choice", "government", "governments", "actors", "ids",
    "relations", "texts", "integer", "number", "amount", "bool", "json",
]  # fmt: skip


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: `path` is its name, `label` what people read, `note` how to fill it in."""

    path: str
    label: str
    type: Type
    hxl: str
    note: str
    choices: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Further names by which it is known."""
    is_required: bool = False
    restates: bool = False
    """Whether it tells of the desk's decisions, as an export does."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The path, step by step."""
        return tuple(self.path.split("."))


def column(
    path: str, label: str, kind: Type, hxl: str, note: str, *others: str, **more: Any
) -> Column:
    """A column; `others` are further names by which it is known."""
    return Column(path=path, label=label, type=kind, hxl=hxl, note=note, others=others, **more)


CORE: Final = (
    column(
        "id",
        "Id",
        "id",
        "#event+id",
        "Your own name for the claim, such as fin-2025-deposit; made from the row where empty.",
        "claim",
        "claim id",
        "identifier",
    ),
    column(
        "kind",
        "Kind",
        "choice",
        "#event+kind",
        "What kind of act or statement it is; see the list.",
        "type",
        "event type",
        "typ",
        "art",
        "type d'événement",
        "tipo",
        choices=tuple(sorted(DETAILS_OF)),
        is_required=True,
    ),
    column(
        "treaty",
        "Treaty",
        "choice",
        "#event+treaty",
        "APMBC for the Mine Ban Treaty, CCM for the Convention on Cluster Munitions.",
        "convention",
        "vertrag",
        "traité",
        "tratado",
        choices=tuple(TREATIES),
        is_required=True,
    ),
    column(
        "occurred_on",
        "Date",
        "date",
        "#date+occurred",
        "When it happened, as exactly as the sources say: 2025-03-18, March 2025, "
        "2025, c. June 2025, 10 to 20 May 2025.",
        "happened",
        "happened on",
        "occurred",
        "day",
        "datum",
        "fecha",
        "data",
        is_required=True,
    ),
    column(
        "actors",
        "Who acted",
        "actors",
        "#org+actor",
        "kind: name, several parted by ; and an office after |, such as state: Norway "
        "| foreign minister; ngo: ICBL.",
        "actor",
        "by",
        "who",
        "akteur",
        "wer handelte",
        "acteur",
        "acteurs",
        "qui a agi",
        "quién actuó",
    ),
    column(
        "targets",
        "Governments",
        "governments",
        "#country+concerned",
        "The governments it concerns, by name or ISO code, parted by ;",
        "target",
        "government",
        "governments concerned",
        "concerns",
        "country",
        "countries",
        "state",
        "states",
        "land",
        "länder",
        "staat",
        "staaten",
        "pays",
        "país",
        "países",
        "iso3",
        "target iso3",
        "country code",
    ),
    column(
        "summary",
        "What happened",
        "text",
        "#description",
        "One or two sentences, to be understood alone.",
        "description",
        "what",
        "text",
        "title",
        "event",
        "beschreibung",
        "zusammenfassung",
        "was geschah",
        "ce qui s'est passé",
        "résumé",
        "qué ocurrió",
        "descripción",
        "resumen",
        is_required=True,
    ),
    column(
        "visibility",
        "Visibility",
        "choice",
        "#meta+visibility",
        "internal, or public for everybody.",
        choices=("internal", "public"),
    ),
    column(
        "relates_to",
        "Related claims",
        "relations",
        "#event+related",
        "relation: id of the other claim, several parted by ;",
        "relations",
        "related",
        "related to",
    ),
)
RESTATED: Final = (
    column(
        "known_since",
        "Known since",
        "moment",
        "#date+known",
        "Since when it was known, for history brought in afterwards; by default since "
        "its first source.",
    ),
    column(
        "status",
        "Status",
        "choice",
        "#status",
        "What the desk decided, in an export.",
        choices=(
            "pending",
            "accepted",
            "rejected",
            "contested",
            "refuted",
            "retracted",
            "superseded",
        ),
        restates=True,
    ),
    column(
        "status_reason",
        "Reason of the status",
        "text",
        "#status+reason",
        "Why the desk decided so.",
        restates=True,
    ),
    column(
        "status_sources",
        "Sources of the status",
        "json",
        "#status+sources",
        "As JSON.",
        restates=True,
    ),
    column(
        "contested_by",
        "Contested by",
        "actors",
        "#status+contested",
        "Who disputes it.",
        restates=True,
    ),
    column(
        "superseded_by",
        "Superseded by",
        "id",
        "#status+superseded",
        "The claim that tells more.",
        restates=True,
    ),
    column(
        "withdrawn",
        "Signatories withdrawn",
        "actors",
        "#status+withdrawn",
        "Who no longer stands by it.",
        restates=True,
    ),
    column(
        "withdrawn_since",
        "Withdrawn since",
        "json",
        "#status+withdrawn+since",
        "Since when each withdrawal is known, as JSON.",
        restates=True,
    ),
    column(
        "same_as",
        "Same as",
        "ids",
        "#event+same",
        "Claims that tell of the same happening.",
        restates=True,
    ),
)
ADDRESSES: Final = (*("web address", "lien", "adresse web", "enlace", "dirección web", "vínculo"),)
"""What the address of a source is called besides, in the languages of the product."""
SOURCE: Final[tuple[tuple[str, str, Type, str, str, tuple[str, ...]], ...]] = (
    ("title", "title", "text", "title", "The title of the publication.", ()),
    (
        "publisher",
        "publisher",
        "text",
        "publisher",
        "Who published it.",
        ("source", "quelle", "fuente", "outlet"),
    ),
    (
        "url",
        "address",
        "text",
        "url",
        "Where it can be read: https://…",
        ("url", "link", "source", *ADDRESSES),
    ),
    (
        "published_on",
        "date",
        "date",
        "date",
        "When it was published.",
        ("published", "publication date", "date published"),
    ),
    ("language", "language", "text", "lang", "Its language, such as en.", ("lang",)),
    (
        "reliability",
        "reliability",
        "choice",
        "reliability",
        "How reliable the source is, A to F.",
        ("grade",),
    ),
    (
        "credibility",
        "credibility",
        "integer",
        "credibility",
        "How credible the information is, 1 to 6.",
        (),
    ),
)
MORE_SOURCES: Final = column(
    "more_sources", "Further sources", "json", "#meta+source+more", "As JSON: a list of sources."
)
DETAILS: Final = column(
    "details",
    "Details",
    "json",
    "#meta+details",
    "What the kind prescribes, as JSON; or a column for each, such as details.effective_date.",
)
