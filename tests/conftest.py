"""Shared fixtures: every test has its own data directory and no network; models and the real index are built once."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "tests" / "data" / "corpus"

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"


@pytest.fixture(autouse=True)
def _own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("CITEPATH_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CITEPATH_CORPUS", raising=False)
    monkeypatch.delenv("CITEPATH_MODEL", raising=False)
    monkeypatch.delenv("CITEPATH_ENGINE", raising=False)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    real = socket.socket.connect

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for the network: {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def change(root: Path, file: str, old: str, new: str) -> None:
    """Replaces `old`, which must be there, in a content file."""
    path = root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def small(tmp_path) -> Path:
    """A copy of the small invented corpus, to be changed at will."""
    return Path(shutil.copytree(SMALL, tmp_path / "corpus"))


@pytest.fixture(scope="session")
def encoder_data(tmp_path_factory) -> Path:
    """A data directory that holds the exported embedding model."""
    from ingest.encoder import Encoder

    data = tmp_path_factory.mktemp("real-data")
    assert Encoder(data).export()
    return data


@pytest.fixture(scope="session")
def embeddings(encoder_data):
    from ingest.encoder import Encoder

    return Encoder(encoder_data)


@pytest.fixture(scope="session")
def real_corpus():
    from ingest.load import load

    return load(ROOT / "corpus")


@pytest.fixture(scope="session")
def real_data(encoder_data, real_corpus, embeddings) -> Path:
    """A data directory that holds the exported model and the index of the real corpus."""
    from ingest.index import build

    build(real_corpus, embeddings, encoder_data)
    return encoder_data


@pytest.fixture(scope="session")
def assistant(real_corpus, real_data, embeddings):
    from assistant.engine import Assistant
    from ingest.index import open_index

    return Assistant(real_corpus, open_index(real_data), embeddings)


@pytest.fixture
def app(real_data, monkeypatch):
    """The whole app on the real data, in Streamlit's own test runner."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("CITEPATH_DATA", str(real_data))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not at.exception
    return at


@pytest.fixture
def run(tmp_path):
    """Runs the real command line in a process of its own; returns the completed process."""

    def run(*args: str, check: int | None = None, input: str | None = None, **environ: str) -> subprocess.CompletedProcess:
        env = {**os.environ, **environ}
        done = subprocess.run(
            [sys.executable, "-m", "assistant.cli", *args], capture_output=True, text=True, env=env, cwd=ROOT, input=input, timeout=120
        )
        if check is not None:
            assert done.returncode == check, f"exit {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr
        return done

    return run


class WordEmbeddings:
    """A tiny deterministic stand-in that embeds by hashed words: for tests of the index, not of quality."""

    calls = 0

    def embed_documents(self, texts):
        self.calls += len(texts)
        return [self._vector(t) for t in texts]

    def embed_query(self, text):
        return self._vector(text)

    @staticmethod
    def _vector(text):
        import zlib

        vector = [0.01] * 32
        for word in text.lower().split():
            vector[zlib.crc32(word.strip(".,").encode()) % 32] += 1.0
        norm = sum(v * v for v in vector) ** 0.5
        return [v / norm for v in vector]


@pytest.fixture
def words():
    return WordEmbeddings()


@contextlib.contextmanager
def serving(*arguments: str, **environ: str):
    """Runs a server of the app by `python -m ...` (its last argument, the port, is added) and gives its address; ends it by a signal."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", *arguments, str(port)],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    else:
        raise AssertionError("the app did not start")
    try:
        yield url
    finally:
        server.terminate()
        server.wait(20)
