"""Loading: every fault of every file with file, line and field; nothing repaired in silence."""

import pytest

from ingest.errors import CitepathError, ContentError
from ingest.load import load
from tests.conftest import change

GOOD = "documents/glimmer.md"


def faults(root):
    with pytest.raises(ContentError) as caught:
        load(root)
    return [str(f) for f in caught.value.faults]


def test_loads_statements_with_place_topics_and_citations(small):
    corpus = load(small)
    s = corpus.statements["bloom-trial"]
    # Front matter is lines 1 to 6, the bullet of bloom-trial is line 24.
    assert (s.document, s.section, s.line) == ("glimmer", "First treatment", 24)
    assert s.citations == ("bloom2024",)
    assert s.topics == ("zorvex", "glimmer-blight")
    assert s.values["ci"] == [0.25, 0.64]
    assert s.text.startswith("In BLOOM (120 orchids)") and "[@" not in s.text


def test_version_changes_with_content_and_only_then(small):
    first = load(small).version
    assert load(small).version == first
    change(small, GOOD, "40 mg once daily", "45 mg once daily")
    assert load(small).version != first


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (GOOD, "  - kind: recommendation", "  - kind: order", "documents/glimmer.md:12: kind: "),
        (GOOD, "  - plain: Zorvex is 40 mg", "  - simple: Zorvex is 40 mg", "documents/glimmer.md:15: simple: unknown field"),
        (GOOD, "`zorvex-dose` Zorvex", "Zorvex", "documents/glimmer.md:14: id: a statement begins with its id"),
        (GOOD, "`talmyn-dose`", "`zorvex-dose`", "documents/glimmer.md:19: id: 'zorvex-dose' is already in documents/glimmer.md:14"),
        (GOOD, " [@orchid2025]\n  - plain: Growers", "\n  - plain: Growers", "documents/glimmer.md:10: citations: "),
        (GOOD, "last_updated: 2026-01-02", "last_updated: yesterday", "documents/glimmer.md:4: last_updated: "),
        (
            GOOD,
            "## First treatment\n",
            "## First treatment\n\nA loose sentence.\n",
            "documents/glimmer.md:10: text: stands outside a bullet",
        ),
        (GOOD, "---\nid", "id", "documents/glimmer.md:1: front matter: "),
        ("references/orchid2025.yaml", "year: 2025", "year: 1850", "references/orchid2025.yaml:3: year: "),
        (
            "references/orchid2025.yaml",
            "url: https://example.org/orchid2025\n",
            "",
            "references/orchid2025.yaml:1: file: needs a doi, a pmid or a url",
        ),
        ("references/orchid2025.yaml", "type: guideline", "type: [", "references/orchid2025.yaml:3: yaml: "),
        (
            "references/orchid2025.yaml",
            "year: 2025",
            "year: 2025\nyear: 2026",
            "references/orchid2025.yaml:4: year: this key is there twice",
        ),
        ("pathways/blight.yaml", "title: Glimmer blight", "titel: Glimmer blight", "pathways/blight.yaml:3: titel: unknown field"),
        ("pathways/blight.yaml", "id: blight", "id: other", "pathways/blight.yaml:1: id: should be the file's name"),
        ("premises/p.yaml", "  cues: [silver leaf|leaves .. blight]\n", "", "premises/p.yaml:1: cues: "),
        ("vocabulary/terms.yaml", "category: drug", "category: potion", "vocabulary/terms.yaml:"),
    ],
)
def test_a_fault_names_file_line_and_field(small, file, old, new, expected):
    change(small, file, old, new)
    assert any(f.startswith(expected) for f in faults(small)), faults(small)


def test_all_faults_are_listed_not_only_the_first(small):
    change(small, GOOD, "kind: recommendation", "kind: order")
    change(small, "references/orchid2025.yaml", "year: 2025", "year: 1850")
    found = faults(small)
    assert any(f.startswith("documents/") for f in found) and any(f.startswith("references/") for f in found)


def test_binary_and_unreadable_files_are_faults(small):
    (small / GOOD).write_bytes(b"---\nid: glimmer\n\xff\xfe\x00")
    assert faults(small) == ["documents/glimmer.md:3: file: is not UTF-8 text"]


def test_an_empty_document_is_a_fault(small):
    (small / "documents" / "empty.md").write_text("")
    assert any(f.startswith("documents/empty.md:1: front matter") for f in faults(small))


def test_no_corpus_names_the_mend(tmp_path):
    with pytest.raises(CitepathError, match="--corpus"):
        load(tmp_path)
