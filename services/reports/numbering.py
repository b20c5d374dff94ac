"""Numbers the sources of a document that is longer than what is held of it, as
`services.reports.citations.Citations` numbers those of a short one: mentions are put in order by
what they mention, then by where that was mentioned first, then by where they stand."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

import msgspec

from domain.claims import Source
from services.reports.citations import Citations, grade_of, publication_of
from services.reports.lines import Lines
from services.reports.model import Cited
from services.wiring import Runs

_ENCODER: Final = msgspec.json.Encoder()
_PUBLICATION: Final = msgspec.json.Decoder(tuple[str | None, ...])
_NUMBER_BYTES: Final = 8


class Numbering:
    """The sources of some sections of a document: `begin` each and `mention` what it cites, in
    order, then ask for numbers."""

    def __init__(self, before: Citations, run_bytes_max: int) -> None:
        """`before`: what the text before those sections cites."""
        self._bytes_max = run_bytes_max
        self._mentions, self._first = Runs(run_bytes_max), Runs(run_bytes_max)
        self._begins: list[int] = []
        self._sections: list[str] = []
        self._numbers: dict[str, Runs] = {}
        self._mentioned = self._publications = 0
        for one in before.cited():
            of = one.publisher, one.title, one.url, one.published_on, one.language
            for grade in one.grades:
                self._mention(of, grade)

    def close(self) -> None:
        """Let go of everything."""
        for runs in (self._mentions, self._first, *self._numbers.values()):
            runs.close()

    def begin(self, section: str) -> None:
        """What is mentioned from now on is mentioned in this section."""
        self._begins.append(self._mentioned)
        self._sections.append(section)
        self._numbers[section] = Runs(self._bytes_max)

    def mention(self, sources: Iterable[Source]) -> None:
        """Mention some sources."""
        for source in sources:
            self._mention(publication_of(source), grade_of(source))

    def number(self) -> None:
        """Number everything that was mentioned."""
        together = Runs(self._bytes_max)
        for publication, some in groupby(self._mentions, key=lambda entry: entry[0][0]):
            first, grades = None, dict[str, None]()
            for (_, place), grade in some:
                first = place if first is None else first
                grades[grade.decode()] = None
                together.add((first, place), b"")
            self._first.add((first,), _ENCODER.encode((publication, list(grades))))
            self._publications += 1
        self._mentions.close()
        each = groupby(together, key=lambda entry: entry[0][0])
        for number, (_, some) in enumerate(each, 1):
            for (_, place), _ in some:
                section = bisect_right(self._begins, place) - 1
                if section >= 0:
                    body = number.to_bytes(_NUMBER_BYTES, "big")
                    self._numbers[self._sections[section]].add((place,), body)
        together.close()

    def numbers(self, section: str) -> Iterator[int]:
        """The number of everything that a section mentions, in order."""
        return (int.from_bytes(body, "big") for _, body in self._numbers[section])

    def cited(self) -> Lines[Cited]:
        """Every source mentioned, by number."""
        return Lines(self._publications, self._cited)

    def _cited(self) -> Iterator[Cited]:
        for number, (_, body) in enumerate(self._first, 1):
            publication, grades = msgspec.json.decode(body, type=tuple[str, tuple[str, ...]])
            publisher, title, url, published_on, language = _PUBLICATION.decode(publication)
            yield Cited(
                number=number,
                publisher=publisher,
                title=title,
                url=url,
                published_on=published_on,
                language=language,
                grades=grades,
            )

    def _mention(self, publication: tuple[str | None, ...], grade: str) -> None:
        named = _ENCODER.encode(publication).decode()
        self._mentions.add((named, self._mentioned), grade.encode())
        self._mentioned += 1


def cites(numbers: Iterator[int], sources: Iterable[Source]) -> tuple[int, ...]:
    """The next of some numbers, one for each of the sources: each once, in ascending order."""
    return tuple(sorted({next(numbers) for _ in sources}))
