"""Falsified and reworded statements: each alters one thing or nothing, the same ones every time, none by accident true."""

import re

import pytest

from assistant.lexicon import Lexicon
from evals.exam import Exam, Miss, Row, as_json, misses, table
from evals.mutations import figures, mutants
from evals.rewordings import reworded, written
from ingest.errors import ContentError
from ingest.figures import canonical


@pytest.fixture(scope="module")
def lexicon(real_corpus):
    return Lexicon(real_corpus)


@pytest.fixture(scope="module")
def sample(real_corpus, lexicon):
    return list(mutants(real_corpus, lexicon, step=40))


def numbers(text):
    return [canonical(m.group()) for m in figures(text)]


def test_mutants_are_the_same_every_time(real_corpus, lexicon, sample):
    assert sample == list(mutants(real_corpus, lexicon, step=40)) and len(sample) > 300


def test_a_mutant_differs_from_its_origin_in_sentence_or_citation(real_corpus, sample):
    for m in sample:
        origin = real_corpus.statements[m.origin]
        assert (m.sentence in (origin.text, origin.plain)) == (m.kind == "citation") == (m.statement != m.origin), m


def test_a_number_mutant_has_one_figure_the_statement_has_not(real_corpus, sample):
    seen = [m for m in sample if m.kind == "number" and re.match(r"\d", m.change)]
    assert seen
    for m in seen:
        s = real_corpus.statements[m.origin]
        assert len(set(numbers(m.sentence)) - set(numbers(f"{s.text} {s.plain}"))) == 1, m


def test_an_exchange_keeps_the_figures(real_corpus, sample):
    for m in (m for m in sample if m.kind.startswith("pairing of fig")):
        s = real_corpus.statements[m.origin]
        assert sorted(numbers(m.sentence)) in (sorted(numbers(s.text)), sorted(numbers(s.plain))), m


@pytest.mark.parametrize(
    ("text", "values", "kinds"),
    [
        ("Adverse events of grade 3 or 4 were seen.", {}, set()),  # the grades are listed: the other order is as true
        ("The dose rises by 10 to 25 units.", {}, set()),  # the ends of a range
        ("Alectinib or brigatinib is offered.", {}, set()),  # a mere list of drugs
        ("Alectinib after brigatinib is offered.", {}, {"pairing of drugs"}),
        ("It was 7 months with alectinib and 3 months with brigatinib.", {"arms": ["alectinib", "brigatinib"], "months": [7, 3]},
         {"pairing of figures", "pairing of drugs"}),
    ],
)  # fmt: skip
def test_what_would_still_be_true_is_not_exchanged(real_corpus, lexicon, text, values, kinds):
    first = next(iter(real_corpus.documents.values()))
    s = first.statements[0].model_copy(update={"text": text, "plain": text, "values": values})
    one = real_corpus.model_copy(update={"documents": {first.id: first.model_copy(update={"statements": (s,)})}})
    one.__dict__.pop("statements", None)
    assert {m.kind for m in mutants(one, lexicon) if m.kind.startswith("pairing")} == kinds


def test_rewordings_add_no_figure(real_corpus, lexicon):
    rules = set()
    for s in list(real_corpus.statements.values())[::40]:
        for r in reworded(s, lexicon):
            rules.add(r.rule)
            if r.rule != "another name":
                assert set(numbers(r.sentence)) <= set(numbers(s.text)) | set(numbers(s.plain)), r
    assert len(rules) >= 7


def test_written_rewordings_load_in_two_splits_and_across_the_documents(real_corpus):
    every, dev, test = written(real_corpus), written(real_corpus, "dev"), written(real_corpus, "test")
    assert len(every) == len(dev) + len(test) and not {r.statement for r in dev} & {r.statement for r in test}
    assert sum(r.fair for r in every) >= 120 and sum(not r.fair for r in every) >= 60
    assert {real_corpus.statements[r.statement].document for r in every} == set(real_corpus.documents)


def test_a_rewording_of_no_statement_is_a_fault_with_its_line(real_corpus, tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("fair:\n  no-such-statement: [x]\nunfair: {}\n")
    with pytest.raises(ContentError, match=r"r\.yaml:2: fair\.no-such-statement"):
        written(real_corpus, path=path)
    path.write_text("fair: [")
    with pytest.raises(ContentError):
        written(real_corpus, path=path)


def test_the_report_counts_what_was_judged_rightly():
    miss = Miss("s-1", "It was 7.", "3 -> 7", ())
    passed = [Row("untouched", "untouched", 10, ()), Row("reworded by rule", "case", 200, (miss,))]
    exam = Exam((Row("mutants", "number", 99, (miss,)), Row("mutants", "unit", 1, ()), *passed))
    # 99 of 100 mutants are caught: just the gate. 199 of 200 rewordings pass: just 99.5%.
    assert exam.total("mutants") == (99, 100) and exam.total("nothing") == (0, 0)
    assert exam.gates() == {"mutants": True, "untouched": True, "reworded by rule": True}
    assert Exam(()).gates() == {"mutants": False, "untouched": False, "reworded by rule": False}
    assert "gate holds" in table(exam) and "s-1: 3 -> 7: It was 7." in "\n".join(misses(exam))
    assert as_json(exam)["verifier"][0]["right"] == 98
