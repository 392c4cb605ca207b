"""Does a rewording say all that its wording says, nothing besides, and in its order? Stricter than support: for texts that stand in a wording's place."""

from collections import Counter
from collections.abc import Iterable

from assistant.claimant import Claimant, stem
from assistant.claims import FUNCTION, Claims
from assistant.lexicon import Lexicon
from ingest.content import Corpus
from ingest.phrases import tokenise

CONNECTING = "connecting"
_KEPT = 0.85  # of the wording's other words
_LONGEST = 1.5  # times as many things said


class Fidelity:
    """Compares rewordings with their wordings; built once from a corpus, whose phrase list `connecting` holds the words that may be added."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        self._claimant = Claimant(corpus, lexicon)
        allowed = corpus.phrases[CONNECTING].phrases if CONNECTING in corpus.phrases else ()
        self._allowed = FUNCTION | {t.word for p in allowed for t in tokenise(p)}

    def added(self, text: str, wordings: Iterable[str]) -> tuple[str, ...]:
        """Returns the words of the text that none of the wordings holds in any form and that are no mere connecting words."""
        whole = [self._claimant.read(w) for w in wordings]
        known = {stem(w) for c in whole for w in c.words} | {k for c in whole for k in c.keys}
        said = (x for x in self._claimant.read(text).items if x.kind == "word" and x.key not in known)
        return tuple(x.written for x in said if not {t.word for t in tokenise(x.written)} <= self._allowed)

    def faults(self, text: str, wording: str) -> tuple[str, ...]:
        """Returns what the text, as a whole, says less than the wording, in another order, or over again."""
        said, source = self._claimant.read(text), self._claimant.read(wording)
        lost = Counter(_turning(source)) - Counter(_turning(said))
        written = {x.key: x.written for x in source.items}
        words = {x.key for x in source.items if x.kind == "word" and x.value not in FUNCTION}
        known = said.keys | {stem(w) for w in said.words}
        return (
            *(f"it leaves out '{written[key]}'" for key in lost),
            *(["most of the wording's words are left out"] if len(words & known) < _KEPT * len(words) else []),
            *(["it says things in another order"] if not lost and not _same_order(_turning(said), _turning(source)) else []),
            *(["it denies something else"] if _denied(said) != _denied(source) else []),
            *(["it is much longer"] if len(said.items) > _LONGEST * len(source.items) + 4 else []),
        )


def _turning(claims: Claims) -> list[str]:
    """Returns what may not be lost nor change places: figures, names, denials, limits and turned words, in reading order."""
    return [x.key for x in claims.items if x.kind != "word"]


def _denied(claims: Claims) -> Counter[tuple[str, str]]:
    """Returns what stands right before each denial, in the same phrase, and right after it."""
    items = claims.items

    def beside(i: int, j: int) -> str:
        return items[j].key if 0 <= j < len(items) and (j > i or items[j].phrase == items[i].phrase) else ""

    return Counter((beside(i, i - 1), beside(i, i + 1)) for i in claims.of("denial"))


def _same_order(a: list[str], b: list[str]) -> bool:
    """Whether two lists are equal, or are once one run of one of them is moved to another place ("In adults, ..." to the end)."""
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return len(a) == len(b) and (not a or any(a == b[i:] + b[:i] for i in range(len(b))))
