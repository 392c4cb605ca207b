"""The chat: ask, read the cited answer, open a source, follow up."""

import streamlit as st

from assistant import render
from assistant.answer import Answer
from assistant.compose import BOTTOM_LINE, suggestions
from assistant.conversation import Conversation
from assistant.engine import Assistant, Question
from assistant.ui import show
from assistant.ui.resources import assistant as shared_assistant
from ingest.errors import CitepathError

AUDIENCES = {"A clinician": "clinician", "A patient or caregiver": "patient"}
LONGEST = 10_000
FOLD = 6  # an answer of more sections shows the first and folds the others

session = st.session_state
session.setdefault("conversation", Conversation.new())
session.setdefault("pending", None)
session.setdefault("facts", {})


def _ask(text: str) -> None:
    """Keeps a text of the page's own (an example, a follow-up) for the next run; what a person types is never kept as typed."""
    session.pending = text


def _answer(text: str, facts: dict[str, str]) -> bool:
    """Adds the answer to the conversation, with the question as masked; returns whether there is one."""
    with st.spinner("Reading the corpus …"):
        try:
            answer, turn = assistant.reply(Question(text, AUDIENCES[session.audience], facts), session.conversation.turns)
        except CitepathError as e:
            st.error(f"{e.message} {e.mend}", icon=":material/error:")
            return False
    session.conversation = session.conversation.add(answer, turn)
    return True


def _new() -> None:
    session.conversation, session.pending, session.facts = Conversation.new(), None, {}


def _show(answer: Answer, assistant: Assistant, number: int, last: bool) -> None:
    if answer.outcome == "urgent":
        st.error(show.plain(answer.message or ""), icon=":material/emergency:")
        _notices(answer)
        _foot(answer, number)
        return
    show.tracker(answer.review.status)
    st.warning(show.plain(answer.review.notice), icon=":material/school:")
    _notices(answer)
    if answer.standalone_question.strip() != answer.question.strip():
        st.markdown(f"We understood this as: *{show.plain(answer.standalone_question)}*")
    if answer.message:
        st.info(show.plain(answer.message), icon=":material/help:")
    if answer.premise_notes:
        with st.container(border=True):
            st.markdown("#### About the question")
            for i, s in enumerate(answer.premise_notes):
                show.sentence(answer, s, assistant, f"cite_{number}_premise_{i}")
    folded = len(answer.sections) > FOLD
    for j, section in enumerate(answer.sections):
        with _place(section.title, folded and j > 0):
            for i, s in enumerate(section.sentences):
                show.sentence(answer, s, assistant, f"cite_{number}_{j}_{i}")
        if j == 0:
            _options(answer)
            _missing(answer, assistant, number, last)
    if answer.references:
        with st.expander(f"References ({len(answer.references)})", expanded=False):
            for r in answer.references:
                st.markdown(f"**[{r.number}]** {show.plain(render.reference_line(r))} [Open]({r.url})")
    _foot(answer, number)
    if last and answer.follow_ups:
        st.markdown("**You could ask next**")
        for i, text in enumerate(answer.follow_ups):
            st.button(text, key=f"follow_{number}_{i}", on_click=_ask, args=(text,))


def _notices(answer: Answer) -> None:
    for notice in answer.notices:
        st.info(show.plain(notice), icon=":material/shield_person:")


def _place(title: str, folded: bool):
    """Returns where a section goes: under its heading, or in an expander where a long answer would hide its own beginning."""
    if folded:
        return st.expander(show.plain(title))
    st.markdown(f"#### {show.plain(title)}")
    return st.container()


def _missing(answer: Answer, assistant: Assistant, number: int, last: bool) -> None:
    """Shows what is missing as a question with a button for each value."""
    if not answer.decision or answer.outcome != "needs_information":
        return
    pathway = assistant.corpus.pathways[answer.decision.pathway]
    for m in answer.decision.missing[:1]:
        variable = pathway.variables[m.variable]
        question = variable.plain if answer.audience == "patient" and variable.plain else m.question
        with st.container(border=True):
            st.markdown(f"**To go further:** {show.plain(question)}")
            with st.container(horizontal=True):
                for value in m.values:
                    st.button(
                        variable.label(value),
                        key=f"set_{number}_{m.variable}_{value}",
                        on_click=_set,
                        args=(m.variable, value),
                        disabled=not last,
                    )


