"""The last evaluation: gates first, then measures, retrieval beside its baselines, outcomes, coverage, speed and failed cases."""

import os
from collections.abc import Sequence
from statistics import median

import altair as alt
import streamlit as st

from assistant.settings import read as settings
from assistant.ui.resources import assistant as shared_assistant
from assistant.ui.show import plain
from evals.results import REPORTS, Bin, Failed, Passed, Report, read
from ingest.errors import CitepathError

COMMAND = "citepath eval --report"
PER_PAGE = 10
ROW = 34  # pixels a bar
BAR, INK, DARK_INK = "#5FB3AA", "#475569", "#CBD5E1"  # the second on light ground, the third on dark
HOLDS, FAILS = ":material/check_circle: holds", ":material/cancel: **fails**"


def _last() -> Report:
    """Returns the report; stops the page with what to do where there is none to show."""
    try:
        report = read(settings(os.environ).data / REPORTS)
    except CitepathError as e:
        st.error(f"{plain(e.message)} {e.mend}", icon=":material/error:")
        st.stop()
    if report is None:
        st.info("No evaluation has been run here yet. This command runs it and writes the report shown here:", icon=":material/info:")
        st.code(COMMAND, language=None)
        st.stop()
    return report


def _head(report: Report, corpus: str) -> None:
    gated = [s for s in report.sets if s.gate is not None]
    failing = [s.name for s in gated if not s.gate_holds]
    passed, n = sum(s.passed for s in report.sets), sum(s.n for s in report.sets)
    if failing:
        st.error(f"{len(failing)} of {len(gated)} gates fail: {plain(', '.join(failing))}.", icon=":material/cancel:")
    else:
        st.success(f"All {len(gated)} gates hold.", icon=":material/check_circle:")
    with st.container(horizontal=True):
        st.metric("Cases passed", f"{passed} of {n}", border=True)
        st.metric("Date", f"{report.made or 'not recorded'}", border=True)
        st.metric("Split", {"dev": "development", None: "not recorded"}.get(report.split, report.split), border=True)
    if report.corpus != corpus:
        of = f"of corpus `{plain(report.corpus)}`" if report.corpus else "of a corpus whose version was not recorded"
        st.warning(
            f"This report is {of}; the present corpus is `{corpus}`. The figures may differ now. To renew them: `{COMMAND}`",
            icon=":material/history:",
        )
    else:
        st.markdown(f"Corpus `{corpus}`, the one in use now.")


def _gates(sets: Sequence[Passed]) -> None:
    st.header("Gates", anchor="gates")
    st.markdown(
        "A gate is the least share of a question set that must pass. An interval holds the true share with 95% confidence (Wilson)."
    )
    rows = [
        {
            "Set": plain(s.name),
            "Gate": "no gate" if s.gate is None else f"{HOLDS if s.gate_holds else FAILS} (least {s.gate:.0%})",
            "Passed": f"{s.passed} of {s.n}",
            "Share": f"{s.share:.1%}",
            "95% interval": "{:.1%} to {:.1%}".format(*s.interval),
        }
        for s in sets
    ]
    st.table(rows, hide_index=True)


def _bars(rows: list[dict], label: str, form: str) -> None:
    """Draws a bar a row (`name`, `value`, `low`, `high`, `text`; 0 to 1), its interval as a line and its value as text."""
    data, y = alt.Data(values=rows), alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=220))
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 1]), title=label, axis=alt.Axis(format=form, tickCount=5))
    ink = DARK_INK if st.context.theme.type == "dark" else INK
    bar = alt.Chart(data).mark_bar(height=14, color=BAR).encode(y=y, x=x)
    line = alt.Chart(data).mark_rule(strokeWidth=2, color=ink).encode(y=y, x="low:Q", x2="high:Q")
    text = alt.Chart(data).mark_text(align="left", dx=6, color=ink).encode(y=y, x="high:Q", text="text:N")
    said = f"{label}: " + "; ".join(f"{row['name']} {row['text']}" for row in rows)
    st.altair_chart((bar + line + text).properties(height=ROW * len(rows) + 40), alt=said)


