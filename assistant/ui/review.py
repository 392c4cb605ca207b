"""Review: read a statement beside its references, and approve or reject it under the name of one's own account."""

from datetime import date
from functools import partial
from typing import get_args

import streamlit as st

from assistant.accounts import Account
from assistant.render import TRACK
from assistant.reviewing import Wish, judge, overdue, queue
from assistant.ui import reading, show
from assistant.ui.reading import LABELS
from assistant.ui.resources import accounts as shared_accounts
from assistant.ui.resources import assistant as shared_assistant
from assistant.ui.resources import present_ledger
from ingest.content import Kind, Statement
from ingest.errors import CitepathError
from ingest.reviews import as_yaml

PROCESS = """
1. A statement enters the corpus as **Submitted**.
2. A reviewer takes it **Under Review**, and reads it beside its references: the wording for clinicians, the plain wording, each figure.
3. The reviewer makes it **Approved**, or rejects it with a comment. Name, credential and day are recorded, and nothing is ever erased.
4. An approval holds for that very text. Any edit returns the statement to **Submitted**, and the change is shown here.

An answer carries the status of the least reviewed statement in it. Nothing can be approved here without signing in.
"""
NO_ACCOUNT = 'citepath review account add USERNAME --name "FULL NAME" --credential "MD, SPECIALTY"'

session = st.session_state
today = date.today()


def _tell(kind: str, text: str) -> None:
    """Keeps what is told in the next run, beside the form it is about."""
    session.review_told = kind, text


def _told() -> None:
    kind, text = session.pop("review_told", (None, ""))
    if kind == "error":
        st.error(show.plain(text), icon=":material/error:")
    elif kind:
        st.success(show.plain(text), icon=":material/check:")


def _sign_in() -> None:
    password, session.review_password = session.review_password, ""
    try:
        session.review_ticket = shared_accounts().sign_in(session.review_user, password)
    except CitepathError as e:
        _tell("error", str(e))


def _sign_out() -> None:
    session.pop("review_ticket", None)


def _go(id: str) -> None:
    session.review_statement = id


def _judge(status: str, s: Statement) -> None:
    """Records a judgement on the text that was shown, `s`, which stays on the page: no second click may meet another statement."""
    comment = f"review_comment_{s.id}"
    try:
        event = judge(
            present_ledger(), shared_accounts(), session.get("review_ticket"), s.id, s.digest, status, session[comment], date.today()
        )
    except CitepathError as e:
        _tell("error", str(e))
        return
    session[comment], session.review_judged = "", s.id
    _tell("success", f"{s.id}: {LABELS[status]}, recorded for {event.reviewer}, {event.credential}.")


def _entry() -> None:
    """Shows how a statement is reviewed, and the form to sign in."""
    process, entry = st.columns([3, 2], gap="large")
    with process:
        st.header("How a statement is reviewed")
        st.markdown(PROCESS)
    with entry, st.container(border=True):
        st.subheader("Sign in")
        _told()
        if not accounts.all():
            st.info("There is no reviewer's account yet. Whoever runs Citepath makes one with this command:", icon=":material/person_add:")
            st.code(NO_ACCOUNT, language=None, wrap_lines=True)
            st.markdown("It asks for a password. Add `--data DIR` where the app keeps its data elsewhere.")
            return
        with st.form("review_sign_in", border=False):
            st.text_input("User name", key="review_user", autocomplete="username", max_chars=64)
            st.text_input("Password", key="review_password", type="password", autocomplete="current-password")
            st.form_submit_button("Sign in", key="review_enter", on_click=_sign_in)
        st.markdown("You stay signed in on this page until you sign out, reload it, or the working day is over.")


