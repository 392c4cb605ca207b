"""The evidence page through Streamlit's own test runner, with the real corpus."""

import json

import pytest

from assistant.evidence import effects
from tests.test_ui import shown

pytestmark = pytest.mark.model


@pytest.fixture
def page(app):
    app.switch_page("assistant/ui/evidence.py").run()
    assert not app.exception
    return app


def table(page):
    assert not page.exception
    return page.dataframe[0].value


def select(page, kind, selection):
    """Sends a selection in a table or plot, as the browser does after a click."""
    states = page._tree.get_widget_states()
    states.widgets.add(id=page.get(kind)[0].proto.id, string_value=json.dumps({"selection": selection}))
    page._run(states)
    assert not page.exception
    return shown(page)


def test_the_page_says_how_to_read_it_and_that_trials_cannot_be_compared(page):
    text = shown(page)
    assert "hazard ratio below 1" in text and "cannot be compared" in text
    assert set(table(page)["Endpoint"]) == set(page.multiselect(key="endpoint_Hazard ratios").value)


def test_superseded_figures_are_hidden_until_asked_for(page, real_corpus):
    page.multiselect(key="endpoint_Hazard ratios").set_value([]).run()
    current = table(page)
    assert "Superseded" not in current
    page.toggle(key="superseded").set_value(True).run()
    assert len(table(page)) == len(effects(real_corpus)) > len(current)
    assert "superseded" in set(table(page)["Superseded"])


def test_choices_narrow_the_figures(page):
    before = len(table(page))
    page.multiselect(key="assessor").set_value(["investigator"]).run()
    assert 0 < len(table(page)) < before and all("nvestigator" in a for a in table(page)["Assessor"])
    page.text_input(key="find_evidence").set_value("crown").run()
    assert set(table(page)["Study"]) == {"CROWN"}
    page.text_input(key="find_evidence").set_value("no such trial").run()
    assert not page.exception and not page.dataframe and "No figure fits" in page.info[0].value


@pytest.mark.parametrize("view", ["Hazard ratios", "Response rates", "Median times"])
def test_a_row_opens_its_statement_with_its_sources(page, view, real_corpus):
    page.segmented_control(key="view").set_value(view).run()
    id = table(page)["Statement"][2].split("=")[1]
    s = real_corpus.statements[id]
    assert s.text not in shown(page)
    text = select(page, "dataframe", {"rows": [2], "columns": [], "cells": []})
    assert s.text in text and all(real_corpus.references[key].title in text for key in s.citations)


def test_a_clicked_point_opens_its_statement(page, real_corpus):
    s = real_corpus.statements[table(page)["Statement"][0].split("=")[1]]
    click = {"picked": [{"statement": s.id}]}
    assert s.text in select(page, "vega_lite_chart", click)
    assert s.text not in select(page, "vega_lite_chart", click), "opened once, not on every later run"
    assert s.text in select(page, "vega_lite_chart", {"picked": []}), "a second click on the same row opens it again"
