"""Names of people in a text: after a cue ("my name is", "Mrs", "my wife"), or a given name, alone or with a surname.

Never taken for a person: what the vocabulary knows, words of the corpus, eponyms and institutions, authors cited as literature.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from assistant.cues import Cue, Read, Span
from assistant.lexicon import Lexicon
from ingest.content import Corpus, Identifying
from ingest.phrases import tokenise

MOST = 4
Fits = Callable[[str], bool]
_NAMED = {"drug", "class", "gene", "disease", "trial", "unknown"}
_WORD = re.compile(r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*")
_LEAD = re.compile(r"[^\S\n]{0,3}[:=,.\"'(*-]{0,2}[^\S\n]{0,3}")
_INITIAL = re.compile(r"[^\W\d_]\.|[A-Z](?= [A-Z][a-z])")
_BEFORE = re.compile(r"(?<![\w'’-])[^\W\d_]{2,25} \Z")
_SPACE = re.compile(r"[^\S\n]{1,3}")
_COMMA = re.compile(r",[^\S\n]{0,3}")
_COLON = re.compile(r"[^\S\n]{0,2}[:=]")
_TITLE_LEAD = re.compile(r"\.?[^\S\n]{0,3}")
_SIGNING = re.compile(r"[\s,.!:;-]{0,8}")
_SIGNED = re.compile(r"[\s.!)]{0,8}(?:\Z|\n)")
_CALLED_ON = re.compile(r"[,!.:)]|\s*\Z")
_SUBJECT = re.compile(r"\s?[,;(]|['’]s\b|\s(?:is|has|was|who|had|ist|hat|es|tiene)\b")
_ET_AL = re.compile(r"(?:['’)]|, ?(?=et\b))?[^\S\n]{0,3}['’(]?\w")
_NUMBERED = re.compile(r"[-‑]?\d")
_YEAR = re.compile(r"(?:['’]s)?,?\s?\(?(?:199|20[0-4])\d(?!\d|[./-]\d)")
_AGED = re.compile(
    r"(?<![\w'’-])([^\W\d_]{2,25}(?:-[^\W\d_]{2,25})?(?: [^\W\d_]{2,25}){1,2}),? \(?\d{1,3}(?:\)|,|;| ?(?:y|yo|yrs?|years?|jahre|años|m|f|w)\b|-year)",
    re.IGNORECASE,
)


class Names:
    """Finds names; built once from a corpus and its lexicon."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        languages = tuple(corpus.identifiers.values())
        self._stop = _folded(languages, "words", "titles", "things")
        self._particles, self._things = _folded(languages, "particles"), _folded(languages, "things")
        self._short = _folded(languages, "short_titles")
        self._also_words = _folded(languages, "also_words")
        self._given = _folded(languages, "given_names") - self._also_words - self._stop
        self._known = (lexicon.in_small_letters | _known_words(corpus)) - _folded(languages, "surnames")
        self._in_vocabulary = lru_cache(maxsize=4096)(lambda word: any(m.category in _NAMED for m in lexicon.find(word)))

    def spans(self, read: Read) -> list[Span]:
        """Returns the places of names, in no order; they may overlap."""
        found = [
            *self._after(read, "named", self._named_after),
            *self._after(read, "titles", self._titled),
            *self._after(read, "relatives", self._relative),
            *self._after(read, "patients", self._patient),
            *self._after(read, "people", self._person),
            *self._after(read, "greetings", self._greeted),
            *self._after(read, "closings", self._signing),
        ]
        return found + self._bare(read) + self._aged(read)

    def _after(self, read: Read, kind: str, rule: Callable[[Read, Cue], Span | None]) -> Iterable[Span]:
        return (span for cue in read.of(kind) if (span := rule(read, cue)))

    # The rules, one a kind of cue

    def _named_after(self, read: Read, cue: Cue) -> Span | None:
        """After "my name is" or "Name:" case does not matter."""
        colon = _COLON.match(read.text, cue.end)
        if self._of_a_thing(read, cue) or (cue.last - cue.first == 1 and not colon):
            return None
        return self._run(read.text, _lead(read.text, cue), lambda w: self._fits(w, sure=True, any_case=True), comma=bool(colon))

    def _titled(self, read: Read, cue: Cue) -> Span | None:
        title, at = read.text[cue.start : cue.end], _TITLE_LEAD.match(read.text, cue.end).end()
        if title.isupper() and "." not in read.text[cue.end : at]:  # MS, MR: an illness, an image
            return self._run(read.text, at, lambda w: self._is_given(w))
        ends = "." in read.text[cue.end : at] and cue.first > 0 and read.tokens[cue.first - 1].word in self._stop
        common = any(p in self._known for p in _folded_parts(title))
        span = self._run(
            read.text, at, lambda w: self._fits(w, sure=not (ends or common), any_case=title.lower() in self._short and title.islower())
        )
        return span if span and not self._cited(read, span, year=False) else None

    def _relative(self, read: Read, cue: Cue) -> Span | None:
        """After "my wife" a name may be any word that is nothing else; after a comma only a given name."""
        if m := _SPACE.match(read.text, cue.end):
            return self._run(read.text, m.end(), lambda w: self._fits(w, sure=self._is_given(w)) or self._is_given(w))
        m = _COMMA.match(read.text, cue.end)
        return self._run(read.text, m.end(), self._is_given, self._fits) if m else None

    def _patient(self, read: Read, cue: Cue) -> Span | None:
        span = self._run(read.text, _lead(read.text, cue), self._fits)
        if not span or self._cited(read, span):
            return None
        words = _WORD.findall(read.text, *span)
        alone = _SUBJECT.match(read.text, span[1]) and read.text[span[0] : span[1]].istitle()
        return span if len(words) > 1 or self._is_given(words[0]) or alone else None

    def _person(self, read: Read, cue: Cue) -> Span | None:
        if self._of_a_thing(read, cue):
            return None
        span = self._run(read.text, _lead(read.text, cue), self._fits) or self._run(read.text, _lead(read.text, cue), self._is_given)
        if not span or self._cited(read, span):
            return None
        words = _WORD.findall(read.text, *span)
        return span if len(words) > 1 or (self._is_given(words[0]) and not self._stop & set(_folded_parts(words[0]))) else None

    def _greeted(self, read: Read, cue: Cue) -> Span | None:
        span = self._run(read.text, _lead(read.text, cue), lambda w: self._is_given(w) or self._fits(w))
        return span if span and _CALLED_ON.match(read.text, span[1]) and self._is_given(_WORD.findall(read.text, *span)[0]) else None

    def _signing(self, read: Read, cue: Cue) -> Span | None:
        at = _SIGNING.match(read.text, cue.end).end()
        span = self._run(read.text, at, lambda w: self._is_given(w) or self._fits(w))
        return span if at > cue.end and span and _SIGNED.match(read.text, span[1]) else None

    def _bare(self, read: Read) -> list[Span]:
        """A given name that is no other word, with what follows it; one that is also a word needs a surname that is none."""
        found, at, cues = [], 0, {c.start for c in read.cues}
        for m in _WORD.finditer(read.text):
            word = m.group()
            if m.start() < at or not word[0].isupper() or not self._is_given(word) or self._in_vocabulary(word):
                continue
            sure = _folded_parts(word)[0] in self._given
            before = _BEFORE.search(read.text, max(at, m.start() - 27), m.start())
            span = self._run(read.text, m.start(), self._is_given, self._fits)
            if not span or _folded_parts(word)[0] in self._stop or self._cited(read, span):
                continue
            if _NUMBERED.match(read.text, span[1]):  # a trial's name
                continue
            if len(_WORD.findall(read.text, *span)) > 1 or (sure and not word.isupper()):
                family_first = before and before.start() not in cues and self._fits(before.group().strip())
                found.append((before.start() if family_first else span[0], span[1]))
                at = span[1]
        return found

    def _aged(self, read: Read) -> list[Span]:
        """Two or three capitalised words that nothing else knows, before an age."""
        return [
            m.span(1)
            for m in _AGED.finditer(read.text)
            if all(self._fits(w) and not w.isupper() for w in m.group(1).split()) and not self._cited(read, m.span(1))
        ]

    # What a word may be

    def _fits(self, word: str, sure: bool = False, any_case: bool = False) -> bool:
        """Whether a word may be part of a name: capitalised, and nothing else; after a `sure` cue it may be a word of the corpus."""
        parts, capital = _folded_parts(word), word[0].isupper()
        if not (capital or any_case):
            return False
        if self._is_given(word):
            return sure or not self._in_vocabulary(word)
        if any(p in self._stop for p in parts) or self._in_vocabulary(word) or len(word) == 1:
            return False
        if any(p in self._known for p in parts) and not (sure and capital):
            return False
        return sure or not word.isupper()

    def _is_given(self, word: str) -> bool:
        """Whether a word is a given name, and not a trial or a drug as they are written."""
        first = _folded_parts(word)[0]
        given = first in self._given or (word[0].isupper() and first in self._also_words)
        return given and not (word.isupper() and self._in_vocabulary(word))

    def _run(self, text: str, at: int, first: Fits, later: Fits | None = None, comma: bool = False) -> Span | None:
        """Returns the place of the run of name words that begins at `at`, or None; initials and particles go with names."""
        later, start, names, end, shouted, initialled = later or first, at, 0, at, False, False
        while names < MOST and (m := _WORD.match(text, at)):
            word = m.group()
            initial = _INITIAL.match(text, at)
            stop = initial.end() if initial else m.end()
            fits = (
                initial
                or (later if names else first)(word)
                or (shouted and self._shouted(word))
                or (initialled and self._fits(word, sure=True))
            )
            if fits:
                names, end, shouted, initialled = names + (not initial), stop, word.isupper() and not initial, bool(initial) and names > 0
            elif _folded_parts(word)[0] not in self._particles:
                break
            gap = _SPACE.match(text, stop) or (_COMMA.match(text, stop) if comma and names == 1 else None)
            if not (gap or initial):
                break
            at = gap.end() if gap else stop
        return (start, end) if names else None

    def _shouted(self, word: str) -> bool:
        """Whether a word in capitals may be the surname after a given name in capitals."""
        return word.isupper() and len(word) > 1 and self._fits(word.title())

    def _of_a_thing(self, read: Read, cue: Cue) -> bool:
        """Whether it is a drug or a trial that is named: "a drug called", "the brand name is"."""
        return any(t.word in self._things for t in read.tokens[max(0, cue.first - 2) : cue.first])

    def _cited(self, read: Read, span: Span, year: bool = True) -> bool:
        """Whether a name is that of an author of the literature, an eponym or an institution."""
        first, after = read.word_at(span[0]), read.word_at(span[1])
        if year and _YEAR.match(read.text, span[1]):
            return True
        if any(c.first == after and _ET_AL.match(read.text, span[1]) for c in read.of("cited")):
            return True
        return any(c.last == first and not re.search(r"[.;?!\n]", read.text[c.end : span[0]]) for c in read.of("citing"))


