"""What the fields of the form that records a claim are called, and what helps to fill them in; a
table, without any logic of its own besides the words of a name where the table has none."""

from typing import Final

from services.dashboard.language import word
from services.dashboard.words import english_words

LABELS: Final[dict[str, str]] = {
    "occurred_on": word("When did it happen?"),
    "summary": word("What happened, in your words"),
    "actors": word("Who acted"),
    "actor_kind": word("What it is"),
    "who": word("Name"),
    "role": word("Office it spoke from"),
    "targets": word("Governments concerned"),
    "target": word("Government"),
    "sources": word("Sources"),
    "relates_to": word("Other claims it has to do with"),
    "claim": word("Id of the other claim"),
    "relation": word("This claim …"),
    "author": word("Who says so"),
    "visibility": word("Who may see it"),
    "url": word("Web address"),
    "published_on": word("Published"),
    "reliability": word("Reliability of the source"),
    "credibility": word("Credibility of what it says"),
    "add_actors": word("Add an actor"),
    "add_targets": word("Add a government"),
    "add_sources": word("Add a source"),
    "add_relates_to": word("Add a related claim"),
    "add_disputed": word("Add what sources differ on"),
    "disputed": word("What sources differ on"),
    "field": word("What they differ on"),
    "values": word("What they say"),
    "signatories": word("How many signed"),
    "signatories_counted": word("Counted"),
    "document": word("Document"),
    "states_parties_quoted": word("Parties, as the speaker counted"),
    "states_outside_quoted": word("States outside, as the speaker counted"),
    "note": word("Remark"),
    "channel": word("Channel"),
    "treaties": word("Further treaties spoken of"),
    "for": word("For"),
    "second_ballot": word("Second ballot"),
    "voted": word("How governments voted"),
    "via": word("By way of"),
    "by_government": word("By government"),
    "package_value_usd": word("Value of the package, US dollars"),
    "amount_usd": word("Amount, US dollars"),
    "speaker_role": word("Office of the speaker"),
    "call_to": word("Whom it calls upon"),
    "engaged": word("Is it engaged in armed conflict?"),
    "legal_effect": word("Does it have legal effect?"),
    "carried": word("Was it carried?"),
    "entry_into_force": word("Enters into force"),
    "effective_date": word("Takes effect"),
    "deposit_date": word("Instrument received"),
    "report": word("Report"),
    "series": word("Counts by date"),
}
"""Field -> what it is called, where its name alone does not say it."""
HINTS: Final[dict[str, str]] = {
    "occurred_on": word("18 Mar 2025, March 2025, about 2025, or between 1 and 5 May 2025"),
    "summary": word(
        "One or two sentences, as sources bear them out. The first one becomes the title."
    ),
    "who": word("A state by name or code; anybody else as it calls itself"),
    "role": word("Such as foreign minister; leave it empty where none is stated"),
    "claim": word("As in the address of its page"),
    "language": word("Code of the language, such as en or fr"),
    "reliability": word("Left open, or below C, it moves no number"),
    "channel": word("Press release, letter to the depositary, social media …"),
    "document": word("Symbol or title, such as SG/SM/22686"),
    "treaties": word("One on each line"),
    "via": word("One on each line"),
    "companies": word("One on each line"),
    "values": word("One on each line"),
    "voted": word("One on each line: Finland: against"),
    "remaining": word("One on each line: Greece: 343,413"),
    "deadlines": word("One on each line: Croatia: March 2026"),
    "by_government": word("One on each line: Ukraine: 221"),
    "series": word("One on each line: 2014: 161"),
    "notification": word("Number of the depositary's notification, such as C.N.362.2025"),
    "announced": word("When it was made known"),
    "civilian_share": word("Between 0 and 1, such as 0.84"),
    "speaker": word("Who spoke"),
    "threshold": word("How many are needed"),
    "motion": word("What was voted on"),
}
"""Field -> how to fill it in."""
INPUT_HINTS: Final[dict[str, str]] = {
    "amount": word(
        "4,000, at least 4,000 mines, 4,000 to 5,000, or words such as tens of thousands"
    ),
}
"""Way of filling in -> how, where the field says nothing itself."""
VALUES: Final[dict[str, str]] = {
    "io": word("An international organisation"),
    "state": word("A state"),
    "parliament": word("A parliament"),
    "ngo": word("An NGO"),
    "coalition": word("A coalition"),
    "individual": word("A person"),
    "media": word("A medium"),
    "internal": word("This workspace only"),
    "public": word("Everybody, once it is accepted"),
    "un": word("United Nations"),
    "claimed_cause": word("names as its cause"),
    "responds_to": word("responds to"),
    "A": word("A, completely reliable"),
    "B": word("B, usually reliable"),
    "C": word("C, fairly reliable"),
    "D": word("D, not usually reliable"),
    "E": word("E, unreliable"),
    "F": word("F, cannot be judged"),
    "1": word("1, confirmed"),
    "2": word("2, probably true"),
    "3": word("3, possibly true"),
    "4": word("4, doubtful"),
    "5": word("5, improbable"),
    "6": word("6, cannot be judged"),
    "critical": word("Critical"),
    "supports_norm": word("Supports the norm"),
    "opposes_norm": word("Opposes the norm"),
    "weakens": word("Weakens the norm"),
    "strengthens": word("Strengthens the norm"),
}
"""Value of a choice -> its words."""
GROUPS: Final[dict[str, str]] = {
    "legal": word("The law: joining, leaving, suspending, objecting"),
    "voices": word("What was said and decided"),
    "mines": word("Mines: moved, made, kept, used, cleared"),
}
"""Module of a kind -> the group of the list it stands in."""

FAULTS: Final = (
    word("says nothing; give a title, a publisher or a url"),
    word("not a web address; begin with http:// or https://, and escape spaces"),
    word("says nothing; tell in a sentence what happened"),
    word("required; add it"),
    word("unknown field; leave it out"),
    word("must not be empty; fill it in, or leave it out"),
    word("a claim has no relation to itself; leave it out"),
    word("this relation is stated twice; state it once"),
    word("that one thing caused another is somebody's claim; name its author, as an actor"),
    word("holds the character U+0000, which no text may; leave it out"),
)
"""What may be wrong with a claim that the form cannot tell by itself, as the domain says it."""


def field_label(name: str) -> str:
    """What a field is called, as it stands in the catalogues."""
    return LABELS.get(name) or english_words(name)


def field_hint(name: str) -> str:
    """How to fill a field in, as it stands in the catalogues; empty where it says itself."""
    return HINTS.get(name, "")


def value_words(value: object) -> str:
    """A value of a choice in words, as they stand in the catalogues."""
    return VALUES.get(str(value)) or english_words(str(value))
