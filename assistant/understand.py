"""A question and the turns before it to an `Understanding`: what is asked, of whom, with which facts, on which premise."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

from assistant.alarm import Alarm, Danger, Scores
from assistant.context import Context, Sentence
from assistant.followups import FollowUps, Turn
from assistant.lexicon import Lexicon, Mention, squash
from assistant.patient import Facts, Patients
from assistant.premises import Judgement, Premises
from ingest.content import Corpus, Pathway, Premise
from ingest.phrases import SMALL, normalise, sentences, tokenise
from ingest.triage import ASSUMED, DANGERS, PREMISES

_NEW = re.compile(r"\b(new|another|different|next) (patient|pt|case|person)\b", re.IGNORECASE)
_PLUS = re.compile(r"(?<=[A-Za-z0-9])\+(?![A-Za-z0-9])")
_MINUS = re.compile(r"(?<=[A-Z][A-Z0-9])-(?=[/,;.)]|$| (?!or\b|and\b))")
_DECISIVE = ("gene", "drug", "class", "disease")
_FACTUAL = ("topic", "source")
_OTHER = 2  # so many words beside facts, names and small words make a question of their own
_COURSE = 3  # so many facts in one turn describe a patient's course: few messages of danger state as many
_SHORTEST_REPORT = 12  # words: so few, with nobody in them, report nothing that happened
_SOMEBODY = frozenset("i me my we us our he him his she her they them their you your".split())
_DENIED = {"negated", "absent"}
_JOINING = (["and"], ["or"], ["nor"])


@dataclass(frozen=True)
class _Asked:
    """What is asked apart from the facts stated: in a question, with its mark, of a topic, of treatment, in how many
    other words."""

    question: bool
    marked: bool
    topic: bool
    course: bool
    other: int


@dataclass(frozen=True)
class Understanding:
    """What a question was taken to mean.

    Attributes:
        standalone: the question with its references to earlier turns resolved.
        query: the same without what says nothing of what is asked (who asks, of whom, courtesies): what is searched for.
        terms: vocabulary ids named in the standalone question, by category.
        state: pathway variable -> value, from this turn, earlier turns and explicit settings.
        origins: variable -> number of the turn that gave it (1 = first; 0 = set explicitly).
        conflicts: variables given two different values in this turn; they stay unknown.
        pathway: id of the pathway that applies, or None.
        broad: whether the course of action is asked, rather than one fact.
        described: whether this turn states two facts or more of a patient.
        judgement: the false premises it rests on, and the subject it is likely about.
        other: number of words of the question that are neither small words nor understood.
    """

    question: str
    standalone: str
    query: str
    terms: dict[str, tuple[str, ...]]
    state: dict[str, str]
    origins: dict[str, int]
    conflicts: tuple[str, ...]
    judgement: Judgement
    danger: Danger
    pathway: str | None
    broad: bool
    described: bool
    other: int

    @property
    def premises(self) -> tuple[Premise, ...]:
        """Returns the false premises the question rests on."""
        return self.judgement.premises

    def of(self, *categories: str) -> tuple[str, ...]:
        """Returns the named terms of these categories, in order."""
        return tuple(t for c in categories for t in self.terms.get(c, ()))


class Reader:
    """Understands questions; built once from a corpus."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon, learned: Mapping[str, Scores] = MappingProxyType({})):
        """`learned` are the models of `ingest/triage.py` by name: what gives the probability of each of their labels for a text."""
        self._corpus, self._lexicon = corpus, lexicon
        self._followups = FollowUps(corpus, lexicon)
        self._alarm = Alarm(corpus, lexicon, learned.get(DANGERS))
        self._premises = Premises(corpus, learned.get(PREMISES), learned.get(ASSUMED))
        self._treatments = {t for p in corpus.pathways.values() for t in p.applies_to}
        self._patients, self._context = Patients(corpus, lexicon), Context(corpus.context)

    def understand(self, question: str, earlier: tuple[Turn, ...] = (), settings: dict[str, str] | None = None) -> Understanding:
        """Returns the understanding of the question after the earlier turns; `settings` are explicit state values.

        Raises:
            ValueError: a setting names a variable or value that no pathway has.
        """
        text = _MINUS.sub(" negative", _PLUS.sub(" positive", normalise(question)))
        if starts_anew(text):
            earlier = self._followups.of_another(text, earlier)
        resolved = self._followups.resolve(text, earlier)
        standalone, read = resolved.standalone, "" if resolved.part else resolved.read
        mentions = self._lexicon.find(standalone)
        terms: dict[str, list[str]] = {}
        for m in mentions:
            if m.term not in terms.setdefault(m.category, []):
                terms[m.category].append(m.term)
        pathway = self._pathway(terms, mentions, standalone, earlier, settings)
        facts = Facts()
        if pathway:
            last = earlier[-1] if earlier and earlier[-1].pathway in (None, pathway.id) else None
            before = Facts(last.state, last.origins) if last else None
            facts = self._patients.facts(pathway, read, len(earlier) + 1, before, settings, "" if resolved.part else resolved.pronoun)
        said = self._lexicon.find(read)
        if standalone == squash(resolved.read):
            terms["drug"] = self._asked_about(terms.get("drug", []), [m for m in said if m.category == "drug"], facts.words)
        asked = self._asked(read, said, facts)
        new = [n for n, turn in facts.origins.items() if turn == len(earlier) + 1]
        for category in ("outside", "condition"):
            of_patient = {m.term for m in said if m.category == category and set(range(m.first, m.last)) <= facts.words}
            terms[category] = [t for t in terms.get(category, []) if t not in of_patient]
        query = self._lexicon.without(standalone, "aside")
        return Understanding(
            question=question,
            standalone=standalone,
            query=query,
            terms={c: tuple(t) for c, t in terms.items()},
            state=facts.state,
            origins=facts.origins,
            conflicts=facts.conflicts,
            judgement=self._premises.judge(standalone, query),
            danger=self._alarm.danger(text, described=len(new) >= _COURSE, bare=_bare(read, said, asked)),
            pathway=pathway.id if pathway else None,
            described=len(new) >= 2,
            other=asked.other,
            broad=bool(pathway)
            and not resolved.part
            and _broad(asked, bool(terms.get("intent")), len(new), bool(earlier), bool(terms.get("drug"))),
        )

    def _asked_about(self, drugs: list[str], mentions: Sequence[Mention], used: Set[int]) -> list[str]:
        """Returns the drugs the question is about: those named outside the words that state the patient's history, or all.

        All also where none of those is a drug of a pathway: another medicine is asked about beside the one that is taken.
        """
        outside = {m.term for m in mentions if not set(range(m.first, m.last)) <= used}
        asked = [d for d in drugs if d in outside]
        return asked if set(asked) & self._treatments else drugs

    def _asked(self, text: str, mentions: Sequence[Mention], facts: Facts) -> _Asked:
        """Returns what the question asks apart from the facts it states: the words of its question, if it has one, else of all of it.

        The question is what ends in a question mark, after a colon; where nothing does, a last sentence that asks for treatment.
        """
        parts, at = [], 0
        for sentence in sentences(text):
            n = len(tokenise(sentence))
            head = len(tokenise(sentence.rpartition(":")[0]))
            parts.append((range(at + head, at + n) if head < n else range(at, at + n), sentence.endswith("?")))
            at += n
        course = _words(mentions, "intent", "common") - _words(mentions, "form")
        words = [w.word for w in tokenise(text)]
        questions = [r for r, question in parts if question] or [r for r, _ in parts[-1:] if course & set(r)]
        within = {i for r in questions for i in r} if questions else set(range(len(words)))
        intents = [m for m in mentions if m.category == "intent"]
        topics = any(
            m.category in _FACTUAL and set(range(m.first, m.last)) & within - facts.hiding and not any(_part_of(m, i) for i in intents)
            for m in mentions
        )
        known = {i for m in mentions for i in range(m.first, m.last)} | facts.words
        left = sum(words[i] not in SMALL and not words[i][0].isdigit() for i in within - known)
        return _Asked(bool(questions), any(question for _, question in parts), topics, bool(course & within), left)

    def _pathway(self, terms: dict[str, list[str]], mentions: Sequence[Mention], text: str, earlier, settings) -> Pathway | None:
        """Returns the pathway whose drivers and drugs the question names; on a tie that of the last turn, then the more general match.

        None when nothing of a pathway is named or set, or when a disease is named that no pathway is about.
        """
        pathways = self._corpus.pathways.values()
        if set(terms.get("disease", ())) - {t for p in pathways for t in p.applies_to}:
            return None
        sentence = Sentence(text)
        denied = self._denied([m for m in mentions if m.category == "gene"], sentence)
        named = {t for group in terms.values() for t in group}
        drivers = {t for c in _DECISIVE for t in terms.get(c, ())}
        if drivers - denied:
            drivers -= denied
        before = next((t.pathway for t in reversed(earlier) if t.pathway), None)
        ranked = sorted(
            pathways,
            key=lambda p: (
                -len(drivers & set(p.applies_to)),
                not (settings and set(settings) <= set(p.variables)),
                p.id != before,
                -len(named & set(p.applies_to)),
                p.id,
            ),
        )
        if not ranked:
            return None
        best = ranked[0]
        relevant = named & set(best.applies_to) or (settings and set(settings) <= set(best.variables)) or best.id == before
        return best if relevant else None

    def _denied(self, genes: Sequence[Mention], sentence: Sentence) -> set[str]:
        """Returns the genes denied: by a word right before or after, or as items of a list that is ("ALK, EGFR and ROS1 negative")."""
        denied: set[str] = set()
        following, joined = None, False
        for m in reversed(genes):
            between = sentence.words[m.last : following.first] if following else [""]
            joined = (joined and not between) or (following is not None and following.term in denied and between in _JOINING)
            if joined or self._context.of(sentence, m.first, m.last, 0, 1) & _DENIED:
                denied.add(m.term)
            joined = joined and sentence.words[genes[-1].last : genes[-1].last + 1] != ["both"]
            following = m
        return denied


