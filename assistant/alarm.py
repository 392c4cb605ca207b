"""The dangers a text describes: read before anything else, with a sign's context, and with slips of the pen mended.

Two nets: the cues of the corpus, and what was learned from messages whose danger is known (`ingest/triage.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.context import Context, Sentence
from assistant.lexicon import SHORTEST, Lexicon
from ingest.content import Corpus, Urgent
from ingest.phrases import Phrasebook, normalise, sentences

# The least probability of any danger at which a message is answered as urgent, at which the answer is preceded by a notice, and below
# which a cue is doubted: chosen on five-fold cross-validation of the corpus's messages (`citepath eval triage`) and on the development
# split of the `dangers` set, so that only its unseen split measures them.
SURE, POSSIBLE, DOUBTFUL = 0.75, 0.4, 0.2
SURE_OF_NAMES = 0.93  # the same where medicines or topics are named and nobody: "acute confusion, headache on X" is still urgent
_PRESSING = 3  # of a less pressing danger (a pregnancy on treatment) what was learned gives a notice only
_WINDOW, _STEP = 80, 40
_SURELY = {"negated", "past"}
_UNLESS_NOW = {"past", "supposed", "asked"}


Scores = Callable[[str], dict[str, float]]


@dataclass(frozen=True)
class Danger:
    """The danger of a text, if any, and whether it is sure enough to be the whole answer."""

    urgent: Urgent | None = None
    possible: Urgent | None = None


class Alarm:
    """Finds dangers; built once from a corpus and, where there is one, the model learned from its messages."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon, scores: Scores | None = None):
        """`scores` gives danger id -> probability for a text; ids that are no danger count as none."""
        entries = corpus.urgent.values()
        self._scores = scores
        self._entries, self._context, self._lexicon = corpus.urgent, Context(corpus.context), lexicon
        self._signs = Phrasebook((e.id, c) for e in entries for c in e.cues)
        self._always = Phrasebook((e.id, c) for e in entries for c in e.always)
        self._unless = Phrasebook((e.id, c) for e in entries for c in e.unless)
        self._known = {w for w in self._signs.words | self._always.words if len(w) >= SHORTEST}

    def danger(self, text: str, described: bool = False, bare: bool = False) -> Danger:
        """Returns the danger the text describes: by its cues, else by what was learned, surely or possibly.

        A text that is the description of a patient's whole course holds dangers that were dealt with: there what was
        learned is only possible. Of a `bare` text, which names medicines or topics and nobody, it must be more probable.

        A cue that stands in a text much unlike any that describes a danger (a quiz question, a lasting cure) is only possible.
        """
        by_cue = self.by_cue(text)
        probability, learned = self.learned(text)
        if by_cue:
            return Danger(possible=by_cue) if self._scores and probability < DOUBTFUL else Danger(urgent=by_cue)
        sure = not described and probability >= (SURE_OF_NAMES if bare else SURE)
        if learned and sure and learned.priority <= _PRESSING:
            return Danger(urgent=learned)
        return Danger(possible=learned if probability >= POSSIBLE else None)

    def learned(self, text: str) -> tuple[float, Urgent | None]:
        """Returns the probability (0 to 1) that the text describes a danger, and which; of a long text the worst part's.

        Of dangers about as likely as the likeliest the most pressing is named: a wish to die before an overdose.
        """
        if self._scores is None:
            return 0.0, None
        words, worst = text.split(), (0.0, None)
        for start in range(0, max(1, len(words) - _STEP), _STEP):
            scores = {i: p for i, p in self._scores(" ".join(words[start : start + _WINDOW])).items() if i in self._entries}
            total, likeliest = sum(scores.values()), max(scores.values(), default=0.0)
            if total > worst[0]:
                alike = [i for i, p in scores.items() if p >= likeliest / 2]
                worst = total, min((self._entries[i] for i in alike), key=lambda u: (u.priority, -scores[u.id]))
        return worst

    def by_cue(self, text: str) -> Urgent | None:
        """Returns the most pressing danger whose cues the text holds, or None.

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
