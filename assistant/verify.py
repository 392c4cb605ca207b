"""Is this sentence supported by these statements? Numbers, units, names and negation must agree; says why not.

The judge does not know the author: curated wording and a model's rewording go through the same test.
"""

import re
from dataclasses import dataclass

from assistant.lexicon import Lexicon
from ingest.content import Statement
from ingest.phrases import normalise, tokenise

_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_UNIT = re.compile(
    r"\s?(%|percent|mg/kg|mg|mcg|g/dl|g|ml/min|ml|cm|mm|ms|months?|years?|weeks?|days?|hours?|minutes?|times|fold|x)\b|\s?(%)",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(no|not|never|none|without|neither|nor|cannot|avoid\w*|contraindicated|don't|isn't|aren't|doesn't|won't|against)\b", re.IGNORECASE
)
_DIRECTIONS = (
    (
        re.compile(r"\b(more than|above|over|greater than|at least|exceed\w*|higher|longer|increase\w*|rise\w*|raised)\b|>", re.IGNORECASE),
        "higher",
    ),
    (
        re.compile(r"\b(less than|below|under|fewer than|at most|lower\w*|shorter|decrease\w*|fall\w*|reduce\w*)\b|<", re.IGNORECASE),
        "lower",
    ),
)
_NAMED = ("drug", "trial", "gene", "disease", "class")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "might",
        "of",
        "on",
        "or",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "were",
        "when",
        "which",
        "while",
        "who",
        "will",
        "with",
        "you",
        "your",
    ]
)
_OVERLAP = 0.5


@dataclass(frozen=True)
class Verdict:
    """Whether a sentence is supported, and each reason why it is not."""

    supported: bool
    reasons: tuple[str, ...] = ()


class Verifier:
    """Judges sentences against curated statements; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon):
        self.lexicon = lexicon

    def verify(self, sentence: str, statements: list[Statement]) -> Verdict:
        """Returns the verdict on the sentence.

        Supported means: it cites a statement; every number stands in one of them with the same unit; every drug, trial,
        gene and disease it names stands in them; it denies when and only when they deny; it does not turn a direction
        (higher, lower) that they do not hold; and at least half of its content words are theirs.
        """
        if not statements:
            return Verdict(False, ("it cites no statement",))
        if not sentence.strip():
            return Verdict(False, ("it is empty",))
        sources = [w for s in statements for w in (s.text, s.plain)]
        if normalise(sentence).strip() in {normalise(s).strip() for s in sources}:
            return Verdict(True)
        source = " ".join(sources)
        reasons = [
            *self._numbers(sentence, source),
            *self._names(sentence, source),
            *_negations(sentence, statements),
            *_directions(sentence, source),
            *_words(sentence, source),
        ]
        return Verdict(not reasons, tuple(reasons))

    def _numbers(self, sentence: str, source: str) -> list[str]:
        known = numbers(source)
        reasons = []
        for value, unit in sorted(numbers(sentence)):
            units = {u for v, u in known if v == value}
            if not units:
                reasons.append(f"the number {value} is not in the cited statements")
            elif unit and unit not in units:
                reasons.append(f"{value} {unit} is not in the cited statements")
        return reasons

    def _names(self, sentence: str, source: str) -> list[str]:
        known = set(self.lexicon.of(source, *_NAMED))
        return [
            f"{self.lexicon.terms[t].name} is not in the cited statements" for t in self.lexicon.of(sentence, *_NAMED) if t not in known
        ]


def numbers(text: str) -> set[tuple[str, str]]:
    """Returns the numbers of a text with their units ("" where none follows), as canonical decimals and singular units."""
    found = set()
    text = normalise(text)
    for m in _NUMBER.finditer(text):
        value = m.group().replace(",", "")
        value = value.rstrip("0").rstrip(".") if "." in value else value
        unit = _UNIT.match(text, m.end())
        name = ((unit.group(1) or unit.group(2)) if unit else "").lower().replace("percent", "%")
        found.add((value, name[:-1] if name.endswith("s") and name not in {"ms", "times"} else name))
    return found


def _negations(sentence: str, statements: list[Statement]) -> list[str]:
    denies = bool(_NEGATION.search(sentence))
    held = {bool(_NEGATION.search(w)) for s in statements for w in (s.text, s.plain)}
    if denies in held:
        return []
    return ["it denies what the cited statements affirm" if denies else "it affirms what the cited statements deny"]


def _directions(sentence: str, source: str) -> list[str]:
    return [
        f"'{name}' is not in the cited statements"
        for pattern, name in _DIRECTIONS
        if pattern.search(sentence) and not pattern.search(source)
    ]


def _words(sentence: str, source: str) -> list[str]:
    words = {w.word[:6] for w in tokenise(sentence) if w.word not in _STOP and not w.word[0].isdigit()}
    known = {w.word[:6] for w in tokenise(source)}
    if words and len(words & known) / len(words) < _OVERLAP:
        return ["most of its words are not in the cited statements"]
    return []
