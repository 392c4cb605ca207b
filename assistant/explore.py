"""A pathway as a what-if: which facts an address states, which to ask first, which were assumed, what a decision rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Decision
from assistant.followups import Turn
from assistant.pathway import Proof, State, holds
from assistant.render import TRACK
from assistant.review import Ledger
from ingest.content import Corpus, Pathway, Statement


@dataclass(frozen=True)
class Address:
    """What an address states: a pathway, None where it names none, its facts, and how many parts of it were ignored."""

    pathway: str | None
    facts: dict[str, str]
    ignored: int


def address(pathways: Mapping[str, Pathway], parameters: Mapping[str, str]) -> Address:
    """Returns what the parameters of an address state; what names no pathway, variable or value of the corpus is counted, never kept."""
    named = parameters.get("pathway")
    if named not in pathways:
        return Address(None, {}, len(parameters))
    variables = pathways[named].variables
    given = {n: v for n, v in parameters.items() if n != "pathway"}
    facts = {n: v for n, v in given.items() if n in variables and v in variables[n].values}
    return Address(named, facts, len(given) - len(facts))


def told(pathways: Mapping[str, Pathway], turns: Sequence[Turn]) -> Address:
    """Returns the facts of the patient that a conversation is about, with their pathway; no pathway where it has stated none."""
    named = next((t.pathway for t in reversed(turns) if t.pathway), "")
    stated = address(pathways, {"pathway": named, **(turns[-1].state if turns else {})})
    return stated if stated.facts else Address(None, {}, 0)


def relevant(pathway: Pathway, decision: Decision, facts: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the pathway's variables as those that matter now and the others, each in the pathway's order.

    What matters: what is stated or assumed, what the decision needs, and what would change it.
    """
    now = {*facts, *decision.state, *(m.variable for m in (*decision.missing, *decision.would_change))}
    return tuple(n for n in pathway.variables if n in now), tuple(n for n in pathway.variables if n not in now)


def assumed(pathway: Pathway, decision: Decision, facts: State) -> tuple[tuple[str, str, str], ...]:
    """Returns the facts of the decision that nobody stated: variable, value, and why it is assumed."""
    return tuple(
        (name, value, next(r.why for r in pathway.implied if r.then.get(name) == value and holds(r.when, decision.state)))
        for name, value in decision.state.items()
        if name not in facts
    )


def basis(corpus: Corpus, decision: Decision) -> tuple[Statement, ...]:
    """Returns the statements behind the decision's options and what it rules out, each once."""
    ids = dict.fromkeys(i for o in (*decision.options, *decision.ruled_out) for i in o.statements)
    return tuple(corpus.statements[i] for i in ids)


def foot(corpus: Corpus, ledger: Ledger, decision: Decision) -> tuple[str, ...]:
    """Returns what a picture of the decision must carry: notice, review status, dates and versions, disclaimer."""
    statements = basis(corpus, decision)
    review = ledger.notice(statements)
    dates = [corpus.documents[s.document].last_updated for s in statements]
    updated = f"Last updated {max(dates)} · " if dates else ""
    return (
        review.notice.strip(),
        f"Review status: {dict(TRACK)[review.status]} · {updated}pathway {decision.pathway} version {decision.version} · corpus {corpus.version}",
        corpus.texts["disclaimer-clinician"].body.strip(),
    )


def proved(pathway: Pathway, proof: Proof) -> str:
    """Returns the proof in plain words: what was covered and found, or what is wrong."""
    covered = (
        f"{proof.states:,} possible patients (combinations of the values of {len(pathway.variables)} facts) are covered, "
        f"in {proof.leaves} groups that were each checked."
    )
    if proof.faults:
        return f"{covered} {len(proof.faults)} fault(s) were found, so this pathway is not proved."
    return f"{covered} Each reaches exactly one decision, and none is offered what is ruled out. Every node and every worked example was checked."
