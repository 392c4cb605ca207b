"""The saved conversations beside the chat: open, rename, export, delete; and keeping the one that is open."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from assistant import render
from assistant.conversation import LONGEST_TITLE, Conversation
from assistant.store import Store, Summary
from assistant.ui import show
from assistant.ui.resources import assistant as shared_assistant
from ingest.errors import CitepathError

SHOWN = 20  # conversations listed before "Show all"

session = st.session_state


def begin(conversation: Conversation | None = None) -> None:
    """Opens a saved conversation, or a new one; what was pending in the last is dropped."""
    session.conversation = session.kept = conversation or Conversation.new()
    session.pending, session.facts = None, {}


def keep(store: Store, owner: str | None) -> None:
    """Saves the session's conversation when it has changed and may be saved; tells the reader when it cannot be."""
    current = session.conversation
    if owner is None or session.get("unsaved") or not current.turns or current is session.get("kept"):
        return
    try:
        session.conversation = session.kept = store.save(owner, current)
    except CitepathError as e:
        _warn(f"This conversation is not saved. {e}")


def panel(store: Store, owner: str | None) -> None:
    """Shows the owner's conversations in the sidebar. It opens one by putting it into the session as `conversation`."""
    with st.sidebar:
        st.header("Conversations", anchor=False)
        st.button("New conversation", key="history_new", icon=":material/edit_square:", width="stretch", on_click=begin)
        if owner is None:
            st.markdown("This browser keeps nothing between visits, so conversations are not saved.")
            return
        if fault := session.pop("history_fault", None):
            _warn(fault)
        try:
            saved = store.list(owner)
        except CitepathError as e:
            _warn(str(e))
            return
        _list(store, owner, saved)
        st.divider()
        st.toggle(
            "Do not save",
            key="unsaved",
            persist_state="session",
            on_change=begin,
            help="For this visit. Switching it begins a new conversation; what was saved before stays.",
        )
        st.markdown(
            "Saved on the computer that runs Citepath, for this browser only, with names and record numbers masked. "
            "Whoever uses this browser can read them."
        )
        if saved:
            _everything(store, owner, len(saved))


def _list(store: Store, owner: str, saved: tuple[Summary, ...]) -> None:
    if not saved:
        st.markdown("Nothing is saved yet. A conversation appears here after its first answer.")
    everything = len(saved) <= SHOWN or st.toggle(f"Show all {len(saved)}", key="history_all")
    day = None
    for summary in saved if everything else saved[:SHOWN]:
        if (of := _day(summary.updated)) != day:
            day = of
            st.markdown(f"**{day}**")
        _row(store, owner, summary)


def _row(store: Store, owner: str, s: Summary) -> None:
    is_open = s.id == session.conversation.id
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.button(
            show.plain(s.title),
            key=f"history_open_{s.id}",
            type="secondary" if is_open else "tertiary",
            icon=":material/check:" if is_open else None,
            width="stretch",
            wrap=False,
            on_click=_do,
            args=(_open, store, owner, s.id),
        )
        with st.popover("More", key=f"history_more_{s.id}", type="tertiary"):
            _options(store, owner, s)


def _options(store: Store, owner: str, s: Summary) -> None:
    st.markdown(f"**{show.plain(s.title)}**  \n{s.turns} {'question' if s.turns == 1 else 'questions'}, {_moment(s.updated)}")
    key = f"history_name_{s.id}"
    st.text_input("New name", s.title, LONGEST_TITLE, key=key, help="No names, dates of birth or record numbers of persons.")
    st.button("Rename", key=f"history_rename_{s.id}", icon=":material/edit:", on_click=_do, args=(_rename, store, owner, s.id, key))
    with st.container(horizontal=True):
        for kind, mime, icon, of in (
            ("Markdown", "text/markdown", ":material/download:", _as_markdown),
            ("JSON", "application/json", ":material/data_object:", _as_json),
        ):
            st.download_button(
                kind,
                lambda of=of: of(store, owner, s.id),
                f"citepath-{s.id[:8]}.{'md' if kind == 'Markdown' else 'json'}",
                mime,
                key=f"history_{kind}_{s.id}",
                icon=icon,
                on_click="ignore",
            )
    st.markdown("Deleting cannot be undone.")
    st.button("Delete", key=f"history_delete_{s.id}", icon=":material/delete:", on_click=_do, args=(_delete, store, owner, s.id))


def _everything(store: Store, owner: str, count: int) -> None:
    st.download_button(
        "Export everything",
        lambda: _as_json(store, owner),
        "citepath-conversations.json",
        "application/json",
        key="history_export",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
    )
    with st.popover("Delete everything", key="history_delete_all", icon=":material/delete_forever:", width="stretch"):
        st.markdown(f"All {count} saved conversations are deleted for good, the open one too." if count > 1 else "It is deleted for good.")
        st.button("Yes, delete everything", key="history_delete_all_yes", on_click=_do, args=(_delete_all, store, owner))


def _do(act: Callable[..., None], *args: object) -> None:
    """Acts on the store before the page runs; what goes wrong is told in the panel."""
    try:
        act(*args)
    except CitepathError as e:
        session.history_fault = str(e)


def _open(store: Store, owner: str, id: str) -> None:
    begin(store.load(owner, id))


def _rename(store: Store, owner: str, id: str, key: str) -> None:
    store.rename(owner, id, shared_assistant().identifiers.mask(session[key]).text)
    if session.conversation.id == id:
        session.conversation = session.kept = replace(session.conversation, name=store.load(owner, id).name)


def _delete(store: Store, owner: str, id: str) -> None:
    store.delete(owner, id)
    if session.conversation.id == id:
        begin()


def _delete_all(store: Store, owner: str) -> None:
    store.delete_all(owner)
    begin()


def _as_markdown(store: Store, owner: str, id: str) -> str:
    try:
        conversation = store.load(owner, id) or Conversation(id)
        return render.conversation(conversation.title, conversation.answers)
    except CitepathError as e:
        return str(e)


def _as_json(store: Store, owner: str, id: str | None = None) -> str:
    try:
        return json.dumps(store.export(owner, id), ensure_ascii=False, indent=2)
    except CitepathError as e:
        return json.dumps({"error": str(e)})


def _local(moment: datetime) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (KeyError, ValueError):
        return moment


def _day(moment: datetime) -> str:
    there = _local(moment)
    days = (_local(datetime.now(moment.tzinfo)).date() - there.date()).days
    return {0: "Today", 1: "Yesterday"}.get(days, f"{there.day} {there:%B %Y}")


def _moment(moment: datetime) -> str:
    there = _local(moment)
    return f"{there.day} {there:%B %Y, %H:%M}"


def _warn(text: str) -> None:
    st.warning(show.plain(text), icon=":material/warning:")
