"""Files that are there whole or not at all."""

import os
import uuid
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Writes the file so that it is there whole or not at all. Raises OSError; nothing is left behind then."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with partial.open("w", encoding="utf-8") as f:
            f.write(text)
            f.flush()
            os.fsync(f.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
