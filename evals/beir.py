"""Data sets in BEIR layout: `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv` to a `DataSet`, and its passages on disk, embedded once."""

import json
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy
from langchain_core.embeddings import Embeddings

from ingest import passages
from ingest.embedding import DIMENSIONS, NAME
from ingest.errors import CitepathError
from ingest.passages import PART, WHOLE, Entry, Passages

_FORMAT = 1
_BLOCK = 2048
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(0-9])")
_LAYOUT = "A data set in BEIR layout holds corpus.jsonl, queries.jsonl and qrels/test.tsv."


@dataclass(frozen=True)
class DataSet:
    """Documents (id -> title, text), queries (id -> text) and judgements (query id -> document id -> grade, 0 and up)."""

    name: str
    documents: dict[str, tuple[str, str]]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


def load(folder: Path) -> DataSet:
    """Returns the data set of a folder, with the queries that have a judgement in `qrels/test.tsv`.

    Raises:
        CitepathError: a file is missing or a line does not fit; it names file and line.
    """
    documents = {str(d["_id"]): (str(d.get("title") or ""), str(d.get("text") or "")) for d in _lines(folder / "corpus.jsonl", "_id")}
    queries = {str(q["_id"]): str(q["text"]) for q in _lines(folder / "queries.jsonl", "_id", "text")}
    judgements = _judgements(folder / "qrels" / "test.tsv")
    missing = [q for q in judgements if q not in queries]
    if missing:
        raise CitepathError(f"{folder}/qrels/test.tsv judges the query {missing[0]!r}, which queries.jsonl does not hold.", _LAYOUT)
    if not documents or not judgements:
        raise CitepathError(f"{folder} holds no documents or no judged queries.", _LAYOUT)
    return DataSet(folder.resolve().name, documents, {q: queries[q] for q in judgements}, judgements)


def _lines(path: Path, *fields: str) -> Iterator[dict]:
    for number, line in _read(path):
        try:
            value = json.loads(line)
            if not isinstance(value, dict) or any(f not in value for f in fields):
                raise ValueError(f"needs the fields {', '.join(fields)}")
        except ValueError as e:
            raise CitepathError(f"{path}:{number}: {e}.", _LAYOUT) from e
        yield value


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, line in _read(path):
        cells = line.split("\t")
        if number == 1 and not cells[-1].strip().lstrip("-").isdigit():
            continue
        try:
            query, document, grade = cells
            found.setdefault(query, {})[document] = int(grade)
        except ValueError as e:
            raise CitepathError(f"{path}:{number}: should be query, document and grade, with tabs between them.", _LAYOUT) from e
    return found


def _read(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except OSError as e:
        raise CitepathError(f"{path} cannot be read ({e.strerror}).", _LAYOUT) from e
    except UnicodeDecodeError as e:
        raise CitepathError(f"{path} is not UTF-8 text.", _LAYOUT) from e


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text, cut where an end mark, a space and a capital, a digit or a bracket meet."""
    return [s for s in map(str.strip, _SENTENCE.split(text)) if s]


def opened(data: DataSet, embeddings: Embeddings, folder: Path, progress: Callable[[int, int], None] = lambda done, all: None) -> Passages:
    """Returns the passages of a data set, kept below `folder`; they are embedded only where they are not there yet.

    A document is one whole (title and text, cut at the model's longest input) and its parts: title and sentences.
    `progress` is called with (texts embedded, texts to embed).

    Raises:
        CitepathError: they cannot be written.
    """
    owners = list(data.documents)
    kept = folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', data.name)}-{_digest(data)}"
    if not (kept / "moments.npz").exists():
        try:
            _write(data, embeddings, kept, progress)
        except OSError as e:
            raise CitepathError(
                f"The passages could not be written to {folder} ({e.strerror}).", "Free space there, or name --data."
            ) from e
    return Passages(kept, owners)


def _write(data: DataSet, embeddings: Embeddings, kept: Path, progress) -> None:
    entries, texts = [], []
    for owner, (title, text) in data.documents.items():
        entries.append(Entry(owner, WHOLE, WHOLE))
        texts.append(_whole(title, text))
        for n, part in enumerate([*([title] if title else []), *sentences(text)]):
            entries.append(Entry(owner, str(n), PART))
            texts.append(part)
    vectors = numpy.empty((len(texts), DIMENSIONS), dtype=numpy.float32)
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        vectors[start : start + len(block)] = embeddings.embed_documents(block)
        progress(start + len(block), len(texts))
    building = kept.with_name(f"building-{uuid.uuid4().hex[:12]}")
    building.mkdir(parents=True)
    try:
        passages.write(building, entries, vectors, list(data.documents), [f"{t} {x}".strip() for t, x in data.documents.values()])
        building.rename(kept)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _whole(title: str, text: str) -> str:
    return f"{title}. {text}".strip() if title else text


def _digest(data: DataSet) -> str:
    found = sha256(f"{_FORMAT} {NAME}".encode())
    for owner, (title, text) in data.documents.items():
        found.update(json.dumps([owner, title, text]).encode())
    return found.hexdigest()[:16]
