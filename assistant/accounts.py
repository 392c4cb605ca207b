"""Reviewers' accounts in the data directory: who may sign in, with which name and credential their judgements are recorded."""

import contextlib
import json
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from ingest.content import Content, Person, Text
from ingest.errors import CitepathError
from ingest.files import locked, write_text

SHORTEST, LONGEST = 12, 1000  # characters of a password
ATTEMPTS, PAUSE = 5, 300.0  # wrong passwords in a row; seconds a user name is then refused
WORKING_DAY = 8 * 3600.0  # seconds until a reviewer must sign in again
_HASHER = PasswordHasher()  # argon2id with the library's defaults: RFC 9106, low memory


class Account(Content):
    """A person who may review. The hash is argon2id's and is never shown."""

    user: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,31}$")]
    name: Person
    credential: Text
    hash: Text = Field(repr=False)


@dataclass(frozen=True)
class Ticket:
    """Shows that a person signed in. It holds while the account is there, its password unchanged, and the working day not over."""

    user: str
    seal: str
    until: float


_FILE = TypeAdapter(dict[str, Account])


class Accounts:
    """The accounts of a data directory, in `accounts.json`, which its owner alone may read.

    After five wrong passwords in a row a user name, known or not, is refused for five minutes, also with the right password. This is
    counted in memory: per process, and forgotten when it ends. One password is checked at a time, so that many attempts at once cannot
    fill the memory.
    """

    def __init__(self, data: Path, clock: Callable[[], float] = time.monotonic):
        self._path = data / "accounts.json"
        self._clock = clock
        self._checking = Lock()
        self._wrong: dict[str, tuple[int, float]] = {}

    def all(self) -> tuple[Account, ...]:
        """Returns every account by user name. Raises CitepathError when the file cannot be read."""
        return tuple(account for _, account in sorted(self._read().items()))

    def add(self, user: str, name: str, credential: str, password: str) -> Account:
        """Returns the account made.

        Raises:
            CitepathError: the user name is taken or malformed, no person is named, the credential is empty, the password is too
                short, or the file cannot be written.
        """
        _long_enough(password)
        try:
            account = Account(user=_folded(user), name=name, credential=credential, hash=_HASHER.hash(_normal(password)))
        except ValidationError as e:
            raise CitepathError(*_MENDS[str(e.errors()[0]["loc"][0])]) from e

        def change(accounts: dict[str, Account]) -> None:
            if account.user in accounts:
                raise CitepathError(f"There is already an account {account.user!r}.", "Choose another user name.")
            accounts[account.user] = account

        self._change(change)
        return account

    def remove(self, user: str) -> None:
        """Removes an account; what its person recorded stays. Raises CitepathError: there is none, or the file cannot be written."""
        self._change(lambda accounts: accounts.pop(_known(accounts, user)))

    def set_password(self, user: str, password: str) -> None:
        """Gives an account another password; who is signed in to it must sign in again. Raises CitepathError as `add` and `remove`."""
        _long_enough(password)
        hashed = _HASHER.hash(_normal(password))

        def change(accounts: dict[str, Account]) -> None:
            key = _known(accounts, user)
            accounts[key] = accounts[key].model_copy(update={"hash": hashed})

        self._change(change)

    def sign_in(self, user: str, password: str) -> Ticket:
        """Returns the ticket of the person whose password it is; takes as long for a user name that does not exist.

        Raises:
            CitepathError: user name and password do not belong together, too many attempts, or the file cannot be read.
        """
        user, nobody = _folded(user)[:64], _nobody()
        with self._checking:
            self._refuse_after_many(user)
            account = self._read().get(user)
            if not _matches(account.hash if account else nobody, password) or account is None:
                self._wrong[user] = (self._wrong.get(user, (0, 0.0))[0] + 1, self._clock())
                raise CitepathError("User name and password do not belong together.", "Try again.")
            self._wrong.pop(user, None)
        if _HASHER.check_needs_rehash(account.hash):
            account = self._hashed_anew(account, password)
        return Ticket(user, _seal(account), self._clock() + WORKING_DAY)

    def holder(self, ticket: object) -> Account | None:
        """Returns the account that signed in; None for anything but a ticket that holds. Raises CitepathError as `all`."""
        if not isinstance(ticket, Ticket) or self._clock() > ticket.until:
            return None
        account = self._read().get(ticket.user)
        return account if account and _seal(account) == ticket.seal else None

    def _hashed_anew(self, account: Account, password: str) -> Account:
        """Returns the account with its password hashed by the present parameters; as it was where that cannot be written."""
        stronger = account.model_copy(update={"hash": _HASHER.hash(_normal(password))})

        def change(accounts: dict[str, Account]) -> None:
            if accounts.get(account.user) == account:
                accounts[account.user] = stronger

        with contextlib.suppress(CitepathError):
            self._change(change)
        return self._read().get(account.user, account)

    def _refuse_after_many(self, user: str) -> None:
        now = self._clock()
        self._wrong = {u: (n, last) for u, (n, last) in self._wrong.items() if now - last < PAUSE}
        if self._wrong.get(user, (0, 0.0))[0] >= ATTEMPTS:
            raise CitepathError("There were too many wrong passwords for this user name.", f"Wait {PAUSE / 60:.0f} minutes.")

    def _read(self) -> dict[str, Account]:
        try:
            return _FILE.validate_json(self._path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as e:
            raise CitepathError(f"{self._path} cannot be read ({e.strerror}).", "Let this user read it.") from e
        except ValidationError:
            raise CitepathError(f"{self._path} is not a file of accounts.", "Restore it from a copy, or move it away.") from None

    def _change(self, change: Callable[[dict[str, Account]], object]) -> None:
        try:
            with locked(self._path):
                accounts = self._read()
                change(accounts)
                written = {user: account.model_dump() for user, account in sorted(accounts.items())}
                write_text(self._path, json.dumps(written, ensure_ascii=False, indent=1) + "\n", mode=0o600)
        except OSError as e:
            raise CitepathError(
                f"{self._path} could not be written ({e.strerror}).", "Free space or name another folder with --data."
            ) from e


_MENDS = {
    "user": ("A user name has 2 to 32 small letters, digits, dots, hyphens or underscores.", "Choose another."),
    "name": ("An account needs the name of a person.", "Give it with --name."),
    "credential": ("An account needs the person's credential.", "Give it with --credential, for instance MD."),
}


def _folded(user: str) -> str:
    return user.strip().lower()


def _known(accounts: dict[str, Account], user: str) -> str:
    if _folded(user) not in accounts:
        raise CitepathError(f"There is no account {_folded(user)!r}.", "Run `citepath review account list` to see them.")
    return _folded(user)


def _normal(password: str) -> bytes:
    """Returns the password as the same bytes whatever keyboard or system composed it."""
    return unicodedata.normalize("NFKC", password)[: LONGEST + 1].encode("utf-8", "surrogatepass")


def _long_enough(password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise CitepathError(f"A password has {SHORTEST} to {LONGEST} characters.", "Choose another; a few unrelated words are good.")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(1)
def _nobody() -> str:
    """Returns the hash of a password that nobody knows."""
    return _HASHER.hash(secrets.token_hex())


def _seal(account: Account) -> str:
    return sha256(f"{account.user}\0{account.name}\0{account.credential}\0{account.hash}".encode()).hexdigest()
