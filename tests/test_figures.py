"""Text against values: each figure of one stands in the other, names and grades are no figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.content import Statement
from ingest.figures import Figures, canonical
from ingest.load import load


def statement(text, values, plain="It helps."):
    return Statement(id="s", text=text, plain=plain, kind="evidence", citations=("c",), values=values, section="S", document="d", line=1)


@pytest.fixture(scope="module")
def figures(real_corpus):
    return Figures(real_corpus)


def problems(figures, *args, **kwargs):
    return [p for _, p in figures.disagreements(statement(*args, **kwargs))]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Alectinib 600 mg twice daily.", {"dose_mg": 600, "times_daily": 2}),
        ("In PROFILE 1014 (343 people), grade 3 or 4 events in phase 3 were few in 2014.", {"n": 343}),
        ("The hazard ratio was 0.50 (95% CI 0.36 to 0.70).", {"hr": 0.5, "ci": [0.36, 0.7]}),
        ("ALK G1202R, CYP3A4, PD-L1 and TA536 hold no figure.", {}),
        ("Platelets above 100 x 10^9/L in 1,719 people.", {"platelets": 100, "n": 1719}),
        ("Cut-off 30 November 2018.", {"cutoff": "2018-11-30"}),
    ],
)
def test_figures_that_agree(figures, text, values):
    assert problems(figures, text, values) == []


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Alectinib 600 mg twice daily.", {"dose_mg": 450}, ["the text says 600", "its values say 450"]),
        ("Half lived 34.8 months.", {"months": 25.7}, ["the text says 34.8", "its values say 25.7"]),
        ("The rate was 0.4%.", {"rate": 4}, ["the text says 0.4", "its values say 4"]),
    ],
)
def test_figures_that_differ(figures, text, values, expected):
    found = problems(figures, text, values)
    assert len(found) == len(expected) and all(e in f for e, f in zip(expected, found, strict=True))


def test_a_plain_wording_may_round_but_not_invent(figures):
    text, values = "The median was 34.8 months in 63%.", {"months": 34.8, "pct": 63}
    assert problems(figures, text, values, plain="About 35 months, in 63 of 100 people.") == []
    assert problems(figures, text, values, plain="About 36 months.") == ["s: the plain wording says 36, the text does not"]


@given(st.decimals(min_value=0, max_value=10**6, places=3))
def test_one_figure_has_one_form(number):
    assert canonical(str(number)) == canonical(f"{number}0") == canonical(canonical(str(number)))


@given(st.integers(1, 999).filter(lambda n: n != 7))
def test_any_changed_figure_is_seen(small_figures, n):
    assert problems(small_figures, f"Zorvex kept {n} petals.", {"petals": n}) == []
    assert problems(small_figures, f"Zorvex kept {n} petals.", {"petals": n + 1}) != []


@pytest.fixture(scope="module")
def small_figures():
    from tests.conftest import SMALL

    return Figures(load(SMALL))
