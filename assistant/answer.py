"""The contract's types: what an answer is. Frozen; imports nothing of ours."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["answered", "needs_information", "abstained", "urgent"]
Status = Literal["submitted", "under_review", "approved"]
Cause = Literal["out_of_scope", "not_in_corpus", "missing_fact", "conflicting_facts", "conflicting_sources"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(_Frozen):
    """One sentence, the statements that support it, and its citation numbers."""

    text: str
    statements: tuple[str, ...] = Field(min_length=1, description="ids of the curated statements that support it")
    citations: tuple[int, ...] = Field(min_length=1, description="numbers in references")
    strength: str | None = Field(default=None, description="strength of recommendation in the source's own scheme")
    certainty: str | None = Field(default=None, description="certainty of evidence in the source's own scheme")
    wording: Literal["curated", "model"] | None = Field(default=None, description="whose words they are, where a language model was asked")


class Section(_Frozen):
    """A titled run of sentences."""

    title: str
    sentences: tuple[Sentence, ...] = Field(min_length=1)


class CitedReference(_Frozen):
    """A reference as numbered in one answer."""

    number: int = Field(ge=1)
    key: str = Field(description="citation key in the corpus bibliography")
    type: Literal["guideline", "label", "trial", "review", "regulatory", "consensus", "other"]
    title: str
    authors: str | None = None
    container: str | None = None
    year: int
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    funding: str | None = Field(default=None, description="who paid for the work, where the source says so")
    superseded: bool = Field(default=False, description="a newer source replaces it")
    review_status: Status


class DecisionOption(_Frozen):
    """An option of the decision with its standing in the source's words."""

    option: str
    standing: str
    statements: tuple[str, ...]


class DecisionRuledOut(_Frozen):
    """An option ruled out, and the statements that say why."""

    option: str
    statements: tuple[str, ...]


class OptionRow(_Frozen):
    """An option at a glance: its standing in the source's words, and the cells that are known, each cited."""

    option: str
    standing: str
    figure: Sentence | None = Field(default=None, description="the key figure of its evidence")
    cns: Sentence | None = Field(default=None, description="activity in the central nervous system")
    schedule: Sentence | None = Field(default=None, description="how it is taken")
    risks: Sentence | None = Field(default=None, description="main risks")


class Missing(_Frozen):
    """A fact the decision needs, as a question with its possible values."""

    variable: str
    question: str
    values: tuple[str, ...]


class Decision(_Frozen):
    """Where the patient stands on a pathway; `node` is None while information is missing."""

    pathway: str
    version: str
    state: dict[str, str] = Field(description="variable -> value, as understood from the conversation")
    node: str | None
    title: str | None = Field(default=None, description="the node in words")
    options: tuple[DecisionOption, ...]
    ruled_out: tuple[DecisionRuledOut, ...]
    missing: tuple[Missing, ...]
    would_change: tuple[Missing, ...] = Field(default=(), description="facts not stated and not asked for, that would lead elsewhere")
    trace: tuple[str, ...] = Field(description="which rule fired on which fact, in order")


class ReviewNotice(_Frozen):
    """The least reviewed status of all that the answer rests on, and the notice shown for it."""

    status: Status
    notice: str


class Wording(_Frozen):
    """What a language model did to the wording of an answer."""

    model: int = Field(ge=0, description="sentences in the model's words, each verified against the statement it cites")
    unchanged: int = Field(ge=0, description="sentences the model gave back as they are")
    replaced: int = Field(
        ge=0, description="sentences the model was asked for that are in the curated wording, since its own failed or is missing"
    )
    problem: str | None = Field(default=None, description="what kept the model's reply from being whole")


class Answer(_Frozen):
    """What `citepath ask --json` prints. Fields may be added, never removed or renamed."""

    id: str = Field(description="stable: the same inputs give the same id and the same answer")
    question: str = Field(description="as asked, with what identifies a person masked")
    standalone_question: str = Field(description="the question with its references to earlier turns resolved")
    audience: Literal["clinician", "patient"]
    outcome: Outcome
    cause: Cause | None = Field(default=None, description="why there is no answer, none yet, or two")
    message: str | None = Field(default=None, description="for abstained and urgent: what to tell the reader")
    notices: tuple[str, ...] = Field(default=(), description="what else the reader is told, for instance what was masked in the question")
    premise_notes: tuple[Sentence, ...] = ()
    sections: tuple[Section, ...] = ()
    options: tuple[OptionRow, ...] = Field(default=(), description="the options at a glance, where the course of action was asked")
    references: tuple[CitedReference, ...] = ()
    decision: Decision | None = None
    usual: Decision | None = Field(default=None, description="the decision for the usual case, shown while facts are missing")
    conflicts: tuple[str, ...] = Field(default=(), description="variables the question gave two values")
    review: ReviewNotice
    disclaimer: str
    last_updated: date
    follow_ups: tuple[str, ...] = ()
    sureness: float | None = Field(
        default=None, ge=0, le=1, description="how surely the statements found answer; for evaluation, not shown to readers"
    )
    corpus_version: str
    engine: str
    wording: Wording | None = Field(default=None, description="where a language model was asked for the wording")
    latency_ms: float

    def as_json(self) -> dict:
        """Returns the answer as the contract's JSON object: optional fields that are empty are left out."""
        data = self.model_dump(mode="json")
        return _without_nulls(data, keep=("decision", "usual", "node"))


def _without_nulls(value: Any, keep: tuple[str, ...]) -> Any:
    """Returns the JSON value without the fields that are null; those of `keep` stay, since the contract has them null."""
    if isinstance(value, dict):
        return {k: _without_nulls(v, keep) for k, v in value.items() if v is not None or k in keep}
    return [_without_nulls(v, keep) for v in value] if isinstance(value, list) else value


SCHEMA = Path(__file__).with_name("answer.schema.json")


def schema_text() -> str:
    """Returns the JSON Schema of `Answer` as text, as others may read it from answer.schema.json."""
    return json.dumps(Answer.model_json_schema(mode="serialization"), indent=2) + "\n"


def write_schema() -> None:
    """Writes answer.schema.json beside this file; run it after a change of the types."""
    SCHEMA.write_text(schema_text(), encoding="utf-8")
