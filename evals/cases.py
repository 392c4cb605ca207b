"""Question sets: the YAML of `evals/sets/<name>.yaml` to typed cases, each fault with file, line and field."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from assistant.answer import Cause
from ingest.content import Audience, Content, Name, Slug, Text
from ingest.errors import CitepathError, ContentError, Fault
from ingest.parse import Unreadable, build, parse, read

SETS = Path(__file__).resolve().parent / "sets"
Split = Literal["dev", "test"]


def split_of(id: str) -> Split:
    """Returns the split an id belongs to: one in three is test, by a digest, so that nobody chooses."""
    return "test" if sha256(id.encode()).digest()[0] % 3 == 0 else "dev"


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as e:
        raise ValueError(f"is no regular expression: {e}") from e
    return pattern


Pattern = Annotated[Text, AfterValidator(_compiles)]


class Expect(Content):
    """What the answer to a case's last turn must be; what is left out is not judged.

    Attributes:
        outcome, cause: the outcomes that are right, and why there is no answer.
        node, pathway: the node reached and the pathway that decided.
        asks: the pathway's variable that is asked for first.
        state, not_state: values that must, and must not (one, or any of several), be understood after the last turn.
        premise: whether a premise must be corrected or must be left alone.
        statements: ids of which all must be cited; any_statement: ids of which one must be.
        must_mention, must_not_mention: regular expressions over message, section titles and sentences.
        standalone: regular expressions the standalone question must match.
        masked: strings that may appear nowhere in the answer.
        integrity: whether every citation of the answer is judged against the corpus (`evals/integrity.py`).
        variants: what must stay the same for each of the case's variants.
    """

    outcome: tuple[Literal["answered", "needs_information", "abstained", "urgent"], ...] = ()
    cause: Cause | None = None
    node: Slug | None = None
    pathway: Slug | None = None
    asks: Name | None = None
    state: dict[Name, Name] = {}
    not_state: dict[Name, Name | tuple[Name, ...]] = {}
    premise: Literal["corrected", "untouched"] | None = None
    statements: tuple[Slug, ...] = ()
    any_statement: tuple[Slug, ...] = ()
    must_mention: tuple[Pattern, ...] = ()
    must_not_mention: tuple[Pattern, ...] = ()
    standalone: tuple[Pattern, ...] = ()
    masked: tuple[Text, ...] = ()
    integrity: bool = False
    variants: Literal["outcome", "node", "answer"] = "answer"


class Case(Content):
    """One conversation whose last turn is judged; `variants` are other wordings of that turn that must fare alike.

    `reference` is an answer of somebody else's: it is measured how much of it ours holds, and nothing fails by it.
    """

    id: Slug
    tags: tuple[Text, ...] = ()
    turns: tuple[str, ...] = Field(min_length=1)
    variants: tuple[str, ...] = ()
    audience: Audience = "clinician"
    set: dict[Name, Name] = {}
    reference: Text | None = None
    expect: Expect

    @property
    def split(self) -> Split:
        """Returns the split the case belongs to, by its id."""
        return split_of(self.id)


class QuestionSet(Content):
    """A named set of cases and the least share of passed cases (`gates.pass`, 0 to 1) it must reach."""

    name: Slug
    purpose: Text
    source: Text
    cases: tuple[Case, ...] = Field(min_length=1)
    gates: dict[Literal["pass"], Annotated[float, Field(ge=0, le=1)]] = {}

    def of(self, split: Split | None) -> tuple[Case, ...]:
        """Returns the cases of a split, or all."""
        return tuple(c for c in self.cases if split in (None, c.split))


def typed(path: Path, model: type[BaseModel]) -> tuple[Any, dict[tuple, int], list[Fault]]:
    """Returns the YAML of a file as a model (None where it does not fit), the line of each field, and the faults found.

    Raises:
        ContentError: the file cannot be read or parsed.
    """
    faults: list[Fault] = []
    try:
        value, lines = parse(read(path, path.name), path.name)
    except Unreadable as e:
        raise ContentError([e.fault]) from e
    return build(model, value, path.name, lines, (), faults), lines, faults


def load_set(path: Path) -> QuestionSet:
    """Returns the set of a YAML file.

    Raises:
        ContentError: with every fault of the file; an id that comes twice is one.
    """
    found, lines, faults = typed(path, QuestionSet)
    if found and found.name != path.stem:
        faults.append(Fault(path.name, lines.get(("name",), 1), "name", f"should be the file's name, {path.stem!r}"))
    seen: set[str] = set()
    for i, case in enumerate(found.cases if found else ()):
        if case.id in seen:
            faults.append(Fault(path.name, lines.get(("cases", i, "id"), 1), f"cases.{i}.id", f"{case.id!r} is there twice"))
        seen.add(case.id)
    if faults:
        raise ContentError(faults)
    return found


def load_sets(names: tuple[str, ...] = (), folder: Path = SETS) -> tuple[QuestionSet, ...]:
    """Returns the named sets (a name, or the path of a YAML file), or every set of the folder.

    Raises:
        CitepathError: no such set.
        ContentError: a set has faults.
    """
    known = {p.stem: p for p in sorted(folder.glob("*.yaml"))}
    paths = []
    for name in names or tuple(known):
        path = known.get(name) or Path(name)
        if not path.is_file():
            raise CitepathError(f"There is no question set {name!r}.", f"Known: {', '.join(known) or 'none'}; or give a YAML file.")
        paths.append(path)
    return tuple(load_set(p) for p in paths)
