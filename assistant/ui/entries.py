"""One statement, reference or document of the Sources page, the short form of each in a list, and the export of references."""

from collections.abc import Sequence

import streamlit as st

from assistant import bibliography
from assistant.engine import Assistant
from assistant.render import TRACK
from assistant.ui.show import plain
from assistant.usage import Use, citing, superseding, uses
from ingest.content import Document, Reference, Statement

PAGE = "assistant/ui/sources.py"
_FORMATS = (
    ("BibTeX", "bib", "application/x-bibtex", bibliography.bibtex),
    ("RIS", "ris", "application/x-research-info-systems", bibliography.ris),
    ("CSL-JSON", "json", "application/vnd.citationstyles.csl+json", bibliography.csl_json),
)
_PLACES = {
    "option": "Options of pathways",
    "summary": "Summaries of pathways",
    "part": "Further parts of pathways",
    "ruled out": "Ruled out in pathways",
    "table": "Cells of the table of options",
    "overview": "Overviews of pathways",
    "note": "Notes of pathways",
    "premise": "Corrects a false premise",
    "difference": "One side where sources differ",
    "coverage": "Covers in the coverage tables",
}


def link(label: str, icon: str = ":material/arrow_forward:", **where: str) -> None:
    """Shows a link within the Sources page, in the same tab: `where` is `statement`, `reference` or `document`; nothing for the list."""
    st.page_link(PAGE, label=plain(label), icon=icon, query_params=where)


def exports(references: Sequence[Reference], name: str, key: str) -> None:
    """Shows a download of the references in each format; the files are written when they are asked for."""
    with st.container(horizontal=True):
        for label, ending, mime, written in _FORMATS:
            st.download_button(
                label,
                lambda written=written: written(references),
                f"{name}.{ending}",
                mime,
                key=f"export_{key}_{ending}",
                icon=":material/download:",
                on_click="ignore",
                disabled=not references,
            )


def statement_line(s: Statement, assistant: Assistant) -> None:
    """Shows a statement of a list: its sentence, what it is, where it stands, and a link to all about it."""
    document = assistant.corpus.documents[s.document]
    cited = ", ".join(dict.fromkeys(f"{r.type} {r.year}" for r in map(assistant.corpus.references.get, s.citations)))
    graded = [p for p in (s.strength, s.certainty and f"certainty: {s.certainty}") if p]
    with st.container(border=True, gap="xsmall"):
        st.markdown(plain(s.text))
        facts = (f"{document.title}, {s.section}", cited, *graded, _status(s, assistant))
        st.markdown(f"**{s.kind.capitalize()}** · {plain(' · '.join(facts))}")
        if s.superseded_by:
            st.markdown(":material/history: **Superseded:** newer data replace this statement.")
        link(s.id, statement=s.id)


