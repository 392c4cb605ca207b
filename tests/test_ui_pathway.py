"""The pathway page through Streamlit's own test runner: choosing, addresses, the conversation's facts, the picture."""

import base64
import re
from pathlib import Path

import pytest

from assistant.conversation import Conversation
from assistant.followups import Turn
from tests.test_ui import shown

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.model


def opened(at, **parameters):
    at.switch_page("assistant/ui/pathway.py")
    for name, value in parameters.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def left(at):
    """Opens another page, as a browser does: the address of the pathway page is gone."""
    at.switch_page("assistant/ui/about.py")
    at.query_params.clear()
    at.run()


def picture(at) -> str:
    return base64.b64decode(re.search(r"base64,([^\"]+)\"", at.get("html")[0].proto.body)[1]).decode()


def fact(at, name):
    return at.session_state[f"fact_alk-nsclc_{name}"]


def choose(at, **facts):
    for name, value in facts.items():
        at.session_state[f"fact_alk-nsclc_{name}"] = value
    at.run()
    assert not at.exception
    return at


def test_the_values_lead_to_a_node_with_sources_picture_and_proof(app):
    opened(app)
    assert "No decision yet" in shown(app) and 'data-standing="needs"' in picture(app)
    app.button(key="set_alk-nsclc_alk_result_positive").click().run()
    app.button(key="set_alk-nsclc_setting_metastatic").click().run()
    app.button(key="set_alk-nsclc_prior_alk_inhibitor_none").click().run()
    assert not app.exception and fact(app, "setting") == "metastatic"
    text = shown(app)
    for words in ("Metastatic ALK-positive disease without an earlier ALK inhibitor", "should be offered", "Not recommended", "Submitted"):
        assert words in text, words
    for words in ("Curated statement", "Open the source", "Is the patient pregnant?", "reaches first-line", "59,277,312 possible patients"):
        assert words in text, words
    assert re.search(r'data-standing="yes".*?data-node="first-line"', picture(app))
    assert app.query_params["prior_alk_inhibitor"] in ("none", ["none"])


def test_a_control_changes_the_decision_and_a_button_forgets(app):
    opened(app, pathway="alk-nsclc", alk_result="positive", setting="resected")
    assert "Completely resected disease" in shown(app)
    app.segmented_control(key="fact_alk-nsclc_alk_result").set_value("equivocal").run()
    assert "An ALK result to be confirmed" in shown(app) and "Completely resected" not in shown(app)
    app.button(key="forget").click().run()
    assert "No decision yet" in shown(app) and set(app.query_params) == {"pathway"}


def test_what_is_assumed_is_said_with_its_reason(app):
    opened(app, pathway="alk-nsclc", prior_alk_inhibitor="crizotinib", course="controlled")
    assert "Assumed: positive (an ALK inhibitor was given)" in shown(app) and "Disease under control" in shown(app)


@pytest.mark.parametrize(
    "parameters", [{"pathway": "<b>Maria Lopez</b>"}, {"pathway": "alk-nsclc", "setting": "Maria Lopez"}, {"Maria Lopez": "resected"}]
)
def test_what_an_address_cannot_mean_is_ignored_and_never_shown(app, parameters):
    opened(app, **parameters)
    assert "ignored" in shown(app) and "Lopez" not in shown(app) and "Lopez" not in str(dict(app.query_params))
    assert app.selectbox(key="explored_pathway").value == "alk-nsclc" and fact(app, "setting") == ""


def test_another_pathway_has_its_own_facts(app):
    opened(app, pathway="alk-nsclc", alk_result="negative")
    app.selectbox(key="explored_pathway").set_value("egfr-nsclc").run()
    assert not app.exception and "What did the EGFR test" in shown(app) and "No decision yet" in shown(app)
    app.selectbox(key="explored_pathway").set_value("alk-nsclc").run()
    assert fact(app, "alk_result") == "negative"


def test_the_conversation_is_where_it_starts_and_returns_to(app):
    said = {"alk_result": "positive", "setting": "metastatic"}
    app.session_state["conversation"] = Conversation("c", (Turn("?", "?", said, pathway="alk-nsclc"),))
    opened(app)
    assert "alk result: positive; setting: metastatic" in shown(app) and fact(app, "setting") == "metastatic"
    choose(app, setting="resected")
    assert "Completely resected disease" in shown(app)
    left(app)
    assert fact(opened(app), "setting") == "resected"  # what was tried is kept while another page is open
    app.button(key="back").click().run()
    assert fact(app, "setting") == "metastatic" and "Which ALK inhibitors have been given so far?" in shown(app)
    app.session_state["conversation"] = Conversation("c", (Turn("?", "?", {"alk_result": "negative"}, pathway="alk-nsclc"),))
    left(app)
    assert fact(opened(app), "alk_result") == "negative" and fact(app, "setting") == ""


def test_the_picture_on_the_page_says_what_it_shows(app):
    opened(app, pathway="alk-nsclc", alk_result="not_tested")
    assert 'alt="The rules are read in order' in app.get("html")[0].proto.body and "Reached: Disease not yet tested" in picture(app)
