"""The vocabulary at work: which concepts a text names, however they are written, and the text with their usual names."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from ingest.content import Corpus, Statement
from ingest.phrases import Found, Phrasebook, Token, tokenise
from ingest.words import is_ordinary

_SPELLED = ("drug", "trial")
_OPEN = ("topic", "intent", "aside", "common", "form", "source")
_AS_WRITTEN = {"topic", "intent", "trial", "unknown", "outside", "condition", "aside", "common", "form", "field", "source"}
SHORTEST = 6
_LOOSE = re.compile(r"^[\s,;:.!?-]+|[\s,;:.!?-]+$")
_REMEMBERED = 64  # texts: the steps of an answer ask for the mentions of the same few


@dataclass(frozen=True)
class Mention:
    """A concept of the vocabulary at a place in a text: token numbers, and the words as written."""

    term: str
    category: str
    first: int
    last: int
    surface: str


class Lexicon:
    """Finds vocabulary terms in texts; built once from a corpus. `in_small_letters` are the words that its statements write so."""

    def __init__(self, corpus: Corpus):
        self.terms = corpus.vocabulary
        written = [(t.id, p) for t in corpus.vocabulary.values() for p in (t.name, *t.synonyms)]
        self._book = Phrasebook(written)
        self._spelled = {
            tokens[0].word: t.id
            for t in corpus.vocabulary.values()
            if t.category in _SPELLED
            for name in (t.name, *t.synonyms)
            if len(tokens := tokenise(name)) == 1 and len(tokens[0].word) >= SHORTEST
        }
        read = [(text, tokenise(text)) for s in corpus.statements.values() for text in (s.text, s.plain)]
        self.in_small_letters = {t.word for text, tokens in read for t in tokens if text[t.start].islower()}
        self._stated = {t.word for _, tokens in read for t in tokens}
        self._common = self._stated | {w.word for t in written for w in tokenise(t[1])}
        self._of_statement: dict[str, frozenset[str]] = {}
        self._found = lru_cache(_REMEMBERED)(self._read)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Returns the mentions in reading order, a longer name before the shorter ones inside it left out.

        A word of six letters or more that nothing else knows is read as the drug or trial it is one slip away from
        (two slips from nine letters on).
        """
        return self._found(text)

    def _read(self, text: str) -> tuple[Mention, ...]:
        tokens = tokenise(text)
        words = [t.word for t in tokens]
        mentions = [
            Mention(name, self.terms[name].category, f.first, f.last, text[tokens[f.first].start : tokens[f.last - 1].end])
            for name, f in self._outermost(self._book.search(words))
        ]
        known = {i for m in mentions if m.category != "unknown" for i in range(m.first, m.last)}
        mentions = [m for m in mentions if m.category != "unknown" or not (m.first in known or self._respell(words[m.first]))]
        covered = {i for m in mentions for i in range(m.first, m.last)}
        for i, word in enumerate(words):
            meant = self._respell(word) if i not in covered else None
            if meant:
                mentions.append(Mention(meant, self.terms[meant].category, i, i + 1, text[tokens[i].start : tokens[i].end]))
        return tuple(sorted(mentions, key=lambda m: (m.first, -m.last, m.term)))

    def _outermost(self, hits: list[tuple[str, Found]]) -> list[tuple[str, Found]]:
        """Returns the hits without those inside a longer one; a topic, an intent or an aside, which may span a name, hides its own kind only."""

        def hides(outer: tuple[str, Found], inner: tuple[str, Found]) -> bool:
            (name, f), (other, g) = outer, inner
            if not (f.first <= g.first and g.last <= f.last and f.last - f.first > g.last - g.first):
                return False
            category = self.terms[name].category
            return category not in _OPEN or category == self.terms[other].category

        return [h for h in hits if not any(hides(o, h) for o in hits)]

    def _respell(self, word: str) -> str | None:
        meant = self.slip(word, self._spelled)
        return self._spelled[meant] if meant else None

    def slip(self, word: str, known: Mapping[str, str] | Set[str]) -> str | None:
        """Returns the known word that an unknown one of six letters or more is a slip of (two slips from nine letters on), or None.

        None also for an ordinary English word, and where two known words are equally near, unless a mapping gives both the same meaning.
        """
        if len(word) < SHORTEST or word in self._common or word in known or is_ordinary(word):
            return None
        slips = 2 if len(word) >= 9 else 1
        near = [(DamerauLevenshtein.distance(word, k, score_cutoff=slips), k) for k in known if k[0] == word[0]]
        near = sorted(n for n in near if n[0] <= slips)
        meanings = {known[k] if isinstance(known, Mapping) else k for d, k in near if d == near[0][0]}
        return near[0][1] if len(meanings) == 1 else None

    def spelled(self, word: str, known: Set[str]) -> str:
        """Returns the known word that `word` is a slip of, or the word itself."""
        return self.slip(word, known) or word

    def canonical(self, text: str) -> str:
        """Returns the text with every drug, class, gene and disease under its usual name, the rest as it was."""
        tokens = tokenise(text)
        out, at = [], 0
        for m in self.find(text):
            if m.category in _AS_WRITTEN or tokens[m.first].start < at:
                continue
            out += [text[at : tokens[m.first].start], self.terms[m.term].name]
            at = tokens[m.last - 1].end
        return "".join([*out, text[at:]])

    def in_terms(self, text: str) -> str:
        """Returns the text, after it the names of the topics it names in words that no statement holds: by those words nothing is found."""
        words = [t.word for t in tokenise(text)]
        unheard = [m.term for m in self.find(text) if m.category == "topic" and self._stated.isdisjoint(words[m.first : m.last])]
        return f"{text} ({listed([self.terms[t].name for t in dict.fromkeys(unheard)])})" if unheard else text

    def without(self, text: str, category: str) -> str:
        """Returns the text without the mentions of a category and marks at its ends; the text itself where nothing else is in it."""
        tokens, out, at = tokenise(text), [], 0
        for m in self.find(text):
            if m.category == category and tokens[m.first].start >= at:
                out.append(text[at : tokens[m.first].start])
                at = tokens[m.last - 1].end
        left = _LOOSE.sub("", squash(" ".join([*out, text[at:]])))
        return left if any(c.isalnum() for c in left) else text

    def of(self, text: str, *categories: str) -> list[str]:
        """Returns the ids of the terms the text names, in order, each once; of the given categories, or of all."""
        return list(dict.fromkeys(m.term for m in self.find(text) if not categories or m.category in categories))

    def of_statement(self, s: Statement) -> frozenset[str]:
        """Returns the terms a statement is about: those its text names and its own topics; the heading's where it has none.

        A heading may name several drugs of which the statement is about one, so its names do not count.
        """
        if s.id not in self._of_statement:
            tagged = any(t in self.terms and self.terms[t].category == "topic" for t in s.topics)
            heading = () if tagged else self.of(s.section, "topic")
            self._of_statement[s.id] = frozenset([*self.of(s.text), *heading, *s.topics])
        return self._of_statement[s.id]

    def tokens(self, text: str) -> list[Token]:
        """Returns the normalised words of the text."""
        return tokenise(text)


def listed(names: list[str]) -> str:
    """Returns the names as a list in words: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def squash(text: str) -> str:
    """Returns the text with runs of blanks as one, no space before punctuation, and no name repeated in brackets."""
    text = re.sub(r"\b([\w-]+(?: [\w-]+)?) \(\1\)", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"\s+([?.,;!])", r"\1", text).strip()
