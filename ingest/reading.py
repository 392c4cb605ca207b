"""How hard a plain wording is to read: the Flesch-Kincaid grade, names of drugs, genes and trials excepted."""

import re

import pyphen

from ingest.content import Corpus
from ingest.phrases import Phrasebook, tokenise

HARDEST = 8.0
_EXCEPTED = ("drug", "class", "gene", "trial")
_SENTENCE = re.compile(r"[.!?](?=\s|$)")
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d[\d.,]*%?")


class Reading:
    """Grades wordings; built once from a corpus, whose vocabulary tells which words are names."""

    def __init__(self, corpus: Corpus):
        self._names = Phrasebook(
            (t.id, name) for t in corpus.vocabulary.values() if t.category in _EXCEPTED for name in (t.name, *t.synonyms) if "*" not in name
        )
        self._hyphens = pyphen.Pyphen(lang="en_US")

    def grade(self, text: str) -> float:
        """Returns the US school grade: 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid et al., 1975).

        A name counts as one short word; syllables are those at which the word may be hyphenated. Empty text has grade 0.
        """
        words = _WORD.findall(self._without_names(text))
        if not words:
            return 0.0
        count = max(1, len(_SENTENCE.findall(text)))
        syllables = sum(self._syllables(w) for w in words)
        return 0.39 * len(words) / count + 11.8 * syllables / len(words) - 15.59

    def _syllables(self, word: str) -> int:
        return 1 if word[0].isdigit() else len(self._hyphens.positions(word.lower())) + 1

    def _without_names(self, text: str) -> str:
        tokens = tokenise(text)
        out, at = [], 0
        for _, place in self._names.search([t.word for t in tokens]):
            start, end = tokens[place.first].start, tokens[place.last - 1].end
            if start >= at:
                out += [text[at:start], "it"]
                at = end
        return "".join([*out, text[at:]])
