"""The kept corpus is the validated one, and is passed over as soon as anything differs."""

import os

import pytest

from ingest.cache import loaded
from ingest.load import load
from tests.conftest import ROOT, change


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def kept(data):
    return next((data / "corpus").glob("*.json"))


def test_the_real_corpus_comes_back_as_it_was(real_corpus, data):
    first, second = loaded(ROOT / "corpus", data), loaded(ROOT / "corpus", data)
    assert first == second == real_corpus and second.version == real_corpus.version
    assert [s.digest for s in second.statements.values()] == [s.digest for s in real_corpus.statements.values()]


def test_it_is_read_and_not_parsed_again(small, data, monkeypatch):
    before = loaded(small, data)
    monkeypatch.setattr("ingest.load.load", lambda root: pytest.fail("parsed again"))
    assert loaded(small, data) == before


def test_changed_content_is_parsed_again_and_the_old_copy_goes(small, data):
    before = loaded(small, data)
    change(small, "documents/glimmer.md", "40 mg", "45 mg")
    after = loaded(small, data)
    assert after == load(small) and after.version != before.version
    assert len(list((data / "corpus").glob("*.json"))) == 1


@pytest.mark.parametrize("damage", [lambda t: t.replace("40 mg", "90 mg", 1), lambda t: t[: len(t) // 2], lambda t: "", lambda t: "\x00"])
def test_a_damaged_copy_is_passed_over(small, data, damage):
    whole = loaded(small, data)
    path = kept(data)
    path.write_text(damage(path.read_text()))
    assert loaded(small, data) == whole
    assert loaded(small, data) == whole and "90 mg" not in kept(data).read_text()


def test_that_it_cannot_be_kept_raises_nothing(small, data):
    data.write_text("a file where a folder should be")
    assert loaded(small, data) == load(small)


def test_a_text_that_looks_like_a_date_stays_a_text(small, data):
    path = small / "documents" / "glimmer.md"
    text = path.read_text()
    assert "values: {" in text
    path.write_text(text.replace("values: {", "values: {cutoff: 2020-01-01, said: '2020-01-01', ", 1))
    first, second = loaded(small, data), loaded(small, data)
    assert first == second
    values = next(s.values for s in second.statements.values() if "said" in s.values)
    assert values["cutoff"].year == 2020 and values["said"] == "2020-01-01"


def test_no_temporary_file_is_left(small, data):
    loaded(small, data)
    assert os.listdir(data / "corpus") == [kept(data).name]
