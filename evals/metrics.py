"""Pure measures: what an answer fulfils of a case, and intervals for a share."""

import json
import re
from dataclasses import dataclass
from math import sqrt

from assistant.answer import Answer
from evals.cases import Case, Expect


@dataclass(frozen=True)
class Check:
    """One expectation held against an answer: its name, whether it is met, and why not."""

    name: str
    passed: bool
    reason: str = ""


def checks(case: Case, answer: Answer, variants: tuple[Answer, ...] = ()) -> tuple[Check, ...]:
    """Returns a check for each expectation the case states, in a fixed order."""
    e = case.expect
    found = [
        *_outcome(e, answer),
        *_decision(e, answer),
        *_premise(e, answer),
        *_statements(e, answer),
        *_words(e, answer),
        *(_same(e.variants, answer, v, i) for i, v in enumerate(variants, 1)),
    ]
    return tuple(found)


def shown(answer: Answer) -> str:
    """Returns all that a reader is told, line by line: message, premise notes, section titles, sentences, what is asked."""
    lines = [answer.message or "", *(s.text for s in answer.premise_notes)]
    for section in answer.sections:
        lines += [section.title, *(s.text for s in section.sentences)]
    lines += [m.question for m in (answer.decision.missing if answer.decision else ())]
    return "\n".join(lines)


def cited(answer: Answer) -> tuple[str, ...]:
    """Returns the ids of the statements an answer rests on, in order, each once."""
    sentences = [*answer.premise_notes, *(s for section in answer.sections for s in section.sentences)]
    return tuple(dict.fromkeys(i for s in sentences for i in s.statements))


def _outcome(e: Expect, answer: Answer):
    if e.outcome:
        yield Check("outcome", answer.outcome in e.outcome, f"{answer.outcome}, not {' or '.join(e.outcome)}")
    if e.cause:
        yield Check("cause", answer.cause == e.cause, f"{answer.cause}, not {e.cause}")


def _decision(e: Expect, answer: Answer):
    d = answer.decision
    if e.pathway:
        got = d.pathway if d else None
        yield Check("pathway", got == e.pathway, f"{got}, not {e.pathway}")
    if e.node:
        got = d.node if d else None
        yield Check("node", got == e.node, f"{got}, not {e.node}")
    if e.asks:
        got = next((m.variable for m in (d.missing if d else ())), None)
        yield Check("asks", got == e.asks, f"{got}, not {e.asks}")
    state = d.state if d else {}
    for name, value in e.state.items():
        yield Check("state", state.get(name) == value, f"{name} is {state.get(name)}, not {value}")
    for name, value in e.not_state.items():
        unwanted = (value,) if isinstance(value, str) else value
        yield Check("not_state", state.get(name) not in unwanted, f"{name} is {state.get(name)}")


def _premise(e: Expect, answer: Answer):
    if e.premise:
        corrected = bool(answer.premise_notes)
        yield Check("premise", corrected == (e.premise == "corrected"), "corrected" if corrected else "left alone")


def _statements(e: Expect, answer: Answer):
    found = set(cited(answer))
    if e.statements:
        lacking = [s for s in e.statements if s not in found]
        yield Check("statements", not lacking, f"lacks {', '.join(lacking)}")
    if e.any_statement:
        yield Check("any_statement", bool(found & set(e.any_statement)), f"cites {', '.join(sorted(found)[:8]) or 'nothing'}")


def _words(e: Expect, answer: Answer):
    text = shown(answer)
    for pattern in e.must_mention:
        yield Check("must_mention", bool(re.search(pattern, text, re.IGNORECASE)), f"does not say /{pattern}/")
    for pattern in e.must_not_mention:
        yield Check("must_not_mention", not re.search(pattern, text, re.IGNORECASE), f"says /{pattern}/")
    for pattern in e.standalone:
        found = re.search(pattern, answer.standalone_question, re.IGNORECASE)
        yield Check("standalone", bool(found), f"understood as {answer.standalone_question!r}, without /{pattern}/")
    whole = json.dumps(answer.as_json(), ensure_ascii=False).lower()
    for secret in e.masked:
        yield Check("masked", secret.lower() not in whole, f"holds {secret!r}")


def _same(what: str, a: Answer, b: Answer, number: int) -> Check:
    def part(answer: Answer):
        d = answer.decision
        node = d.node if d else None
        if what == "outcome":
            return answer.outcome
        return (answer.outcome, node) if what == "node" else (answer.outcome, node, d and d.options, cited(answer))

    return Check("variants", part(a) == part(b), f"variant {number} differs: {_brief(b)}")


def _brief(answer: Answer) -> str:
    return f"{answer.outcome}, node {answer.decision.node if answer.decision else None}, {len(cited(answer))} statements"


def wilson(passed: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Returns the Wilson score interval (95% for the default z) of a share; (0, 1) for n = 0.

    Wilson, Journal of the American Statistical Association 1927; 22: 209-212.
    """
    if n == 0:
        return 0.0, 1.0
    share = passed / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)
