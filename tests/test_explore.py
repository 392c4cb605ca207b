"""The what-if of a pathway without its page: addresses, order of the facts, what was assumed, the proof in words."""

import pytest

from assistant.explore import Address, address, assumed, basis, foot, proved, relevant, told
from assistant.followups import Turn
from assistant.pathway import Proof, decide, prove
from assistant.review import Ledger
from ingest.load import load


@pytest.fixture
def corpus(small):
    return load(small)


@pytest.mark.parametrize(
    ("parameters", "read"),
    [
        ({}, Address(None, {}, 0)),
        ({"pathway": "blight", "prior": "none"}, Address("blight", {"prior": "none"}, 0)),
        ({"pathway": "blight", "prior": "moon", "leaf": "none"}, Address("blight", {}, 2)),
        ({"pathway": "moon", "prior": "none"}, Address(None, {}, 2)),
        ({"prior": "none"}, Address(None, {}, 1)),
    ],
)
def test_an_address_states_only_what_the_corpus_knows(corpus, parameters, read):
    assert address(corpus.pathways, parameters) == read


def test_a_conversation_tells_its_last_facts_of_its_last_pathway(corpus):
    first, last = Turn("?", "?", {"prior": "none"}, pathway="blight"), Turn("?", "?", {"prior": "zorvex"})
    assert told(corpus.pathways, (first, last)) == Address("blight", {"prior": "zorvex"}, 0)
    assert told(corpus.pathways, (first, Turn("?", "?"))) == told(corpus.pathways, ()) == Address(None, {}, 0)
    assert told(corpus.pathways, (Turn("?", "?", {"prior": "none"}),)) == Address(None, {}, 0)


def test_what_the_decision_needs_comes_first(corpus):
    blight = corpus.pathways["blight"]
    assert relevant(blight, decide(blight, {}), {}) == (("root_test",), ("prior",))
    facts = {"root_test": "positive"}
    assert relevant(blight, decide(blight, facts), facts) == (("root_test", "prior"), ())


def test_what_was_assumed_says_why(real_corpus):
    pathway, facts = real_corpus.pathways["alk-nsclc"], {"prior_alk_inhibitor": "exhausted"}
    found = assumed(pathway, decide(pathway, facts), facts)
    assert ("course", "progressing", "the suitable ALK inhibitors are exhausted") in found
    assert "prior_alk_inhibitor" not in {name for name, _, _ in found}


def test_every_assumption_of_every_example_has_a_reason(real_corpus):
    for pathway in real_corpus.pathways.values():
        for example in pathway.examples:
            decision = decide(pathway, example.state)
            assert {n for n, _, _ in assumed(pathway, decision, example.state)} == set(decision.state) - set(example.state)


def test_a_picture_carries_status_dates_and_disclaimer(corpus):
    decision = decide(corpus.pathways["blight"], {"root_test": "positive", "prior": "none"})
    assert [s.id for s in basis(corpus, decision)] == ["zorvex-dose", "bloom-trial", "talmyn-dose", "moonlight-harm"]
    notice, status, disclaimer = foot(corpus, Ledger(corpus), decision)
    assert notice == corpus.texts["notice"].body.strip() and disclaimer == corpus.texts["disclaimer-clinician"].body.strip()
    assert "Submitted" in status and corpus.version in status and "Last updated" in status
    assert "Last updated" not in foot(corpus, Ledger(corpus), decide(corpus.pathways["blight"], {}))[1]


def test_the_proof_in_words_never_hides_a_fault(corpus):
    blight = corpus.pathways["blight"]
    assert proved(blight, prove(blight)).startswith("4 possible patients") and "exactly one decision" in proved(blight, prove(blight))
    broken = proved(blight, Proof(4, 3, 4, ("a fault",)))
    assert "not proved" in broken and "exactly one" not in broken