def _lead(text: str, cue: Cue) -> int:
    """Returns where the name after a cue would begin."""
    return _LEAD.match(text, cue.end).end()


@lru_cache(maxsize=8192)
def _folded_parts(word: str) -> list[str]:
    """Returns the parts of a word as `tokenise` writes them, "O'" and the like left out."""
    return [t.word for t in tokenise(word) if len(t.word) > 1] or [word.lower()]


def _folded(languages: Iterable[Identifying], *fields: str) -> set[str]:
    """Returns the single words of these fields, as `tokenise` writes them."""
    return {p for language in languages for field in fields for phrase in getattr(language, field) for p in _folded_parts(phrase)}


def _known_words(corpus: Corpus) -> set[str]:
    """Returns the words that the content beside statements uses as words: of titles where they stand in small letters, of terms, cues and phrases anywhere."""
    written = [r.title for r in corpus.references.values()]
    phrases = [p for t in corpus.vocabulary.values() for p in (t.name, *t.synonyms)]
    phrases += [r.container for r in corpus.references.values() if r.container]
    for e in (*corpus.urgent.values(), *corpus.premises.values()):
        phrases += [*e.cues, *e.unless, *getattr(e, "always", ()), *(p for ps in getattr(e, "phrases", {}).values() for p in ps)]
    for c in corpus.context.values():
        phrases += [*c.before, *c.after, *c.anywhere]
    for p in corpus.pathways.values():
        phrases += [x for v in p.variables.values() for xs in v.values.values() for x in (*xs, v.question, *v.labels.values())]
        phrases += [x for xs in p.phrases.values() for x in xs]
    small = {t.word for text in written for t in tokenise(text) if text[t.start].islower()}
    return small | {t.word for p in phrases for t in tokenise(p)}
