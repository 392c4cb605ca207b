"""The figures of a statement: those its wording shows and those its `values` hold, and where the two differ."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from ingest.content import Corpus, Statement
from ingest.phrases import Phrasebook, tokenise

_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![⁰¹²³⁴⁵⁶⁷⁸⁹^])")
_GRADING = re.compile(
    r"\b(?:grades?|phases?|stages?|parts?|cohorts?|exons?|ECOG|PS|status|types?|variants?|class|version|No\.|10\^)\s*"
    r"\d+(?:\.\d+)?[A-C]?(?:\s*(?:,|or|and|to|-|–|/)\s*\d+(?:\.\d+)?[A-C]?)*\b",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"\b(?:90|95|97\.5|99)%(?= (?:CI|confidence))")
_IN_A_HUNDRED = re.compile(r"\b(?:of|in) (?:every )?100\b")
_YEAR = re.compile(r"(?:19[5-9]|20\d|210)\d")
_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {
    **{w: str(i) for i, w in enumerate(_UNITS.split())},
    **{w: str(10 * i) for i, w in enumerate(_TENS.split(), 2)},
    **{"once": "1", "twice": "2", "single": "1", "first": "1", "half": "50", "third": "3", "quarter": "25", "hundred": "100", "daily": "1"},
}
_NAMED = ("drug", "class", "gene", "disease", "trial")


def canonical(number: str | int | float) -> str:
    """Returns a number as the shortest decimal that equals it: 0.430 and 0.43 are one figure, 1,083 is 1083."""
    text = format(Decimal(str(number).replace(",", "")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Figures:
    """Compares wording with `values`; built once from a corpus, whose vocabulary tells which numbers are names."""

    def __init__(self, corpus: Corpus):
        self._names = Phrasebook(
            (t.id, name)
            for t in corpus.vocabulary.values()
            if t.category in _NAMED
            for name in (t.name, *t.synonyms)
            if re.search(r"\d", name)
        )

    def shown(self, text: str) -> set[str]:
        """Returns the figures a wording shows in digits: not years, not numbers of names, not those that grade or count a phase."""
        graded = {i for pattern in (_GRADING, _INTERVAL) for m in pattern.finditer(text) for i in range(*m.span())}
        tokens = tokenise(text)
        for _, place in self._names.search([t.word for t in tokens]):
            graded |= set(range(tokens[place.first].start, tokens[place.last - 1].end))
        return {
            canonical(m.group())
            for m in _NUMBER.finditer(text)
            if m.start() not in graded and not (_YEAR.fullmatch(m.group()) and text[m.end() : m.end() + 1] != "%")
        }

    def disagreements(self, s: Statement) -> Iterator[tuple[str, str]]:
        """Yields (field, problem) for each figure that stands in only one of text and values, or in `plain` alone.

        A plain wording may round to whole numbers and say "of 100" for a percentage; the level of an interval ("95% CI") needs no value.
        """
        held = set(_numbers(s.values))
        for figure in sorted(self.shown(s.text) - held - set(_in_strings(s.values))):
            yield "values", f"{s.id}: the text says {figure}, its values do not"
        every = {canonical(n) for n in _NUMBER.findall(s.text)} | {_WORDS[w] for w in re.findall(r"[a-z]+", s.text.lower()) if w in _WORDS}
        every |= {canonical(n) for n in re.findall(r"\d+(?:\.\d+)?", s.text)}
        for figure in sorted(held - every):
            yield "values", f"{s.id}: its values say {figure}, the text does not"
        rounded = {str(Decimal(n).quantize(Decimal(1), way)) for n in every for way in (ROUND_HALF_UP, ROUND_HALF_DOWN)}
        for figure in sorted(self.shown(_IN_A_HUNDRED.sub("", s.plain)) - every - rounded):
            yield "plain", f"{s.id}: the plain wording says {figure}, the text does not"


def _numbers(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield canonical(abs(value))
    elif isinstance(value, date):
        yield str(value.year)
        yield str(value.day)
    elif isinstance(value, dict):
        for v in value.values():
            yield from _numbers(v)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from _numbers(v)


def _in_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (canonical(n) for n in _NUMBER.findall(value))
    elif isinstance(value, dict):
        for v in value.values():
            yield from _in_strings(v)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from _in_strings(v)
