"""The false premises a text rests on: a premise's cue, unless the sentence that holds it says that it is true, or only asks."""

from ingest.content import Corpus, Premise
from ingest.phrases import Phrasebook, sentences, tokenise


class Premises:
    """Finds premises; built once from a corpus."""

    def __init__(self, corpus: Corpus):
        self._entries = corpus.premises
        lists = {p.id: corpus.lists(p.phrases) for p in corpus.premises.values()}
        self._books = {
            p.id: (Phrasebook(((p.id, c) for c in p.cues), lists[p.id]), Phrasebook(((p.id, c) for c in p.unless), lists[p.id]))
            for p in corpus.premises.values()
        }

    def of(self, text: str) -> tuple[Premise, ...]:
        """Returns the premises the text rests on, in the corpus's order.

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