def _set(variable: str, value: str) -> None:
    session.facts = {**session.facts, variable: value}
    session.pending = session.conversation.turns[-1].standalone


def _options(answer: Answer) -> None:
    """Shows options and what is ruled out side by side."""
    decision = answer.decision if answer.decision and answer.decision.node else answer.usual
    if not decision or not decision.options or answer.sections[0].title != BOTTOM_LINE:
        return
    left, right = st.columns(2)
    with left, st.container(border=True):
        st.markdown("**Options in the sources**" if answer.decision and answer.decision.node else "**Options in the usual case**")
        for o in decision.options:
            st.markdown(f"- {show.plain(o.option)}: {show.plain(o.standing)}")
    with right, st.container(border=True):
        st.markdown("**Not recommended**")
        for r in decision.ruled_out:
            st.markdown(f"- {show.plain(r.option)}")
        if not decision.ruled_out:
            st.markdown("Nothing is ruled out for this state.")
    if changes := render.would_change(answer):
        facts = "; ".join(m.question for m in changes)
        st.markdown(f"**What would change this:** {show.plain(facts)}")
    with st.expander("Why this?"):
        for line in answer.decision.trace if answer.decision and answer.decision.node else decision.trace:
            st.markdown(f"- {show.plain(line)}")


def _foot(answer: Answer, number: int) -> None:
    st.markdown(show.plain(answer.disclaimer))
    st.markdown(
        f"Last updated {answer.last_updated} · corpus `{answer.corpus_version}` · no language model was used · [Editorial policy](about)"
    )
    with st.container(horizontal=True):
        name = f"citepath-{answer.id}"
        st.download_button(
            "Markdown", render.markdown(answer), f"{name}.md", "text/markdown", key=f"md_{number}", icon=":material/download:"
        )
        st.download_button(
            "Printable page", render.as_html(answer), f"{name}.html", "text/html", key=f"html_{number}", icon=":material/print:"
        )


def _state(assistant: Assistant) -> None:
    """Shows the facts understood of the patient, and a button that forgets them."""
    turns = session.conversation.turns
    facts = turns[-1].state if turns else {}
    if not facts:
        return
    pathway = next(p for p in assistant.corpus.pathways.values() if set(facts) <= set(p.variables))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        shown = "; ".join(f"{name.replace('_', ' ')}: {pathway.variables[name].label(value)}" for name, value in facts.items())
        st.markdown(f"**Using:** {show.plain(shown)}", width="stretch")
        st.button("Clear", key="clear_state", on_click=_clear_state, help="Forget these facts; the conversation stays")


def _clear_state() -> None:
    session.conversation = session.conversation.without_state()


st.title("Citepath")
st.markdown(
    "Cited answers on ALK-positive lung cancer from a curated corpus. Not for emergencies. Enter no names, dates of birth or record numbers."
)
assistant = shared_assistant()
st.segmented_control("Which best describes you?", list(AUDIENCES), default="A patient or caregiver", key="audience", required=True)

if session.pending:
    text, facts = session.pending, session.facts
    session.pending, session.facts = None, {}
    _answer(text, facts)

answers = session.conversation.answers
if not answers:
    st.markdown("**For example**")
    for i, example in enumerate(suggestions(assistant.corpus)):
        st.button(example, key=f"example_{i}", on_click=_ask, args=(example,))
for number, answer in enumerate(answers, 1):
    with st.chat_message("user"):
        st.markdown(show.plain(answer.question))
    with st.chat_message("assistant", avatar=":material/route:"):
        _show(assistant.reviewed(answer), assistant, number, last=number == len(answers))
if answers:
    st.success("The answer is ready above.", icon=":material/check:")
    _state(assistant)
    st.button("New conversation", key="new", on_click=_new)
question = st.chat_input("Ask about ALK-positive lung cancer", max_chars=LONGEST, key="question")
if question is not None and _answer(question, {}):
    st.rerun()
