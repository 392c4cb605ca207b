"""Words and filters over statements, documents and references, by hand on the small corpus."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.catalogue import Catalogue, Wanted
from ingest.load import load
from tests.conftest import SMALL

CORPUS = load(SMALL)


def catalogue(corpus=CORPUS):
    return Catalogue(corpus, lambda s: "approved" if s.id == "zorvex-dose" else "submitted")


@pytest.mark.parametrize(
    ("wanted", "statements"),
    [
        (Wanted(), tuple(CORPUS.statements)),
        (Wanted(words="WATER daily"), ("zorvex-dose", "talmyn-dose")),
        (Wanted(words="water nonsense"), ()),
        (Wanted(drugs=("talmyn",)), ("zorvex-first", "talmyn-dose")),
        (Wanted(drugs=("talmyn", "zorvex"), topics=("dose",)), ("zorvex-dose", "talmyn-dose")),
        (Wanted(kinds=("safety",)), ("moonlight-harm",)),
        (Wanted(statuses=("approved",)), ("zorvex-dose",)),
        (Wanted(types=("guideline",)), ("zorvex-first", "colour-is-not-blight")),
        (Wanted(years=(2025, 2025)), ("zorvex-first", "colour-is-not-blight")),
        (Wanted(due_before=date(2026, 1, 1)), ()),
    ],
)
def test_statements_that_meet_every_filter(wanted, statements):
    assert tuple(s.id for s in catalogue().statements(wanted)) == statements


def test_only_what_is_past_its_review_date():
    document = CORPUS.documents["glimmer"]
    dated = [s.model_copy(update={"review_by": date(2026, 1, n + 1)}) for n, s in enumerate(document.statements)]
    corpus = CORPUS.model_copy(update={"documents": {"glimmer": document.model_copy(update={"statements": tuple(dated)})}})
    corpus.__dict__.pop("statements", None)
    assert [s.id for s in catalogue(corpus).statements(Wanted(due_before=date(2026, 1, 2)))] == ["zorvex-first"]


def test_references_by_their_own_words_and_by_who_cites_them():
    def found(**given):
        return [r.key for r in catalogue().references(Wanted(**given))]

    assert found() == list(CORPUS.references) and found(words="ORCHID2025") == ["orchid2025"]
    assert found(drugs=("talmyn",)) == ["orchid2025", "zorvex-label"] and found(drugs=("talmyn",), types=("label",)) == ["zorvex-label"]
    assert found(years=(2024, 2024)) == ["bloom2024", "zorvex-label"] and found(kinds=("monitoring",)) == []


def test_what_is_found_by_meaning_keeps_its_order_and_meets_the_filters():
    ranked = ["talmyn-dose", "gone", "bloom-trial", "zorvex-dose"]
    looked = catalogue()
    assert [s.id for s in looked.statements(Wanted(words="not there", kinds=("dosing",)), ranked)] == ["talmyn-dose", "zorvex-dose"]
    assert [r.key for r in looked.references(Wanted(), ranked)] == ["zorvex-label", "bloom2024"]
    ((document, statements),) = looked.documents(Wanted(), ranked)
    assert document.id == "glimmer" and [s.id for s in statements] == ["talmyn-dose", "bloom-trial", "zorvex-dose"]


def test_terms_years_and_the_number_of_filters():
    drugs, topics = catalogue().terms()
    assert [t.id for t in drugs] == ["talmyn", "zorvex"] and "glimmer-blight" in {t.id for t in topics}
    assert catalogue().years() == (2024, 2025)
    assert Wanted(words="x").filters == 0 and Wanted(kinds=("safety",), years=(2024, 2024)).filters == 2


@given(st.text(max_size=30), st.sets(st.sampled_from(["zorvex", "talmyn"])), st.sets(st.sampled_from(["safety", "dosing"])))
def test_a_filter_never_adds(words, drugs, kinds):
    looked = catalogue()
    wide = {s.id for s in looked.statements(Wanted(words=words))}
    assert {s.id for s in looked.statements(Wanted(words=words, drugs=tuple(drugs), kinds=tuple(kinds)))} <= wide
    assert sum(len(found) for _, found in looked.documents(Wanted(words=words))) == len(wide)
