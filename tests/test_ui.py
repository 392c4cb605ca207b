"""Each page through Streamlit's own test runner, with the real assistant."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.test_engine import SEED

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.model


def shown(at) -> str:
    return " ".join(
        e.value.replace("\\", "")
        for kind in (at.title, at.header, at.subheader, at.markdown, at.warning, at.info, at.error, at.success)
        for e in kind
    )


def ask(at, question):
    at.chat_input(key="question").set_value(question).run()
    assert not at.exception
    return at


def test_the_page_opens_with_role_examples_and_limits(app):
    text = shown(app)
    assert "Not for emergencies" in text and "Enter no names" in text
    assert app.segmented_control(key="audience").value == "A patient or caregiver"
    assert app.button(key="example_0").label
    assert sum(b.key.startswith("example_") for b in app.button if b.key) == 3


def test_the_seed_question_shows_premise_tracker_options_and_missing(app):
    app.segmented_control(key="audience").set_value("A clinician").run()
    text = shown(ask(app, SEED))
    for words in (
        "About the question",
        "Submitted",
        "pending human review",
        "Options in the usual case",
        "Not recommended",
        "Bottom line",
        "To go further",
    ):
        assert words in text, words
    assert "persistently elevated Anaplastic Lymphoma Kinase" in text
    assert app.button(key="set_1_alk_result_positive").label == "positive"


def test_answering_the_missing_fact_moves_on_and_a_fact_can_be_changed_or_forgotten(app):
    ask(app, "ALK-positive NSCLC, what treatment?")
    app.button(key="set_1_setting_resected").click().run()
    assert "Adjuvant alectinib" in shown(app) and "Using:" in shown(app)
    app.button(key="value_setting_metastatic_2").click().run()
    assert "To go further" in shown(app) and app.button(key="value_setting_metastatic_3").disabled
    app.button(key="forget_setting_3").click().run()
    assert not app.exception and not any(b.key == "forget_setting_4" for b in app.button)


def test_a_rating_and_a_problem_are_kept_with_the_answers_id_and_masked(app, real_data):
    ask(app, "alectinib dose with food?")
    said = real_data / "feedback.jsonl"
    app.feedback[0].set_value(1).run()
    app.selectbox(key="kind_1").set_value("It is out of date")
    app.text_area(key="comment_1").set_value("My name is Maria Lopez and the label changed")
    app.button(key="send_1").click().run()
    assert not app.exception
    kept = said.read_text()
    said.unlink()
    assert '"rating": "helpful"' in kept and '"problem": "outdated"' in kept and "Lopez" not in kept


def test_options_stand_in_one_table_with_what_is_ruled_out(app):
    app.segmented_control(key="audience").set_value("A clinician").run()
    ask(app, "ALK-positive metastatic NSCLC, never treated, options?")
    table = next(m.value for m in app.markdown if m.value.startswith("| Option |"))
    head, _, first, *others = table.splitlines()
    assert head == "| Option | Standing in the source | Key figure | In the brain | Schedule | Main risks |"
    assert "600 mg twice daily" in first and "/sources?statement=alectinib-dose-food" in first
    options = app.session_state.conversation.answers[0].options
    assert len(others) == len(options) - 1 and "Lorlatinib" in others[0]
    assert "Not recommended" in shown(app) and [t.label for t in app.tabs][:2] == ["Alectinib", "Lorlatinib"]


def test_history_follow_up_and_new_conversation(app):
    ask(ask(app, "alectinib dose with food?"), "and lorlatinib?")
    text = shown(app)
    assert "600 mg" in text and "100 mg once a day" in text and "lorlatinib dose with food?" in text
    app.button(key="follow_2_0").click().run()
    assert not app.exception and len(app.chat_message) == 6
    app.button(key="history_new").click().run()
    assert "600 mg" not in shown(app)


def test_patient_lane_speaks_plainly(app):
    assert "two times a day with food" in shown(ask(app, "alectinib dose with food?"))
    assert "talk with your care team" in shown(app)


def test_out_of_scope_and_urgent(app):
    assert "This question is about another cancer" in shown(ask(app, "How is breast cancer treated?"))
    ask(app, "I can't breathe suddenly")
    assert any("emergency" in e.value for e in app.error)


def test_what_identifies_a_person_is_never_kept_and_the_reader_is_told(app):
    told = "My name is Maria Lopez, born 14/03/1961, MRN 4471829. Dose of alectinib with food?"
    text = shown(ask(app, told))
    assert "Removed from your question" in text and "600 mg" in text and "Lopez" not in text and "4471829" not in text
    state = repr(app.session_state)
    assert "My name is [name]" in state and "Lopez" not in state and "4471829" not in state and "1961" not in state


def test_markdown_in_a_question_is_shown_as_written(app):
    ask(app, "# <b>alectinib</b> ![x](http://evil.example/x.png) dose?")
    assert not any("![x](" in m.value.replace("\\", "") and "\\" not in m.value for m in app.markdown)


def test_no_index_is_a_clear_message(monkeypatch, tmp_path):
    monkeypatch.setenv("CITEPATH_DATA", str(tmp_path))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not at.exception and "citepath index" in at.error[0].value
