"""The index with real Chroma: incremental, atomic, clear when damaged."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.errors import CitepathError
from ingest.index import build, open_index
from ingest.load import load

ROOT = Path(__file__).resolve().parent.parent


def edit(root, old, new):
    path = root / "documents" / "glimmer.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_only_what_changed_is_embedded_again(small, tmp_path, words):
    data = tmp_path / "d"
    first = build(load(small), words, data)
    assert (first.embedded, first.kept, first.unchanged) == (12, 0, False)  # 6 statements, two wordings each
    assert build(load(small), words, data).unchanged and words.calls == 12
    edit(small, "Zorvex is given as 40 mg", "Zorvex is given as 45 mg")
    second = build(load(small), words, data)
    assert (second.embedded, second.kept, second.removed) == (1, 11, 1) and words.calls == 13


def test_finds_by_meaning_and_by_words(small, tmp_path, words):
    build(load(small), words, tmp_path)
    index = open_index(tmp_path)
    assert next(iter(index.dense("part", words.embed_query("Talmyn is 5 mg two times a day, without water."), 3).raw)) == "talmyn-dose"
    assert next(iter(index.lexical("petals median weeks", 3).raw)) == "bloom-trial"
    assert index.lexical("the of and", 3).raw == {} and index.lexical("", 3).raw == {}


def test_old_builds_are_swept_away(small, tmp_path, words):
    build(load(small), words, tmp_path)
    edit(small, "40 mg", "41 mg")
    build(load(small), words, tmp_path)
    assert len(list((tmp_path / "index").glob("build-*"))) == 1


def test_a_failed_build_leaves_the_old_index_answering(small, tmp_path, words):
    build(load(small), words, tmp_path)
    version = open_index(tmp_path).version
    edit(small, "40 mg", "41 mg")

    class Broken:
        def embed_documents(self, texts):
            raise OSError(28, "No space left on device")

    with pytest.raises(CitepathError, match="No space left"):
        build(load(small), Broken(), tmp_path)
    index = open_index(tmp_path)
    assert index.version == version and index.lexical("petals", 1).raw
    assert len(list((tmp_path / "index").glob("build-*"))) == 1


def test_no_index_names_the_mend(tmp_path):
    with pytest.raises(CitepathError, match="citepath index"):
        open_index(tmp_path)


@pytest.mark.parametrize("damage", ["manifest", "pointer", "format", "vectors", "bm25", "sqlite"])
def test_a_damaged_index_names_the_mend_and_can_be_built_again(small, tmp_path, words, damage):
    corpus = load(small)
    build(corpus, words, tmp_path)
    folder = tmp_path / "index"
    current = folder / (folder / "CURRENT").read_text()
    manifest = current / "manifest.json"
    if damage == "manifest":
        manifest.write_text("{")
    elif damage == "pointer":
        (folder / "CURRENT").write_text("build-gone")
    elif damage == "format":
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 0}))
    elif damage == "vectors":
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "entries": {}}))
    elif damage == "bm25":
        for f in (current / "bm25").iterdir():
            f.write_bytes(b"")
    else:
        (current / "chroma" / "chroma.sqlite3").write_bytes(b"not a database")
    with pytest.raises(CitepathError, match="citepath index"):
        index = open_index(tmp_path)
        index.dense("whole", words.embed_query("x"), 1)
        index.lexical("petals", 1)
    if damage != "bm25":  # a damaged BM25 file is not noticed by a build with nothing to do
        (folder / "CURRENT").unlink(missing_ok=True)
    else:
        edit(small, "40 mg", "41 mg")
    build(load(small), words, tmp_path)
    assert open_index(tmp_path).lexical("petals", 1).raw


_SLOW = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from ingest.index import build
from ingest.load import load
from tests.conftest import WordEmbeddings
class Slow(WordEmbeddings):
    def embed_documents(self, texts):
        print("embedding", flush=True); time.sleep({pause}); return super().embed_documents(texts)
build(load(Path({corpus!r})), Slow(), Path({data!r}))
print("done", flush=True)
"""


@pytest.mark.parametrize("pause", [0.0, 30.0])
def test_killed_at_any_moment_the_old_index_answers(small, tmp_path, words, pause):
    data = tmp_path / "data"
    build(load(small), words, data)
    version = open_index(data).version
    edit(small, "40 mg", "41 mg")
    code = _SLOW.format(root=str(ROOT), corpus=str(small), data=str(data), pause=pause)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    process.stdout.readline()
    time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    index = open_index(data)
    assert index.version in {version, load(small).version}
    assert index.lexical("petals", 1).raw and index.dense("whole", words.embed_query("petals"), 1).raw
    build(load(small), words, data)
    assert open_index(data).version == load(small).version
