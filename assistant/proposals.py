"""What a chat model proposes a follow-up to mean: taken only where it says what the conversation says, in the conversation's own words."""

from dataclasses import dataclass, field
from typing import Any

from assistant.chat import Chat, Problem, prompt
from assistant.followups import Turn, refers
from assistant.lexicon import Lexicon
from assistant.patient import Patients
from assistant.understand import Understanding, starts_anew
from ingest.content import Corpus, Pathway
from ingest.phrases import SMALL, normalise, tokenise

_STRING = {"type": "string"}


def _entries(*names: str) -> dict[str, Any]:
    properties = dict.fromkeys(names, _STRING)
    return {"type": "array", "items": {"type": "object", "properties": properties, "required": list(names), "additionalProperties": False}}


SCHEMA = {
    "title": "understanding",
    "description": "What the question means.",
    "type": "object",
    "properties": {"questions": _entries("text"), "facts": _entries("variable", "value", "words")},
    "required": ["questions", "facts"],
    "additionalProperties": False,
}
"""What a model that can be bound to a JSON Schema replies with."""

_NAMES = ("drug", "class", "gene", "disease", "trial")
_DENIALS = frozenset({"no", "not", "without", "never", "nor", "neither", "none", "nothing", "nobody", "free", "clear"})
_LONGEST = 600


@dataclass(frozen=True)
class Proposal:
    """What was taken: the question made to stand alone or None, and variable -> value with the words that state each."""

    standalone: str | None = None
    state: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


class Proposer:
    """Asks a chat model what a question means; built once from a corpus."""

    def __init__(self, chat: Chat, corpus: Corpus, lexicon: Lexicon):
        self._chat, self._corpus, self._lexicon, self._patients = chat, corpus, lexicon, Patients(corpus, lexicon)

    def propose(self, u: Understanding, earlier: tuple[Turn, ...], missing: bool) -> Proposal:
        """Returns what of the model's proposal is taken; `missing` says that the decision lacks facts. Raises nothing.

        The model is asked only where the reading of our own left something open: a reference to earlier turns, or facts.
        """
        if starts_anew(u.question):
            earlier = ()
        texts = [normalise(t.question) for t in earlier] + [normalise(u.question)]
        open_reference = bool(earlier) and refers(texts[-1]) and refers(u.standalone)
        pathway = self._corpus.pathways.get(u.pathway or "")
        unknown = {n: v for n, v in pathway.variables.items() if n not in u.state and n not in u.conflicts} if pathway and missing else {}
        if not (open_reference or unknown):
            return Proposal()
        given = {
            "earlier": texts[:-1],
            "question": texts[-1],
            "variables": [{"variable": n, "question": v.question, "values": list(v.values)} for n, v in unknown.items()],
        }
        standalone, state, words = None, {}, {}
        for found in self._chat.objects(prompt("understand"), given, SCHEMA):
            if isinstance(found, Problem) or not all(isinstance(v, str) for v in found.values()):
                continue
            if open_reference and self._stands(found.get("text", ""), texts):
                standalone = found["text"].strip()
            name, value = found.get("variable", ""), found.get("value", "")
            if name in unknown and name not in state and self._stated(pathway, name, value, found.get("words", ""), texts[-1]):
                state[name], words[name] = value, found["words"]
        return Proposal(standalone, state, words)

    def _stands(self, text: str, texts: list[str]) -> bool:
        """Whether a question says only what the conversation says, and all that the present question names or denies."""
        said = {w.word for t in texts for w in tokenise(f"{t} {self._lexicon.canonical(t)}")}
        proposed = [w.word for w in tokenise(text)]
        kept = set(self._lexicon.of(texts[-1], *_NAMES)) <= set(self._lexicon.of(text, *_NAMES))
        denials = [w.word for w in tokenise(texts[-1]) if w.word in _DENIALS]
        return (
            0 < len(text.strip()) <= _LONGEST
            and kept
            and sorted(denials) == sorted(w for w in proposed if w in _DENIALS)
            and all(w in said or w in SMALL for w in proposed)
        )

    def _stated(self, pathway: Pathway, name: str, value: str, words: str, text: str) -> bool:
        """Whether a value exists, its words stand in the present question, said of this patient, and our own reading of them is no other value.

        Earlier questions are not read again: what was forgotten since stays so. Words that deny something count only where our own
        reading agrees.
        """
        said = {w.word for w in tokenise(words)}
        if value not in pathway.variables[name].values or said <= SMALL:
            return False
        read = {f.value for f in self._patients.findings(pathway, words, described=True) if f.variable == name}
        if read - {value} or (said & _DENIALS and not read):
            return False
        return self._patients.says(pathway, text, words)
