"""Decision and passages to sections of curated statements: what was asked first; abstains when nothing is left to say."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, log
from types import MappingProxyType

from assistant.answer import Cause, Decision, Outcome
from assistant.lexicon import Lexicon, listed
from assistant.pathway import holds
from assistant.retrieval import Passage
from assistant.understand import Understanding
from ingest.content import Audience, Corpus, Option, Part, Pathway, Premise, Statement
from ingest.coverage import holes
from ingest.phrases import SMALL, tokenise

BOTTOM_LINE = "Bottom line"
MOST = 4
MOST_EACH = 3
MOST_DIFFERENCES = 2
LEAST_SURE = 0.34
ALIKE = 0.68
_NEAR = 0.55
_LIKELY, _SURE = 0.6, 0.7
_STEM = 6
_SPOKEN = 0.6  # where a statement speaks of so much of what is asked, those that speak of less than half as much are beside the point
_ASIDE = 2  # so many words that are not understood may stand in a question on "my tablets" that only lacks their name

_NAMES = frozenset({"drug", "class", "gene", "disease", "trial"})
_SILENT = frozenset({"intent", "aside", "common", "source"})


@dataclass(frozen=True)
class Draft:
    """An answer before its sentences are verified and its references numbered.

    Attributes:
        sections: (title, statements) in reading order.
        cause: why there is no answer, none yet, or two.
        subjects: vocabulary ids of the drugs the answer is about, for follow-ups.
        options: those the sections are about, to be shown at a glance.
        sureness: how surely what was found answers (0 to 1); None where nothing was searched for.
    """

    outcome: Outcome
    message: str | None = None
    cause: Cause | None = None
    premises: tuple[Statement, ...] = ()
    sections: tuple[tuple[str, tuple[Statement, ...]], ...] = ()
    follow_ups: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    sureness: float | None = None


class Composer:
    """Composes drafts; built once from a corpus and its lexicon."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        self._corpus, self._lexicon = corpus, lexicon
        self._covered = {t for p in corpus.pathways.values() for t in p.applies_to}
        self._genes = {t for t in self._covered if t in corpus.vocabulary and corpus.vocabulary[t].category == "gene"}
        self._drivers = {d.id: self._genes & set(d.topics) for d in corpus.documents.values()}
        self._chosen = {i for p in corpus.pathways.values() for i in _named_by(p)}
        self._stems: dict[str, set[str]] = {}
        self._drugs_named: dict[str, set[str]] = {}
        self._main = self._genes - {t for tagged in self._drivers.values() for t in tagged}

    def compose(
        self,
        u: Understanding,
        decision: Decision | None,
        usual: Decision | None,
        passages: list[Passage],
        audience: Audience,
        likely: Mapping[str, float] = MappingProxyType({}),
    ) -> Draft:
        """Returns the draft for an understanding.

        `decision` is where the patient stands; `usual` the decision for the pathway's usual case, shown while facts
        are missing; `passages` what retrieval found for the standalone question; `likely` the statements on the subject it
        is likely about, with how likely (0 to 1).
        """
        if u.danger.urgent:
            return Draft("urgent", u.danger.urgent.message)
        if not u.question.strip() or not any(c.isalnum() for c in u.standalone):
            return Draft("abstained", self._text("empty-question"), "missing_fact")
        cause = self._out_of_bounds(u)
        # Of a question that is not ours only cues tell: what was learned knows no other subjects.
        premises = self._premises(u, u.judgement.by_cue if cause == "out_of_scope" else u.premises)
        if cause and not premises:
            return self._abstained(u, cause, passages)
        if u.broad and decision:
            return self._course(u, decision, usual, premises, audience)
        chosen, sureness = ([], None) if cause else self._select(u, passages, decision, likely)
        if not chosen and u.described and decision and not cause:
            return self._course(u, decision, usual, premises, audience)
        if not chosen and not premises:
            return replace(self._abstained(u, "not_in_corpus", passages), sureness=sureness)
        sections = self._grouped([s for s in chosen if s.id not in {p.id for p in premises}])
        differences = self._differences([*premises, *chosen], set(u.of("drug")))
        apart = {s.id for _, statements in differences for s in statements}
        sections = tuple((t, left) for t, statements in sections if (left := tuple(s for s in statements if s.id not in apart)))
        differ = "conflicting_sources" if differences and not sections else None
        found = Draft("answered", None, differ, premises, sections + differences, self._next_questions(u), self._subjects(u, chosen))
        return replace(found, sureness=sureness)

    def _text(self, id: str) -> str:
        return self._corpus.texts[id].body

    def _abstained(self, u: Understanding, cause: Cause, passages: list[Passage]) -> Draft:
        """Returns the draft that names the cause, says what is covered, and offers the nearest questions that can be answered."""
        if cause == "missing_fact":
            asked = u.standalone.strip().rstrip(" ?.!")
            drugs = [self._lexicon.terms[d].name for d in self._drugs_with(set(u.of("topic")))]
            return Draft(
                "abstained", self._text("missing-medicine"), cause, follow_ups=tuple(f"{d.capitalize()}: {asked}?" for d in drugs[:6])
            )
        parts = [*(self._holes(u) if cause == "not_in_corpus" else ()), *self._reasons(u, cause), self._text("coverage")]
        return Draft("abstained", "\n\n".join(parts), cause, follow_ups=self._nearest(u, passages))

    def _reasons(self, u: Understanding, cause: Cause) -> list[str]:
        """Returns the texts that say why: those on the subject named that is outside, or on the name that is not held."""
        if cause == "not_in_corpus":
            unknown = [m.surface for m in self._lexicon.find(u.standalone) if m.category == "unknown"]
            name = "abstained-unknown" if unknown else "abstained-not-covered"
            return [self._text(name).format(names=listed(list(dict.fromkeys(unknown)))) if unknown else self._text(name)]
        special = [t for term in u.of("outside") if (t := f"abstained-outside-{term}") in self._corpus.texts]
        return [self._text(t) for t in special[:1] or ["abstained-outside"]]

    def _nearest(self, u: Understanding, passages: list[Passage]) -> tuple[str, ...]:
        """Returns up to three questions the corpus can answer that are near: on what was named, in the order of what was found."""
        drugs, found = set(u.of("drug")), (self._corpus.statements[p.statement] for p in passages)
        near = (self._question(d, t) for s in found for d in s.topics if d in drugs for t in s.topics if self._is(t, "topic"))
        return tuple(dict.fromkeys(near))[:3] or suggestions(self._corpus)

    def _question(self, drug: str, topic: str) -> str:
        return f"{self._lexicon.terms[drug].name.capitalize()}: {self._lexicon.terms[topic].name}?"

    def _drugs_with(self, topics: set[str]) -> list[str]:
        """Returns the drugs, those of the first pathway first, on which a statement on one of the topics is held."""
        held = {t for s in self._corpus.statements.values() if topics & set(s.topics) for t in s.topics}
        order = dict.fromkeys(t for p in self._corpus.pathways.values() for t in p.applies_to)
        return [t for t in order if t in held and self._is(t, "drug")]

    def _holes(self, u: Understanding) -> list[str]:
        """Returns the declared reasons why nothing is held on the drugs and topics asked about."""
        return [r for d in u.of("drug", "gene") for t in u.of("topic") for r in holes(self._corpus, d, t)]

    def _premises(self, u: Understanding, premises: tuple[Premise, ...]) -> tuple[Statement, ...]:
        """Returns the statements that correct these premises; of a premise about several drugs those about the drugs named."""
        drugs, found = set(u.of("drug")), []
        for premise in premises:
            statements = [self._corpus.statements[i] for i in premise.statements]
            found += [s for s in statements if not self._of_others(s, drugs)] or statements
        return tuple(_once(found))

    def _of_others(self, s: Statement, drugs: Set[str]) -> bool:
        """Whether drugs are asked about and the statement names only others."""
        if not drugs:
            return False
        if s.id not in self._drugs_named:
            self._drugs_named[s.id] = set(self._lexicon.of(s.text, "drug"))
        named = self._drugs_named[s.id]
        return bool(named) and not named & drugs

    def _out_of_bounds(self, u: Understanding) -> Cause | None:
        """Returns why the question cannot be ours, or None.

        Out of scope: another disease or organ is named (one that no drug asked about is known to touch), or nothing of this
        field. Not in the corpus: a name it does not hold, or only genes that no pathway is about. A missing fact: only topics
        of medicines are named, and no medicine.
        """
        if u.of("outside") or self._foreign(u):
            return "out_of_scope"
        if u.of("unknown"):
            return "not_in_corpus"
        if not (u.pathway or u.of("drug", "class", "gene", "disease", "trial", "field")):
            understood = u.other <= (_ASIDE if u.of("common") else 0)
            return "missing_fact" if understood and self._drugs_with(set(u.of("topic"))) else "out_of_scope"
        genes = set(u.of("gene"))
        if genes and not (genes | set(u.of("drug", "class"))) & self._covered and not self._elsewhere(u):
            return "not_in_corpus"
        return None

    def _foreign(self, u: Understanding) -> bool:
        """Whether another disease is named that no statement on a drug asked about names."""
        return any(not self._held(set(u.of("drug")), {t}) for t in u.of("condition"))

    def _elsewhere(self, u: Understanding) -> set[str]:
        """Returns the diseases named that no pathway is about; only statements about them may answer."""
        return set(u.of("disease")) - self._covered

    def _of_driver(self, u: Understanding, s: Statement, about: frozenset[str]) -> bool:
        """Whether the statement concerns the drivers asked about: those named, or those of the pathway that applies.

        A document tagged with no driver is about the corpus's main ones, which no document needs to name.
        """
        pathway = self._corpus.pathways.get(u.pathway or "")
        wanted = set(u.of("gene")) & self._genes or (self._genes & set(pathway.applies_to) if pathway else set())
        return not wanted or bool(wanted & ((self._drivers[s.document] or self._main) | about))

    def _select(
        self, u: Understanding, passages: list[Passage], decision: Decision | None, likely: Mapping[str, float]
    ) -> tuple[list[Statement], float]:
        """Returns the statements that answer a specific question, best first, none when an entity it names is not covered, and how surely."""
        statements = self._corpus.statements
        subjects = set(u.of("drug"))
        classes, trials, topics = set(u.of("class")), set(u.of("trial")), set(u.of("topic"))
        genes, elsewhere = set(u.of("gene")) - self._covered, self._elsewhere(u)
        if subjects and topics and not self._held(subjects, topics):
            return [], 0.0
        scored, asked, wanted, most = [], self._asked(u.query), _figures(u.standalone), 0.0
        likely = {i: p for i, p in likely.items() if self._of_driver(u, statements[i], frozenset())}
        found = {p.statement for p in passages}
        for p in (*passages, *(Passage(i, statements[i].text, 0.0, 0.0, len(passages)) for i in likely if i not in found)):
            s = statements[p.statement]
            about = self._lexicon.of_statement(s)
            if (subjects and not about & subjects) or (trials and not about & trials) or (genes and not about & genes):
                continue
            if (classes and not subjects and not about & classes) or (elsewhere and not about & elsewhere):
                continue
            if (u.of("gene") or not subjects) and not self._of_driver(u, s, about):
                continue
            covered = self._coverage(asked, s, about)
            hits = min(len(about & topics), 2)
            if not (hits or covered or p.similarity >= ALIKE or s.id in likely):
                continue
            beside = sum(self._is(t, "topic") for t in set(s.topics) - topics)
            figures = len(wanted & _figures(s.text)) if wanted else 0
            weight = (
                0.15 * hits + 0.6 * covered + 0.8 * figures + 0.1 * (s.id in self._chosen) - 0.04 * beside + _LIKELY * likely.get(s.id, 0)
            )
            sure = _confidence(p.similarity, covered, bool(hits))
            most = max(most, covered)
            kept = 1.0 if hits or s.id in likely else covered
            scored.append((p.score + weight, max(sure, _SURE if s.id in likely else 0), s, kept))
        scored = [(score, sure, s) for score, sure, s, kept in scored if most < _SPOKEN or kept >= most / 2]
        scored.sort(key=lambda x: (-x[0], x[2].id))
        held = topics & {t for *_, s in scored for t in self._lexicon.of_statement(s)}
        sureness = max((c for _, c, _ in scored[:MOST]), default=0.0)
        if not scored or sureness < LEAST_SURE or (not held and self._holes(u)):
            return [], sureness
        top = scored[0][0]
        chosen = [s for score, _, s in scored if score >= _NEAR * top]
        chosen = _once(self._current(s) for s in chosen if not self._contradicts(s, decision))
        if len(subjects) > 1:
            comparing = [s for s in chosen if subjects <= self._lexicon.of_statement(s)]
            if comparing:
                return comparing[:MOST], sureness
            return _once(s for d in u.of("drug") for s in [c for c in chosen if d in self._lexicon.of_statement(c)][:MOST_EACH]), sureness
        return chosen[: MOST + 2 if trials and not topics else MOST], sureness

    def _held(self, drugs: set[str], topics: set[str]) -> bool:
        """Whether any statement is about one of the drugs and one of the topics (or other terms)."""
        return any(drugs & about and topics & about for about in map(self._lexicon.of_statement, self._corpus.statements.values()))

    def _asked(self, text: str) -> list[tuple[str, frozenset[str], float]]:
        """Returns the words that say what is asked, as stems, each with the topics it is part of the name of, and its rarity.

        Of words that name nothing else; who asks, courtesies and the common words for treatment say nothing of what is asked.
        """
        mentions, words = self._lexicon.find(text), tokenise(text)
        silent = {i for m in mentions if m.category in _NAMES | _SILENT for i in range(m.first, m.last)}
        topics = [{m.term for m in mentions if m.category == "topic" and m.first <= i < m.last} for i in range(len(words))]
        kept = (i for i, w in enumerate(words) if (topics[i] or i not in silent) and w.word not in SMALL and not w.word[0].isdigit())
        return [(stem := words[i].word[:_STEM], frozenset(topics[i]), self._rarity(stem)) for i in kept]

    def _coverage(self, asked: list[tuple[str, frozenset[str], float]], s: Statement, about: frozenset[str]) -> float:
        """Returns how much of what is asked the statement speaks of (0 to 1), a rare word counting more; 1 where nothing is asked in words."""
        held = sum(rarity for stem, topics, rarity in asked if stem in self._stems_of(s) or topics & about)
        return held / sum(rarity for *_, rarity in asked) if asked else 1.0

    def _rarity(self, stem: str) -> float:
        """Returns the inverse document frequency of a stem: the logarithm of statements per statement that holds it, at least half of one."""
        return log(len(self._corpus.statements) / (self._frequencies[stem] or 0.5))

    @cached_property
    def _frequencies(self) -> Counter[str]:
        return Counter(stem for s in self._corpus.statements.values() for stem in self._stems_of(s))

    def _stems_of(self, s: Statement) -> set[str]:
        """Returns the stems of a statement and its heading."""
        if s.id not in self._stems:
            self._stems[s.id] = {w.word[:_STEM] for w in tokenise(f"{s.section} {s.text} {s.plain}")}
        return self._stems[s.id]

    def _is(self, term: str, category: str) -> bool:
        return term in self._lexicon.terms and self._lexicon.terms[term].category == category

    def _current(self, s: Statement) -> Statement:
        seen = {s.id}
        while s.superseded_by and s.superseded_by not in seen:
            seen.add(s.superseded_by)
            s = self._corpus.statements[s.superseded_by]
        return s

    def _contradicts(self, s: Statement, decision: Decision | None) -> bool:
        """Whether the statement recommends, to this patient, what the decision rules out."""
        if decision is None or s.kind != "recommendation":
            return False
        about = self._lexicon.of_statement(s)
        return any(
            s.id not in r.statements and (named := set(self._lexicon.of(r.option, "drug", "class"))) and named <= about
            for r in decision.ruled_out
        )

    def _grouped(self, chosen: list[Statement]) -> tuple[tuple[str, tuple[Statement, ...]], ...]:
        groups: dict[str, list[Statement]] = {}
        for s in chosen:
            groups.setdefault(f"{self._corpus.documents[s.document].title}: {_lower_first(s.section)}", []).append(s)
        return tuple((title, tuple(group)) for title, group in groups.items())

    def _differences(self, shown: Iterable[Statement], drugs: Set[str] = frozenset()) -> tuple[tuple[str, tuple[Statement, ...]], ...]:
        """Returns a section for each question on which sources differ and of which a side is shown: all sides, side by side.

        At most so many, those first of which most sides are shown; where `drugs` are asked about, a side about other drugs only does not count.
        """
        ids = {s.id for s in shown if not self._of_others(s, drugs)}
        touched = sorted(
            (d for d in self._corpus.differences.values() if ids & set(d.statements)), key=lambda d: -len(ids & set(d.statements))
        )
        return tuple(
            (f"Sources differ: {d.title}", tuple(self._corpus.statements[i] for i in d.statements)) for d in touched[:MOST_DIFFERENCES]
        )

    def _course(
        self, u: Understanding, decision: Decision, usual: Decision | None, premises: tuple[Statement, ...], audience: Audience
    ) -> Draft:
        """Returns the draft for a question about the course of action: bottom line, options, ruled out, what follows."""
        pathway = self._corpus.pathways[decision.pathway]
        shown = decision if decision.node else usual
        sections: list[tuple[str, tuple[str, ...]]] = []
        if shown and shown.node:
            node = pathway.nodes[shown.node]
            sections.append((BOTTOM_LINE, node.summary))
            sections += [(n.title, n.statements) for n in _true(pathway.notes, decision.state)]
            case = "" if decision.node else " in the usual case"
            name = ("Option" if audience == "clinician" else "An option doctors may discuss") + case
            sections += [(f"{name}: {o.option} ({o.standing})", o.statements) for o in shown.options]
            sections += [(f"Not recommended{case}: {r.option}", r.statements) for r in shown.ruled_out]
            sections += [(p.title, p.statements) for p in node.parts if holds(p.when, shown.state) is True]
        if not decision.node and len(decision.state) <= 1:
            sections += [(p.title, p.statements) for p in pathway.overview]
        resolved = self._resolved(sections, skip={s.id for s in premises})
        named = {
            *(pathway.nodes[shown.node].summary if shown and shown.node else ()),
            *(i for r in decision.ruled_out for i in r.statements),
        }
        resolved += self._differences(s for _, statements in resolved for s in statements if s.id in named)
        follow_ups = pathway.nodes[decision.node].follow_ups if decision.node else pathway.follow_ups
        options = [t for o in (shown.options if shown else ()) for t in self._lexicon.of(o.option, "drug")]
        return Draft(
            outcome="answered" if decision.node else "needs_information",
            cause=None if decision.node else "conflicting_facts" if u.conflicts else "missing_fact",
            premises=premises,
            sections=resolved,
            options=pathway.nodes[shown.node].options if shown and shown.node else (),
            follow_ups=follow_ups or pathway.follow_ups,
            subjects=u.of("drug")
            if u.of("drug") and (not decision.node or set(u.of("drug")) & set(options))
            else tuple(dict.fromkeys(options))[:3],
        )

    def _resolved(self, sections: list[tuple[str, tuple[str, ...]]], skip: set[str]):
        """Returns the sections with their statements; a statement is shown once, where it comes first."""
        seen, resolved = set(skip), []
        for title, ids in sections:
            fresh = [self._corpus.statements[i] for i in dict.fromkeys(ids) if i not in seen]
            seen |= set(ids)
            if fresh:
                resolved.append((title, tuple(fresh)))
        return tuple(resolved)

    def _subjects(self, u: Understanding, chosen: list[Statement]) -> tuple[str, ...]:
        if u.of("drug"):
            return u.of("drug")
        named = [t for s in chosen[:1] for t in self._lexicon.of(s.text, "drug")]
        return tuple(dict.fromkeys(named))[:3]

    def _next_questions(self, u: Understanding) -> tuple[str, ...]:
        """Returns up to three questions the corpus can answer next: other topics of the same drug."""
        asked = set(u.of("topic"))
        out = []
        for drug in u.of("drug")[:1]:
            for term in self._lexicon.terms.values():
                if term.category == "topic" and term.id not in asked and term.id in self._topics.get(drug, ()):
                    out.append(self._question(drug, term.id))
        pathway = self._corpus.pathways.get(u.pathway or "")
        return tuple(out[:3]) or (pathway.follow_ups[:3] if pathway else ())

    @cached_property
    def _topics(self) -> dict[str, set[str]]:
        """Returns drug -> the topics on which a statement tagged with it speaks."""
        tagged: dict[str, set[str]] = {}
        for s in self._corpus.statements.values():
            for t in s.topics:
                tagged.setdefault(t, set()).update(s.topics)
        return tagged


