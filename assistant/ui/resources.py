"""What all sessions share: the corpus and the assistant, loaded once, the accounts, and the way to the saved conversations; never their content."""

from __future__ import annotations

import logging
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.settings import Settings, read
from ingest.errors import CitepathError

if TYPE_CHECKING:  # loaded after the page's head is shown
    from assistant.accounts import Accounts
    from assistant.engine import Assistant
    from assistant.review import Ledger
    from assistant.store import Store

_loaded: dict[tuple[Settings, str], Assistant] = {}
_loading = threading.Lock()


def assistant() -> Assistant:
    """Returns the assistant for the present corpus and index; stops the page with a clear message when they cannot be used."""
    try:
        settings = read(os.environ)
        ready = _loaded.get((settings, _stamp(settings)))
        if ready is None:
            with st.spinner("Loading the corpus and the embedding model …"):
                ready = load(settings)
        ready.ledger.refresh()
        return ready
    except CitepathError as e:
        st.error(f"{e.message} {e.mend}", icon=":material/error:")
        st.stop()


def store() -> Store:
    """Returns where conversations are saved; stops the page with a clear message when no such database can be used."""
    try:
        return _store(read(os.environ).database)
    except CitepathError as e:
        st.error(f"{e.message} {e.mend}", icon=":material/error:")
        st.stop()


@lru_cache(1)
def _accounts(data: Path) -> Accounts:
    from assistant.accounts import Accounts

    return Accounts(data)


def accounts() -> Accounts:
    """Returns the reviewers' accounts; one object for all sessions, since it counts wrong passwords."""
    return _accounts(read(os.environ).data)


def present_ledger() -> Ledger:
    """Returns the record of reviews for the corpus as its files are at this moment. Raises CitepathError when they cannot be used."""
    from assistant.review import Ledger
    from ingest.cache import loaded

    settings = read(os.environ)
    return Ledger(loaded(settings.corpus, settings.data), settings.data)


def load(settings: Settings) -> Assistant:
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


@lru_cache(1)
def _store(database: os.PathLike | str) -> Store:
    from assistant.store import Store

    return Store(database)


def _stamp(settings: Settings) -> str:
    """Returns what changes when the index is built again, so that a running app takes up the new one."""
    try:
        return (settings.data / "index" / "CURRENT").read_text(encoding="utf-8")
    except OSError:
        return ""
