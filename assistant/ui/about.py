"""What Citepath is for, its editorial policy, its limits."""

import streamlit as st

from assistant.ui.resources import assistant as shared_assistant

texts = shared_assistant().corpus.texts

for id in ("about", "editorial-policy", "coverage", "disclaimer-clinician", "disclaimer-patient"):
    st.header(texts[id].title)
    st.markdown(texts[id].body)
    st.markdown(f"Last updated {texts[id].last_updated}.")
