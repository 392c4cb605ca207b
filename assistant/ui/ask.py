"""The chat: ask, read the cited answer, open a source, follow up."""

import os

import streamlit as st

from assistant.settings import read
from assistant.ui import show

st.title("Citepath")
st.markdown(
    "Cited answers on ALK-positive lung cancer from a curated corpus. Not for emergencies. Enter no names, dates of birth or record numbers."
)

# The page's head is shown before the engine is loaded.
from assistant.answer import Answer
from assistant.compose import suggestions
from assistant.engine import EXTRACTIVE, Progress, Question
from assistant.ui import browser, history
from assistant.ui.answers import Actions, Place, show_answer
from assistant.ui.resources import assistant as shared_assistant
from assistant.ui.resources import store as shared_store
from ingest.errors import CitepathError

AUDIENCES = {"A clinician": "clinician", "A patient or caregiver": "patient"}
LONGEST = 10_000
STAGES = {
    "reading": "Reading the question …",
    "searching": "Searching the corpus …",
    "composing": "Putting the answer together …",
    "wording": "Checking each sentence against its statement …",
}

session = st.session_state
if "conversation" not in session:
    history.begin()


def _ask(text: str) -> None:
    """Keeps a text of the page's own (an example, a follow-up) for the next run; what a person types is never kept as typed."""
    session.pending = text


def _set(variable: str, value: str) -> None:
    session.facts = {variable: value}
    session.pending = session.conversation.turns[-1].standalone


def _forget(variable: str) -> None:
    session.conversation = session.conversation.without(variable)
    session.pending = session.conversation.turns[-1].standalone


def _answer(text: str, facts: dict[str, str]) -> bool:
    """Adds the answer to the conversation, with the question as masked; returns whether there is one."""
    place = st.empty()
    with place.status(STAGES["reading"], expanded=True) as status:

        def progress(p: Progress) -> None:
            """Shows the stage, and a model's sentence once it is checked against its statement."""
            status.update(label=STAGES[p.stage])
            if p.sentence:
                st.markdown(show.plain(p.sentence))

        try:
            asked = Question(text, AUDIENCES[session.audience], facts)
            answer, turn = speaking.reply(asked, session.conversation.turns, progress)
        except CitepathError as e:
            place.empty()
            st.error(f"{e.message} {e.mend}", icon=":material/error:")
            return False
    place.empty()
    session.conversation = session.conversation.add(answer, turn)
    return True


def _show(number: int, answer: Answer, last: bool) -> None:
    with st.container(key=f"turn_{number}"), st.chat_message("user", avatar=":material/person:"):
        st.markdown(show.plain(answer.question))
    with st.chat_message("assistant", avatar=":material/route:"):
        show_answer(answer, assistant, Place(number, last, data, Actions(_ask, _set, _forget)))


assistant, store, data = shared_assistant(), shared_store(), read(os.environ).data
owner = browser.owner(store)
st.segmented_control(
    "Which best describes you?", list(AUDIENCES), default="A patient or caregiver", key="audience", required=True, persist_state="session"
)
speaking = assistant
if assistant.engine != EXTRACTIVE:
    st.toggle(
        f"A language model ({assistant.engine.removeprefix('llm:')}) words the sentences",
        True,
        key="worded",
        persist_state="session",
        help="It decides nothing: each of its sentences is checked against the statement it cites, or the curated wording stands. "
        "The question, masked, is sent to it.",
    )
    speaking = assistant if session.worded else assistant.without_model()

if session.pending:
    text, facts = session.pending, session.facts
    session.pending, session.facts = None, {}
    _answer(text, facts)

history.keep(store, owner)
history.panel(store, owner)
answers = session.conversation.answers
if not answers:
    st.markdown(
        "Every sentence rests on a curated statement with its source one click away. Answers are put together by fixed rules"
        + ("; no language model writes them." if speaking.engine == EXTRACTIVE else "; a language model may only word them.")
    )
    st.markdown("**For example**")
    for i, example in enumerate(suggestions(assistant.corpus)):
        st.button(example, key=f"example_{i}", on_click=_ask, args=(example,), icon=":material/chat_bubble:")
for number, answer in enumerate(answers, 1):
    _show(number, assistant.reviewed(answer), last=number == len(answers))
if answers:
    st.success("The answer is ready above.", icon=":material/check:")
question = st.chat_input("Ask about ALK-positive lung cancer", max_chars=LONGEST, key="question")
if question is not None and _answer(question, {}):
    st.rerun()
if answers:
    browser.scroll_to(f"turn_{len(answers)}", once=f"{session.conversation.id} {len(answers)}")
