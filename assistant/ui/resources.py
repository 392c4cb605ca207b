"""What all sessions share: the corpus and the assistant, loaded once; never a question or a patient's facts."""

import logging
import os
import threading

import streamlit as st

from assistant.settings import Settings, read
from ingest.errors import CitepathError

_loaded: dict[tuple[Settings, str], object] = {}
_loading = threading.Lock()


def assistant():
    """Returns the assistant for the present corpus and index; stops the page with a clear message when they cannot be used."""
    try:
        if (settings := read(os.environ), stamp := _stamp(settings)) and (settings, stamp) in _loaded:
            return _loaded[settings, stamp]
        with st.spinner("Loading the corpus and the embedding model …"):
            return load(settings)
    except CitepathError as e:
        st.error(f"{e.message} {e.mend}", icon=":material/error:")
        st.stop()


def load(settings: Settings):
    """Returns the assistant of these settings, loaded once for all sessions. Raises CitepathError when it cannot be."""
    from assistant.command import load_assistant

    with _loading:
        key = settings, _stamp(settings)
        if key not in _loaded:
            loaded = load_assistant(settings)
            loaded.retriever.retrieve("lung cancer", 1)
            _loaded.clear()
            _loaded[key] = loaded
        return _loaded[key]


def preload() -> None:
    """Loads the assistant in the background, so that the first page does not wait; a fault is told by the page."""

    def run() -> None:
        try:
            load(read(os.environ))
        except CitepathError as e:
            logging.getLogger(__name__).error("%s", e)

    threading.Thread(target=run).start()


def _stamp(settings: Settings) -> str:
    """Returns what changes when the index is built again, so that a running app takes up the new one."""
    try:
        return (settings.data / "index" / "CURRENT").read_text(encoding="utf-8")
    except OSError:
        return ""
