"""The figures of the evidence page: each is what its statement says, and goes with the right arm, endpoint, assessor and interval."""

import csv
import io
import math
import re

import pytest

from assistant.estimates import as_csv, choices, chosen
from assistant.evidence import effects, medians, responses
from ingest.figures import canonical
from ingest.load import load

SOURCES = {"hazard ratios": effects, "responses": responses, "medians": medians}


def rows_of(corpus, id, read=effects):
    return [r for r in read(corpus) if r.statement == id]


def with_values(small, values, text):
    """Returns the small corpus with a statement of these values."""
    path = next(small.glob("documents/*.md"))
    path.write_text(
        f"{path.read_text().rstrip()}\n\n- `made-up` {text} [@{next(small.glob('references/*.yaml')).stem}]\n  - plain: As said.\n"
    )
    path.write_text(f"{path.read_text()}  - kind: evidence\n  - values: {values}\n")
    return load(small)


@pytest.mark.parametrize("read", SOURCES.values(), ids=SOURCES)
def test_every_number_shown_is_in_the_text_of_its_statement(real_corpus, read):
    rows = read(real_corpus)
    assert len(rows) > 50
    for r in rows:
        text = real_corpus.statements[r.statement].text
        said = {canonical(n) for n in re.findall(r"\d+(?:\.\d+)?", text)}
        numbers = [n for n in (r.value, r.low, r.high) if isinstance(n, float)]
        assert {canonical(n) for n in numbers} == {canonical(n) for n in re.findall(r"\d+(?:\.\d+)?", r.shown)} <= said, r


@pytest.mark.parametrize("read", SOURCES.values(), ids=SOURCES)
def test_an_interval_follows_its_figure_in_the_text(real_corpus, read):
    """Between a figure and its interval no other hazard ratio may stand, and no other interval: "0.43 (0.32 to 0.58)"."""
    for r in read(real_corpus):
        if r.low is None or isinstance(r.value, str):
            continue
        text = real_corpus.statements[r.statement].text
        figure, ends = r.shown.removesuffix(")").split(" (")
        low, high = (re.escape(end) for end in ends.split(" to "))
        between = r"(?:(?! to \d| to not|hazard ratio).)*?"
        interval = rf"(?<![\d.]){low}%?(?: months)?(?:-| to ){high}(?!\d)"
        assert re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d){between}{interval}", text) or r.note, (r.statement, r.shown, text)


def test_every_statement_with_a_hazard_ratio_has_a_row(real_corpus):
    shown = {r.statement for r in effects(real_corpus)}
    assert {s.id for s in real_corpus.statements.values() if "hr" in s.values} <= shown


def test_the_first_arm_is_the_one_a_ratio_below_1_favours(real_corpus):
    """Where both medians are numbers, the arm of the longer median is on the side of the ratio: the convention of `arms`."""
    compared = 0
    for s in real_corpus.statements.values():
        v = s.values
        for hr, months in (("hr", "median_months"), *((f"hr_{g}_cns", f"median_months_{g}_cns") for g in ("with", "without"))):
            pair = v.get(months)
            if isinstance(v.get(hr), float) and isinstance(v.get("arms"), list) and isinstance(pair, list) and len(pair) == 2:
                first, second = (math.inf if isinstance(m, str) else m for m in pair)
                if first != second:
                    compared += 1
                    assert (v[hr] < 1) == (first > second), s.id
    assert compared > 40


def test_shapes_of_values(small):
    def read(values, text):
        return [r for r in effects(with_values(small, values, text)) if r.statement == "made-up"]

    both = "{trial: X, arms: [a, b], endpoint: survival, assessor: investigator, hr: 0.8, ci: [0.5, 1.2], hr_with_cns: 0.7, ci_with_cns: [0.4, 1.1]}"
    whole, part = read(both, "It was 0.80 (95% CI 0.50 to 1.20), and 0.70 (0.4 to 1.1) in a group.")
    assert (whole.shown, whole.comparison, whole.assessor, whole.level) == ("0.80 (0.50 to 1.20)", "a against b", "investigator", "95")
    assert (part.shown, part.assessor) == ("0.70 (0.4 to 1.1)", ""), "who assessed the whole need not have assessed the group"


