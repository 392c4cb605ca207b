"""What all sessions share: the corpus and the assistant, loaded once; never a question or a patient's facts."""

import os
from pathlib import Path

import streamlit as st

from assistant.chat import open_chat
from assistant.engine import Assistant
from assistant.review import Ledger
from assistant.settings import Settings, read
from ingest.encoder import Encoder
from ingest.errors import CitepathError
from ingest.index import open_index
from ingest.load import load


def assistant() -> Assistant:
    """Returns the assistant for the present corpus and index; stops the page with a clear message when they cannot be used."""
    try:
        settings = read(os.environ)
        return _load(settings, _stamp(settings))
    except CitepathError as e:
        st.error(f"{e.message} {e.mend}", icon=":material/error:")
        st.stop()


def _stamp(settings: Settings) -> str:
    """Returns what changes when the index is built again, so that a running app takes up the new one."""
    try:
        return (settings.data / "index" / "CURRENT").read_text(encoding="utf-8")
    except OSError:
        return ""


@st.cache_resource(show_spinner="Loading the corpus and the embedding model …", max_entries=1)
def _load(settings: Settings, stamp: str) -> Assistant:
    corpus = load(Path(settings.corpus))
    ledger, encoder = Ledger(corpus, settings.data), Encoder(settings.data, settings.model)
    loaded = Assistant(corpus, open_index(settings.data), encoder, ledger, open_chat(settings.engine, settings.timeout))
    loaded.retriever.retrieve("ALK", 1)
    return loaded
