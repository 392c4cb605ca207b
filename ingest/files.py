"""Files, and lines of a record, that are there whole or not at all."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 10.0  # seconds a writer waits for another


def write_bytes(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Writes the file so that it is there whole or not at all, with `mode` less the umask. Raises OSError; nothing is left behind then."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with open(partial, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as f:
            f.write(content)
            f.flush()
            os.fsync(f.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str, mode: int = 0o666) -> None:
    """Writes the file in UTF-8, whole or not at all. Raises as `write_bytes`."""
    write_bytes(path, text.encode(), mode)


def append_line(path: Path, line: str) -> None:
    """Appends a line in UTF-8, whole or not at all: a write that fails midway is taken back. Raises OSError."""
    with path.open("a+b", buffering=0) as f:
        size = f.seek(0, os.SEEK_END)
        f.seek(max(size - 1, 0))
        end = b"" if f.read(1) in (b"", b"\n") else b"\n"  # a line that lacks its end is not run into
        encoded = end + line.encode() + b"\n"
        try:
            if f.write(encoded) != len(encoded):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(f.fileno())
        except OSError:
            f.truncate(size)
            raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock of a file among threads and processes, in `<name>.lock` beside it. Raises OSError."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=_PATIENCE):
            yield
    except Timeout as e:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path)) from e
