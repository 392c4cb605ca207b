"""What a reader looks for among the sources, and what of the corpus meets it: words and filters over statements, documents, references."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Status
from assistant.usage import citing
from ingest.content import Corpus, Document, Kind, Reference, Statement, Term


@dataclass(frozen=True)
class Wanted:
    """What is looked for; an empty field asks for nothing. Within a field any value will do, all fields together must hold.

    Attributes:
        words: all must occur, each as written, in any case.
        drugs, topics: vocabulary terms a statement is tagged with.
        kinds, statuses: of the statement.
        types, years: of a reference; a statement meets them by any one reference it cites. `years` are the first and the last.
        due_before: only statements to be reviewed again before this day.
    """

    words: str = ""
    drugs: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    statuses: tuple[Status, ...] = ()
    types: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    due_before: date | None = None

    @property
    def filters(self) -> int:
        """Returns how many filters are set, the words apart."""
        return sum(
            map(bool, (self.drugs, self.topics, self.kinds, self.statuses, self.types, self.years is not None, self.due_before is not None))
        )

    @property
    def _of_statements(self) -> bool:
        return bool(self.drugs or self.topics or self.kinds or self.statuses or self.due_before)


class Catalogue:
    """A corpus to be looked through. What it returns stays in the order of the documents, or in the order given."""

    def __init__(self, corpus: Corpus, status: Callable[[Statement], Status]):
        """`status` gives the present review status of a statement."""
        self._corpus = corpus
        self._status = status
        self._citing = citing(corpus)
        self._words = {
            s.id: f"{s.id} {s.text} {s.plain} {s.section} {corpus.documents[s.document].title}".casefold()
            for s in corpus.statements.values()
        }
        self._reference_words = {
            r.key: f"{r.key} {r.title} {r.authors or ''} {r.container or ''} {r.year} {r.doi or ''} {r.pmid or ''}".casefold()
            for r in corpus.references.values()
        }

    def terms(self) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """Returns the drugs, and the other vocabulary terms, that statements are tagged with, each by name."""
        tagged = {t for s in self._corpus.statements.values() for t in s.topics} & set(self._corpus.vocabulary)
        found = sorted((self._corpus.vocabulary[t] for t in tagged), key=lambda t: (t.name.casefold(), t.id))
        return tuple(t for t in found if t.category == "drug"), tuple(t for t in found if t.category != "drug")

    def years(self) -> tuple[int, int]:
        """Returns the years of the oldest and the newest reference."""
        found = [r.year for r in self._corpus.references.values()]
        return min(found), max(found)

    def statements(self, wanted: Wanted, ranked: Sequence[str] | None = None) -> tuple[Statement, ...]:
        """Returns the statements that meet what is wanted; of those `ranked` (ids found by meaning), in that order and whatever their words."""
        known = self._corpus.statements
        if ranked is not None:
            return tuple(known[id] for id in ranked if id in known and self._meets(known[id], wanted))
        words = wanted.words.casefold().split()
        return tuple(s for s in known.values() if all(w in self._words[s.id] for w in words) and self._meets(s, wanted))

    def documents(self, wanted: Wanted, ranked: Sequence[str] | None = None) -> tuple[tuple[Document, tuple[Statement, ...]], ...]:
        """Returns the documents that hold statements wanted, with these."""
        found: dict[str, list[Statement]] = {}
        for s in self.statements(wanted, ranked):
            found.setdefault(s.document, []).append(s)
        order = found if ranked is not None else self._corpus.documents
        return tuple((self._corpus.documents[id], tuple(found[id])) for id in order if id in found)

    def references(self, wanted: Wanted, ranked: Sequence[str] | None = None) -> tuple[Reference, ...]:
        """Returns the references that meet words, types and years, and, where a statement's filter is set, that a statement meeting it cites.

        Of those `ranked`, the references of the statements found.
        """
        known, words = self._corpus.references, wanted.words.casefold().split()
        if ranked is not None:
            keys = dict.fromkeys(key for s in self.statements(wanted, ranked) for key in s.citations)
            return tuple(known[key] for key in keys if self._dated(known[key], wanted))
        return tuple(
            r
            for r in known.values()
            if self._dated(r, wanted)
            and all(w in self._reference_words[r.key] for w in words)
            and (not wanted._of_statements or any(self._meets(self._corpus.statements[id], wanted) for id in self._citing[r.key]))
        )

    def _meets(self, s: Statement, wanted: Wanted) -> bool:
        return (
            (not wanted.drugs or bool(set(wanted.drugs) & set(s.topics)))
            and (not wanted.topics or bool(set(wanted.topics) & set(s.topics)))
            and (not wanted.kinds or s.kind in wanted.kinds)
            and (wanted.due_before is None or (s.review_by is not None and s.review_by < wanted.due_before))
            and (not (wanted.types or wanted.years) or any(self._dated(self._corpus.references[key], wanted) for key in s.citations))
            and (not wanted.statuses or self._status(s) in wanted.statuses)
        )

    @staticmethod
    def _dated(r: Reference, wanted: Wanted) -> bool:
        first, last = wanted.years or (r.year, r.year)
        return first <= r.year <= last and (not wanted.types or r.type in wanted.types)
