"""The reading grade of plain wordings."""

import pytest

from ingest.reading import HARDEST, Reading


@pytest.fixture(scope="module")
def reading(real_corpus):
    return Reading(real_corpus)


def test_the_grade_follows_the_formula(reading):
    """Six words of one syllable in one sentence: 0.39 * 6 + 11.8 * 1 - 15.59."""
    assert reading.grade("The cat sat on the mat.") == pytest.approx(-1.45)
    assert reading.grade("") == 0


def test_names_are_excepted(reading):
    assert reading.grade("Take alectinib with food.") == reading.grade("Take lorlatinib with food.") == reading.grade("Take it with food.")


def test_a_hard_wording_is_a_fault(reading):
    hard = "Hepatotoxicity necessitates discontinuation following biochemical confirmation of hyperbilirubinaemia notwithstanding normalisation."
    assert reading.grade(hard) > HARDEST > reading.grade("The liver test went up. The drug was stopped.")
