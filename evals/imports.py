"""Question sets of others to ours: RAGAS samples and plain questions, as JSON, JSON Lines or CSV, each fault with its line."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from evals.cases import Case, QuestionSet
from ingest.errors import CitepathError, ContentError, Fault
from ingest.files import write_text
from ingest.parse import build

_QUESTION = ("question", "user_input", "query", "input", "prompt")
_REFERENCE = ("reference", "ground_truth", "ground_truths", "expected_answer", "answer")
_STATEMENTS = ("statements", "reference_context_ids")
_HUMAN = {"human", "user"}
_FORMATS = "A set is read from .json (a list, or RAGAS's `samples`), .jsonl or .csv with a column `question` or `user_input`."


def read(path: Path, name: str) -> QuestionSet:
    """Returns the question set of a file of another tool.

    A case takes its turns from `question` (or RAGAS's `user_input`, whose human messages are the turns), its expectations from
    `outcome`, `node`, `pathway`, `statements` (or `reference_context_ids`: one must be cited), `must_mention` and
    `must_not_mention`, and keeps `reference` to be compared with. Lists stand between semicolons in CSV. Other fields are passed over.

    Raises:
        CitepathError: the file cannot be read, or is of no known kind.
        ContentError: with every fault of its rows.
    """
    faults: list[Fault] = []
    cases = []
    for number, row in _rows(path):
        value = _case(row, f"{name}-{number:04}", path.name, number, faults)
        if value and (case := build(Case, value, path.name, {(): number}, (), faults)):
            cases.append(case)
    if faults:
        raise ContentError(faults)
    if not cases:
        raise CitepathError(f"{path} holds no question.", _FORMATS)
    value = {"name": name, "purpose": f"Imported from {path.name}.", "source": path.name, "cases": tuple(cases)}
    found = build(QuestionSet, value, path.name, {}, (), faults)
    if found is None:
        raise ContentError(faults)
    return found


def write(questions: QuestionSet, target: Path) -> None:
    """Writes a question set as YAML, at once. Raises OSError."""
    value = questions.model_dump(mode="json", exclude_defaults=True)
    write_text(target, yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120))


def _rows(path: Path) -> Iterator[tuple[int, dict]]:
    """Yields (number, fields): of a line, for JSON Lines and CSV; of an entry of the list, for JSON."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise CitepathError(f"{path} cannot be read ({e.strerror}).", _FORMATS) from e
    except UnicodeDecodeError as e:
        raise CitepathError(f"{path} is not UTF-8 text.", _FORMATS) from e
    if path.suffix == ".jsonl":
        yield from ((n, _object(line, path, n)) for n, line in enumerate(text.splitlines(), 1) if line.strip())
    elif path.suffix == ".csv":
        reader = csv.DictReader(text.splitlines())
        yield from ((reader.line_num, {k: v for k, v in row.items() if k and v}) for row in reader)
    elif path.suffix == ".json":
        value = _json(text, path, 1)
        entries = value.get("samples", value.get("data")) if isinstance(value, dict) else value
        if not isinstance(entries, list):
            raise CitepathError(f"{path} holds no list of samples.", _FORMATS)
        yield from ((n, e if isinstance(e, dict) else {}) for n, e in enumerate(entries, 1))
    else:
        raise CitepathError(f"{path} is of no known kind.", _FORMATS)


def _json(text: str, path: Path, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as e:
        raise CitepathError(f"{path}:{line}: is not JSON ({e}).", _FORMATS) from e


def _object(line: str, path: Path, number: int) -> dict:
    value = _json(line, path, number)
    if not isinstance(value, dict):
        raise CitepathError(f"{path}:{number}: should be an object.", _FORMATS)
    return value


def _case(row: dict, id: str, file: str, number: int, faults: list[Fault]) -> dict | None:
    turns = _turns(_first(row, _QUESTION))
    if not turns:
        faults.append(Fault(file, number, "question", f"is missing; one of {', '.join(_QUESTION)} must hold it"))
        return None
    expect = {
        "outcome": _listed(row.get("outcome")),
        "node": row.get("node"),
        "pathway": row.get("pathway"),
        "any_statement": _listed(_first(row, _STATEMENTS)),
        "must_mention": _listed(row.get("must_mention")),
        "must_not_mention": _listed(row.get("must_not_mention")),
    }
    case = {
        "id": id,
        "turns": turns,
        "audience": row.get("audience"),
        "tags": _listed(_first(row, ("tags", "category"))),
        "reference": " ".join(_listed(_first(row, _REFERENCE), apart=False)) or None,
        "expect": {k: v for k, v in expect.items() if v},
    }
    return {k: v for k, v in case.items() if v or k == "expect"}


def _first(row: dict, names: Iterable[str]) -> Any:
    return next((row[n] for n in names if row.get(n)), None)


def _turns(value: Any) -> list[str]:
    """Returns the turns of a question: a text, a list of texts, or messages of which the human ones count."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if not isinstance(value, list):
        return []
    found = []
    for message in value:
        if isinstance(message, str):
            found.append(message)
        elif isinstance(message, dict) and str(message.get("type") or message.get("role")) in _HUMAN:
            found.append(str(message.get("content") or ""))
    return [t for t in found if t.strip()]


def _listed(value: Any, apart: bool = True) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [str(v) for v in value if str(v).strip()]
    parts = str(value).split(";") if apart else [str(value)]
    return [p.strip() for p in parts if p.strip()]
