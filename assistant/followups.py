"""A question after earlier turns to one that stands alone: pronouns, ellipsis, "the first one", another drug or trial in the old question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.lexicon import Lexicon, Mention, listed, squash
from ingest.content import Corpus
from ingest.phrases import SMALL, tokenise

_DRUGS, _TRIALS = ("drug", "class"), ("trial",)
_NAMING = ("gene", "disease", "trial", "outside", "condition", "unknown")
_SHORT = 8
_PRONOUN = re.compile(
    r"\b(its|it|(?:that|this|(?:the )?same) (?:drug|medicine|medication|tablet|pill|capsule|inhibitor|tki|agent)s?|the drug|that one|this one|them|"
    r"they(?! (?:give|offer|use|say|said|told|tell|start|started|put|recommend|do|did|want|wanted|found|saw|check|gave|switch|prescribe)\b)|"
    r"their|those|these|that|this)\b(?! (?:week|month|year|morning|afternoon|evening|time|patient|man|woman|lady|trial|study))",
    re.IGNORECASE,
)
_SAME = re.compile(r"\bsame (?:drug|medicine|medication|tablet|pill|capsule|inhibitor|tki|agent)s?\b", re.IGNORECASE)
_DEMONSTRATIVE = {"that", "this"}
_POSSESSIVE = {"its", "their"}
_ELLIPSIS = re.compile(r"^\s*(and|or|what about|how about|also|then|but|ok|okay|why|how so|for how long|w/|with)\b", re.IGNORECASE)
_BESIDE = re.compile(r"^\s*(?:and |or )?(?:vs|versus|against|compared (?:with|to))\b", re.IGNORECASE)
_PART = re.compile(
    r"^\s*(?:and |but |or |ok )*(?:for how long|how long|how often|how soon|how quickly|until when|since when|why|how come|how so|by whom|"
    r"in (?:patients|people|those|them)|those (?:with|w/)|(?:and )intracranial)\b",
    re.IGNORECASE,
)
_TRIAL = re.compile(r"\b(?:in )?(?:that|this|the same) (?:trial|study)\b|\bthere\b|\bin it\b", re.IGNORECASE)
_FIRST = re.compile(r"\bthe (?:former|first (?:one|drug|of (?:them|these|those)))\b", re.IGNORECASE)
_LAST = re.compile(r"\bthe (?:latter|last one|second (?:one|drug))\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:between )?(?:the two|both(?: of them)?|these two|those two|each of them)\b", re.IGNORECASE)


def refers(text: str) -> bool:
    """Returns whether a text holds what may refer to an earlier turn: a pronoun, an ellipsis, "the first one", "there"."""
    return any(p.search(text) for p in (_PRONOUN, _ELLIPSIS, _BESIDE, _PART, _TRIAL, _FIRST, _LAST, _ALL))


@dataclass(frozen=True)
class Turn:
    """An earlier turn: what was asked, what it was taken to mean, the facts known after it, the drugs and the pathway it was about.

    `broad` says whether the course of action was asked.
    """

    question: str
    standalone: str
    state: dict[str, str] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    pathway: str | None = None
    broad: bool = False


@dataclass(frozen=True)
class Resolved:
    """A question made to stand alone.

    Attributes:
        standalone: the whole question.
        read: what was said in this very turn, of which facts are read.
        pronoun: the same with its pronoun resolved.
        part: whether it only asks the last, specific question of something else; then it states no facts.
    """

    standalone: str
    read: str
    pronoun: str
    part: bool = False


class FollowUps:
    """Resolves follow-up questions; built once from a corpus."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        self._corpus, self._lexicon = corpus, lexicon
        self._treatments = {t for p in corpus.pathways.values() for t in p.applies_to}

    def of_another(self, text: str, earlier: tuple[Turn, ...]) -> tuple[Turn, ...]:
        """Returns what of the earlier turns a question about a new patient may refer to: their drug, where it says that it is the same."""
        return tuple(replace(t, state={}, origins={}) for t in earlier) if _SAME.search(text) else ()

    def resolve(self, text: str, earlier: tuple[Turn, ...]) -> Resolved:
        """Returns the question made to stand alone.

        Resolved against the last turn that said something: a new drug or trial replaces the old one, a new topic keeps the
        drug, or the trial; a part ("for how long?", "in those with brain metastases?") is asked of the last question.
        """
        text = squash(self._lexicon.canonical(text))
        last = next((t for t in reversed(earlier) if self._says(t.question)), None)
        if last is None:
            return Resolved(text, text, text)
        here = self._lexicon.find(text)
        if last.pathway and self._another_driver(here, last.pathway):
            return Resolved(text, text, text)
        if ordinal := self._ordinal(text, earlier):
            trials = [] if self._named(here, _TRIALS) else self._named(self._lexicon.find(last.standalone), _TRIALS)
            return Resolved(self._about(ordinal, trials) if len(trials) == 1 else ordinal, text, ordinal)
        words = [t.word for t in tokenise(text)]
        meant = [m for m in here if not (m.first and words[m.first - 1] == "not")]
        drugs, trials = self._named(meant, _DRUGS), self._named(here, _TRIALS)
        topics = [m for m in here if m.category in ("topic", "intent")]
        short = len(tokenise(text)) <= _SHORT
        bare = short and not any(m.category in _NAMING for m in here)
        pronoun, ellipsis = _PRONOUN.search(text), _ELLIPSIS.search(text)
        if drugs and not topics and (beside := _BESIDE.match(text)):
            return Resolved(squash(f"{last.standalone.rstrip(' ?.!')} versus {text[beside.end() :].strip()}"), text, text, not last.broad)
        if drugs and not topics and not trials and (ellipsis or bare):
            return Resolved(self._replaced(last, drugs, _DRUGS), text, text, not last.broad)
        if trials and not drugs and not topics and (ellipsis or short):
            return Resolved(self._replaced(last, trials, _TRIALS), text, text, True)
        if drugs or trials:
            return Resolved(text, text, text)
        if not last.broad and _PART.match(text):
            return Resolved(squash(f"{last.standalone.rstrip(' ?.!')}: {text}"), text, text, True)
        before = self._named(self._lexicon.find(last.standalone), _TRIALS)
        if before and (_TRIAL.search(text) or (bare and topics and not pronoun)):
            return Resolved(self._about(_TRIAL.sub("", text), before), text, text, True)
        asked = {d for t in earlier for d in self._named(self._lexicon.find(t.standalone), _DRUGS)}
        named = any(m.category in (*_NAMING, "intent") for m in here)
        bare = bare or (set(last.subjects) <= asked and not named and any(m.category == "topic" for m in here))
        return self._of_subjects(text, last, here, bool(topics), bare)

    def _of_subjects(self, text: str, last: Turn, here: list[Mention], topics: bool, bare: bool) -> Resolved:
        """Returns the question about the drugs of the last turn, or a fragment beside the last question."""
        pronoun, ellipsis = _PRONOUN.search(text), _ELLIPSIS.search(text)
        if last.subjects and (pronoun or ellipsis or bare):
            if pronoun:
                word = pronoun.group().lower()
                if (
                    word in _DEMONSTRATIVE
                    and not last.broad
                    and not set(last.subjects) & set(self._named(self._lexicon.find(last.standalone), _DRUGS))
                ):
                    return Resolved(self._beside(text, last), text, text)
                names = listed([self._lexicon.terms[t].name for t in last.subjects])
                said = squash(text[: pronoun.start()] + names + ("'s" if word in _POSSESSIVE else "") + text[pronoun.end() :])
                return Resolved(said, text, said)
            if not topics:
                return Resolved(squash(f"{last.standalone.rstrip(' ?.!')}: {text}"), text, text)
            sequence = self._sequence(last)
            return Resolved(self._inside(text, sequence) if sequence else self._about(text, list(last.subjects)), text, text)
        if (pronoun or ellipsis) and not any(m.category in ("disease", "gene") for m in here):
            return Resolved(self._beside(text, last), text, text)
        return Resolved(text, text, text)

    def _sequence(self, last: Turn) -> str:
        """Returns the words of the last question from its first to its last drug ("brigatinib after crizotinib"), or nothing.

        Nothing where they are many, name a topic, or name no drug but one, or not those that the question was about.
        """
        tokens, mentions = tokenise(last.standalone), self._lexicon.find(last.standalone)
        drugs = [m for m in mentions if m.category == "drug"]
        named = {m.term for m in drugs}
        if len(named) < 2 or not named >= set(last.subjects) or drugs[-1].last - drugs[0].first > _SHORT:
            return ""
        if any(m.category == "topic" and drugs[0].first < m.first < drugs[-1].first for m in mentions):
            return ""
        return last.standalone[tokens[drugs[0].first].start : tokens[drugs[-1].last - 1].end]

    def _beside(self, text: str, last: Turn) -> str:
        return self._inside(text, last.standalone.rstrip(" ?.!"))

    @staticmethod
    def _inside(text: str, said: str) -> str:
        """Returns the question with what it refers to in brackets."""
        return squash(f"{text.rstrip(' ?.!')} ({said})?")

    def _says(self, question: str) -> bool:
        """Whether a turn says more than a courtesy."""
        known = {i for m in self._lexicon.find(question) if m.category == "aside" for i in range(m.first, m.last)}
        return any(i not in known and w.word not in SMALL for i, w in enumerate(tokenise(question)))

    @staticmethod
    def _named(mentions: Sequence[Mention], categories: tuple[str, ...]) -> list[str]:
        return list(dict.fromkeys(m.term for m in mentions if m.category in categories))

    def _about(self, text: str, terms: list[str]) -> str:
        return self._inside(text, listed([self._lexicon.terms[t].name for t in terms]))

    def _ordinal(self, text: str, earlier: tuple[Turn, ...]) -> str | None:
        """Returns the text with "the former", "the first drug", "the two" as the drugs they stand for; None where there is none.

        They are those of the last question that named two or more, else all in the order in which the conversation named
        them, else those the last answer was about.
        """
        if not (_FIRST.search(text) or _LAST.search(text) or _ALL.search(text)):
            return None
        asked = [self._named(self._lexicon.find(t.standalone), ("drug",)) for t in earlier]
        two = next((a for a in reversed(asked) if len(a) > 1), None)
        drugs = two or list(dict.fromkeys(d for a in asked for d in a))
        if len(drugs) < 2:
            drugs = list(earlier[-1].subjects) or drugs
        if not drugs:
            return None
        names = [self._lexicon.terms[t].name for t in drugs]
        for pattern, name in ((_FIRST, names[0]), (_LAST, names[-1]), (_ALL, listed(names))):
            text = pattern.sub(name, text)
        return squash(text)

    def _another_driver(self, mentions: Sequence[Mention], pathway: str) -> bool:
        """Whether a driver is named that another pathway is about and this one is not."""
        own = set(self._corpus.pathways[pathway].applies_to)
        others = {t for p in self._corpus.pathways.values() for t in p.applies_to} - own
        return any(m.category == "gene" and m.term in others for m in mentions)

    def _replaced(self, last: Turn, named: list[str], categories: tuple[str, ...]) -> str:
        """Returns the previous question asked of the newly named drugs or trials.

        They take the place of those it was about; a medicine that is taken beside one of them, or was taken before, stays.
        """
        previous = last.standalone
        tokens = tokenise(previous)
        old = [m for m in self._lexicon.find(previous) if m.category in categories]
        if not old:
            return self._about(previous, named)
        about = [m for m in old if m.term in last.subjects] or old
        old = [m for m in about if m.term in self._treatments] or about
        names = listed([self._lexicon.terms[t].name for t in dict.fromkeys(named)])
        start, end = tokens[old[0].first].start, tokens[old[-1].last - 1].end
        return squash(previous[:start] + names + previous[end:])
