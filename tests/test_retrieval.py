"""Fusion by hand-worked numbers; the real retriever finds each statement by its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval import fuse


def test_fusion_is_the_convex_sum_of_scaled_scores():
    # dense: a 0.9, b 0.5 (lowest, so 0); lexical: b 4 (1.0), c 2 (0.5 of the top). Weight 0.4 lexical, 0.6 dense.
    fused = fuse({"a": 0.9, "b": 0.5}, {"b": 4.0, "c": 2.0}, 0.4)
    assert fused == pytest.approx({"a": 0.6, "b": 0.4, "c": 0.2})
    assert list(fused) == ["a", "b", "c"]


def test_nothing_fuses_to_nothing():
    assert fuse({}, {}) == {}


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(-1, 1)),
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(0, 50)),
)
def test_scores_lie_between_0_and_1_in_falling_order(dense, lexical):
    fused = list(fuse(dense, lexical).values())
    assert all(-1e-9 <= s <= 1 + 1e-9 for s in fused) and fused == sorted(fused, reverse=True)


@pytest.mark.model
def test_every_real_statement_is_found_by_its_own_words(assistant, real_corpus):
    """Each statement among the first three passages for its own text, and first for nearly all."""
    ranks = {}
    for s in real_corpus.statements.values():
        found = [p.statement for p in assistant.retriever.retrieve(s.text, 3)]
        ranks[s.id] = found.index(s.id) + 1 if s.id in found else 99
    assert {k: r for k, r in ranks.items() if r == 99} == {}
    assert sum(r == 1 for r in ranks.values()) >= 0.97 * len(ranks)


@pytest.mark.model
def test_it_is_a_langchain_retriever(assistant):
    documents = assistant.retriever.invoke("How often is alectinib taken, and with food?")
    assert documents[0].metadata["rank"] == 1 and "alectinib-dose-food" in [d.id for d in documents[:3]]


@pytest.mark.model
def test_statements_changed_since_the_index_was_built_are_passed_over(assistant, real_corpus):
    from assistant.retrieval import HybridRetriever

    s = real_corpus.statements["alectinib-dose-food"]
    changed = s.model_copy(update={"text": s.text.replace("600 mg", "60 mg")})
    changed.__dict__.pop("digest", None)
    document = real_corpus.documents["alectinib"]
    edited = document.model_copy(update={"statements": tuple(changed if x.id == s.id else x for x in document.statements)})
    corpus = real_corpus.model_copy(update={"documents": {**real_corpus.documents, "alectinib": edited}})
    corpus.__dict__.pop("statements", None)
    stale = HybridRetriever(corpus=corpus, index=assistant.retriever.index, embeddings=assistant.retriever.embeddings)
    assert "alectinib-dose-food" not in [p.statement for p in stale.retrieve("alectinib dose with food", 20)]


@pytest.mark.model
@pytest.mark.parametrize("query", ["", "   ", "!!!", "\u200b"])
def test_a_query_without_words_finds_nothing(assistant, query):
    assert assistant.retriever.retrieve(query) == []
