"""Speed as ratios measured side by side in one run: warm answers, cold starts, index throughput, and growth of the collection.

The floor is one query embedding by the exported model and one query of Chroma; the peer is plain LangChain: the recursive splitter,
sentence-transformers and Chroma. Rounds alternate between the two sides, so that a slow minute slows both.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from statistics import median

import numpy

from assistant.engine import Assistant, Question
from assistant.retrieval import rank
from evals import baselines
from evals.cases import load_sets
from ingest import passages
from ingest.embedding import DIMENSIONS, MiniLM
from ingest.index import entries
from ingest.passages import WHOLE, Entry, Passages

_ROUNDS = 3
_WARM, _QUESTIONS = 60, 120
_TEXTS = 600
_NEAREST = 10
_SEED = 20261128
SIZES = (1_000, 10_000, 100_000)
LARGEST = 1_000_000


@dataclass(frozen=True)
class Ratio:
    """One side's time over the other's (seconds), and the aim, which is a most (or, for throughput, a least)."""

    name: str
    ours: float
    other: float
    aim: float
    least: bool = False

    @property
    def value(self) -> float:
        """Returns ours over the other's."""
        return self.ours / self.other if self.other else 0.0

    @property
    def holds(self) -> bool:
        """Returns whether the aim is reached."""
        return self.value >= self.aim if self.least else self.value <= self.aim


@dataclass(frozen=True)
class Size:
    """A synthetic collection: passages, seconds to write it, median query (seconds), bytes on disk, and growth of memory (bytes)."""

    passages: int
    write: float
    query: float
    disk: int
    memory: int


def questions() -> list[str]:
    """Returns questions of our sets' development splits that stand alone, in a fixed order."""
    return [c.turns[0] for s in load_sets() for c in s.of("dev") if len(c.turns) == 1]


