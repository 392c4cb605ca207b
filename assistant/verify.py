"""Is this sentence supported by these statements? Each thing it claims must stand in one of them, in its place; says why not.

The judge does not know the author: curated wording and a model's rewording go through the same test. In doubt it rejects.
"""

import re
from dataclasses import dataclass

from assistant.arms import Family, families, placing
from assistant.claimant import Claimant, stem
from assistant.claims import Claims
from assistant.exchange import exchanged
from assistant.lexicon import Lexicon
from ingest.content import Corpus, Statement
from ingest.phrases import normalise, tokenise

_CODE = re.compile(r"[A-Z]{2,}|\w*[A-Za-z]\w*\d\w*|\d+[A-Za-z]+")
_OTHER = ("figure", "name", "denial", "limit", "word")
_OVERLAP = 0.6
_SAME_DENIAL = 0.3
_DENIED = 0.6
_AROUND = {"denial": 0.8, "limit": 0.6}


@dataclass(frozen=True)
class Verdict:
    """Whether a sentence is supported, and each reason why it is not."""

    supported: bool
    reasons: tuple[str, ...] = ()


class Verifier:
    """Judges sentences against curated statements; built once from a corpus and its lexicon."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        self.lexicon = lexicon
        self._claimant = Claimant(corpus, lexicon)
        self._read: dict[str, Claims] = {}
        self._families: dict[str, tuple[Family, ...]] = {}

    def verify(self, sentence: str, statements: list[Statement]) -> Verdict:
        """Returns the verdict on the sentence.

        Supported means: it is a wording of a cited statement; or the nearer wording of one of them holds every figure of it with its unit and every
        turned word (higher, before, at least), none of them where the wording has another, none given to another arm; it denies what
        the wording denies and nothing else; its names, codes and three in five of its other words are the statement's. Statements are
        not added up: what two of them say together must be said in two sentences.
        """
        if not statements:
            return Verdict(False, ("it cites no statement",))
        if not sentence.strip():
            return Verdict(False, ("it is empty",))
        if any(sentence in (s.text, s.plain) for s in statements):
            return Verdict(True)
        wordings = {normalise(w).strip() for s in statements for w in (s.text, s.plain)}
        if normalise(sentence).strip() in wordings:
            return Verdict(True)
        said = self._claimant.read(sentence)
        if not said.items:
            return Verdict(False, ("it says nothing",))
        faults = [tuple(self._faults(said, s)) for s in statements]
        least = min(faults, key=len)
        return Verdict(not least, least)

    def _faults(self, said: Claims, s: Statement) -> list[str]:
        whole = [self._claims(w) for w in (s.text, s.plain)]
        source = max(whole, key=said.nearness)
        placed = placing(said, source, self._families_of(s))
        return [
            *_figures(said, source),
            *_names(said, whole),
            *_codes(said, whole),
            *_turns(said, source, self._claimant.loose),
            *_denials(said, source),
            *exchanged(said, source, placed.right),
            *placed.wrong,
            *_words(said, whole),
        ]

    def _families_of(self, s: Statement) -> tuple[Family, ...]:
        if s.id not in self._families:
            self._families[s.id] = families(s.values, self._claimant.read)
        return self._families[s.id]

    def _claims(self, text: str) -> Claims:
        if text not in self._read:
            self._read[text] = self._claimant.read(text)
        return self._read[text]


def _figures(said: Claims, source: Claims) -> list[str]:
    known: dict[str, set[str]] = {}
    for i in source.of("figure"):
        known.setdefault(source.items[i].value, set()).add(source.items[i].of)
    for value in source.weak:
        known.setdefault(value, set()).add("")
    reasons = []
    for i in said.of("figure"):
        x = said.items[i]
        if x.value not in known:
            reasons.append(f"the number {x.value} is not in the cited statements")
        elif x.of and x.of not in known[x.value]:
            reasons.append(f"{x.value} {x.of} is not in the cited statements")
    return reasons


def _names(said: Claims, whole: list[Claims]) -> list[str]:
    known = {c.items[i].value for c in whole for i in c.of("name")}
    names = [said.items[i] for i in said.of("name")]
    words = frozenset().union(*(c.words for c in whole))
    return [
        f"{x.written} is not in the cited statements"
        for x in names
        if x.value not in known and not (x.of == "disease" and {t.word for t in tokenise(x.written)} <= words)
    ]


def _codes(said: Claims, whole: list[Claims]) -> list[str]:
    words = whole[0].words | whole[1].words
    known = whole[0].keys | whole[1].keys
    codes = [x for x in said.items if x.kind == "word" and _CODE.fullmatch(x.written) and x.key not in known]
    return [f"{x.written} is not in the cited statements" for x in codes if not {t.word for t in tokenise(x.written)} <= words]


def _turns(said: Claims, source: Claims, loose: frozenset[str]) -> list[str]:
    kinds = {x.kind for x in source.items}
    return [
        f"'{x.written}' is not in the cited statements"
        for x in said.items
        if x.kind not in _OTHER and x.key not in source.keys and (x.kind in kinds or x.kind not in loose)
    ]


def _denials(said: Claims, source: Claims) -> list[str]:
    """Each denial of the sentence must be one of the source, one to one; no denial or limit of the source may be lost where its words are kept."""
    likest = sorted(
        ((said.context(i).likeness(source.context(j)), i, j) for i in said.of("denial") for j in source.of("denial")), reverse=True
    )
    paired: dict[int, int] = {}
    for likeness, i, j in likest:
        if likeness >= _SAME_DENIAL and i not in paired and j not in paired.values():
            paired[i] = j
    added = [i for i in said.of("denial") if i not in paired]
    lost = [j for j in source.of("denial") if j not in paired.values() and (_denied(said, source, j) or _bare(said, source, j))]
    limits = [source.items[j] for j in source.of("limit") if source.items[j].key not in said.keys and _bare(said, source, j)]
    return [
        *("it denies what the cited statements affirm" for _ in added),
        *("it affirms what the cited statements deny" for _ in lost),
        *(f"it leaves out '{x.written}'" for x in limits),
    ]


def _denied(said: Claims, source: Claims, at: int) -> bool:
    """Whether the sentence says most of what the source denies at a place."""
    denied = source.denied(at)
    return len(denied) > 1 and len(denied & said.keys) >= _DENIED * len(denied)


def _bare(said: Claims, source: Claims, at: int) -> bool:
    """Whether the sentence has what stands on both sides of a place of the source, without what stands there."""
    around = source.context(at)
    nearest = next(iter(around.right), None) or next(iter(around.left), None)
    if nearest not in said.keys:
        return False
    least = _AROUND[source.items[at].kind] * (sum(around.left.values()) + sum(around.right.values()))
    return any(gap.beside(around) >= least for gap in said.gaps())


def _words(said: Claims, whole: list[Claims]) -> list[str]:
    known = {stem(w) for c in whole for w in c.words} | whole[0].keys | whole[1].keys
    if said.content and len(said.content & known) / len(said.content) < _OVERLAP:
        return ["most of its words are not in the cited statements"]
    return []
