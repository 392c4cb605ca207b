"""A question and the turns before it to an `Understanding`: what is asked, of whom, with which facts, on which premise."""

import re
from collections.abc import Set
from dataclasses import dataclass, field

from assistant.alarm import Alarm, Danger, Scores
from assistant.context import Context, Sentence
from assistant.lexicon import Lexicon, Mention, listed, squash
from assistant.patient import Facts, Patients
from assistant.premises import Premises
from ingest.content import Corpus, Pathway, Premise
from ingest.phrases import normalise, tokenise

_PRONOUN = re.compile(
    r"\b(its|it|that drug|this drug|the drug|that one|this one|them|they|their|those|these|that|this)\b(?! (?:week|month|year|morning|afternoon|evening|time|patient|man|woman|lady|trial|study))",
    re.IGNORECASE,
)
_POSSESSIVE = {"its", "their"}
_ELLIPSIS = re.compile(r"^\s*(and|or|what about|how about|also|then|but|ok|okay|why|how so|for how long|w/|with)\b", re.IGNORECASE)
_NEW = re.compile(r"\b(new|another|different|next) (patient|case|person)\b", re.IGNORECASE)
_PLUS = re.compile(r"(?<=[A-Za-z0-9])\+(?![A-Za-z0-9])")
_SUBJECTS = ("drug", "class")
_DECISIVE = ("gene", "drug", "class", "disease")
_DENIED = {"negated", "absent"}


@dataclass(frozen=True)
class Turn:
    """An earlier turn: what was asked, what it was taken to mean, the facts known after it, the drugs and the pathway it was about."""

    question: str
    standalone: str
    state: dict[str, str] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    pathway: str | None = None


@dataclass(frozen=True)
class Understanding:
    """What a question was taken to mean.

    Attributes:
        standalone: the question with its references to earlier turns resolved.
        terms: vocabulary ids named in the standalone question, by category.
        state: pathway variable -> value, from this turn, earlier turns and explicit settings.
        origins: variable -> number of the turn that gave it (1 = first; 0 = set explicitly).
        conflicts: variables given two different values in this turn; they stay unknown.
        pathway: id of the pathway that applies, or None.
        broad: whether the course of action is asked, rather than one fact.
    """

    question: str
    standalone: str
    terms: dict[str, tuple[str, ...]]
    state: dict[str, str]
    origins: dict[str, int]
    conflicts: tuple[str, ...]
    premises: tuple[Premise, ...]
    danger: Danger
    pathway: str | None
    broad: bool

    def of(self, *categories: str) -> tuple[str, ...]:
        """Returns the named terms of these categories, in order."""
        return tuple(t for c in categories for t in self.terms.get(c, ()))


