"""A content folder to a `Corpus`: reads every file, maps each problem to its line, collects all faults."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from pydantic import BaseModel

from ingest.content import (
    Contrast,
    Corpus,
    Difference,
    Document,
    FixedText,
    Identifying,
    Matrix,
    Messages,
    Monitoring,
    Pathway,
    PhraseList,
    Premise,
    Reference,
    Review,
    Scope,
    Statement,
    Term,
    Urgent,
    digest,
)
from ingest.errors import CitepathError, ContentError, Fault
from ingest.parse import LOADER, Unreadable, build, parse, read

_BLOCKS = MarkdownIt("commonmark").disable("inline")  # emphasis and links are not read
_CITATIONS = re.compile(r"\s*\[(@[^\]]+)\]\s*\.?\s*$")
_BULLET = re.compile(r"^`([^`]+)`\s+(.*)$", re.DOTALL)
_SETTINGS = ("plain", "kind", "strength", "certainty", "topics", "values", "review_by", "superseded_by")


def load(root: Path) -> Corpus:
    """Returns the validated corpus below `root`.

    Raises:
        CitepathError: `root` is not a folder of content.
        ContentError: with every fault of every file.
    """
    if not (root / "documents").is_dir():
        raise CitepathError(f"No corpus was found in {root}.", "Name its folder with --corpus or CITEPATH_CORPUS.")
    faults: list[Fault] = []
    parts: dict[str, dict[str, Any]] = {
        "documents": _documents(root, faults),
        "references": _yaml_files(root, "references", Reference, "key", faults),
        "pathways": _yaml_files(root, "pathways", Pathway, "id", faults),
        "vocabulary": _vocabulary(root, faults),
        "premises": _lists(root, "premises", Premise, faults),
        "urgent": _lists(root, "urgent", Urgent, faults),
        "messages": _lists(root, "messages", Messages, faults),
        "context": _lists(root, "context", Scope, faults),
        "phrases": _lists(root, "phrases", PhraseList, faults),
        "contrasts": _lists(root, "contrasts", Contrast, faults),
        "identifiers": _yaml_files(root, "identifiers", Identifying, "id", faults),
        "texts": _texts(root, faults),
        "coverage": _yaml_files(root, "coverage", Matrix, "id", faults),
        "differences": _lists(root, "differences", Difference, faults),
        "monitoring": _yaml_files(root, "monitoring", Monitoring, "id", faults),
    }
    reviews = tuple(_reviews(root, faults))
    if faults:
        raise ContentError(faults)
    version = digest({name: {k: m.model_dump() for k, m in part.items()} for name, part in parts.items()})
    return Corpus(**parts, reviews=reviews, version=version, root=str(root))


def _files(root: Path, folder: str, ending: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((root / folder).glob(f"*{ending}")):
        yield path, path.relative_to(root).as_posix()


def _add(part: dict[str, Any], key: str, value: Any, name: str, line: int, seen: dict[str, str], faults: list[Fault]) -> None:
    if key in seen:
        faults.append(Fault(name, line, "id", f"{key!r} is already in {seen[key]}"))
    elif value is not None:
        seen[key] = f"{name}:{line}"
        part[key] = value


def _parsed(root: Path, folder: str, faults: list[Fault]) -> Iterator[tuple[Path, str, Any, dict[tuple, int]]]:
    """Yields (path, name, value, lines) of each YAML file of a folder that can be parsed; the others add their fault."""
    for path, name in _files(root, folder, ".yaml"):
        try:
            value, lines = parse(read(path, name), name)
        except Unreadable as e:
            faults.append(e.fault)
        else:
            yield path, name, value, lines


def _yaml_files(root: Path, folder: str, model: type[BaseModel], key: str, faults: list[Fault]) -> dict[str, Any]:
    """A folder whose files each hold one entry, named by the file."""
    part: dict[str, Any] = {}
    for path, name, value, lines in _parsed(root, folder, faults):
        if isinstance(value, dict) and value.get(key, path.stem) != path.stem:
            faults.append(Fault(name, lines.get((key,), 1), key, f"should be the file's name, {path.stem!r}"))
        if isinstance(value, dict):
            value = {key: path.stem, **value}
        built = build(model, value, name, lines, (), faults)
        if built is not None:
            part[path.stem] = built
    return part


def _lists(root: Path, folder: str, model: type[BaseModel], faults: list[Fault]) -> dict[str, Any]:
    """A folder whose files each hold a mapping of id to entry."""
    part: dict[str, Any] = {}
    seen: dict[str, str] = {}
    for _, name, value, lines in _parsed(root, folder, faults):
        if not isinstance(value, dict):
            faults.append(Fault(name, 1, "file", "should map each id to its entry"))
            continue
        for key, entry in value.items():
            entry = {"id": str(key), **entry} if isinstance(entry, dict) else entry
            built = build(model, entry, name, lines, (str(key),), faults)
            _add(part, str(key), built, name, lines.get((str(key),), 1), seen, faults)
    return part


def _vocabulary(root: Path, faults: list[Fault]) -> dict[str, Term]:
    """Files that hold a category and its terms; a first synonym that begins with = is the term's usual name."""
    part: dict[str, Term] = {}
    seen: dict[str, str] = {}
    for _, name, value, lines in _parsed(root, "vocabulary", faults):
        if not isinstance(value, dict) or set(value) != {"category", "terms"} or not isinstance(value["terms"], dict):
            faults.append(Fault(name, 1, "file", "should hold `category` and `terms` (a mapping of id to synonyms)"))
            continue
        for key, synonyms in value["terms"].items():
            synonyms = [] if synonyms is None else synonyms
            entry = {"id": str(key), "category": value["category"], "name": str(key).replace("-", " "), "synonyms": synonyms}
            if isinstance(synonyms, list) and synonyms and str(synonyms[0]).startswith("="):
                entry |= {"name": str(synonyms[0])[1:].strip(), "synonyms": synonyms[1:]}
            built = build(Term, entry, name, lines, ("terms", str(key)), faults)
            _add(part, str(key), built, name, lines.get(("terms", str(key)), 1), seen, faults)
    return part


