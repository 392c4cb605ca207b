"""Is an answer as sure as it is right to give one? Sureness in bins, beside the share of questions that should be answered."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from evals.metrics import wilson
from evals.run import CaseResult

_BINS = 10
_ABSTAINED = "abstained"


@dataclass(frozen=True)
class Bin:
    """Questions of like sureness: from `low` to below `high` (0 to 1), their mean sureness, how many there are, how many are answerable.

    `interval` is the 95% Wilson interval of the share that is answerable.
    """

    low: float
    high: float
    mean: float
    n: int
    answerable: int
    interval: tuple[float, float]


def bins(cases: Iterable[CaseResult]) -> tuple[Bin, ...]:
    """Returns the bins that hold a question: of cases searched for, of which it is stated whether they should be answered or declined."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for c in cases:
        wanted = c.case.expect.outcome
        if c.answer is None or c.answer.sureness is None or not wanted or (_ABSTAINED in wanted and len(wanted) > 1):
            continue
        sure = c.answer.sureness
        found.setdefault(min(int(sure * _BINS), _BINS - 1), []).append((sure, _ABSTAINED not in wanted))
    return tuple(_bin(i, found[i]) for i in sorted(found))


def _bin(i: int, held: Sequence[tuple[float, bool]]) -> Bin:
    answerable = sum(a for _, a in held)
    mean = sum(s for s, _ in held) / len(held)
    low, high = wilson(answerable, len(held))
    return Bin(i / _BINS, (i + 1) / _BINS, round(mean, 4), len(held), answerable, (round(low, 4), round(high, 4)))


def as_json(found: Iterable[Bin]) -> list[dict]:
    """Returns the bins as JSON values."""
    return [asdict(b) for b in found]
