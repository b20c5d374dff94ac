"""Numbers sources in the order in which a text mentions them; it never judges one."""

from collections.abc import Iterable

from domain.claims import Source
from services.reports.model import Cited

Publication = tuple[str | None, str | None, str | None, str | None, str | None]


class Citations:
    """The sources of one document: `cite` as the text is written, `cited` at its end.

    A publication cited twice keeps its number, whatever grades it was given.
    """

    def __init__(self) -> None:
        self._numbers: dict[Publication, int] = {}
        self._grades: dict[Publication, dict[str, None]] = {}

    def cite(self, sources: Iterable[Source]) -> tuple[int, ...]:
        """The numbers of `sources`, each once, in ascending order."""
        return tuple(sorted({self._number(source) for source in sources}))

    def cited(self) -> tuple[Cited, ...]:
        """Every source cited so far, by number."""
        return tuple(
            Cited(
                number=number,
                publisher=publication[0],
                title=publication[1],
                url=publication[2],
                published_on=publication[3],
                language=publication[4],
                grades=tuple(self._grades[publication]),
            )
            for publication, number in self._numbers.items()
        )

    def _number(self, source: Source) -> int:
        publication = publication_of(source)
        number = self._numbers.setdefault(publication, len(self._numbers) + 1)
        self._grades.setdefault(publication, {})[grade_of(source)] = None
        return number


def publication_of(source: Source) -> Publication:
    """What makes two sources one publication."""
    return source.publisher, source.title, source.url, source.published_on, source.language


def grade_of(source: Source) -> str:
    """The Admiralty grade of a source as a brief prints it."""
    return f"{source.reliability or '?'}{source.credibility or '?'}"
