"""Text to masked text: what identifies a person (names, dates of birth, numbers, addresses) is replaced before anything reads the text.

Cues are content (`corpus/identifiers/`), one file a language; the shapes of numbers stand in `numbers.py`. Deterministic; it cannot find everything.
Presidio was not taken: it needs a spaCy model and promises no more; phonenumbers neither: its matcher lets through whatever is no valid number
(a slip, 555-123-4567), and where it takes any possible number it masks doses.
"""

import re
from dataclasses import dataclass

from assistant.cues import Cues, Span, outside
from assistant.lexicon import Lexicon
from assistant.names import Names
from assistant.numbers import Numbers
from ingest.content import Corpus
from ingest.phrases import normalise

KINDS = {
    "name": "a name",
    "date of birth": "a date of birth",
    "record number": "a record number",
    "phone": "a phone number",
    "e-mail": "an e-mail address",
    "address": "an address",
    "link": "a link with a user name",
}
"""What is masked -> how a notice calls it."""

_PLACEHOLDER = re.compile(r"\[(?:" + "|".join(KINDS) + r")\]")
_KEPT = re.compile(
    r"NCT ?\d{8}|ISRCTN ?\d+|(?:EudraCT|EU CT)[^\d\n]{0,12}[\d-]+|\b\d{4}-\d{6}-\d{2}\b|10\.\d{4,9}/[^\s,;]+|PM(?:ID|C)[ :]{0,3}\d+",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?<!\w)[a-z][a-z0-9+.-]{1,12}://(?:[^\s/@]{1,100}@\S{0,300}|\S{1,200}?[?&](?:name|patient|mrn|dob|user|email)=\S{0,200})",
    re.IGNORECASE,
)
_SITE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Masked:
    """A text without what identifies a person, and the kinds (keys of `KINDS`) that were masked, each once, in reading order."""

    text: str
    kinds: tuple[str, ...] = ()


class Identifiers:
    """Masks texts; built once from a corpus and its lexicon."""

    def __init__(self, corpus: Corpus, lexicon: Lexicon):
        languages = tuple(corpus.identifiers.values())
        self._cues, self._names, self._numbers = Cues(languages), Names(corpus, lexicon), Numbers(languages)

    def mask(self, text: str) -> Masked:
        """Returns the text with each identifier replaced by its kind in brackets; as it was where there is none."""
        clean = normalise(text)
        masked = [m.span() for m in _PLACEHOLDER.finditer(clean)]
        read = self._cues.read(clean, masked)
        links = [m.span() for m in _LINK.finditer(clean)]
        kept = [*masked, *(m.span() for m in _KEPT.finditer(clean)), *((c.start, c.end) for c in read.of("kept"))]
        kept += outside((m.span() for m in _SITE.finditer(clean)), links)
        names = outside(self._names.spans(read), kept)
        found = [("name", s) for s in names] + [("link", s) for s in links]
        for kind, spans in self._numbers.find(read, names).items():
            found += [(kind, s) for s in (spans if kind == "e-mail" else outside(spans, kept))]
        return _replaced(clean, found) if found else Masked(text)


def _replaced(text: str, found: list[tuple[str, Span]]) -> Masked:
    """Returns the text with the spans replaced, those that overlap as one of the first's kind."""
    merged: list[tuple[str, int, int]] = []
    for kind, (start, end) in sorted(found, key=lambda f: (f[1][0], -f[1][1])):
        if merged and start < merged[-1][2]:
            merged[-1] = (*merged[-1][:2], max(end, merged[-1][2]))
        else:
            merged.append((kind, start, end))
    out, at = [], 0
    for kind, start, end in merged:
        out += [text[at:start], f"[{kind}]"]
        at = end
    return Masked("".join([*out, text[at:]]), tuple(dict.fromkeys(kind for kind, _, _ in merged)))
