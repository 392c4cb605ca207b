"""The coverage matrix: filled from tags, every hole declared with its reason, and said to who asks."""

import pytest

from assistant.engine import Assistant, Question
from ingest.coverage import cells, problems, table
from ingest.index import build, open_index
from ingest.load import load

MATRIX = "title: Sprays\nrows: [zorvex, talmyn]\ncolumns: [dose, moonlight]\n"


@pytest.fixture
def matrix(small):
    def matrix(holes=""):
        (small / "coverage").mkdir(exist_ok=True)
        (small / "coverage" / "sprays.yaml").write_text(MATRIX + holes)
        corpus = load(small)
        return corpus, corpus.coverage["sprays"]

    return matrix


HOLES = "holes: {zorvex: {moonlight: No source found.}, talmyn: {moonlight: No source found.}}\n"


def test_cells_come_from_the_tags(matrix):
    found = cells(*matrix())
    assert found["zorvex", "dose"] == ("zorvex-dose",) and found["zorvex", "moonlight"] == ()


def test_a_hole_needs_a_reason(matrix):
    assert [p for _, _, p in problems(*matrix())] == [
        f"no statement is tagged {drug} and moonlight, and no reason is given" for drug in ("zorvex", "talmyn")
    ]
    assert list(problems(*matrix(HOLES))) == []


def test_a_declared_hole_that_is_filled_is_a_fault(matrix):
    filled = HOLES.replace("{zorvex: {", "{zorvex: {dose: None found., ")
    assert [p for _, _, p in problems(*matrix(filled))] == ["zorvex and dose is declared a hole, but zorvex-dose covers it"]


def test_the_table_counts_and_explains(matrix):
    text = table(*matrix(HOLES))
    assert "zorvex, moonlight: No source found." in text and "dose" in text


@pytest.mark.model
def test_who_asks_for_a_hole_is_told_the_reason(matrix, tmp_path, embeddings):
    corpus, _ = matrix(HOLES)
    build(corpus, embeddings, tmp_path / "index")
    answer = Assistant(corpus, open_index(tmp_path / "index"), embeddings).ask(Question("talmyn and moonlight?"))
    assert answer.outcome == "abstained" and answer.message.startswith("No source found.")


def test_check_prints_the_matrix(run):
    result = run("check", "--coverage", check=0)
    assert "ALK inhibitors by topic" in result.stdout
