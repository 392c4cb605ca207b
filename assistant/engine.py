"""`Assistant.ask(question, conversation) -> Answer`: the only file that knows the order of the steps."""

import logging
import time
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from langchain_core.embeddings import Embeddings
from langchain_core.runnables import Runnable, RunnableConfig

from assistant.alarm import Scores
from assistant.answer import Answer, CitedReference, Decision, OptionRow, Section, Sentence, Wording
from assistant.chat import EXTRACTIVE, Chat
from assistant.compose import Composer, Draft
from assistant.followups import Turn
from assistant.identifiers import KINDS, Identifiers, Masked
from assistant.lexicon import Lexicon, listed
from assistant.pathway import decide
from assistant.proposals import Proposal, Proposer
from assistant.rephrase import Asked, Rephraser, Reworded
from assistant.retrieval import HybridRetriever, Passage
from assistant.review import Ledger
from assistant.understand import Reader, Understanding
from assistant.verify import Verifier
from ingest import triage
from ingest.content import Audience, Corpus, Option, Statement, Urgent, digest
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


@dataclass(frozen=True)
class Progress:
    """How far an answer is: the stage that begins; while it is worded, a sentence just verified, its statement and its section."""

    stage: Literal["reading", "searching", "composing", "wording"]
    section: str = ""
    statement: str = ""
    sentence: str = ""


OnProgress = Callable[[Progress], None]


