"""The evidence in numbers: a forest plot of the trials' hazard ratios, tables of response rates and medians; each opens its statement."""

import pandas as pd
import streamlit as st

from assistant.estimates import ASSESSORS, Estimate, as_csv, choices, chosen
from assistant.evidence import effects, medians, responses
from assistant.ui import show
from assistant.ui.forest import forest
from assistant.ui.resources import assistant as shared_assistant

VIEWS = {"Hazard ratios": effects, "Response rates": responses, "Median times": medians}
FIGURE = {"Hazard ratios": "Hazard ratio (interval)", "Response rates": "Per cent (interval)", "Median times": "Months (interval)"}

session = st.session_state
assistant = shared_assistant()
corpus = assistant.corpus


@st.cache_resource(show_spinner=False, max_entries=len(VIEWS))
def _rows(view: str, version: str) -> tuple[Estimate, ...]:
    return VIEWS[view](corpus)


def _open_point() -> None:
    """Keeps which statement was clicked in the plot: a click adds it to what is picked, or takes it away, and both open it."""
    picked = {p["statement"] for p in session.forest.selection.get("picked", [])}
    changed = picked ^ session.get("picked", set())
    session.picked = picked
    session.opened = changed.pop() if len(changed) == 1 else None


def _open_row(key: str, rows: tuple[Estimate, ...]) -> None:
    """Keeps which statement was chosen in a table."""
    session.opened = next((rows[i].statement for i in session[key].selection.rows), None)


@st.dialog("The statement behind this figure", width="medium", icon=":material/format_quote:")
def _statement(id: str) -> None:
    s = corpus.statements[id]
    show.statement(s, assistant)
    if s.superseded_by:
        st.markdown(f"**Superseded** by [`{s.superseded_by}`]({show.source_link(s.superseded_by)})")
    st.markdown("**References**")
    for r in (corpus.references[key] for key in s.citations):
        st.markdown(f"- {show.plain(f'{r.title} ({r.year})')} [Open the source]({r.link})")
    st.markdown(f"[Open it among the sources]({show.source_link(id)})")


def _filters(view: str, rows: tuple[Estimate, ...]) -> tuple[Estimate, ...]:
    """Shows the choices for a view and returns the rows that fit; of hazard ratios the commonest endpoint is chosen to begin with."""
    names = choices(rows, "endpoint")
    find, endpoint, assessor, setting = st.columns([1.2, 1.6, 1.2, 1.3])
    words = find.text_input("Trial, drug or group", key="find_evidence", placeholder="all")
    choice = {
        "endpoints": endpoint.multiselect(
            "Endpoint", names, default=names[:1] if view == "Hazard ratios" else [], key=f"endpoint_{view}", placeholder="all"
        ),
        "assessors": assessor.multiselect("Assessor", ASSESSORS, key="assessor", placeholder="all"),
        "settings": setting.multiselect("Setting", choices(rows, "setting"), key=f"setting_{view}", placeholder="all"),
    }
    superseded = st.toggle("Show superseded figures", key="superseded")
    return chosen(rows, words, **choice, superseded=superseded)


def _table(view: str, rows: tuple[Estimate, ...]) -> None:
    """Shows the rows as a table, each with a link to its statement, and offers them as CSV."""
    arms = "Comparison" if view == "Hazard ratios" else "Arm or group"
    table = pd.DataFrame(
        {
            "Study": r.study,
            arms: r.comparison,
            FIGURE[view]: r.shown,
            "Endpoint": r.endpoint,
            "Population": r.population,
            "Assessor": r.assessor,
            "Setting": r.setting,
            "Superseded": "superseded" if r.superseded else "",
            "Statement": show.source_link(r.statement),
            "Cut-off": r.cutoff,
            "Analysis": r.analysis,
            "Level (%)": r.level,
            "Source": r.source,
            "Note": r.note,
        }
        for r in rows
    )
    key = f"table_{view}"
    st.dataframe(
        table.loc[:, (table != "").any()],
        hide_index=True,
        height=min(38 + 35 * len(rows), 460),
        column_config={
            "Study": st.column_config.TextColumn(pinned=True),
            "Statement": st.column_config.LinkColumn(display_text=r"statement=(.+)$"),
        },
        key=key,
        selection_mode="single-row",
        on_select=lambda: _open_row(key, rows),
    )
    st.download_button(
        "Download this table (CSV)",
        as_csv(rows, corpus.version),
        file_name=f"citepath-{view.lower().replace(' ', '-')}-{corpus.version}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"download_{view}",
        on_click="ignore",
    )


st.title("Evidence")
st.markdown(
    "The figures of the trials as the curated statements give them. "
    "A **hazard ratio below 1** means that the event (such as growth or death) came less often over time in the arm named first; "
    "an interval that includes 1 leaves room for chance. Most intervals are 95%; the table gives the level. Overall survival needs no assessor. "
    "**Rows of different trials cannot be compared with each other**: people, comparators, assessors and follow-up differ, and nothing is pooled here."
)
view = st.segmented_control("Show", list(VIEWS), default="Hazard ratios", required=True, key="view")
rows = _rows(view, corpus.version)
found = _filters(view, rows)

st.header(view)
if not found:
    st.info("No figure fits these choices.", icon=":material/filter_alt_off:")
else:
    if view == "Hazard ratios":
        plotted = tuple(r for r in found if r.plottable)
        if plotted:
            st.markdown(f"{len(found)} of {len(rows)} figures fit. **Choose a row** of the plot to read its statement and its sources.")
            dark = st.context.theme.type == "dark"
            st.altair_chart(forest(plotted, dark), key="forest", on_select=_open_point, selection_mode="picked")
        if left_out := len(found) - len(plotted):
            st.markdown(
                f"{left_out} of these figures cannot be drawn, since no interval is given or the arms are not named; they are in the table."
            )
        st.subheader("The same figures as a table")
    st.markdown(f"{len(found)} of {len(rows)} figures fit. **Mark a row** to read its statement and its sources, or follow its link.")
    _table(view, found)

if opened := session.pop("opened", None):
    _statement(opened)
