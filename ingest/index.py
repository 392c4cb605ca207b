"""The index of a corpus: its passages and the models learned from messages, updated by content digest, swapped in one step.

A build is a folder of its own below `<data>/index/`; the file CURRENT names the one in use and is replaced atomically
after the new build is complete, so that a build killed at any moment leaves the old index answering.
"""

import contextlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy
from langchain_core.embeddings import Embeddings

from ingest import passages, triage
from ingest.content import Corpus, Statement, digest
from ingest.embedding import NAME
from ingest.errors import CitepathError
from ingest.files import write_text
from ingest.passages import PART, WHOLE, Kind, Passages, Scores

_FORMAT = 8
_MEND = "Run `citepath index` to build it again."
_BATCH = 1024


@dataclass(frozen=True)
class Entry(passages.Entry):
    """One text to index, and a digest of it; its owner is a statement."""

    text: str
    digest: str


@dataclass(frozen=True)
class Report:
    """What a build did, in numbers of entries."""

    embedded: int
    kept: int
    removed: int
    unchanged: bool


def entries(corpus: Corpus) -> list[Entry]:
    """Returns two entries a statement: the clinician's wording under its headings, and the plain wording."""
    found = []
    for document in corpus.documents.values():
        for s in document.statements:
            for kind, text in ((WHOLE, f"{document.title}. {s.section}. {s.text}"), (PART, s.plain)):
                found.append(Entry(s.id, kind, kind, text, digest(NAME, text)))
    return found


def lexical_text(corpus: Corpus, s: Statement) -> str:
    """Returns the text BM25 sees of a statement: headings, both wordings, topics."""
    title = corpus.documents[s.document].title
    return f"{title}. {s.section}. {s.text} {s.plain} {' '.join(s.topics).replace('-', ' ')}"


def build(corpus: Corpus, embeddings: Embeddings, data: Path, progress: Callable[[int, int], None] = lambda done, all: None) -> Report:
    """Builds or updates the index below `data` and returns what was done; only new or changed texts are embedded.

    `progress` is called with (entries embedded so far, entries to embed).

    Raises:
        CitepathError: the disk is full or the folder cannot be written. The index in use stays as it was.
    """
    folder = data / "index"
    new = folder / f"build-{uuid.uuid4().hex[:12]}"
    wanted = entries(corpus)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = _old_vectors(data)
        if old and old.version == corpus.version:
            return Report(0, len(wanted), 0, True)
        vectors, embedded = _vectors(wanted, old.vectors if old else {}, embeddings, progress)
        new.mkdir()
        statements = list(corpus.statements.values())
        lexical = [lexical_text(corpus, s) for s in statements]
        passages.write(new, wanted, numpy.asarray(vectors, dtype=numpy.float32), [s.id for s in statements], lexical)
        learned = _write_triage(new, corpus, embeddings, old)
        manifest = {
            "format": _FORMAT,
            "model": NAME,
            "version": corpus.version,
            "statements": {s.id: s.digest for s in statements},
            "entries": {e.id: e.digest for e in wanted},
            "messages": learned,
        }
        write_text(new / "manifest.json", json.dumps(manifest))
        write_text(folder / "CURRENT", new.name)
    except CitepathError:
        raise
    except Exception as e:
        shutil.rmtree(new, ignore_errors=True)
        raise CitepathError(
            f"The index could not be written to {folder} ({_cause(e)}); the index in use stays as it was.",
            "Free space there, or name another folder with --data, and run `citepath index` again.",
        ) from e
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    _sweep(folder, keep=new.name)
    gone = len(set(old.vectors) - {e.digest for e in wanted}) if old else 0
    return Report(embedded, len(wanted) - embedded, gone, False)


def _cause(e: BaseException) -> str:
    return (getattr(e, "strerror", None) or str(e).splitlines()[0] if str(e) else type(e).__name__)[:120]


@dataclass(frozen=True)
class _Old:
    version: str
    vectors: dict[str, list[float]]
    index: "Index"


def _old_vectors(data: Path) -> _Old | None:
    """Returns the vectors of the index in use by text digest; None where there is no index, or one that cannot be read."""
    try:
        index = open_index(data)
        return _Old(index.version, {index.entries[i]: v for i, v in index.vectors().items() if i in index.entries}, index)
    except CitepathError:
        return None


