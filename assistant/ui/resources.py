"""What all sessions share: the corpus and the assistant, loaded once, and the accounts; never a question or a patient's facts."""

import os
from pathlib import Path

import streamlit as st

from assistant.accounts import Accounts
from assistant.engine import Assistant
from assistant.review import Ledger
from assistant.settings import Settings, read
from ingest.cache import loaded
from ingest.encoder import Encoder
from ingest.errors import CitepathError
from ingest.index import open_index
from ingest.load import load


def assistant() -> Assistant:
    """Returns the assistant for the present corpus and index; stops the page with a clear message when they cannot be used."""
    settings = read(os.environ)
    try:
        shared = _load(settings, _stamp(settings))
        shared.ledger.refresh()
        return shared
    except CitepathError as e:
        st.error(f"{e.message} {e.mend}", icon=":material/error:")
        st.stop()


def accounts() -> Accounts:
    """Returns the reviewers' accounts; one object for all sessions, since it counts wrong passwords."""
    return _accounts(read(os.environ).data)


@st.cache_resource(show_spinner=False)
def _accounts(data: Path) -> Accounts:
    return Accounts(data)


def present_ledger() -> Ledger:
    """Returns the record of reviews for the corpus as its files are at this moment. Raises CitepathError when they cannot be used."""
    settings = read(os.environ)
    return Ledger(loaded(settings.corpus, settings.data), settings.data)


def _stamp(settings: Settings) -> str:
    """Returns what changes when the index is built again, so that a running app takes up the new one."""
    try:
        return (settings.data / "index" / "CURRENT").read_text(encoding="utf-8")
    except OSError:
        return ""


@st.cache_resource(show_spinner="Loading the corpus and the embedding model …", max_entries=1)
def _load(settings: Settings, stamp: str) -> Assistant:
    corpus = load(Path(settings.corpus))
    assistant = Assistant(corpus, open_index(settings.data), Encoder(settings.data, settings.model), Ledger(corpus, settings.data))
    assistant.retriever.retrieve("ALK", 1)
    return assistant
