"""Retrieval measured alone: nDCG@10, recall@100, reciprocal rank@10 and hit@4 of each ranker, with intervals, by `ir-measures`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ir_measures
import numpy
from ir_measures import RR, R, Success, nDCG
from langchain_core.embeddings import Embeddings

from assistant.engine import Assistant
from evals import baselines
from evals.cases import QuestionSet, Split
from ingest.index import Index
from ingest.passages import Passages

MEASURES = {"ndcg@10": nDCG @ 10, "recall@100": R @ 100, "mrr@10": RR @ 10, "hit@4": Success @ 4}
_SAMPLES, _SEED = 1000, 20261128
_DEEPEST = 100


@dataclass(frozen=True)
class Judged:
    """Queries (id -> text) and what each must find (query id -> owner -> grade, 0 and up)."""

    name: str
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Measured:
    """A ranker's values by measure, one a query in the order of the queries (0 to 1)."""

    values: dict[str, numpy.ndarray]

    def mean(self, measure: str) -> float:
        """Returns the mean over the queries."""
        return float(self.values[measure].mean())

    def interval(self, measure: str) -> tuple[float, float]:
        """Returns the 95% percentile bootstrap interval of the mean (1,000 samples of the queries, a fixed seed)."""
        values = self.values[measure]
        drawn = numpy.random.default_rng(_SEED).integers(0, len(values), size=(_SAMPLES, len(values)))
        low, high = numpy.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
        return float(low), float(high)


def judged(assistant: Assistant, split: Split | None, sets: Iterable[QuestionSet]) -> Judged:
    """Returns the questions of sets that stand alone and name the statements of which one must be found, of a split or all."""
    queries, judgements = {}, {}
    for questions in sets:
        for case in questions.of(split):
            wanted = {s for s in (*case.expect.statements, *case.expect.any_statement) if s in assistant.corpus.statements}
            if wanted and len(case.turns) == 1:
                queries[f"{questions.name}/{case.id}"] = case.turns[0]
                judgements[f"{questions.name}/{case.id}"] = dict.fromkeys(wanted, 1)
    return Judged("question sets", queries, judgements)


def measure(
    what: Judged, passages: Passages | Index, embeddings: Embeddings, texts: Mapping[str, str] | None = None
) -> dict[str, Measured]:
    """Returns name -> measures of each ranker of `baselines`; of plain LangChain too where the `texts` of the owners are given."""
    rankers = baselines.rankers(passages)
    if texts is not None:
        rankers["langchain"] = baselines.langchain(texts, embeddings)
    vectors = embeddings.embed_documents(list(what.queries.values()))
    runs: dict[str, dict[str, dict[str, float]]] = {name: {} for name in rankers}
    for (query, text), vector in zip(what.queries.items(), vectors, strict=True):
        for name, ranked in rankers.items():
            runs[name][query] = _ranks(query, ranked(text, vector))
    return {name: evaluated(what, run) for name, run in runs.items()}


def evaluated(what: Judged, run: Mapping[str, Mapping[str, float]]) -> Measured:
    """Returns the measures of a run (query id -> owner -> score); a query without results has 0."""
    values = {name: dict.fromkeys(what.queries, 0.0) for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    for found in ir_measures.iter_calc(list(MEASURES.values()), what.judgements, {q: dict(r) for q, r in run.items() if r}):
        values[names[found.measure]][found.query_id] = found.value
    return Measured({name: numpy.array(list(v.values())) for name, v in values.items()})


def _ranks(query: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Returns the best owners with falling scores, in the order given, without the query itself, which some data sets hold as a document."""
    kept = [owner for owner in scores if owner != query][:_DEEPEST]
    return {owner: float(_DEEPEST - n) for n, owner in enumerate(kept)}


def table(what: Judged, found: Mapping[str, Measured]) -> str:
    """Returns one line a ranker: nDCG@10 with its interval, recall@100, reciprocal rank@10, hit@4 (any of the first four is wanted)."""
    width = max(len(name) for name in found)
    lines = [f"{what.name}: {len(what.queries)} queries", f"{'':<{width}}  nDCG@10  95% interval      recall@100  MRR@10   hit@4"]
    for name, m in found.items():
        low, high = m.interval("ndcg@10")
        lines.append(
            f"{name:<{width}}  {m.mean('ndcg@10'):7.4f}  {low:.4f} to {high:.4f}  {m.mean('recall@100'):10.4f}  {m.mean('mrr@10'):6.4f}  {m.mean('hit@4'):6.4f}"
        )
    return "\n".join(lines)


def as_json(what: Judged, found: Mapping[str, Measured]) -> dict:
    """Returns the data set's name, the number of queries, and each system's measures with the interval of its nDCG@10."""
    systems = {}
    for name, m in found.items():
        systems[name] = {measure: round(m.mean(measure), 6) for measure in MEASURES}
        systems[name]["ndcg@10_interval"] = [round(x, 6) for x in m.interval("ndcg@10")]
    return {"dataset": what.name, "queries": len(what.queries), "systems": systems}
