"""Runs question sets on an assistant: one failing case never hides the rest, and a crash is a failed case with its error."""

from collections import Counter
from dataclasses import dataclass

from assistant.answer import Answer
from assistant.engine import Assistant, Question
from evals.cases import Case, QuestionSet, Split
from evals.integrity import faults
from evals.metrics import Check, checks, wilson


@dataclass(frozen=True)
class CaseResult:
    """A case, the checks of its answer, and the answer (None where the assistant failed)."""

    case: Case
    checks: tuple[Check, ...]
    answer: Answer | None

    @property
    def passed(self) -> bool:
        """Returns whether every expectation is met."""
        return all(c.passed for c in self.checks)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Returns why the case failed, one line a check."""
        return tuple(f"{c.name}: {c.reason}" for c in self.checks if not c.passed)


@dataclass(frozen=True)
class SetResult:
    """The results of a set, or of one split of it."""

    name: str
    gate: float | None
    results: tuple[CaseResult, ...]

    @property
    def n(self) -> int:
        """Returns the number of cases run."""
        return len(self.results)

    @property
    def passed(self) -> int:
        """Returns the number of cases that met every expectation."""
        return sum(r.passed for r in self.results)

    @property
    def interval(self) -> tuple[float, float]:
        """Returns the 95% Wilson interval of the share passed."""
        return wilson(self.passed, self.n)

    @property
    def gate_holds(self) -> bool:
        """Returns whether the share passed reaches the gate; True without one."""
        return self.gate is None or (self.n > 0 and self.passed / self.n >= self.gate)

    def by_tag(self) -> dict[str, tuple[int, int]]:
        """Returns (passed, n) for each tag."""
        n = Counter(t for r in self.results for t in r.case.tags)
        passed = Counter(t for r in self.results if r.passed for t in r.case.tags)
        return {t: (passed[t], n[t]) for t in sorted(n)}


def run_set(questions: QuestionSet, assistant: Assistant, split: Split | None = None) -> SetResult:
    """Returns the results of a set, or of one split of it."""
    return SetResult(questions.name, questions.gates.get("pass"), tuple(run_case(c, assistant) for c in questions.of(split)))


def run_case(case: Case, assistant: Assistant) -> CaseResult:
    """Returns the result of one case; whatever the assistant raises is a failed check named `error`."""
    try:
        earlier = ()
        for text in case.turns[:-1]:
            earlier = (*earlier, assistant.reply(Question(text, case.audience, case.set), earlier)[1])
        last = [assistant.ask(Question(text, case.audience, case.set), earlier) for text in (case.turns[-1], *case.variants)]
    except Exception as e:
        return CaseResult(case, (Check("error", False, f"{type(e).__name__}: {e}"),), None)
    found = checks(case, last[0], tuple(last[1:]))
    if case.expect.integrity:
        wrong = list(faults(last[0], assistant))
        found = (*found, Check("integrity", not wrong, "; ".join(wrong[:3])))
    return CaseResult(case, found, last[0])
