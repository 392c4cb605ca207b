"""A validated corpus kept as JSON below the data directory, so that content which has not changed is not parsed and validated again.

The file is named by a digest of every content file and of the code that reads them, and begins with a digest of itself: one that is
damaged, or of other content, is passed over and written anew.
"""

import contextlib
import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest import content, load, parse
from ingest.content import Corpus
from ingest.files import write_text

_DATE = "date:"


def loaded(root: Path, data: Path) -> Corpus:
    """Returns the corpus below `root`, as `load.load` would. Raises as `load.load`; that it cannot be kept raises nothing."""
    kept = data / "corpus" / f"{_key(root)}.json"
    corpus = _read(kept, root)
    if corpus is None:
        corpus = load.load(root)
        with contextlib.suppress(OSError):
            _write(kept, corpus)
    return corpus


def _key(root: Path) -> str:
    found = sha256()
    for module in (content, load, parse):
        found.update(Path(module.__file__).read_bytes())
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        found.update(f"{path.relative_to(root).as_posix()}\0".encode())
        with contextlib.suppress(OSError):  # `load` names a file that cannot be read
            found.update(sha256(path.read_bytes()).digest())
    return found.hexdigest()[:24]


def _read(kept: Path, root: Path) -> Corpus | None:
    try:
        seal, _, body = kept.read_text(encoding="utf-8").partition("\n")
        if seal != sha256(body.encode()).hexdigest():
            return None
        corpus = Corpus.model_validate_json(body)
    except (OSError, ValueError):
        return None
    for s in corpus.statements.values():
        object.__setattr__(s, "values", _dated(s.values))
    return corpus.model_copy(update={"root": str(root)})


def _write(kept: Path, corpus: Corpus) -> None:
    body = corpus.model_dump(mode="python")
    for document in body["documents"].values():
        for s in document["statements"]:
            s["values"] = _undated(s["values"])
    written = json.dumps(body, ensure_ascii=False, default=str)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob("*.json"):
        old.unlink(missing_ok=True)
    write_text(kept, f"{sha256(written.encode()).hexdigest()}\n{written}")


def _undated(value: Any) -> Any:
    """Returns a value of `values` with its dates as marked texts: JSON knows none, and a text must stay one."""
    if isinstance(value, dict):
        return {k: _undated(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_undated(v) for v in value]
    return f"{_DATE}{value.isoformat()}" if isinstance(value, date) else value


def _dated(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _dated(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_dated(v) for v in value]
    return date.fromisoformat(value.removeprefix(_DATE)) if isinstance(value, str) and value.startswith(_DATE) else value
