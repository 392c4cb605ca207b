"""The app's navigation, nothing else: the pages are in assistant/ui/."""

from pathlib import Path

import streamlit as st

from assistant.ui import show

_PAGES = Path(__file__).resolve().parent / "assistant" / "ui"

st.set_page_config(page_title="Citepath", page_icon=str(_PAGES / "icon.png"), layout="wide")
page = st.navigation(
    [
        st.Page(_PAGES / "ask.py", title="Ask", icon=":material/forum:", default=True),
        st.Page(_PAGES / "sources.py", title="Sources", icon=":material/library_books:", url_path="sources"),
        st.Page(_PAGES / "pathway.py", title="Pathway", icon=":material/account_tree:", url_path="pathway"),
        st.Page(_PAGES / "evidence.py", title="Evidence", icon=":material/query_stats:", url_path="evidence"),
        st.Page(_PAGES / "planner.py", title="Monitoring", icon=":material/event:", url_path="planner"),
        st.Page(_PAGES / "review.py", title="Review", icon=":material/fact_check:", url_path="review"),
        st.Page(_PAGES / "evaluation.py", title="Evaluation", icon=":material/monitoring:", url_path="evaluation"),
        st.Page(_PAGES / "about.py", title="About", icon=":material/info:", url_path="about"),
    ],
    position="top",
)
show.style()
page.run()
