"""Faults that span files, and the real corpus held to them."""

from datetime import date

import pytest

from ingest.check import check
from ingest.load import load
from tests.conftest import change

TODAY = date(2026, 11, 24)


def faults(root):
    return [str(f) for f in check(load(root), TODAY).faults]


def test_a_difference_must_name_statements_that_exist(small):
    (small / "differences").mkdir()
    (small / "differences" / "d.yaml").write_text("dose:\n  title: doses\n  statements: [zorvex-dose, nowhere]\n")
    faults = check(load(small), TODAY).faults
    assert [(f.file, f.line, f.field) for f in faults] == [("differences/d.yaml", 3, "dose.statements")]


def test_a_phrase_of_a_contrast_must_be_one(small):
    (small / "contrasts").mkdir()
    (small / "contrasts" / "c.yaml").write_text('amount:\n  sides: [[more], [".. less"]]\n')
    assert [str(f).partition(": phrase")[0] for f in check(load(small), TODAY).faults] == ["contrasts/c.yaml:1: amount.sides"]


def test_the_small_corpus_is_sound(small):
    assert faults(small) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("documents/glimmer.md", "[@orchid2025]", "[@nobody1999]", "documents/glimmer.md:10: citations: @nobody1999 is not in references/"),
        ("pathways/blight.yaml", "statements: [talmyn-dose]", "statements: [no-such]", "nodes.first.options: no statement 'no-such'"),
        ("pathways/blight.yaml", "reach: second", "reach: third", "decide.reach: no node 'third'"),
        (
            "pathways/blight.yaml",
            "nodes:\n",
            "briefs:\n  dull: {text: x, plain: x, statements: [talmyn-dose]}\nnodes:\n",
            "no option's glance uses 'dull'",
        ),
        (
            "pathways/blight.yaml",
            "statements: [talmyn-dose]}",
            "statements: [talmyn-dose], glance: {risks: gone}}",
            "briefs: no brief 'gone'",
        ),
        ("pathways/blight.yaml", "{root_test: [negative]}", "{leaf_test: [negative]}", "no variable 'leaf_test'"),
        ("pathways/blight.yaml", "{root_test: [negative]}", "{root_test: [maybe]}", "no value 'maybe'"),
        (
            "pathways/blight.yaml",
            "zorvex: [after zorvex]",
            "zorvex: [after zorvex]\n    named: {zorvex: [lost]}",
            "prior.named: no term 'lost'",
        ),
        (
            "pathways/blight.yaml",
            "zorvex: [after zorvex]",
            "zorvex: [after zorvex]\n    over: {zorvex: [lost]}",
            "prior.over: no value 'lost'",
        ),
        ("pathways/blight.yaml", "[untreated]", '["{lost} untreated"]', "names the list 'lost'"),
        ("premises/p.yaml", "[colour-is-not-blight]", "[gone]", "silver-leaf.statements: no statement 'gone'"),
        ("urgent/u.yaml", "[greenhouse .. burning|fire]", '[".. fire"]', "fire.cues: phrase"),
    ],
)
def test_a_broken_link_is_a_fault(small, file, old, new, expected):
    change(small, file, old, new)
    found = faults(small)
    assert any(expected in f for f in found), found


def test_a_missing_fixed_text_is_a_fault(small):
    (small / "texts" / "notice.md").unlink()
    assert any(f.startswith("texts/notice.md:1") for f in faults(small))


def test_what_is_overdue_or_unused_is_a_warning(small):
    change(small, "documents/glimmer.md", "  - kind: dosing", "  - kind: dosing\n  - review_by: 2026-01-31")
    change(small, "documents/glimmer.md", "[@bloom2024]", "[@orchid2025]")
    change(small, "documents/glimmer.md", "[@bloom2024]", "[@orchid2025]")
    found = [str(w) for w in check(load(small), TODAY).warnings]
    assert any("was due for review on 2026-01-31" in w for w in found)
    assert any("references/bloom2024.yaml" in w and "no statement cites" in w for w in found)


def test_the_real_corpus_is_sound_and_large_enough(real_corpus):
    assert [str(f) for f in check(real_corpus, TODAY).faults] == []
    assert len(real_corpus.statements) >= 400
    assert len({k for s in real_corpus.statements.values() for k in s.citations}) >= 120


def test_nothing_in_the_real_corpus_is_approved(real_corpus):
    assert [r for r in real_corpus.reviews if r.status == "approved"] == []


def test_plain_wording_adds_no_figure_of_its_own(real_corpus):
    """Every number with a decimal point or a percent sign in a plain wording stands in the clinician's wording too."""
    from assistant.claimant import Claimant
    from assistant.lexicon import Lexicon

    read = Claimant(real_corpus, Lexicon(real_corpus)).read

    def figures(text):
        claims = read(text)
        return [(claims.items[i].value, claims.items[i].of) for i in claims.of("figure")]

    odd = []
    for s in real_corpus.statements.values():
        known = {v for v, _ in figures(s.text)}
        odd += [(s.id, v) for v, unit in figures(s.plain) if ("." in v or unit == "percent") and v not in known]
    assert odd == []


def test_a_brief_rests_on_the_statements_of_the_option_that_shows_it(small):
    path = small / "pathways" / "blight.yaml"
    text = path.read_text().replace("statements: [talmyn-dose]}", "statements: [talmyn-dose], glance: {risks: dull}}", 1)
    path.write_text(text.replace("nodes:\n", "briefs:\n  dull: {text: x, plain: x, statements: [zorvex-dose]}\nnodes:\n"))
    assert [str(f).partition("Talmyn: ")[2] for f in check(load(small), TODAY).faults] == [
        "the brief 'dull' rests on 'zorvex-dose', which is not among the option's statements"
    ]
