"""The verifier's own exam: every mutant must be caught, every untouched or fairly reworded sentence must pass."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from assistant.verify import Verifier
from evals.cases import Split
from evals.metrics import wilson
from evals.mutations import mutants
from evals.rewordings import reworded, written
from ingest.content import Corpus

CAUGHT, PASSED = 0.99, 0.995


@dataclass(frozen=True)
class Miss:
    """A sentence judged wrongly: the statement it cites, what was done to it, and the reasons given, if any."""

    statement: str
    sentence: str
    change: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One line of the report: how many sentences of a kind, and those judged wrongly."""

    group: str
    kind: str
    n: int
    missed: tuple[Miss, ...]

    @property
    def right(self) -> int:
        """Returns the number judged rightly."""
        return self.n - len(self.missed)


@dataclass(frozen=True)
class Exam:
    """The rows of an exam and what follows from them."""

    rows: tuple[Row, ...]

    def total(self, group: str) -> tuple[int, int]:
        """Returns (judged rightly, n) of a group: mutants, untouched, reworded by rule, fair by hand, unfair by hand."""
        rows = [r for r in self.rows if r.group == group]
        return sum(r.right for r in rows), sum(r.n for r in rows)

    def gates(self) -> dict[str, bool]:
        """Returns whether each gate holds: 99% of mutants caught; 99.5% of untouched and of rule-made rewordings passed."""
        gates = {"mutants": CAUGHT, "untouched": PASSED, "reworded by rule": PASSED}
        return {g: (t := self.total(g))[1] > 0 and t[0] >= least * t[1] for g, least in gates.items()}


def examine(verifier: Verifier, corpus: Corpus, step: int = 1, split: Split | None = None, seed: int = 0) -> Exam:
    """Returns the exam on every `step`-th statement, and on the hand-written rewordings of a split or all."""
    judged: dict[tuple[str, str], list[Miss | None]] = defaultdict(list)

    def judge(group: str, kind: str, id: str, sentence: str, change: str, fair: bool) -> None:
        verdict = verifier.verify(sentence, [corpus.statements[id]])
        judged[group, kind].append(None if verdict.supported == fair else Miss(id, sentence, change, verdict.reasons))

    for m in mutants(corpus, verifier.lexicon, step, seed):
        judge("mutants", m.kind, m.statement, m.sentence, m.change, False)
    for s in list(corpus.statements.values())[::step]:
        for text in dict.fromkeys((s.text, s.plain)):
            judge("untouched", "untouched", s.id, text, "", True)
        for r in reworded(s, verifier.lexicon):
            judge("reworded by rule", r.rule, s.id, r.sentence, r.rule, True)
    for r in written(corpus, split):
        judge(r.rule, r.rule, r.statement, r.sentence, r.fault or r.rule, r.fair)
    return Exam(tuple(Row(group, kind, len(js), tuple(j for j in js if j)) for (group, kind), js in judged.items()))


def table(exam: Exam) -> str:
    """Returns a line a kind and a line a group: judged rightly, n, share with its 95% Wilson interval, gate."""
    gates = exam.gates()
    lines = [f"{'kind':<26} {'right':>6} {'n':>6}  share  95% interval"]
    for group in dict.fromkeys(r.group for r in exam.rows):
        rows = [r for r in exam.rows if r.group == group]
        if len(rows) > 1:
            lines += [_line(f"  {r.kind}", r.right, r.n) for r in rows]
        gate = f"  gate {'holds' if gates[group] else 'FAILS'}" if group in gates else ""
        lines.append(_line(group, *exam.total(group)) + gate)
    return "\n".join(lines)


def as_json(exam: Exam) -> dict:
    """Returns the exam as JSON values: each row with its interval and what was judged wrongly, and the gates."""
    return {
        "verifier": [
            {
                "group": r.group,
                "kind": r.kind,
                "n": r.n,
                "right": r.right,
                "interval": [round(x, 4) for x in wilson(r.right, r.n)],
                "wrong": [asdict(m) for m in r.missed],
            }
            for r in exam.rows
        ],
        "gates": exam.gates(),
    }


def misses(exam: Exam) -> Iterable[str]:
    """Yields a line for each sentence judged wrongly: kind, statement, change, sentence, reasons."""
    for r in exam.rows:
        for m in r.missed:
            why = f"  ({'; '.join(m.reasons)})" if m.reasons else ""
            yield f"{r.group}, {r.kind}: {m.statement}: {m.change}: {m.sentence}{why}"


def _line(name: str, right: int, n: int) -> str:
    low, high = wilson(right, n)
    return f"{name:<26} {right:>6} {n:>6}  {right / n if n else 0:.3f}  {low:.3f} to {high:.3f}"
