"""A model's reading of a question is taken only where the conversation says so, in its own words."""

import json

import pytest

from assistant.engine import Question
from assistant.followups import Turn
from ingest.check import TEXTS
from tests.conftest import ROOT
from tests.test_rephrase import build_assistant, fake  # noqa: F401  (fixtures)

FIRST = "The leaves of my orchid went dull after the old lamp; the root swab came back hot. Glimmer blight: what next?"


def proposing(*facts, questions=()):
    """Returns a script that proposes (variable, value, words) and questions, and words nothing."""

    def script(given):
        if "statements" in given:
            return json.dumps({"sentences": []})
        return json.dumps(
            {
                "questions": [{"text": q} for q in questions],
                "facts": [dict(zip(("variable", "value", "words"), f, strict=True)) for f in facts],
            }
        )

    return script


@pytest.fixture
def taken(build_assistant):  # noqa: F811
    """Returns what gives the answer of an assistant whose model proposes so."""

    def taken(question, *facts, questions=(), earlier=(), **set):
        return build_assistant(proposing(*facts, questions=questions)).reply(Question(question, set=set), earlier)

    return taken


def test_a_fact_is_taken_with_the_words_that_state_it_and_the_reader_is_told(taken):
    answer, turn = taken(FIRST, ("root_test", "positive", "root swab came back hot"))
    assert answer.decision.state["root_test"] == "positive" and turn.origins["root_test"] == 1
    assert any('("root swab came back hot")' in n and "Please check" in n for n in answer.notices)


@pytest.mark.parametrize(
    "fact",
    [
        ("root_test", "golden", "root swab came back hot"),  # no such value
        ("colour", "positive", "root swab came back hot"),  # no such variable
        ("root_test", "positive", "root swab came back red"),  # not what was said
        ("root_test", "positive", "positive root"),  # never said
        ("root_test", "positive", "of my"),  # says nothing
        ("root_test", "positive", ""),
    ],
)
def test_a_fact_that_is_not_said_is_not_taken(taken, fact):
    answer, _ = taken(FIRST, fact)
    assert "root_test" not in answer.decision.state and not any("Please check" in n for n in answer.notices)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Glimmer blight, the root swab did not come back hot: what next?", "come back hot"),
        ("Glimmer blight, swab free of heat: what next?", "swab free of heat"),
        ("Glimmer blight, root test negative: what next?", "root test negative"),  # our own reading is another value
    ],
)
def test_what_is_denied_or_read_otherwise_is_not_taken(taken, small, question, words):
    import shutil

    shutil.copytree(ROOT / "corpus" / "context", small / "context")
    answer, _ = taken(question, ("root_test", "positive", words))
    assert answer.decision.state.get("root_test") != "positive"


def test_a_fact_that_was_set_or_stated_stays(taken):
    answer, _ = taken(FIRST, ("root_test", "negative", "root swab came back hot"), root_test="positive")
    assert answer.decision.state["root_test"] == "positive"
    answer, _ = taken("Root test positive, glimmer blight, swab hot: what next?", ("root_test", "negative", "swab hot"))
    assert answer.decision.state["root_test"] == "positive"


def test_what_an_earlier_turn_said_is_not_read_again(taken):
    earlier = (Turn(FIRST, FIRST, pathway="blight"),)  # its facts were forgotten since
    answer, _ = taken("Glimmer blight: what next?", ("root_test", "positive", "root swab came back hot"), earlier=earlier)
    assert "root_test" not in answer.decision.state


BEFORE = (
    Turn("Tell me of the old lamp.", "Tell me of the old lamp."),
    Turn("And zorvex for moon orchids?", "And zorvex for moon orchids?", subjects=()),
)
REFERS = "What is the dose of that medicine over there?"


@pytest.mark.parametrize(
    ("proposed", "taken_as"),
    [
        ("What is the dose of zorvex?", True),
        ("What is the dose of talmyn?", False),  # nobody spoke of it
        ("What is the deadly dose of zorvex?", False),
        ("What is the dose of zorvex? https://evil.example", False),
        ("", False),
    ],
)
def test_a_question_made_to_stand_alone_uses_the_words_of_the_conversation(taken, proposed, taken_as):
    plain = taken(REFERS, earlier=BEFORE)[0].standalone_question
    answer, _ = taken(REFERS, questions=[proposed], earlier=BEFORE)
    assert (answer.standalone_question == proposed) is taken_as and (taken_as or answer.standalone_question == plain)
    assert answer.question == REFERS


def test_of_another_patient_nothing_of_the_conversation_is_meant(taken):
    answer, _ = taken("New patient: what is the dose of it?", questions=["What is the dose of zorvex?"], earlier=BEFORE)
    assert "zorvex" not in answer.standalone_question


def test_the_model_is_not_asked_where_nothing_is_open(build_assistant):  # noqa: F811
    def script(given):
        assert "statements" in given, "asked what the question means"
        return json.dumps({"sentences": []})

    assistant = build_assistant(script)
    for question in (
        "Root test positive, untreated glimmer blight: what next?",
        "What is the dose of zorvex?",
        "the greenhouse is on fire",
    ):
        assistant.ask(Question(question))


def test_the_texts_of_a_model_are_content():
    assert {"model-wording", "model-unavailable", "model-read"} <= set(TEXTS)
