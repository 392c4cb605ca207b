"""Results of question sets as text for a terminal, and as one report in JSON, Markdown and HTML: gates first, then what changed, then the rest."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType

from evals import calibration
from evals.run import CaseResult, SetResult
from evals.summary import Measure
from ingest.content import Corpus
from ingest.coverage import cells
from ingest.files import write_text

_BINS = 10
_WIDTH, _HEIGHT, _BAR = 640, 180, 14


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


def as_json(results: tuple[SetResult, ...], measures: Sequence[Measure] = (), shown: bool = True) -> dict:
    """Returns the results as JSON values: counts, intervals, gates, tags, measures, and each failed case with its reasons where `shown`."""
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
                "failed": [_failed(c) for c in r.results if not c.passed] if shown else None,
            }
            for r in results
        ],
        "measures": [vars(m) for m in measures],
        "latency_ms": [round(c.answer.latency_ms, 1) for r in results for c in r.results if c.answer],
        "outcomes": _outcomes(c for r in results for c in r.results),
        "calibration": calibration.as_json(calibration.bins(c for r in results for c in r.results)),
    }


def _failed(c: CaseResult) -> dict:
    answer = c.answer
    return {
        "id": c.case.id,
        "turns": list(c.case.turns),
        "audience": c.case.audience,
        "expected": _expected(c),
        "reasons": list(c.reasons),
        "outcome": answer.outcome if answer else None,
        "answer": [s.text for section in answer.sections for s in section.sentences][:4] or [answer.message or ""] if answer else [],
    }


def _expected(c: CaseResult) -> dict[str, list[str]]:
    """Returns what was expected, field -> values, without what the case leaves open."""
    given = c.case.expect.model_dump(mode="json", exclude_defaults=True)
    return {
        field: [f"{k}: {v}" for k, v in value.items()] if isinstance(value, dict) else [value] if isinstance(value, str) else value
        for field, value in given.items()
    }


def _outcomes(cases: Iterable[CaseResult]) -> dict[str, dict[str, int]]:
    """Returns expected outcome -> outcome given -> number of cases."""
    found: dict[str, Counter[str]] = {}
    for c in cases:
        if c.answer and c.case.expect.outcome:
            found.setdefault(" or ".join(c.case.expect.outcome), Counter())[c.answer.outcome] += 1
    return {wanted: dict(given) for wanted, given in sorted(found.items())}


def covered(corpus: Corpus) -> list[dict]:
    """Returns the coverage matrices as JSON values: title, rows, and for each topic the number of statements of each row."""
    found = []
    for matrix in corpus.coverage.values():
        counts = {cell: len(statements) for cell, statements in cells(corpus, matrix).items()}
        lines = [[column, *(counts[row, column] or "no source found" for row in matrix.rows)] for column in matrix.columns]
        found.append({"title": f"Coverage: {matrix.title}", "rows": list(matrix.rows), "lines": lines})
    return found


def write(folder: Path, report: Mapping) -> None:
    """Writes report.json, report.md and report.html into a folder; the report that was there is what the new one is compared with.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _before(folder / "report.json")
    write_text(folder / "report.md", markdown(report, before))
    write_text(folder / "report.html", html(report, before))
    write_text(folder / "report.json", json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def _before(path: Path) -> dict[str, tuple[int, int]]:
    """Returns set -> (passed, n) of an earlier report; nothing where there is none that can be read."""
    try:
        return {s["name"]: (s["passed"], s["n"]) for s in json.loads(path.read_text(encoding="utf-8"))["sets"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _rows(report: Mapping, before: Mapping[str, tuple[int, int]]) -> list[tuple[str, ...]]:
    """Returns the rows of the sets, those whose gate fails first: name, passed, n, share, interval, gate, change."""
    rows = []
    for s in sorted(report["sets"], key=lambda s: (s["gate_holds"], s["name"])):
        low, high = s["interval"]
        gate = "-" if s["gate"] is None else f"{s['gate']:.2f} {'holds' if s['gate_holds'] else 'FAILS'}"
        share = s["passed"] / s["n"] if s["n"] else 0.0
        old = before.get(s["name"])
        change = f"{share - old[0] / old[1]:+.3f}" if old and old[1] else ""
        rows.append((s["name"], str(s["passed"]), str(s["n"]), f"{share:.3f}", f"{low:.3f} to {high:.3f}", gate, change))
    return rows


_SETS = ("set", "passed", "n", "share", "95% interval", "gate", "change")
_MEASURES = ("measure", "value", "95% interval", "n", "unit")
_BINNED = ("sureness", "mean", "n", "share to be answered", "95% interval")
_SYSTEMS = ("system", "nDCG@10", "95% interval", "recall@100", "MRR@10", "hit@4")


def _measures(report: Mapping) -> list[tuple[str, ...]]:
    return [
        (m["name"], f"{m['value']:.3f}", f"{m['low']:.3f} to {m['high']:.3f}", str(m["n"]), m["unit"]) for m in report.get("measures", ())
    ]


def _systems(report: Mapping) -> list[tuple[str, ...]]:
    systems = (report.get("retrieval") or {}).get("systems", {})
    return [
        (
            name,
            f"{s['ndcg@10']:.4f}",
            "{:.4f} to {:.4f}".format(*s["ndcg@10_interval"]),
            f"{s['recall@100']:.4f}",
            f"{s['mrr@10']:.4f}",
            f"{s['hit@4']:.4f}",
        )
        for name, s in systems.items()
    ]


def _calibrated(report: Mapping) -> list[tuple[str, ...]]:
    return [
        (
            f"{b['low']:.1f} to {b['high']:.1f}",
            f"{b['mean']:.3f}",
            str(b["n"]),
            f"{b['answerable'] / b['n']:.3f}",
            "{:.3f} to {:.3f}".format(*b["interval"]),
        )
        for b in report.get("calibration", ())
    ]


def _tables(report: Mapping, before: Mapping) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    outcomes = report.get("outcomes", {})
    given = sorted({g for row in outcomes.values() for g in row})
    return [
        ("Gates", _SETS, _rows(report, before)),
        ("Measures over all cases", _MEASURES, _measures(report)),
        ("Retrieval on these questions", _SYSTEMS, _systems(report)),
        ("Calibration of abstention", _BINNED, _calibrated(report)),
        ("Outcome expected and given", ("expected", *given), [(w, *(str(row.get(g, 0)) for g in given)) for w, row in outcomes.items()]),
        *((m["title"], ("topic", *m["rows"]), [tuple(map(str, line)) for line in m["lines"]]) for m in report.get("coverage", ())),
    ]


def _failures_of(report: Mapping) -> list[dict]:
    return [{**f, "set": s["name"]} for s in report["sets"] for f in s["failed"] or ()]


def markdown(report: Mapping, before: Mapping[str, tuple[int, int]] = MappingProxyType({})) -> str:
    """Returns the report as Markdown."""
    lines = ["# Evaluation", "", _headline(report), ""]
    for title, head, rows in _tables(report, before):
        if rows:
            lines += [f"## {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(r)} |" for r in rows), ""]
    failed = _failures_of(report)
    if failed:
        lines += ["## Failed cases", ""]
        for f in failed:
            lines += [f"* `{f['set']}/{f['id']}` {' / '.join(f['turns'])[:300]}: {'; '.join(f['reasons'])[:300]}"]
    return "\n".join(lines) + "\n"


def _headline(report: Mapping) -> str:
    failing = [s["name"] for s in report["sets"] if not s["gate_holds"]]
    n = sum(s["n"] for s in report["sets"])
    passed = sum(s["passed"] for s in report["sets"])
    gates = f"{len(failing)} of {len(report['sets'])} gates fail: {', '.join(failing)}." if failing else "All gates hold."
    return f"{gates} {passed} of {n} cases passed."


def html(report: Mapping, before: Mapping[str, tuple[int, int]] = MappingProxyType({})) -> str:
    """Returns the report as one HTML page that loads nothing from elsewhere."""
    parts = [f"<h1>Evaluation</h1><p class='lead'>{escape(_headline(report))}</p>"]
    for title, head, rows in _tables(report, before):
        if rows:
            parts += [f"<h2>{escape(title)}</h2>", _table(head, rows)]
    parts += [_shares(report), _calibration(report.get("calibration", [])), _histogram(report.get("latency_ms", []))]
    failed = _failures_of(report)
    if failed:
        parts.append("<h2>Failed cases</h2>")
        parts += [
            f"<details><summary>{escape(f['set'])}/{escape(f['id'])}: {escape(' / '.join(f['turns'])[:200])}</summary>"
            f"<p>{'<br>'.join(escape(r) for r in f['reasons'])}</p><blockquote>{'<br>'.join(escape(a) for a in f['answer'])}</blockquote></details>"
            for f in failed
        ]
    return _PAGE.replace("BODY", "\n".join(p for p in parts if p))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th scope='col'>{escape(h)}</th>" for h in head)
    body = "".join(
        f"<tr class='{'bad' if any('FAILS' in c for c in row) else ''}'>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>"
        for row in map(tuple, rows)
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _shares(report: Mapping) -> str:
    """Returns a bar a set: its share passed, the interval as a line, the gate as a mark."""
    bars = []
    for n, s in enumerate(report["sets"]):
        y, share = n * (_BAR + 6), s["passed"] / s["n"] if s["n"] else 0.0
        low, high = s["interval"]
        gate = f"<rect x='{160 + 420 * s['gate']:.0f}' y='{y}' width='2' height='{_BAR}' fill='#111'/>" if s["gate"] is not None else ""
        bars.append(
            f"<text x='150' y='{y + 11}' text-anchor='end'>{escape(s['name'])}</text>"
            f"<rect x='160' y='{y}' width='{420 * share:.0f}' height='{_BAR}' fill='{'#2b6cb0' if s['gate_holds'] else '#c05621'}'/>"
            f"<rect x='{160 + 420 * low:.0f}' y='{y + 6}' width='{420 * (high - low):.0f}' height='2' fill='#1a202c'/>{gate}"
        )
    height = len(report["sets"]) * (_BAR + 6)
    label = "Share passed of each set, with its interval and gate"
    return f"<h2>{label}</h2><svg role='img' aria-label='{label}' viewBox='0 0 {_WIDTH} {height}'>{''.join(bars)}</svg>" if bars else ""


def _calibration(bins: Sequence[Mapping]) -> str:
    """Returns the share of answerable questions by sureness: a dot and its interval a bin, and the line where both are equal."""
    if not bins:
        return ""
    side = _HEIGHT * 2
    marks = [f"<line x1='40' y1='{side}' x2='{side + 40}' y2='0' stroke='#718096' stroke-dasharray='4'/>"]
    for b in bins:
        x, y = 40 + side * b["mean"], side * (1 - b["answerable"] / b["n"])
        top, foot = (side * (1 - share) for share in reversed(b["interval"]))
        marks.append(
            f"<line x1='{x:.0f}' y1='{top:.0f}' x2='{x:.0f}' y2='{foot:.0f}' stroke='#1a202c'/><circle cx='{x:.0f}' cy='{y:.0f}' r='5' fill='#2b6cb0'/>"
            f"<text x='{x + 8:.0f}' y='{y + 4:.0f}'>{b['n']}</text>"
        )
    label = "Calibration of abstention: sureness (across) and share that should be answered (up), with the number of questions"
    return f"<h2>{label}</h2><svg role='img' aria-label='{label}' viewBox='0 -6 {_WIDTH} {side + 20}'>{''.join(marks)}</svg>"


def _histogram(values: Sequence[float]) -> str:
    """Returns the distribution of the latencies up to their 99th percentile."""
    if len(values) < 2:
        return ""
    kept = sorted(values)[: max(2, int(0.99 * len(values)))]
    low, width = kept[0], (kept[-1] - kept[0]) / _BINS or 1.0
    counts = Counter(min(_BINS - 1, int((v - low) / width)) for v in kept)
    most, step = max(counts.values()), _WIDTH / _BINS
    bars = [
        f"<rect x='{i * step + 2:.0f}' y='{_HEIGHT - 150 * counts[i] / most:.0f}' width='{step - 4:.0f}' height='{150 * counts[i] / most:.0f}' fill='#2b6cb0'/>"
        f"<text x='{i * step + step / 2:.0f}' y='{_HEIGHT + 14}' text-anchor='middle'>{low + i * width:.0f}</text>"
        for i in range(_BINS)
    ]
    label = "Latency in milliseconds, all answers but the slowest hundredth"
    return f"<h2>{label}</h2><svg role='img' aria-label='{label}' viewBox='0 0 {_WIDTH} {_HEIGHT + 20}'>{''.join(bars)}</svg>"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Citepath: evaluation</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1a202c; background: #fff; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
.lead { font-size: 1.15rem; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #e2e8f0; } tr.bad td { background: #fffaf0; }
svg { width: 100%; font: 11px system-ui, sans-serif; } details { margin: .4rem 0; } blockquote { color: #4a5568; }
</style></head><body>
BODY
</body></html>
"""
