"""Adding a guideline, a reference, a pathway or a term is one file and no code; another field runs through the same engine."""

from datetime import date

import pytest

from assistant.engine import Assistant, Question
from assistant.pathway import prove
from assistant.planner import plan
from ingest.check import check
from ingest.index import build, open_index
from ingest.load import load
from tests.test_check import TODAY


@pytest.fixture
def ask(small, tmp_path, embeddings):
    def ask(question, **kwargs):
        corpus = load(small)
        assert check(corpus, TODAY).faults == ()
        build(corpus, embeddings, tmp_path / "index")
        return Assistant(corpus, open_index(tmp_path / "index"), embeddings).ask(Question(question, **kwargs))

    return ask


def statements(answer):
    return [i for section in answer.sections for s in section.sentences for i in s.statements]


@pytest.mark.model
def test_an_invented_field_runs_through_the_same_engine(ask):
    answer = ask("Root test positive, untreated glimmer blight: what next?")
    assert answer.decision.node == "first" and statements(answer) == [
        "zorvex-first",
        "zorvex-dose",
        "bloom-trial",
        "talmyn-dose",
        "moonlight-harm",
    ]
    assert ask("What is the dose of Zorvexa?").sections[0].sentences[0].statements == ("zorvex-dose",)
    assert ask("silver leaf means blight?").premise_notes[0].statements == ("colour-is-not-blight",)
    assert ask("how to water a rose?").outcome == "abstained"
    assert ask("the greenhouse is on fire").outcome == "urgent"


@pytest.mark.model
def test_a_guideline_and_a_reference_are_one_file_each(small, ask):
    (small / "references" / "moss2026.yaml").write_text(
        "type: trial\ntitle: Moss\nyear: 2026\nurl: https://example.org/moss\naccessed: 2026-01-02\n"
    )
    (small / "documents" / "moss.md").write_text(
        "---\nid: moss\ntitle: Zorvex and moss\nlast_updated: 2026-02-03\n---\n\n## Moss\n\n"
        "- `zorvex-moss` Zorvex kept moss green for 9 weeks in 12 pots. [@moss2026]\n  - plain: Zorvex kept moss green for 9 weeks in 12 pots.\n  - kind: evidence\n  - values: {weeks: 9, n: 12}\n"
    )
    answer = ask("Does zorvex keep moss green?")
    assert "zorvex-moss" in statements(answer) and "moss2026" in [r.key for r in answer.references]


@pytest.mark.model
def test_a_difference_between_sources_is_one_file_and_shows_all_sides(small, ask):
    (small / "differences").mkdir()
    (small / "differences" / "d.yaml").write_text("dose:\n  title: which dose comes first\n  statements: [zorvex-dose, talmyn-dose]\n")
    answer = ask("What is the dose of zorvex?")
    sides = [s for s in answer.sections if s.title == "Sources differ: which dose comes first"]
    assert [x.statements for x in sides[0].sentences] == [("zorvex-dose",), ("talmyn-dose",)]
    assert sum(x.statements == ("zorvex-dose",) for s in answer.sections for x in s.sentences) == 1


def test_the_monitoring_of_a_drug_is_one_file(small):
    (small / "monitoring").mkdir()
    (small / "monitoring" / "zorvex.yaml").write_text(
        "items:\n  - test: {text: water, plain: water}\n    source: Zorvex\n    statements: [zorvex-dose]\n"
        "    phases: [{text: once daily, plain: once a day, every: 1 day}]\n"
    )
    corpus = load(small)
    assert check(corpus, TODAY).faults == ()
    rows = plan(corpus.monitoring["zorvex"], date(2026, 1, 30), date(2026, 2, 2))
    assert [r.on.isoformat() for r in rows] == ["2026-01-31", "2026-02-01", "2026-02-02"]


def test_a_pathway_is_one_file(small, ask):
    (small / "vocabulary" / "rot.yaml").write_text("category: disease\nterms:\n  root-rot: [root rot]\n")
    (small / "pathways" / "rot.yaml").write_text(
        "id: rot\nversion: '1'\ntitle: Root rot\napplies_to: [root-rot]\n"
        "variables:\n  wet:\n    short: Pot\n    question: Is the pot wet?\n    values: {'yes': [wet], 'no': [dry]}\n"
        "decide:\n  - {when: {wet: ['yes']}, reach: drain}\n  - {when: {}, reach: wait}\n"
        "nodes:\n  drain: {title: Wet pot, options: [{option: Drain, standing: usual, statements: [talmyn-dose]}]}\n"
        "  wait: {title: Dry pot, options: [{option: Wait, standing: usual, statements: [talmyn-dose]}]}\n"
        "examples: [{state: {wet: 'yes'}, node: drain}]\n"
    )
    assert prove(load(small).pathways["rot"]).faults == ()
    answer = ask("root rot in a wet pot, what next?")
    assert (answer.decision.pathway, answer.decision.node) == ("rot", "drain")
    assert ask("Root test positive, untreated glimmer blight: what next?").decision.pathway == "blight"