def _front_matter(text: str, name: str) -> tuple[dict, dict[tuple, int], str, int]:
    """Returns front matter, its lines, the body, and the number of lines before the body."""
    match = re.match(r"\A---\n(.*?)\n---\n", text, re.DOTALL)
    if not match:
        raise Unreadable(Fault(name, 1, "front matter", "the file should begin with --- lines around id, title, last_updated"))
    value, lines = parse(match.group(1), name, offset=1)
    if not isinstance(value, dict):
        raise Unreadable(Fault(name, 2, "front matter", "should be a mapping of fields"))
    return value, lines, text[match.end() :], text[: match.end()].count("\n")


def _pages(root: Path, folder: str, faults: list[Fault]) -> Iterator[tuple[Path, str, dict, dict[tuple, int], str, int]]:
    """Yields (path, name, front matter, its lines, body, lines before it) of each Markdown file; the others add their fault."""
    for path, name in _files(root, folder, ".md"):
        try:
            front, lines, body, offset = _front_matter(read(path, name), name)
        except Unreadable as e:
            faults.append(e.fault)
        else:
            yield path, name, front, lines, body, offset


def _texts(root: Path, faults: list[Fault]) -> dict[str, FixedText]:
    part: dict[str, FixedText] = {}
    for path, name, front, lines, body, _ in _pages(root, "texts", faults):
        built = build(FixedText, {"id": path.stem, **front, "body": body}, name, lines, (), faults)
        if built is not None:
            part[path.stem] = built
    return part


