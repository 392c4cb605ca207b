"""The judge: passes what is supported, names what is not."""

import pytest

from assistant.verify import numbers


@pytest.fixture(scope="module")
def judge(assistant, real_corpus):
    def judge(sentence, *ids):
        return assistant.verifier.verify(sentence, [real_corpus.statements[i] for i in ids])

    return judge


def test_numbers_keep_their_units():
    assert numbers("600 mg twice daily, 12.50% of 1,683 for 5 years; 3-7%") == {
        ("600", "mg"), ("12.5", "%"), ("1683", ""), ("5", "year"), ("3", ""), ("7", "%"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "Alectinib 600 mg is taken twice daily with food, swallowed whole.",
        "Under the US label, alectinib is taken by mouth as 600 mg twice daily with food.",
    ],
)
def test_fair_rewording_passes(judge, sentence):
    verdict = judge(sentence, "alectinib-dose-food")
    assert verdict.supported, verdict.reasons


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Alectinib 300 mg is taken twice daily with food.", "number 300"),
        ("Alectinib 600 mcg is taken twice daily with food.", "600 mcg"),
        ("Lorlatinib 600 mg is taken twice daily with food.", "lorlatinib"),
        ("Alectinib 600 mg is not taken with food twice daily.", "denies"),
        ("Bananas cure every kind of cold within one lovely afternoon.", "most of its words"),
        ("", "empty"),
    ],
)
def test_an_altered_sentence_fails_with_its_reason(judge, sentence, reason):
    verdict = judge(sentence, "alectinib-dose-food")
    assert not verdict.supported and any(reason in r for r in verdict.reasons), verdict


def test_a_sentence_without_a_source_fails(judge):
    assert not judge("Alectinib 600 mg is taken twice daily with food.").supported


def test_dropping_a_denial_fails(judge):
    assert not judge("A plasma test that is negative does rule ALK out.", "cap-2018-cfdna").supported


def test_every_curated_wording_passes(assistant, real_corpus):
    for s in real_corpus.statements.values():
        for text in (s.text, s.plain):
            verdict = assistant.verifier.verify(text, [s])
            assert verdict.supported, (s.id, verdict.reasons)
