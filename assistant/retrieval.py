"""Dense and BM25 retrieval, fused by a convex combination of min-max scores; knows no pathway.

Fusion: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, ACM TOIS 2023 (convex combination).
"""

from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from ingest.content import Corpus
from ingest.index import Index

DEPTH = 100
LEXICAL_WEIGHT = 0.4


@dataclass(frozen=True)
class Passage:
    """A curated statement found for a query.

    Attributes:
        score: fused score, 0 to 1, comparable within one query only.
        similarity: cosine similarity to the query, -1 to 1, or 0 where only BM25 found it.
        rank: 1 for the best.
    """

    statement: str
    text: str
    score: float
    similarity: float
    rank: int


def fuse(dense: dict[str, float], lexical: dict[str, float], weight: float = LEXICAL_WEIGHT) -> dict[str, float]:
    """Returns fused scores, best first (ties by id): `weight` times BM25 plus the rest dense, each scaled to 0..1."""
    a, b = _scaled(dense, floor=min(dense.values(), default=0.0)), _scaled(lexical, floor=0.0)
    fused = {s: (1 - weight) * a.get(s, 0.0) + weight * b.get(s, 0.0) for s in {**dense, **lexical}}
    return dict(sorted(fused.items(), key=lambda x: (-x[1], x[0])))


def _scaled(scores: dict[str, float], floor: float) -> dict[str, float]:
    top = max(scores.values(), default=0.0)
    return {s: (v - floor) / (top - floor) if top > floor else 1.0 for s, v in scores.items()}


class HybridRetriever(BaseRetriever):
    """A LangChain retriever over the curated statements. Statements changed since the index was built are passed over."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    corpus: Corpus
    index: Any
    embeddings: Embeddings
    k: int = 10

    def retrieve(self, query: str, k: int | None = None, vector: list[float] | None = None) -> list[Passage]:
        """Returns at most `k` passages, best first; none for a query without letters or digits. `vector` is its embedding, if known."""
        if not any(c.isalnum() for c in query):
            return []
        index: Index = self.index
        dense = index.dense(vector or self.embeddings.embed_query(query), DEPTH)
        lexical = index.lexical(query, DEPTH)
        known = self.corpus.statements
        found = [(s, score) for s, score in fuse(dense, lexical).items() if s in known and known[s].digest == index.statements.get(s)][
            : k or self.k
        ]
        return [Passage(s, known[s].text, round(v, 6), round(dense.get(s, 0.0), 6), i) for i, (s, v) in enumerate(found, 1)]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(id=p.statement, page_content=p.text, metadata={"statement": p.statement, "score": p.score, "rank": p.rank})
            for p in self.retrieve(query)
        ]
