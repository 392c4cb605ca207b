"""The trial figures that statements hold in their `values`: hazard ratios, response rates and medians, a row for each.

Only fields whose meaning is certain are read. A figure is left out, not guessed at, where its `values` do not say which arm, which
endpoint or which group it belongs to; an interval is left out where it cannot be told whose it is. Nothing is pooled or converted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.estimates import Estimate, Number
from ingest.content import Corpus, Statement
from ingest.figures import canonical

_ANALYSES = ("final", "adjusted", "model")
_SHARED = ("population", "setting", "groups", "assessor", "trial")  # fields of which a list may go with a list of figures
_LEVEL = re.compile(r"(\d+(?:\.\d+)?)% (?:CI|confidence)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RESPONSES = ("percent", "orr_pct", "response_percent", "response_pct")
_RESPONSE_INTERVALS = ("ci_pct", "percent_ci", "orr_ci_pct", "response_ci_pct")
_MEDIAN_INTERVALS = ("ci_months", "median_ci", "ci_medians")


def effects(corpus: Corpus) -> tuple[Estimate, ...]:
    """Returns every hazard ratio whose endpoint or subgroup is certain; by trial, the current and newest first."""
    named = _Endpoints(corpus)
    return _ordered(row for s in corpus.statements.values() for row in _effects(s, named))


def responses(corpus: Corpus) -> tuple[Estimate, ...]:
    """Returns the response rates (per cent), an arm a row, of statements whose endpoint is a response and nothing else."""
    return _ordered(row for s in corpus.statements.values() for row in _responses(s))


def medians(corpus: Corpus) -> tuple[Estimate, ...]:
    """Returns the median times (months), an arm a row, of statements that name the endpoint."""
    named = _Endpoints(corpus)
    return _ordered(row for s in corpus.statements.values() for row in _medians(s, named))


class _Endpoints:
    """What endpoints are called: the vocabulary resolves an abbreviation if its name is an endpoint of some statement."""

    def __init__(self, corpus: Corpus):
        used = {s.values["endpoint"] for s in corpus.statements.values() if isinstance(s.values.get("endpoint"), str)}
        abbreviations = {n: t.name for t in corpus.vocabulary.values() if t.category == "topic" for n in t.synonyms if n.isupper()}
        self._names = {short.lower(): name for short, name in abbreviations.items() if name in used}
        self._capitals = {short.lower(): short for short in abbreviations}

    def name(self, said: str) -> str:
        """Returns the full name of an endpoint that is said in short; "" for what is no abbreviation of one."""
        return self._names.get(said.lower(), "")

    def words(self, key: str) -> str:
        """Returns a part of a key as words: `with_cns` is "with CNS"."""
        return " ".join(self._capitals.get(w, w) for w in key.split("_"))


def _effects(s: Statement, named: _Endpoints) -> Iterator[Estimate]:
    arms = _texts(s.values, "arms")
    note = [f"the ratio sets {v}" for v in [_text(s.values, "hr_orientation")] if v]
    for a in _affixed(s.values, "hr", named):
        for value, interval, own in _side_by_side(s.values, s.values[a.key], s.values.get(a.beside("ci")), _SHARED):
            if isinstance(value, float) and not (interval and any(isinstance(end, str) for end in interval)):
                compared = arms if len(arms) == 2 and not note else ()
                yield _estimate(s, a, value, interval, {**own, "arms": compared}, (*note, _text(s.values, a.beside("ci_note"))))


def _responses(s: Statement) -> Iterator[Estimate]:
    endpoint = _text(s.values, "endpoint")
    keys = [k for k in _RESPONSES if k in s.values]
    if not re.search(r"\bresponse\b", endpoint) or re.search(r"\b(duration|and)\b", endpoint) or len(keys) != 1:
        return
    shared = {"hr", "median_months"} & s.values.keys()
    interval = _only(s.values, (*_RESPONSE_INTERVALS, *(() if shared else ("ci",))))
    yield from _by_arm(s, _Affix(keys[0], "", endpoint), interval)


def _medians(s: Statement, named: _Endpoints) -> Iterator[Estimate]:
    alone = not any(k == "hr" or re.search(r"(^|_)(hr|percent|pct)$", k) for k in s.values)
    for a in _affixed(s.values, "median_months", named):
        if not a.endpoint or re.search(r"(?<!duration of )\bresponse\b", a.endpoint):
            continue
        if a.prefix:
            interval = _only(s.values, (a.beside("ci"), a.beside("ci_months")))
        else:
            interval = _only(s.values, (*(a.beside(k) for k in _MEDIAN_INTERVALS), *(("ci",) if alone else ())))
        yield from _by_arm(s, a, interval)


@dataclass(frozen=True)
class _Affix:
    """A key of a measure, `os_hr_with_cns`: its prefix, the endpoint it is about, and the subgroup its suffix names.

    `own` is whether the fields beside it (assessor, cut-off) are surely of this figure too.
    """

    key: str
    prefix: str
    endpoint: str
    suffix: str = ""
    subgroup: str = ""
    own: bool = True

    def beside(self, measure: str) -> str:
        """Returns the key of another measure of the same figure: `os_ci_with_cns`."""
        return "_".join(part for part in (self.prefix, measure, self.suffix) if part)


def _affixed(values: Mapping[str, Any], measure: str, named: _Endpoints) -> Iterator[_Affix]:
    """Yields the keys of a measure whose prefix is an endpoint or an analysis, and whose suffix a subgroup with or without something."""
    pattern = re.compile(rf"(?:(?P<prefix>\w+)_)??{measure}(?:_(?P<suffix>with(?:out)?_\w+))?")
    said = _text(values, "endpoint")
    endpoint = named.name(said) or said
    for key in values:
        if m := pattern.fullmatch(key):
            prefix, suffix = m["prefix"] or "", m["suffix"] or ""
            if not prefix:
                yield _Affix(key, "", endpoint, suffix, named.words(suffix), own=not suffix or measure not in values)
            elif other := endpoint if prefix in _ANALYSES else named.name(prefix):
                yield _Affix(key, prefix, other, suffix, named.words(suffix), own=False)


def _by_arm(s: Statement, a: _Affix, interval: Any) -> Iterator[Estimate]:
    other = [f for f in ("arms", *_SHARED) if f"{a.prefix}_{f}" in s.values]  # this figure has arms or groups of its own
    arms = _texts(s.values, "arms")
    if other or not (arms or "trial" in s.values or "design" in s.values):
        return
    for value, ends, own in _side_by_side(s.values, s.values[a.key], interval, ("arms", *_SHARED)):
        if "arms" in own or len(arms) < 2:
            yield _estimate(s, a, value, ends, {"arms": arms, **own})


def _side_by_side(
    values: Mapping[str, Any], figures: Any, intervals: Any, shared: tuple[str, ...]
) -> Iterator[tuple[Number, tuple[Number, Number] | None, dict[str, Any]]]:
    """Yields each figure, its interval, and the fields that are its own; nothing for a list that no field, or more than one, goes with."""
    figures = figures if isinstance(figures, list) else [figures]
    pairs = [intervals] if _pair(intervals) else intervals if isinstance(intervals, list) else []
    pairs = pairs if len(pairs) == len(figures) else [None] * len(figures)
    beside = [f for f in shared if isinstance(values.get(f), list) and len(values[f]) == len(figures)]
    if len(figures) > 1 and len(beside) != 1:
        return
    for i, (figure, pair) in enumerate(zip(figures, pairs, strict=True)):
        own = {} if len(figures) == 1 else {beside[0]: (str(values[beside[0]][i]),)}
        yield _number(figure), _pair(pair), own


def _estimate(
    s: Statement, a: _Affix, value: Number, interval: tuple | None, own: dict[str, tuple], notes: tuple[str, ...] = ()
) -> Estimate:
    low, high = interval or (None, None)
    ends = f" ({_written(low, s.text)} to {_written(high, s.text)})" if interval else ""
    said = {name: " and ".join(own[name]) if name in own else _text(s.values, name) for name in (*_SHARED, "design", "analysis", "source")}
    if not a.own:
        said["assessor"] = _text(s.values, f"{a.prefix}_assessor")
    cutoff = _text(s.values, "cutoff" if not a.prefix else f"{a.prefix}_cutoff")
    group = own["groups"][0] if "groups" in own else ""
    return Estimate(
        statement=s.id,
        trial=said["trial"] or " and ".join(_texts(s.values, "trial")),
        design=said["design"],
        arms=own["arms"],
        population="; ".join(p for p in (said["population"], group, a.subgroup) if p),
        setting=said["setting"],
        endpoint=a.endpoint,
        assessor=said["assessor"],
        cutoff=cutoff,
        analysis=a.prefix if a.prefix in _ANALYSES else "" if a.prefix else said["analysis"],
        source=said["source"],
        level=_level(s, a) if interval else "",
        note="; ".join(n for n in notes if n),
        value=value,
        low=low,
        high=high,
        shown=f"{_written(value, s.text)}{ends}",
        superseded=s.superseded_by is not None,
    )


def _level(s: Statement, a: _Affix) -> str:
    """Returns the level of an interval in per cent: as the values give it, or the only one the text names."""
    held = [s.values[k] for k in ("ci_level", "ci_level_percent", "ci_level_pct") if k in s.values and not a.prefix]
    held += [s.values[k] for k in [f"{a.prefix}_ci_level"] if a.prefix and k in s.values]
    levels = {canonical(n) for n in _LEVEL.findall(s.text)}
    return canonical(held[0]) if held else levels.pop() if len(levels) == 1 else ""


def _written(value: Number, text: str) -> str:
    """Returns a figure with the digits the text gives it: 0.8 as "0.80" where the text says so."""
    if isinstance(value, str):
        return value
    return next((n for n in _NUMBER.findall(text) if canonical(n) == canonical(value)), canonical(value))


def _number(value: Any) -> Number:
    return float(value) if isinstance(value, int | float) else str(value)


def _pair(value: Any) -> tuple[Number, Number] | None:
    """Returns an interval as its two ends; None for anything else."""
    if isinstance(value, list | tuple) and len(value) == 2 and not any(isinstance(end, list | tuple) for end in value):
        return _number(value[0]), _number(value[1])
    return None


def _only(values: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """Returns the value of the one of these keys that is there; None where there is none or more than one."""
    found = [values[k] for k in keys if k in values]
    return found[0] if len(found) == 1 else None


def _text(values: Mapping[str, Any], key: str) -> str:
    """Returns a field of one value as text; "" where it is absent or a list, which cannot be told apart."""
    value = values.get(key)
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = values.get(key)
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value is not None else ()


def _ordered(rows: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """Returns the rows by study in the order of the corpus; inside one the current before the superseded, then the newest cut-off first."""
    rows = tuple(rows)
    place = {study: i for i, study in reversed(list(enumerate(r.trial or r.statement for r in rows)))}
    newest = sorted(rows, key=lambda r: r.cutoff or ("9" if r.analysis == "final" else ""), reverse=True)
    return tuple(sorted(newest, key=lambda r: (place[r.trial or r.statement], r.superseded)))
