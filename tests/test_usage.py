"""Where statements are used, by hand on the small corpus, and complete on the real one."""

from assistant.usage import Use, citing, superseding, uses
from ingest.content import Difference, Matrix
from ingest.load import load
from tests.conftest import SMALL


def test_every_place_of_a_statement_is_found():
    corpus = load(SMALL)
    found = uses(corpus)
    assert found["zorvex-dose"] == (Use("option", "blight/first", "Glimmer blight: Untreated glimmer blight", "Zorvex"),)
    assert [u.place for u in found["zorvex-first"]] == ["blight/first", "blight/second"]
    assert {u.kind for u in found["zorvex-first"]} == {"summary"}
    assert found["moonlight-harm"] == (Use("ruled out", "blight", "Glimmer blight", "Moonlight lamps"),)
    assert found["colour-is-not-blight"][-1] == Use("premise", "silver-leaf", "", "A silver leaf shows blight.")


def test_differences_and_coverage_are_places_too():
    corpus = load(SMALL)
    corpus = corpus.model_copy(
        update={
            "differences": {"d": Difference(id="d", title="Doses differ", statements=("zorvex-dose", "talmyn-dose"))},
            "coverage": {"m": Matrix(id="m", title="Drugs by topic", rows=("zorvex",), columns=("dose",))},
        }
    )
    assert uses(corpus)["zorvex-dose"][1:] == (
        Use("difference", "d", "", "Doses differ"),
        Use("coverage", "m", "Drugs by topic", "zorvex, dose"),
    )


def test_every_statement_of_the_real_pathways_has_its_use(real_corpus):
    found = uses(real_corpus)
    assert set(found) == set(real_corpus.statements)
    for pathway in real_corpus.pathways.values():
        parts = [("overview", p) for p in pathway.overview] + [("note", p) for p in pathway.notes]
        for kind, part in parts:
            for id in part.statements:
                assert Use(kind, pathway.id, pathway.title, part.title) in found[id]
        for brief in pathway.briefs.values():
            assert all(Use("table", pathway.id, pathway.title, brief.text) in found[id] for id in brief.statements)
        for name, node in pathway.nodes.items():
            for id in [*node.summary, *(i for o in node.options for i in o.statements), *(i for p in node.parts for i in p.statements)]:
                assert f"{pathway.id}/{name}" in {u.place for u in found[id]}


def test_who_cites_and_who_replaces(real_corpus):
    corpus = load(SMALL)
    assert citing(corpus)["bloom2024"] == ("bloom-trial", "moonlight-harm")
    assert superseding(corpus) == {}
    for newer, older in superseding(real_corpus).items():
        assert all(real_corpus.statements[id].superseded_by == newer for id in older)
    assert sum(map(len, superseding(real_corpus).values())) == sum(s.superseded_by is not None for s in real_corpus.statements.values())


def test_the_command_line_lists_the_same(run):
    out = run("source", "zorvex-dose", "--corpus", str(SMALL), check=0).stdout
    assert "Shown in:\n  option blight/first: Zorvex" in out
    assert "Shown in: nothing but search" not in out
    assert "bloom-trial" in run("source", "bloom2024", "--corpus", str(SMALL), check=0).stdout
