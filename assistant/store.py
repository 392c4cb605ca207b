"""Saved conversations: one row each, of one owner; SQLite in the data folder by default, any SQLAlchemy URL."""

import contextlib
import hashlib
import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from assistant.conversation import LONGEST_TITLE, Conversation
from ingest.errors import CitepathError

FORMAT = 1
_SHORTEST_OWNER = 16
_PATIENCE = 10  # seconds to wait while another process writes
_CONVERSATION = TypeAdapter(Conversation)
_METADATA = sa.MetaData()
_ROWS = sa.Table(
    "conversations",
    _METADATA,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("format", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Summary:
    """A saved conversation in a list; `updated` is in UTC, `turns` counts the questions."""

    id: str
    title: str
    updated: datetime
    turns: int


class Store:
    """Conversations of many owners, each of whom reaches only their own.

    An owner is a long random text, and whoever knows it reaches the conversations: only its SHA-256 is kept, so that the
    file does not open them. In SQLite what is deleted or replaced is overwritten with zeros, and the file is its user's alone.
    Every method raises CitepathError when the database cannot be read or written; then nothing in it has changed.
    """

    def __init__(self, database: str | Path):
        """Opens a SQLite file (a path) or any database (an SQLAlchemy URL); touches neither yet.

        Raises:
            CitepathError: no such kind of database, or its driver is not installed.
        """
        try:
            url = sa.URL.create("sqlite", database=str(database)) if isinstance(database, Path) else sa.make_url(database)
            on_disk = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
            self._file = Path(url.database) if on_disk and not url.database.startswith("file:") else None
            extra = {"poolclass": sa.NullPool, "connect_args": {"timeout": _PATIENCE}} if on_disk else {}
            self._engine = sa.create_engine(url, hide_parameters=True, **extra)
        except (sa.exc.ArgumentError, ImportError) as e:
            raise CitepathError("The database of conversations cannot be used.", "Mend CITEPATH_DATABASE, or install its driver.") from e
        self._name = str(self._file) if self._file else url.render_as_string(hide_password=True)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _careful)
            sa.event.listen(self._engine, "begin", _begin)

    def list(self, owner: str) -> tuple[Summary, ...]:
        """Returns the owner's conversations, the last changed first."""
        columns = (_ROWS.c.id, _ROWS.c.title, _ROWS.c.updated, _ROWS.c.turns)
        with self._open() as db:
            rows = db.execute(sa.select(*columns).where(_ROWS.c.owner == _hidden(owner)).order_by(_ROWS.c.updated.desc(), _ROWS.c.id)).all()
        return tuple(Summary(id, title, datetime.fromtimestamp(updated, UTC), turns) for id, title, updated, turns in rows)

    def save(self, owner: str, conversation: Conversation) -> Conversation:
        """Saves the conversation whole or not at all, and returns it as saved.

        Where another window has meanwhile added other turns to it, both are kept: this one under an id of its own.
        The saved name stays when the conversation brings none.
        """
        with self._open(writes=True) as db:
            stored = self._row(db, owner, conversation.id)
            kept = _read(stored) if stored else None
            if kept and conversation.answers[: len(kept.answers)] != kept.answers:
                conversation = replace(conversation, id=uuid.uuid4().hex)
                kept = None
            elif kept and not conversation.name:
                conversation = replace(conversation, name=kept.name)
            values = _values(conversation)
            if kept:
                db.execute(_ROWS.update().where(*_own(owner, conversation.id)).values(values))
            else:
                db.execute(_ROWS.insert().values(owner=_hidden(owner), id=conversation.id, **values))
        return conversation

    def load(self, owner: str, id: str) -> Conversation | None:
        """Returns the conversation as it was saved; None when the owner has none of that id.

        Raises:
            CitepathError: another version of Citepath wrote it and this one cannot read it; it can be exported and deleted.
        """
        with self._open() as db:
            row = self._row(db, owner, id)
        return _read(row) if row else None

    def rename(self, owner: str, id: str, name: str) -> None:
        """Gives the conversation a name of at most `LONGEST_TITLE` characters; an empty one gives it its first question's again."""
        with self._open(writes=True) as db:
            if row := self._row(db, owner, id):
                named = replace(_read(row), name=" ".join(name.split())[:LONGEST_TITLE] or None)
                db.execute(_ROWS.update().where(*_own(owner, id)).values(_values(named) | {"updated": row.updated}))

    def delete(self, owner: str, id: str) -> bool:
        """Deletes the conversation and its content; returns whether there was one."""
        with self._open(writes=True) as db:
            return bool(db.execute(_ROWS.delete().where(*_own(owner, id))).rowcount)

    def delete_all(self, owner: str) -> int:
        """Deletes all the owner has saved; returns the number of conversations."""
        with self._open(writes=True) as db:
            return db.execute(_ROWS.delete().where(_ROWS.c.owner == _hidden(owner))).rowcount

    def move(self, owner: str, to: str) -> int:
        """Gives all of the owner's conversations to another; returns their number."""
        with self._open(writes=True) as db:
            return db.execute(_ROWS.update().where(_ROWS.c.owner == _hidden(owner)).values(owner=_hidden(to))).rowcount

    def export(self, owner: str, id: str | None = None) -> dict[str, Any]:
        """Returns all the owner has saved, or one conversation, as a JSON object; also what this version cannot open."""
        mine = _own(owner, id) if id else (_ROWS.c.owner == _hidden(owner),)
        with self._open() as db:
            rows = db.execute(sa.select(_ROWS).where(*mine).order_by(_ROWS.c.updated.desc(), _ROWS.c.id)).all()
        return {
            "conversations": [
                {"title": r.title, "updated": datetime.fromtimestamp(r.updated, UTC).isoformat(), "format": r.format} | _as_json(r.body)
                for r in rows
            ]
        }

    @staticmethod
    def _row(db: sa.Connection, owner: str, id: str) -> Any:
        return db.execute(sa.select(_ROWS).where(*_own(owner, id))).one_or_none()

    @contextlib.contextmanager
    def _open(self, writes: bool = False) -> Iterator[sa.Connection]:
        """Gives a transaction in a database that has the table; what goes wrong in it is told with its mend."""
        try:
            if self._file:
                _private(self._file)
            with self._begin() as db:
                there = sa.inspect(db).has_table(_ROWS.name)
            if not there:
                with self._begin(writes=True) as db:
                    _METADATA.create_all(db)
            with self._begin(writes) as db:
                yield db
        except (sa.exc.SQLAlchemyError, sqlite3.Error, OSError) as e:
            raise self._told(e) from None

    @contextlib.contextmanager
    def _begin(self, writes: bool = False) -> Iterator[sa.Connection]:
        with self._engine.connect().execution_options(writes=writes) as db, db.begin():
            yield db

    def _told(self, e: Exception) -> CitepathError:
        cause = getattr(e, "orig", None) or e
        if "not a database" in str(cause) or "malformed" in str(cause):
            return CitepathError(f"{self._name} is damaged; nothing in it was changed.", "Move it away to begin a new one.")
        return CitepathError(
            f"Conversations cannot be read or saved in {self._name} ({cause}).", "Check the place, its free space and its permissions."
        )


def _careful(connection: Any, record: Any) -> None:
    """Has SQLite overwrite what is deleted, and leaves the beginning of transactions to `_begin`."""
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")


def _begin(db: sa.Connection) -> None:
    """Has a writer wait for its turn at the beginning, where waiting is safe: two that have read cannot both go on to write."""
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("writes") else "BEGIN")


