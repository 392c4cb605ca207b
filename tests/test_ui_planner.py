"""The page of the monitoring planner through Streamlit's own test runner."""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.model


@pytest.fixture
def page(real_data, monkeypatch):
    monkeypatch.setenv("CITEPATH_DATA", str(real_data))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page("assistant/ui/planner.py").run()
    assert not at.exception
    at.date_input(key="planner_start").set_value(date(2026, 1, 31)).run()
    return at


def shown(at) -> str:
    kinds = (at.title, at.header, at.subheader, at.markdown, at.warning, at.info, at.error, at.expander)
    return " ".join(getattr(e, "value", None) or e.label for kind in kinds for e in kind).replace("\\", "")


def cells(at) -> str:
    return " ".join(str(c) for t in at.table for c in t.value.to_numpy().ravel()).replace("\\", "")


def choose(at, drug):
    at.selectbox(key="planner_drug").set_value(drug).run()
    assert not at.exception
    return at


def test_the_page_says_what_it_is_and_shows_status_tests_and_files(page):
    text = shown(page)
    for words in ("not an order", "pending human review", "Submitted", "Timeline", "Before the first dose", "No fixed dates in the source"):
        assert words in text, words
    assert [b.proto.label for b in page.get("download_button")] == ["Calendar (.ics)", "CSV", "Markdown", "Printable page"]
    assert "Sat 14 Feb 2026" in cells(page) and "every 2 weeks for the first 3 months" in cells(page)


def test_every_row_links_to_its_statement(page):
    for t in page.table:
        assert all("(/sources?statement=" in c for c in t.value["Source"])


def test_both_readers_have_their_words(page):
    assert "Muscle blood test (CPK)" in cells(page) and "learn from" in shown(page)
    page.segmented_control(key="planner_audience").set_value("A clinician").run()
    assert "Creatine phosphokinase (CPK)" in cells(page) and "a label may ask for more" in shown(page)


def test_a_longer_time_shows_later_tests(page):
    assert "Dec 2026" not in cells(page)
    page.segmented_control(key="planner_horizon").set_value("12 months").run()
    assert "Dec 2026" in cells(page)


def test_a_drug_without_dates_gets_none(page):
    choose(page, "ensartinib")
    assert "give no dates within this time" in shown(page) and "Timeline" not in shown(page)
    assert "every 2 weeks early on" in cells(page) and "2026" not in cells(page)


def test_regions_can_be_left_out_which_is_said(page):
    choose(page, "lorlatinib").button_group(key="planner_regions_lorlatinib").set_value(["US"]).run()
    assert not page.exception and "Left out by choice" in shown(page) and "product characteristics" not in cells(page)
    page.button_group(key="planner_regions_lorlatinib").set_value([]).run()
    assert not page.exception and "at least one region" in shown(page)
