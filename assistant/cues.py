"""Where a text announces an identifier: the cues of every language of `corpus/identifiers/`, found at once, with their places."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ingest.content import Identifying
from ingest.phrases import Phrasebook, Token, tokenise

Span = tuple[int, int]
_GLUED = re.compile(r"([a-z]+)([0-9].*)")


@dataclass(frozen=True)
class Cue:
    """A cue of one kind: its place in the text (start, end) and the numbers of its words, `last` exclusive."""

    kind: str
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Read:
    """A text, its words and its cues in reading order."""

    text: str
    tokens: tuple[Token, ...]
    cues: tuple[Cue, ...]

    def of(self, kind: str) -> list[Cue]:
        """Returns the cues of one kind, in order."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[Cue]]:
        kinds: dict[str, list[Cue]] = {}
        for c in self.cues:
            kinds.setdefault(c.kind, []).append(c)
        return kinds

    @cached_property
    def starts(self) -> list[int]:
        """Returns where each word begins."""
        return [t.start for t in self.tokens]

    def word_at(self, place: int) -> int:
        """Returns the number of the first word that begins at a place or after it."""
        return bisect_left(self.starts, place)


class Cues:
    """Finds cues; built once from the languages."""

    def __init__(self, languages: Iterable[Identifying]):
        self._book = Phrasebook((kind, phrase) for language in languages for kind in language.CUES for phrase in getattr(language, kind))

    def read(self, text: str, but: list[Span]) -> Read:
        """Returns the text with its words and its cues outside the places `but`; a word glued to a number ("MRN123") counts as two."""
        tokens = [part for t in tokenise(text) for part in _parts(t)]
        hits = self._book.search([t.word for t in tokens])
        cues = [Cue(kind, tokens[f.first].start, tokens[f.last - 1].end, f.first, f.last) for kind, f in hits]
        allowed = set(outside(((c.start, c.end) for c in cues), but))
        return Read(text, tuple(tokens), tuple(c for c in cues if (c.start, c.end) in allowed))


def _parts(t: Token) -> tuple[Token, ...]:
    glued = _GLUED.fullmatch(t.word)
    if not glued or t.end - t.start != len(t.word):
        return (t,)
    at = t.start + len(glued.group(1))
    return Token(glued.group(1), t.start, at), Token(glued.group(2), at, t.end)


def outside(spans: Iterable[Span], others: list[Span]) -> list[Span]:
    """Returns the places that overlap none of the others."""
    taken = bytearray(max((end for _, end in others), default=0))
    for start, end in others:
        taken[start:end] = b"\1" * (end - start)
    return [(start, end) for start, end in spans if 1 not in taken[start:end]]
