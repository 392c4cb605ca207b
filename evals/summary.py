"""What all cases together say of the answers: shares with Wilson intervals, means with bootstrap ones, each with its n."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy

from assistant.answer import Answer
from assistant.engine import Assistant
from evals.metrics import shown, wilson
from evals.run import CaseResult, SetResult, run_case
from ingest.phrases import SMALL, tokenise
from ingest.reading import Reading

_SAMPLES, _SEED = 1000, 20261128
_STEM = 6
_TIMES = 4
_ABSTAINED = "abstained"


@dataclass(frozen=True)
class Measure:
    """A figure over `n` observations with its 95% interval; `unit` is "share" (0 to 1) or what the mean counts."""

    name: str
    value: float
    low: float
    high: float
    n: int
    unit: str = "share"


def summarise(results: Iterable[SetResult], assistant: Assistant, every: int = 20) -> tuple[Measure, ...]:
    """Returns the measures over the cases of all sets that have something to measure; every N-th case is answered four times for stability."""
    cases = [c for r in results for c in r.results]
    answers = [c.answer for c in cases if c.answer]
    reading = Reading(assistant.corpus)
    measures = [
        *(_checked(name, kinds, cases) for name, kinds in _CHECKS.items()),
        *_abstention(cases),
        *_sentences(answers, assistant),
        _worded(answers),
        _mean("reference held", [held(c.case.reference, shown(c.answer)) for c in cases if c.answer and c.case.reference], "share"),
        _mean("sentences an answer", [_count(a) for a in answers if a.sections], "sentences"),
        _mean("words an answer", [len(shown(a).split()) for a in answers if a.sections], "words"),
        _mean(
            "reading grade, patients", [reading.grade(_prose(a)) for a in answers if a.audience == "patient" and a.sections], "school years"
        ),
        _stability(cases[::every], assistant),
        *_latency(answers),
    ]
    return tuple(m for m in measures if m and m.n)


_CHECKS = {
    "outcome accuracy": {"outcome"},
    "cause of abstention": {"cause"},
    "node accuracy": {"node", "pathway"},
    "next fact asked": {"asks"},
    "required content": {"must_mention", "statements", "any_statement"},
    "nothing forbidden": {"must_not_mention"},
    "premise": {"premise"},
    "state accuracy": {"state", "not_state"},
    "rewrite of follow-ups": {"standalone"},
    "same for variants": {"variants"},
    "identifiers masked": {"masked"},
    "citation integrity": {"integrity"},
}


def _share(name: str, passed: int, n: int) -> Measure:
    low, high = wilson(passed, n)
    return Measure(name, passed / n if n else 0.0, low, high, n)


def _checked(name: str, kinds: set[str], cases: Sequence[CaseResult]) -> Measure:
    found = [check.passed for c in cases for check in c.checks if check.name in kinds]
    return _share(name, sum(found), len(found))


def _mean(name: str, values: Sequence[float], unit: str, of: Callable = numpy.mean) -> Measure | None:
    if not values:
        return None
    array = numpy.array(values, dtype=float)
    drawn = array[numpy.random.default_rng(_SEED).integers(0, len(array), size=(_SAMPLES, len(array)))]
    low, high = numpy.percentile(of(drawn, axis=1), [2.5, 97.5])
    return Measure(name, float(of(array)), float(low), float(high), len(array), unit)


def _abstention(cases: Sequence[CaseResult]) -> tuple[Measure, ...]:
    """Returns how many abstentions are right, how many of those due were made, and how many answers due were refused."""
    judged = [(c.answer.outcome == _ABSTAINED, c.case.expect.outcome) for c in cases if c.answer and c.case.expect.outcome]
    due = [abstained for abstained, wanted in judged if wanted == (_ABSTAINED,)]
    made = [_ABSTAINED in wanted for abstained, wanted in judged if abstained]
    answerable = [abstained for abstained, wanted in judged if _ABSTAINED not in wanted]
    return (
        _share("abstention precision", sum(made), len(made)),
        _share("abstention recall", sum(due), len(due)),
        _share("over-refusal", sum(answerable), len(answerable)),
    )


def _sentences(answers: Iterable[Answer], assistant: Assistant) -> tuple[Measure, ...]:
    """Returns the shares of sentences with a citation, and of (sentence, statement) pairs that the verifier supports."""
    cited, supported, seen = [], [], set()
    for answer in answers:
        for s in [*answer.premise_notes, *(s for section in answer.sections for s in section.sentences)]:
            cited.append(bool(s.statements and s.citations))
            if (s.text, s.statements) not in seen:
                seen.add((s.text, s.statements))
                supported += [assistant.verifier.verify(s.text, [assistant.corpus.statements[i]]).supported for i in s.statements]
    return (
        _share("citation recall, sentences", sum(cited), len(cited)),
        _share("citation precision, distinct sentences", sum(supported), len(supported)),
    )


def _worded(answers: Iterable[Answer]) -> Measure:
    """Returns how many of the sentences that a language model was asked for are shown in its words, or given back as they were."""
    wordings = [a.wording for a in answers if a.wording]
    shown = sum(w.model + w.unchanged for w in wordings)
    return _share("model sentences kept", shown, shown + sum(w.replaced for w in wordings))


def held(reference: str, text: str) -> float:
    """Returns how many of the words of a reference, small ones aside, a text holds too (0 to 1), by their first six letters."""
    wanted, found = _stems(reference), _stems(text)
    return len(wanted & found) / len(wanted) if wanted else 1.0


def _stems(text: str) -> set[str]:
    return {t.word[:_STEM] for t in tokenise(text) if t.word not in SMALL}


def _count(answer: Answer) -> int:
    return sum(len(section.sentences) for section in answer.sections)


def _prose(answer: Answer) -> str:
    return " ".join(s.text for section in answer.sections for s in section.sentences)


def _stability(cases: Sequence[CaseResult], assistant: Assistant) -> Measure:
    same = [len({_frozen(run_case(c.case, assistant).answer) for _ in range(_TIMES - 1)} | {_frozen(c.answer)}) == 1 for c in cases]
    return _share(f"same answer {_TIMES} times", sum(same), len(same))


def _frozen(answer: Answer | None) -> str:
    return repr(sorted((k, v) for k, v in answer.as_json().items() if k != "latency_ms")) if answer else ""


def _latency(answers: Sequence[Answer]) -> tuple[Measure | None, ...]:
    taken = [a.latency_ms for a in answers]
    middle = _mean("latency, median", taken, "ms", numpy.median)
    late = _mean("latency, 95th percentile", taken, "ms", lambda x, axis=None: numpy.percentile(x, 95, axis=axis))
    return middle, late


def table(measures: Iterable[Measure]) -> str:
    """Returns one line a measure: value, 95% interval, n, unit."""
    measures = tuple(measures)
    width = max((len(m.name) for m in measures), default=0)
    return "\n".join(f"{m.name:<{width}}  {m.value:9.3f}  {m.low:9.3f} to {m.high:9.3f}  n {m.n:>6}  {m.unit}" for m in measures)
