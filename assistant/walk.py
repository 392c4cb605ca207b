"""How a decision met each rule of its pathway, as data and in words."""

from dataclasses import dataclass
from typing import Literal

from assistant.answer import Decision
from assistant.pathway import State, holds
from ingest.content import Pathway, Rule

ELSE = "in every other case"
Standing = Literal["no", "yes", "needs", "unstated", "open"]


@dataclass(frozen=True)
class Step:
    """A rule as a decision met it.

    Attributes:
        number: its place in the order, from 1.
        standing: `no` it does not apply; `yes` it decides; `needs` a fact it needs is absent, so nothing is decided yet;
            `unstated` an exception passed over, as its fact is absent; `open` it was not come to.
        absent: the variables it needs and lacks, where it is `needs` or `unstated`.
    """

    number: int
    rule: Rule
    standing: Standing
    absent: tuple[str, ...] = ()


def steps(pathway: Pathway, decision: Decision) -> tuple[Step, ...]:
    """Returns every rule in order with its standing in the decision."""
    out: list[Step] = []
    for number, rule in enumerate(pathway.decide, 1):
        if out and out[-1].standing in ("yes", "needs", "open"):
            out.append(Step(number, rule, "open"))
            continue
        truth = holds(rule.when, decision.state)
        if truth is None:
            absent = tuple(name for name in rule.when if name not in decision.state)
            out.append(Step(number, rule, "unstated" if rule.only_if_stated else "needs", absent))
        else:
            out.append(Step(number, rule, "yes" if truth else "no"))
    return tuple(out)


def described(pathway: Pathway, decision: Decision) -> str:
    """Returns the way taken in words, for readers who do not see the picture: every rule that was looked at, and the node reached."""
    said = {"no": "no", "yes": "yes", "unstated": "not stated, passed over", "needs": "needs"}
    parts = ["The rules are read in order; the first that applies decides."]
    for step in steps(pathway, decision):
        if step.standing == "open":
            break
        condition = " and ".join(f"{pathway.variables[n].question} {values_line(pathway, n, step.rule)}" for n in step.rule.when)
        needed = " ".join(pathway.variables[n].question for n in step.absent) if step.standing == "needs" else ""
        parts.append(f"Rule {step.number}, {condition or ELSE}: {said[step.standing]} {needed}".rstrip(" ?.") + ".")
    parts.append(f"Reached: {decision.title}." if decision.node else "No decision is reached yet.")
    return " ".join(parts)


def facts_line(pathway: Pathway, facts: State) -> str:
    """Returns facts as one line of text, as a reader should see them."""
    return "; ".join(f"{name.replace('_', ' ')}: {pathway.variables[name].label(value)}" for name, value in facts.items())


def values_line(pathway: Pathway, name: str, rule: Rule) -> str:
    """Returns the values of a variable that a rule names, as a reader should see them."""
    return " or ".join(pathway.variables[name].label(v) for v in rule.when[name])
