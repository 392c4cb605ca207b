"""The files of a plan read back: a calendar that another program understands, a table, a page; each cited, none about a person."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from assistant.planfile import BEFORE, UNDATED, Sheet, as_csv, as_html, as_ics, as_markdown
from assistant.planner import plan, visits
from assistant.review import Ledger

START, UNTIL = date(2026, 1, 31), date(2026, 7, 31)
STAMP = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def sheet(real_corpus):
    def sheet(drug="lorlatinib", audience="clinician", left_out=(), start=START):
        rows = plan(real_corpus.monitoring[drug], start, UNTIL)
        return Sheet(drug.capitalize(), start, rows, audience, real_corpus, Ledger(real_corpus).notice([]), left_out)

    return sheet


@pytest.fixture(params=["alectinib", "brigatinib", "ceritinib", "crizotinib", "ensartinib", "lorlatinib"])
def drug(request):
    return request.param


@pytest.mark.parametrize("audience", ["clinician", "patient"])
def test_the_calendar_reads_back_with_one_event_a_day_and_its_citations(sheet, drug, audience):
    plan_sheet = sheet(drug, audience)
    events = Calendar.from_ical(as_ics(plan_sheet, STAMP)).walk("VEVENT")
    expected = visits(plan_sheet.rows)
    assert [e["dtstart"].dt for e in events] == [START, *(v.on for v in expected)]
    assert all(type(e["dtstart"].dt) is date and e["dtstamp"].dt == STAMP for e in events)
    for event, visit in zip(events[1:], expected, strict=True):
        for due in visit.due:
            assert plan_sheet.words(due)[0] in event["summary"] and due.when.wording(audience) in event["description"]
            for id in due.item.statements:
                s = plan_sheet.corpus.statements[id]
                assert s.wording(audience) in event["description"]
                assert all(plan_sheet.corpus.references[k].title in event["description"] for k in s.citations)
    for event in events:
        assert all(n.replace("**", "") in event["description"] for n in plan_sheet.notices)


def test_the_calendar_is_written_as_rfc_5545_asks(sheet, drug):
    text = as_ics(sheet(drug), STAMP)
    lines = text.split("\r\n")
    assert lines[-1] == "" and not any("\n" in line or "\r" in line for line in lines)
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = text.replace("\r\n ", "")
    assert "PRODID:-//Citepath//" in whole and "VERSION:2.0" in whole and "DTSTART;VALUE=DATE:20260131" in whole
    assert all(c.count("\\,") == c.count(",") for c in whole.split("\r\n") if c.startswith("SUMMARY"))


def test_events_keep_their_identity_when_the_file_is_made_again(sheet):
    def uids(**kwargs):
        return [str(e["uid"]) for e in Calendar.from_ical(as_ics(sheet(**kwargs), STAMP)).walk("VEVENT")]

    assert uids() == uids(audience="patient") and len(set(uids())) == len(uids())
    assert not set(uids()) & set(uids(drug="ceritinib")) and not set(uids()) & set(uids(start=date(2026, 2, 1)))


def test_csv_holds_every_row_with_its_statement_and_source(sheet, drug):
    plan_sheet = sheet(drug)
    rows = list(csv.DictReader(io.StringIO(as_csv(plan_sheet))))[: len(plan_sheet.rows)]
    for row, due in zip(rows, plan_sheet.rows, strict=True):
        assert row["date"] == (due.on.isoformat() if due.on else BEFORE if due.before else UNDATED)
        assert row["statements"].split("; ") == list(due.item.statements) and "http" in row["references"]
        assert row["statement text"].startswith(plan_sheet.corpus.statements[due.item.statements[0]].text)


def test_markdown_and_the_page_hold_all_rows_and_what_the_plan_is(sheet, drug):
    plan_sheet = sheet(drug, "patient")
    text, page = as_markdown(plan_sheet), as_html(plan_sheet)
    assert sum(line.startswith("| ") and "---" not in line and "| Test |" not in line for line in text.splitlines()) == len(plan_sheet.rows)
    assert "not an order" in text and "Review status: Submitted" in text and plan_sheet.notices[2] in text
    assert all(f"[{n}]" in text for n in plan_sheet.numbers.values())
    assert page.count("<td") >= 3 * len(plan_sheet.rows) and "<script" not in page and " src=" not in page


def test_what_was_left_out_is_said_in_every_file(sheet):
    partial = sheet(left_out=("UK", None))
    told = "Left out by choice: sources of these regions: UK, No country named."
    assert told in as_markdown(partial).replace("**", "") and told in as_csv(partial)
    assert all(told in e["description"] for e in Calendar.from_ical(as_ics(partial, STAMP)).walk("VEVENT"))
    assert "Left out" not in as_markdown(sheet())
