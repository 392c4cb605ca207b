"""Question sets: every shipped set loads, faults are placed, measures are worked by hand, one failing case hides nothing."""

import json

import pytest

from assistant.engine import Question
from evals.cases import SETS, Case, load_set, load_sets
from evals.metrics import checks, wilson
from evals.run import run_case
from ingest.errors import CitepathError, ContentError


def test_every_shipped_set_loads_and_has_both_splits():
    sets = load_sets()
    assert {p.stem for p in SETS.glob("*.yaml")} == {s.name for s in sets}
    for s in sets:
        assert s.of("test") and s.of("dev") and len(s.of("test")) + len(s.of("dev")) == len(s.cases)
    assert 0.28 < sum(len(s.of("test")) for s in sets) / sum(len(s.cases) for s in sets) < 0.38


def test_faults_of_a_set_name_file_line_and_field(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(
        "name: bad\npurpose: p\nsource: s\ncases:\n  - id: a-1\n    turns: [x]\n    expect: {must_mention: ['(']}\n  - id: a-1\n    turns: []\n    expect: {}\n"
    )
    with pytest.raises(ContentError) as e:
        load_set(path)
    assert {(f.file, f.line) for f in e.value.faults} >= {("bad.yaml", 7), ("bad.yaml", 9)}
    with pytest.raises(CitepathError, match="no question set"):
        load_sets(("nowhere",))


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    # 8 of 10: (0.8 + 0.19207) / 1.38415 = 0.71674 -+ 0.22657 / ... worked with z = 1.959964; 0 of 0 says nothing; 0 of 30 allows 11%.
    [(8, 10, 0.4902, 0.9433), (0, 0, 0.0, 1.0), (0, 30, 0.0, 0.1135), (30, 30, 0.8865, 1.0)],
)
def test_wilson_intervals(passed, n, low, high):
    assert wilson(passed, n) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.model
def test_checks_pass_and_fail_as_they_should(assistant):
    answer = assistant.ask(Question("alectinib dose with food?"))
    good = Case.model_validate(
        {"id": "a", "turns": ["x"], "expect": {"outcome": ["answered"], "statements": ["alectinib-dose-food"], "must_mention": ["600 ?mg"]}}
    )
    bad = Case.model_validate(
        {
            "id": "b",
            "turns": ["x"],
            "expect": {
                "outcome": ["urgent"],
                "node": "first-line",
                "must_not_mention": ["600 ?mg"],
                "premise": "corrected",
                "masked": ["FOOD"],
            },
        }
    )
    assert [c.passed for c in checks(good, answer)] == [True, True, True]
    assert [(c.name, c.passed) for c in checks(bad, answer)] == [
        ("outcome", False),
        ("node", False),
        ("premise", False),
        ("must_not_mention", False),
        ("masked", False),
    ]


def test_a_crash_is_a_failed_case_with_its_error():
    class Broken:
        def ask(self, *_):
            raise RuntimeError("no such thing")

    result = run_case(Case.model_validate({"id": "a", "turns": ["x"], "expect": {}}), Broken())
    assert not result.passed and "no such thing" in result.reasons[0] and result.answer is None


def test_the_command_examines_the_verifier(run, tmp_path):
    done = run("eval", "verifier", "--every", "200", "--split", "dev", "--no-failures", "--report", str(tmp_path), check=0)
    assert "gate holds" in done.stdout and "negation added" in done.stdout and "unfair, by hand" in done.stdout
    assert json.loads((tmp_path / "report.json").read_text())["gates"]["mutants"] is True
