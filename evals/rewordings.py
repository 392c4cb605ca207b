"""Other wordings of curated statements: fair ones made by rule, and those written by hand (`rewordings.yaml`), fair and unfair."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.claimant import abbreviates
from assistant.lexicon import Lexicon
from evals.cases import Split, split_of, typed
from ingest.content import Content, Corpus, Slug, Statement, Text
from ingest.errors import ContentError, Fault
from ingest.phrases import tokenise

WRITTEN = Path(__file__).resolve().parent / "rewordings.yaml"
_OPENING = re.compile(
    r"^((?:In|At|Under|On|Among|By|According to|Within|From|With)(?: (?:[^\s,.;()%]+|\([^();%]*\))){1,14}), (?!and |or |but |which |with |included)(?=[a-z])"
)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\bSt\.) (?=[A-Z])")
_SHORT = {
    **{f"{v} not": f"{v}n't" for v in ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "should", "must")},
    "cannot": "can't",
}
_CONTRACTED = re.compile(rf"\b(?:{'|'.join(_SHORT)})\b")
_PLAIN_ALIAS = re.compile(r"[^|*{}.]+")


@dataclass(frozen=True)
class Rewording:
    """A wording of a statement: by which rule or hand it was made, and whether it says the same."""

    rule: str
    statement: str
    sentence: str
    fair: bool = True
    fault: str = ""


class Unfair(Content):
    """A wording that falsifies its statement, and how."""

    wording: Text
    fault: Text


class Written(Content):
    """The rewordings written by hand: statement id -> wordings."""

    fair: dict[Slug, tuple[Text, ...]]
    unfair: dict[Slug, tuple[Unfair, ...]]


def reworded(s: Statement, lexicon: Lexicon) -> Iterator[Rewording]:
    """Yields fair rewordings of both wordings of a statement, each made by one rule that keeps the meaning.

    The rules: lower case; brackets as commas and semicolons as full stops; a percent sign as a word and the reverse; contractions; the opening
    phrase moved to the end, or left out; another name of a drug or a trial, or an abbreviation for its long form; one sentence of several.
    """
    for text in dict.fromkeys((s.text, s.plain)):
        made = [
            ("case", text.lower()),
            ("punctuation", _punctuated(text)),
            ("percent", re.sub(r"(?<=\d)%", " percent", text)),
            ("percent", re.sub(r"(?<=\d) percent\b", "%", text)),
            ("contraction", _CONTRACTED.sub(lambda m: _SHORT[m.group()], text)),
            ("clause order", _moved(text)),
            ("opening left out", _cut(text)),
            *(("another name", other) for other in _renamed(text, lexicon)),
            *(("one sentence", part) for part in _SENTENCE.split(text)),
        ]
        for rule, wording in dict.fromkeys(made):
            if wording and wording != text:
                yield Rewording(rule, s.id, wording)


def written(corpus: Corpus, split: Split | None = None, path: Path = WRITTEN) -> tuple[Rewording, ...]:
    """Returns the rewordings written by hand, of a split or all; a statement is of the test split by a digest of its id, one in three.

    Raises:
        ContentError: the file has faults; a statement the corpus does not hold is one.
    """
    found, lines, faults = typed(path, Written)
    for part in ("fair", "unfair"):
        for id in getattr(found, part, ()):
            if id not in corpus.statements:
                faults.append(Fault(path.name, lines.get((part, id), 1), f"{part}.{id}", "is no statement of the corpus"))
    if faults:
        raise ContentError(faults)
    every = [
        *(Rewording("fair, by hand", id, w) for id, ws in found.fair.items() for w in ws),
        *(Rewording("unfair, by hand", id, w.wording, False, w.fault) for id, ws in found.unfair.items() for w in ws),
    ]
    return tuple(r for r in every if split in (None, split_of(r.statement)))


def _punctuated(text: str) -> str:
    text = re.sub(r" \(([^();]*)\)(?= )", r", \1,", text)
    return re.sub(r"; (\w)(?![^(]*\))", lambda m: f". {m.group(1).upper()}", text).rstrip(".")


def _moved(text: str) -> str | None:
    opening = _OPENING.match(text)
    if not opening or _SENTENCE.search(text) or ";" in text:
        return None
    rest, phrase = text[opening.end() :].rstrip("."), opening.group(1)
    return f"{rest[0].upper()}{rest[1:]}, {phrase[0].lower()}{phrase[1:]}."


def _cut(text: str) -> str | None:
    opening = _OPENING.match(text)
    rest = text[opening.end() :] if opening else ""
    return rest[:1].upper() + rest[1:]


def _renamed(text: str, lexicon: Lexicon) -> Iterator[str]:
    tokens = tokenise(text)
    done = set()
    for m in lexicon.find(text):
        term = lexicon.terms[m.term]
        if m.term in done or m.category not in ("drug", "trial", "gene", "disease", "topic"):
            continue
        aliases = [a for a in (term.name, *term.synonyms) if _PLAIN_ALIAS.fullmatch(a) and a.lower() != m.surface.lower()]
        if m.category != "drug" and m.category != "trial":
            aliases = [a for a in aliases if abbreviates(a, m.surface) or abbreviates(m.surface, a)]
        if aliases:
            done.add(m.term)
            yield text[: tokens[m.first].start] + aliases[0] + text[tokens[m.last - 1].end :]
