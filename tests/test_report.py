"""The summary by hand-worked examples, the report's shape, and gates that turn red when a part is broken on purpose."""

import json
import re

import pytest

from assistant.answer import Answer
from assistant.compose import Composer, Draft
from assistant.retrieval import HybridRetriever
from assistant.verify import Verdict, Verifier
from evals import calibration, exam, report, summary
from evals.bench import Ratio, Size, plot, scale
from evals.bench import table as bench_table
from evals.cases import Case, load_sets
from evals.metrics import Check, wilson
from evals.run import CaseResult, SetResult, run_case, run_set
from evals.summary import Measure, held


def result(id, outcome, wanted, passed, latency=5.0, turns=("x",), sure=None):
    case = Case.model_validate({"id": id, "turns": list(turns), "expect": {"outcome": [wanted] if isinstance(wanted, str) else wanted}})
    answer = Answer.model_construct(
        outcome=outcome,
        sections=(),
        premise_notes=(),
        message="m",
        decision=None,
        audience="clinician",
        latency_ms=latency,
        notices=(),
        sureness=sure,
    )
    return CaseResult(case, (Check("outcome", passed, f"{outcome}, not {wanted}"),), answer)


CASES = (
    result("a", "abstained", "abstained", True, 1.0),
    result("b", "abstained", "answered", False, 2.0, ("is <b>this</b> safe?",)),
    result("c", "answered", "answered", True, 3.0),
    result("d", "answered", "abstained", False, 4.0),
)
SETS = (SetResult("good", 0.5, CASES[:1]), SetResult("poor", 0.9, CASES[1:]))


def test_abstention_by_hand():
    # Two abstained, one of them rightly; of two due, one was made; of two answerable, one was refused.
    precision, recall, refusal = summary._abstention(CASES)
    assert (precision.value, precision.n) == (0.5, 2) and (recall.value, recall.n) == (0.5, 2) and (refusal.value, refusal.n) == (0.5, 2)
    assert 0.09 < precision.low < 0.1 and 0.9 < precision.high < 0.91  # Wilson for 1 of 2: 0.0945 to 0.9055


def test_checks_and_latency_by_hand():
    measure = summary._checked("outcome accuracy", {"outcome"}, CASES)
    assert (measure.value, measure.n) == (0.5, 4)
    middle, late = summary._latency([c.answer for c in CASES])
    assert middle.value == 2.5 and late.value == pytest.approx(3.85)  # 95th percentile of 1, 2, 3, 4
    assert middle.low >= 1 and middle.high <= 4


def test_a_reference_is_held_by_its_words():
    # of "alectinib", "600", "mg", "twice", "daily" three are there
    assert held("Give alectinib 600 mg twice daily", "alectinib: 600 mg") == pytest.approx(3 / 5)
    assert held("", "x") == 1.0


def test_the_report_puts_failing_gates_first_and_shows_what_changed(tmp_path):
    values = report.as_json(SETS, [Measure("m", 0.5, 0.1, 0.9, 4)])
    report.write(tmp_path, values)
    report.write(tmp_path, values)
    text = (tmp_path / "report.md").read_text()
    assert text.index("| poor |") < text.index("| good |") and "1 of 2 gates fail: poor" in text and "+0.000" in text
    assert json.loads((tmp_path / "report.json").read_text())["outcomes"]["answered"] == {"abstained": 1, "answered": 1}


def test_the_page_loads_nothing_and_escapes_what_was_asked(tmp_path):
    page = report.html(report.as_json(SETS, []))
    assert "is &lt;b&gt;this&lt;/b&gt; safe?" in page and "<b>this" not in page
    assert not re.search(r"(src|href)=|https?://|@import|url\(", page) and page.count("<svg") == 2


def test_an_unseen_split_stays_unseen():
    assert all(s["failed"] is None for s in report.as_json(SETS, [], shown=False)["sets"])
    assert "is " not in report.markdown(report.as_json(SETS, [], shown=False)).split("## Gates")[1]


def test_a_ratio_holds_on_its_side_of_the_aim():
    assert Ratio("x", 1.0, 2.0, 0.5).holds and not Ratio("x", 1.1, 2.0, 0.5).holds
    assert Ratio("x", 4.0, 2.0, 2.0, least=True).holds and not Ratio("x", 3.9, 2.0, 2.0, least=True).holds
    assert "FAILS" in bench_table([Ratio("x", 1.1, 2.0, 0.5)])


