"""The phrase language of content files: how a cue or a synonym finds its words in a question.

A phrase is a run of words. `prefix*` matches any word with that beginning, `*suffix` with that end, `a|b` either word, `..` a gap of up to four
words, `...` of up to twelve, `(a b|c)` either run of words, `{name}` any phrase of the named list. Case, accents, hyphens and punctuation do not matter.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

_GAPS = {"..": 4, "...": 12}
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")
_BREAK = re.compile(r"(?<=[.!?;])\s|\n")

SMALL = frozenset(
    "a about all an and any are as at be been but by can could did do does for from get give given go had has have how i if in into is it its know "
    "like me mean means my need needs of on one or our out please say should so some tell than that the their them there these they this those to "
    "up us use used using was we were what when where which who why will with would you your s t m re ve during while good just still ever patient patients person people someone somebody anyone anybody whose whom may might ask else another".split()
)
"""Words too small to say what a question is about."""


class Token(NamedTuple):
    """One normalised word and its place (start, end) in the text it came from."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """Where a phrase was found: first token, one past the last token."""

    first: int
    last: int


def normalise(text: str) -> str:
    """Returns the text in NFKC with invisible characters, control characters and odd quotes removed."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return text.translate(str.maketrans("’‘“”–—−", "''\"\"---"))


def tokenise(text: str) -> list[Token]:
    """Returns the lower-case words of the text, accents folded, in order, with their places in it.

    A contraction is the words it stands for, written with an apostrophe or without: can't, cant and cannot are "can not", I'm is "i am".
    """
    folded = text.lower() if text.isascii() else "".join(map(_fold, text))
    tokens: list[Token] = []
    for m in _WORD.finditer(folded):
        word, (start, end) = m.group(), m.span()
        joined = bool(tokens) and folded[start - 1] in "'’" and start - tokens[-1].end == 1
        if joined and word == "t" and tokens[-1].word in _NOT:
            tokens[-1] = Token(_NOT[tokens[-1].word], tokens[-1].start, tokens[-1].end)
            word = "not"
        elif joined and word in _SHORT:
            word = _SHORT[word]
        elif word in _MELTED:
            first, word = _MELTED[word]
            tokens.append(Token(first, start, end))
        tokens.append(Token(word, start, end))
    return tokens


_NOT = {
    **{
        w + "n": w
        for w in ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "could", "would", "should", "must", "need")
    },
    **{"can": "can", "won": "will", "ain": "is"},
}
_SHORT = {"m": "am", "re": "are", "ve": "have", "ll": "will"}
_MELTED = {
    **{w + "t": (base, "not") for w, base in _NOT.items()},
    **{"cannot": ("can", "not"), "im": ("i", "am"), "ive": ("i", "have"), "doesnt": ("does", "not")},
}


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character)[0].lower()
    return plain if len(plain) == 1 else " "


class _Any:
    """A place in a phrase that any of several words may take; a word may have a star at its beginning or end."""

    def __init__(self, words: tuple[str, ...]):
        self.words = words
        self.plain = frozenset(w for w in words if "*" not in w)
        self.starred = len(self.plain) < len(set(words))
        self._beginnings = tuple(w[:-1] for w in words if w.endswith("*"))
        self._ends = tuple(w[1:] for w in words if w.startswith("*"))

    def matches(self, word: str) -> bool:
        return word in self.plain or (self.starred and (word.startswith(self._beginnings) or word.endswith(self._ends)))


Pattern = tuple["_Any | int", ...]
"""The words of a phrase in order; a number is a gap of up to so many words."""


def compile_phrase(phrase: str, lists: Mapping[str, Iterable[str]] | None = None) -> tuple[Pattern, ...]:
    """Returns the patterns a phrase stands for, one for each way to fill its groups and `{name}` lists.

    Raises:
        ValueError: an empty phrase, a `{name}` that is in no list, a gap at an end, or a `*` that is not at the end of a word.
    """
    lists = lists or {}
    expanded = [phrase]
    while any("{" in p or "(" in p for p in expanded):
        step = []
        for p in expanded:
            group = re.search(r"\(([^()]*)\)", p)
            if group:
                step += [p[: group.start()] + item + p[group.end() :] for item in group.group(1).split("|")]
                continue
            match = re.search(r"\{(\w+)\}", p)
            if not match:
                if "{" in p or "(" in p:
                    raise ValueError(f"unclosed bracket in phrase {phrase!r}")
                step.append(p)
                continue
            if match.group(1) not in lists:
                raise ValueError(f"phrase {phrase!r} names the list {match.group(1)!r}; valid: {', '.join(lists) or 'none'}")
            step += [p[: match.start()] + item + p[match.end() :] for item in lists[match.group(1)]]
        expanded = step
    return tuple(_pattern(p) for p in expanded)


