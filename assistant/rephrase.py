"""Curated statements in a chat model's words: each sentence judged against what it cites, else the curated wording stands."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from assistant.answer import Decision
from assistant.chat import Chat, Problem, prompt
from assistant.fidelity import Fidelity
from assistant.identifiers import Identifiers
from assistant.lexicon import Lexicon
from assistant.verify import Verifier
from ingest.content import Audience, Corpus, Statement
from ingest.phrases import normalise
from ingest.reading import HARDEST, Reading

SCHEMA = {
    "title": "sentences",
    "description": "The statements, worded anew.",
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"ids": {"type": "array", "items": {"type": "string"}}, "text": {"type": "string"}},
                "required": ["ids", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
"""What a model that can be bound to a JSON Schema replies with."""

_READERS = {"clinician": "a clinician", "patient": "a patient, in short sentences and everyday words"}
_MARKS = frozenset("<>[]{}`|*_~#\\^@")
_ADDRESS = re.compile(r"://|\bwww\.|\bmailto:|\bjavascript:", re.IGNORECASE)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_CITED = re.compile(r"^[\s\-*\d.)]*(?P<text>.*\S)\s*\[(?P<ids>[a-z0-9][a-z0-9, -]*)\]\s*$")
_UNWORDED = "gave no sentence"


@dataclass(frozen=True)
class Asked:
    """What is to be worded: the question (masked), its reader, the decision, the statements in reading order, and those ruled out.

    `ruled_out` are sets of vocabulary ids: a sentence that names all of one is never a model's.
    """

    question: str
    audience: Audience
    statements: tuple[Statement, ...]
    decision: Decision | None = None
    ruled_out: tuple[Set[str], ...] = ()


@dataclass(frozen=True)
class Dropped:
    """A sentence of the model that is not shown, the ids it cites, and why."""

    text: str
    ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Reworded:
    """What came of it.

    Attributes:
        wordings: statement -> the model's wording, verified and whole.
        unchanged: statements the model gave back as they are.
        replaced: statements asked for whose curated wording is shown, because the model's was dropped or is missing.
        problem: what kept the reply from being whole, in words that follow "the model", or None.
    """

    wordings: dict[str, str] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    problem: str | None = None


class Rephraser:
    """Words statements anew with one chat model; built once from a corpus and its judges."""

    def __init__(self, chat: Chat, corpus: Corpus, lexicon: Lexicon, verifier: Verifier, identifiers: Identifiers):
        self._chat, self._lexicon, self._verifier, self._identifiers = chat, lexicon, verifier, identifiers
        self._fidelity, self._reading = Fidelity(corpus, lexicon), Reading(corpus)

    def rephrase(self, asked: Asked, on_wording: Callable[[str, str], None] | None = None) -> Reworded:
        """Returns the model's wordings that stand; `on_wording` is told each statement and its wording once it is verified. Raises nothing."""
        sent = tuple(s for s in asked.statements if not _marked(s.wording(asked.audience)))
        if not sent:
            return Reworded()
        table = _Table(asked, sent)
        problem = None
        for found in self._chat.objects(prompt("rephrase", reader=_READERS[asked.audience]), _given(asked, sent), SCHEMA):
            if isinstance(found, Problem):
                offers = list(_plain(found.plain))
                problem = None if offers else found.cause
            else:
                offers = [found]
            for offer in offers:
                for id in self._take(table, offer):
                    if on_wording and id in table.wordings:
                        on_wording(id, table.wordings[id])
        for id, texts in table.parts.items():
            if texts and id not in table.done:
                table.drop(" ".join(texts), (id,), self._missing(table, id, " ".join(texts)) or "it is not whole")
        if not problem and not table.done and not table.dropped:
            problem = _UNWORDED
        replaced = tuple(s.id for s in sent if s.id not in table.done)
        return Reworded(table.wordings, tuple(table.unchanged), replaced, tuple(table.dropped), problem)

    def _take(self, table: "_Table", offer: dict[str, Any]) -> Iterator[str]:
        """Takes one sentence of the model; yields the statement that is complete with it, if one is."""
        text, ids = offer.get("text"), offer.get("ids", ())
        if not isinstance(text, str) or not text.strip():
            return
        ids = tuple(i for i in ([ids] if isinstance(ids, str) else ids if isinstance(ids, list) else ()) if isinstance(i, str))
        text = " ".join(text.split())
        if reason := self._unfit(table, text, ids):
            table.drop(text, ids, reason)
            table.spoilt.update(i for i in ids if i in table.parts)
            return
        reasons = []
        for id in ids:
            if reason := self._unsupported(table, text, id):
                reasons.append(reason)
                continue
            table.parts[id].append(text)
            if not self._missing(table, id, whole := " ".join(table.parts[id])):
                table.finish(id, whole)
                yield id
            return
        table.drop(text, ids, reasons[0])
        table.spoilt.update(ids)

    def _unfit(self, table: "_Table", text: str, ids: tuple[str, ...]) -> str | None:
        """Returns why no statement could make the sentence fit to be shown."""
        if not ids:
            return "it cites no statement"
        if unknown := [i for i in ids if i not in table.parts]:
            return f"it cites {unknown[0]}, which it was not given"
        if done := [i for i in ids if i in table.done or i in table.spoilt]:
            return f"{done[0]} is settled already"
        if _marked(text):
            return "it holds markup, a link or hidden text"
        if text[0].islower() or text[-1] not in ".!?":
            return "it is not written as a sentence"
        if self._identifiers.mask(text).kinds:
            return "it may hold what identifies a person"
        named = set(self._lexicon.of(text))
        if any(option <= named for option in table.asked.ruled_out):
            return "it names an option that is ruled out"
        return None

    def _unsupported(self, table: "_Table", text: str, id: str) -> str | None:
        """Returns why a statement does not support the sentence: by the verifier, or because a word of substance is added."""
        s = table.source(id)
        verdict = self._verifier.verify(text, [s])
        if not verdict.supported:
            return verdict.reasons[0]
        if added := self._fidelity.added(text, (s.text, s.plain)):
            return f"'{added[0]}' is not in the statement"
        return None

    def _missing(self, table: "_Table", id: str, text: str) -> str | None:
        """Returns what the sentences on a statement, taken together, lack to stand in its place."""
        wording = table.wording(id)
        if faults := self._fidelity.faults(text, wording):
            return faults[0]
        if table.asked.audience == "patient" and self._reading.grade(text) > max(HARDEST, self._reading.grade(wording)):
            return "it is harder to read"
        return None