def _person(reviewer: Account) -> None:
    """Shows who is signed in, the record to be exported, and the way out."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"Signed in as **{show.plain(reviewer.name)}**, {show.plain(reviewer.credential)}", width="stretch")
        own = ledger.own
        if own:
            help = "The reviews recorded here that the corpus does not hold yet, for its folder reviews/"
            name, kind = f"{today}.yaml", "application/yaml"
            icon = ":material/download:"
            label = f"Export {len(own):,} review{'s' if len(own) > 1 else ''}"
            st.download_button(label, partial(as_yaml, own), name, kind, key="review_export", icon=icon, help=help)
        st.button("Sign out", key="review_leave", icon=":material/logout:", on_click=_sign_out)


def _wish() -> Wish:
    """Shows what the queue can be narrowed by, and returns what is chosen."""
    labels = {"all": "All", **dict(TRACK)}
    status = st.segmented_control("Status", [*labels], format_func=labels.get, default="all", required=True, key="review_status")
    documents, kinds, words = st.columns(3)
    judged = session.get("review_judged")
    titles = {"": "All documents", **{d.id: d.title for d in corpus.documents.values()}}
    names = {"": "All kinds", **{k: k.capitalize() for k in get_args(Kind)}}
    return Wish(
        status=None if status == "all" else status,
        document=documents.selectbox("Document", [*titles], format_func=titles.get, key="review_document") or None,
        kind=kinds.selectbox("Kind", [*names], format_func=names.get, key="review_kind") or None,
        words=words.text_input("Words in the statement", key="review_words"),
        overdue=st.toggle("Only statements past the day they were to be reviewed by", key="review_overdue"),
        keep=judged if judged == session.get("review_statement") else None,
    )


def _pick(found: list[Statement]) -> Statement:
    """Shows which statement of the queue is read, and returns it."""
    ids = [s.id for s in found]
    if session.get("review_statement") not in ids:
        _go(ids[0])
    at = ids.index(session.review_statement)
    before, following = ids[max(at - 1, 0)], ids[min(at + 1, len(ids) - 1)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = f"Statement {at + 1:,} of {len(ids):,}"
        st.selectbox(label, ids, key="review_statement", width=640)
        st.button("Previous", key="review_previous", icon=":material/arrow_back:", on_click=_go, args=(before,), disabled=at == 0)
        st.button("Next", key="review_next", icon=":material/arrow_forward:", on_click=_go, args=(following,), disabled=at == len(ids) - 1)
    return found[at]


def _actions(s: Statement, reviewer: Account) -> None:
    """Shows the form of a judgement; it is recorded under the name and credential of the account alone."""
    st.subheader("Your judgement")
    _told()
    status = ledger.status(s)
    with st.form(f"review_form_{s.id}", enter_to_submit=False):
        st.text_area("Comment (needed to reject)", key=f"review_comment_{s.id}", max_chars=4000)
        st.markdown(
            f"By approving you say, as {show.plain(reviewer.name)}, {show.plain(reviewer.credential)}, that both wordings and every value "
            "agree with the references shown."
        )
        with st.container(horizontal=True):
            for verb, to, icon in (
                ("Take under review", "under_review", ":material/visibility:"),
                ("Approve", "approved", ":material/check_circle:"),
                ("Reject", "rejected", ":material/cancel:"),
            ):
                st.form_submit_button(
                    verb,
                    key=f"review_{to}_{s.id}",
                    icon=icon,
                    on_click=_judge,
                    args=(to, s),
                    disabled=to == status,
                )


st.title("Review")
assistant, accounts = shared_assistant(), shared_accounts()
corpus, ledger = assistant.corpus, assistant.ledger
try:
    reviewer = accounts.holder(session.get("review_ticket"))
    if reviewer:
        _person(reviewer)
    else:
        _entry()
except CitepathError as e:
    st.error(show.plain(str(e)), icon=":material/error:")
    st.stop()

st.header("Statements")
statuses = [ledger.status(s) for s in corpus.statements.values()]
with st.container(horizontal=True):
    for key, label in TRACK:
        st.metric(label, f"{statuses.count(key):,}", border=True)
    st.metric("Overdue", sum(overdue(s, today) for s in corpus.statements.values()), border=True)
found = queue(corpus, ledger, _wish(), today)
if not found:
    st.info("No statement matches.", icon=":material/search_off:")
    st.stop()
with st.expander(f"The queue as a table ({len(found):,})"):
    columns = {"Status": [LABELS[ledger.status(s)] for s in found], "Statement": [s.id for s in found], "Kind": [s.kind for s in found]}
    columns |= {"Document": [corpus.documents[s.document].title for s in found], "Review by": [str(s.review_by or "") for s in found]}
    st.dataframe(columns, hide_index=True, key="review_table")

statement = _pick(found)
show.tracker(ledger.status(statement))
reading.difference(statement, ledger)
left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader("Statement")
    with st.container(border=True):
        reading.statement(statement, corpus, today)
with right:
    st.subheader("References")
    for key in statement.citations:
        reading.reference(corpus.references[key])
    st.subheader("History")
    reading.history(statement, ledger)
if reviewer:
    _actions(statement, reviewer)
