"""A figure with its interval, as a statement gives it, and what a reader does with many: narrow, list, download."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

ASSESSORS = INDEPENDENT, INVESTIGATOR, OTHER, NOT_NAMED = ("independent review", "investigator", "other", "none named")
_WORDS = {INVESTIGATOR: ("investigator",), INDEPENDENT: ("independent", "bicr", "birc", "irc"), NOT_NAMED: ("not stated",)}

Number = float | str  # a figure, or the words that stand for it: "not reached"


@dataclass(frozen=True)
class Estimate:
    """One figure with its interval, as a statement gives it.

    Attributes:
        arms: of a hazard ratio the arm named first and the one it is set against, empty where the values do not say; of another figure its arm.
        population: who was counted, a subgroup included.
        assessor: in the source's own words; empty where the values name none for this figure.
        source: where it was read if not in the trial's own report (a label, the trade press).
        level: of the interval, in per cent; empty where it is not certain.
        value, low, high: hazard ratio, per cent or months; an interval of None was not given or cannot be told to be of this figure.
        shown: value and interval with their digits as the statement writes them.
        superseded: whether a later statement replaces the one it is from.
    """

    statement: str
    trial: str
    design: str
    arms: tuple[str, ...]
    population: str
    setting: str
    endpoint: str
    assessor: str
    cutoff: str
    analysis: str
    source: str
    level: str
    note: str
    value: Number
    low: Number | None
    high: Number | None
    shown: str
    superseded: bool

    @property
    def comparison(self) -> str:
        """Returns the arms as a reader should see them."""
        return " against ".join(self.arms)

    @property
    def study(self) -> str:
        """Returns the trial, or the design where no trial is named."""
        return self.trial or self.design or "study not named"

    @property
    def assessed(self) -> str:
        """Returns which of `ASSESSORS` assessed it."""
        said = self.assessor.lower() or "not stated"
        return next((kind for kind, words in _WORDS.items() if any(w in said for w in words)), OTHER)

    @property
    def plottable(self) -> bool:
        """Returns whether it can stand in a forest plot: an interval in numbers, and both arms known."""
        return len(self.arms) == 2 and isinstance(self.low, float) and isinstance(self.high, float)


def chosen(
    rows: Iterable[Estimate],
    words: str = "",
    endpoints: Iterable[str] = (),
    assessors: Iterable[str] = (),
    settings: Iterable[str] = (),
    superseded: bool = False,
) -> tuple[Estimate, ...]:
    """Returns the rows that fit: every word in trial, arms or population; an empty choice lets all through."""
    wanted = words.lower().split()
    return tuple(
        r
        for r in rows
        if all(w in f"{r.study} {r.comparison} {r.population}".lower() for w in wanted)
        and (not (e := tuple(endpoints)) or r.endpoint in e)
        and (not (a := tuple(assessors)) or r.assessed in a)
        and (not (t := tuple(settings)) or r.setting in t)
        and (superseded or not r.superseded)
    )


def choices(rows: Iterable[Estimate], field: str) -> tuple[str, ...]:
    """Returns the values of a field that occur in the rows, the commonest first; rows that do not state it are passed over."""
    count = Counter(value for r in rows if (value := getattr(r, field)))
    return tuple(sorted(count, key=lambda v: (-count[v], v)))


def as_csv(rows: Iterable[Estimate], version: str) -> str:
    """Returns the rows as CSV with a header; every row names its statement and the version of the corpus."""
    names = [f.name for f in fields(Estimate) if f.name != "shown"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*names, "corpus_version"])
    for r in rows:
        cells = {**vars(r), "arms": r.comparison, "superseded": "yes" if r.superseded else "no"}
        writer.writerow([*("" if cells[n] is None else cells[n] for n in names), version])
    return out.getvalue()
