"""What the fields of the form that records a claim are called, and what helps to fill them in; a
table, without any logic of its own besides the words of a name where the table has none."""

from typing import Final

from services.dashboard.words import kind_words

LABELS: Final[dict[str, str]] = {
    "occurred_on": "When did it happen?",
    "summary": "What happened, in your words",
    "actors": "Who acted",
    "actor_kind": "What it is",
    "who": "Name",
    "role": "Office it spoke from",
    "targets": "Governments concerned",
    "target": "Government",
    "sources": "Sources",
    "relates_to": "Other claims it has to do with",
    "claim": "Id of the other claim",
    "relation": "This claim …",
    "author": "Who says so",
    "visibility": "Who may see it",
    "url": "Web address",
    "published_on": "Published",
    "reliability": "Reliability of the source",
    "credibility": "Credibility of what it says",
    "add_actors": "Add an actor",
    "add_targets": "Add a government",
    "add_sources": "Add a source",
    "add_relates_to": "Add a related claim",
    "add_disputed": "Add what sources differ on",
    "disputed": "What sources differ on",
    "field": "What they differ on",
    "values": "What they say",
    "signatories": "How many signed",
    "signatories_counted": "Counted",
    "document": "Document",
    "states_parties_quoted": "Parties, as the speaker counted",
    "states_outside_quoted": "States outside, as the speaker counted",
    "note": "Remark",
    "channel": "Channel",
    "treaties": "Further treaties spoken of",
    "for": "For",
    "second_ballot": "Second ballot",
    "voted": "How governments voted",
    "via": "By way of",
    "by_government": "By government",
    "package_value_usd": "Value of the package, US dollars",
    "amount_usd": "Amount, US dollars",
    "speaker_role": "Office of the speaker",
    "call_to": "Whom it calls upon",
    "engaged": "Is it engaged in armed conflict?",
    "legal_effect": "Does it have legal effect?",
    "carried": "Was it carried?",
    "entry_into_force": "Enters into force",
    "effective_date": "Takes effect",
    "deposit_date": "Instrument received",
    "report": "Report",
    "series": "Counts by date",
}
"""Field -> what it is called, where its name alone does not say it."""
HINTS: Final[dict[str, str]] = {
    "occurred_on": "18 Mar 2025, March 2025, about 2025, or between 1 and 5 May 2025",
    "summary": "One or two sentences, as sources bear them out. The first one becomes the title.",
    "who": "A state by name or code; anybody else as it calls itself",
    "role": "Such as foreign minister; leave it empty where none is stated",
    "claim": "As in the address of its page",
    "language": "Code of the language, such as en or fr",
    "channel": "Press release, letter to the depositary, social media …",
    "document": "Symbol or title, such as SG/SM/22686",
    "treaties": "One on each line",
    "via": "One on each line",
    "companies": "One on each line",
    "values": "One on each line",
    "voted": "One on each line: Finland: against",
    "remaining": "One on each line: Greece: 343,413",
    "deadlines": "One on each line: Croatia: March 2026",
    "by_government": "One on each line: Ukraine: 221",
    "series": "One on each line: 2014: 161",
    "notification": "Number of the depositary's notification, such as C.N.362.2025",
    "announced": "When it was made known",
    "civilian_share": "Between 0 and 1, such as 0.84",
    "speaker": "Who spoke",
    "threshold": "How many are needed",
    "motion": "What was voted on",
}
"""Field -> how to fill it in."""
INPUT_HINTS: Final[dict[str, str]] = {
    "amount": "4,000, at least 4,000 mines, 4,000 to 5,000, or words such as tens of thousands",
}
"""Way of filling in -> how, where the field says nothing itself."""
VALUES: Final[dict[str, str]] = {
    "io": "An international organisation",
    "state": "A state",
    "parliament": "A parliament",
    "ngo": "An NGO",
    "coalition": "A coalition",
    "individual": "A person",
    "media": "A medium",
    "internal": "This workspace only",
    "public": "Everybody, once it is accepted",
    "un": "United Nations",
    "claimed_cause": "names as its cause",
    "responds_to": "responds to",
    "A": "A, completely reliable",
    "B": "B, usually reliable",
    "C": "C, fairly reliable",
    "D": "D, not usually reliable",
    "E": "E, unreliable",
    "F": "F, cannot be judged",
    "1": "1, confirmed",
    "2": "2, probably true",
    "3": "3, possibly true",
    "4": "4, doubtful",
    "5": "5, improbable",
    "6": "6, cannot be judged",
    "critical": "Critical",
    "supports_norm": "Supports the norm",
    "opposes_norm": "Opposes the norm",
    "weakens": "Weakens the norm",
    "strengthens": "Strengthens the norm",
}
"""Value of a choice -> its words."""
GROUPS: Final[dict[str, str]] = {
    "legal": "The law: joining, leaving, suspending, objecting",
    "voices": "What was said and decided",
    "mines": "Mines: moved, made, kept, used, cleared",
}
"""Module of a kind -> the group of the list it stands in."""


def field_label(word: str) -> str:
    """What a field is called."""
    return LABELS.get(word) or kind_words(word)


def field_hint(word: str) -> str:
    """How to fill a field in; empty where it says itself."""
    return HINTS.get(word, "")


def value_words(value: object) -> str:
    """A value of a choice in words."""
    return VALUES.get(str(value)) or kind_words(str(value))
