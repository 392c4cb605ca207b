"""Browse and search the sources; one statement, reference or document by its address."""

from datetime import date

import streamlit as st

from assistant.catalogue import Catalogue, Wanted
from assistant.render import TRACK
from assistant.ui import entries, show
from assistant.ui.resources import assistant as shared_assistant
from assistant.usage import citing
from ingest.errors import CitepathError

NEAREST = 100  # statements looked through by meaning
PER_PAGE = 20
LONGEST = 200
VIEWS = ("Documents", "Statements", "References")
WORDS, MEANING = "These words", "By meaning"
KINDS = {kind: f"sources_{kind}" for kind in ("drugs", "topics", "kinds", "types", "statuses")}
KEPT = {"persist_state": "session"}

session = st.session_state
assistant = shared_assistant()
corpus = assistant.corpus
catalogue = Catalogue(corpus, assistant.ledger.status)


def _first_page() -> None:
    session.sources_search = session.get("sources_search", 0) + 1


def _clear() -> None:
    for key in KINDS.values():
        session[key] = []
    session.sources_years, session.sources_overdue = catalogue.years(), False
    _first_page()


def _one() -> bool:
    """Shows what the address names, and returns whether it names something there is."""
    for kind, known, shown in (
        ("document", corpus.documents, lambda d: entries.document(d, assistant, _marked(d))),
        ("statement", corpus.statements, lambda s: entries.statement(s, assistant)),
        ("reference", corpus.references, lambda r: entries.reference(r, assistant)),
    ):
        if id := st.query_params.get(kind):
            if id in known:
                entries.link("All sources", icon=":material/arrow_back:")
                shown(known[id])
                return True
            st.warning(
                f"There is no {kind} “{show.plain(id[:80])}” in this corpus. It may have been renamed or removed. Search for its words below.",
                icon=":material/search_off:",
            )
            return False
    return False


def _marked(document) -> str | None:
    id = st.query_params.get("statement")
    return id if any(s.id == id for s in document.statements) else None


def _wanted(words: str) -> Wanted:
    """Shows the filters and returns what is set."""
    drugs, topics = catalogue.terms()
    first, last = catalogue.years()
    names = {t.id: t.name for t in (*drugs, *topics)}
    options = {
        "drugs": ("Drug", [t.id for t in drugs], names.get),
        "topics": ("Topic, gene or trial", [t.id for t in topics], names.get),
        "kinds": ("Kind of statement", sorted({s.kind for s in corpus.statements.values()}), str.capitalize),
        "types": ("Type of reference", sorted({r.type for r in corpus.references.values()}), str.capitalize),
        "statuses": ("Review status", [status for status, _ in TRACK], dict(TRACK).get),
    }
    chosen = {}
    with st.expander("Filters", icon=":material/tune:", key="sources_filters"):
        places = [*st.columns(2), *st.columns(2), *st.columns(2)]
        for place, (name, (label, values, shown)) in zip(places, options.items(), strict=False):
            chosen[name] = tuple(
                place.multiselect(label, values, format_func=shown, key=KINDS[name], placeholder="Any", on_change=_first_page, **KEPT)
            )
        if first < last:
            session.setdefault("sources_years", (first, last))
            years = places[-1].slider("Year of a reference", first, last, key="sources_years", on_change=_first_page, **KEPT)
        else:
            years = (first, last)
        overdue = st.toggle("Only past its review date", key="sources_overdue", on_change=_first_page, **KEPT)
        st.button("Clear filters", key="sources_clear", icon=":material/filter_alt_off:", on_click=_clear)
    return Wanted(
        words=words, **chosen, years=None if tuple(years) == (first, last) else tuple(years), due_before=date.today() if overdue else None
    )


def _ranked(words: str, how: str) -> list[str] | None:
    """Returns the statements nearest in meaning, or None where the words themselves are looked for."""
    if how != MEANING or not words:
        return None
    try:
        return [p.statement for p in assistant.retriever.retrieve(words, NEAREST)]
    except CitepathError as e:
        st.error(f"{e.message} {e.mend}", icon=":material/error:")
        st.stop()


def _list(view: str, wanted: Wanted, ranked: list[str] | None) -> None:
    """Shows what was found, a page at a time, and its references for export."""
    statements = catalogue.statements(wanted, ranked)
    cited = dict.fromkeys(key for s in statements for key in s.citations)
    if view == "Statements":
        found, line = statements, lambda s: entries.statement_line(s, assistant)
    elif view == "Documents":
        found, line = catalogue.documents(wanted, ranked), lambda pair: entries.document_line(*pair)
    else:
        counts = citing(corpus)
        found, line = catalogue.references(wanted, ranked), lambda r: entries.reference_line(r, len(counts[r.key]))
        cited = {r.key: None for r in found}
    st.header(f"{len(found):,} {view.lower() if len(found) != 1 else view.lower()[:-1]}", anchor=False)
    if ranked is not None:
        st.markdown(f"Nearest in meaning first, from the {NEAREST} nearest statements.")
    if wanted.filters:
        st.markdown(f"{wanted.filters} {'filter' if wanted.filters == 1 else 'filters'} set.")
    if not found:
        st.info("Nothing was found. Try fewer words, search by meaning, or clear the filters.", icon=":material/search_off:")
    pages, key = -(-len(found) // PER_PAGE), f"sources_page_{session.get('sources_search', 0)}"
    start = (session.get(key, 1) - 1) * PER_PAGE
    across = 2 if view == VIEWS[0] else 1
    for n, item in enumerate(found[start : start + PER_PAGE]):
        if n % across == 0:
            places = st.columns(across)
        with places[n % across]:
            line(item)
    if pages > 1:
        st.markdown(f"{start + 1} to {min(start + PER_PAGE, len(found))} of {len(found):,}")
        st.pagination(pages, key=key, **KEPT)
    with st.expander("Export references", icon=":material/download:", key="sources_exports"):
        st.markdown(f"**The {len(cited):,} references of this list**")
        entries.exports([corpus.references[key] for key in cited], "citepath-found", "found")
        st.markdown(f"**All {len(corpus.references):,} references**")
        entries.exports(list(corpus.references.values()), "citepath-references", "all")


st.query_params.from_dict(st.query_params.to_dict())  # a link within a page leaves the address as it was; written, it is kept for Back
st.title("Sources")
if not _one():
    st.markdown(
        f"{len(corpus.documents):,} documents, {len(corpus.statements):,} curated statements, {len(corpus.references):,} references. "
        "The cited sentences of an answer are these statements, and each statement cites its references."
    )
    words = st.text_input(
        "Search", key="find", max_chars=LONGEST, placeholder="A drug, a trial, a side effect …", on_change=_first_page, **KEPT
    ).strip()
    left, right = st.columns(2)
    view = left.segmented_control("Show", VIEWS, default=VIEWS[0], required=True, key="what", on_change=_first_page, **KEPT)
    how = right.segmented_control("Search for", (WORDS, MEANING), default=WORDS, required=True, key="how", on_change=_first_page, **KEPT)
    wanted = _wanted(words)
    _list(view, wanted, _ranked(words, how))
