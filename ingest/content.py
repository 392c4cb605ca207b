"""What a content file may hold: frozen models that refuse unknown fields."""

import hashlib
import json
import re
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _named(value: str) -> str:
    if value.lower() in {"anonymous", "unknown", "none"} or not re.search(r"[^\W\d_]{2}", value):
        raise ValueError("needs the name of a person")
    return value


Person = Annotated[Text, AfterValidator(_named)]
Kind = Literal["recommendation", "evidence", "dosing", "monitoring", "safety", "definition"]
ReviewStatus = Literal["submitted", "under_review", "approved"]
Audience = Literal["clinician", "patient"]
Category = Literal[
    "drug",
    "class",
    "gene",
    "disease",
    "trial",
    "topic",
    "intent",
    "outside",
    "condition",
    "unknown",
    "aside",
    "common",
    "form",
    "field",
    "source",
]


class Content(BaseModel):
    """Base of every content model: frozen, and an unknown field is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def digest(*parts: Any) -> str:
    """Returns the first 16 hex digits of the SHA-256 of `parts` as canonical JSON."""
    encoded = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str).encode()
    return hashlib.sha256(encoded).hexdigest()[:16]


class Reference(Content):
    """One bibliographic entry of `corpus/references/<key>.yaml`; the file's stem is its key."""

    key: Slug
    type: Literal["guideline", "label", "trial", "review", "regulatory", "consensus", "other"]
    title: Text
    authors: Text | None = None
    container: Text | None = None
    year: int = Field(ge=1950, le=2100)
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    pmid: Annotated[str, StringConstraints(pattern=r"^\d{5,9}$")] | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    accessed: date
    funding: Text | None = None
    superseded_by: Slug | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _can_be_found(self):
        if not (self.doi or self.pmid or self.url):
            raise ValueError("needs a doi, a pmid or a url")
        return self

    @property
    def link(self) -> str:
        """Returns the address that opens the source: DOI first, then PubMed, then the URL."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return self.url or ""


class Statement(Content):
    """One curated, cited sentence of a guideline document."""

    id: Slug
    text: Text
    plain: Text
    kind: Kind
    citations: tuple[Slug, ...] = Field(min_length=1)
    topics: tuple[Slug, ...] = ()
    strength: Text | None = None
    certainty: Text | None = None
    values: dict[str, Any] = {}
    review_by: date | None = None
    superseded_by: Slug | None = None
    section: Text
    document: Slug
    line: int = Field(ge=1)

    @cached_property
    def digest(self) -> str:
        """Returns the digest an approval is bound to: wording, citations and grading, not place."""
        return digest(self.id, self.text, self.plain, self.kind, self.citations, self.strength, self.certainty, self.values)

    def wording(self, audience: Audience) -> str:
        """Returns the wording for the audience: `plain` for a patient, `text` for a clinician."""
        return self.plain if audience == "patient" else self.text


class Document(Content):
    """One guideline document of `corpus/documents/<id>.md`."""

    id: Slug
    title: Text
    last_updated: date
    topics: tuple[Slug, ...] = ()
    statements: tuple[Statement, ...] = Field(min_length=1)


class Variable(Content):
    """One fact about the patient: how it is asked, its values, and the phrases that state each.

    Attributes:
        short: its name for a reader, in two or three words.
        values: value -> the phrases that state it.
        denied: value -> the value stated where it is denied; a variable of two values needs none.
        given: value -> vocabulary terms (drugs) whose mention in a report of the course states it.
        named: value -> vocabulary terms (genes) whose mention states it of a described patient of whom the variable is not stated.
        over: value -> the values it counts before, where both are stated (a drug not tolerated, though the disease is controlled).
        only_with: the values of other variables without which it has none (no drug given: no side effect of it).
        reports: whether stating this variable reports the course of a treatment.
        asked: whether its words are as often the topic of a question (a side effect) as a fact: then they hide no topic.
        several: what counts where a text states several values: the last in the order of `values`, or none (it is asked).
    """

    short: Text
    question: Text
    plain: Text | None = None
    values: dict[Name, tuple[Text, ...]] = Field(min_length=2)
    labels: dict[Name, Text] = {}
    denied: dict[Name, Name] = {}
    given: dict[Name, tuple[Slug, ...]] = {}
    named: dict[Name, tuple[Slug, ...]] = {}
    over: dict[Name, tuple[Name, ...]] = {}
    only_with: dict[Name, tuple[Name, ...]] = {}
    reports: bool = False
    asked: bool = False
    several: Literal["ask", "last_listed"] = "ask"

    def question_for(self, audience: Audience) -> str:
        """Returns the question for the audience: `plain` for a patient, where there is one."""
        return self.plain if audience == "patient" and self.plain else self.question

    def label(self, value: str) -> str:
        """Returns the value as a reader should see it."""
        return self.labels.get(value, value.replace("_", " "))


When = dict[Name, tuple[Name, ...]]


class Rule(Content):
    """`reach` this node when every named variable has one of the named values.

    An exception, `only_if_stated`, is for what few patients have (a pregnancy): while a value it needs is absent it is
    passed over and not asked for, and the decision says that this fact would change it.
    """

    when: When
    reach: Slug
    only_if_stated: bool = False


class Implication(Content):
    """Values that follow from others, unless the conversation says otherwise."""

    when: When
    then: dict[Name, Name] = Field(min_length=1)
    why: Text


class Brief(Content):
    """A table's cell: what its statements say, in a few words, for each reader."""

    text: Text
    plain: Text
    statements: tuple[Slug, ...] = Field(min_length=1)

    def wording(self, audience: Audience) -> str:
        """Returns the wording for the audience: `plain` for a patient, `text` for a clinician."""
        return self.plain if audience == "patient" else self.text


