"""The dangers a text describes: read before anything else, with a sign's context, and with slips of the pen mended."""

from assistant.context import Context, Sentence
from assistant.lexicon import SHORTEST, Lexicon
from ingest.content import Corpus, Urgent
from ingest.phrases import Phrasebook, normalise, sentences

_SURELY = {"negated", "past"}
_UNLESS_NOW = {"past", "supposed", "asked"}


class Alarm:
    """Finds dangers; built once from a corpus."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        entries = corpus.urgent.values()
        self._entries, self._context, self._lexicon = corpus.urgent, Context(corpus.context), lexicon
        self._signs = Phrasebook((e.id, c) for e in entries for c in e.cues)
        self._always = Phrasebook((e.id, c) for e in entries for c in e.always)
        self._unless = Phrasebook((e.id, c) for e in entries for c in e.unless)
        self._known = {w for w in self._signs.words | self._always.words if len(w) >= SHORTEST}

    def danger(self, text: str) -> Urgent | None:
        """Returns the most pressing danger the text describes, or None.

        A sign counts unless a cue beside it denies it or puts it in the past; or its sentence, with nothing in it that says
        it is happening now, puts it in the past, only supposes it, or asks about it in general.
        """
        found = {
            i for s in sentences(normalise(text)) for i in self._in(Sentence(s, lambda word: self._lexicon.spelled(word, self._known)))
        }
        return min((self._entries[i] for i in found), key=lambda u: (u.priority, u.id), default=None)

    def _in(self, s: Sentence) -> set[str]:
        harmless = {i for i, _ in self._unless.search(s.words)}
        found = {i for i, _ in self._always.search(s.words)} - harmless
        for i, place in self._signs.search(s.words):
            if i in found or i in harmless:
                continue
            beside, around = self._context.of(s, place.first, place.last), self._context.around(s, place.first, place.last)
            if not beside & _SURELY and ("present" in around or not (beside | around) & _UNLESS_NOW):
                found.add(i)
        return found