def _pattern(phrase: str) -> Pattern:
    try:
        parts = [part for chunk in phrase.split() for part in _parts(chunk)]
    except ValueError as e:
        raise ValueError(f"phrase {phrase!r}: {e}") from e
    if not parts or isinstance(parts[0], int) or isinstance(parts[-1], int) or any(isinstance(p, _Any) and not p.words for p in parts):
        raise ValueError(f"phrase {phrase!r} has no word at its beginning or end")
    return tuple(parts)


@cache
def _parts(chunk: str) -> tuple["_Any | int", ...]:
    """Returns what a piece of a phrase without blanks stands for: a gap, a place for any of several words, or words one after another."""
    if chunk in _GAPS:
        return (_GAPS[chunk],)
    if "|" not in chunk and "*" not in chunk:
        return tuple(_Any((t.word,)) for t in tokenise(chunk))
    words = []
    for word in chunk.split("|"):
        if "*" in word[1:-1] or not tokenise(word):
            raise ValueError(f"{word!r} should be a word, with * at its beginning or end only")
        before, after = ("*" if word.startswith("*") else ""), ("*" if word.endswith("*") else "")
        words += [before + t.word + after for t in tokenise(word)]
    return (_Any(tuple(words)),)


def _match(pattern: Pattern, at: int, words: list[str], here: int) -> int | None:
    if at == len(pattern):
        return here
    if isinstance(pattern[at], int):
        for skip in range(pattern[at] + 1):
            end = _match(pattern, at + 1, words, here + skip)
            if end is not None:
                return end
        return None
    if here < len(words) and pattern[at].matches(words[here]):
        return _match(pattern, at + 1, words, here + 1)
    return None


class _Entry(NamedTuple):
    """A named pattern, and the words of which one must stand in a text for each place after its first that has no star."""

    name: str
    pattern: Pattern
    needed: tuple[frozenset[str], ...]


class Phrasebook:
    """Finds many named phrases in a text at once, indexed by first word."""

    def __init__(self, phrases: Iterable[tuple[str, str]], lists: Mapping[str, Iterable[str]] | None = None):
        """`phrases` are (name, phrase) pairs; a name may come many times. Raises ValueError as `compile_phrase`.

        `words` are all that the phrases spell out, in any place, those with a star left out.
        """
        self._by_word: dict[str, list[_Entry]] = {}
        self._starred: list[_Entry] = []
        self.words: set[str] = set()
        stars: set[str] = set()
        for name, phrase in phrases:
            for pattern in compile_phrase(phrase, lists):
                self.words.update(w for part in pattern if isinstance(part, _Any) for w in part.plain)
                entry = _Entry(name, pattern, tuple(p.plain for p in pattern[1:] if isinstance(p, _Any) and not p.starred))
                for word in pattern[0].words:
                    if "*" in word:
                        self._starred.append(entry)
                        stars.add(word)
                    else:
                        self._by_word.setdefault(word, []).append(entry)
        self._any_star = re.compile("|".join(re.escape(w).replace(r"\*", ".*") for w in sorted(stars)) or r"(?!)")

    def search(self, words: list[str]) -> list[tuple[str, Found]]:
        """Returns (name, place) for every phrase found, in reading order, longer before shorter at one start."""
        hits: dict[tuple[str, int], Found] = {}
        there = frozenset(words)
        for start, word in enumerate(words):
            for name, pattern, needed in (*self._by_word.get(word, ()), *(self._starred if self._any_star.fullmatch(word) else ())):
                if any(map(there.isdisjoint, needed)) or not pattern[0].matches(word):
                    continue
                end = _match(pattern, 1, words, start + 1)
                if end is not None and ((name, start) not in hits or hits[name, start].last < end):
                    hits[name, start] = Found(start, end)
        return sorted(((n, f) for (n, _), f in hits.items()), key=lambda h: (h[1].first, -h[1].last, h[0]))


def sentences(text: str) -> list[str]:
    """Returns the text cut after sentence ends and at line breaks, each sentence with its mark, blanks left out."""
    return [s.strip() for s in _BREAK.split(text) if s and s.strip()]
