"""Parts of a page: its look, a sentence with its source, the review tracker, a curated statement."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.render import TRACK, grading, reference_line

if TYPE_CHECKING:  # the engine is loaded after the page's head is shown
    from assistant.answer import Answer, Sentence
    from assistant.engine import Assistant
    from ingest.content import Statement

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|$~:])")
_STYLE = Path(__file__).with_name("style.css")


def plain(text: str) -> str:
    """Returns the text with Markdown's signs escaped, so that content and questions are shown as written."""
    return _MARKDOWN.sub(r"\\\1", text)


def style() -> None:
    """Gives the page the product's look."""
    st.html(_STYLE)


def tracker(status: str) -> None:
    """Shows Submitted, Under Review, Approved as text, the present step marked."""
    steps = [f"**● {label}** (now)" if key == status else f"○ {label}" for key, label in TRACK]
    st.markdown("Review status: " + "  →  ".join(steps))


def source_link(id: str) -> str:
    """Returns the address of a statement, highlighted in its document."""
    return f"/sources?statement={id}"


def sentence(answer: Answer, s: Sentence, assistant: Assistant, key: str) -> None:
    """Shows a sentence and a button with its citation numbers that opens the curated statement and its references."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small", key=f"sentence_{key}"):
        st.markdown(plain(f"{s.text} {grading(s)}".strip()), width="stretch")
        citation(answer, s, assistant, key)


def citation(answer: Answer, s: Sentence, assistant: Assistant, key: str) -> None:
    """Shows a button with the citation numbers of a sentence; it opens what the sentence rests on."""
    numbers = ", ".join(str(n) for n in s.citations)
    with st.popover(f"[{numbers}]", key=f"cite_{key}", type="tertiary", help=f"Open source {numbers}"):
        for id in s.statements:
            statement(assistant.corpus.statements[id], assistant)
            st.markdown(f"[Open it in its document]({source_link(id)})")
        for r in answer.references:
            if r.number in s.citations:
                st.markdown(f"**[{r.number}]** {plain(reference_line(r))}  \n[Open the source]({r.url})")


def statement(s: Statement, assistant: Assistant) -> None:
    """Shows a curated statement: both wordings, where it stands, strength, certainty and review status."""
    document = assistant.corpus.documents[s.document]
    st.markdown(f"**Curated statement** `{s.id}`")
    st.markdown(plain(s.text))
    st.markdown(f"*In plain words:* {plain(s.plain)}")
    facts = [f"{document.title}, “{s.section}”", f"last updated {document.last_updated}"]
    facts += [f"strength: {s.strength}"] if s.strength else []
    facts += [f"certainty: {s.certainty}"] if s.certainty else []
    facts += [f"to be reviewed by {s.review_by}"] if s.review_by else []
    facts.append(f"review status: {dict(TRACK)[assistant.ledger.status(s)]}")
    st.markdown(plain("; ".join(facts)))


def cited(s: Statement, assistant: Assistant) -> None:
    """Shows a curated statement and the references it rests on, each with its link."""
    statement(s, assistant)
    for key in s.citations:
        r = assistant.corpus.references[key]
        st.markdown(f"- {plain(f'{r.title} ({r.year})')} [Open the source]({r.link})")
