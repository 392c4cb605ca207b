"""Passages with real Chroma and BM25: the best part counts, and standardised scores are those of a scan."""

import numpy
import pytest

from ingest.passages import PART, WHOLE, Entry, Passages, write

RANDOM = numpy.random.default_rng(7)


def unit(rows: int, dimensions: int = 16) -> numpy.ndarray:
    found = RANDOM.normal(size=(rows, dimensions)) + 0.5
    return (found / numpy.linalg.norm(found, axis=1, keepdims=True)).astype(numpy.float32)


OWNERS = [f"owner-{i:02}" for i in range(40)]
ENTRIES = [Entry(o, "w", WHOLE) for o in OWNERS] + [Entry(o, str(n), PART) for o in OWNERS for n in range(3)]
VECTORS = unit(len(ENTRIES))
TEXTS = [f"common words here {'petal ' * (i % 5)} number{i}" for i in range(len(OWNERS))]


@pytest.fixture
def passages(tmp_path) -> Passages:
    write(tmp_path, ENTRIES, VECTORS, OWNERS, TEXTS)
    return Passages(tmp_path, OWNERS)


def scanned(kind: str, query: numpy.ndarray) -> tuple[dict[str, float], numpy.ndarray]:
    rows = [i for i, e in enumerate(ENTRIES) if e.kind == kind]
    similarity = VECTORS[rows] @ query
    best: dict[str, float] = {}
    for i, s in zip(rows, similarity, strict=True):
        best[ENTRIES[i].owner] = max(best.get(ENTRIES[i].owner, -1.0), float(s))
    return best, similarity


@pytest.mark.parametrize("kind", [WHOLE, PART])
def test_dense_scores_are_those_of_a_scan(passages, kind):
    query = unit(1)[0]
    best, similarity = scanned(kind, query)
    found = passages.dense(kind, query.tolist(), len(ENTRIES))
    assert found.raw == pytest.approx(best, abs=1e-5)
    assert list(found.raw.values()) == sorted(found.raw.values(), reverse=True)
    mean, spread = similarity.mean(), similarity.std(ddof=1)
    assert found.standard == pytest.approx({o: (s - mean) / spread for o, s in best.items()}, abs=1e-3)


def test_what_is_not_among_the_nearest_is_below_the_floor(passages):
    query = unit(1)[0]
    best, similarity = scanned(WHOLE, query)
    found = passages.dense(WHOLE, query.tolist(), 10)
    assert len(found.raw) == 10 and found.floor == pytest.approx(min(found.standard.values()))
    rest = [(s - similarity.mean()) / similarity.std(ddof=1) for o, s in best.items() if o not in found.raw]
    assert max(rest) <= found.floor + 1e-3


def test_lexical_scores_are_standardised_over_all_owners(passages):
    found = passages.lexical("petals number3", 5)
    assert next(iter(found.raw)) == "owner-03" and len(found.raw) == 5
    every = passages.lexical("petals number3", len(OWNERS))
    scores = numpy.array([every.raw.get(o, 0.0) for o in OWNERS])
    top = (scores[3] - scores.mean()) / scores.std()
    assert found.standard["owner-03"] == pytest.approx(top, abs=1e-4)
    assert found.floor == pytest.approx(min(found.standard.values()))


def test_words_that_nothing_holds_find_nothing(passages):
    assert passages.lexical("xylophone", 5).raw == {} and passages.lexical("", 5).raw == {}


def test_one_owner_alone_is_found(tmp_path):
    write(tmp_path, [Entry("a", "w", WHOLE)], unit(1), ["a"], ["petal"])
    alone = Passages(tmp_path, ["a"])
    assert alone.dense(WHOLE, unit(1)[0].tolist(), 5).raw.keys() == {"a"}
    assert alone.dense(PART, unit(1)[0].tolist(), 5).raw == {} and alone.lexical("petals", 5).raw.keys() == {"a"}