class _Table:
    """The statements asked for, and what has come for each."""

    def __init__(self, asked: Asked, sent: tuple[Statement, ...]):
        self.asked = asked
        self.parts: dict[str, list[str]] = {s.id: [] for s in sent}
        self.wordings: dict[str, str] = {}
        self.unchanged: list[str] = []
        self.dropped: list[Dropped] = []
        self.spoilt: set[str] = set()
        self.done: set[str] = set()
        self._statements = {s.id: s for s in sent}

    def wording(self, id: str) -> str:
        return self._statements[id].wording(self.asked.audience)

    def source(self, id: str) -> Statement:
        """Returns the statement that judges: for a patient its plain wording only, so that no harder word comes back."""
        s = self._statements[id]
        return s.model_copy(update={"text": s.plain}) if self.asked.audience == "patient" else s

    def finish(self, id: str, text: str) -> None:
        self.done.add(id)
        if text == self.wording(id):
            self.unchanged.append(id)
        else:
            self.wordings[id] = text

    def drop(self, text: str, ids: tuple[str, ...], reason: str) -> None:
        self.dropped.append(Dropped(text, ids, reason))


def _given(asked: Asked, sent: tuple[Statement, ...]) -> dict[str, Any]:
    """Returns all that is sent to the model beside the instructions."""
    d = asked.decision
    return {
        "question": normalise(asked.question),
        "decision": {
            "title": d.title,
            "options": [f"{o.option}: {o.standing}" for o in d.options],
            "ruled_out": [r.option for r in d.ruled_out],
        }
        if d
        else None,
        "statements": [{"id": s.id, "heading": s.section, "text": s.wording(asked.audience)} for s in sent],
    }


def _marked(text: str) -> bool:
    """Whether a text holds a link, a mark of a markup language, or a character that is not seen."""
    return bool(_MARKS & set(text) or _ADDRESS.search(text)) or any(unicodedata.category(c) in _HIDDEN for c in text)


def _plain(text: str) -> Iterator[dict[str, Any]]:
    """Yields the sentences of a reply that is no JSON: those lines that end in their statement's id in brackets."""
    for line in text.splitlines():
        if m := _CITED.match(line):
            yield {"text": m["text"], "ids": [i.strip() for i in m["ids"].split(",")]}
