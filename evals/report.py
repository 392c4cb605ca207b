"""Results of question sets as text for a terminal and as JSON."""

from evals.run import SetResult


def table(results: tuple[SetResult, ...]) -> str:
    """Returns one line a set: passed, n, share with its 95% Wilson interval, gate."""
    width = max((len(r.name) for r in results), default=3)
    lines = [f"{'set':<{width}}  passed     n   share  95% interval    gate"]
    for r in results:
        low, high = r.interval
        gate = "-" if r.gate is None else f"{r.gate:.2f} {'holds' if r.gate_holds else 'FAILS'}"
        share = r.passed / r.n if r.n else 0.0
        lines.append(f"{r.name:<{width}}  {r.passed:>6}  {r.n:>4}  {share:6.3f}  {low:.3f} to {high:.3f}  {gate}")
    return "\n".join(lines)


def failures(results: tuple[SetResult, ...]) -> str:
    """Returns each failed case: its id, the turns, and why it failed."""
    lines = []
    for r in (c for s in results for c in s.results if not c.passed):
        lines.append(f"{r.case.id} ({r.case.audience})  {' | '.join(t[:300] for t in r.case.turns)}")
        lines += [f"    {reason}" for reason in r.reasons]
    return "\n".join(lines)


def as_json(results: tuple[SetResult, ...]) -> dict:
    """Returns the results as JSON values: counts, intervals, gates, tags, and each failed case with its reasons."""
    return {
        "sets": [
            {
                "name": r.name,
                "n": r.n,
                "passed": r.passed,
                "interval": [round(x, 4) for x in r.interval],
                "gate": r.gate,
                "gate_holds": r.gate_holds,
                "tags": {t: list(v) for t, v in r.by_tag().items()},
                "failed": [
                    {"id": c.case.id, "turns": list(c.case.turns), "audience": c.case.audience, "reasons": list(c.reasons)}
                    for c in r.results
                    if not c.passed
                ],
            }
            for r in results
        ]
    }
