"""Options at a glance: each cell is cited and says no more than its statements, of the option it stands beside."""

import pytest

from assistant.engine import Question
from ingest.content import Glance
from tests.test_engine import SEED

pytestmark = pytest.mark.model


@pytest.mark.parametrize("audience", ["clinician", "patient"])
def test_every_brief_is_supported_by_its_statements_for_each_option_that_shows_it(assistant, audience):
    shown = {
        (p.id, name, o.option)
        for p in assistant.corpus.pathways.values()
        for node in p.nodes.values()
        for o in node.options
        for _, name in o.glance
        if name
    }
    assert shown
    assert {cell: doubts for cell in shown if (doubts := assistant._judged(*cell, audience))} == {}


def test_a_course_has_its_options_at_a_glance_with_citations(assistant):
    answer = assistant.ask(Question(SEED))
    row = next(o for o in answer.options if o.option == "Alectinib")
    assert row.standing.startswith("ASCO 2022") and "600 mg twice daily" in row.schedule.text
    numbers = {r.number for r in answer.references}
    cells = [c for o in answer.options for c in (o.figure, o.cns, o.schedule, o.risks) if c]
    assert len(cells) > 10 and all(set(c.citations) <= numbers for c in cells)
    assert not assistant.ask(Question("alectinib dose with food?")).options


def test_a_brief_its_statements_do_not_support_is_left_out(assistant, monkeypatch, caplog):
    pathway = assistant.corpus.pathways["alk-nsclc"]
    wrong = pathway.briefs["alectinib_schedule"].model_copy(update={"text": "300 mg once daily with food"})
    monkeypatch.setitem(pathway.briefs, "alectinib_schedule", wrong)
    monkeypatch.setattr(assistant, "_doubts", assistant._judged)
    option = next(o for o in pathway.nodes["first-line"].options if o.glance.schedule == "alectinib_schedule")
    row = assistant._row(pathway.id, option, "clinician", {})
    assert row.schedule is None and row.risks and "alectinib_schedule" in caplog.text


def test_an_option_without_a_glance_has_an_empty_row(assistant):
    option = assistant.corpus.pathways["alk-nsclc"].nodes["exhausted"].options[1]
    assert option.glance == Glance() and assistant._row("alk-nsclc", option, "clinician", {}).figure is None
