"""The app's navigation, nothing else: the pages are in assistant/ui/."""

from pathlib import Path

import streamlit as st

_PAGES = Path(__file__).resolve().parent / "assistant" / "ui"
_WIDE = {"pathway"}  # told here, once: a second call by the page itself is at times not heeded

page = st.navigation(
    [
        st.Page(_PAGES / "ask.py", title="Ask", icon=":material/forum:", default=True),
        st.Page(_PAGES / "pathway.py", title="Pathway", icon=":material/account_tree:", url_path="pathway"),
        st.Page(_PAGES / "sources.py", title="Sources", icon=":material/library_books:", url_path="sources"),
        st.Page(_PAGES / "about.py", title="About", icon=":material/info:", url_path="about"),
    ],
    position="top",
)
layout = "wide" if page.url_path in _WIDE else "centered"
st.set_page_config(page_title="Citepath", page_icon=str(_PAGES / "icon.png"), layout=layout)
page.run()
