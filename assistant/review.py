"""Review status: bound to a digest of the text, least reviewed wins, and the notice that goes with it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from assistant.answer import ReviewNotice, Status
from ingest.content import Corpus, Review, Statement, Wording
from ingest.errors import CitepathError
from ingest.files import append_line, locked

_ORDER: tuple[Status, ...] = ("submitted", "under_review", "approved")
_PREVIOUS = "previous"  # a line's field for the digest of all lines before it
_RESTORE = "Restore the file from a copy, or move it away: what it approved is then submitted again."


@dataclass(frozen=True)
class _Events:
    """What the record held when its file looked like `stamp`; `own` are the events that the corpus does not hold yet."""

    stamp: tuple[int, ...]
    own: tuple[Review, ...]
    of: dict[str, tuple[Review, ...]]


class Ledger:
    """The append-only record of reviews: those shipped in the corpus and those of this data directory, oldest first.

    The record is a file that other processes may add to: it is read again whenever it has changed.
    """

    def __init__(self, corpus: Corpus, data: Path | None = None):
        """Raises CitepathError when the record of `data` is damaged."""
        self._corpus = corpus
        self._path = data / "reviews.jsonl" if data else None
        self._events = self._read(self._stamp())

    def refresh(self) -> None:
        """Reads the record again if it has changed. Raises CitepathError when it is damaged."""
        if (stamp := self._stamp()) != self._events.stamp:
            self._events = self._read(stamp)

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self._path.stat() if self._path else None
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as e:
            raise self._unreadable(e) from e
        return (found.st_ino, found.st_size, found.st_mtime_ns) if found else ()

    def _unreadable(self, e: OSError) -> CitepathError:
        return CitepathError(f"{self._path} cannot be read ({e.strerror}).", "Let this user read it, or name another folder with --data.")

    def _read(self, stamp: tuple[int, ...]) -> _Events:
        try:
            content = self._path.read_bytes() if self._path and stamp else b""
        except OSError as e:
            raise self._unreadable(e) from e
        recorded = parse_record(content, str(self._path))
        shipped = Counter(e.model_dump_json() for e in self._corpus.reviews)
        own = []
        for event in recorded:
            if shipped[key := event.model_dump_json()]:
                shipped[key] -= 1
            else:
                own.append(event)
        of = defaultdict(list)
        for event in sorted([*self._corpus.reviews, *own], key=lambda e: e.date):
            of[event.statement].append(event)
        return _Events(stamp, tuple(own), {statement: tuple(events) for statement, events in of.items()})

    @property
    def own(self) -> tuple[Review, ...]:
        """Returns the events of the data directory that the corpus does not hold, oldest first."""
        self.refresh()
        return self._events.own

    def history(self, statement: str) -> list[Review]:
        """Returns every review event of the statement, oldest first, also those of earlier wordings."""
        self.refresh()
        return list(self._events.of.get(statement, ()))

    def last_approved(self, statement: str) -> Review | None:
        """Returns the last approval of the statement that was not withdrawn by a later rejection of the same text, whatever its wording."""
        standing: dict[str, Review] = {}
        for event in self.history(statement):
            if event.status in {"approved", "rejected"}:
                standing.pop(event.digest, None)
            if event.status == "approved":
                standing[event.digest] = event
        return next(reversed(standing.values()), None)

    def status(self, statement: Statement) -> Status:
        """Returns the status of the very wording the corpus holds now: an edit returns it to submitted, as does a rejection."""
        current: Status = "submitted"
        for event in self.history(statement.id):
            if event.digest == statement.digest:
                current = "submitted" if event.status == "rejected" else event.status
        return current

    def least(self, statements: Iterable[Statement]) -> Status:
        """Returns the least reviewed status among the statements; submitted when there is none."""
        return min((self.status(s) for s in statements), key=_ORDER.index, default="submitted")

    def notice(self, statements: Iterable[Statement]) -> ReviewNotice:
        """Returns the status and the notice shown with an answer that rests on the statements."""
        status = self.least(statements)
        return ReviewNotice(status=status, notice=self._corpus.texts["notice-approved" if status == "approved" else "notice"].body)

    def record(
        self,
        statement: str,
        status: str,
        reviewer: str,
        today: date,
        credential: str | None = None,
        comment: str | None = None,
        account: str | None = None,
        shown: str | None = None,
    ) -> Review:
        """Appends one event for the wording the corpus holds now, and returns it.

        Args:
            account: the user name the reviewer is signed in with, if there is one.
            shown: the digest of what the reviewer read.

        Raises:
            CitepathError: no such statement, no named person, an approval or rejection without a credential, the text is
                not the one shown, the last review is dated later, or the record is damaged or cannot be written.
        """
        known = self._corpus.statements
        if statement not in known:
            raise CitepathError(f"There is no statement {statement!r}.", "Run `citepath review list` to see them.")
        if status in {"approved", "rejected"} and not (credential or "").strip():
            raise CitepathError(f"To record {status!r}, the reviewer's credential is needed.", "Give it with --credential.")
        if shown not in (None, known[statement].digest):
            raise CitepathError(
                f"The text of {statement} has changed since it was shown; nothing was recorded.",
                "Run `citepath index`, then read the statement again.",
            )
        if self._path is None:
            raise CitepathError("Reviews cannot be recorded here.", "Name a data directory with --data.")
        try:
            event = Review(
                statement=statement,
                digest=known[statement].digest,
                status=status,
                reviewer=reviewer,
                credential=credential,
                account=account,
                date=today,
                comment=comment or None,
                wording=Wording.of(known[statement]),
            )
        except ValidationError as e:
            raise CitepathError("A review needs the name of a person.", "Give it with --reviewer.") from e
        try:
            with locked(self._path):
                self.refresh()
                if (last := max((e.date for e in self.history(statement)), default=today)) > today:
                    raise CitepathError(
                        f"The last review of {statement} is dated {last}, after today, {today}.", "Set this machine's clock."
                    )
                _append(self._path, event)
        except OSError as e:
            raise CitepathError(
                f"The review could not be written to {self._path} ({e.strerror}).", "Free space or name another folder with --data."
            ) from e
        self.refresh()
        return event


def parse_record(content: bytes, name: str) -> list[Review]:
    """Returns the events of a record file, in its order.

    Each line carries the digest of all lines before it, so that a line changed or removed later is noticed; the loss of the last
    lines, or a file written anew as a whole, is not. Lines from before digests were kept are read as they are, up to the first
    that carries one.

    Raises:
        CitepathError: a line is no event, or what stands before a line is not what stood there when it was written.
    """
    events: list[Review] = []
    before, chained = sha256(), False
    lines = content.splitlines(keepends=True)
    for i, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            previous = fields.pop(_PREVIOUS, None)
            events.append(Review.model_validate(fields))
        except (ValueError, AttributeError) as e:
            mend = "Remove that last line; the others are kept." if i == len(lines) else _RESTORE
            raise CitepathError(f"{name}:{i} is not a review record.", mend) from e
        chained = chained or previous is not None
        if chained and previous != before.hexdigest():
            raise CitepathError(f"{name}:{i}: a line before this one was changed, added or removed after it was written.", _RESTORE)
        before.update(line)
    return events


def _append(path: Path, event: Review) -> None:
    """Appends the event, with the digest of all lines before it."""
    before = path.read_bytes() if path.exists() else b""
    end = b"" if before.endswith(b"\n") or not before else b"\n"
    fields = event.model_dump(mode="json", exclude_none=True) | {_PREVIOUS: sha256(before + end).hexdigest()}
    append_line(path, json.dumps(fields, ensure_ascii=False))
