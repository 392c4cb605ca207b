"""The pinned model exported once to ONNX, so that a question is embedded without torch: 0.3 s to start in place of 5 s.

The export holds the original weights, mean pooling and normalisation in one graph; it is compared with sentence-transformers
before it is kept, and its SHA-256 is checked whenever it is loaded. Where it is missing or damaged the pinned model answers.
Many texts at once, as for an index, go to the pinned model: torch is faster once it runs.
"""

import contextlib
import hashlib
import io
import json
import logging
import threading
import warnings
from functools import cached_property
from pathlib import Path

from langchain_core.embeddings import Embeddings

from ingest.embedding import WEIGHTS_SHA256, MiniLM, verify_weights
from ingest.errors import CitepathError
from ingest.files import write_bytes, write_text

FAITHFUL = 0.9999
MANY = 512  # texts for which torch is worth its start
_LONGEST = 256
_BATCH = 32
_PROBES = (
    "How often is the dose reduced?",
    "dyspnoea",
    "The tablets are swallowed whole, once a day, with or without food. " * 3,
    "Progression-free survival by independent review was longer (HR 0.28; 95% CI 0.19 to 0.41). " * 40,
)
_log = logging.getLogger(__name__)


class Encoder(Embeddings):
    """The same embeddings as `MiniLM` (384 numbers, unit length), from the export below `data` where there is one."""

    def __init__(self, data: Path, folder: Path | None = None):
        """`data` is the data directory; `folder` holds the pinned model and is checked, None takes the installed package's."""
        self._graph, self._record, self._tokens = (data / "model" / f"encoder.{x}" for x in ("onnx", "json", "tokenizer.json"))
        self._folder, self._reference = folder, MiniLM(folder)

    def export(self) -> bool:
        """Writes the export unless a sound one is there; returns whether it was written.

        Raises:
            CitepathError: the model is missing or altered, the export differs from it, or it cannot be written.
        """
        if self._session is not None:
            return False
        graph, tokens = _exported(self._reference)
        session, tokenizer = _session(graph), _tokenizer(tokens)
        least = min(
            sum(x * y for x, y in zip(a, b, strict=True))
            for a, b in zip(_encode(session, tokenizer, _PROBES), self._reference.embed_documents(list(_PROBES)), strict=True)
        )
        if least < FAITHFUL:
            raise CitepathError(f"The exported embedding model differs from the original (cosine {least:.5f}).", "Report this as a fault.")
        try:
            self._graph.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self._graph, graph)
            write_bytes(self._tokens, tokens)
            write_text(self._record, json.dumps({"weights": WEIGHTS_SHA256, "sha256": _digest(graph, tokens)}))
        except OSError as e:
            raise CitepathError(
                f"The embedding model could not be written to {self._graph.parent} ({e.strerror}).",
                "Free space there, or name another folder with --data, and run `citepath index` again.",
            ) from e
        self.__dict__["_session"] = session, tokenizer
        return True

    @cached_property
    def _session(self):
        """Returns (session, tokenizer) of the export, or None where there is none that can be trusted."""
        if self._folder is not None:
            verify_weights(self._folder)
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
            graph, tokens = self._graph.read_bytes(), self._tokens.read_bytes()
            if record == {"weights": WEIGHTS_SHA256, "sha256": _digest(graph, tokens)}:
                return _session(graph), _tokenizer(tokens)
            _log.warning("The exported embedding model is not the one that was written; `citepath index` writes it anew.")
        except FileNotFoundError:
            pass
        except Exception as e:
            _log.warning("The exported embedding model cannot be used (%s); `citepath index` writes it anew.", type(e).__name__)
        return None

    def prepare(self) -> None:
        """Opens the export beside what else is done; a first embedding that comes sooner waits for it, or opens its own."""

        def open_it() -> None:
            with contextlib.suppress(CitepathError):  # told where it is used
                _ = self._session

        threading.Thread(target=open_it).start()  # no daemon: one that ends inside native code at exit aborts the process

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Returns one embedding a text, in order. Raises CitepathError when neither export nor model can be used."""
        if len(texts) >= MANY:
            return self._reference.embed_many(texts)
        if self._session is None:
            return self._reference.embed_documents(texts)
        return _encode(*self._session, texts)

    def embed_exactly(self, texts: list[str]) -> list[list[float]]:
        """Returns the same without rounding, for what is learned from many texts and then applied to one. Raises as `embed_documents`."""
        return self._reference.embed_many(texts, exact=True) if len(texts) >= MANY else self.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        """Returns the embedding of one text. Raises as `embed_documents`."""
        return self.embed_documents([text])[0]


def _digest(graph: bytes, tokens: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(graph).digest() + hashlib.sha256(tokens).digest()).hexdigest()


def _session(graph: bytes):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _tokenizer(tokens: bytes):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(tokens)
    tokenizer.enable_truncation(_LONGEST)
    tokenizer.enable_padding()
    return tokenizer


def _encode(session, tokenizer, texts) -> list[list[float]]:
    """Returns the embeddings in order; texts of like length are encoded together, so that little is padding."""
    import numpy

    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found: list = [None] * len(texts)
    for start in range(0, len(order), _BATCH):
        part = order[start : start + _BATCH]
        batch = tokenizer.encode_batch([texts[i] for i in part])
        fed = {"ids": numpy.array([e.ids for e in batch]), "mask": numpy.array([e.attention_mask for e in batch])}
        for i, vector in zip(part, session.run(None, fed)[0].tolist(), strict=True):
            found[i] = vector
    return found


def _exported(reference: MiniLM) -> tuple[bytes, bytes]:
    """Returns (graph, tokenizer) of the pinned model: token ids and attention mask to normalised mean-pooled embeddings."""
    model = reference.model
    import torch

    transformer = model[0].auto_model

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.transformer = transformer

        def forward(self, ids, mask):
            hidden = self.transformer(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids))[0]
            weights = mask.unsqueeze(-1).to(hidden.dtype)
            return torch.nn.functional.normalize((hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=1)

    traced = model.tokenizer(["one", "a longer text to trace"], padding=True, return_tensors="pt")
    graph = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pooled().eval(),
            (traced["input_ids"], traced["attention_mask"]),
            graph,
            input_names=["ids", "mask"],
            output_names=["embedding"],
            dynamic_axes={"ids": {0: "text", 1: "token"}, "mask": {0: "text", 1: "token"}, "embedding": {0: "text"}},
            dynamo=False,
        )
    return graph.getvalue(), model.tokenizer.backend_tokenizer.to_str().encode()
