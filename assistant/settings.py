"""Where things are: flags and `CITEPATH_*` variables to one frozen object, read by the edges only."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import CitepathError

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """`corpus`: the content folder; `data`: index, conversations, reviews; `model`: the embedding model's folder or None.

    `timeout`: how long a language model may take for an answer, in seconds.
    `database`: where conversations are saved, a file or an SQLAlchemy URL.
    """

    corpus: Path
    data: Path
    model: Path | None
    engine: str
    database: Path | str
    timeout: float = 120.0


def read(
    environ: Mapping[str, str] = os.environ, corpus: str | None = None, data: str | None = None, engine: str | None = None
) -> Settings:
    """Returns the settings; a flag wins over its variable, the variable over the default.

    Raises:
        CitepathError: CITEPATH_TIMEOUT is no number of seconds.
    """
    model, timeout = environ.get("CITEPATH_MODEL"), environ.get("CITEPATH_TIMEOUT") or "120"
    if not re.fullmatch(r"\d{1,5}(\.\d+)?", timeout) or not float(timeout):
        raise CitepathError(f"CITEPATH_TIMEOUT is {timeout!r}.", "Set it to a number of seconds, or leave it out.")
    folder = Path(data or environ.get("CITEPATH_DATA") or _ROOT / ".citepath")
    return Settings(
        corpus=Path(corpus or environ.get("CITEPATH_CORPUS") or _ROOT / "corpus"),
        data=folder,
        model=Path(model) if model else None,
        engine=engine or environ.get("CITEPATH_ENGINE") or "extractive",
        database=environ.get("CITEPATH_DATABASE") or folder / "conversations.db",
        timeout=float(timeout),
    )
