"""The app's navigation, nothing else: the pages are in assistant/ui/."""

from pathlib import Path

import streamlit as st

_PAGES = Path(__file__).resolve().parent / "assistant" / "ui"

st.set_page_config(page_title="Citepath", page_icon=str(_PAGES / "icon.png"), layout="centered")
page = st.navigation(
    [
        st.Page(_PAGES / "ask.py", title="Ask", icon=":material/forum:", default=True),
        st.Page(_PAGES / "sources.py", title="Sources", icon=":material/library_books:", url_path="sources"),
        st.Page(_PAGES / "evaluation.py", title="Evaluation", icon=":material/monitoring:", url_path="evaluation"),
        st.Page(_PAGES / "about.py", title="About", icon=":material/info:", url_path="about"),
    ],
    position="top",
)
page.run()