def _documents(root: Path, faults: list[Fault]) -> dict[str, Document]:
    part: dict[str, Document] = {}
    seen: dict[str, str] = {}
    for path, name, front, lines, body, offset in _pages(root, "documents", faults):
        if front.get("id", path.stem) != path.stem:
            faults.append(Fault(name, lines.get(("id",), 1), "id", f"should be the file's name, {path.stem!r}"))
        statements = []
        for raw, at in _bullets(body, name, offset, faults):
            raw["document"] = path.stem
            from_front = front.get("topics") or []
            if isinstance(raw["topics"], list) and isinstance(from_front, list):
                raw["topics"] = list(dict.fromkeys([*raw["topics"], *from_front]))
            key, line = raw["id"], raw["line"]
            if key in seen:
                faults.append(Fault(name, line, "id", f"{key!r} is already in {seen[key]}"))
                continue
            seen[key] = f"{name}:{line}"
            built = build(Statement, raw, name, at, (), faults)
            if built is not None:
                statements.append(built)
        value = {"id": path.stem, **front, "statements": statements}
        if statements:
            built = build(Document, value, name, lines, (), faults)
            if built is not None:
                part[path.stem] = built
        elif not any(f.file == name for f in faults):
            faults.append(Fault(name, offset + 1, "statements", "the document holds no statement"))
    return part


def _bullets(body: str, name: str, offset: int, faults: list[Fault]) -> Iterator[tuple[dict, dict[tuple, int]]]:
    """Yields (fields, line of each field) for every top-level bullet, in order."""
    tokens = _BLOCKS.parse(body)
    section, depth, current, at = "", 0, None, {}
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.type == "heading_open":
            section = tokens[i + 1].content
        elif token.type == "list_item_open":
            depth += 1
            line = token.map[0] + 1 + offset
            content = next((t.content for t in tokens[i + 1 : i + 3] if t.type == "inline"), "")
            content = " ".join(content.split())
            if depth == 1:
                current, at = _statement(content, section, line, name, faults)
            elif depth == 2 and current is not None:
                _setting(content, current, at, line, name, faults)
        elif token.type == "list_item_close":
            depth -= 1
            if depth == 0 and current is not None:
                yield current, at
                current = None
        elif token.type == "inline" and depth == 0 and tokens[i - 1].type == "paragraph_open":
            faults.append(
                Fault(name, token.map[0] + 1 + offset, "text", "stands outside a bullet; every sentence needs an id and citations")
            )
        i += 1


def _statement(content: str, section: str, line: int, name: str, faults: list[Fault]) -> tuple[dict | None, dict[tuple, int]]:
    match = _BULLET.match(content)
    if not match:
        faults.append(Fault(name, line, "id", "a statement begins with its id in backticks"))
        return None, {}
    text = match.group(2)
    cited = _CITATIONS.search(text)
    keys = []
    if cited:
        keys = [k.strip().removeprefix("@") for k in cited.group(1).split(";")]
        text = text[: cited.start()].rstrip()
        text = text if text.endswith((".", "!", "?")) else text + "."
    raw = {"id": match.group(1), "text": text, "citations": keys, "section": section, "line": line, "topics": []}
    return raw, {(): line, **{(f,): line for f in raw}}


def _setting(content: str, current: dict, at: dict[tuple, int], line: int, name: str, faults: list[Fault]) -> None:
    field, colon, value = content.partition(":")
    field, value = field.strip(), value.strip()
    at[(field,)] = line
    if not colon or field not in _SETTINGS:
        faults.append(Fault(name, line, field[:40] or "bullet", f"unknown field; valid: {', '.join(_SETTINGS)}"))
    elif field == "topics":
        current["topics"] = [t.strip() for t in value.split(",") if t.strip()]
    elif field == "values":
        try:
            current["values"] = yaml.load(value, Loader=LOADER)
        except yaml.YAMLError as e:
            faults.append(Fault(name, line, "values", f"is not YAML: {getattr(e, 'problem', e)}"))
    else:
        current[field] = value


def _reviews(root: Path, faults: list[Fault]) -> Iterator[Review]:
    for _, name, value, lines in _parsed(root, "reviews", faults):
        if not isinstance(value, list):
            faults.append(Fault(name, 1, "file", "should be a list of reviews"))
            continue
        for i, entry in enumerate(value):
            built = build(Review, entry, name, lines, (i,), faults)
            if built is not None:
                yield built
