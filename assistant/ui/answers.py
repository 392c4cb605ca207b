"""One answer on the page: status, premise, bottom line, options at a glance, what is missing, sections, references, exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st

from assistant import feedback, render
from assistant.answer import Answer, Section
from assistant.engine import Assistant
from assistant.ui import show
from ingest.content import Pathway
from ingest.errors import CitepathError

_PROBLEMS = {
    "A citation does not support the sentence": "wrong_citation",
    "It could be unsafe": "unsafe",
    "It is out of date": "outdated",
    "It is unclear": "unclear",
    "Something else": "other",
}
_HEADS = {
    "clinician": {"option": "Option", "standing": "Standing in the source", **dict(render.GLANCE)},
    "patient": {
        "option": "Medicine",
        "standing": "What the source says of it",
        "figure": "What a study found",
        "cns": "In the brain",
        "schedule": "How it is taken",
        "risks": "Main side effects",
    },
}
_TITLES = {"clinician": "Options", "patient": "What doctors may discuss"}
_FOLD = 6  # an answer of more sections shows the first and folds the others


@dataclass(frozen=True)
class Actions:
    """What a reader may do from an answer: ask a text, set or forget a fact of the patient (`variable`, `value`)."""

    ask: Callable[[str], None]
    set: Callable[[str, str], None]
    forget: Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where an answer is shown: its number in the conversation, whether it is the last, the data directory, the reader's actions."""

    number: int
    last: bool
    data: Path
    actions: Actions

    def key(self, *parts: object) -> str:
        """Returns a widget key that no other part of the page has."""
        return "_".join(str(p) for p in (*parts, self.number))


def show_answer(answer: Answer, assistant: Assistant, place: Place) -> None:
    """Shows the answer; only the last one of a conversation can be acted upon."""
    if answer.outcome == "urgent":
        st.error(show.plain(answer.message or ""), icon=":material/emergency:")
        _notices(answer)
        _foot(answer, assistant, place)
        return
    show.tracker(answer.review.status)
    st.markdown(f":material/school: **{show.plain(answer.review.notice.strip())}**")
    _notices(answer)
    if answer.standalone_question.strip() != answer.question.strip():
        st.markdown(f"We understood this as: *{show.plain(answer.standalone_question)}*")
    _state(answer, assistant, place)
    if answer.message:
        st.info(show.plain(answer.message), icon=":material/help:")
    _premises(answer, assistant, place)
    lead, options, ruled_out, rest = _grouped(answer)
    for i, section in enumerate(lead):
        _section(answer, section, assistant, place.key("lead", i))
    if answer.options:
        _at_a_glance(answer, options, ruled_out, assistant, place)
    _missing(answer, assistant, place)
    folded = len(lead) + len(rest) > _FOLD
    if folded:
        st.header("More on this")
    for i, section in enumerate(rest):
        if folded:
            with st.expander(show.plain(section.title)):
                _sentences(answer, section, assistant, place.key("rest", i))
        else:
            _section(answer, section, assistant, place.key("rest", i))
    _why(answer)
    if answer.references:
        with st.expander(f"References ({len(answer.references)})"):
            for r in answer.references:
                st.markdown(f"**[{r.number}]** {show.plain(render.reference_line(r))} [Open]({r.url})")
    _foot(answer, assistant, place)
    if place.last and answer.follow_ups:
        st.markdown("**You could ask next**")
        with st.container(horizontal=True):
            for i, text in enumerate(answer.follow_ups):
                st.button(text, key=f"follow_{place.number}_{i}", on_click=place.actions.ask, args=(text,))


def _notices(answer: Answer) -> None:
    for notice in answer.notices:
        st.info(show.plain(notice), icon=":material/shield_person:")


def _grouped(answer: Answer) -> tuple[list[Section], list[tuple[str, Section]], list[tuple[str, Section]], list[Section]]:
    """Returns the sections as (lead, of an option, of what is ruled out, the rest), each in its order."""
    decision = _decision(answer)
    offered = {f": {o.option} ({o.standing})": o.option for o in answer.options}
    refused = {f": {r.option}": r.option for r in decision.ruled_out} if decision else {}
    lead, options, ruled_out, rest = [], [], [], []
    for section in answer.sections:
        if name := next((n for end, n in offered.items() if section.title.endswith(end)), None):
            options.append((name, section))
        elif answer.options and (name := next((n for end, n in refused.items() if section.title.endswith(end)), None)):
            ruled_out.append((name, section))
        elif not lead:
            lead.append(section)
        else:
            rest.append(section)
    return lead, options, ruled_out, rest


