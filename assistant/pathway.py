"""Where a patient stands on a pathway: pure, deterministic, three-valued. No model can reach a decision."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

from assistant.answer import Decision, DecisionOption, DecisionRuledOut, Missing
from ingest.content import Pathway, When

State = Mapping[str, str]


def holds(when: When, state: State) -> bool | None:
    """Returns True or False as the condition holds in the state, None while a value it needs is absent.

    Kleene's three-valued conjunction: one contradiction makes it false whatever is absent.
    """
    if any(name in state and state[name] not in values for name, values in when.items()):
        return False
    return True if all(name in state for name in when) else None


def imply(pathway: Pathway, state: State) -> tuple[dict[str, str], tuple[str, ...]]:
    """Returns the state with the pathway's implied values added, and a line for each. Stated values are never changed."""
    full, lines = dict(state), []
    pending = list(pathway.implied)
    while applying := [rule for rule in pending if holds(rule.when, full)]:
        pending = [rule for rule in pending if rule not in applying]
        for rule in applying:
            for name, value in rule.then.items():
                if name not in full:
                    full[name] = value
                    lines.append(f"{name} = {value} (assumed: {rule.why})")
    return full, tuple(lines)


def decide(pathway: Pathway, state: State) -> Decision:
    """Returns the decision for what is known of the patient.

    The rules are walked in order up to the first that is not false: true reaches its node, unknown makes its absent
    variables `missing`; an exception that is unknown is passed over, its absent variables `would_change` the decision.
    Options are ruled out by every `rule_out` whose condition holds.

    Raises:
        ValueError: the state names a variable or a value the pathway does not have.
    """
    for name, value in state.items():
        if name not in pathway.variables:
            raise ValueError(f"no such variable; valid: {', '.join(pathway.variables)}")
        if value not in pathway.variables[name].values:
            raise ValueError(f"no such value for {name}; valid: {', '.join(pathway.variables[name].values)}")
    full, assumed = imply(pathway, state)
    trace = [f"{name} = {value}" for name, value in state.items()] + list(assumed)
    node, missing, unstated = None, (), {}
    for i, rule in enumerate(pathway.decide, 1):
        truth = holds(rule.when, full)
        if truth is True:
            node = rule.reach
            trace.append(f"rule {i} ({_condition(rule.when)}) reaches {node}")
            break
        if truth is None and rule.only_if_stated:
            unstated |= dict.fromkeys(name for name in rule.when if name not in full)
        elif truth is None:
            missing = tuple(name for name in rule.when if name not in full)
            trace.append(f"rule {i} ({_condition(rule.when)}) needs {', '.join(missing)}")
            break
    out: dict[str, list[str]] = {}
    for i, rule in enumerate(pathway.rule_out, 1):
        if holds(rule.when, full):
            out.setdefault(rule.option, []).extend(s for s in rule.statements if s not in out.get(rule.option, []))
            trace.append(f"rule-out {i} ({_condition(rule.when)}) excludes {rule.option}")
    options = pathway.nodes[node].options if node else ()
    return Decision(
        pathway=pathway.id,
        version=pathway.version,
        state=full,
        node=node,
        title=pathway.nodes[node].title if node else None,
        options=tuple(DecisionOption(option=o.option, standing=o.standing, statements=o.statements) for o in options),
        ruled_out=tuple(DecisionRuledOut(option=o, statements=tuple(s)) for o, s in out.items()),
        missing=_asked(pathway, missing),
        would_change=_asked(pathway, (name for name in unstated if name not in missing)),
        trace=tuple(trace),
    )


def _asked(pathway: Pathway, names: Iterable[str]) -> tuple[Missing, ...]:
    return tuple(Missing(variable=n, question=pathway.variables[n].question, values=tuple(pathway.variables[n].values)) for n in names)


def _condition(when: When) -> str:
    return " and ".join(f"{name} is {' or '.join(values)}" for name, values in when.items()) or "always"


@dataclass(frozen=True)
class Proof:
    """What `prove` covered and found.

    Attributes:
        states: number of complete states (every variable known) that the leaves stand for.
        leaves: number of distinct decisions reached when only what is missing is asked.
        faults: what is wrong, one sentence each; empty for a sound pathway.
    """

    states: int
    leaves: int
    rules: int
    faults: tuple[str, ...]


def prove(pathway: Pathway) -> Proof:
    """Returns a proof over every state of the pathway.

    From the empty state, whatever is missing is given each of its values until a node is reached. The leaves partition
    the complete states, since a decision never looks at a variable it did not name; for this, exceptions are asked like
    any rule. Checked: every state is decided; no node offers what some state of its leaf rules out; every rule and node
    is reached; implied values do not make a partial decision differ from its completions; the examples hold. With its
    exceptions passed over, a decision can differ from its completions by an exception only: every ordinary rule before
    its node is contradicted by what is known.
    """
    faults: list[str] = []
    fired, states, leaves = set(), 0, 0
    asking = pathway.model_copy(update={"decide": tuple(r.model_copy(update={"only_if_stated": False}) for r in pathway.decide)})
    for state, decision in _leaves(asking, {}):
        leaves += 1
        shown = ", ".join(f"{k} = {v}" for k, v in state.items()) or "nothing known"
        free = [v for name, v in pathway.variables.items() if name not in decision.state]
        states += prod(len(v.values) for v in free)
        if decision.node is None:
            faults.append(f"no rule decides the state: {shown}")
            continue
        fired.add(decision.node)
        offered = {o.option for o in decision.options}
        for rule in pathway.rule_out:
            if rule.option in offered and holds(rule.when, decision.state) is not False:
                faults.append(f"node {decision.node} offers {rule.option!r}, which is ruled out for: {shown}")
        for pick in (0, -1):
            complete = {n: list(v.values)[pick] for n, v in pathway.variables.items()} | decision.state
            if decide(pathway, complete).node != decision.node:
                faults.append(f"a completion of ({shown}) reaches {decide(pathway, complete).node}, not {decision.node}")
    for name in pathway.nodes:
        if name not in fired:
            faults.append(f"node {name} is reached by no state")
    faults += _examples(pathway)
    return Proof(states, leaves, len(pathway.decide) + len(pathway.rule_out), tuple(dict.fromkeys(faults)))


def _leaves(pathway: Pathway, state: dict[str, str]) -> Iterator[tuple[dict[str, str], Decision]]:
    decision = decide(pathway, state)
    if not decision.missing:
        yield state, decision
        return
    name = decision.missing[0].variable
    for value in pathway.variables[name].values:
        yield from _leaves(pathway, {**state, name: value})


def _examples(pathway: Pathway) -> Iterator[str]:
    for i, example in enumerate(pathway.examples, 1):
        decision = decide(pathway, example.state)
        if decision.node != example.node:
            yield f"example {i} reaches {decision.node}, not {example.node}"
        lacking = set(example.ruled_out) - {r.option for r in decision.ruled_out}
        if lacking:
            yield f"example {i} does not rule out {', '.join(sorted(lacking))}"
        if example.missing and tuple(m.variable for m in decision.missing) != example.missing:
            yield f"example {i} misses {[m.variable for m in decision.missing]}, not {list(example.missing)}"
