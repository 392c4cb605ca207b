"""The pathway: a what-if explorer of its facts, the decision they lead to with its sources, the way there as a picture, and the proof."""

import base64
import html

import streamlit as st

from assistant import explore, graph, walk
from assistant.answer import Decision, Missing
from assistant.pathway import Proof, decide, prove
from assistant.ui import show
from assistant.ui.resources import assistant as shared_assistant
from ingest.content import Pathway

NOT_STATED = ""
BUTTONS = 5  # a variable of more values is chosen from a list
LONGEST = 60  # as are values that are longer together

FITTING = (
    "<style>.wide-way{display:block;width:100%;max-width:760px}.narrow-way{display:none;width:100%;max-width:480px}"
    "@media (max-width:1200px){.wide-way{display:none}.narrow-way{display:block}}</style>"
)

session = st.session_state
session.setdefault("explored", {})  # pathway -> facts as last set here, kept while another page is open
session.setdefault("explored_talk", None)  # what of the conversation was taken over into them
session.setdefault("explored_last", None)


def _key(pathway: str, name: str) -> str:
    return f"fact_{pathway}_{name}"


def _talk() -> explore.Address:
    return explore.told(corpus.pathways, session.conversation.turns if "conversation" in session else ())


def _opened() -> int:
    """Sets out from the address, then the conversation, then what was last open; returns how many parts of the address were ignored."""
    given, talk = explore.address(corpus.pathways, st.query_params), _talk()
    new = talk if talk != session.explored_talk else explore.Address(None, {}, 0)
    for start in (new, given):
        if start.pathway:
            session.explored[start.pathway] = start.facts
    session.explored_talk = talk
    last = session.explored_last if session.explored_last in corpus.pathways else next(iter(corpus.pathways))
    session.explored_pathway = given.pathway or new.pathway or last
    return given.ignored


def _set(pathway: Pathway, facts: dict[str, str], keep: bool = True) -> None:
    """Sets facts, as their controls would; the others stay or are forgotten."""
    for name in pathway.variables:
        if name in facts or not keep:
            session[_key(pathway.id, name)] = facts.get(name, NOT_STATED)


def _control(pathway: Pathway, name: str, why: dict[str, str]) -> None:
    variable, key = pathway.variables[name], _key(pathway.id, name)
    options = [NOT_STATED, *variable.values]

    def label(value: str) -> str:
        return variable.label(value) if value else "not stated"

    if len(options) <= BUTTONS and sum(len(label(v)) for v in options) <= LONGEST:
        st.segmented_control(variable.question, options, key=key, format_func=label, required=True, wrap=True)
    else:
        st.selectbox(variable.question, options, key=key, format_func=label)
    if name in why:
        st.markdown(f":material/auto_awesome: {show.plain(why[name])}")


def _facts(pathway: Pathway, facts: dict[str, str], decision: Decision) -> None:
    st.header("What is known")
    talk = _talk()
    said = talk.facts if talk.pathway == pathway.id else {}
    if said:
        st.markdown(f"**From your conversation:** {show.plain(walk.facts_line(pathway, said))}")
    with st.container(horizontal=True):
        if said:
            st.button("Back to the conversation", key="back", on_click=_set, args=(pathway, said, False), disabled=facts == said)
        st.button("Forget all facts", key="forget", on_click=_set, args=(pathway, {}, False), disabled=not facts)
    why = {n: f"Assumed: {pathway.variables[n].label(v)} ({reason})" for n, v, reason in explore.assumed(pathway, decision, facts)}
    now, others = explore.relevant(pathway, decision, facts)
    for name in now:
        _control(pathway, name, why)
    if others:
        with st.expander(f"Other facts ({len(others)})"):
            for name in others:
                _control(pathway, name, why)


def _ask(pathway: Pathway, missing: Missing) -> None:
    """Shows a fact as a question with a button for each value."""
    st.markdown(show.plain(missing.question))
    with st.container(horizontal=True):
        for value in missing.values:
            key = f"set_{pathway.id}_{missing.variable}_{value}"
            st.button(pathway.variables[missing.variable].label(value), key=key, on_click=_set, args=(pathway, {missing.variable: value}))


def _sourced(text: str, label: str, statements: tuple[str, ...], key: str) -> None:
    """Shows a line and a button that opens the curated statements behind it."""
    left, right = st.columns([5, 2], gap="small", vertical_alignment="center", wrap=False)
    left.markdown(text)
    with right, st.popover(f"{label} ({len(statements)})", key=key, type="tertiary"):
        for id in statements:
            show.cited(corpus.statements[id], assistant)