def _decision(answer: Answer):
    """Returns the decision whose options the answer shows: the patient's own, or the usual case's."""
    return answer.decision if answer.decision and answer.decision.node else answer.usual


def _premises(answer: Answer, assistant: Assistant, place: Place) -> None:
    if answer.premise_notes:
        with st.container(border=True, key=place.key("premise")):
            st.header("About the question")
            for i, s in enumerate(answer.premise_notes):
                show.sentence(answer, s, assistant, place.key("premise", i))


def _section(answer: Answer, section: Section, assistant: Assistant, key: str) -> None:
    st.header(show.plain(section.title))
    _sentences(answer, section, assistant, key)


def _sentences(answer: Answer, section: Section, assistant: Assistant, key: str) -> None:
    for i, s in enumerate(section.sentences):
        show.sentence(answer, s, assistant, f"{key}_{i}")


def _at_a_glance(answer: Answer, options, ruled_out, assistant: Assistant, place: Place) -> None:
    """Shows the options as a table, what is ruled out beside it, and each in detail below."""
    usual = answer.decision is None or not answer.decision.node
    st.header(_TITLES[answer.audience] + (" in the usual case" if usual else ""))
    wide, narrow = st.columns([3.4, 1], gap="medium") if ruled_out else (st.container(), None)
    with wide:
        st.markdown(_table(answer))
    if narrow:
        with narrow, st.container(border=True):
            st.markdown("**Not recommended**")
            for i, (name, section) in enumerate(ruled_out):
                with st.container(horizontal=True, wrap=False, vertical_alignment="top", key=place.key("refused", i)):
                    st.markdown(show.plain(name), width="stretch")
                    with st.popover("Why", key=place.key("cite_why", i), type="tertiary", help=f"Why {name} is not recommended"):
                        _sentences(answer, section, assistant, place.key("why", i))
    if changes := render.would_change(answer):
        st.markdown(f"**What would change this:** {show.plain('; '.join(m.question for m in changes))}")
    if options:
        st.markdown("**Each option in detail**")
        for tab, (_, section) in zip(st.tabs([show.plain(name) for name, _ in options]), options, strict=True):
            with tab:
                _sentences(answer, section, assistant, place.key("option", section.title))


def _table(answer: Answer) -> str:
    """Returns the options as a Markdown table; each cell ends with its citation numbers, which open its statement."""
    heads = _HEADS[answer.audience]
    columns = [c for c, _ in render.GLANCE if any(getattr(o, c) for o in answer.options)]
    rows = [f"| {' | '.join(heads[c] for c in ('option', 'standing', *columns))} |", "|" + " --- |" * (len(columns) + 2)]
    for o in answer.options:
        cells = [f"**{show.plain(o.option)}**", show.plain(o.standing)]
        for c in columns:
            s = getattr(o, c)
            numbers = ", ".join(str(n) for n in s.citations) if s else ""
            cells.append(f"{show.plain(s.text)} [\\[{numbers}\\]]({show.source_link(s.statements[0])})" if s else "–")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _state(answer: Answer, assistant: Assistant, place: Place) -> None:
    """Shows the facts understood of the patient as chips that can be changed or forgotten."""
    decision = answer.decision
    if not decision or not decision.state or answer.outcome == "abstained":
        return
    pathway = assistant.corpus.pathways[decision.pathway]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=place.key("using")):
        st.markdown("**Using:**", width="content")
        for name, value in decision.state.items():
            label = f"{pathway.variables[name].short}: {pathway.variables[name].label(value)}"
            if not place.last:
                st.badge(label, color="gray")
                continue
            with st.popover(label, key=place.key("chip", name), help="Change or forget this fact"):
                _values(answer, pathway, name, value, place)
                st.button(
                    "Forget this", key=place.key("forget", name), icon=":material/close:", on_click=place.actions.forget, args=(name,)
                )
        if place.last:
            with st.popover("Add a fact", key=place.key("add"), icon=":material/add:", type="tertiary"):
                unstated = [n for n in pathway.variables if n not in decision.state]
                named = st.selectbox(
                    "Fact",
                    unstated,
                    format_func=lambda n: pathway.variables[n].question_for(answer.audience),
                    key=place.key("fact"),
                    index=None,
                )
                if named:
                    _values(answer, pathway, named, None, place)


