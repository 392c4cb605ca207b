"""What a text says of a finding it names: denied, past, only supposed, asked about in general, or here now.

The scopes of ConText (Harkema et al., J Biomed Inform 2009; 42: 839-851): a cue before, after or anywhere beside the finding, up to a word that
ends its reach. The cues are content, `corpus/context/`. medspaCy's ConText was tried: it needs numpy 1 beside our numpy 2, costs 0.7 s at every
start, and carried a negation over commas ("No brain metastases on MRI, started X" denied X).
"""

from collections.abc import Callable, Mapping
from functools import cached_property

from ingest.content import Scope
from ingest.phrases import Found, Phrasebook, Token, tokenise

REACH = 7
STOPS = "stops"
_OVER = "planned"  # a plan reaches over a stop right before, or at the start of, the finding: "wants me on X"
_CLOSE, _ITEM = 3, 6
_LIST_WORDS = {"or", "nor"}


class Sentence:
    """A sentence's words, each as `spelled` reads it; `commas` are the numbers of the words that a comma or a stronger mark precedes."""

    def __init__(self, text: str, spelled: Callable[[str], str] = str):
        self.text = text
        self.tokens: list[Token] = tokenise(text)
        self.words = [spelled(t.word) for t in self.tokens]
        self.cues: dict[tuple[str, str], list[tuple[str, Found]]] = {}

    @cached_property
    def commas(self) -> dict[int, str]:
        """Returns word number -> the strongest mark (`;` before `,`) between it and the word before."""
        marks = {}
        for i in range(1, len(self.tokens)):
            between = self.text[self.tokens[i - 1].end : self.tokens[i].start]
            if any(c in between for c in ";:()"):
                marks[i] = ";"
            elif "," in between or " - " in between:
                marks[i] = ","
        return marks


class Context:
    """Judges findings in sentences; built once from the corpus's scopes."""

    def __init__(self, scopes: Mapping[str, Scope]):
        self._kinds = [k for k in scopes if k != STOPS]
        self._books = {
            (kind, place): Phrasebook((kind, cue) for cue in getattr(scope, place))
            for kind, scope in scopes.items()
            for place in ("before", "after", "anywhere")
        }

    def of(self, s: Sentence, first: int, last: int, before: int = REACH, after: int = REACH) -> frozenset[str]:
        """Returns the kinds of context whose cue, at most so many words before or after, reaches the finding at words `first` up to `last`."""
        return frozenset(k for k in self._kinds if self._holds(k, s, first, last, before, after))

    def clause(self, s: Sentence, first: int, last: int) -> frozenset[str]:
        """Returns the kinds of context of which a cue that works from anywhere stands between the finding's nearest marks, outside it."""
        start = max((i for i in s.commas if i <= first), default=0)
        end = min((i for i in s.commas if i >= last), default=len(s.words))
        return frozenset(
            k
            for k in self._kinds
            if any(
                start <= f.first and f.last <= end and not (first <= f.first and f.last <= last) for _, f in self._cues(k, "anywhere", s)
            )
        )

    def around(self, s: Sentence, first: int, last: int) -> frozenset[str]:
        """Returns the kinds of context of which a cue that works from anywhere stands in the sentence, outside the finding."""
        return frozenset(k for k in self._kinds if any(not (first <= f.first and f.last <= last) for _, f in self._cues(k, "anywhere", s)))

    def _cues(self, kind: str, place: str, s: Sentence) -> list[tuple[str, Found]]:
        """Returns the cues in the sentence, searched once."""
        if (kind, place) not in s.cues:
            s.cues[kind, place] = self._books[kind, place].search(s.words)
        return s.cues[kind, place]

    def _holds(self, kind: str, s: Sentence, first: int, last: int, before: int, after: int) -> bool:
        cues = self._cues(kind, "before", s)
        near = first - 2 if kind == _OVER else first
        if any(
            f.last <= first <= f.last + before and self._reaches(s, f.last, near if first - f.last <= _CLOSE else first) for _, f in cues
        ):
            return True
        cues = self._cues(kind, "after", s)
        return any(last <= f.first <= last + after and self._reaches(s, last, f.first) for _, f in cues)

    def _reaches(self, s: Sentence, start: int, end: int) -> bool:
        """Whether nothing between two words ends a cue's reach: a stop word, a semicolon, or a comma outside a list."""
        if any(mark == ";" for i, mark in s.commas.items() if start <= i <= end):
            return False
        if (STOPS, "before") in self._books and any(start <= f.first <= end for _, f in self._cues(STOPS, "before", s)):
            return False
        commas = [i for i in s.commas if start <= i <= end]
        return not commas or bool(_LIST_WORDS & set(s.words[commas[0] : end + _ITEM]))