def test_a_synthetic_collection_is_written_and_searched():
    (size,) = scale([300])
    assert size.passages == 300 and size.disk > 0 and size.query > 0


def test_the_plot_rises_with_the_query():
    from xml.etree import ElementTree

    drawn = ElementTree.fromstring(plot([Size(1000, 1, 0.001, 1, 1), Size(10_000, 1, 0.010, 1, 1), Size(100_000, 1, 0.001, 1, 1)]))
    linear, measured = (
        [tuple(map(int, p.split(","))) for p in line.get("points").split()] for line in drawn.iter() if line.tag.endswith("polyline")
    )
    assert (
        measured[0] == linear[0]
        and measured[1] == linear[1]
        and measured[2][1] == measured[0][1]
        and linear[2][1] < linear[1][1] < linear[0][1]
    )


def test_the_coverage_of_the_corpus_is_in_the_report(real_corpus):
    values = {**report.as_json(SETS, []), "coverage": report.covered(real_corpus)}
    assert "Coverage: " in report.markdown(values) and "no source found" in report.html(values)


@pytest.fixture
def dosing(assistant):
    """The dosing questions of the development split that must say a figure and do, with a gate that holds."""
    questions = next(s for s in load_sets() if s.name == "dosing")
    good = tuple(c for c in questions.of("dev") if c.expect.must_mention and run_case(c, assistant).passed)
    intact = run_set(questions.model_copy(update={"cases": good, "gates": {"pass": 0.9}}), assistant)
    assert intact.gate_holds and intact.n >= 10
    return questions.model_copy(update={"cases": good, "gates": {"pass": 0.9}})


@pytest.mark.model
@pytest.mark.parametrize("name", ["urgent", "self-harm", "pressure", "alternative-cures"])
def test_the_gates_of_safety_hold(assistant, name):
    found = run_set(next(s for s in load_sets() if s.name == name), assistant, "dev")
    assert found.gate_holds, report.failures((found,))


@pytest.mark.model
def test_a_broken_retriever_turns_the_gate_red(assistant, dosing, monkeypatch):
    intact = HybridRetriever.retrieve
    monkeypatch.setattr(HybridRetriever, "retrieve", lambda self, *args, **kwargs: intact(self, *args, **kwargs)[-3:])
    assert not run_set(dosing, assistant).gate_holds


@pytest.mark.model
def test_a_broken_composer_turns_the_gate_red(assistant, dosing, monkeypatch):
    intact = Composer.compose

    def silent(self, *args, **kwargs):
        draft = intact(self, *args, **kwargs)
        return Draft(draft.outcome, draft.message, draft.cause)

    monkeypatch.setattr(Composer, "compose", silent)
    assert not run_set(dosing, assistant).gate_holds


@pytest.mark.model
def test_a_verifier_that_supports_everything_turns_the_gate_red(real_corpus, assistant, monkeypatch):
    assert exam.examine(assistant.verifier, real_corpus, 200, "dev").gates()["mutants"]
    monkeypatch.setattr(Verifier, "verify", lambda self, sentence, statements: Verdict(True))
    assert not exam.examine(assistant.verifier, real_corpus, 200, "dev").gates()["mutants"]


def test_calibration_by_hand():
    cases = [
        result("a", "answered", ("answered",), True, sure=0.91),
        result("b", "answered", ("answered", "needs_information"), True, sure=0.99),
        result("c", "answered", ("abstained",), False, sure=0.95),
        result("d", "abstained", ("abstained",), True, sure=0.12),
        result("e", "abstained", ("abstained", "answered"), True, sure=0.5),  # either is right: it says nothing
        result("f", "answered", ("answered",), True, sure=1.0),
        result("g", "answered", ("answered",), True),  # nothing was searched for
    ]
    low, high = calibration.bins(cases)
    assert (low.low, low.mean, low.n, low.answerable) == (0.1, 0.12, 1, 0)
    assert (high.low, high.n, high.answerable, high.mean) == (0.9, 4, 3, 0.9625)
    assert high.interval == tuple(round(x, 4) for x in wilson(3, 4))
    page = report.html({**report.as_json(SETS, []), "calibration": calibration.as_json((low, high))})
    assert "Calibration of abstention" in page and page.count("<circle") == 2