def _measures(report: Report) -> None:
    if not report.measures:
        return
    st.header("Measures over all cases", anchor="measures")
    rows = [
        {
            "Measure": plain(m.name[:1].upper() + m.name[1:]),
            "Value": _value(m.value, m.unit),
            "95% interval": f"{_value(m.low, m.unit)} to {_value(m.high, m.unit)}",
            "n": f"{m.n:,}",
            "Unit": plain(m.unit),
        }
        for m in report.measures
    ]
    st.table(rows, hide_index=True)


def _value(value: float, unit: str) -> str:
    return f"{value:.1%}" if unit == "share" else f"{value:.1f}"


def _retrieval(report: Report) -> None:
    if not report.retrieval or not report.retrieval.systems:
        return
    st.header("Retrieval beside its baselines", anchor="retrieval")
    systems = report.retrieval.systems
    st.markdown(f"{report.retrieval.queries} questions whose statements are known. nDCG@10 is 1 where all of them come first.")
    bars = [{"name": n, "value": s.ndcg, "low": s.interval[0], "high": s.interval[1], "text": f"{s.ndcg:.3f}"} for n, s in systems.items()]
    _bars(bars, "nDCG@10 of each retriever", ".1f")
    rows = [
        {
            "System": plain(name),
            "nDCG@10": f"{s.ndcg:.3f}",
            "95% interval": "{:.3f} to {:.3f}".format(*s.interval),
            "Recall@100": f"{s.recall:.3f}",
            "MRR@10": f"{s.rank:.3f}",
            "Hit@4": f"{s.hit:.3f}",
        }
        for name, s in systems.items()
    ]
    st.table(rows, hide_index=True)


def _outcomes(report: Report) -> None:
    if not report.outcomes:
        return
    st.header("Outcome expected and given", anchor="outcomes")
    given = sorted({g for row in report.outcomes.values() for g in row})
    rows = [{"Expected": _word(w), **{f"Given: {_word(g)}": str(row.get(g, 0)) for g in given}} for w, row in report.outcomes.items()]
    st.table(rows, hide_index=True)


def _coverage(report: Report) -> None:
    if not report.coverage:
        return
    st.header("Coverage", anchor="coverage")
    st.markdown("Number of statements on each topic; a dash where no source was found.")
    for matrix in report.coverage:
        with st.expander(plain(matrix.title.removeprefix("Coverage: "))):
            rows = [dict(zip(("topic", *matrix.rows), (_cell(c) for c in line), strict=False)) for line in matrix.lines]
            st.table(rows, hide_index=True)


def _cell(value: str | int) -> str:
    return "–" if value == "no source found" else plain(str(value))


def _calibration(bins: Sequence[Bin]) -> None:
    if not bins:
        return
    st.header("Is it as sure as it is right to answer?", anchor="calibration")
    st.markdown(
        "Questions by how surely something was found, and the share of them that should be answered; on the dashed line both are equal."
    )
    values = [{"sure": b.mean, "share": b.answerable / b.n, "low": b.interval[0], "high": b.interval[1], "questions": b.n} for b in bins]
    x = alt.X("sure:Q", title="sureness", scale=alt.Scale(domain=[0, 1]))
    dots = alt.Chart(alt.Data(values=values)).encode(x=x)
    even = alt.Chart(alt.Data(values=[{"sure": 0, "share": 0}, {"sure": 1, "share": 1}])).mark_line(strokeDash=[4, 4], color="#64748B")
    chart = alt.layer(
        even.encode(x="sure:Q", y="share:Q"),
        dots.mark_rule(color=BAR).encode(y=alt.Y("low:Q", title="share to be answered", scale=alt.Scale(domain=[0, 1])), y2="high:Q"),
        dots.mark_point(color=BAR, filled=True, size=90, opacity=1).encode(y="share:Q", tooltip=["sure:Q", "share:Q", "questions:Q"]),
    )
    st.altair_chart(chart.properties(height=320), alt="The table below holds the same figures")
    rows = [
        {
            "Sureness": f"{b.mean:.2f}",
            "Questions": f"{b.n}",
            "Share to be answered": f"{b.answerable / b.n:.2f}",
            "95% interval": "{:.2f} to {:.2f}".format(*b.interval),
        }
        for b in bins
    ]
    st.table(rows, hide_index=True)


