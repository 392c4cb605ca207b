"""Fusion by hand-worked numbers; the real retriever finds each statement by its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval import LEXICAL_WEIGHT, WHOLE_WEIGHT, fuse
from ingest.passages import Scores

NOTHING = Scores({}, {})


def side(standard: dict[str, float], floor: float = 0.0) -> Scores:
    return Scores(dict(standard), standard, floor)


def test_fusion_is_the_weighted_sum_above_the_floors_scaled_to_the_best():
    # Weights .3 (wholes), .45 (parts), .25 (BM25). a: .3 * (3 - 1) + .25 * 0 = .6; b: .3 * 0 + .45 * 2 + .25 * 4 = 1.9; c: .25 * 2 = .5
    assert (LEXICAL_WEIGHT, WHOLE_WEIGHT) == (0.25, 0.4)
    fused = fuse(side({"a": 3.0, "b": 1.0}, 1.0), side({"b": 2.0}), side({"b": 4.0, "c": 2.0}))
    assert fused == pytest.approx({"b": 1.0, "a": 0.6 / 1.9, "c": 0.5 / 1.9})
    assert list(fused) == ["b", "a", "c"]


def test_nothing_fuses_to_nothing():
    assert fuse(NOTHING, NOTHING, NOTHING) == {}


def test_what_is_at_every_floor_is_ordered_by_id():
    assert fuse(side({"b": 1.0, "a": 1.0}, 1.0), NOTHING, NOTHING) == {"a": 1.0, "b": 1.0}


_STANDARD = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(-5, 30))


@given(_STANDARD, _STANDARD, _STANDARD, st.floats(-5, 5))
def test_scores_lie_between_0_and_1_in_falling_order(wholes, parts, lexical, floor):
    fused = list(fuse(side(wholes, floor), side(parts, floor), side(lexical, floor)).values())
    assert all(0 <= s <= 1 for s in fused) and fused == sorted(fused, reverse=True)
    assert not fused or fused[0] == 1


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
