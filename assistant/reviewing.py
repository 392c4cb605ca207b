"""What a reviewer works with: the queue, what has changed since the last approval, and the judgement of who is signed in."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from assistant.accounts import Accounts
from assistant.answer import Status
from assistant.review import Ledger
from ingest.content import Corpus, Kind, Review, Statement, Wording
from ingest.errors import CitepathError

_WORD = re.compile(r"\S+\s*")


@dataclass(frozen=True)
class Wish:
    """Which statements a reviewer wants to see; None and an empty text leave a field open. `keep` stays, whatever its status."""

    status: Status | None = None
    document: str | None = None
    kind: Kind | None = None
    words: str = ""
    overdue: bool = False
    keep: str | None = None


def queue(corpus: Corpus, ledger: Ledger, wish: Wish, today: date) -> list[Statement]:
    """Returns the statements the reviewer wants to see, in document order; all `words` must be in a statement or its id."""
    words = wish.words.lower().split()
    return [
        s
        for s in corpus.statements.values()
        if wish.document in (None, s.document)
        and wish.kind in (None, s.kind)
        and (not wish.overdue or overdue(s, today))
        and all(w in f"{s.id} {s.text} {s.plain} {s.section}".lower() for w in words)
        and (wish.status in (None, ledger.status(s)) or wish.keep == s.id)
    ]


def overdue(statement: Statement, today: date) -> bool:
    """Returns whether the day by which the statement was to be reviewed again has passed."""
    return statement.review_by is not None and statement.review_by < today


def users(corpus: Corpus, statement: str) -> list[str]:
    """Returns what of the corpus rests on the statement: pathway nodes and what they rule out, false premises, differences."""
    found = []
    for p in corpus.pathways.values():
        for node in p.nodes.values():
            parts = (node.summary, *(o.statements for o in node.options), *(part.statements for part in node.parts))
            found += [f"{p.title}: {node.title}"] * any(statement in part for part in parts)
        found += [f"{p.title}: {r.option} ruled out" for r in p.rule_out if statement in r.statements]
        found += [f"{p.title}: {part.title}" for part in (*p.overview, *p.notes) if statement in part.statements]
    found += [f"False premise: {p.premise}" for p in corpus.premises.values() if statement in p.statements]
    found += [f"Sources differ: {d.title}" for d in corpus.differences.values() if statement in d.statements]
    return list(dict.fromkeys(found))


Change = tuple[Literal["same", "removed", "added"], str]


def changes(old: str, new: str) -> list[Change]:
    """Returns the way from the old text to the new one, word by word: runs of words with what became of them, in reading order."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    found: list[Change] = []
    for what, a1, a2, b1, b2 in difflib.SequenceMatcher(a=[w.strip() for w in a], b=[w.strip() for w in b], autojunk=False).get_opcodes():
        runs: tuple[Change, ...] = (("same", "".join(b[b1:b2])),)
        if what != "equal":
            runs = (("removed", "".join(a[a1:a2])), ("added", "".join(b[b1:b2])))
        found += [(kind, text.strip()) for kind, text in runs if text.strip()]
    return found


def changed(old: Wording, new: Wording) -> Iterator[tuple[str, list[Change]]]:
    """Yields each field that differs, and the way from the old one to the new one."""
    for name in Wording.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield name, changes(_written(before), _written(after))


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k}: {v}" for k, v in value.items())
    return "; ".join(value) if isinstance(value, tuple) else str(value or "")


def judge(ledger: Ledger, accounts: Accounts, ticket: object, statement: str, shown: str, status: str, comment: str, today: date) -> Review:
    """Records the judgement of the person who holds the ticket, under the name and credential of their account, and returns it.

    Args:
        ledger: for the corpus as it is now.
        shown: the digest of the text that was read.

    Raises:
        CitepathError: nobody is signed in, a rejection without a comment, or what `Ledger.record` refuses.
    """
    account = accounts.holder(ticket)
    if account is None:
        raise CitepathError("You are not signed in; nothing was recorded.", "Sign in and try again.")
    if status == "rejected" and not comment.strip():
        raise CitepathError("A rejection needs a comment; nothing was recorded.", "Say what should change.")
    return ledger.record(statement, status, account.name, today, account.credential, comment.strip() or None, account.user, shown)