def _values(answer: Answer, pathway: Pathway, name: str, present: str | None, place: Place) -> None:
    """Shows the question of a fact with a button for each value."""
    st.markdown(show.plain(pathway.variables[name].question_for(answer.audience)))
    for value in pathway.variables[name].values:
        st.button(
            pathway.variables[name].label(value),
            key=place.key("value", name, value),
            on_click=place.actions.set,
            args=(name, value),
            disabled=value == present,
        )


def _missing(answer: Answer, assistant: Assistant, place: Place) -> None:
    """Shows what is missing as a question with a button for each value."""
    if not answer.decision or answer.outcome != "needs_information":
        return
    pathway = assistant.corpus.pathways[answer.decision.pathway]
    for m in answer.decision.missing[:1]:
        variable = pathway.variables[m.variable]
        with st.container(border=True, key=place.key("further")):
            st.markdown(f":material/help: **To go further:** {show.plain(variable.question_for(answer.audience))}")
            with st.container(horizontal=True):
                for value in m.values:
                    st.button(
                        variable.label(value),
                        key=f"set_{place.number}_{m.variable}_{value}",
                        on_click=place.actions.set,
                        args=(m.variable, value),
                        disabled=not place.last,
                    )


def _why(answer: Answer) -> None:
    decision = _decision(answer)
    if decision and answer.options:
        with st.expander("Why this? The rules that led here"):
            for line in answer.decision.trace if answer.decision and answer.decision.node else decision.trace:
                st.markdown(f"- {show.plain(line)}")
            st.markdown(f"Pathway {show.plain(decision.pathway)}, version {show.plain(decision.version)}.")


def _foot(answer: Answer, assistant: Assistant, place: Place) -> None:
    st.markdown(show.plain(answer.disclaimer))
    engine = "no language model was used" if answer.engine == "extractive" else f"engine {answer.engine}"
    st.markdown(f"Last updated {answer.last_updated} · corpus `{answer.corpus_version}` · {engine} · [Editorial policy](/about)")
    name = f"citepath-{answer.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=place.key("foot")):
        with st.popover("Copy", icon=":material/content_copy:", key=place.key("copy")):
            st.markdown("The answer as text, with its citations. The button at its corner copies it.")
            st.code(render.text(answer), language=None, wrap_lines=True, height=320)
        st.download_button(
            "Markdown", render.markdown(answer), f"{name}.md", "text/markdown", key=place.key("md"), icon=":material/download:"
        )
        st.download_button(
            "Print or PDF",
            render.as_html(answer),
            f"{name}.html",
            "text/html",
            key=place.key("html"),
            icon=":material/print:",
            help="A page that prints well, or saves as PDF from the print dialog",
        )
        _report(answer, assistant, place)
        st.feedback("thumbs", key=place.key("thumbs"), on_change=_rated, args=(answer, place))


def _rated(answer: Answer, place: Place) -> None:
    rating = st.session_state[place.key("thumbs")]
    if rating is not None:
        _record(answer, place, rating=feedback.RATINGS[rating])


def _report(answer: Answer, assistant: Assistant, place: Place) -> None:
    """Shows the form that reports a problem of this answer."""
    with st.popover("Report a problem", icon=":material/flag:", key=place.key("report")):
        with st.form(place.key("problem"), border=False, clear_on_submit=True):
            kind = st.selectbox("What is wrong?", list(_PROBLEMS), key=place.key("kind"))
            comment = st.text_area(
                "What should a reviewer know? No names, dates of birth or record numbers.",
                max_chars=feedback.LONGEST,
                key=place.key("comment"),
            )
            if st.form_submit_button("Send report", key=place.key("send")):
                _record(answer, place, problem=_PROBLEMS[kind], comment=assistant.identifiers.mask(comment).text)


def _record(answer: Answer, place: Place, **said: str) -> None:
    try:
        feedback.record(place.data, answer, date.today(), **said)
        st.toast("Thank you. This is kept with the answer's id, without the question.", icon=":material/check:")
    except CitepathError as e:
        st.toast(f"{e.message} {e.mend}", icon=":material/error:")