class Glance(Content):
    """An option at a glance: the names of the pathway's briefs that fill its row."""

    figure: Name | None = None
    cns: Name | None = None
    schedule: Name | None = None
    risks: Name | None = None


class Option(Content):
    """An option a node offers, its standing in the source's own words, what supports it, and its row at a glance."""

    option: Text
    standing: Text
    statements: tuple[Slug, ...] = Field(min_length=1)
    glance: Glance = Glance()


class RuledOut(Content):
    """An option ruled out in every state that matches `when`."""

    option: Text
    when: When
    statements: tuple[Slug, ...] = Field(min_length=1)


class Part(Content):
    """A titled run of statements shown under a node, a condition or the overview."""

    title: Text
    statements: tuple[Slug, ...] = Field(min_length=1)
    when: When = {}


class Node(Content):
    """A decision: what it is called, its options, what else to show, what to ask next."""

    title: Text
    summary: tuple[Slug, ...] = ()
    options: tuple[Option, ...] = Field(min_length=1)
    parts: tuple[Part, ...] = ()
    follow_ups: tuple[Text, ...] = ()


class Example(Content):
    """A worked state and what the pathway must decide for it."""

    state: dict[Name, Name]
    node: Slug | None
    ruled_out: tuple[Text, ...] = ()
    missing: tuple[Name, ...] = ()


class Pathway(Content):
    """A decision pathway of `corpus/pathways/<id>.yaml`."""

    id: Slug
    version: Text
    title: Text
    applies_to: tuple[Slug, ...] = Field(min_length=1)
    phrases: dict[Name, tuple[Text, ...]] = {}
    variables: dict[Name, Variable] = Field(min_length=1)
    implied: tuple[Implication, ...] = ()
    decide: tuple[Rule, ...] = Field(min_length=1)
    briefs: dict[Name, Brief] = {}
    nodes: dict[Slug, Node] = Field(min_length=1)
    rule_out: tuple[RuledOut, ...] = ()
    usual: dict[Name, Name] = {}
    overview: tuple[Part, ...] = ()
    notes: tuple[Part, ...] = ()
    follow_ups: tuple[Text, ...] = ()
    examples: tuple[Example, ...] = ()


class Term(Content):
    """A concept of the vocabulary with every way people write it."""

    id: Slug
    category: Category
    name: Text
    synonyms: tuple[Text, ...] = ()


class Premise(Content):
    """A false premise, the phrases that betray it, its true twins, and the statements that correct it."""

    id: Slug
    premise: Text
    phrases: dict[Name, tuple[Text, ...]] = {}
    cues: tuple[Text, ...] = Field(min_length=1)
    unless: tuple[Text, ...] = ()
    statements: tuple[Slug, ...] = Field(min_length=1)


class Scope(Content):
    """The cues of one kind of context (negated, past, ...): those that work on what follows, on what precedes, or from anywhere."""

    id: Slug
    before: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()
    anywhere: tuple[Text, ...] = ()


class PhraseList(Content):
    """A named list of phrases that any pathway may use as `{id}`."""

    id: Name
    phrases: tuple[Text, ...] = Field(min_length=1)


class Contrast(Content):
    """Words that turn a sentence round when one takes another's place: each side lists phrases that mean the same.

    A side may be said only where the source says it; of a `loose` contrast, also where the source says no side at all.
    """

    id: Slug
    loose: bool = False
    sides: tuple[Annotated[tuple[Text, ...], Field(min_length=1)], ...] = Field(min_length=2)


