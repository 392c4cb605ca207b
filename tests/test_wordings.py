"""What is measured of language models' replies: the replies are those meant, none false is shown, and a judge that sleeps is found out."""

import json
from collections import Counter

import pytest

from assistant.answer import Wording
from assistant.fidelity import Fidelity
from assistant.lexicon import Lexicon
from assistant.rephrase import Rephraser
from assistant.verify import Verdict, Verifier
from evals import wordings
from evals.summary import _worded

STEP = 300


@pytest.fixture(scope="module")
def rows(real_corpus):
    return wordings.measure(real_corpus, STEP)


def test_no_false_sentence_is_shown_and_faithful_ones_are(rows):
    false, true = [r for r in rows if r.adversarial], next(r for r in rows if r.kind == "faithful")
    assert sum(r.n for r in false) >= 500 and not any(r.kept or r.unsupported for r in false)
    assert true.kept >= 0.9 * true.n > 0


def test_every_kind_of_model_is_played_the_same_every_time(real_corpus, rows):
    lexicon = Lexicon(real_corpus)
    first, again = (list(wordings.replies(real_corpus, lexicon, STEP)) for _ in range(2))
    assert first == again and Counter(r.kind for r in first) == {r.kind: r.n for r in rows}
    assert {"faithful", "sloppy", "inventing", "injected", "no JSON", "broken off"} <= {r.kind for r in first}


def test_a_judge_that_sleeps_is_found_out(real_corpus, monkeypatch):
    monkeypatch.setattr(Verifier, "verify", lambda self, text, statements: Verdict(True))
    monkeypatch.setattr(Fidelity, "added", lambda self, text, wordings: ())
    monkeypatch.setattr(Rephraser, "_missing", lambda self, table, id, text: None)
    rows = wordings.measure(real_corpus, 600)
    assert not wordings.gates(rows)["none shown"] and "FAILS" in wordings.table(rows)


def test_the_report_counts_replies_and_names_what_should_not_be_shown():
    rows = (wordings.Row("faithful", False, 4, 3, ()), wordings.Row("sloppy", True, 500, 1, ("a: b",)))
    assert wordings.gates(rows) == {"500 adversarial replies": True, "none shown": False}
    assert wordings.gates(rows[:1]) == {"500 adversarial replies": False, "none shown": True}
    lines = wordings.table(rows).splitlines()
    assert lines[1].split()[:4] == ["faithful", "4", "3", "0.750"] and lines[4].split()[:5] == ["all", "adversarial", "500", "1", "0.002"]
    assert json.dumps(wordings.as_json(rows)) and wordings.as_json(rows)["wordings"][1]["unsupported"] == ("a: b",)


def test_the_share_of_model_sentences_kept_is_a_measure():
    class Some:
        wording = Wording(model=3, unchanged=1, replaced=4)

    class None_:
        wording = None

    measure = _worded([Some(), None_(), Some()])
    assert (measure.value, measure.n) == (0.5, 16)  # 3 + 1 of 8, twice
    assert _worded([None_()]).n == 0


def test_the_command_prints_the_table_and_writes_the_report(run, tmp_path):
    out = run("eval", "rephrase", "--every", "250", "--report", str(tmp_path / "r"), check=0).stdout
    assert "all adversarial" in out and json.loads((tmp_path / "r" / "report.json").read_text())["gates"]["none shown"]