@pytest.mark.parametrize(
    ("values", "rows", "plotted"),
    [
        ("{arms: [a, b], endpoint: e, assessor: [x, y], hr: [0.5, 0.6], ci: [[0.3, 0.9], [0.4, 0.9]]}", 2, 2),
        ("{arms: [a, b], endpoint: e, hr: [0.5, 0.6], ci: [[0.3, 0.9], [0.4, 0.9]]}", 0, 0),  # two ratios and nothing that tells them apart
        ("{arms: [a, b], endpoint: e, hr: 0.5}", 1, 0),
        ("{arms: [a, b, c], endpoint: e, hr: 0.5, ci: [0.3, 0.9]}", 1, 0),  # which two arms?
        ("{groups: [a, b], endpoint: e, hr: 0.5, ci: [0.3, 0.9]}", 1, 0),  # the order of groups is no convention
        ("{arms: [a, b], endpoint: e, hr: 0.5, hr_orientation: b against a, ci: [0.3, 0.9]}", 1, 0),
        ("{arms: [a, b], endpoint: e, hr: 0.5, other_ci: [0.3, 0.9]}", 1, 0),
        ("{arms: [a, b], endpoint: e, quoted_hr: 0.5, ci: [0.3, 0.9]}", 0, 0),  # neither an endpoint nor an analysis
        ("{arms: [a, b], endpoint: e, final_hr: 0.5, ci: [0.3, 0.9]}", 1, 0),  # the interval is of another analysis
        ("{arms: [a, b], endpoint: e, final_hr: 0.5, final_ci: [0.3, 0.9]}", 1, 1),
    ],
)
def test_what_is_ambiguous_is_left_out(small, values, rows, plotted):
    found = [r for r in effects(with_values(small, values, "0.5 0.6 0.3 0.4 0.9")) if r.statement == "made-up"]
    assert (len(found), sum(r.plottable for r in found)) == (rows, plotted)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (
            "{trial: X, arms: [a, b], endpoint: response, percent: [70, 40], ci_pct: [[60, 80], [30, 50]]}",
            ["70 (60 to 80)", "40 (30 to 50)"],
        ),
        ("{trial: X, arms: [a, b], endpoint: response, percent: [70, 40], ci_pct: [30, 50]}", ["70", "40"]),  # whose is the interval?
        ("{trial: X, arms: [a], endpoint: response, percent: 70, ci: [60, 80]}", ["70 (60 to 80)"]),
        ("{trial: X, arms: [a], endpoint: response, percent: 70, ci: [6, 8], median_months: 7}", ["70"]),  # whose is the interval?
        ("{trial: X, arms: [a, b], endpoint: response, percent: 70}", []),  # which arm?
        ("{trial: X, arms: [a], endpoint: response and survival, percent: 70}", []),
        ("{trial: X, endpoint: duration of response, arms: [a], percent: 70}", []),
        ("{endpoint: response, percent: 70}", []),  # of what?
    ],
)
def test_responses_by_arm(small, values, shown):
    corpus = with_values(small, values, "70 60 80 40 30 50 6 8 7")
    assert [r.shown for r in rows_of(corpus, "made-up", responses)] == shown


def test_figures_with_groups_of_their_own_do_not_go_to_the_arms(small):
    values = "{trial: X, arms: [a, b], endpoint: e, final_groups: [c, d], final_median_months: [9, 7], median_months: [5, not reached]}"
    rows = rows_of(with_values(small, values, "9 7 5 not reached"), "made-up", medians)
    assert [(r.comparison, r.shown) for r in rows] == [("a", "5"), ("b", "not reached")]


def test_the_current_and_newest_come_first_inside_a_trial(real_corpus):
    rows = effects(real_corpus)
    assert rows == effects(real_corpus)
    for trial in choices(rows, "trial"):
        own = [r for r in rows if r.trial == trial]
        assert [r.superseded for r in own] == sorted(r.superseded for r in own)
        places = [i for i, r in enumerate(rows) if r.trial == trial]
        assert places == list(range(places[0], places[0] + len(places))), "a trial's rows stand together"
        dated = [r.cutoff for r in own if r.cutoff and not r.superseded]
        assert dated == sorted(dated, reverse=True)


def test_choices_narrow_and_superseded_figures_are_hidden(real_corpus):
    rows = effects(real_corpus)
    current = chosen(rows)
    assert current and not any(r.superseded for r in current) and len(chosen(rows, superseded=True)) == len(rows)
    endpoint, assessor, setting = choices(rows, "endpoint")[0], "investigator", choices(rows, "setting")[0]
    few = chosen(rows, endpoints=[endpoint], assessors=[assessor], settings=[setting])
    assert few and all((r.endpoint, r.assessed, r.setting) == (endpoint, assessor, setting) for r in few)
    word = few[0].trial.lower()
    assert {r.trial.lower() for r in chosen(rows, f" {word} ")} >= {word}
    assert chosen(rows, "no such trial") == ()


def test_the_download_names_statement_and_corpus_version(real_corpus):
    rows = effects(real_corpus)
    table = list(csv.DictReader(io.StringIO(as_csv(rows, real_corpus.version))))
    assert [t["statement"] for t in table] == [r.statement for r in rows]
    assert {t["corpus_version"] for t in table} == {real_corpus.version}
    assert float(table[0]["value"]) == rows[0].value and table[0]["arms"] == rows[0].comparison
    assert as_csv((), "v").splitlines()[0].endswith("corpus_version")