def warm(assistant: Assistant, embeddings) -> tuple[Ratio, ...]:
    """Returns the median warm answer over the floor, and over plain LangChain's retrieval alone."""
    every = questions()
    step = max(1, len(every) // (_WARM + _QUESTIONS))
    chosen = every[::step][: _WARM + _QUESTIONS]
    for text in chosen[:_WARM]:
        assistant.ask(Question(text))
    asked = chosen[_WARM:]
    collection = _plain_collection(assistant)
    reference = MiniLM()
    peer = baselines.langchain({s.id: s.text for s in assistant.corpus.statements.values()}, reference, _NEAREST)
    peer(asked[0], reference.embed_query(asked[0]))

    def floor(text: str) -> None:
        collection.query(query_embeddings=[embeddings.embed_query(text)], n_results=_NEAREST)

    sides = {
        "answer": lambda text: assistant.ask(Question(text)),
        "floor": floor,
        "langchain": lambda text: peer(text, reference.embed_query(text)),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for n, text in enumerate(asked):
        for name in list(sides)[n % 3 :] + list(sides)[: n % 3]:
            taken[name].append(timed(sides[name], text))
    middle = {name: median(t) for name, t in taken.items()}
    return (
        Ratio("warm answer, median, over the floor", middle["answer"], middle["floor"], 1.5),
        Ratio("warm answer, median, over plain LangChain's retrieval alone", middle["answer"], middle["langchain"], 1.0),
    )


def _plain_collection(assistant: Assistant):
    import chromadb

    collection = chromadb.EphemeralClient().create_collection("floor", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    vectors = assistant.retriever.index.vectors()
    collection.add(ids=list(vectors), embeddings=numpy.array(list(vectors.values())))
    return collection


def cold(data: Path, corpus: Path) -> Ratio:
    """Returns the median of process start to answer, over that of a plain LangChain process."""
    question = questions()[0]
    ours = [sys.executable, "-m", "assistant.cli", "ask", question, "--data", str(data), "--corpus", str(corpus)]
    with tempfile.TemporaryDirectory() as folder:
        plain = [sys.executable, "-c", _PLAIN, folder, question]
        _run([sys.executable, "-c", _PLAIN_BUILD, folder, str(corpus)])
        taken = [(timed(_run, ours), timed(_run, plain)) for _ in range(_ROUNDS)]
    return Ratio("cold ask over plain LangChain's cold retrieval", median(t[0] for t in taken), median(t[1] for t in taken), 1 / 3)


_PLAIN_BUILD = """
import sys
from langchain_chroma import Chroma
from langchain_core.documents import Document
from ingest.embedding import MiniLM
from ingest.load import load
from pathlib import Path
statements = load(Path(sys.argv[2])).statements.values()
store = Chroma(collection_name="plain", embedding_function=MiniLM(), persist_directory=sys.argv[1])
store.add_documents([Document(page_content=s.text) for s in statements])
"""
_PLAIN = """
import sys
from langchain_chroma import Chroma
from ingest.embedding import MiniLM
store = Chroma(collection_name="plain", embedding_function=MiniLM(), persist_directory=sys.argv[1])
print([d.page_content for d in store.similarity_search(sys.argv[2], k=4)])
"""


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).resolve().parent.parent)


def throughput(assistant: Assistant) -> Ratio:
    """Returns texts a second of a large index build over those of `SentenceTransformer.encode` with its default settings."""
    reference = MiniLM()
    texts = [e.text for e in entries(assistant.corpus)][:_TEXTS]
    reference.embed_many(texts[:64])
    taken = [
        (timed(reference.embed_many, texts), timed(lambda t: reference.model.encode(t, show_progress_bar=False), texts))
        for _ in range(_ROUNDS)
    ]
    ours, other = (len(texts) / median(t[i] for t in taken) for i in (0, 1))
    return Ratio("index throughput over SentenceTransformer.encode", ours, other, 2.0, least=True)


def scale(sizes: Iterable[int] = SIZES, progress: Callable[[int], None] = lambda size: None) -> tuple[Size, ...]:
    """Returns the measures of synthetic collections: random unit vectors in clusters, texts of random words; retrieval alone."""
    return tuple(_sized(size, progress) for size in sizes)


def _sized(size: int, progress: Callable[[int], None]) -> Size:
    random = numpy.random.default_rng(_SEED)
    owners = [str(i) for i in range(size)]
    centres = random.normal(size=(max(8, size // 500), DIMENSIONS)).astype(numpy.float32)
    vectors = centres[random.integers(0, len(centres), size)] + random.normal(scale=0.7, size=(size, DIMENSIONS)).astype(numpy.float32)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    words = numpy.array([f"word{i}" for i in range(20_000)])
    texts = [" ".join(words[(random.zipf(1.3, 30) - 1) % len(words)]) for _ in owners]
    before = _resident()
    with tempfile.TemporaryDirectory() as folder:
        wholes = [Entry(o, WHOLE, WHOLE) for o in owners]
        started = time.perf_counter()
        passages.write(Path(folder), wholes, vectors, owners, texts)
        write = time.perf_counter() - started
        opened = Passages(Path(folder), owners)
        asked = [(texts[i], vectors[i].tolist()) for i in random.integers(0, size, 60)]
        for text, vector in asked[:10]:
            rank(opened, text, vector)
        query = median(timed(lambda pair: rank(opened, *pair), pair) for pair in asked[10:])
        disk = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())
    progress(size)
    return Size(size, write, query, disk, max(0, _resident() - before))


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def timed(call: Callable, *args) -> float:
    """Returns the seconds a call takes."""
    started = time.perf_counter()
    call(*args)
    return time.perf_counter() - started


def table(ratios: Iterable[Ratio], sizes: Iterable[Size] = ()) -> str:
    """Returns a line a ratio (value, aim, the two times or rates), then a line a size."""
    lines = []
    for r in ratios:
        sign = ">=" if r.least else "<="
        lines.append(f"{r.value:8.2f}  aim {sign} {r.aim:.2f} {'holds' if r.holds else 'FAILS'}  {r.name} ({_pair(r)})")
    sizes = tuple(sizes)
    if sizes:
        lines.append(f"\n{'passages':>9}  {'write s':>8}  {'query ms':>8}  {'disk MB':>8}  {'memory MB':>9}")
        lines += [f"{s.passages:>9}  {s.write:8.1f}  {s.query * 1000:8.2f}  {s.disk / 1e6:8.1f}  {s.memory / 1e6:9.1f}" for s in sizes]
    return "\n".join(lines)


def _pair(r: Ratio) -> str:
    return f"{r.ours:.0f} and {r.other:.0f} texts/s" if r.least else f"{r.ours * 1000:.1f} and {r.other * 1000:.1f} ms"


def plot(sizes: Sequence[Size]) -> str:
    """Returns the median query against the number of passages as SVG, both axes logarithmic, beside a line that grows as the passages do."""
    first, width, height = sizes[0], 640, 300

    def place(passages: float, seconds: float) -> str:
        x = 60 + 540 * log10(passages / first.passages) / max(1.0, log10(sizes[-1].passages / first.passages))
        y = height - 60 - 80 * log10(seconds / first.query)
        return f"{x:.0f},{y:.0f}"

    measured = " ".join(place(s.passages, s.query) for s in sizes)
    linear = " ".join(place(s.passages, first.query * s.passages / first.passages) for s in sizes)
    marks = "".join(
        f"<text x='{place(s.passages, s.query).split(',')[0]}' y='{height - 20}' text-anchor='middle'>{s.passages:,}: {s.query * 1000:.1f} ms</text>"
        for s in sizes
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img' font-family='sans-serif' font-size='12'>"
        "<title>Median query by number of passages, both axes logarithmic; dashed: growth in proportion</title>"
        f"<polyline points='{linear}' fill='none' stroke='#a0aec0' stroke-dasharray='4'/>"
        f"<polyline points='{measured}' fill='none' stroke='#2b6cb0' stroke-width='2'/>{marks}</svg>\n"
    )


def as_json(ratios: Iterable[Ratio], sizes: Iterable[Size]) -> dict:
    """Returns the ratios and sizes as JSON values."""
    return {
        "ratios": [{"name": r.name, "value": round(r.value, 4), "aim": r.aim, "least": r.least, "holds": r.holds} for r in ratios],
        "sizes": [vars(s) for s in sizes],
    }