class Assistant(Runnable[Question, Answer]):
    """Answers questions from one corpus and its index; a LangChain Runnable from `Question` to `Answer`."""

    def __init__(self, corpus: Corpus, index: Index, embeddings: Embeddings, ledger: Ledger | None = None, chat: Chat | None = None):
        """`chat` is a language model that may word what was decided; without one every sentence is curated."""
        self.corpus = corpus
        self.lexicon = Lexicon(corpus)
        self.identifiers = Identifiers(corpus, self.lexicon)
        self.retriever = HybridRetriever(corpus=corpus, index=index, embeddings=embeddings)
        self.ledger = ledger or Ledger(corpus)
        self.verifier = Verifier(corpus, self.lexicon)
        self._embed = lru_cache(_REMEMBERED)(embeddings.embed_query)
        self._doubts = lru_cache(None)(self._judged)
        models = {name: model for name in triage.MODELS if (model := index.triage(name))}
        self._reader = Reader(corpus, self.lexicon, {name: self._scores(model) for name, model in models.items()})
        self._composer = Composer(corpus, self.lexicon)
        self.engine = chat.name if chat else EXTRACTIVE
        self._proposer = Proposer(chat, corpus, self.lexicon) if chat else None
        self._rephraser = Rephraser(chat, corpus, self.lexicon, self.verifier, self.identifiers) if chat else None

    def without_model(self) -> "Assistant":
        """Returns the same assistant without its language model: every sentence curated."""
        other = copy(self)
        other.engine, other._proposer, other._rephraser = EXTRACTIVE, None, None
        return other

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Returns the answer to a question that stands alone. Raises as `ask`."""
        return self.ask(input)

    def ask(self, question: Question, earlier: tuple[Turn, ...] = ()) -> Answer:
        """Returns the answer to the question after the earlier turns. Raises as `reply`."""
        return self.reply(question, earlier)[0]

    def reply(self, question: Question, earlier: tuple[Turn, ...] = (), on_progress: OnProgress = lambda _: None) -> tuple[Answer, Turn]:
        """Returns the answer, and the turn to append to `earlier` for the next question; neither holds what identifies a person.

        `on_progress` is told each stage as it begins, and each sentence of a language model once it is verified.

        Raises:
            CitepathError: the question is too long, a set value does not exist, or index or model cannot be used.
        """
        started = time.perf_counter()
        if len(question.text) > LONGEST:
            raise CitepathError(f"The question has {len(question.text)} characters; at most {LONGEST} are read.", "Ask in fewer words.")
        masked = self.identifiers.mask(question.text)
        question = replace(question, text=masked.text)
        on_progress(Progress("reading"))
        try:
            u, proposal = self._understood(question, earlier)
        except ValueError as e:
            raise CitepathError(f"That fact cannot be set: {e}.", "`citepath pathway NAME` lists variables and values.") from e
        decision, usual = self._decisions(u)
        on_progress(Progress("searching"))
        passages, likely = ([], {}) if u.danger.urgent or u.broad else self._found(u)
        on_progress(Progress("composing"))
        draft = self._composer.compose(u, decision, usual, passages, question.audience, likely)
        reworded = self._reworded(question, u, decision, usual, draft, on_progress)
        notices = (*self._read(u, proposal), *self._notices(masked, u.danger.possible, draft, reworded))
        answer = self._answer(question, u, decision, usual, draft, reworded, notices, started)
        subjects = draft.subjects or u.of("drug") or (earlier[-1].subjects if earlier else ())
        turn = Turn(question.text, u.standalone, u.state, u.origins, subjects, u.pathway, u.broad)
        return answer, turn

    def _understood(self, question: Question, earlier: tuple[Turn, ...]) -> tuple[Understanding, Proposal]:
        """Returns the understanding of the question, and what of it a language model proposed: asked only where something is open."""
        u = self._reader.understand(question.text, earlier, question.set)
        if self._proposer is None or u.danger.urgent:
            return u, Proposal()
        decision, _ = self._decisions(u)
        proposal = self._proposer.propose(u, earlier, bool(decision and not decision.node and (u.broad or u.described)))
        if not (proposal.standalone or proposal.state):
            return u, proposal
        text = proposal.standalone or question.text
        again = self._reader.understand(text, earlier, question.set)
        if again.pathway != u.pathway:
            proposal = replace(proposal, state={}, words={})
        elif proposal.state:
            again = self._reader.understand(text, earlier, {**proposal.state, **question.set})
        now = dict.fromkeys(proposal.state, len(earlier) + 1)
        return replace(again, question=u.question, danger=u.danger, origins={**again.origins, **now}), proposal

    def _read(self, u: Understanding, proposal: Proposal) -> tuple[str, ...]:
        """Returns the notice of the facts that a language model read, with the words it read them from."""
        if not proposal.state or u.pathway is None:
            return ()
        variables = self.corpus.pathways[u.pathway].variables
        facts = "; ".join(f'{variables[n].question} {variables[n].label(v)} ("{proposal.words[n]}")' for n, v in proposal.state.items())
        return (self.corpus.texts["model-read"].body.strip().format(model=self.engine, facts=facts),)

    def reviewed(self, answer: Answer) -> Answer:
        """Returns an answer given earlier with the review status of now; one of another corpus counts as submitted."""
        known = self.corpus.statements if answer.corpus_version == self.corpus.version else {}
        sentences = (*answer.premise_notes, *(s for section in answer.sections for s in section.sentences))
        used = [known[i] for s in sentences for i in s.statements if i in known]
        references = tuple(
            r.model_copy(update={"review_status": self.ledger.least(s for s in used if r.key in s.citations)}) for r in answer.references
        )
        return answer.model_copy(
            update={"review": self.ledger.notice(() if answer.wording and answer.wording.model else used), "references": references}
        )

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

    def _reworded(
        self,
        question: Question,
        u: Understanding,
        decision: Decision | None,
        usual: Decision | None,
        draft: Draft,
        on_progress: OnProgress,
    ) -> Reworded | None:
        """Returns the language model's wordings; None where none is there or nothing may be worded.

        Never worded anew: premises, what says that an option is ruled out, and the sides on which sources differ.
        """
        shown = [d for d in (decision, usual) if d]
        fixed = {i for d in shown for r in d.ruled_out for i in r.statements} | {s.id for s in draft.premises}
        fixed |= {i for d in self.corpus.differences.values() for i in d.statements}
        places = {s.id: title for title, statements in reversed(draft.sections) for s in statements if s.id not in fixed}
        statements = dict.fromkeys(s.id for _, statements in draft.sections for s in statements if s.id in places)
        if not (self._rephraser and statements):
            return None
        on_progress(Progress("wording"))
        asked = Asked(
            question=u.standalone,
            audience=question.audience,
            statements=tuple(self.corpus.statements[i] for i in statements),
            decision=decision if decision and decision.node else usual,
            ruled_out=self._named(r.option for d in shown for r in d.ruled_out),
        )
        return self._rephraser.rephrase(asked, lambda id, text: on_progress(Progress("wording", places[id], id, text)))

    def _named(self, options: Iterable[str]) -> tuple[frozenset[str], ...]:
        """Returns the drugs and classes that each option names, or all that it names where it names none; nothing for one that names nothing."""
        named = (frozenset(self.lexicon.of(o, "drug", "class") or self.lexicon.of(o)) for o in options)
        return tuple(dict.fromkeys(n for n in named if n))

    def _notices(self, masked: Masked, possible: Urgent | None, draft: Draft, reworded: Reworded | None) -> tuple[str, ...]:
        """Returns what the reader is told before the answer.

        Of a danger the question may describe, of what was masked, that sources differ, and what a language model worded or failed to.
        """
        told = []
        if possible:
            told.append(self.corpus.texts["possible-danger"].body.strip().format(message=possible.message.strip()))
        if masked.kinds:
            told.append(self.corpus.texts["identifiers-removed"].body.strip().format(removed=listed([KINDS[k] for k in masked.kinds])))
        if draft.cause == "conflicting_sources":
            told.append(self.corpus.texts["sources-differ"].body.strip())
        if reworded and reworded.problem:
            told.append(self.corpus.texts["model-unavailable"].body.strip().format(model=self.engine, cause=reworded.problem))
        if reworded and (reworded.wordings or not reworded.problem):
            kept, replaced = len(reworded.wordings), len(reworded.replaced)
            told.append(self.corpus.texts["model-wording"].body.strip().format(model=self.engine, kept=kept, replaced=replaced))
        return tuple(told)

    def _answer(
        self,
        question: Question,
        u: Understanding,
        decision: Decision | None,
        usual: Decision | None,
        draft: Draft,
        reworded: Reworded | None,
        notices: tuple[str, ...],
        started: float,
    ) -> Answer:
        numbering: dict[str, int] = {}
        wordings = reworded.wordings if reworded else None
        premises = self._sentences(draft.premises, question.audience, numbering)
        sections = []
        for title, statements in draft.sections:
            sentences = self._sentences(statements, question.audience, numbering, wordings)
            if sentences:
                sections.append(Section(title=title, sentences=sentences))
        options = tuple(self._row(u.pathway or "", o, question.audience, numbering) for o in draft.options)
        cells = [c for o in options for c in (o.figure, o.cns, o.schedule, o.risks) if c]
        said = (*premises, *(x for section in sections for x in section.sentences), *cells)
        used = [self.corpus.statements[i] for s in said for i in s.statements]
        return Answer(
            id=digest(
                question.text, u.standalone, u.state, question.audience, self.corpus.version, self.engine, *([wordings] if wordings else [])
            ),
            question=question.text,
            standalone_question=u.standalone,
            audience=question.audience,
            outcome=draft.outcome,
            cause=draft.cause,
            message=draft.message,
            notices=notices,
            premise_notes=premises,
            sections=tuple(sections),
            options=options,
            references=self._references(numbering, used),
            decision=decision,
            usual=usual if draft.outcome == "needs_information" else None,
            conflicts=u.conflicts,
            review=self.ledger.notice(() if wordings else used),  # an approval is of the curated wording: a model's is nobody's
            disclaimer=self.corpus.texts[f"disclaimer-{question.audience}"].body,
            last_updated=max(
                (self.corpus.documents[s.document].last_updated for s in used),
                default=max(d.last_updated for d in self.corpus.documents.values()),
            ),
            follow_ups=draft.follow_ups,
            sureness=None if draft.sureness is None else round(draft.sureness, 3),
            corpus_version=self.corpus.version,
            engine=self.engine,
            wording=_counted(reworded) if reworded else None,
            latency_ms=round((time.perf_counter() - started) * 1000, 2),
        )

    def _sentences(
        self, statements: tuple[Statement, ...], audience: Audience, numbering: dict[str, int], wordings: dict[str, str] | None = None
    ) -> tuple[Sentence, ...]:
        """Returns the verified sentences, in a model's `wordings` (statement -> text) where there is one.

        A curated sentence that fails is a fault of the content: left out and logged.
        """
        kept = []
        for s in statements:
            by = None if wordings is None else "model" if s.id in wordings else "curated"
            text = (wordings or {}).get(s.id) or s.wording(audience)
            verdict = self.verifier.verify(text, [s])
            if not verdict.supported:
                _log.error("left out %s: %s", s.id, "; ".join(verdict.reasons))
                continue
            numbers = [numbering.setdefault(key, len(numbering) + 1) for key in s.citations]
            kept.append(
                Sentence(text=text, statements=(s.id,), citations=tuple(numbers), strength=s.strength, certainty=s.certainty, wording=by)
            )
        return tuple(kept)

    def _row(self, pathway: str, option: Option, audience: Audience, numbering: dict[str, int]) -> OptionRow:
        """Returns the option at a glance; a cell whose brief its statements do not support is left empty and logged."""
        cells = {}
        for column, name in option.glance:
            if not name or (reasons := self._doubts(pathway, name, option.option, audience)):
                if name:
                    _log.error("left out brief %s of %s: %s", name, option.option, "; ".join(reasons))
                continue
            brief = self.corpus.pathways[pathway].briefs[name]
            keys = dict.fromkeys(key for i in brief.statements for key in self.corpus.statements[i].citations)
            numbers = tuple(numbering.setdefault(key, len(numbering) + 1) for key in keys)
            cells[column] = Sentence(text=brief.wording(audience), statements=brief.statements, citations=numbers)
        return OptionRow(option=option.option, standing=option.standing, **cells)

    def _judged(self, pathway: str, name: str, option: str, audience: Audience) -> tuple[str, ...]:
        """Returns why the brief, said of the option's drugs, is not supported by its statements.

        What rests on several statements is judged part by part (parts end with a semicolon): statements are not added up.
        """
        brief = self.corpus.pathways[pathway].briefs[name]
        statements = [self.corpus.statements[i] for i in brief.statements]
        drugs = [self.lexicon.terms[d].name for d in self.lexicon.of(option, "drug")]
        parts = brief.wording(audience).split("; ") if len(statements) > 1 else [brief.wording(audience)]
        verdicts = [self.verifier.verify(f"{listed(drugs) if drugs else option}: {part}", statements) for part in parts]
        return tuple(reason for v in verdicts for reason in v.reasons)

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


def _counted(reworded: Reworded) -> Wording:
    return Wording(
        model=len(reworded.wordings),
        unchanged=len(reworded.unchanged),
        replaced=len(reworded.replaced),
        problem=reworded.problem,
    )
