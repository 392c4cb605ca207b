"""Question sets of other tools become ours; what is missing is told with its line."""

import json

import pytest

from evals import imports
from evals.cases import load_set
from ingest.errors import CitepathError, ContentError


def read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return imports.read(path, "theirs")


def test_ragas_samples_single_and_multi_turn(tmp_path):
    samples = [
        {"user_input": "What is the dose?", "reference": "600 mg twice daily.", "reference_context_ids": ["a-dose"], "response": "?"},
        {
            "user_input": [
                {"type": "human", "content": "Dose?"},
                {"type": "ai", "content": "Of what?"},
                {"type": "human", "content": "Talmyn"},
            ]
        },
    ]
    found = read(tmp_path, "ragas.json", json.dumps(samples))
    one, two = found.cases
    assert one.turns == ("What is the dose?",) and one.reference == "600 mg twice daily." and one.expect.any_statement == ("a-dose",)
    assert two.turns == ("Dose?", "Talmyn") and two.reference is None
    assert read(tmp_path, "wrapped.json", json.dumps({"samples": samples})).cases == found.cases


def test_json_lines_and_csv_with_expectations(tmp_path):
    row = {"question": "Flu shot?", "outcome": "abstained", "audience": "patient", "tags": ["scope"], "must_not_mention": ["mg"]}
    (case,) = read(tmp_path, "a.jsonl", json.dumps(row) + "\n\n").cases
    assert case.expect.outcome == ("abstained",) and case.audience == "patient" and case.expect.must_not_mention == ("mg",)
    text = 'question,outcome,must_mention,ground_truth\n"Dose, please?",answered;needs_information,600;twice,"600 mg; twice"\n'
    (case,) = read(tmp_path, "a.csv", text).cases
    assert case.turns == ("Dose, please?",) and case.expect.outcome == ("answered", "needs_information")
    assert case.expect.must_mention == ("600", "twice") and case.reference == "600 mg; twice"


def test_what_is_missing_is_told_with_its_line(tmp_path):
    with pytest.raises(ContentError) as e:
        read(tmp_path, "a.jsonl", '{"question": "x"}\n{"answer": "y"}\n{"question": " "}\n')
    assert [(f.file, f.line, f.field) for f in e.value.faults] == [("a.jsonl", 2, "question"), ("a.jsonl", 3, "question")]
    with pytest.raises(ContentError, match="outcome"):
        read(tmp_path, "b.jsonl", '{"question": "x", "outcome": "maybe"}\n')


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.jsonl", "{", "a.jsonl:1"),
        ("a.jsonl", "[]", "an object"),
        ("a.json", "{}", "no list"),
        ("a.txt", "x", "no known kind"),
        ("a.csv", "", "no question"),
    ],
)
def test_unusable_files_name_the_mend(tmp_path, name, text, told):
    with pytest.raises(CitepathError, match=told):
        read(tmp_path, name, text)


def test_the_command_writes_a_set_that_loads(run, tmp_path):
    source, target = tmp_path / "theirs.jsonl", tmp_path / "theirs.yaml"
    source.write_text(json.dumps({"question": "What is the dose?", "reference": "600 mg", "outcome": "answered"}) + "\n")
    assert "1 cases" in run("eval", "import", str(source), str(target), check=0).stdout
    loaded = load_set(target)
    assert loaded.name == "theirs" and loaded.cases[0].reference == "600 mg" and loaded.cases[0].expect.outcome == ("answered",)
    assert ".yaml" in run("eval", "import", str(source), str(tmp_path / "x.txt"), check=2).stderr
    assert "small letters" in run("eval", "import", str(source), str(tmp_path / "No Slug.yaml"), check=2).stderr
