"""`Assistant.ask(question, conversation) -> Answer`: the only file that knows the order of the steps."""

import logging
import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_core.runnables import Runnable, RunnableConfig

from assistant.alarm import Scores
from assistant.answer import Answer, CitedReference, Decision, Section, Sentence
from assistant.compose import Composer, Draft
from assistant.followups import Turn
from assistant.identifiers import KINDS, Identifiers, Masked
from assistant.lexicon import Lexicon, listed
from assistant.pathway import decide
from assistant.retrieval import HybridRetriever, Passage
from assistant.review import Ledger
from assistant.understand import Reader, Understanding
from assistant.verify import Verifier
from ingest import triage
from ingest.content import Audience, Corpus, Statement, Urgent, digest
from ingest.errors import CitepathError
from ingest.index import Index

LONGEST = 20_000
_REMEMBERED = 8  # texts: one question is embedded once, though several models read it
_CANDIDATES = 60
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """A question with its reader and the facts set explicitly (pathway variable -> value)."""

    text: str
    audience: Audience = "clinician"
    set: dict[str, str] = field(default_factory=dict)


class Assistant(Runnable[Question, Answer]):
    """Answers questions from one corpus and its index; a LangChain Runnable from `Question` to `Answer`."""

    def __init__(self, corpus: Corpus, index: Index, embeddings: Embeddings, ledger: Ledger | None = None):
        self.corpus = corpus
        self.lexicon = Lexicon(corpus)
        self.identifiers = Identifiers(corpus, self.lexicon)
        self.retriever = HybridRetriever(corpus=corpus, index=index, embeddings=embeddings)
        self.ledger = ledger or Ledger(corpus)
        self.verifier = Verifier(corpus, self.lexicon)
        self._embed = lru_cache(_REMEMBERED)(embeddings.embed_query)
        models = {name: model for name in triage.MODELS if (model := index.triage(name))}
        self._reader = Reader(corpus, self.lexicon, {name: self._scores(model) for name, model in models.items()})
        self._composer = Composer(corpus, self.lexicon)

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Returns the answer to a question that stands alone. Raises as `ask`."""
        return self.ask(input)

    def ask(self, question: Question, earlier: tuple[Turn, ...] = ()) -> Answer:
        """Returns the answer to the question after the earlier turns. Raises as `reply`."""
        return self.reply(question, earlier)[0]

    def reply(self, question: Question, earlier: tuple[Turn, ...] = ()) -> tuple[Answer, Turn]:
        """Returns the answer, and the turn to append to `earlier` for the next question; neither holds what identifies a person.

        Raises:
            CitepathError: the question is too long, a set value does not exist, or index or model cannot be used.
        """
        started = time.perf_counter()
        if len(question.text) > LONGEST:
            raise CitepathError(f"The question has {len(question.text)} characters; at most {LONGEST} are read.", "Ask in fewer words.")
        masked = self.identifiers.mask(question.text)
        question = replace(question, text=masked.text)
        try:
            u = self._reader.understand(question.text, earlier, question.set)
        except ValueError as e:
            raise CitepathError(f"That fact cannot be set: {e}.", "`citepath pathway NAME` lists variables and values.") from e
        decision, usual = self._decisions(u)
        passages, likely = ([], {}) if u.danger.urgent or u.broad else self._found(u)
        draft = self._composer.compose(u, decision, usual, passages, question.audience, likely)
        answer = self._answer(question, u, decision, usual, draft, self._notices(masked, u.danger.possible, draft), started)
        subjects = draft.subjects or u.of("drug") or (earlier[-1].subjects if earlier else ())
        turn = Turn(question.text, u.standalone, u.state, u.origins, subjects, u.pathway, u.broad)
        return answer, turn

    def _decisions(self, u: Understanding) -> tuple[Decision | None, Decision | None]:
        if u.pathway is None or u.danger.urgent:
            return None, None
        pathway = self.corpus.pathways[u.pathway]
        decision = decide(pathway, u.state)
        if decision.node or not pathway.usual:
            return decision, None
        return decision, decide(pathway, {**pathway.usual, **u.state})

    def _found(self, u: Understanding) -> tuple[list[Passage], dict[str, float]]:
        """Returns the passages found for the question, and the statements on the subject it is likely about with their probability."""
        about = self.corpus.premises[u.judgement.subject].statements if u.judgement.subject else ()
        query = self.lexicon.in_terms(u.query)
        return self.retriever.retrieve(query, _CANDIDATES, self._embed(query)), dict.fromkeys(about, u.judgement.probability)

    def _scores(self, model: triage.Triage) -> Scores:
        """Returns what gives the probability of each label of a learned model for a text."""
        return lambda text: model.probabilities(text, self._embed(text))

    def _notices(self, masked: Masked, possible: Urgent | None, draft: Draft) -> tuple[str, ...]:
        """Returns what the reader is told before the answer: of a danger the question may describe, of what was masked, and that sources differ."""
        told = []
        if possible:
            told.append(self.corpus.texts["possible-danger"].body.strip().format(message=possible.message.strip()))
        if masked.kinds:
            told.append(self.corpus.texts["identifiers-removed"].body.strip().format(removed=listed([KINDS[k] for k in masked.kinds])))
        if draft.cause == "conflicting_sources":
            told.append(self.corpus.texts["sources-differ"].body.strip())
        return tuple(told)

    def _answer(
        self, question: Question, u: Understanding, decision, usual, draft: Draft, notices: tuple[str, ...], started: float
    ) -> Answer:
        numbering: dict[str, int] = {}
        premises = self._sentences(draft.premises, question.audience, numbering)
        sections = []
        for title, statements in draft.sections:
            sentences = self._sentences(statements, question.audience, numbering)
            if sentences:
                sections.append(Section(title=title, sentences=sentences))
        used = [self.corpus.statements[i] for s in (*premises, *(x for sec in sections for x in sec.sentences)) for i in s.statements]
        return Answer(
            id=digest(question.text, u.standalone, u.state, question.audience, self.corpus.version, "extractive"),
            question=question.text,
            standalone_question=u.standalone,
            audience=question.audience,
            outcome=draft.outcome,
            cause=draft.cause,
            message=draft.message,
            notices=notices,
            premise_notes=premises,
            sections=tuple(sections),
            references=self._references(numbering, used),
            decision=decision,
            usual=usual if draft.outcome == "needs_information" else None,
            conflicts=u.conflicts,
            review=self.ledger.notice(used),
            disclaimer=self.corpus.texts[f"disclaimer-{question.audience}"].body,
            last_updated=max(
                (self.corpus.documents[s.document].last_updated for s in used),
                default=max(d.last_updated for d in self.corpus.documents.values()),
            ),
            follow_ups=draft.follow_ups,
            corpus_version=self.corpus.version,
            engine="extractive",
            latency_ms=round((time.perf_counter() - started) * 1000, 2),
        )

    def _sentences(self, statements: tuple[Statement, ...], audience: Audience, numbering: dict[str, int]) -> tuple[Sentence, ...]:
        """Returns the verified sentences; one that fails is a fault of the content: left out and logged."""
        kept = []
        for s in statements:
            text = s.wording(audience)
            verdict = self.verifier.verify(text, [s])
            if not verdict.supported:
                _log.error("left out %s: %s", s.id, "; ".join(verdict.reasons))
                continue
            numbers = [numbering.setdefault(key, len(numbering) + 1) for key in s.citations]
            kept.append(Sentence(text=text, statements=(s.id,), citations=tuple(numbers), strength=s.strength, certainty=s.certainty))
        return tuple(kept)

    def _references(self, numbering: dict[str, int], used: list[Statement]) -> tuple[CitedReference, ...]:
        cited = []
        for key, number in numbering.items():
            r = self.corpus.references[key]
            status = self.ledger.least(s for s in used if key in s.citations)
            cited.append(
                CitedReference(
                    number=number,
                    key=key,
                    type=r.type,
                    title=r.title,
                    authors=r.authors,
                    container=r.container,
                    year=r.year,
                    doi=r.doi,
                    pmid=r.pmid,
                    url=r.link,
                    funding=r.funding,
                    superseded=r.superseded_by is not None,
                    review_status=status,
                )
            )
        return tuple(cited)
