"""The tests that the sources ask for on a drug, by date: a table, a timeline, and files to take along."""

from datetime import UTC, date, datetime

import altair as alt
import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from assistant import planner
from assistant.planfile import BEFORE, UNDATED, Sheet, as_csv, as_html, as_ics, as_markdown, capital, long_date, reference, region_name
from assistant.ui import show
from assistant.ui.resources import assistant as shared_assistant
from ingest.errors import CitepathError

AUDIENCES = {"A clinician": "clinician", "A patient or caregiver": "patient"}
HORIZONS = {"3 months": 3, "6 months": 6, "12 months": 12}
DATED = "On a day"
MARKS = {BEFORE: "diamond", DATED: "circle"}


def _source(due: planner.Due) -> str:
    """Returns the source's name as a link to each curated statement."""
    name = show.plain(capital(due.item.source))
    links = [f"[{name if n == 0 else f'and {n + 1}'}]({show.source_link(id)})" for n, id in enumerate(due.item.statements)]
    return " ".join(links)


def _test(sheet: Sheet, due: planner.Due) -> str:
    test, when, whom = (show.plain(words) for words in sheet.words(due))
    return f"**{test}**, “{when}”" + (f"; only: “{whom}”" if whom else "")


def _table(sheet: Sheet, rows: list[planner.Due], alternative: str) -> None:
    columns = {"Test, in the source's words": [_test(sheet, r) for r in rows], "Source": [_source(r) for r in rows]}
    st.table(pd.DataFrame(columns), border="horizontal", hide_index=True, alt=alternative)


def _visits(sheet: Sheet, visits: tuple[planner.Visit, ...]) -> None:
    """Shows the dated tests as one table, the tests of one day together."""
    lines = [(v.on if i == 0 else None, due) for v in visits for i, due in enumerate(v.due)]
    days = [f"**{on:%a} {on.day} {on:%b %Y}**, day {(on - sheet.start).days}" if on else "same day" for on, _ in lines]
    columns = {
        "Date": days,
        "Test, in the source's words": [_test(sheet, due) for _, due in lines],
        "Source": [_source(due) for _, due in lines],
    }
    st.table(pd.DataFrame(columns), border="horizontal", hide_index=True, alt="Tests by date")


def _timeline(sheet: Sheet) -> None:
    """Shows a line for each test of each source with a mark on each of its days; a mark's shape says what kind it is."""
    marks = [
        {
            "row": f"{sheet.words(r)[0]}\n{capital(r.item.source)}",
            "date": (r.on or sheet.start).isoformat(),
            "kind": BEFORE if r.before else DATED,
            "when": r.when.wording(sheet.audience),
        }
        for r in sheet.rows
        if r.on or r.before
    ]
    table = pd.DataFrame(marks)
    order = list(dict.fromkeys(m["row"] for m in marks))
    color = "#5EEAD4" if st.context.theme.type == "dark" else "#0F766E"
    text = "#F1F5F9" if st.context.theme.type == "dark" else "#111827"
    y = alt.Y("row:N", sort=order, axis=None)
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%b %Y", labelColor=text, labelOverlap=True, tickCount="month"))
    points = (
        alt.Chart(table)
        .mark_point(size=90, filled=True, color=color, opacity=1, yOffset=6)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=list(MARKS), range=list(MARKS.values())),
                legend=alt.Legend(title=None, orient="top", labelColor=text, labelFontSize=13, symbolFillColor=color),
            ),
            tooltip=[alt.Tooltip("row:N", title="Test"), alt.Tooltip("date:T", title="Date", format="%d %b %Y"), alt.Tooltip("when:N")],
        )
    )
    names = pd.DataFrame({"row": order, "date": sheet.start.isoformat()})
    labels = (
        alt.Chart(names)
        .mark_text(align="left", baseline="bottom", lineBreak="\n", dy=-24, dx=-5, fontSize=13, color=text, limit=340)
        .encode(x=x, y=y, text="row:N")
    )
    chart = alt.layer(points, labels).properties(height=72 * len(order) + 70).configure_view(stroke=None)
    st.altair_chart(
        chart, key="planner_timeline", alt=f"Timeline of {len(marks)} tests; the tables on this page hold the same tests as text"
    )


