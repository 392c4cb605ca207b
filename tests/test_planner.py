"""Dates of a plan: counted right at month ends, within the time asked for, in order, none twice, none invented."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.planner import later, plan, regions, visits
from ingest.content import Monitoring
from ingest.errors import CitepathError

WORDS = {"text": "words", "plain": "words"}
START = date(2026, 1, 31)


def item(*phases, **fields):
    made = {"test": WORDS, "source": "US label", "region": "US", "statements": ["s"], "phases": [{**WORDS, **p} for p in phases]}
    return {**made, **fields}


def monitoring(*items):
    return Monitoring(id="x", items=items)


def days(rows):
    return [(r.on - START).days for r in rows if r.on]


def test_months_are_calendar_months_and_a_short_one_shifts_no_later_date():
    rows = plan(monitoring(item({"every": "1 month"})), START, date(2026, 6, 1))
    assert [r.on.isoformat() for r in rows] == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert later(date(2024, 1, 31), "1 month") == date(2024, 2, 29)


def test_an_interval_ends_with_its_phase_and_the_next_runs_from_its_last_day():
    rows = plan(monitoring(item({"every": "2 weeks", "until": "2 months"}, {"every": "1 month"})), START, date(2026, 6, 1))
    assert [r.on.isoformat() for r in rows] == ["2026-02-14", "2026-02-28", "2026-03-14", "2026-03-28", "2026-04-28", "2026-05-28"]


def test_single_days_count_from_the_first_dose():
    rows = plan(monitoring(item({"at": ["2 weeks"]}, {"at": ["8 weeks", "3 months"]})), START, START + timedelta(days=60))
    assert days(rows) == [14, 56]


def test_the_last_day_of_a_phase_counts_in_it():
    rows = plan(monitoring(item({"every": "1 week", "until": "1 month"})), date(2026, 2, 1), date(2026, 12, 1))
    assert [r.on.day for r in rows] == [8, 15, 22, 1]


def test_what_has_no_date_gets_none_and_the_first_dose_is_no_test():
    rows = plan(monitoring(item({"every": "1 week"}, before=WORDS, undated=[WORDS])), START, START + timedelta(days=7))
    assert [(r.on is None, r.before) for r in rows] == [(True, True), (False, False), (True, False)]
    assert plan(monitoring(item({"every": "1 week"})), START, START) == ()


def test_tests_of_one_day_are_one_visit():
    rows = plan(monitoring(item({"at": ["2 weeks"]}), item({"every": "2 weeks"}, source="EU label")), START, START + timedelta(days=30))
    assert [(v.on.isoformat(), [d.item.source for d in v.due]) for v in visits(rows)] == [
        ("2026-02-14", ["US label", "EU label"]),
        ("2026-02-28", ["EU label"]),
    ]


def test_only_the_regions_asked_for_are_followed():
    both = monitoring(item({"at": ["1 week"]}), item({"at": ["2 weeks"]}, region=None))
    assert regions(both) == ("US", None)
    assert days(plan(both, START, date(2026, 6, 1), ["US"])) == [7]
    assert days(plan(both, START, date(2026, 6, 1), [None])) == [14]
    assert plan(both, START, date(2026, 6, 1), []) == ()


@pytest.mark.parametrize(
    ("start", "until"), [(START, date(2026, 1, 30)), (START, date(2040, 1, 1)), (date.max, date.max), (date.min, date.min)]
)
def test_a_time_that_cannot_be_planned_is_told(start, until):
    with pytest.raises(CitepathError, match="five years"):
        plan(monitoring(item({"every": "1 week"})), start, until)


PERIODS = st.builds(lambda n, unit: f"{n} {unit}s", st.integers(1, 40), st.sampled_from(["day", "week", "month"]))


@settings(deadline=None)
@given(
    start=st.dates(date(1950, 1, 1), date(2150, 1, 1)),
    months=st.integers(0, 24),
    single=st.integers(1, 9),
    every=PERIODS,
    until=st.integers(3, 30),
    rest=PERIODS,
)
def test_dates_lie_within_the_time_in_order_and_none_twice(start, months, single, every, until, rest):
    end = start + relativedelta(months=months)
    phases = ({"at": [f"{single} weeks"]}, {"every": every, "until": f"{until} months"}, {"every": rest})
    rows = plan(monitoring(item(*phases), item({"every": rest})), start, end)
    on = [r.on for r in rows]
    assert on == sorted(on) and all(start < d <= end for d in on)
    for place in {id(r.item): r.item for r in rows}.values():
        own = [r.on for r in rows if r.item is place]
        assert len(own) == len(set(own))
    assert [d.on for v in visits(rows) for d in v.due] == on and len({v.on for v in visits(rows)}) == len(visits(rows))


@settings(deadline=None)
@given(start=st.dates(date(1950, 1, 1), date(2150, 1, 1)), n=st.integers(1, 36))
def test_a_month_later_is_that_day_or_the_last_of_its_month(start, n):
    day = later(start, "1 month", n)
    assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == n
    assert day.day == start.day or (day.day < start.day and (day + timedelta(days=1)).day == 1)


def test_no_real_interval_is_longer_or_shorter_than_its_source_says(real_corpus):
    """Between two dates of a test of one source lie as many days as its periods allow, whenever treatment begins."""
    for drug in real_corpus.monitoring.values():
        for start in (START, date(2026, 2, 1), date(2027, 11, 30), date(2028, 2, 29)):
            rows = plan(drug, start, start + relativedelta(months=12))
            for r in (r for r in rows if r.on and r.when.every):
                earlier = [x.on for x in rows if x.on and x.item is r.item and x.on < r.on] or [start]
                number, unit = r.when.every.split()
                low, high = {"week": (7, 7), "month": (28, 31)}[unit.rstrip("s")]
                assert low * int(number) <= (r.on - max(earlier)).days <= high * int(number), (drug.id, r.on)
