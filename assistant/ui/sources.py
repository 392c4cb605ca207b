"""Browse the sources: documents, statements, references; one statement or reference by its address."""

import streamlit as st

from assistant.ui import show
from assistant.ui.resources import assistant as shared_assistant

assistant = shared_assistant()
corpus = assistant.corpus

st.title("Sources")
st.markdown(f"{len(corpus.documents)} documents, {len(corpus.statements)} curated statements, {len(corpus.references)} references.")

wanted = st.query_params.get("statement")
if wanted in corpus.statements:
    with st.container(border=True):
        show.statement(corpus.statements[wanted], assistant)
        for key in corpus.statements[wanted].citations:
            r = corpus.references[key]
            st.markdown(f"- {show.plain(f'{r.title} ({r.year})')} [Open the source]({r.link})")

what = st.segmented_control("Show", ["Documents", "References"], default="Documents", required=True, key="what")
query = st.text_input("Find words in them", key="find").strip().lower()

if what == "Documents":
    for document in corpus.documents.values():
        found = [s for s in document.statements if query in f"{s.id} {s.text} {s.plain} {s.section}".lower()]
        if found:
            with st.expander(f"{document.title} ({len(found)})", expanded=bool(query)):
                section = ""
                for s in found:
                    if s.section != section:
                        section = s.section
                        st.markdown(f"**{show.plain(section)}**")
                    st.markdown(f"- {show.plain(s.text)} [`{s.id}`](?statement={s.id})")
else:
    cited = {key: [s.id for s in corpus.statements.values() if key in s.citations] for key in corpus.references}
    for r in corpus.references.values():
        if query in f"{r.key} {r.title} {r.authors} {r.container} {r.year}".lower():
            with st.expander(f"{r.title} ({r.year}, {r.type})"):
                st.markdown(f"{show.plain('. '.join(p for p in (r.authors, r.container) if p))} [Open the source]({r.link})")
                st.markdown("Cited by: " + (", ".join(f"[`{id}`](?statement={id})" for id in cited[r.key]) or "no statement"))