def _result(decision: Decision) -> None:
    """Shows the review status of what the decision rests on, and where it leads."""
    review = assistant.ledger.notice(explore.basis(corpus, decision))
    show.tracker(review.status)
    st.warning(show.plain(review.notice), icon=":material/school:")
    if decision.node:
        st.success(f"**Reached:** {show.plain(decision.title)}", icon=":material/flag:")
    else:
        needed = " ".join(m.question for m in decision.missing)
        st.info(f"**No decision yet.** Needed: {show.plain(needed)}", icon=":material/help:")


def _decision(pathway: Pathway, decision: Decision) -> None:
    st.header("Decision")
    if decision.node:
        with st.container(border=True):
            st.markdown("**Options in the sources**")
            for i, o in enumerate(decision.options):
                _sourced(f"**{show.plain(o.option)}**  \n{show.plain(o.standing)}", "Sources", o.statements, f"option_{i}")
    else:
        with st.container(border=True):
            st.markdown("**To go further**")
            for missing in decision.missing:
                _ask(pathway, missing)
    with st.container(border=True):
        st.markdown("**Not recommended**")
        for i, r in enumerate(decision.ruled_out):
            _sourced(show.plain(r.option), "Why", r.statements, f"out_{i}")
        if not decision.ruled_out:
            st.markdown("Nothing is ruled out for this state.")
    if decision.would_change:
        with st.container(border=True):
            st.markdown("**What would change this**")
            for missing in decision.would_change:
                st.markdown(f"- {show.plain(missing.question)}")
    with st.expander("Why this?"):
        for line in decision.trace:
            st.markdown(f"- {show.plain(line)}")


def _picture(pathway: Pathway, facts: dict[str, str], decision: Decision) -> None:
    st.header("The way there")
    foot = explore.foot(corpus, assistant.ledger, decision)
    words = html.escape(walk.described(pathway, decision))
    wide, narrow = (
        f'<img class="{name}" alt="{words}" src="data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}">'
        for name, picture in (("wide-way", graph.svg(pathway, facts)), ("narrow-way", graph.svg(pathway, facts, narrow=True)))
    )
    st.html(FITTING + wide + narrow)  # as images: st.html removes an inline SVG, and st.image does not say what is shown
    st.download_button(
        "Download as SVG",
        graph.svg(pathway, facts, foot),
        f"citepath-{pathway.id}.svg",
        "image/svg+xml",
        key="svg",
        icon=":material/download:",
    )


@st.cache_data(show_spinner=False, max_entries=50)
def _proof(version: str, id: str, _pathway: Pathway) -> Proof:
    return prove(_pathway)


def _proved(pathway: Pathway) -> None:
    st.header("Proof")
    proof = _proof(corpus.version, pathway.id, pathway)
    with st.container(horizontal=True):
        st.metric("Possible patients", f"{proof.states:,}", width="content", border=True)
        st.metric("Groups checked", proof.leaves, width="content", border=True)
        st.metric("Rules", proof.rules, width="content", border=True)
    st.markdown(show.plain(explore.proved(pathway, proof)))


assistant = shared_assistant()
corpus = assistant.corpus
st.title("Pathway")
st.markdown("Choose facts of a patient and see which decision they lead to, which rules led there, and what would change it.")
ignored = _opened() if "explored_pathway" not in session else 0
id = st.selectbox("Pathway", list(corpus.pathways), key="explored_pathway", format_func=lambda p: corpus.pathways[p].title)
if ignored:
    st.warning("A part of this address names no pathway, fact or value of this corpus and was ignored.", icon=":material/link_off:")
chosen = corpus.pathways[id]
kept = explore.address(corpus.pathways, {"pathway": id, **session.explored.get(id, {})}).facts  # the corpus may have changed meanwhile
for name in chosen.variables:
    session.setdefault(_key(id, name), kept.get(name, NOT_STATED))
facts = {name: session[_key(id, name)] for name in chosen.variables if session[_key(id, name)]}
session.explored[id], session.explored_last = facts, id
if st.query_params.to_dict() != (here := {"pathway": id, **facts}):
    st.query_params.from_dict(here)
decision = decide(chosen, facts)
_result(decision)
left, right = st.columns([5, 6], gap="large")
with left:
    _facts(chosen, facts, decision)
    _decision(chosen, decision)
with right:
    _picture(chosen, facts, decision)
_proved(chosen)
st.markdown("The address of this page holds the pathway and these facts, nothing else: copy it to share them.")
st.markdown(show.plain(corpus.texts["disclaimer-clinician"].body))
