"""Files, and lines of a record, that are there whole or not at all."""

import errno
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


def append_line(path: Path, line: str) -> None:
    """Appends a line in UTF-8, whole or not at all: a write that fails midway is taken back. Raises OSError."""
    encoded = line.encode() + b"\n"
    with path.open("ab", buffering=0) as f:
        size = f.tell()
        try:
            if f.write(encoded) != len(encoded):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(f.fileno())
        except OSError:
            f.truncate(size)
            raise
