"""Reads a sentence into what it claims: figures with units, names, denials, limits, turned words, and the other words between them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from assistant.claims import Claims, Item
from assistant.lexicon import Lexicon
from ingest.content import Corpus
from ingest.figures import canonical
from ingest.phrases import Phrasebook, Token, normalise, tokenise

_NAMED = ("drug", "trial", "gene", "disease", "class", "unknown")
_WRITTEN = [
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    (re.compile(r"%"), " percent "),
    (re.compile(r"≥|>="), " at least "),
    (re.compile(r"≤|<="), " at most "),
    (re.compile(r">"), " more than "),
    (re.compile(r"<"), " less than "),
    (re.compile(r"\b(m?g|mcg|iu|u|ml)/(kg|m2|d?l|min|ml)\b", re.IGNORECASE), r"\1per\2"),
    (re.compile(r"\bHRs?\b"), "hazard ratio"),
    (re.compile(r"\bvs\.?(?=\s)", re.IGNORECASE), "versus"),
]
_UNITS = frozenset(
    "percent mg g mcg kg mgperkg mgperm2 mgperdl gperdl mlpermin iuperl uperl gpermin ml l cm mm ms month year week day hour minute second time "
    "fold beat cycle january february march april may june july august september october november december".split()
)
_RATE = re.compile(r"[a-z]+per[a-z0-9]+")
_BEFORE = frozenset("grade phase stage exon part cohort status ecog ps day week month year cycle variant type".split())
_COUNTED = {w: str(i) for i, w in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)}
_WEAK = {"one": "1", "a": "1", "single": "1", "first": "1", "once": "1", "half": "50", "third": "3"}
_ONCE = frozenset("daily a every per each weekly".split())
_DENIALS = frozenset("not no never none without neither nor avoid avoids avoided avoiding contraindicated".split())
_LIMITS = frozenset("unless except only".split())
_ADVICE = ("advis", "recomm", "warn")
_JOINING = frozenset("and or to through".split())
_SILENT = frozenset(
    "a an the is are was were be been being am do does did has have had having of it its this that these those there which who whom whose as so "
    "also both either each then he she they them their his her you your we our i will would".split()
)
_SENTENCE_END = re.compile(r"[.;:!?](?=\s|$)|\n")
_PHRASE_END = re.compile(r"[.;:!?,](?=\s|$)|[()\n]")


class Claimant:
    """Reads texts into claims; built once from a corpus."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        self._lexicon = lexicon
        self.loose = frozenset(c.id for c in corpus.contrasts.values() if c.loose)
        self._long = Phrasebook(
            (short.lower(), long)
            for term in corpus.vocabulary.values()
            for short, long in permutations((term.name, *term.synonyms), 2)
            if abbreviates(short, long)
        )
        self._contrasts = Phrasebook((f"{c.id}/{i}", p) for c in corpus.contrasts.values() for i, side in enumerate(c.sides) for p in side)

    def read(self, text: str) -> Claims:
        """Returns the claims of a text."""
        text = normalise(text)
        for pattern, new in _WRITTEN:
            text = pattern.sub(new, text)
        tokens = tokenise(text)
        items = _with_units(list(self._items(text, tokens)))
        words = frozenset(t.word for t in tokens)
        return Claims(tuple(items), words, frozenset(_WEAK[w] for w in words if w in _WEAK))

    def _items(self, text: str, tokens: list[Token]) -> Iterator[Item]:
        words = [t.word for t in tokens]
        spans = self._spans(text, words)
        clause, phrase, i = 0, 0, 0
        while i < len(words):
            before = text[tokens[i - 1].end : tokens[i].start] if i else ""
            clause += bool(_SENTENCE_END.search(before))
            phrase += bool(_PHRASE_END.search(before))
            item, length = spans.get(i) or _word(words, i)
            if item:
                yield replace(item, clause=clause, phrase=phrase, written=text[tokens[i].start : tokens[i + length - 1].end])
            i += length

    def _spans(self, text: str, words: list[str]) -> dict[int, tuple[Item, int]]:
        """Returns the items of the vocabulary and of the contrasts by first word; names first, then contrasts, the longest first."""
        found: dict[int, tuple[Item, int]] = {}
        taken: set[int] = set()

        def take(item: Item, first: int, last: int) -> None:
            if not taken & set(range(first, last)):
                found[first] = (item, last - first)
                taken.update(range(first, last))

        mentions = self._lexicon.find(text)
        for m in mentions:
            if m.category in _NAMED:
                take(Item("name", m.surface.lower() if m.category == "unknown" else m.term, m.category), m.first, m.last)
        for name, place in self._contrasts.search(words):
            contrast, side = name.rsplit("/", 1)
            take(Item(contrast, side, contrast), place.first, place.last)
        for short, place in self._long.search(words):
            take(Item("word", stem(short)), place.first, place.last)
        return found


def abbreviates(short: str, long: str) -> bool:
    """Returns whether `short` is the initials of the words of `long`."""
    words = [w for w in re.split(r"[\s-]+", long) if w.lower() != "of"]
    return len(words) > 1 and short.isupper() and short == "".join(w[:1].upper() for w in words)


def _word(words: list[str], i: int) -> tuple[Item | None, int]:
    """Returns the item of the word at a place, None for a silent one, and how many words it takes."""
    word, following = words[i], words[i + 1] if i + 1 < len(words) else ""
    if (word[0].isdigit() and re.fullmatch(r"\d+(?:\.\d+)?", word)) or word in _COUNTED:
        unit = _singular(following)
        value = _COUNTED.get(word) or canonical(word)
        return (Item("figure", value, unit), 2) if unit in _UNITS or _RATE.fullmatch(unit) else (Item("figure", value), 1)
    if word == "twice" or (word == "once" and following in _ONCE):
        return Item("figure", "2" if word == "twice" else "1", "time"), 1
    if word in _DENIALS or (word == "against" and i and words[max(0, i - 1)].startswith(_ADVICE)):
        return Item("denial", "not"), 1
    if word in _LIMITS:
        return Item("limit", word), 1
    return (None, 1) if word in _SILENT else (Item("word", stem(word)), 1)


def stem(word: str) -> str:
    """Returns the beginning of a word by which its forms are compared."""
    return word[:6]


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in _UNITS else word


def _with_units(items: list[Item]) -> list[Item]:
    """Returns the items with a figure's unit taken from its list ("27.7 and 7.4 months", "grade 3 or 4"), or from the word before."""
    items = [
        replace(x, of="level") if x.kind == "figure" and x.of in ("", "percent") and _level(items, i) else x for i, x in enumerate(items)
    ]
    for i, x in enumerate(items):
        if x.kind == "figure" and not x.of and i:
            before = items[i - 1]
            word = _singular(before.written.lower()) if before.kind == "word" else ""
            if word in _BEFORE:
                items[i] = replace(x, of=f"{word} of")
            elif i > 1 and before.written.lower() in _JOINING and items[i - 2].of.endswith(" of"):
                items[i] = replace(x, of=items[i - 2].of)
    for i in range(len(items) - 2, -1, -1):
        x = items[i]
        if x.kind == "figure" and not x.of:
            later = items[i + 1] if items[i + 1].kind == "figure" else items[i + 2 : i + 3] and items[i + 2]
            joined = items[i + 1].kind == "figure" or items[i + 1].written.lower() in _JOINING
            if joined and later and later.kind == "figure" and later.of != "level" and not later.of.endswith(" of"):
                items[i] = replace(x, of=later.of)
    return items


def _level(items: list[Item], i: int) -> bool:
    return i + 1 < len(items) and items[i + 1].written.lower() in ("ci", "confidence")