def suggestions(corpus: Corpus) -> tuple[str, ...]:
    """Returns up to three questions the corpus can answer, for a first page or after an abstention."""
    return tuple(dict.fromkeys(q for p in corpus.pathways.values() for q in p.follow_ups))[:3]


def _named_by(pathway: Pathway) -> set[str]:
    """Returns the statements a pathway names for its options, its bottom lines and what it rules out: the curators' first choice."""
    nodes = pathway.nodes.values()
    options = [i for n in nodes for o in n.options for i in o.statements] + [i for n in nodes for i in n.summary]
    return {*options, *(i for r in pathway.rule_out for i in r.statements)}


def _confidence(similarity: float, coverage: float, topic: bool) -> float:
    """Returns how surely a passage answers (0 to 1): by its similarity, how much of what is asked it speaks of, and a shared topic.

    A logistic regression on the development split of the question set `held`; the least that is answered refuses 5% of what the
    development splits of the other sets say is held.
    """
    return 1 / (1 + exp(5.1 - 6.5 * similarity - 4.0 * coverage - 0.8 * topic))


def _once(statements: Iterable[Statement]) -> list[Statement]:
    return list({s.id: s for s in statements}.values())


def _figures(text: str) -> set[str]:
    """Returns the decimal numbers of the text: a reader who names one asks about it."""
    return {w.word for w in tokenise(text) if "." in w.word}


def _true(parts: tuple[Part, ...], state: dict[str, str]) -> list[Part]:
    return [p for p in parts if holds(p.when, state) is True]


def _lower_first(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
