"""Retrieval measured: data sets load with faults placed, measures and fusions worked by hand, the command with the real model."""

import json

import pytest

from evals.baselines import convex, reciprocal_ranks
from evals.beir import load, sentences
from evals.retrieval import Judged, as_json, evaluated, table
from ingest.errors import CitepathError

DOCUMENTS = [
    {"_id": "d1", "title": "Bees", "text": "Bees make honey. They live in hives."},
    {"_id": "d2", "title": "Ships", "text": "A ship crosses the sea. Its hull is of steel."},
    {"_id": "d3", "title": "", "text": "Bread is baked in an oven from flour and water."},
]
QUERIES = [{"_id": "q1", "text": "who makes honey"}, {"_id": "q2", "text": "vessel on the ocean"}, {"_id": "d3", "text": "baking bread"}]


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "tiny"
    (root / "qrels").mkdir(parents=True)
    (root / "corpus.jsonl").write_text("\n".join(map(json.dumps, DOCUMENTS)) + "\n")
    (root / "queries.jsonl").write_text("\n".join(map(json.dumps, [*QUERIES, {"_id": "q9", "text": "not judged"}])) + "\n")
    (root / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nd3\td1\t1\n")
    return root


def test_a_data_set_holds_its_documents_and_judged_queries(folder):
    data = load(folder)
    assert data.name == "tiny" and list(data.documents) == ["d1", "d2", "d3"] and list(data.queries) == ["q1", "q2", "d3"]
    assert data.judgements["q2"] == {"d2": 1}
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t2\n")  # without a header
    assert load(folder).judgements == {"q1": {"d1": 2}}


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{"text": "no id"}\n', "corpus.jsonl:2"),
        ("queries.jsonl", "{\n", "queries.jsonl:1"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 d1 1\n", "test.tsv:2"),
        ("qrels/test.tsv", "q7\td1\t1\n", "'q7'"),
        ("corpus.jsonl", "", "no documents"),
    ],
)
def test_faults_name_file_and_line(folder, file, text, told):
    (folder / file).write_text(text)
    with pytest.raises(CitepathError, match=told):
        load(folder)


def test_a_missing_file_and_binary_are_told(folder):
    (folder / "queries.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(CitepathError, match="not UTF-8"):
        load(folder)
    (folder / "queries.jsonl").unlink()
    with pytest.raises(CitepathError, match="cannot be read"):
        load(folder)


def test_sentences_are_cut_at_ends_not_at_abbreviated_numbers():
    assert sentences("A dose of 0.5 mg. It was safe (n = 3). (Few) left.") == ["A dose of 0.5 mg.", "It was safe (n = 3).", "(Few) left."]
    assert sentences("") == []


def test_measures_by_hand():
    # q1: d1 is second of three: DCG 1/log2(3) = 0.6309, ideal 1; reciprocal rank 1/2. q2: not found at all.
    judged = Judged("tiny", {"q1": "x", "q2": "y"}, {"q1": {"d1": 1}, "q2": {"d2": 1}})
    found = evaluated(judged, {"q1": {"d9": 3.0, "d1": 2.0, "d8": 1.0}, "q2": {"d1": 1.0}})
    assert found.mean("ndcg@10") == pytest.approx(0.6309 / 2, abs=1e-4)
    assert found.mean("mrr@10") == pytest.approx(0.25) and found.mean("recall@100") == pytest.approx(0.5)
    low, high = found.interval("mrr@10")
    assert 0 <= low <= 0.25 <= high <= 0.5
    assert evaluated(judged, {}).mean("ndcg@10") == 0
    assert "tiny: 2 queries" in table(judged, {"ours": found})
    assert as_json(judged, {"ours": found})["systems"]["ours"]["mrr@10"] == 0.25


def test_reciprocal_ranks_by_hand():
    # a: 1/61 + 1/62, b: 1/62 + 1/61, c: 1/63. Ties by id.
    fused = reciprocal_ranks({"a": 9.0, "b": 5.0}, {"b": 3.0, "a": 2.0, "c": 1.0})
    assert list(fused) == ["a", "b", "c"] and fused["a"] == pytest.approx(1 / 61 + 1 / 62)


def test_convex_by_hand():
    # dense a 1, b 0; BM25 b 1, c 0: with weight 0.4 a 0.6, b 0.4, c 0.
    assert convex({"a": 0.9, "b": 0.5}, {"b": 4.0, "c": 2.0}) == pytest.approx({"a": 0.6, "b": 0.4, "c": 0.0})


@pytest.mark.model
def test_the_command_measures_a_folder_and_embeds_it_once(run, folder, encoder_data, tmp_path):
    target = tmp_path / "out" / "figures.json"
    args = ("eval", "retrieval", str(folder), "--data", str(encoder_data), "--json", str(target))
    first = run(*args, check=0)
    figures = json.loads(target.read_text())
    assert figures["dataset"] == "tiny" and figures["queries"] == 3
    assert {"citepath", "bm25", "dense", "rrf", "convex"} <= set(figures["systems"])
    for name in ("citepath", "dense"):
        assert set(figures["systems"][name]) >= {"ndcg@10", "recall@100", "mrr@10"}
        assert figures["systems"][name]["mrr@10"] >= 2 / 3  # the query d3 may not find itself
    assert "Embedded" in first.stderr and "Embedded" not in run(*args, check=0).stderr


def test_the_command_names_the_mend(run, tmp_path):
    assert "BEIR layout" in run("eval", "retrieval", str(tmp_path / "gone"), check=2).stderr