class Identifying(Content):
    """How one language announces what identifies a person: `corpus/identifiers/<language>.yaml`.

    Attributes:
        named, people, patients, relatives, titles, greetings, closings: cues of a name, the surest first; after a `named`
            cue case does not matter, a `named` cue of one word counts only before a colon.
        short_titles: titles that are no other word, after which a name may be in small letters.
        births, records, phones, addresses, postcodes: cues of a date or a number.
        streets: words after house number and name; streets_first: before the name; street_names: of which a name may end so.
        months: names and abbreviations; fillers: words that may stand between a cue and its number; particles: inside names.
        things: what else has a name (a drug, a trial): no person's name follows there.
        cited, citing: words after, and before, an author named as literature.
        kept: names that are never masked (eponyms, institutions, journals).
        words: never part of a name; surnames: words that are surnames too.
        given_names: given names that are nothing else; also_words: those that are also a word, a place or a month.
        CUES: the fields that hold phrases (`ingest/phrases.py`); the others hold single words or names.
    """

    CUES: ClassVar[tuple[str, ...]] = (
        *("named", "people", "patients", "relatives", "titles", "greetings", "closings"),
        *("births", "records", "phones", "addresses", "postcodes", "streets", "streets_first", "cited", "citing", "kept"),
    )

    id: Slug
    named: tuple[Text, ...] = ()
    people: tuple[Text, ...] = ()
    patients: tuple[Text, ...] = ()
    relatives: tuple[Text, ...] = ()
    titles: tuple[Text, ...] = ()
    short_titles: tuple[Text, ...] = ()
    greetings: tuple[Text, ...] = ()
    closings: tuple[Text, ...] = ()
    births: tuple[Text, ...] = ()
    records: tuple[Text, ...] = ()
    phones: tuple[Text, ...] = ()
    addresses: tuple[Text, ...] = ()
    postcodes: tuple[Text, ...] = ()
    streets: tuple[Text, ...] = ()
    streets_first: tuple[Text, ...] = ()
    street_names: tuple[Text, ...] = ()
    months: tuple[Text, ...] = ()
    fillers: tuple[Text, ...] = ()
    particles: tuple[Text, ...] = ()
    things: tuple[Text, ...] = ()
    cited: tuple[Text, ...] = ()
    citing: tuple[Text, ...] = ()
    kept: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()
    surnames: tuple[Text, ...] = ()
    given_names: tuple[Text, ...] = ()
    also_words: tuple[Text, ...] = ()


class Urgent(Content):
    """A danger that is answered before anything else; `priority` 1 comes first.

    `cues` are signs: they count unless their sentence denies them, puts them in the past, or asks about them in
    general. `always` are signs that count whatever is said around them.
    """

    id: Slug
    danger: Text
    priority: int = Field(ge=1, le=9)
    cues: tuple[Text, ...] = Field(min_length=1)
    always: tuple[Text, ...] = ()
    unless: tuple[Text, ...] = ()
    message: Text


class Messages(Content):
    """Messages as people write them that describe this danger, or none, or that touch on this premise: `assumed`, or not.

    What is learned from them (`ingest/triage.py`): which danger a message describes, which premise's subject it is about, and
    whether a message takes something for granted.
    """

    id: Slug
    danger: Slug | None = None
    premise: Slug | None = None
    assumed: bool = False
    messages: tuple[Text, ...] = Field(min_length=1)


class Matrix(Content):
    """What must be answerable: every row (a drug, a gene) by every column (a topic); a hole is declared with its reason."""

    id: Slug
    title: Text
    rows: tuple[Slug, ...] = Field(min_length=1)
    columns: tuple[Slug, ...] = Field(min_length=1)
    holes: dict[Slug, dict[Slug, Text]] = {}


class Difference(Content):
    """One question on which sources differ: their statements are shown side by side, never averaged."""

    id: Slug
    title: Text
    statements: tuple[Slug, ...] = Field(min_length=2)


Period = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,2} (?:day|week|month)s?$")]


def _days(period: Period) -> tuple[int, int]:
    """Returns how many days a period has at least and at most."""
    number, unit = period.split()
    shortest, longest = {"day": (1, 1), "week": (7, 7), "month": (28, 31)}[unit.rstrip("s")]
    return int(number) * shortest, int(number) * longest


