"""Decisions: three-valued, monotone, proved; a broken pathway is found out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.pathway import decide, holds, prove
from ingest.content import Pathway
from ingest.load import load


@pytest.fixture
def blight(small):
    return load(small).pathways["blight"]


@pytest.mark.parametrize(
    ("when", "state", "truth"),
    [
        ({}, {}, True),
        ({"a": ("x",)}, {}, None),
        ({"a": ("x",)}, {"a": "x"}, True),
        ({"a": ("x",)}, {"a": "y"}, False),
        ({"a": ("x",), "b": ("z",)}, {"a": "x"}, None),
        ({"a": ("x",), "b": ("z",)}, {"b": "q"}, False),  # one contradiction decides, whatever is absent
    ],
)
def test_conditions_are_three_valued(when, state, truth):
    assert holds(when, state) is truth


def test_what_is_unknown_is_asked_and_a_node_waits(blight):
    decision = decide(blight, {})
    assert decision.node is None and decision.options == ()
    assert [m.variable for m in decision.missing] == ["root_test"]
    assert decision.trace == ("rule 1 (root_test is negative) needs root_test",)


def test_a_known_state_reaches_its_node_with_a_trace(blight):
    decision = decide(blight, {"root_test": "positive", "prior": "none"})
    assert (decision.node, decision.title) == ("first", "Untreated glimmer blight")
    assert [o.option for o in decision.options] == ["Zorvex", "Talmyn"]
    assert [r.option for r in decision.ruled_out] == ["Moonlight lamps"]
    assert decision.trace[-2:] == ("rule 2 (prior is none) reaches first", "rule-out 1 (root_test is positive) excludes Moonlight lamps")


@pytest.mark.parametrize("state", [{"leaf": "x"}, {"root_test": "maybe"}, {"root_test": ""}])
def test_an_unknown_variable_or_value_is_refused(blight, state):
    with pytest.raises(ValueError, match="valid"):
        decide(blight, state)


def test_the_proof_counts_every_state(blight):
    proof = prove(blight)
    # Two variables of two values: 4 states; leaves: negative (2 states), positive+none, positive+zorvex.
    assert (proof.states, proof.leaves, proof.faults) == (4, 3, ())


def broken(blight: Pathway, **changes) -> tuple[str, ...]:
    return prove(Pathway.model_validate({**blight.model_dump(), **changes})).faults


def test_the_proof_finds_a_state_that_nothing_decides(blight):
    assert any("no rule decides" in f for f in broken(blight, decide=[r.model_dump() for r in blight.decide[:2]]))


def test_the_proof_finds_an_option_that_is_ruled_out(blight):
    rule = {"option": "Talmyn", "when": {"root_test": ("positive",)}, "statements": ("talmyn-dose",)}
    found = broken(blight, rule_out=[rule])
    assert any("offers 'Talmyn', which is ruled out" in f for f in found)


def test_the_proof_finds_a_rule_out_that_only_some_completion_triggers(blight):
    rule = {"option": "Watching", "when": {"prior": ("zorvex",)}, "statements": ("talmyn-dose",)}
    assert any("offers 'Watching'" in f for f in broken(blight, rule_out=[rule]))


def test_the_proof_finds_an_unreachable_node_and_a_wrong_example(blight):
    first_wins = [{"when": {}, "reach": "second"}, *[r.model_dump() for r in blight.decide]]
    found = broken(blight, decide=first_wins)
    assert any("node first is reached by no state" in f for f in found) and any(f.startswith("example 1") for f in found)


FROST = {"short": "Frost", "question": "Was there frost?", "values": {"no": ("no frost",), "yes": ("frost",)}}
IN_FROST = {"when": {"frost": ("yes",)}, "reach": "frosted", "only_if_stated": True}
FROSTED = {"title": "Blight in frost", "options": ({"option": "Shelter", "standing": "usual", "statements": ("zorvex-first",)},)}


def with_exception(blight: Pathway, rule: dict = IN_FROST, **changes) -> Pathway:
    data = blight.model_dump()
    data["variables"]["frost"] = FROST
    data["nodes"]["frosted"] = FROSTED
    data["decide"] = (*data["decide"][:1], rule, *data["decide"][1:])
    return Pathway.model_validate({**data, **changes})


def test_an_exception_is_not_asked_for_but_said_to_change_the_decision(blight):
    pathway = with_exception(blight)
    usual = decide(pathway, {"root_test": "positive", "prior": "none"})
    assert (usual.node, [m.variable for m in usual.would_change]) == ("first", ["frost"])
    stated = decide(pathway, {"root_test": "positive", "prior": "none", "frost": "yes"})
    assert (stated.node, stated.would_change) == ("frosted", ())
    denied = decide(pathway, {"root_test": "positive", "prior": "none", "frost": "no"})
    assert (denied.node, denied.would_change) == ("first", ())
    assert [m.variable for m in decide(pathway, {"root_test": "positive"}).missing] == ["prior"]


def test_the_proof_covers_exceptions_as_if_they_were_asked(blight):
    # Three variables of two values: 8 states; leaves: negative (4), frost (2), no frost + none (1), no frost + zorvex (1).
    proof = prove(with_exception(blight))
    assert (proof.states, proof.leaves, proof.faults) == (8, 4, ())
    offers_in_frost = {"option": "Shelter", "when": {"frost": ("yes",)}, "statements": ("talmyn-dose",)}
    assert any("offers 'Shelter'" in f for f in prove(with_exception(blight, rule_out=(offers_in_frost,))).faults)


def test_every_real_pathway_is_proved(real_corpus):
    assert real_corpus.pathways
    for pathway in real_corpus.pathways.values():
        proof = prove(pathway)
        assert proof.faults == ()
        assert proof.states > 20
    assert len(real_corpus.pathways) >= 9
    assert prove(real_corpus.pathways["alk-nsclc"]).states > 100_000


def test_every_node_of_the_main_pathway_has_three_examples(real_corpus):
    pathway = real_corpus.pathways["alk-nsclc"]
    shown = [e.node for e in pathway.examples]
    assert {n for n in pathway.nodes if shown.count(n) < 3} == set()


@given(st.data())
def test_more_facts_never_change_a_decision_already_reached(real_corpus, data):
    """Monotone: a node reached from some facts is reached from any that extend the state the decision used."""
    pathway = data.draw(st.sampled_from(sorted(real_corpus.pathways.values(), key=lambda p: p.id)))
    known = data.draw(st.sets(st.sampled_from(sorted(pathway.variables))))
    state = {n: data.draw(st.sampled_from(sorted(pathway.variables[n].values))) for n in sorted(known)}
    decision = decide(pathway, state)
    full = {n: data.draw(st.sampled_from(sorted(v.values))) for n, v in sorted(pathway.variables.items())} | decision.state
    later = decide(pathway, full)
    exceptions = {r.reach for r in pathway.decide if r.only_if_stated}
    if decision.node:
        assert later.node == decision.node or (decision.would_change and later.node in exceptions)
        assert set(r.option for r in decision.ruled_out) <= set(r.option for r in later.ruled_out)
    assert later.node is not None
    assert not {o.option for o in later.options} & {r.option for r in later.ruled_out}


@given(st.data())
def test_deciding_twice_is_deciding_once(real_corpus, data):
    pathway = real_corpus.pathways["alk-nsclc"]
    state = {n: data.draw(st.sampled_from(sorted(v.values))) for n, v in sorted(pathway.variables.items())}
    assert decide(pathway, state).node == decide(pathway, dict(reversed(state.items()))).node