class Reader:
    """Understands questions; built once from a corpus."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon, scores: Scores | None = None):
        """`scores` gives the probability of each danger in a text (`assistant/alarm.py`)."""
        self._corpus, self._lexicon = corpus, lexicon
        self._alarm = Alarm(corpus, lexicon, scores)
        self._premises = Premises(corpus)
        self._treatments = {t for p in corpus.pathways.values() for t in p.applies_to}
        self._patients, self._context = Patients(corpus, lexicon), Context(corpus.context)

    def understand(self, question: str, earlier: tuple[Turn, ...] = (), settings: dict[str, str] | None = None) -> Understanding:
        """Returns the understanding of the question after the earlier turns; `settings` are explicit state values.

        Raises:
            ValueError: a setting names a variable or value that no pathway has.
        """
        text = _PLUS.sub(" positive", normalise(question))
        if _NEW.search(text):
            earlier = ()
        standalone, read, resolved = self._standalone(text, earlier)
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
            facts = self._patients.facts(pathway, read, len(earlier) + 1, before, settings, resolved)
        if standalone == squash(read):
            terms["drug"] = self._asked_about(
                terms.get("drug", []), [m for m in self._lexicon.find(read) if m.category == "drug"], facts.words
            )
        said = self._lexicon.find(read)
        topics = [m for m in said if m.category == "topic" and not set(range(m.first, m.last)) & facts.words]
        of_patient = {m.term for m in said if m.category == "outside" and set(range(m.first, m.last)) <= facts.words}
        terms["outside"] = [t for t in terms.get("outside", []) if t not in of_patient]
        return Understanding(
            question=question,
            standalone=standalone,
            terms={c: tuple(t) for c, t in terms.items()},
            state=facts.state,
            origins=facts.origins,
            conflicts=facts.conflicts,
            premises=self._premises.of(standalone),
            danger=self._alarm.danger(text),
            pathway=pathway.id if pathway else None,
            broad=bool(pathway)
            and _broad(read, terms, bool(topics), sum(o == len(earlier) + 1 for o in facts.origins.values()), bool(earlier)),
        )

    def _standalone(self, text: str, earlier: tuple[Turn, ...]) -> tuple[str, str, str]:
        """Returns the question made to stand alone, what was said in this very turn, and the same with its pronoun resolved.

        Resolved against the last turn: a new drug replaces the old one, a new topic keeps the drug.
        """
        text = squash(self._lexicon.canonical(text))
        if not earlier:
            return text, text, text
        last = earlier[-1]
        here = self._lexicon.find(text)
        if last.pathway and self._another_driver(here, self._corpus.pathways[last.pathway]):
            return text, text, text
        named = [m.term for m in here if m.category in _SUBJECTS]
        topics = [m for m in here if m.category in ("topic", "intent")]
        short = len(tokenise(text)) <= 8 and not any(m.category in ("gene", "disease", "trial", "outside", "unknown") for m in here)
        pronoun, ellipsis = _PRONOUN.search(text), _ELLIPSIS.search(text)
        if named and not topics and (ellipsis or short):
            return self._replaced(last.standalone, named), text, text
        if not named and last.subjects and (pronoun or ellipsis or short):
            names = listed([self._lexicon.terms[t].name for t in last.subjects])
            if pronoun:
                word = pronoun.group().lower()
                said = squash(text[: pronoun.start()] + names + ("'s" if word in _POSSESSIVE else "") + text[pronoun.end() :])
                return said, text, said
            return (
                (squash(f"{text.rstrip(' ?.!')} ({names})?") if topics else squash(f"{last.standalone.rstrip(' ?.!')}: {text}")),
                text,
                text,
            )
        if not named and (pronoun or ellipsis) and not any(m.category in ("disease", "gene") for m in here):
            return squash(f"{text.rstrip(' ?.!')} ({last.standalone.rstrip(' ?.!')})?"), text, text
        return text, text, text

    def _asked_about(self, drugs: list[str], mentions: list[Mention], used: Set[int]) -> list[str]:
        """Returns the drugs the question is about: those named outside the words that state the patient's history, or all.

        All also where none of those is a drug of a pathway: another medicine is asked about beside the one that is taken.
        """
        outside = {m.term for m in mentions if not set(range(m.first, m.last)) <= used}
        asked = [d for d in drugs if d in outside]
        return asked if set(asked) & self._treatments else drugs

    def _another_driver(self, mentions: list[Mention], pathway: Pathway) -> bool:
        """Whether a driver is named that another pathway is about and this one is not."""
        others = {t for p in self._corpus.pathways.values() for t in p.applies_to} - set(pathway.applies_to)
        return any(m.category == "gene" and m.term in others for m in mentions)

    def _replaced(self, previous: str, named: list[str]) -> str:
        """Returns the previous question asked of the newly named drugs."""
        tokens = tokenise(previous)
        names = listed([self._lexicon.terms[t].name for t in dict.fromkeys(named)])
        old = [m for m in self._lexicon.find(previous) if m.category in _SUBJECTS]
        if not old:
            return squash(f"{previous.rstrip(' ?.!')} ({names})?")
        start, end = tokens[old[0].first].start, tokens[old[-1].last - 1].end
        return squash(previous[:start] + names + previous[end:])

    def _pathway(self, terms: dict[str, list[str]], mentions: list[Mention], text: str, earlier, settings) -> Pathway | None:
        """Returns the pathway whose drivers and drugs the question names; on a tie that of the last turn, then the more general match.

        None when nothing of a pathway is named or set, or when a disease is named that no pathway is about.
        """
        pathways = self._corpus.pathways.values()
        if set(terms.get("disease", ())) - {t for p in pathways for t in p.applies_to}:
            return None
        sentence = Sentence(text)
        denied = {m.term for m in mentions if m.category == "gene" and self._context.of(sentence, m.first, m.last, 0, 1) & _DENIED}
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


def _broad(text: str, terms: dict, topics: bool, stated: int, later: bool) -> bool:
    """Whether the course of action is asked: in words, by describing a patient, or by adding a fact in a later turn.

    A named topic makes it a specific question, unless a whole patient is described.
    """
    if topics:
        return stated >= 3 and (bool(terms.get("intent")) or "?" not in text)
    return bool(terms.get("intent")) or stated >= 2 or (later and stated >= 1)
