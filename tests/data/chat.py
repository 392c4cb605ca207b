"""A chat page in small, for tests of its parts without the model: every question gets a long answer."""

import os

import streamlit as st

from assistant.answer import Section, Sentence
from assistant.followups import Turn
from assistant.settings import read
from assistant.store import Store
from assistant.ui import browser, history, show
from tests.test_store import answer

store = Store(read(os.environ).database)
session = st.session_state
if "conversation" not in session:
    history.begin()
st.title("Chat")
owner = browser.owner(store)
if question := st.chat_input("Ask", key="question"):
    sentences = tuple(Sentence(text=f"Sentence {i} of the answer to {question}.", statements=("s",), citations=(1,)) for i in range(60))
    answered = answer(question).model_copy(update={"sections": (Section(title="Bottom line", sentences=sentences),)})
    session.conversation = session.conversation.add(answered, Turn(question, question))
history.keep(store, owner)
history.panel(store, owner)
answers = session.conversation.answers
for number, a in enumerate(answers, 1):
    with st.container(key=f"turn_{number}"), st.chat_message("user"):
        st.markdown(show.plain(a.question))
    with st.chat_message("assistant"):
        for s in a.sections[0].sentences:
            st.markdown(s.text)
if answers:
    st.button("Again", key=f"again_{len(answers)}")
    browser.scroll_to(f"turn_{len(answers)}", once=f"{session.conversation.id} {len(answers)}")
