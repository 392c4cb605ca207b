"""Errors that say what is wrong and how to mend it."""

from dataclasses import dataclass


class CitepathError(Exception):
    """Something the reader can mend. `str()` gives one line: the message, then the mend.

    Attributes:
        message: what is wrong, in one sentence.
        mend: what to do about it.
    """

    def __init__(self, message: str, mend: str):
        super().__init__(f"{message} {mend}".strip())
        self.message = message
        self.mend = mend


@dataclass(frozen=True, order=True)
class Fault:
    """One fault in a content file; `str()` gives `file:line: field: problem`."""

    file: str
    line: int
    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.problem}"


class ContentError(CitepathError):
    """The content does not hold together. `faults` lists every fault found, not only the first."""

    def __init__(self, faults: list[Fault]):
        self.faults = tuple(sorted(set(faults)))
        first = str(self.faults[0]) if self.faults else ""
        super().__init__(
            f"The corpus has {len(self.faults)} fault(s), the first: {first}.",
            "Run `citepath check` to list them all.",
        )
