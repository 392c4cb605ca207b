"""The Evaluation page shows the last report, written by the evaluation itself, and says what to do where there is none."""

import json

import pytest

from evals import report, results
from evals.run import SetResult
from evals.summary import Measure
from ingest.errors import CitepathError
from tests.test_report import CASES, SETS
from tests.test_ui import shown

pytestmark = pytest.mark.model
RETRIEVAL = {"ndcg@10": 0.61, "ndcg@10_interval": [0.5, 0.7], "recall@100": 0.9, "mrr@10": 0.5, "hit@4": 0.7}


def values(corpus, sets=SETS, seen=True) -> dict:
    return {
        "made": "2026-11-28",
        "corpus": corpus.version,
        "split": "dev",
        **report.as_json(sets, [Measure("outcome accuracy", 0.5, 0.15, 0.85, 4), Measure("latency, median", 2.5, 1, 4, 4, "ms")], seen),
        "coverage": report.covered(corpus),
        "retrieval": {"dataset": "ours", "queries": 4, "systems": {"citepath": RETRIEVAL, "bm25": RETRIEVAL}},
    }


@pytest.fixture
def evaluation(app, real_data, request):
    """Opens the page after a report was written to where the app looks; takes it away afterwards."""
    folder = real_data / results.REPORTS

    def opened(written: dict | bytes | None):
        folder.mkdir(exist_ok=True)
        if isinstance(written, dict):
            report.write(folder, written)
        elif written is not None:
            (folder / results.FILE).write_bytes(written)
        app.switch_page("assistant/ui/evaluation.py").run()
        assert not app.exception
        return app

    yield opened
    for path in folder.glob("*"):
        path.unlink()


def tables(app) -> list[list[list[str]]]:
    return [t.value.astype(str).values.tolist() for t in app.table]


def test_no_report_says_the_command(evaluation):
    page = evaluation(None)
    assert "No evaluation has been run here" in shown(page) and page.code[0].value == "citepath eval --report"


@pytest.mark.parametrize("damaged", [b"", b"{", b'{"sets": []}', b'{"kinds": {"mutants": 1}}', b'{"sets": [{"name": "x"}]}', b"\xff\xfe"])
def test_a_damaged_or_foreign_report_is_a_clear_message(evaluation, damaged):
    assert "no report of question sets" in shown(evaluation(damaged)) and not evaluation(damaged).table


def test_gates_come_first_failing_ones_on_top_in_words(evaluation, real_corpus):
    page = evaluation(values(real_corpus))
    assert "1 of 2 gates fail: poor" in page.error[0].value.replace("\\", "") and "the one in use now" in shown(page)
    gates = tables(page)[0]
    assert [row[0] for row in gates] == ["poor", "good"]
    assert "fails" in gates[0][1] and "holds" in gates[1][1] and gates[0][2] == "1 of 3"
    assert [m.value for m in page.metric] == ["2 of 4", "2026-11-28", "development"]


def test_measures_retrieval_outcomes_coverage_and_plots(evaluation, real_corpus):
    page = evaluation(values(real_corpus))
    text = shown(page)
    for heading in (
        "Measures over all cases",
        "Retrieval beside its baselines",
        "Outcome expected and given",
        "Coverage",
        "Time to answer",
    ):
        assert heading in text, heading
    flat = [cell for table in tables(page) for row in table for cell in row]
    assert "Outcome accuracy" in flat and "15.0% to 85.0%" in flat and "citepath" in flat and "0.610" in flat
    assert "half within 2 ms" in text or "half within 3 ms" in text  # the median of 1, 2, 3, 4
    assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) == 3


def test_failed_cases_say_what_was_asked_expected_and_given(evaluation, real_corpus):
    sets = (*SETS, SetResult("other", None, CASES[1:2]))
    page = evaluation(values(real_corpus, sets))
    text = shown(page)
    assert "is <b>this</b> safe?" in text and "outcome: answered" in text and "abstained, not answered" in text
    assert page.selectbox(key="failed_set").options == ["All sets (3)", "poor (2)", "other (1)"]
    page.selectbox(key="failed_set").set_value("other (1)").run()
    assert shown(page).count("Why it failed") == 1


def test_an_unseen_split_stays_unseen(evaluation, real_corpus):
    page = evaluation(values(real_corpus, seen=False))
    assert "Kept unseen: poor" in shown(page) and "is <b>this</b> safe?" not in shown(page)


def test_a_report_of_another_corpus_is_warned_of(evaluation, real_corpus):
    other = {**values(real_corpus), "corpus": "0000000000000000"}
    assert "The figures may differ now" in evaluation(other).warning[0].value
    assert "not recorded" in evaluation({k: v for k, v in other.items() if k not in ("corpus", "made", "split")}).warning[0].value


def test_what_is_read_is_what_was_written(tmp_path, real_corpus):
    report.write(tmp_path, values(real_corpus))
    read = results.read(tmp_path)
    assert [s.name for s in read.gates] == ["poor", "good"] and read.sets[1].share == pytest.approx(1 / 3)
    assert read.sets[1].failed[0].expected == {"outcome": ("answered",)} and read.retrieval.systems["bm25"].ndcg == 0.61
    assert results.read(tmp_path / "none") is None
    whole = json.loads((tmp_path / results.FILE).read_text())
    (tmp_path / results.FILE).write_text(json.dumps({**whole, "latency_ms": [float("nan")]}))
    with pytest.raises(CitepathError, match="damaged"):
        results.read(tmp_path)


def test_about_says_all_it_must(app, real_corpus):
    app.switch_page("assistant/ui/about.py").run()
    assert not app.exception
    text = shown(app)
    for title in ("Intended use", "What it cannot do", "How an answer is made", "Editorial policy", "Model card", "Privacy", "Licence"):
        assert title in [h.value for h in app.header] and f"[{title}](#" in text, title
    assert real_corpus.version in text and f"0 of {len(real_corpus.statements):,}" in text
