"""Ways to rank passages for a query, by name: the retriever, what it is measured against, and itself without each of its steps."""

from collections.abc import Callable, Mapping
from itertools import islice

from langchain_core.embeddings import Embeddings

from assistant.retrieval import DEPTH, fuse, rank
from ingest.index import Index
from ingest.passages import PART, WHOLE, Passages, Scores

OURS = "citepath"
Ranker = Callable[[str, list[float]], dict[str, float]]

_RANK_CONSTANT = 60
_CONVEX = 0.4
_NOTHING = Scores({}, {})
_CHUNK, _OVERLAP = 1000, 200


def rankers(passages: Passages | Index, depth: int = DEPTH) -> dict[str, Ranker]:
    """Returns name -> ranker: a query and its embedding to scores by owner, best first, each side looked through to `depth`."""

    def lexical(query, vector):
        return passages.lexical(query, depth)

    def wholes(query, vector):
        return passages.dense(WHOLE, vector, depth)

    def parts(query, vector):
        return passages.dense(PART, vector, depth)

    return {
        OURS: lambda q, v: rank(passages, q, v, depth).scores,
        "bm25": lambda q, v: lexical(q, v).raw,
        "dense": lambda q, v: wholes(q, v).raw,
        "rrf": lambda q, v: reciprocal_ranks(wholes(q, v).raw, lexical(q, v).raw),
        "convex": lambda q, v: convex(wholes(q, v).raw, lexical(q, v).raw),
        "without parts": lambda q, v: fuse(wholes(q, v), _NOTHING, lexical(q, v)),
        "without wholes": lambda q, v: fuse(_NOTHING, parts(q, v), lexical(q, v)),
        "without bm25": lambda q, v: fuse(wholes(q, v), parts(q, v), _NOTHING),
    }


def reciprocal_ranks(*rankings: Mapping[str, float]) -> dict[str, float]:
    """Returns the sum of 1 / (60 + rank) over the rankings, best first (ties by id).

    Cormack, Clarke and Buettcher, Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods, SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for n, owner in enumerate(ranking, 1):
            scores[owner] = scores.get(owner, 0.0) + 1 / (_RANK_CONSTANT + n)
    return _sorted(scores)


def convex(dense: Mapping[str, float], lexical: Mapping[str, float], weight: float = _CONVEX) -> dict[str, float]:
    """Returns `weight` times BM25 plus the rest dense, each scaled to 0..1 by its least and its best, best first (ties by id)."""
    a, b = _scaled(dense), _scaled(lexical)
    return _sorted({o: (1 - weight) * a.get(o, 0.0) + weight * b.get(o, 0.0) for o in {**a, **b}})


def langchain(texts: Mapping[str, str], embeddings: Embeddings, depth: int = DEPTH) -> Ranker:
    """Returns plain LangChain: owner -> text cut by the recursive splitter, embedded into Chroma, ranked by similarity alone."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
    documents = splitter.split_documents([Document(page_content=text, metadata={"owner": owner}) for owner, text in texts.items()])
    store = Chroma(collection_name="plain", embedding_function=embeddings, collection_metadata={"hnsw:space": "cosine"})
    blocks = iter(documents)
    while block := list(islice(blocks, 2000)):
        store.add_documents(block)

    def ranked(query: str, vector: list[float]) -> dict[str, float]:
        scores: dict[str, float] = {}
        for document, distance in store.similarity_search_by_vector_with_relevance_scores(vector, k=min(3 * depth, len(documents))):
            scores.setdefault(document.metadata["owner"], 1 - distance)
        return scores

    return ranked


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    low, top = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    return {o: (v - low) / (top - low) if top > low else 1.0 for o, v in scores.items()}


def _sorted(scores: dict[str, float]) -> dict[str, float]:
    return dict(sorted(scores.items(), key=lambda x: (-x[1], x[0])))
