"""What Citepath is for, how it works, its limits, its editorial policy, its versions, and what it does with what is typed."""

from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from assistant.ui.resources import assistant as shared_assistant
from assistant.ui.show import plain
from ingest.embedding import NAME, WEIGHTS_SHA256

TEXTS = ("about", "limits", "coverage", "method", "editorial-policy", "model-card", "privacy", "disclaimer-clinician", "disclaimer-patient")
PACKAGES = ("streamlit", "langchain-core", "chromadb", "bm25s", "onnxruntime", "scikit-learn", "pydantic")

assistant = shared_assistant()
corpus = assistant.corpus


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _versions() -> None:
    statuses = [assistant.ledger.status(s) for s in corpus.statements.values()]
    indexed = "of this corpus" if assistant.retriever.index.version == corpus.version else "of an earlier corpus; run `citepath index`"
    st.header("Versions", anchor="versions")
    parts = {
        "Citepath": _version("citepath"),
        "Corpus": f"{corpus.version}, last updated {max(d.last_updated for d in corpus.documents.values())}",
        "Statements approved": f"{statuses.count('approved'):,} of {len(statuses):,}",
        "Index": indexed,
        f"Embedding model {NAME}": f"SHA-256 of its weights: {WEIGHTS_SHA256}",
        **{package: _version(package) for package in PACKAGES},
    }
    st.markdown("\n".join(f"- **{plain(part)}:** {plain(version)}" for part, version in parts.items()))


def _licence() -> None:
    st.header("Licence", anchor="licence")
    st.markdown("Citepath is free software under the MIT licence. The sources it cites keep the rights of their publishers.")


st.title("About Citepath")
with st.container(horizontal=True):
    st.page_link("assistant/ui/sources.py", label="What it rests on: Sources")
    st.page_link("assistant/ui/evaluation.py", label="How well it does: Evaluation")
texts = [corpus.texts[id] for id in TEXTS if id in corpus.texts]
contents = [*((t.id, t.title) for t in texts), ("versions", "Versions"), ("licence", "Licence")]
st.markdown("**On this page**\n" + "\n".join(f"- [{plain(title)}](#{anchor})" for anchor, title in contents))
for text in texts:
    st.header(plain(text.title), anchor=text.id)
    st.markdown(text.body)
    st.markdown(f"Last updated {text.last_updated}.")
_versions()
_licence()
