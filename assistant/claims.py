"""The things a sentence says, in reading order, and what stands around each: enough to tell whose figure is whose without a grammar."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

FUNCTION = frozenset(
    "with on in to for from by at of and or but than over under into onto between among during while when where if not".split()
)
_COUNTED_APART = ("figure", "name", "denial", "limit")
_REACH = 6
_ELSEWHERE, _FAINT, _TURNED = 0.25, 0.4, 0.25
"""How much a neighbour counts that stands in another sentence, is a function word, has changed sides."""


@dataclass(frozen=True)
class Item:
    """One thing said: its kind (figure, name, denial, a contrast's id, word), what it is, its unit or category, and where."""

    kind: str
    value: str
    of: str = ""
    clause: int = 0
    phrase: int = 0
    written: str = ""

    @property
    def key(self) -> str:
        """Returns what the item is compared by."""
        return self.value if self.kind == "word" else f"{self.kind}:{self.value}"


@dataclass(frozen=True)
class Context:
    """What stands left and right of an item, each by its nearness: 1 for the next, 1/2 for the one after, ..."""

    left: dict[str, float]
    right: dict[str, float]

    def likeness(self, other: "Context") -> float:
        """Returns how much of the two agrees, side by side; what has changed sides counts a quarter."""
        return self.beside(other) + _TURNED * (_shared(self.left, other.right) + _shared(self.right, other.left))

    def beside(self, other: "Context") -> float:
        """Returns how much of the two agrees on the same side."""
        return _shared(self.left, other.left) + _shared(self.right, other.right)


def _shared(a: dict[str, float], b: dict[str, float]) -> float:
    return sum(min(w, b[k]) for k, w in a.items() if k in b)


class Claims:
    """The items of one text, with their contexts."""

    def __init__(self, items: tuple[Item, ...], words: frozenset[str], weak: frozenset[str]):
        self.items, self.words, self.weak = items, words, weak
        self.keys = frozenset(x.key for x in items)
        self.content = frozenset(x.key for x in items if x.kind not in _COUNTED_APART and x.value not in FUNCTION)
        self.labels = frozenset(x.key for x in items if x.value not in FUNCTION and x.kind != "figure")
        self.places: dict[str, list[int]] = defaultdict(list)
        for i, x in enumerate(items):
            self.places[x.key].append(i)
        self._contexts: dict[int, Context] = {}

    def of(self, *kinds: str) -> list[int]:
        """Returns the places of the items of these kinds."""
        return [i for i, x in enumerate(self.items) if x.kind in kinds]

    def nearness(self, other: "Claims") -> tuple[int, int]:
        """Returns how many different things both texts say; of equals, the one that says less besides is nearer."""
        return len(self.keys & other.keys), -len(other.keys)

    def context(self, at: int) -> Context:
        """Returns the context of the item at a place; function words and the items of another sentence count less."""
        if at not in self._contexts:
            self._contexts[at] = Context(self._side(at, range(at - 1, at - _REACH - 1, -1)), self._side(at, range(at + 1, at + _REACH + 1)))
        return self._contexts[at]

    def denied(self, at: int) -> frozenset[str]:
        """Returns what a denial denies: at most six things up to the next comma or bracket, function words and what other sentences say left out."""
        here = self.items[at]
        after = [x.key for x in self.items[at + 1 :] if x.phrase == here.phrase and x.value not in FUNCTION]
        return frozenset(after[:_REACH]) - {x.key for x in self.items if x.clause != here.clause}

    def gaps(self) -> Iterator[Context]:
        """Yields the context of each place where an item could have stood: between two, at both ends, or where "with" stands for "without"."""
        yield from (self.context(i) for i in self.places["with"])
        for at in range(len(self.items) + 1):
            yield Context(self._side(at, range(at - 1, at - _REACH - 1, -1)), self._side(at, range(at, at + _REACH)))

    def _side(self, at: int, places: range) -> dict[str, float]:
        clause = self.items[min(at, len(self.items) - 1)].clause if self.items else 0
        side: dict[str, float] = {}
        for distance, i in enumerate(places, 1):
            if 0 <= i < len(self.items):
                weight = (1.0 if self.items[i].clause == clause else _ELSEWHERE) * (_FAINT if self.items[i].value in FUNCTION else 1.0)
                side.setdefault(self.items[i].key, weight / distance)
        return side