def _vectors(wanted: list[Entry], old: dict, embeddings: Embeddings, progress) -> tuple[list, int]:
    todo = [e for e in wanted if e.digest not in old]
    fresh: dict[str, list[float]] = {}
    progress(0, len(todo))
    for start in range(0, len(todo), _BATCH):
        batch = todo[start : start + _BATCH]
        for e, vector in zip(batch, embeddings.embed_documents([e.text for e in batch]), strict=True):
            fresh[e.digest] = vector
        progress(min(start + _BATCH, len(todo)), len(todo))
    return [fresh.get(e.digest, old.get(e.digest)) for e in wanted], len(todo)


def _write_triage(folder: Path, corpus: Corpus, embeddings: Embeddings, old: _Old | None) -> dict[str, str]:
    """Writes the models learned from the corpus's messages, those of the old index where the messages are the same; returns their digests."""
    pairs = {name: triage.labelled(corpus, name) for name in triage.MODELS}
    learned = {name: digest(p) for name, p in pairs.items()}
    changed = [name for name in learned if not old or old.index.messages.get(name) != learned[name]]
    texts = list(dict.fromkeys(text for name in changed for _, text in pairs[name]))
    place = {text: i for i, text in enumerate(texts)}
    vectors = triage.embedded(embeddings, texts)
    for name in learned:
        new = name in changed
        model = triage.fit(name, pairs[name], vectors[[place[text] for _, text in pairs[name]]]) if new else old.index.triage(name)
        if model:
            model.write(folder, name)
    return learned


def _sweep(folder: Path, keep: str) -> None:
    """Removes builds that are no longer in use; one that another process holds open may stay until the next build."""
    for old in folder.glob("build-*"):
        if old.name != keep:
            shutil.rmtree(old, ignore_errors=True)


class Index:
    """An opened index. `version` is the digest of the corpus it was built from; `statements` and `entries` map ids to digests."""

    def __init__(self, folder: Path, manifest: dict):
        self._folder = folder
        self.version: str = manifest["version"]
        self.statements: dict[str, str] = manifest["statements"]
        self.entries: dict[str, str] = manifest["entries"]
        self.messages: dict[str, str] = manifest["messages"]

    @cached_property
    def _passages(self) -> Passages:
        found = Passages(self._folder, list(self.statements))
        if len(found) != len(self.entries):
            raise CitepathError(f"The index in {self._folder.parent} is damaged: {len(found)} vectors, not {len(self.entries)}.", _MEND)
        return found

    def triage(self, name: str) -> triage.Triage | None:
        """Returns a learned model (one of `triage.MODELS`), None where there is none. Raises CitepathError when it is damaged."""
        with _reported(self._folder):
            return triage.read(self._folder, name)

    def vectors(self) -> dict[str, list[float]]:
        """Returns entry id -> vector. Raises CitepathError when the index is damaged."""
        with _reported(self._folder):
            return self._passages.vectors()

    def dense(self, kind: Kind, vector: list[float], k: int) -> Scores:
        """Returns the statements of the `k` nearest wordings of a kind. Raises CitepathError when the index is damaged."""
        with _reported(self._folder):
            return self._passages.dense(kind, vector, k)

    def lexical(self, query: str, k: int) -> Scores:
        """Returns the statements that share a word with the query, at most `k`. Raises CitepathError when the index is damaged."""
        with _reported(self._folder):
            return self._passages.lexical(query, k)


@contextlib.contextmanager
def _reported(folder: Path) -> Iterator[None]:
    try:
        yield
    except CitepathError:
        raise
    except Exception as e:
        raise CitepathError(f"The index in {folder.parent} is damaged ({type(e).__name__}).", _MEND) from e


def open_index(data: Path) -> Index:
    """Returns the index in use below `data`; its vectors are opened at the first query.

    Raises:
        CitepathError: there is no index, or it is damaged or of another format.
    """
    folder = data / "index"
    try:
        name = (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError as e:
        raise CitepathError(f"There is no index in {folder}.", "Run `citepath index` to build it.") from e
    try:
        manifest = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != _FORMAT or manifest["model"] != NAME:
            raise CitepathError(f"The index in {folder} is of another version of Citepath.", _MEND)
        return Index(folder / name, manifest)
    except CitepathError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise CitepathError(f"The index in {folder} is damaged ({type(e).__name__}).", _MEND) from e
