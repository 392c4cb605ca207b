"""Monitoring files quote their statements, word for word and figure for figure; a file that does not is a fault with its place."""

import pytest

from ingest.check import check
from ingest.content import Monitored
from ingest.errors import ContentError
from ingest.load import load
from ingest.monitoring import periods
from tests.conftest import change
from tests.test_check import TODAY

STATEMENT = """
- `zorvex-roots` Under the Moon label roots are measured before zorvex, every 2 weeks for the first 3 months and then monthly, and in orchids that wilt. [@zorvex-label]
  - plain: The roots are measured before zorvex. It is done every 2 weeks for the first 3 months, then once a month. It is also done in orchids that wilt.
  - kind: monitoring
  - values: {every_weeks: 2, for_months: 3}
"""
FILE = """items:
  - test: {text: roots, plain: roots}
    source: Moon label
    region: Moon
    statements: [zorvex-roots]
    before: {text: before zorvex, plain: before zorvex}
    phases:
      - {text: every 2 weeks for the first 3 months, plain: every 2 weeks for the first 3 months, every: 2 weeks, until: 3 months}
      - {text: then monthly, plain: then once a month, every: 1 month}
    undated:
      - {text: in orchids that wilt, plain: in orchids that wilt}
"""
PLACE = "monitoring/zorvex.yaml"


@pytest.fixture
def monitored(small):
    """The small corpus with one monitoring file."""
    with (small / "documents" / "glimmer.md").open("a") as f:
        f.write(STATEMENT)
    (small / "monitoring").mkdir()
    (small / PLACE).write_text(FILE)
    return small


def faults(root):
    try:
        return [str(f) for f in check(load(root), TODAY).faults]
    except ContentError as e:
        return [str(f) for f in e.faults]


def test_what_quotes_its_statements_is_sound(monitored):
    assert faults(monitored) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("every: 2 weeks", "every: 3 weeks", "8: items.0.phases.0.every: 3 weeks does not stand in 'every 2 weeks"),
        ("until: 3 months", "until: 3 weeks", "8: items.0.phases.0.until: 3 weeks does not stand"),
        ("every: 1 month", "every: 1 week", "9: items.0.phases.1.every: 1 week does not stand"),
        ("{text: every 2 weeks", "{text: every 4 weeks", "8: items.0.phases.0.text: 'every 4 weeks for the first 3 months' is not what"),
        ("plain: then once a month", "plain: then twice a month", "9: items.0.phases.1.plain: 'then twice a month' is not what"),
        ("plain: before zorvex", "plain: after zorvex", "6: items.0.before.plain: 'after zorvex' is not what zorvex-roots says"),
        ("{text: in orchids that wilt", "{text: in all orchids", "11: items.0.undated.0.text: 'in all orchids' is not what"),
        ("text: roots", "text: leaves", "2: items.0.test.text: 'leaves' is not what zorvex-roots says"),
        ("source: Moon label", "source: Sun label", "3: items.0.source: 'Sun label' stands neither"),
        ("region: Moon", "region: Mars", "4: items.0.region: 'Mars' is no part of the source's name 'Moon label'"),
        ("[zorvex-roots]", "[gone]", "5: items.0.statements: no statement 'gone'"),
        (", until: 3 months", "", "2: items.0: only the last of `phases` may go on"),
        ("every: 1 month", "at: [2 months, 3 weeks]", "2: items.0: the periods of `at` and `until` should follow"),
        ("every: 1 month", "every: a while", "9: items.0.phases.1.every: "),
        ("every: 1 month", "every: 1 month, at: [1 month]", "9: items.0.phases.1: needs either `at`, or `every`"),
        ("items:", "tests:", "1: tests: unknown field"),
    ],
)
def test_what_the_statements_do_not_say_is_a_fault(monitored, old, new, expected):
    change(monitored, PLACE, old, new)
    found = faults(monitored)
    assert any(f.startswith(f"{PLACE}:{expected}") for f in found), found


def test_only_a_drug_can_be_monitored(monitored):
    (monitored / PLACE).rename(monitored / "monitoring" / "moonlight.yaml")
    assert faults(monitored) == ["monitoring/moonlight.yaml:1: id: no drug 'moonlight' in vocabulary/"]


def test_an_item_says_when():
    with pytest.raises(ValueError, match="before"):
        Monitored(test={"text": "a", "plain": "a"}, source="b", statements=("c",))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("at 2, 4 and 8 weeks", {"2 weeks", "4 weeks", "8 weeks"}),
        ("1 and 2 months after starting", {"1 month", "2 months"}),
        ("weekly in the first month, then at least monthly", {"1 week", "1 month"}),
        ("once a week, then daily", {"1 week", "1 day"}),
        ("12 weeks", {"12 weeks"}),
        ("regularly", set()),
        ("1.5 months", set()),
    ],
)
def test_periods_are_read_from_words(words, expected):
    assert periods(words) == expected


def test_every_drug_with_a_coverage_of_monitoring_has_a_file_and_every_interval_its_place(real_corpus):
    """No statement with an interval on a drug's tests is forgotten, apart from superseded ones and those that concern other people."""
    other_people = {"crizotinib-vision-young"}
    for drug, monitoring in real_corpus.monitoring.items():
        used = {id for i in monitoring.items for id in i.statements}
        known = {s.id for s in real_corpus.documents[drug].statements if s.kind == "monitoring" and not s.superseded_by}
        assert known - used - other_people == set(), drug
    assert set(real_corpus.monitoring) == set(real_corpus.coverage["alk-inhibitors"].rows)
