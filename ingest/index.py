"""The index of a corpus: Chroma vectors, BM25 terms and the models learned from messages, updated by content digest, swapped in one step.

A build is a folder of its own below `<data>/index/`; the file CURRENT names the one in use and is replaced atomically
after the new build is complete, so that a build killed at any moment leaves the old index answering.
"""

import contextlib
import json
import logging
import shutil
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy
from langchain_core.embeddings import Embeddings

from ingest import triage
from ingest.content import Corpus, Statement, digest
from ingest.embedding import NAME
from ingest.errors import CitepathError
from ingest.files import write_text

_FORMAT = 6
_COLLECTION = "statements"
_MEND = "Run `citepath index` to build it again."
_BATCH = 128


@dataclass(frozen=True)
class Entry:
    """One text to index: its id, the statement it stands for, the text, and a digest of the text."""

    id: str
    statement: str
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
    """Returns two entries a statement: the clinician's wording and the plain one, each under its headings."""
    found = []
    for document in corpus.documents.values():
        for s in document.statements:
            for kind, text in (("text", f"{document.title}. {s.section}. {s.text}"), ("plain", s.plain)):
                found.append(Entry(f"{s.id}#{kind}", s.id, text, digest(NAME, text)))
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
        _write_chroma(new / "chroma", wanted, vectors)
        statements = list(corpus.statements.values())
        _write_bm25(new / "bm25", [lexical_text(corpus, s) for s in statements])
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
        found = index.collection.get(include=["embeddings"])
        return _Old(
            index.version,
            {index.entries[i]: v for i, v in zip(found["ids"], found["embeddings"], strict=True) if i in index.entries},
            index,
        )
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


def _client(folder: Path):
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def _write_chroma(folder: Path, wanted: list[Entry], vectors: list) -> None:
    import numpy

    matrix = numpy.asarray(vectors, dtype=numpy.float32)
    collection = _client(folder).create_collection(_COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    for start in range(0, len(wanted), 5000):
        part = slice(start, start + 5000)
        collection.add(
            ids=[e.id for e in wanted[part]], embeddings=matrix[part], metadatas=[{"statement": e.statement} for e in wanted[part]]
        )


def tokens(texts: Iterable[str]):
    """Returns BM25 tokens of the texts: lower-cased words, English stop words out, Snowball stems."""
    import bm25s
    import Stemmer

    return bm25s.tokenize(list(texts), stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False)


def _write_bm25(folder: Path, texts: list[str]) -> None:
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.ERROR)
    retriever = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    retriever.index(tokens(texts), show_progress=False)
    retriever.save(str(folder), corpus=None)


def _write_triage(folder: Path, corpus: Corpus, embeddings: Embeddings, old: _Old | None) -> dict[str, str]:
    """Writes the models learned from the corpus's messages, those of the old index where the messages are the same; returns their digests."""
    pairs = {name: triage.labelled(corpus, name) for name in triage.MODELS}
    learned = {name: digest(p) for name, p in pairs.items()}
    changed = [name for name in learned if not old or old.index.messages.get(name) != learned[name]]
    texts = list(dict.fromkeys(text for name in changed for _, text in pairs[name]))
    place = {text: i for i, text in enumerate(texts)}
    vectors = numpy.asarray(embeddings.embed_documents(texts) if texts else [])
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
        self._order = list(self.statements)

    @cached_property
    def collection(self):
        """Returns the Chroma collection. Raises CitepathError when it is damaged."""
        try:
            collection = _client(self._folder / "chroma").get_collection(_COLLECTION, embedding_function=None)
            count = collection.count()
        except Exception as e:
            raise CitepathError(f"The index in {self._folder.parent} is damaged ({type(e).__name__}).", _MEND) from e
        if count != len(self.entries):
            raise CitepathError(f"The index in {self._folder.parent} is damaged: {count} vectors, not {len(self.entries)}.", _MEND)
        return collection

    @cached_property
    def _bm25(self):
        import bm25s

        try:
            return bm25s.BM25.load(str(self._folder / "bm25"), load_corpus=False)
        except Exception as e:
            raise CitepathError(f"The index in {self._folder.parent} is damaged ({type(e).__name__}).", _MEND) from e

    def triage(self, name: str) -> triage.Triage | None:
        """Returns a learned model (one of `triage.MODELS`), None where there is none. Raises CitepathError when it is damaged."""
        with _reported(self._folder):
            return triage.read(self._folder, name)

    def dense(self, vector: list[float], k: int) -> dict[str, float]:
        """Returns cosine similarity (-1 to 1) of the nearest statements, at most `k`, best first.

        Raises:
            CitepathError: the index is damaged.
        """
        n = min(2 * k, len(self.entries))
        with _reported(self._folder):
            found = self.collection.query(query_embeddings=[vector], n_results=n, include=["metadatas", "distances"])
        scores: dict[str, float] = {}
        for meta, distance in zip(found["metadatas"][0], found["distances"][0], strict=True):
            scores.setdefault(meta["statement"], 1.0 - float(distance))
        return dict(list(scores.items())[:k])

    def lexical(self, query: str, k: int) -> dict[str, float]:
        """Returns BM25 scores (0 and up) of the statements that share a word with the query, at most `k`, best first."""
        words = tokens([query])
        if not words.vocab:
            return {}
        with _reported(self._folder):
            found, scores = self._bm25.retrieve(words, k=min(k, len(self._order)), show_progress=False)
        return {self._order[int(i)]: float(s) for i, s in zip(found[0], scores[0], strict=True) if s > 0}


@contextlib.contextmanager
def _reported(folder: Path):
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