def starts_anew(text: str) -> bool:
    """Returns whether a text turns to another patient: then nothing said before is meant."""
    return bool(_NEW.search(text))


def _bare(text: str, said: Sequence[Mention], asked: _Asked) -> bool:
    """Whether a text names two medicines or topics and, one word apart, nothing else: no person, no number, no event."""
    words = [t.word for t in tokenise(text)]
    names = [m for m in said if m.category in ("drug", "class", "topic")]
    return (
        len(names) >= 2 and asked.other <= 1 and len(words) <= _SHORTEST_REPORT and not any(w in _SOMEBODY or w[0].isdigit() for w in words)
    )


def _words(mentions: Sequence[Mention], *categories: str) -> set[int]:
    """Returns the numbers of the words that mentions of these categories take."""
    return {i for m in mentions if m.category in categories for i in range(m.first, m.last)}


def _part_of(topic: Mention, intent: Mention) -> bool:
    """Whether a topic is named only as part of what asks for the course of action ("instead of chemotherapy")."""
    return intent.first <= topic.first and topic.last <= intent.last and intent.last - intent.first > topic.last - topic.first


def _broad(asked: _Asked, intent: bool, stated: int, later: bool, drug: bool) -> bool:
    """Whether the course of action is asked: in words, by describing a patient, or by adding a fact in a later turn.

    A named topic, a question in other words, or a drug with nothing said of a patient, makes it a specific question, unless
    a whole patient is described.
    """
    if asked.topic:
        return stated >= 3 and (intent or not asked.question)
    described = stated >= 2 or (later and stated >= 1)
    if asked.course:
        return intent or (asked.other < (_OTHER if asked.marked else 2 * _OTHER) and bool(stated or later or not drug))
    return intent or (described and not (asked.question and asked.other >= _OTHER))
