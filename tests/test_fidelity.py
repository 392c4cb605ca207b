"""A rewording says all that its wording says, nothing besides, in its order: expected faults worked out by hand."""

import pytest

from assistant.fidelity import Fidelity
from assistant.lexicon import Lexicon
from ingest.load import load
from tests.conftest import SMALL


@pytest.fixture(scope="module")
def fidelity():
    corpus = load(SMALL)
    return Fidelity(corpus, Lexicon(corpus))


W = "In BLOOM, petals lasted 12.5 weeks with zorvex and not 6.1 weeks, as with water."


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (W, None),
        ("Petals lasted 12.5 weeks with zorvex and not 6.1 weeks, as with water, in BLOOM.", None),  # one run moved to the end
        ("In BLOOM, petals lasted 12.5 weeks with zorvex.", "leaves out '6.1 weeks'"),
        ("In BLOOM, petals lasted 12.5 weeks and not 6.1 weeks, as with water.", "leaves out 'zorvex'"),
        ("In BLOOM, petals lasted 12.5 weeks with zorvex and 6.1 weeks, as with water.", "leaves out 'not'"),
        ("In BLOOM, petals lasted 6.1 weeks with zorvex and not 12.5 weeks, as with water.", "another order"),
        ("In BLOOM, not petals lasted 12.5 weeks with zorvex and 6.1 weeks, as with water.", "denies something else"),
        ("In BLOOM, 12.5 weeks, zorvex, not 6.1 weeks.", "most of the wording's words"),
        (f"{W} {W}", "another order"),
        (f"{W} {'Petals lasted with water. ' * 8}", "much longer"),
    ],
)
def test_what_is_lost_or_changes_places_is_a_fault(fidelity, text, fault):
    faults = fidelity.faults(text, W)
    assert any(fault in f for f in faults) if fault else not faults, faults


def test_a_denial_that_moves_to_other_words_is_a_fault(fidelity):
    wording = "Blight is not passed on by roots, unlike rot that is passed on."
    assert any(
        "denies something else" in f for f in fidelity.faults("Blight is passed on by roots, unlike rot that is not passed on by.", wording)
    )


def test_words_of_substance_may_not_be_added(fidelity, real_corpus):
    assert fidelity.added("Petals lasted with zorvex.", [W]) == () and fidelity.added("Petals shine.", [W]) == ("shine",)
    real = Fidelity(real_corpus, Lexicon(real_corpus))
    assert real.added("According to BLOOM, people were shown petals, which lasted.", [W]) == ()
    assert real.added("All petals should be safe.", [W]) == ("All", "safe") or real.added("All petals are safe.", [W])


def test_every_curated_wording_is_faithful_to_itself(real_corpus):
    real = Fidelity(real_corpus, Lexicon(real_corpus))
    for s in list(real_corpus.statements.values())[::10]:
        for wording in (s.text, s.plain):
            assert not real.faults(wording, wording) and not real.added(wording, [wording]), s.id
