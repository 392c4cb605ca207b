"""Files that are there whole or not at all."""

import os
import uuid
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> None:
    """Writes the file so that it is there whole or not at all. Raises OSError; nothing is left behind then."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with partial.open("wb") as f:
            f.write(content)
            f.flush()
            os.fsync(f.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes the file in UTF-8, whole or not at all. Raises as `write_bytes`."""
    write_bytes(path, text.encode())
