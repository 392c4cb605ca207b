"""Does something stand at another's place? Figures, names and turned words of a sentence against those of their kind in its source."""

from collections.abc import Iterator
from itertools import pairwise

from assistant.claims import Claims

_PAIR = 1.1
_ALIKE, _VERBATIM = 1.1, 0.75
_APART = 2.0
_OTHER = ("word", "denial", "limit")
_JOINING = ("and", "or", "to", "of", "in")


def exchanged(said: Claims, source: Claims, right: frozenset[tuple[str, str]]) -> list[str]:
    """Returns a reason for each thing of the sentence that stands where the source has another of its kind.

    Two are exchanged when, each at the other's place, they would fit the source better than as they are. One usurps a place when it fits there
    better than at its own: clearly so, or so that the place is nearly word for word the source's. Figures in a row ("3 to 7", "28 of 33")
    keep their order. `right` are pairs known to stand with their owners; they are not judged again.
    """
    reasons = []
    places = [i for i, x in enumerate(said.items) if x.kind not in _OTHER and x.of != "disease"]
    fits = _Fits(said, source)
    for i in places:
        x = said.items[i]
        rivals = {y.key for y in source.items if y.kind == x.kind and y.of == x.of and y.key != x.key and (x.key, y.key) not in right}
        if any(fits.usurps(i, j) for rival in rivals for j in source.places[rival]):
            reasons.append(f"{x.written} stands where the cited statements have another")
        for j in places:
            if j > i and said.items[j].key in rivals and fits.crossed(i, j):
                reasons.append(f"{x.written} and {said.items[j].written} are exchanged")
    rows = set(_rows(source))
    reasons += [f"{b} before {a} is the order of the cited statements" for a, b in _rows(said) if (b, a) in rows and (a, b) not in rows]
    return reasons


class _Fits:
    """How well each item of a sentence fits each place of its source, worked out once."""

    def __init__(self, said: Claims, source: Claims):
        self._said, self._source = said, source
        self._known: dict[tuple[int, int], float] = {}

    def usurps(self, i: int, j: int) -> bool:
        """Returns whether item i fits the rival's place j better than its own, and than the rival does if it is said."""
        like, own = self._at(i, j), self._best(i, self._said.items[i].key)
        rightful = max((self._at(r, j) for r in self._said.places.get(self._source.items[j].key, ())), default=0.0)
        if like <= rightful:
            return False
        context = self._source.context(j)
        return like > _APART * own + 0.5 or (like > _ALIKE * own + 0.1 and like > _VERBATIM * context.likeness(context))

    def crossed(self, i: int, j: int) -> bool:
        """Returns whether items i and j would fit better at each other's place."""
        x, y = self._said.items[i].key, self._said.items[j].key
        return self._best(i, y) + self._best(j, x) > _PAIR * (self._best(i, x) + self._best(j, y))

    def _best(self, i: int, key: str) -> float:
        return max((self._at(i, j) for j in self._source.places.get(key, ())), default=0.0)

    def _at(self, i: int, j: int) -> float:
        if (i, j) not in self._known:
            self._known[i, j] = self._said.context(i).likeness(self._source.context(j))
        return self._known[i, j]


def _rows(claims: Claims) -> Iterator[tuple[str, str]]:
    """Yields neighbouring figures: nothing, or one joining word, between them."""
    for i, j in pairwise(claims.of("figure")):
        if j - i == 1 or (j - i == 2 and claims.items[i + 1].key in _JOINING):
            yield claims.items[i].value, claims.items[j].value