class Wording(Content):
    """Words of a statement's text and of its plain wording, quoted; `…` marks what is left out."""

    text: Text
    plain: Text

    def wording(self, audience: Audience) -> str:
        """Returns the words for the audience."""
        return self.plain if audience == "patient" else self.text


class Phase(Wording):
    """When a test is due, quoted and as periods: `at` so long after the first dose, or `every` so long.

    An interval runs from the last date before it (at first from the first dose), to `until` so long after the first dose, or on.
    """

    at: tuple[Period, ...] = ()
    every: Period | None = None
    until: Period | None = None

    @model_validator(mode="after")
    def _one_of_both(self):
        if bool(self.at) == bool(self.every) or (self.until and not self.every):
            raise ValueError("needs either `at`, or `every` with or without `until`")
        return self


class Monitored(Content):
    """One test that a source asks for: before the first dose, in phases, and what the source puts no date to.

    Attributes:
        source: the source's name, quoted from a statement or from the title of a cited reference.
        region: the part of that name that says where it holds; None where it names no country.
        whom: those it is for, where it is not for all.
        undated: what has no fixed interval in the source ("periodically").
    """

    test: Wording
    source: Text
    region: Text | None = None
    statements: tuple[Slug, ...] = Field(min_length=1)
    whom: Wording | None = None
    before: Wording | None = None
    phases: tuple[Phase, ...] = ()
    undated: tuple[Wording, ...] = ()

    @model_validator(mode="after")
    def _says_when(self):
        if not (self.before or self.phases or self.undated):
            raise ValueError("needs `before`, `phases` or `undated`")
        if any(p.every and not p.until for p in self.phases[:-1]):
            raise ValueError("only the last of `phases` may go on without `until`")
        ends = [_days(p) for phase in self.phases for p in (*phase.at, phase.until) if p]
        if any(longest >= shortest for (_, longest), (shortest, _) in pairwise(ends)):
            raise ValueError("the periods of `at` and `until` should follow one another, each later than the one before it")
        return self


class Monitoring(Content):
    """The tests that the sources ask for on one drug: `corpus/monitoring/<drug>.yaml`."""

    id: Slug
    items: tuple[Monitored, ...] = Field(min_length=1)


class FixedText(Content):
    """A fixed text of the product (notice, disclaimer, policy) in `corpus/texts/<id>.md`."""

    id: Slug
    title: Text
    last_updated: date
    body: Text


class Wording(Content):
    """What a reviewer judged, kept with the judgement: all of a statement that its digest covers."""

    text: Text
    plain: Text
    kind: Kind
    citations: tuple[Slug, ...] = ()
    strength: Text | None = None
    certainty: Text | None = None
    values: dict[str, Any] = {}

    @classmethod
    def of(cls, statement: Statement) -> "Wording":
        """Returns the wording of a statement; in its values what JSON does not know (a date) is text."""
        fields = {name: getattr(statement, name) for name in cls.model_fields}
        return cls(**{**fields, "values": json.loads(json.dumps(statement.values, default=str))})


class Review(Content):
    """One event of a statement's review; an approval holds for this digest only.

    Attributes:
        account: the user name of the account that was signed in; None where the reviewer was named on the command line.
        wording: what was judged; None in records from before it was kept.
    """

    statement: Slug
    digest: Text
    status: Literal["submitted", "under_review", "approved", "rejected"]
    reviewer: Person
    credential: Text | None = None
    account: Text | None = None
    date: date
    comment: Text | None = None
    wording: Wording | None = None


class Corpus(Content):
    """All content, validated, and its `version`: a digest of every file's content."""

    documents: dict[Slug, Document]
    references: dict[Slug, Reference]
    pathways: dict[Slug, Pathway]
    vocabulary: dict[Slug, Term]
    premises: dict[Slug, Premise]
    urgent: dict[Slug, Urgent]
    messages: dict[Slug, Messages] = {}
    context: dict[Slug, Scope] = {}
    phrases: dict[Name, PhraseList] = {}
    contrasts: dict[Slug, Contrast] = {}
    identifiers: dict[Slug, Identifying] = {}
    texts: dict[Slug, FixedText]
    coverage: dict[Slug, Matrix] = {}
    differences: dict[Slug, Difference] = {}
    monitoring: dict[Slug, Monitoring] = {}
    reviews: tuple[Review, ...] = ()
    version: Text
    root: str

    def lists(self, own: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Returns the phrase lists an entry may name: the shared ones, and its own, which come before them."""
        return {**{name: shared.phrases for name, shared in self.phrases.items()}, **own}

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """Returns every statement by id, in document order."""
        return {s.id: s for d in self.documents.values() for s in d.statements}
