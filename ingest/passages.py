"""Passages on disk: vectors of wholes and parts in Chroma, BM25 terms, and what puts their scores on one scale.

What is found (a statement, a document) is an owner. It has one whole or more, each a text that stands for all of it, and any number
of parts, of which the best one counts. Scores are standardised over the whole collection, so that a score far above
the rest stays far above them: dense ones by the mean and covariance of the vectors, without a scan; BM25 by its own scores.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Literal

import numpy

WHOLE, PART = "whole", "part"
Kind = Literal["whole", "part"]
KINDS: tuple[Kind, ...] = (WHOLE, PART)
_TINY = 1e-9
_SEVERAL = 3  # so many times as many entries are fetched, at most, where owners have several
_JOINT = "#"
_ROWS = 5000


@dataclass(frozen=True)
class Entry:
    """One text of an owner: its name among the owner's texts of its kind, and whether it is a whole or a part."""

    owner: str
    name: str
    kind: Kind

    @property
    def id(self) -> str:
        """Returns the id of the entry, of which its owner can be told."""
        return f"{self.owner}{_JOINT}{self.name}"


@dataclass(frozen=True)
class Scores:
    """Scores of the owners found, best first.

    Attributes:
        raw: cosine similarity (-1 to 1) or BM25 (0 and up).
        standard: the same in standard deviations above the mean of the collection.
        floor: the most that an owner which is not among them can have, in standard deviations.
    """

    raw: dict[str, float]
    standard: dict[str, float]
    floor: float = 0.0


def write(folder: Path, entries: Sequence[Entry], vectors: numpy.ndarray, owners: Sequence[str], texts: Iterable[str]) -> None:
    """Writes entries with their vectors (entries, dimensions; unit length), and the texts BM25 reads, one an owner.

    Raises whatever the disk raises.
    """
    client = _client(folder / "chroma")
    moments = {}
    for kind in KINDS:
        rows = [i for i, e in enumerate(entries) if e.kind == kind]
        collection = client.create_collection(kind, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            collection.add(ids=[entries[i].id for i in part], embeddings=vectors[part])
        dimensions = vectors.shape[1]
        several = len(rows) > 1
        moments[f"{kind}_mean"] = vectors[rows].mean(axis=0) if rows else numpy.zeros(dimensions)
        moments[f"{kind}_covariance"] = numpy.cov(vectors[rows], rowvar=False) if several else numpy.zeros((dimensions, dimensions))
    numpy.savez(folder / "moments.npz", **{name: m.astype(numpy.float32) for name, m in moments.items()})
    _write_bm25(folder / "bm25", texts)


class Passages:
    """The passages of a folder, opened at the first use of each side."""

    def __init__(self, folder: Path, owners: Sequence[str]):
        """`owners` are those of the texts given to `write`, in their order."""
        self._folder, self._owners = folder, list(owners)

    @cached_property
    def _collections(self):
        client = _client(self._folder / "chroma")
        return {kind: client.get_collection(kind, embedding_function=None) for kind in KINDS}

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return {kind: collection.count() for kind, collection in self._collections.items()}

    @cached_property
    def _moments(self) -> dict[str, numpy.ndarray]:
        with numpy.load(self._folder / "moments.npz") as stored:
            return dict(stored)

    @cached_property
    def _bm25(self):
        import bm25s

        return bm25s.BM25.load(str(self._folder / "bm25"), load_corpus=False)

    def __len__(self) -> int:
        """Returns the number of vectors."""
        return sum(self._sizes.values())

    def vectors(self) -> dict[str, list[float]]:
        """Returns entry id -> vector."""
        found = [collection.get(include=["embeddings"]) for collection in self._collections.values()]
        return {i: v for f in found for i, v in zip(f["ids"], f["embeddings"], strict=True)}

    def dense(self, kind: Kind, vector: Sequence[float], k: int) -> Scores:
        """Returns the owners of the entries of a kind nearest to a vector; `k` entries, or more where an owner has several."""
        size = self._sizes[kind]
        if not size:
            return Scores({}, {})
        n = min(k * min(_SEVERAL, ceil(size / len(self._owners))), size)
        found = self._collections[kind].query(query_embeddings=[vector], n_results=n, include=["distances"])
        nearest = [(i.rpartition(_JOINT)[0], 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]
        raw: dict[str, float] = {}
        for owner, similarity in nearest:
            raw.setdefault(owner, similarity)
        query = numpy.asarray(vector, dtype=numpy.float32)
        mean = float(query @ self._moments[f"{kind}_mean"])
        spread = float(max(query @ self._moments[f"{kind}_covariance"] @ query, 0.0)) ** 0.5
        return _standardised(raw, mean, spread, nearest[-1][1])

    def lexical(self, query: str, k: int) -> Scores:
        """Returns the owners that share a word with the query, at most `k`."""
        read = tokens([query])
        words = {number: word for word, number in read.vocab.items()}
        known = [words[number] for number in read.ids[0] if words[number] in self._bm25.vocab_dict]
        if not known:
            return Scores({}, {})
        scores = self._bm25.get_scores(known)
        n = min(k, len(scores))
        best = numpy.argpartition(-scores, n - 1)[:n]
        best = best[numpy.lexsort((best, -scores[best]))]
        raw = {self._owners[i]: float(scores[i]) for i in best if scores[i] > 0}
        return _standardised(raw, float(scores.mean()), float(scores.std()), float(scores[best[-1]]))


def _standardised(raw: dict[str, float], mean: float, spread: float, least: float) -> Scores:
    spread = max(spread, _TINY)
    return Scores(raw, {owner: (score - mean) / spread for owner, score in raw.items()}, (least - mean) / spread)


def _client(folder: Path):
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def tokens(texts: Iterable[str]):
    """Returns BM25 tokens of the texts: lower-cased words, English stop words out, Snowball stems."""
    import bm25s
    import Stemmer

    return bm25s.tokenize(list(texts), stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False)


def _write_bm25(folder: Path, texts: Iterable[str]) -> None:
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.ERROR)
    retriever = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    retriever.index(tokens(texts), show_progress=False)
    retriever.save(str(folder), corpus=None)
