"""Parts of the Review page: a statement as a reviewer reads it, its references, what has changed since its approval, its history."""

import json
from datetime import date

import streamlit as st

from assistant.render import TRACK
from assistant.review import Ledger
from assistant.reviewing import Change, changed, overdue, users
from assistant.ui import show
from ingest.content import Corpus, Reference, Statement, Wording
from ingest.reading import HARDEST, Reading

LABELS = {**dict(TRACK), "rejected": "Rejected"}


@st.cache_resource(show_spinner=False, max_entries=1)
def _reading(version: str, _corpus: Corpus) -> Reading:
    return Reading(_corpus)


def statement(s: Statement, corpus: Corpus, today: date) -> None:
    """Shows both wordings with their reading grade, the values, where the statement stands and what rests on it."""
    grade = _reading(corpus.version, corpus).grade
    st.markdown(f"**For clinicians** (reading grade {grade(s.text):.1f})")
    st.markdown(show.plain(s.text))
    st.markdown(f"**In plain words** (reading grade {grade(s.plain):.1f}, at most {HARDEST:.0f})")
    st.markdown(show.plain(s.plain))
    if s.values:
        st.markdown("**Values**")
        st.table({show.plain(name): show.plain(_written(value)) for name, value in s.values.items()})
    document = corpus.documents[s.document]
    st.markdown("**Particulars**")
    _facts(
        Kind=s.kind,
        Strength=s.strength,
        Certainty=s.certainty,
        Document=f"{document.title}, “{s.section}”, last updated {document.last_updated}",
        **{"To be reviewed by": f"{s.review_by} (overdue)" if overdue(s, today) else s.review_by, "Superseded by": s.superseded_by},
        Digest=s.digest,
    )
    st.markdown("**Used by**")
    st.markdown("\n".join(f"- {show.plain(user)}" for user in users(corpus, s.id)) or "Nothing names it; it is found by search.")


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _facts(**facts: object) -> None:
    """Shows what is known of a thing as a list; what is empty is left out."""
    st.markdown("\n".join(f"- {name}: {show.plain(str(value))}" for name, value in facts.items() if value))


def reference(r: Reference) -> None:
    """Shows a reference with its type, who paid for it, and a link that opens it."""
    with st.container(border=True):
        st.markdown(f"**{show.plain(r.title)}**")
        st.markdown(show.plain(". ".join(p.rstrip(".") for p in (r.authors, r.container, str(r.year)) if p) + "."))
        superseded = {"Superseded by": r.superseded_by}
        _facts(Type=r.type, Funding=r.funding, DOI=r.doi, PMID=r.pmid, Accessed=r.accessed, Note=r.note, **superseded)
        st.link_button("Open the source", r.link, icon=":material/open_in_new:", key=f"review_source_{r.key}")


def difference(s: Statement, ledger: Ledger) -> None:
    """Shows what has changed since the last approval, where there was one and this is not that text."""
    approved = ledger.last_approved(s.id)
    if approved is None or approved.digest == s.digest:
        return
    with st.container(border=True):
        st.subheader("Changed since the last approval")
        st.markdown(f"Approved on {approved.date} by {show.plain(_who(approved.reviewer, approved.credential))}.")
        if approved.wording is None:
            st.markdown("That record did not keep the text that was approved.")
        else:
            for name, runs in changed(approved.wording, Wording.of(s)):
                st.markdown(f"**{name.capitalize()}:** {' '.join(map(_run, runs))}")


def _who(reviewer: str, credential: str | None) -> str:
    return f"{reviewer}, {credential}" if credential else reviewer


def _run(change: Change) -> str:
    """Returns a run of words as Markdown: what is removed is struck through, what is added bold, and both are said in words."""
    kind, text = change[0], show.plain(change[1])
    return {"same": text, "removed": f":red-background[removed: ~~{text}~~]", "added": f":green-background[added: **{text}**]"}[kind]


def history(s: Statement, ledger: Ledger) -> None:
    """Shows every review of the statement, the latest first, with who recorded it and how they were known."""
    lines = []
    for e in reversed(ledger.history(s.id)):
        how = f"signed in as {e.account}" if e.account else "named on the command line"
        parts = [
            f"{e.date}: {LABELS[e.status]}",
            _who(e.reviewer, e.credential),
            how,
            *(["of an earlier text"] if e.digest != s.digest else []),
        ]
        comment = f"  \n  “{show.plain(' '.join(e.comment.split()))}”" if e.comment else ""
        lines.append(f"- {show.plain('; '.join(parts))}{comment}")
    st.markdown("\n".join(lines) or "No review has been recorded.")
