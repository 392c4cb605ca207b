"""The false premises a text rests on: a premise's cue, or what was learned, unless the sentence that holds it says that it is true, or only asks."""

from dataclasses import dataclass

from assistant.alarm import Scores
from ingest.content import Corpus, Premise
from ingest.phrases import Phrasebook, sentences, tokenise
from ingest.triage import ASSUMED

# The least probability that a text is about a premise's subject; that it takes it for granted; and that below which a cue is doubted:
# chosen on the development split of the `premises` set, so that only its unseen split measures them.
LIKELY, TAKEN, DOUBTFUL = 0.3, 0.8, 0.15


@dataclass(frozen=True)
class Judgement:
    """The premises a text rests on, in the corpus's order, those of them by a cue, and the subject it is likely about (0 to 1)."""

    premises: tuple[Premise, ...]
    by_cue: tuple[Premise, ...]
    subject: str | None = None
    probability: float = 0.0


class Premises:
    """Finds premises; built once from a corpus and, where there are, the models learned from its messages."""

    def __init__(self, corpus: Corpus, subjects: Scores | None = None, assumed: Scores | None = None):
        """`subjects` gives premise id -> probability that a text is about it; `assumed` the probability of ASSUMED."""
        self._entries, self._subjects, self._assumed = corpus.premises, subjects, assumed
        lists = {p.id: corpus.lists(p.phrases) for p in corpus.premises.values()}
        self._books = {
            p.id: (Phrasebook(((p.id, c) for c in p.cues), lists[p.id]), Phrasebook(((p.id, c) for c in p.unless), lists[p.id]))
            for p in corpus.premises.values()
        }

    def judge(self, text: str, query: str) -> Judgement:
        """Returns the premises of the text, by cues and by what was learned.

        `query` is the text without what says nothing of its subject. A text about a subject that takes something for granted
        rests on the subject's false premise; one that takes nothing for granted rests on none, whatever its cues.
        """
        by_cue = self.by_cue(text)
        if self._subjects is None or self._assumed is None or not any(c.isalnum() for c in query):
            return Judgement(by_cue, by_cue)
        scores = {i: p for i, p in self._subjects(query).items() if i in self._entries}
        best = max(scores, key=scores.get, default=None)
        taken = self._assumed(text).get(ASSUMED, 0.0)
        sure = tuple(p for p in by_cue if taken >= DOUBTFUL)
        if best is None or scores[best] < LIKELY:
            return Judgement(sure, sure)
        kept = {p.id for p in sure} | ({best} if taken >= TAKEN else set())
        return Judgement(tuple(p for i, p in self._entries.items() if i in kept), sure, best, scores[best])

    def by_cue(self, text: str) -> tuple[Premise, ...]:
        """Returns the premises whose cues the text holds, in the corpus's order.

        A cue may span sentences; what excuses it must stand in one of those.
        """
        words: list[str] = []
        starts = []
        for sentence in sentences(text):
            starts.append(len(words))
            words += [t.word for t in tokenise(sentence)]
        found = []
        for id, (cues, unless) in self._books.items():
            places = [f for _, f in cues.search(words)]
            excuses = [f for _, f in unless.search(words)] if places else []
            spans = [(max(s for s in starts if s <= f.first), min((s for s in starts if s >= f.last), default=len(words))) for f in places]
            if any(not any(start <= e.first < end for e in excuses) for start, end in spans):
                found.append(self._entries[id])
        return tuple(found)
