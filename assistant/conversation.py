"""Conversations: turns and what was carried over, saved whole in SQLite or any database SQLAlchemy speaks to."""

import json
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, Text, create_engine, delete, select
from sqlalchemy.exc import SQLAlchemyError

from assistant.answer import Answer
from assistant.understand import Turn
from ingest.errors import CitepathError

_TABLE = Table(
    "conversations",
    MetaData(),
    Column("id", String(32), primary_key=True),
    Column("title", Text),
    Column("updated", String(32)),
    Column("body", Text),
)


@dataclass(frozen=True)
class Conversation:
    """Turns and their answers, oldest first; adding a turn gives a new conversation."""

    id: str
    turns: tuple[Turn, ...] = ()
    answers: tuple[Answer, ...] = ()

    @staticmethod
    def new() -> "Conversation":
        """Returns an empty conversation with a fresh id."""
        return Conversation(uuid.uuid4().hex)

    def add(self, answer: Answer, turn: Turn) -> "Conversation":
        """Returns the conversation with one more turn."""
        return replace(self, turns=(*self.turns, turn), answers=(*self.answers, answer))

    def without_state(self) -> "Conversation":
        """Returns the conversation with the patient's facts forgotten, the turns kept."""
        return replace(self, turns=tuple(replace(t, state={}, origins={}) for t in self.turns))

    @property
    def title(self) -> str:
        """Returns the first question, cut at 80 characters."""
        return self.turns[0].question[:80] if self.turns else "New conversation"


class Store:
    """Saved conversations, each written in one transaction."""

    def __init__(self, data: Path, url: str | None = None):
        """`url` is any SQLAlchemy URL; the default is a SQLite file below `data`. Raises CitepathError."""
        try:
            if url is None:
                data.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(url or f"sqlite:///{data / 'conversations.sqlite'}")
            _TABLE.metadata.create_all(self._engine)
        except (SQLAlchemyError, OSError) as e:
            raise _unusable(e) from e

    def save(self, conversation: Conversation) -> None:
        """Writes the conversation, whole or not at all. Raises CitepathError."""
        body = json.dumps(
            {"turns": [asdict(t) for t in conversation.turns], "answers": [a.model_dump(mode="json") for a in conversation.answers]},
            ensure_ascii=False,
        )
        row = {"id": conversation.id, "title": conversation.title, "updated": datetime.now(UTC).isoformat(timespec="seconds"), "body": body}
        try:
            with self._engine.begin() as db:
                db.execute(delete(_TABLE).where(_TABLE.c.id == conversation.id))
                db.execute(_TABLE.insert().values(**row))
        except SQLAlchemyError as e:
            raise _unusable(e) from e

    def list(self) -> list[tuple[str, str, str]]:
        """Returns (id, title, time of last change) of every conversation, newest first. Raises CitepathError."""
        try:
            with self._engine.connect() as db:
                rows = db.execute(select(_TABLE.c.id, _TABLE.c.title, _TABLE.c.updated).order_by(_TABLE.c.updated.desc()))
                return [tuple(r) for r in rows]
        except SQLAlchemyError as e:
            raise _unusable(e) from e

    def open(self, id: str) -> Conversation:
        """Returns a saved conversation. Raises CitepathError when there is none, or it cannot be read."""
        try:
            with self._engine.connect() as db:
                body = db.execute(select(_TABLE.c.body).where(_TABLE.c.id == id)).scalar_one_or_none()
        except SQLAlchemyError as e:
            raise _unusable(e) from e
        if body is None:
            raise CitepathError(f"There is no saved conversation {id!r}.", "Choose one from the list.")
        saved = json.loads(body)
        turns = tuple(Turn(**{**t, "subjects": tuple(t["subjects"])}) for t in saved["turns"])
        return Conversation(id, turns, tuple(Answer.model_validate(a) for a in saved["answers"]))

    def delete(self, id: str) -> None:
        """Removes a conversation; an unknown id is no error. Raises CitepathError."""
        try:
            with self._engine.begin() as db:
                db.execute(delete(_TABLE).where(_TABLE.c.id == id))
        except SQLAlchemyError as e:
            raise _unusable(e) from e


def _unusable(e: Exception) -> CitepathError:
    return CitepathError(
        f"Saved conversations cannot be used ({str(getattr(e, 'orig', e)).splitlines()[0]}).",
        "Free space, or name another folder with --data.",
    )
