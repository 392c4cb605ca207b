"""The phrase language: what matches what, by hand and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.phrases import Phrasebook, compile_phrase, normalise, sentences, tokenise


def hits(phrase, text, lists=None):
    return Phrasebook([("x", phrase)], lists).search([t.word for t in tokenise(text)])


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("brain metastases", "New BRAIN-metastases!", True),
        ("brain metastases", "metastases of the brain", False),
        ("elevat*|raised .. ALK .. level|levels", "persistently elevated Anaplastic ALK level", True),
        ("raised .. ALK", "raised one two three four ALK", True),
        ("raised .. ALK", "raised one two three four five ALK", False),
        ("*tinib", "nosuchtinib", True),
        ("*tinib", "tinibs", False),
        ("œdema", "edema", False),
        ("café", "CAFE", True),
        ("1.5 mg", "take 1.5 mg", True),
    ],
)
def test_matching(phrase, text, found):
    assert bool(hits(phrase, text)) is found


def test_a_list_stands_for_each_of_its_phrases():
    lists = {"after": ["after", "progressed on"]}
    assert hits("{after} zorvex", "it progressed on zorvex", lists) and hits("{after} zorvex", "after zorvex", lists)


@pytest.mark.parametrize("phrase", ["", "   ", ".. a", "a ..", "!!!", "{lost} a", "{open a"])
def test_a_phrase_that_cannot_match_is_refused(phrase):
    with pytest.raises(ValueError, match="phrase"):
        compile_phrase(phrase, {})


@given(st.text())
def test_any_text_is_tokenised_and_places_point_into_it(text):
    for token in tokenise(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.word == token.word.lower()


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


def test_invisible_characters_are_removed():
    assert normalise("al\u200bec\u202etinib\u0000") == "alectinib"


def test_sentences():
    assert sentences("One. Two? 1.5 mg; three\nfour") == ["One.", "Two?", "1.5 mg;", "three", "four"]
