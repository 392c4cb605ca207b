"""Follow-ups made to stand alone: trials, ordinals, comparisons, parts of a question, courtesies between; what states facts and what does not."""

import pytest

from assistant.followups import FollowUps, Turn
from assistant.lexicon import Lexicon


@pytest.fixture(scope="module")
def followups(real_corpus):
    return FollowUps(real_corpus, Lexicon(real_corpus))


def turn(question, subjects=(), broad=False):
    return Turn(question, question, {}, {}, subjects, "alk-nsclc", broad)


@pytest.mark.parametrize(
    "before, text, parts",
    [
        ("Response rate in ALTA-1L?", "and in eXalt3?", ["Response rate", "eXalt3"]),
        ("Response rate in ALTA-1L?", "How many people took part in that trial?", ["How many people", "ALTA-1L"]),
        ("Response rate in ALTA-1L?", "overall survival?", ["overall survival", "ALTA-1L"]),
        ("How do brigatinib and ensartinib differ?", "Which rash does the latter cause?", ["rash", "ensartinib"]),
        ("How do brigatinib and ensartinib differ?", "Which rash does the former cause?", ["rash", "brigatinib"]),
        ("How do brigatinib and ensartinib differ?", "costs of the two?", ["brigatinib", "ensartinib"]),
        ("Dose of ceritinib?", "vs crizotinib?", ["Dose", "ceritinib", "versus", "crizotinib"]),
        ("Is the sun a problem with alectinib?", "For how long afterwards?", ["sun", "alectinib", "how long afterwards"]),
        ("Response to lorlatinib after crizotinib?", "in patients with brain metastases?", ["Response", "lorlatinib", "brain metastases"]),
        ("Which tests are done on brigatinib?", "how often?", ["tests", "brigatinib", "how often"]),
        (
            "Which tests are done on brigatinib?",
            "and what if, at the second visit, her blood pressure is 150 over 95?",
            ["brigatinib", "150"],
        ),
    ],
)
def test_a_follow_up_of_a_specific_question_holds_what_it_refers_to(followups, before, text, parts):
    subjects = tuple(followups._named(followups._lexicon.find(before), ("drug",)))
    resolved = followups.resolve(text, (turn(before, subjects),))
    assert all(p.lower() in resolved.standalone.lower() for p in parts), resolved.standalone


def test_a_part_of_a_specific_question_states_no_facts(followups):
    specific, course = turn("Contraception after lorlatinib?", ("lorlatinib",)), turn("Untreated, what next?", ("alectinib",), broad=True)
    assert followups.resolve("After brigatinib?", (specific,)).part
    assert not followups.resolve("After brigatinib?", (course,)).part


def test_a_courtesy_between_is_passed_over(followups):
    earlier = (turn("Which tests are done on brigatinib?", ("brigatinib",)), turn("Thank you, doctor.", ("brigatinib",)))
    assert "tests" in followups.resolve("how often?", earlier).standalone


def test_the_first_drug_of_a_conversation_is_found(followups):
    earlier = (turn("Dose of ceritinib?", ("ceritinib",)), turn("And dose of lorlatinib?", ("lorlatinib",)))
    assert "ceritinib" in followups.resolve("back to the first drug: is food needed?", earlier).standalone


def test_without_earlier_turns_nothing_is_added(followups):
    assert followups.resolve("and lorlatinib?", ()).standalone == "and lorlatinib?"


def test_a_drug_that_was_given_before_stays_with_the_one_asked_about(followups):
    before = turn("Response to lorlatinib after crizotinib?", ("lorlatinib",))
    assert followups.resolve("and in the brain?", (before,)).standalone == "and in the brain (lorlatinib after crizotinib)?"
    assert followups.resolve("and brigatinib?", (before,)).standalone == "Response to brigatinib after crizotinib?"


def test_a_medicine_taken_beside_stays_when_another_drug_is_asked_about(followups):
    before = turn("Is warfarin a problem with ceritinib?", ("warfarin", "ceritinib"))
    assert followups.resolve("or with crizotinib?", (before,)).standalone == "Is warfarin a problem with crizotinib?"


def test_a_drug_said_not_to_be_meant_is_not_asked_about(followups):
    before = turn("Dose of lorlatinib?", ("lorlatinib",))
    assert followups.resolve("sorry, I meant ceritinib, not lorlatinib", (before,)).standalone == "Dose of ceritinib?"


def test_they_who_treat_are_no_drug(followups):
    before = turn("Is ceritinib used first?", ("ceritinib",))
    assert followups.resolve("what do they give in its place?", (before,)).standalone == "what do they give in ceritinib's place?"
    assert (
        "ceritinib"
        in followups.resolve("are they taken at night?", (turn("Side effects of ceritinib capsules?", ("ceritinib",)),)).standalone
    )


def test_that_of_a_question_without_a_drug_is_what_it_asked(followups):
    before = turn("How often is a transformation to small cells seen?", ("alectinib", "lorlatinib"))
    assert "transformation" in followups.resolve("would a blood test pick that up?", (before,)).standalone


def test_of_a_new_patient_on_the_same_drug_only_the_drug_is_kept(followups):
    before = Turn(
        "Lipase grade 3 on brigatinib?", "Lipase grade 3 on brigatinib?", {"setting": "metastatic"}, {"setting": 1}, ("brigatinib",)
    )
    assert followups.of_another("New patient, heart rate 45", (before,)) == ()
    (kept,) = followups.of_another("New patient, same drug, heart rate 45", (before,))
    assert (kept.state, kept.subjects) == ({}, ("brigatinib",))
    assert "brigatinib" in followups.resolve("New patient, same drug, heart rate 45", (kept,)).standalone