def _private(file: Path) -> None:
    """Makes the file where it is missing, for its user alone. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    mode = file.stat().st_mode
    if mode & 0o077:
        file.chmod(mode & ~0o077)


def _hidden(owner: str) -> str:
    if len(owner) < _SHORTEST_OWNER:
        raise ValueError("an owner is a long random text")
    return hashlib.sha256(owner.encode()).hexdigest()


def _own(owner: str, id: str) -> tuple[Any, Any]:
    return _ROWS.c.owner == _hidden(owner), _ROWS.c.id == id


def _values(conversation: Conversation) -> dict[str, Any]:
    try:
        body = _CONVERSATION.dump_json(conversation).decode()
    except ValueError as e:
        raise CitepathError("The conversation holds characters that cannot be saved.", "Begin a new one.") from e
    turns = len(conversation.turns)
    return {"title": conversation.title, "updated": time.time(), "turns": turns, "format": FORMAT, "body": body}


def _read(row: Any) -> Conversation:
    try:
        if row.format != FORMAT:
            raise ValueError(row.format)
        return _CONVERSATION.validate_json(row.body, extra="forbid")
    except ValueError:
        raise CitepathError(
            "This conversation was saved by another version of Citepath and cannot be opened here.", "It can be exported or deleted."
        ) from None


def _as_json(body: str) -> dict[str, Any]:
    try:
        return dict(json.loads(body))
    except ValueError:
        return {"unreadable": body}
