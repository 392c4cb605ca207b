"""Triage: from messages of known labels, the label of a new message, each with its probability.

Three models are learned: DANGERS, a second net under the cues of `corpus/urgent/` for what no cue foresaw; PREMISES, the subject a
question is about, of which the corpus holds what is true; and ASSUMED, whether a question takes something for granted, whatever its subject.
Features are words and runs of up to three words, runs of three to five letters (for slips of the pen; not for ASSUMED), by
tf-idf, and the sentence embedding; on them a multinomial logistic regression. scikit-learn fits it when the index is built; a
question is scored with numpy alone.
"""

import json
import math
from collections import Counter
from pathlib import Path

import numpy
from langchain_core.embeddings import Embeddings

from ingest.content import Corpus
from ingest.phrases import tokenise

NONE = ""
DANGERS, PREMISES, ASSUMED = "dangers", "premises", "assumed"
MODELS = (DANGERS, PREMISES, ASSUMED)
_WORDS, _LETTERS = (1, 2, 3), (3, 4, 5)
_FEWER = 5  # where other messages would outweigh a model's own, every so manieth is taken
_LEAST_MESSAGES = 2


def runs(text: str) -> list[str]:
    """Returns the runs of one to three words of a text, repeats included."""
    words = [t.word for t in tokenise(text)]
    return [" ".join(words[i : i + n]) for n in _WORDS for i in range(len(words) - n + 1)]


def grams(text: str) -> list[str]:
    """Returns the features of a text, repeats included: its `runs`, and `#` with runs of three to five letters of a word."""
    padded = [f" {t.word} " for t in tokenise(text)]
    return runs(text) + ["#" + w[i : i + n] for w in padded for n in _LETTERS for i in range(len(w) - n + 1)]


# How each is fitted: its features, the inverse of the regularisation, and the tolerance; chosen on development splits.
_FITTED = {DANGERS: (grams, 100.0, 1e-4), PREMISES: (grams, 100.0, 1e-3), ASSUMED: (runs, 10.0, 1e-4)}


class Triage:
    """A fitted model. `labels` are ids and NONE; scores are probabilities that sum to 1."""

    def __init__(self, labels: list[str], vocabulary: list[str], idf: numpy.ndarray, weights: numpy.ndarray, bias: numpy.ndarray):
        """`idf` has one number a gram; `weights` are (labels, grams + embedding dimensions), `bias` (labels)."""
        self.labels, self._idf, self._weights, self._bias = labels, idf, weights, bias
        self._number = {g: i for i, g in enumerate(vocabulary)}

    def probabilities(self, text: str, embedding: list[float]) -> dict[str, float]:
        """Returns label -> probability for a text and its embedding."""
        counts = Counter(i for g in grams(text) if (i := self._number.get(g)) is not None)
        scores = self._bias + self._weights[:, len(self._idf) :] @ numpy.asarray(embedding)
        if counts:
            which = numpy.fromiter(counts, dtype=int)
            values = numpy.array([1 + math.log(c) for c in counts.values()]) * self._idf[which]
            scores = scores + self._weights[:, which] @ (values / numpy.linalg.norm(values))
        powers = numpy.exp(scores - scores.max())
        return dict(zip(self.labels, (powers / powers.sum()).tolist(), strict=True))

    def write(self, folder: Path, name: str) -> None:
        """Writes the model into the folder under a name. Raises OSError."""
        numpy.savez(
            folder / f"{name}.npz",
            names=numpy.frombuffer(json.dumps([self.labels, list(self._number)]).encode(), dtype=numpy.uint8),
            idf=self._idf.astype(numpy.float32),
            weights=self._weights.astype(numpy.float32),
            bias=self._bias,
        )


def read(folder: Path, name: str) -> Triage | None:
    """Returns the named model of a folder, or None where there is none. Raises OSError, ValueError, KeyError where it is damaged."""
    if not (folder / f"{name}.npz").exists():
        return None
    with numpy.load(folder / f"{name}.npz") as stored:
        labels, vocabulary = json.loads(stored["names"].tobytes())
        return Triage(labels, vocabulary, stored["idf"], stored["weights"], stored["bias"])


def labelled(corpus: Corpus, name: str) -> list[tuple[str, str]]:
    """Returns the (label, text) pairs a model learns from: whose label is NONE where they are not what is looked for."""
    messages = corpus.messages.values()
    harmless = [m for m in messages if not m.danger]
    ordinary = [(NONE, text) for m in harmless if not m.premise for text in m.messages]
    about = [m for m in harmless if m.premise]
    if name == DANGERS:
        return (
            [(m.danger, text) for m in messages if m.danger for text in m.messages]
            + ordinary
            + [(NONE, text) for m in about for text in m.messages[::_FEWER]]
        )
    if name == PREMISES:
        return [(m.premise, text) for m in about for text in m.messages] + ordinary
    return [(ASSUMED if m.assumed else NONE, text) for m in about for text in m.messages] + ordinary[::_FEWER]


def embedded(embeddings: Embeddings, texts: list[str]) -> numpy.ndarray:
    """Returns the embeddings a model is fitted on (texts, dimensions), unrounded: rounding moves what is learned across its thresholds."""
    embed = getattr(embeddings, "embed_exactly", embeddings.embed_documents)
    return numpy.asarray(embed(texts) if texts else [])


def fit(name: str, pairs: list[tuple[str, str]], vectors: numpy.ndarray) -> Triage | None:
    """Returns the named model fitted on (label, text) pairs and their embeddings (texts, dimensions); None when they do not hold two labels.

    Fitting is deterministic. Each label weighs alike, however many messages it has.
    """
    if len({label for label, _ in pairs}) < 2:
        return None
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    features_of, inverse, tolerance = _FITTED[name]
    tfidf = TfidfVectorizer(analyzer=features_of, sublinear_tf=True, min_df=_LEAST_MESSAGES)
    features = hstack([tfidf.fit_transform([text for _, text in pairs]), csr_matrix(vectors)]).tocsr()
    model = LogisticRegression(C=inverse, max_iter=3000, tol=tolerance, class_weight="balanced")
    model.fit(features, [label for label, _ in pairs])
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # two labels: scikit-learn keeps the second one's log odds only
        weights, bias = numpy.vstack([numpy.zeros_like(weights), weights]), numpy.array([0.0, bias[0]])
    vocabulary = [g for g, _ in sorted(tfidf.vocabulary_.items(), key=lambda x: x[1])]
    return Triage([str(c) for c in model.classes_], vocabulary, tfidf.idf_, weights, bias)