def reference_line(r: Reference, citations: int) -> None:
    """Shows a reference of a list, with how many statements cite it, and a link to all about it."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(r.title)}**")
        st.markdown(f"{_published(r)} · **{r.type.capitalize()}** · cited by {citations} {_plural('statement', citations)}")
        if r.superseded_by:
            st.markdown(":material/history: **Superseded** by a newer source.")
        with st.container(horizontal=True, vertical_alignment="center"):
            link(r.key, reference=r.key)
            st.page_link(r.link, label="Open the source", icon=":material/open_in_new:")


def document_line(document: Document, found: Sequence[Statement]) -> None:
    """Shows a document of a list, with how many of its statements were found."""
    of = len(document.statements)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(document.title)}**")
        number = f"{of} {_plural('statement', of)}" if len(found) == of else f"{len(found)} of {of} statements found"
        st.markdown(f"{number} · last updated {document.last_updated}")
        link("Read the document", document=document.id)


def statement(s: Statement, assistant: Assistant) -> None:
    """Shows all about a statement: both wordings, grading, review, references, and where it is used."""
    corpus, document = assistant.corpus, assistant.corpus.documents[s.document]
    st.header("Statement", anchor=False)
    with st.container(border=True):
        st.markdown(f"### {plain(s.text)}")
        st.markdown(f"**In plain words:** {plain(s.plain)}")
    if s.superseded_by:
        st.warning("Superseded: newer data replace this statement. It stays citable.", icon=":material/history:")
        link(f"The newer statement: {s.superseded_by}", statement=s.superseded_by)
    for older in superseding(corpus).get(s.id, ()):
        link(f"Replaces the older {older}", icon=":material/history:", statement=older)
    _facts(
        ("Kind", s.kind),
        ("Strength", s.strength or "not graded by the source"),
        ("Certainty", s.certainty or "not graded by the source"),
        ("Topics", ", ".join(corpus.vocabulary[t].name if t in corpus.vocabulary else t for t in s.topics)),
        ("Document", f"{document.title}, “{s.section}”, last updated {document.last_updated}"),
        ("To be reviewed by", s.review_by and str(s.review_by)),
        ("Review status", _status(s, assistant)),
        *((f"{e.date}", _event(e, s)) for e in assistant.ledger.history(s.id)),
    )
    link("Read it in its document", icon=":material/article:", document=s.document, statement=s.id)
    st.subheader(f"References ({len(s.citations)})", anchor=False)
    references = [corpus.references[key] for key in s.citations]
    cited = citing(corpus)
    for r in references:
        reference_line(r, len(cited[r.key]))
    exports(references, s.id, "statement")
    st.subheader("Shown in", anchor=False)
    _uses(uses(corpus)[s.id])
    _address("statement", s.id)


def reference(r: Reference, assistant: Assistant) -> None:
    """Shows all about a reference, and the statements that cite it."""
    corpus = assistant.corpus
    st.header("Reference", anchor=False)
    with st.container(border=True):
        st.markdown(f"### {plain(r.title)}")
        st.markdown(_published(r))
        st.page_link(r.link, label="Open the source", icon=":material/open_in_new:")
    if r.superseded_by:
        st.warning("Superseded by a newer source.", icon=":material/history:")
        link(f"The newer source: {r.superseded_by}", reference=r.superseded_by)
    _facts(
        ("Type", r.type),
        ("DOI", r.doi),
        ("PubMed", r.pmid),
        ("Funding", r.funding),
        ("Read on", str(r.accessed)),
        ("Note", r.note),
        ("Key", r.key),
    )
    st.subheader("Export", anchor=False)
    exports([r], r.key, "reference")
    found = citing(corpus)[r.key]
    st.subheader(f"Cited by ({len(found)})", anchor=False)
    for id in found:
        statement_line(corpus.statements[id], assistant)
    if not found:
        st.markdown("No statement cites this reference.")
    _address("reference", r.key)


def document(d: Document, assistant: Assistant, marked: str | None) -> None:
    """Shows a document as prose, section by section; the statement `marked` stands in a frame and is named."""
    st.header(plain(d.title), anchor=False)
    st.markdown(f"{len(d.statements)} statements · last updated {d.last_updated}")
    if marked:
        st.markdown("The statement you came for is framed and marked in its section: [go there](#marked).")
    section = None
    for s in d.statements:
        if s.section != section:
            section = s.section
            holds = any(other.id == marked and other.section == section for other in d.statements)
            st.subheader(plain(section), anchor="marked" if holds else False)
        with st.container(border=s.id == marked, gap="xsmall"):
            if s.id == marked:
                st.markdown(":material/arrow_right_alt: **This is the statement**")
            superseded = " *(superseded)*" if s.superseded_by else ""
            st.markdown(f"{plain(s.text)}{superseded}")
            link(s.id, statement=s.id)
    _address("document", d.id)


def _published(r: Reference) -> str:
    return plain(". ".join(p.rstrip(".") for p in (r.authors, r.container, str(r.year)) if p))


def _facts(*pairs: tuple[str, str | None]) -> None:
    st.markdown("\n".join(f"- **{label}:** {plain(value)}" for label, value in pairs if value))


def _status(s: Statement, assistant: Assistant) -> str:
    return dict(TRACK)[assistant.ledger.status(s)]


def _event(event, s: Statement) -> str:
    of = "" if event.digest == s.digest else " (of an earlier wording)"
    credential = f", {event.credential}" if event.credential else ""
    return f"{event.status.replace('_', ' ')} by {event.reviewer}{credential}{of}{f': {event.comment}' if event.comment else ''}"


def _uses(found: Sequence[Use]) -> None:
    if not found:
        st.markdown("No pathway, premise, difference or coverage table names this statement. Search finds it by its words.")
    for kind, heading in _PLACES.items():
        if of_kind := [u for u in found if u.kind == kind]:
            lines = [": ".join(plain(p) for p in (u.within, u.title) if p) for u in of_kind]
            st.markdown(f"**{heading}**\n" + "\n".join(f"- {line}" for line in lines))


def _address(kind: str, id: str) -> None:
    st.markdown("**Link to this page**")
    st.code(f"{st.context.url or 'sources'}?{kind}={id}", language=None, wrap_lines=True)


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"
