"""Whose figure is it? A statement's `values` say which figure is which arm's, group's or finding's; a sentence must not give it to another."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from assistant.claims import Claims
from ingest.figures import canonical

_INTERVALS = frozenset("ci range iqr interval ecog age ages".split())
_LABELS = ("arms", "groups")


@dataclass(frozen=True)
class Owner:
    """A label (the words that only it has among its siblings) and its figures."""

    words: frozenset[str]
    figures: frozenset[str]


@dataclass(frozen=True)
class Family:
    """Owners side by side for one measure; `closed` where they are the arms or groups of a comparison."""

    owners: tuple[Owner, ...]
    closed: bool = False


@dataclass(frozen=True)
class Placing:
    """What the owners tell about a sentence: reasons against it, and the pairs of figures, and of owners named once, that rightly stand together."""

    wrong: tuple[str, ...]
    right: frozenset[tuple[str, str]]


def families(values: Mapping[str, Any], read: Callable[[str], Claims]) -> tuple[Family, ...]:
    """Returns the owners of figures that `values` sets side by side, a family for each measure.

    Three shapes are read: a list beside `arms` or `groups` ("arms: [a, b], percent: [3, 7]"), a mapping ("days: {cholesterol: 104, ...}"), and
    keys with one ending ("diarrhoea_pct: 49, nausea_pct: 40").
    """
    found = []
    for closed, pairs in _side_by_side(values):
        labels = [read(label.replace("_", " ")).labels for label, _ in pairs]
        named = Counter(w for words in labels for w in words)
        figures = [frozenset(_numbers(value)) for _, value in pairs]
        often = Counter(f for own in figures for f in own)
        owners = [
            Owner(frozenset(w for w in ws if named[w] == 1), frozenset(f for f in own if often[f] == 1))
            for ws, own in zip(labels, figures, strict=True)
        ]
        found.append(Family(tuple(o for o in owners if o.words and o.figures), closed))
    return tuple(f for f in found if len(f.owners) > 1)


def placing(said: Claims, source: Claims, families: tuple[Family, ...]) -> Placing:
    """Returns which figures of the sentence stand with the wrong owner, and which pairs with the right ones.

    In English the order of two figures is the order of their owners, however the sentence is built ("3% with a and 7% with b", "a 3%, b 7%", "with a
    and b 3% and 7%"); so figures in one order and owners in the other are crossed, unless the source itself has them so. A figure of a
    closed family whose owner is not named, beside a sibling that is named without a figure, is taken as given to the sibling.
    """
    wrong: list[str] = []
    right: set[tuple[str, str]] = set()
    for family in families:
        mine = _placed(said, family)
        theirs = {source.items[j].value: j for j, _ in _placed(source, family)}
        for (a, p), (b, q) in combinations(mine, 2):
            x, y = said.items[a], said.items[b]
            if p is q or _crossed(source, theirs.get(x.value), p, theirs.get(y.value), q) is not False:
                continue
            crossed = _crossed(said, a, p, b, q)
            if crossed:
                wrong.append(f"{x.written} and {y.written} are each other's")
            elif crossed is False and family.closed and (named := _named_once(said, p, q)):
                right |= {pair for v, w in ((x.key, y.key), named) for pair in ((v, w), (w, v))}
        owning = [p for _, p in mine]
        for a, p in mine:
            unnamed = family.closed and p.words & source.keys and not p.words & said.keys
            if unnamed and any(q not in owning and q.words <= said.keys for q in family.owners if q is not p):
                wrong.append(f"{said.items[a].written} is another's")
    return Placing(tuple(wrong), frozenset(right))


def _side_by_side(values: Mapping[str, Any]) -> Iterator[tuple[bool, list[tuple[str, Any]]]]:
    for name in _LABELS:
        labels = values.get(name)
        if isinstance(labels, list) and len({str(x) for x in labels}) == len(labels):
            for key, value in values.items():
                if (
                    key != name
                    and isinstance(value, list)
                    and len(value) == len(labels)
                    and not (_INTERVALS & {*key.split("_")} and _plain(value))
                ):
                    yield True, [(str(x), v) for x, v in zip(labels, value, strict=True)]
    endings: dict[str, list[tuple[str, Any]]] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            yield False, [(str(k), v) for k, v in value.items()]
        label, _, ending = str(key).rpartition("_")
        endings.setdefault(ending, []).append((label, value))
    yield from ((False, [(x, v) for x, v in pairs if x]) for pairs in endings.values() if sum(bool(x) for x, _ in pairs) > 1)


def _plain(value: list[Any]) -> bool:
    return not any(isinstance(v, list) for v in value)


def _numbers(value: Any) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield canonical(abs(value))
    elif isinstance(value, list):
        for v in value:
            yield from _numbers(v)


def _placed(claims: Claims, family: Family) -> list[tuple[int, Owner]]:
    """Returns the places of the family's figures that stand once in the text, with their owners."""
    places = [(i, claims.items[i].value) for i in claims.of("figure")]
    often = Counter(v for _, v in places)
    return [(i, o) for i, v in places if often[v] == 1 for o in family.owners if v in o.figures]


def _crossed(claims: Claims, a: int | None, p: Owner, b: int | None, q: Owner) -> bool | None:
    """Whether figures and owners stand in opposite orders; None where one is missing."""
    if a is None or b is None:
        return None
    mine, other = _nearest(claims, a, p), _nearest(claims, b, q)
    return None if mine is None or other is None else (a < b) != (mine < other)


def _named_once(claims: Claims, p: Owner, q: Owner) -> tuple[str, str] | None:
    """Returns the words of two owners where each has one and the text has it once: only then is it plain which figure goes with which."""
    words = (*p.words, *q.words)
    return (words[0], words[1]) if len(words) == 2 and all(len(claims.places.get(w, ())) == 1 for w in words) else None


def _nearest(claims: Claims, at: int, owner: Owner) -> int | None:
    places = [i for w in owner.words for i in claims.places.get(w, ())]
    return min(places, key=lambda i: abs(i - at), default=None)