def _latency(times: Sequence[float]) -> None:
    if len(times) < 2:
        return
    st.header("Time to answer", anchor="time")
    ordered = sorted(times)
    late = ordered[round(0.95 * (len(ordered) - 1))]
    said = f"{len(times)} answers: half within {median(ordered):.0f} ms, 95 of 100 within {late:.0f} ms, the slowest {ordered[-1]:.0f} ms."
    st.markdown(said)
    shown = ordered[: max(2, round(0.99 * len(ordered)))]
    chart = alt.Chart(alt.Data(values=[{"ms": t} for t in shown])).mark_bar(color=BAR)
    x = alt.X("ms:Q", bin=alt.Bin(maxbins=20), title="milliseconds, all but the slowest hundredth")
    st.altair_chart(chart.encode(x=x, y=alt.Y("count():Q", title="answers")).properties(height=240), alt=said)


def _failed(sets: Sequence[Passed]) -> None:
    st.header("Failed cases", anchor="failed")
    if hidden := [s.name for s in sets if s.failed is None and s.passed < s.n]:
        st.info(f"Kept unseen: {plain(', '.join(hidden))}.", icon=":material/visibility_off:")
    failed = {s.name: s.failed for s in sets if s.failed}
    if not failed:
        st.markdown("None to show.")
        return
    every = f"All sets ({sum(map(len, failed.values()))})"
    names = {every: None, **{f"{name} ({len(cases)})": name for name, cases in failed.items()}}
    chosen = names[st.selectbox("Question set", names, key="failed_set")]
    cases = [(name, case) for name, found in failed.items() if chosen in (None, name) for case in found]
    pages = -(-len(cases) // PER_PAGE)
    page = st.session_state.get(f"failed_page_{chosen}", 1)
    for name, case in cases[(page - 1) * PER_PAGE : page * PER_PAGE]:
        with st.expander(plain(f"{case.id}: {case.turns[-1][:140]}"), key=f"failed_{name}_{case.id}"):
            _case(name, case)
    if pages > 1:
        st.pagination(pages, key=f"failed_page_{chosen}")


def _case(name: str, case: Failed) -> None:
    st.markdown(f"**Set:** {plain(name)} · **Asked as:** {plain(case.audience)}")
    st.markdown("**Question:**\n" + "\n".join(f"{n}. {plain(turn)}" for n, turn in enumerate(case.turns, 1)))
    expected = [f"- {_word(field)}: {plain(', '.join(values))}" for field, values in case.expected.items()]
    st.markdown("**Expected:**\n" + ("\n".join(expected) or "not recorded"))
    st.markdown(f"**Got:** {_word(case.outcome or 'no answer')}\n" + "\n".join(f"- {plain(line)}" for line in case.answer if line))
    st.markdown("**Why it failed:**\n" + "\n".join(f"- {plain(reason)}" for reason in case.reasons))


def _word(name: str) -> str:
    return plain(name.replace("_", " "))


st.title("Evaluation")
st.markdown(
    "What Citepath gets right, and what it does not, measured on written questions with known right outcomes. "
    "The questions were written for Citepath; the answers are judged by rules, not by clinicians."
)
report = _last()
_head(report, shared_assistant().corpus.version)
_gates(report.gates)
bars = [
    {"name": s.name, "value": s.share, "low": s.interval[0], "high": s.interval[1], "text": f"{s.passed}/{s.n}"}
    for s in report.gates
    if s.n
]
_bars(bars, "Share passed of each set", ".0%")
_measures(report)
_retrieval(report)
_outcomes(report)
_coverage(report)
_calibration(report.calibration)
_latency(report.latency_ms)
_failed(report.gates)