def _files(sheet: Sheet) -> None:
    name = f"citepath-monitoring-{sheet.drug.lower().replace(' ', '-')}-{sheet.start}"
    stamp = datetime.now(UTC).replace(microsecond=0)
    with st.container(horizontal=True):
        for label, content, ending, kind, icon in (
            ("Calendar (.ics)", as_ics(sheet, stamp), "ics", "text/calendar", "event"),
            ("CSV", as_csv(sheet), "csv", "text/csv", "table"),
            ("Markdown", as_markdown(sheet), "md", "text/markdown", "download"),
            ("Printable page", as_html(sheet), "html", "text/html", "print"),
        ):
            st.download_button(
                label, content, f"{name}.{ending}", kind, key=f"planner_{ending}", icon=f":material/{icon}:", on_click="ignore"
            )
    st.markdown("The files name the drug and the dates and hold nothing else about a person. Think of who can read your calendar.")


st.title("Monitoring")
st.markdown("Which tests the sources ask for on a drug, and on which days, counted from its first dose.")
assistant = shared_assistant()
corpus = assistant.corpus
if not corpus.monitoring:
    st.info("This corpus holds no monitoring data.", icon=":material/help:")
    st.stop()
drugs = {id: capital(corpus.vocabulary[id].name) for id in corpus.monitoring}

st.segmented_control("Which best describes you?", list(AUDIENCES), default="A patient or caregiver", key="planner_audience", required=True)
left, middle, right = st.columns([1, 0.9, 1.5])
drug = left.selectbox("Drug", list(drugs), format_func=drugs.get, key="planner_drug")
start = middle.date_input("First dose on", min_value=date(2000, 1, 1), max_value=date(2100, 1, 1), key="planner_start", format="YYYY-MM-DD")
horizon = right.segmented_control("Show", list(HORIZONS), default="6 months", required=True, key="planner_horizon")
monitoring = corpus.monitoring[drug]
regions = planner.regions(monitoring)
named = {region_name(r): r for r in regions}
picked = list(named)
if len(named) > 1:
    picked = st.pills("Sources to follow", picked, selection_mode="multi", default=picked, key=f"planner_regions_{drug}")
chosen = [named[name] for name in picked]
audience = AUDIENCES[st.session_state.planner_audience]

try:
    rows = planner.plan(monitoring, start, start + relativedelta(months=HORIZONS[horizon]), chosen)
except CitepathError as e:
    st.error(f"{e.message} {e.mend}", icon=":material/error:")
    st.stop()
if not rows:
    st.info("Choose the sources of at least one region.", icon=":material/help:")
    st.stop()
used = [corpus.statements[id] for id in dict.fromkeys(id for r in rows for id in r.item.statements)]
sheet = Sheet(drugs[drug], start, rows, audience, corpus, assistant.ledger.notice(used), tuple(r for r in regions if r not in chosen))

show.tracker(sheet.review.status)
st.warning(show.plain(sheet.review.notice), icon=":material/school:")
st.info(sheet.notices[1], icon=":material/info:")

visits = planner.visits(rows)
st.header(show.plain(f"{sheet.drug} from {long_date(start)}"))
if before := [r for r in rows if r.before]:
    st.subheader(BEFORE)
    _table(sheet, before, BEFORE)
st.subheader("By date")
if visits:
    _visits(sheet, visits)
else:
    st.markdown("The sources followed give no dates within this time; what they ask for is listed without dates.")
if undated := [r for r in rows if not r.on and not r.before]:
    st.subheader(UNDATED)
    st.markdown("The sources ask for these too, but on no days that can be counted from the first dose. The care team decides when.")
    _table(sheet, undated, UNDATED)
if visits:
    st.subheader("Timeline")
    _timeline(sheet)
st.subheader("Take it along")
_files(sheet)
st.subheader("What the sources say")
for s in sheet.statements:
    with st.expander(show.plain(f"{s.wording(audience)} {sheet.marks([s.id])}")):
        show.statement(s, assistant)
        for key in s.citations:
            r = corpus.references[key]
            st.markdown(f"**\\[{sheet.numbers[key]}\\]** {show.plain(reference(r))} [Open the source]({r.link})")
st.markdown(show.plain(sheet.notices[2]))
st.markdown(f"Corpus `{corpus.version}` · no language model was used · [Editorial policy](about)")
