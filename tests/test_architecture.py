"""Who may import whom, and no clinical content in code."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted([*ROOT.glob("ingest/**/*.py"), *ROOT.glob("assistant/**/*.py"), *ROOT.glob("evals/**/*.py"), ROOT / "app.py"])
EDGES = {"assistant.cli", "assistant.command", "assistant.settings"}


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return found


def top_level_imports(path: Path) -> set[str]:
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def reaches(path: Path, *forbidden: str) -> set[str]:
    return {i for i in imports(path) for f in forbidden if i == f or i.startswith(f + ".")}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_arrows_point_one_way(path):
    module = name(path)
    is_ui = module == "app" or module.startswith("assistant.ui")
    if module.startswith("ingest"):
        assert not reaches(path, "assistant", "evals", "app", "streamlit", "langchain_core.language_models")
    if module.startswith("assistant") and not is_ui and module not in EDGES:
        assert not reaches(path, "evals", "streamlit", "chromadb", "yaml", "assistant.cli", "assistant.ui", "assistant.settings")
    if not is_ui:
        assert not reaches(path, "streamlit", "assistant.ui")
    if module in ("assistant.pathway", "assistant.answer"):
        assert not {i.split(".")[0] for i in imports(path)} & {"langchain_core", "langchain", "time", "datetime.datetime", "random"}
        assert not reaches(path, "assistant.retrieval", "assistant.compose", "assistant.understand")
    if module == "assistant.answer":
        assert not reaches(path, "assistant", "ingest")
    if module == "assistant.verify":
        assert not reaches(path, "assistant.rephrase", "assistant.backends", "assistant.compose")
    if module == "assistant.retrieval":
        assert not reaches(path, "assistant.pathway")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_heavy_libraries_are_imported_only_where_they_are_used(path):
    assert not top_level_imports(path) & {"torch", "sentence_transformers", "chromadb", "transformers"}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_drug_trial_or_gene_stands_in_code(path, real_corpus):
    tree = ast.parse(path.read_text())
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n not in docstrings]
    terms = {w for t in real_corpus.vocabulary.values() if t.category in ("drug", "trial") for w in (t.name, *t.synonyms) if len(w) > 4}
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, sorted(terms))) + r")\b", re.IGNORECASE)
    assert [s for s in strings if pattern.search(s)] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_public_function_and_class_has_a_docstring(path):
    tree = ast.parse(path.read_text())
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert bare == [] and (path.name == "__init__.py" or ast.get_docstring(tree))


def test_no_page_may_inject_html():
    for path in [ROOT / "app.py", *ROOT.glob("assistant/ui/*.py")]:
        assert "unsafe_allow_html" not in path.read_text() and "unsafe_allow_javascript" not in path.read_text()
