"""Review status: bound to a digest of the text, least reviewed wins, and the notice that goes with it."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from assistant.answer import ReviewNotice, Status
from ingest.content import Corpus, Review, Statement
from ingest.errors import CitepathError
from ingest.files import append_line

_ORDER: tuple[Status, ...] = ("submitted", "under_review", "approved")


class Ledger:
    """The append-only record of reviews: those shipped in the corpus, then those of this data directory."""

    def __init__(self, corpus: Corpus, data: Path | None = None):
        """Raises CitepathError when the record of `data` is damaged."""
        self._corpus = corpus
        self._path = data / "reviews.jsonl" if data else None
        self._events = [*corpus.reviews, *self._recorded()]

    def _recorded(self) -> list[Review]:
        if not self._path or not self._path.exists():
            return []
        events = []
        for i, line in enumerate(self._path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            try:
                events.append(Review.model_validate_json(line))
            except ValidationError as e:
                raise CitepathError(f"{self._path}:{i} is not a review record.", "Mend or remove that line; the others are kept.") from e
        return events

    def history(self, statement: str) -> list[Review]:
        """Returns every review event of the statement, oldest first, also those of earlier wordings."""
        return [e for e in self._events if e.statement == statement]

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
        self, statement: str, status: str, reviewer: str, today: date, credential: str | None = None, comment: str | None = None
    ) -> Review:
        """Appends one event for the wording the corpus holds now, and returns it.

        Raises:
            CitepathError: no such statement, no named person, an approval or rejection without a credential, or the
                record cannot be written.
        """
        known = self._corpus.statements
        if statement not in known:
            raise CitepathError(f"There is no statement {statement!r}.", "Run `citepath review list` to see them.")
        if status in {"approved", "rejected"} and not (credential or "").strip():
            raise CitepathError(f"To record {status!r}, the reviewer's credential is needed.", "Give it with --credential.")
        if self._path is None:
            raise CitepathError("Reviews cannot be recorded here.", "Name a data directory with --data.")
        try:
            event = Review(
                statement=statement,
                digest=known[statement].digest,
                status=status,
                reviewer=reviewer,
                credential=credential,
                date=today,
                comment=comment,
            )
        except ValidationError as e:
            raise CitepathError("A review needs the name of a person.", "Give it with --reviewer.") from e
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_line(self._path, json.dumps(event.model_dump(mode="json"), ensure_ascii=False))
        except OSError as e:
            raise CitepathError(
                f"The review could not be written to {self._path} ({e.strerror}).", "Free space or name another folder with --data."
            ) from e
        self._events.append(event)
        return event
