"""A text to the facts of a patient it states, by pathway variable: what is said here and now of this patient, and of nobody else."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from assistant.context import Context, Sentence
from assistant.lexicon import SHORTEST, Lexicon
from assistant.pathway import holds
from ingest.content import Corpus, Pathway
from ingest.phrases import Found, Phrasebook, sentences, tokenise

_BEFORE, _AFTER = 5, 3
_UNSAID = {"possible", "other", "elsewhere"}
_PLANNED, _PROPOSED = "planned", "proposed"
_ONCE = {"past", "earlier"}
_ASKING = frozenset("what which how why when where who is are does do did can could should will would".split())
_DESCRIBED = 2  # so many facts describe a patient: then a drug named in a report has been given
_NEGATIONS = {"no", "not", "without", "never", "non", "neither", "nor"}


@dataclass(frozen=True)
class Finding:
    """A value a text states: where its words are (numbers in the whole text), and the kinds of context around them."""

    variable: str
    value: str
    words: range
    context: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """What is known of the patient: variable -> value, variable -> turn that gave it (0 = set), variables that contradict, words used.

    `hiding` are those of the words that can be no topic of the question.
    """

    state: dict[str, str] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    words: frozenset[int] = frozenset()
    hiding: frozenset[int] = frozenset()


class _Phrases:
    """How one pathway's values are said: their phrases, the words a slip of the pen is mended to, and the drugs that state a value."""

    def __init__(self, corpus: Corpus, pathway: Pathway):
        variables = pathway.variables.items()
        said = ((f"{name}={value}", phrase) for name, v in variables for value, phrases in v.values.items() for phrase in phrases)
        self.book = Phrasebook(said, corpus.lists(pathway.phrases))
        self.known = {w for w in self.book.words if len(w) >= SHORTEST}
        self.given = {t: (name, value) for name, v in variables for value, terms in v.given.items() for t in terms}
        self.named = {t: (name, value) for name, v in variables for value, terms in v.named.items() for t in terms}


