"""Retrieval: dense similarity of wholes and of parts and BM25, each standardised over the collection, in one weighted sum; knows no pathway.

A convex combination, as in Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, ACM TOIS 2023, of z-scores: they
keep how far a score stands out, which ranks and min-max scaling lose. The weights were chosen on the training queries of SciFact.
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
from ingest.passages import PART, WHOLE, Passages, Scores

DEPTH = 100
LEXICAL_WEIGHT = 0.25
WHOLE_WEIGHT = 0.4  # of the dense side


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


@dataclass(frozen=True)
class Ranking:
    """Owners with their fused scores, best first, from 1 for the best to 0 for what no side found; `similarity` by owner, where a dense side found it."""

    scores: dict[str, float]
    similarity: dict[str, float]


def rank(passages: Passages | Index, query: str, vector: list[float], depth: int = DEPTH) -> Ranking:
    """Returns the owners found for a query and its embedding, each side looked through to `depth`."""
    wholes, parts = passages.dense(WHOLE, vector, depth), passages.dense(PART, vector, depth)
    similarity = {o: max(wholes.raw.get(o, -1.0), parts.raw.get(o, -1.0)) for o in {**wholes.raw, **parts.raw}}
    return Ranking(fuse(wholes, parts, passages.lexical(query, depth)), similarity)


def fuse(wholes: Scores, parts: Scores, lexical: Scores) -> dict[str, float]:
    """Returns fused scores, best first (ties by id): the weighted sum of the standardised sides, scaled so that the best has 1.

    What a side did not find has that side's floor; an owner at every floor would have 0.
    """
    dense = 1 - LEXICAL_WEIGHT
    sides = [(dense * WHOLE_WEIGHT, wholes), (dense * (1 - WHOLE_WEIGHT), parts), (LEXICAL_WEIGHT, lexical)]
    above: dict[str, float] = {}
    for weight, side in sides:
        for owner, score in side.standard.items():
            above[owner] = above.get(owner, 0.0) + weight * max(score - side.floor, 0.0)
    top = max(above.values(), default=0.0)
    scaled = {o: v / top if top else 1.0 for o, v in above.items()}
    return dict(sorted(scaled.items(), key=lambda x: (-x[1], x[0])))


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
        found = rank(index, query, vector or self.embeddings.embed_query(query))
        known = self.corpus.statements
        kept = [(s, v) for s, v in found.scores.items() if s in known and known[s].digest == index.statements.get(s)][: k or self.k]
        return [Passage(s, known[s].text, round(v, 6), round(found.similarity.get(s, 0.0), 6), i) for i, (s, v) in enumerate(kept, 1)]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(id=p.statement, page_content=p.text, metadata={"statement": p.statement, "score": p.score, "rank": p.rank})
            for p in self.retrieve(query)
        ]
