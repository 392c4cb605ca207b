"""Ordinary words and what is formed from them."""

import pytest

from ingest.words import is_ordinary


@pytest.mark.parametrize("word", ["falling", "undetectable", "unremarkable", "tiredness", "painless"])
def test_what_is_formed_from_an_ordinary_word_is_one(word):
    assert is_ordinary(word)


@pytest.mark.parametrize("word", ["treatmnt", "halucinations", "lorlatanib", "progressd", "unresectible", "uns"])
def test_a_slip_of_the_pen_is_none(word):
    assert not is_ordinary(word)