class Patients:
    """Reads the facts of patients; built once from a corpus."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        self._corpus, self._lexicon, self._context = corpus, lexicon, Context(corpus.context)
        self._compiled: dict[str, _Phrases] = {}

    def facts(
        self,
        pathway: Pathway,
        text: str,
        turn: int,
        before: Facts | None = None,
        settings: Mapping[str, str] | None = None,
        resolved: str | None = None,
    ) -> Facts:
        """Returns what is known after this text, the `turn`-th of a conversation: what was known `before`, this text's values, the settings.

        Of the text with its pronoun `resolved` only the drugs given are read: "it" is more often the disease than the
        drug. A variable that the text gives two values stays unknown, unless its pathway says which of several counts.

        Raises:
            ValueError: a setting names a variable or value the pathway does not have.
        """
        before = before or Facts()
        state = {n: v for n, v in before.state.items() if n in pathway.variables}
        origins = {n: t for n, t in before.origins.items() if n in state}
        found = self.findings(pathway, text, described=bool(state))
        told = not text.rstrip().endswith("?") or any(pathway.variables[f.variable].reports for f in found)
        if resolved and resolved != text and told:
            found += [f for f in self._stated(pathway, self._sentences(pathway, resolved)) if pathway.variables[f.variable].given]
        conflicts = []
        for name in dict.fromkeys(f.variable for f in found):
            value = _one([f for f in found if f.variable == name], pathway)
            if value is None:
                conflicts.append(name)
                state.pop(name, None)
                origins.pop(name, None)
            else:
                state[name], origins[name] = value, turn
        for name, value in (settings or {}).items():
            if name not in pathway.variables:
                raise ValueError(f"no such variable; valid: {', '.join(pathway.variables)}")
            if value not in pathway.variables[name].values:
                raise ValueError(f"no such value for {name}; valid: {', '.join(pathway.variables[name].values)}")
            state[name], origins[name] = value, 0
        for name in [n for n in state if origins[n] and holds(pathway.variables[n].only_with, state) is False]:
            del state[name], origins[name]
        return Facts(
            state,
            origins,
            tuple(c for c in conflicts if c not in (settings or {})),
            frozenset(w for f in found for w in f.words),
            frozenset(w for f in found if not pathway.variables[f.variable].asked for w in f.words),
        )

    def findings(self, pathway: Pathway, text: str, described: bool = False) -> list[Finding]:
        """Returns the values the text states of this patient, in reading order.

        What is denied states the opposite value where the variable has one; what is only possible, and what is said of
        another person, states nothing. A drug named in a report of the course (no question) has been given, once a
        patient is `described`, in this text or before, or told to be so now.
        """
        read = self._sentences(pathway, text)
        said = self._stated(pathway, read)
        whole = described or len({f.variable for f in said}) >= _DESCRIBED
        if whole or any(not pathway.variables[f.variable].reports or "present" in f.context for f in said):
            for s, offset in read:
                words = range(offset, offset + len(s.words))
                reported = whole or any(pathway.variables[f.variable].reports and f.words.start in words for f in said)
                if reported and not _asks(s):
                    said += self._drugs(pathway, s, offset, said)
        if described or said:
            said += self._named(pathway, read, {f.variable for f in said})
        return sorted(said, key=lambda f: (f.words.start, f.words.stop))

    def says(self, pathway: Pathway, text: str, words: str) -> bool:
        """Returns whether a text holds these words one after another, said of this patient as so: not denied, past, planned, supposed or asked."""
        wanted = [t.word for t in tokenise(words)]
        for s, _ in self._sentences(pathway, text):
            written = [t.word for t in s.tokens]
            for first in range(len(written) - len(wanted) + 1):
                last = first + len(wanted)
                if wanted and written[first:last] == wanted and self._beside(s, first, last) <= {"present"}:
                    return True
        return False

    def _phrases(self, pathway: Pathway) -> _Phrases:
        """Returns the pathway's phrases, compiled when the first question of it comes."""
        if pathway.id not in self._compiled:
            self._compiled[pathway.id] = _Phrases(self._corpus, pathway)
        return self._compiled[pathway.id]

    def _sentences(self, pathway: Pathway, text: str) -> list[tuple[Sentence, int]]:
        """Returns the sentences, slips of the pen mended, each with the number of words before it."""
        known, found, offset = self._phrases(pathway).known, [], 0
        for sentence in sentences(text):
            found.append((Sentence(sentence, lambda word: self._lexicon.spelled(word, known)), offset))
            offset += len(found[-1][0].words)
        return found

    def _stated(self, pathway: Pathway, read: list[tuple[Sentence, int]]) -> list[Finding]:
        found = (self._read(pathway, s, name, place, offset) for s, offset in read for name, place in self._hits(pathway, s))
        return [f for f in found if f]

    def _hits(self, pathway: Pathway, s: Sentence) -> list[tuple[str, Found]]:
        """Returns the phrases found, without those that share words with a longer one of the same variable, or lie inside a longer topic's name."""
        hits = self._phrases(pathway).book.search(s.words)
        topics = [m for m in self._lexicon.find(s.text) if m.category in ("topic", "outside", "condition")]

        def inside(f: Found, g) -> bool:
            return g.first <= f.first and f.last <= g.last and g.last - g.first > f.last - f.first

        def beaten(f: Found, g: Found) -> bool:
            return f.first < g.last and g.first < f.last and g.last - g.first > f.last - f.first

        return [
            (n, f)
            for n, f in hits
            if not any(o != n and o.split("=")[0] == n.split("=")[0] and beaten(f, g) for o, g in hits)
            and not any(inside(f, t) for t in topics)
        ]

    def _read(self, pathway: Pathway, s: Sentence, name: str, place: Found, offset: int) -> Finding | None:
        variable, value = name.split("=")
        kinds = self._beside(s, place.first, place.last)
        unsaid = _UNSAID | {_PLANNED} if value in pathway.variables[variable].given else _UNSAID
        if kinds & unsaid or s.text[: s.tokens[place.first].start].endswith("?"):
            return None
        kinds |= self._context.of(s, place.first, place.last, 0, 0) & {"absent"}
        if kinds & {"negated", "absent"} and not _NEGATIONS & set(s.words[place.first : place.last]):
            denied = pathway.variables[variable].denied
            others = [v for v in pathway.variables[variable].values if v != value]
            if value not in denied and len(others) != 1:
                return None
            value = denied.get(value, others[0])
        return Finding(variable, value, range(offset + place.first, offset + place.last), kinds)

    def _drugs(self, pathway: Pathway, s: Sentence, offset: int, said: list[Finding]) -> list[Finding]:
        """Returns the drugs a report names as given: neither proposed nor denied, and not another person's.

        Where it is said that none was given, naming one is no report of it.
        """
        used = {(f.variable, w) for f in said for w in f.words}
        settled = {f.variable for f in said if pathway.variables[f.variable].given and f.value not in pathway.variables[f.variable].given}
        found = self._mentioned(s, offset, self._phrases(pathway).given, _UNSAID | {"negated", _PLANNED, _PROPOSED})
        return [f for f in found if f.variable not in settled and (f.variable, f.words.start) not in used]

    def _named(self, pathway: Pathway, read: list[tuple[Sentence, int]], stated: set[str]) -> list[Finding]:
        """Returns what naming a gene says of a patient, of variables not `stated`: it was found, unless it is denied or only possible."""
        named, excluded = self._phrases(pathway).named, _UNSAID | {"negated", "absent", _PLANNED}
        return [f for s, offset in read for f in self._mentioned(s, offset, named, excluded) if f.variable not in stated]

    def _mentioned(self, s: Sentence, offset: int, stating: Mapping[str, tuple[str, str]], excluded: Set[str]) -> list[Finding]:
        """Returns the values stated by mentions of vocabulary terms (term -> variable and value), but those in an excluded context."""
        found = (
            Finding(*stating[m.term], range(offset + m.first, offset + m.last), self._beside(s, m.first, m.last))
            for m in self._lexicon.find(s.text)
            if m.term in stating
        )
        return [f for f in found if not f.context & excluded]

    def _beside(self, s: Sentence, first: int, last: int) -> frozenset[str]:
        """Returns the kinds of context around a finding: those whose cue is near, and those of its clause."""
        return self._context.of(s, first, last, _BEFORE, _AFTER) | self._context.clause(s, first, last)


def _one(found: list[Finding], pathway: Pathway) -> str | None:
    """Returns the value that counts of a variable's findings, or None where they contradict.

    What is said to be so now counts before what was so once; of the rest, the pathway says whether the later in its own
    list counts, or none.
    """
    variable = pathway.variables[found[0].variable]
    beaten = {v for f in found for v in variable.over.get(f.value, ())}
    found = [f for f in found if f.value not in beaten]
    for kept in ([f for f in found if "present" in f.context], [f for f in found if not f.context & _ONCE], found):
        if len({f.value for f in kept}) == 1 and variable.several == "ask":
            return kept[0].value
    if variable.several == "ask":
        return None
    return max((f.value for f in found), key=list(variable.values).index)


def _asks(s: Sentence) -> bool:
    """Whether a sentence is a question: by its mark, or by the word it begins with."""
    return s.text.endswith("?") or (bool(s.words) and s.words[0] in _ASKING)
