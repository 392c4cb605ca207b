"""Accounts: argon2id hashes in a private file, no hint who exists, attempts limited, a ticket that ends with its account."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from assistant import accounts as module
from assistant.accounts import ATTEMPTS, PAUSE, WORKING_DAY, Accounts, Ticket
from ingest.errors import CitepathError

PASSWORD = "moss grows on stones"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The same kind of hash at the least cost."""
    monkeypatch.setattr(module, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    module._nobody.cache_clear()


@pytest.fixture
def accounts(tmp_path, clock):
    kept = Accounts(tmp_path, clock)
    kept.add("ada", "Ada Botanist", "PhD, orchids", PASSWORD)
    return kept


def refused(accounts, user, password) -> str:
    with pytest.raises(CitepathError) as e:
        accounts.sign_in(user, password)
    return str(e.value)


def test_the_file_is_private_and_holds_an_argon2id_hash_only(accounts, tmp_path):
    path = tmp_path / "accounts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD not in path.read_text() and json.loads(path.read_text())["ada"]["hash"].startswith("$argon2id$")
    assert "argon2" not in repr(accounts.all()) and accounts.all()[0].credential == "PhD, orchids"


def test_the_shipped_parameters_are_argon2id_of_rfc_9106():
    hasher = PasswordHasher()
    assert (hasher.type.name, hasher.memory_cost >= 65536, hasher.time_cost >= 3) == ("ID", True, True)


def test_only_the_right_password_signs_in_however_it_was_composed(accounts):
    assert accounts.holder(accounts.sign_in(" Ada ", PASSWORD)).name == "Ada Botanist"
    accounts.add("eve", "Eve Fern", "MSc", "fougère éternelle")
    assert accounts.sign_in("eve", "fouge\u0300re e\u0301ternelle")
    for wrong in ("", PASSWORD + " ", PASSWORD.upper(), "\udcff" * 20, "x" * 5000):
        assert "do not belong together" in refused(accounts, "ada", wrong)
        accounts.sign_in("ada", PASSWORD)


def test_an_unknown_user_is_refused_in_the_same_words_after_the_same_work(accounts, monkeypatch):
    checked = []
    monkeypatch.setattr(module, "_matches", lambda hashed, password: checked.append(hashed) or False)
    assert refused(accounts, "nobody", PASSWORD) == refused(accounts, "ada", "wrong")
    assert len(checked) == 2 and all(h.startswith("$argon2id$") for h in checked)


def test_five_wrong_passwords_pause_a_name_known_or_not_and_no_other(accounts, clock):
    accounts.add("bo", "Bo Lee", "MD", PASSWORD)
    for user in ("ada", "nobody"):
        for _ in range(ATTEMPTS):
            assert "belong together" in refused(accounts, user, "wrong")
            clock.now += 1
        assert "Wait 5 minutes" in refused(accounts, user, PASSWORD)
    assert accounts.sign_in("bo", PASSWORD)
    clock.now += PAUSE
    assert accounts.sign_in("ada", PASSWORD)
    refused(accounts, "ada", "wrong")
    assert accounts.sign_in("ada", PASSWORD), "the count begins anew"


def test_a_ticket_ends_with_the_working_day_the_password_or_the_account(accounts, clock):
    ticket = accounts.sign_in("ada", PASSWORD)
    clock.now += WORKING_DAY + 1
    assert accounts.holder(ticket) is None
    ticket = accounts.sign_in("ada", PASSWORD)
    accounts.set_password("ada", "stones under moss")
    assert accounts.holder(ticket) is None and "belong" in refused(accounts, "ada", PASSWORD)
    ticket = accounts.sign_in("ada", "stones under moss")
    accounts.remove("ada")
    assert accounts.holder(ticket) is None and accounts.all() == ()


def test_nothing_but_a_ticket_holds(accounts):
    ticket = accounts.sign_in("ada", PASSWORD)
    forged = [None, "ada", True, {"user": "ada"}, accounts.all()[0], Ticket("ada", "", 1e12), Ticket("bo", ticket.seal, 1e12)]
    assert [accounts.holder(f) for f in forged] == [None] * len(forged)


@pytest.mark.parametrize(
    ("user", "name", "credential", "password", "words"),
    [
        ("ada", "Ada Two", "MD", PASSWORD, "already"),
        ("a b", "Ada Two", "MD", PASSWORD, "user name"),
        ("", "Ada Two", "MD", PASSWORD, "user name"),
        ("../x", "Ada Two", "MD", PASSWORD, "user name"),
        ("bo", "anonymous", "MD", PASSWORD, "--name"),
        ("bo", " ", "MD", PASSWORD, "--name"),
        ("bo", "Bo Lee", " ", PASSWORD, "--credential"),
        ("bo", "Bo Lee", "MD", "elevenchars", "12 to"),
        ("bo", "Bo Lee", "MD", "x" * 1001, "12 to"),
    ],
)
def test_an_account_needs_a_person_a_credential_and_a_long_password(accounts, user, name, credential, password, words):
    with pytest.raises(CitepathError, match=words):
        accounts.add(user, name, credential, password)
    assert len(accounts.all()) == 1


def test_a_weaker_hash_is_replaced_at_the_next_sign_in(accounts, tmp_path, monkeypatch):
    before = accounts.all()[0].hash
    monkeypatch.setattr(module, "_HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert accounts.holder(accounts.sign_in("ada", PASSWORD))
    assert accounts.all()[0].hash != before and "m=16,t=2" in accounts.all()[0].hash
    assert accounts.sign_in("ada", PASSWORD)


def test_writers_at_once_lose_no_account(tmp_path):
    names = [f"user{i}" for i in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: Accounts(tmp_path).add(n, "Ada Botanist", "PhD", PASSWORD), names))
    assert [a.user for a in Accounts(tmp_path).all()] == sorted(names)


def test_a_damaged_file_names_its_mend_and_no_hash(accounts, tmp_path):
    path = tmp_path / "accounts.json"
    path.write_text(path.read_text().replace("credential", "credentials"))
    said = refused(accounts, "ada", PASSWORD)
    assert "accounts.json" in said and "argon2" not in said
    with pytest.raises(CitepathError):
        accounts.add("bo", "Bo Lee", "MD", PASSWORD)
    assert "ada" in path.read_text()


def test_the_command_line_keeps_accounts_and_never_shows_a_password(run, tmp_path):
    data = ("--data", str(tmp_path / "d"))
    add = ("review", "account", "add", "ada", "--name", "Ada Botanist", "--credential", "PhD, orchids", *data)
    assert "12 to" in run(*add, input="short\n", check=2).stderr
    made = run(*add, input=f"{PASSWORD}\n", check=0)
    assert PASSWORD not in made.stdout + made.stderr and "Ada Botanist, PhD, orchids" in made.stdout
    assert "already" in run(*add, input=f"{PASSWORD}\n", check=2).stderr
    assert "Ada Botanist, PhD, orchids" in run("review", "account", "list", *data, check=0).stdout
    run("review", "account", "password", "ada", *data, input="stones under moss\n", check=0)
    assert Accounts(tmp_path / "d").sign_in("ada", "stones under moss")
    run("review", "account", "remove", "ada", *data, check=0)
    assert "no account" in run("review", "account", "remove", "ada", *data, check=2).stderr
