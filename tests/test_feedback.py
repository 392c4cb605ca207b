"""What readers say is kept with the answer's id, never with its question."""

import json
from datetime import date

import pytest

from assistant import feedback
from assistant.engine import Question
from ingest.errors import CitepathError

TODAY = date(2026, 11, 28)


pytestmark = pytest.mark.model


@pytest.fixture
def answer(assistant):
    return assistant.ask(Question("alectinib dose with food?"))


def test_a_rating_and_a_problem_are_two_lines_without_the_question(answer, tmp_path):
    feedback.record(tmp_path / "new", answer, TODAY, rating="helpful")
    feedback.record(tmp_path / "new", answer, TODAY, problem="outdated", comment="A newer label exists.\nSee it.")
    text = (tmp_path / "new" / "feedback.jsonl").read_text()
    first, second = map(json.loads, text.splitlines())
    assert first == {
        "date": "2026-11-28",
        "answer": answer.id,
        "corpus_version": answer.corpus_version,
        "engine": "extractive",
        "audience": "clinician",
        "rating": "helpful",
    }
    assert second["problem"] == "outdated" and second["comment"].startswith("A newer") and "food" not in text


@pytest.mark.parametrize("said", [{}, {"rating": "great"}, {"problem": "rude"}, {"rating": "helpful", "problem": "other"}])
def test_what_is_no_feedback_is_refused(answer, tmp_path, said):
    with pytest.raises(CitepathError, match="rating or a problem"):
        feedback.record(tmp_path, answer, TODAY, **said)


def test_a_long_comment_or_a_place_that_cannot_be_written_is_an_error_with_its_mend(answer, tmp_path):
    with pytest.raises(CitepathError, match="at most 2000"):
        feedback.record(tmp_path, answer, TODAY, problem="other", comment="x" * 2001)
    (tmp_path / "file").write_text("")
    with pytest.raises(CitepathError, match="could not be written"):
        feedback.record(tmp_path / "file", answer, TODAY, rating="helpful")
