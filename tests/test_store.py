"""Conversations are saved whole, reach their owner only, and are gone when deleted."""

import json
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import render
from assistant.answer import Answer, ReviewNotice
from assistant.conversation import Conversation
from assistant.engine import Question
from assistant.followups import Turn
from assistant.settings import read
from assistant.store import Store
from ingest.errors import CitepathError

ROOT = Path(__file__).resolve().parent.parent
ADA, BO = "ada-" * 8, "bo--" * 8


def answer(question: str) -> Answer:
    return Answer(
        id="a",
        question=question,
        standalone_question=question,
        audience="patient",
        outcome="abstained",
        message="Not in the corpus.",
        review=ReviewNotice(status="submitted", notice="Not reviewed."),
        disclaimer="Educational.",
        last_updated=date(2026, 1, 2),
        corpus_version="1",
        engine="extractive",
        latency_ms=1.25,
    )


def talk(*questions: str) -> Conversation:
    c = Conversation.new()
    for q in questions:
        c = c.add(answer(q), Turn(q, q, {"setting": "resected"}, {"setting": 1}, ("zorvex",), "glimmer", True))
    return c


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "data" / "conversations.db"


@pytest.fixture
def store(file) -> Store:
    return Store(file)


def content(file: Path) -> bytes:
    return b"".join(p.read_bytes() for p in file.parent.glob(file.name + "*"))


def test_what_is_saved_is_loaded_and_listed_newest_first(store):
    first, second = talk("Zorvex dose?", "with food?"), talk("Talmyn dose?")
    assert store.save(ADA, first) == first and store.save(ADA, second) == second
    assert store.load(ADA, first.id) == first
    assert [(s.id, s.title, s.turns) for s in store.list(ADA)] == [(second.id, "Talmyn dose?", 1), (first.id, "Zorvex dose?", 2)]
    assert [c["id"] for c in store.export(ADA, first.id)["conversations"]] == [first.id]
    longer = first.add(answer("why?"), Turn("why?", "why?"))
    store.save(ADA, longer)
    assert store.load(ADA, first.id) == longer and [s.id for s in store.list(ADA)] == [first.id, second.id]


@pytest.mark.model
def test_real_answers_come_back_without_loss_and_hold_no_identifier(assistant, store, file):
    c = Conversation.new()
    told = "My name is Maria Lopez, born 14/03/1961, MRN 4471829, ALK-positive metastatic NSCLC, what treatment?"
    for question in (told, "and lorlatinib?", "dose?", "How is breast cancer treated?", "I can't breathe suddenly"):
        c = c.add(*assistant.reply(Question(question, "patient"), c.turns))
    store.save(ADA, c)
    assert store.load(ADA, c.id) == c and store.export(ADA)["conversations"][0]["answers"] == [a.model_dump(mode="json") for a in c.answers]
    kept = content(file) + json.dumps(store.export(ADA)).encode()
    assert b"My name is [name]" in kept and not [w for w in (b"Lopez", b"Maria", b"4471829", b"1961") if w in kept]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("save again rename delete all move".split())), max_size=12))
def test_no_owner_reaches_what_another_has(tmp_path_factory, steps):
    """Whatever the owners do, each sees what a dictionary of their own would hold."""
    store = Store(tmp_path_factory.mktemp("s") / "c.db")
    own: dict[str, dict[str, Conversation]] = {o: {} for o in "abc"}
    for owner, step in steps:
        mine, key = own[owner], owner * 32
        last = next(reversed(mine.values()), None)
        if step == "save":
            c = talk(f"of {owner}")
            mine[c.id] = store.save(key, c)
        elif step == "move":
            other = "abc"[("abc".index(owner) + 1) % 3]
            assert store.move(key, other * 32) == len(mine)
            own[other] |= mine
            own[owner] = {}
        elif step == "all":
            assert store.delete_all(key) == len(mine)
            mine.clear()
        elif last and step == "again":
            mine[last.id] = store.save(key, last.add(answer("more"), Turn("more", "more")))
        elif last and step == "delete":
            assert store.delete(key, last.id) and mine.pop(last.id)
        elif last and step == "rename":
            store.rename(key, last.id, "named")
            mine[last.id] = store.load(key, last.id)
            assert mine[last.id].title == "named"
    for owner in "abc":
        assert {s.id for s in store.list(owner * 32)} == set(own[owner])
        assert {c["id"] for c in store.export(owner * 32)["conversations"]} == set(own[owner])
        for other in "abc":
            for id, c in own[other].items():
                assert store.load(owner * 32, id) == (c if owner == other else None)
                if owner != other:
                    store.rename(owner * 32, id, "stolen")
                    assert not store.delete(owner * 32, id)
    for owner in "abc":
        assert all(store.load(owner * 32, id) == c for id, c in own[owner].items())


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dictionaries(st.text(max_size=9), st.text(max_size=9)),
    st.none() | st.text(max_size=99),
)
@settings(max_examples=50, deadline=None)
def test_any_text_comes_back_as_it_was(tmp_path_factory, text, state, name):
    store = Store(tmp_path_factory.getbasetemp() / "any.db")
    turn = Turn(text, text, {k: v for k, v in state.items() if "\ud800" not in k + v}, {}, (text,), None, True)
    c = Conversation(Conversation.new().id, name=name).add(answer(text), turn)
    assert store.load(ADA, store.save(ADA, c).id) == c


def test_a_lone_surrogate_is_refused_and_nothing_kept(store):
    with pytest.raises(CitepathError, match="cannot be saved"):
        store.save(ADA, Conversation("x", (Turn("\ud800", ""),)))
    assert store.list(ADA) == ()


def test_a_name_stays_until_it_is_taken_away(store):
    c = talk("Zorvex dose?")
    store.save(ADA, c)
    store.rename(ADA, c.id, "  My\nclinic  " + "x" * 99)
    named = store.load(ADA, c.id)
    assert named.title == named.name == store.list(ADA)[0].title == ("My clinic " + "x" * 99)[:80]
    assert store.save(ADA, c.without("setting")).name == named.name
    store.rename(ADA, c.id, " ")
    assert store.load(ADA, c.id).name is None and store.list(ADA)[0].title == "Zorvex dose?"
    store.rename(ADA, "no-such", "x")


def test_two_windows_that_go_on_apart_both_keep_their_turns(store):
    c = talk("Zorvex dose?")
    store.save(ADA, c)
    one, two = (c.add(answer(q), Turn(q, q)) for q in ("one", "two"))
    assert store.save(ADA, one).id == c.id
    copy = store.save(ADA, two)
    assert copy.id != c.id and store.load(ADA, c.id) == one and store.load(ADA, copy.id).turns == two.turns


def test_what_is_deleted_or_replaced_is_gone_from_the_file(store, file):
    c = talk("A question of glioma " + "and more " * 2000, "second-question")
    store.save(ADA, c)
    store.save(ADA, talk("To stay"))
    store.rename(ADA, c.id, "Secret name")
    assert b"glioma" in content(file) and b"second-question" in content(file) and b"Secret name" in content(file)
    store.rename(ADA, c.id, "Other name")
    assert b"Secret name" not in content(file)
    assert store.delete(ADA, c.id) and not store.delete(ADA, c.id)
    assert not [w for w in (b"glioma", b"and more", b"second-question", b"Other name") if w in content(file)]
    assert store.delete_all(ADA) == 1 and store.delete_all(ADA) == 0 and b"To stay" not in content(file)


def test_the_file_is_its_users_alone_and_does_not_open_itself(store, file):
    store.save(ADA, talk("Zorvex dose?"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and ADA.encode() not in content(file)
    file.chmod(0o644)
    store.list(ADA)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="long"):
        store.list("")


def test_a_row_of_another_version_is_told_exported_and_deleted(store, file):
    old, broken, later, good = (talk(t) for t in ("old", "broken", "later", "good"))
    for c in (old, broken, later, good):
        store.save(ADA, c)
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE conversations SET format = 0 WHERE id = ?", (old.id,))
        db.execute("UPDATE conversations SET body = '{half' WHERE id = ?", (broken.id,))
        db.execute('UPDATE conversations SET body = replace(body, \'"turns"\', \'"later": 1, "turns"\') WHERE id = ?', (later.id,))
        db.commit()
    for c in (old, broken, later):
        with pytest.raises(CitepathError, match="another version"):
            store.load(ADA, c.id)
        with pytest.raises(CitepathError, match="another version"):
            store.save(ADA, c)
    assert len(store.list(ADA)) == 4 and store.load(ADA, good.id) == good
    assert {c["title"]: c.get("id", c.get("unreadable")) for c in store.export(ADA)["conversations"]} == {
        "old": old.id,
        "broken": "{half",
        "later": later.id,
        "good": good.id,
    }
    assert all(store.delete(ADA, c.id) for c in (old, broken, later)) and len(store.list(ADA)) == 1


@pytest.mark.parametrize("damage", [b"no database at all, but long enough to be read as one " * 9, None])
def test_a_damaged_file_is_told_and_left_as_it_is(store, file, damage):
    store.save(ADA, talk(*("Zorvex dose?" * 99 for _ in range(9))))
    data = file.read_bytes()
    file.write_bytes(damage or data[:4096] + b"\xff" * (len(data) - 4096))
    before = file.read_bytes()
    for act in (lambda: store.list(ADA), lambda: store.save(ADA, talk("x")), lambda: store.delete_all(ADA)):
        with pytest.raises(CitepathError, match="is damaged; nothing in it was changed"):
            act()
    assert file.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CitepathError, match="free space"):
        Store(tmp_path / "file" / "c.db").list(ADA)
    with pytest.raises(CitepathError, match="CITEPATH_DATABASE"):
        Store("nonsense")
    with pytest.raises(CitepathError, match="CITEPATH_DATABASE"):
        Store("nosuch://x/y")


def test_a_file_that_may_only_be_read_is_read(store, file):
    c = store.save(ADA, talk("Zorvex dose?"))
    reader = f"file:{file}?mode=ro&uri=true"
    only = Store(f"sqlite:///{reader}")
    assert only.load(ADA, c.id) == c
    with pytest.raises(CitepathError, match="readonly"):
        only.save(ADA, talk("Talmyn"))


def test_a_full_disk_loses_nothing_and_shows_no_question(store, file):
    """The operating system refuses to let the file grow past a size, as a full disk would."""
    c = store.save(ADA, talk("Zorvex dose?"))
    size = file.stat().st_size

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    script = (
        "import sys; from pathlib import Path; from tests.test_store import *\n"
        "try: Store(Path(sys.argv[1])).save(ADA, talk('Secret ' * 9999))\n"
        "except CitepathError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, preexec_fn=limit, cwd=ROOT)
    assert "cannot be read or saved" in done.stdout and "Secret" not in done.stdout + done.stderr, done.stderr
    assert [s.id for s in store.list(ADA)] == [c.id] and store.load(ADA, c.id) == c
    assert len(Store(file).list(ADA)) == 1 and store.save(ADA, talk("after"))


def test_many_writers_at_once_lose_nothing(file):
    """Threads and processes, from a file that is not there yet."""
    script = (
        "import sys; from pathlib import Path; from tests.test_store import *\n"
        "[Store(Path(sys.argv[1])).save(BO, talk(str(i))) for i in range(15)]"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(file)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    shared = Store(file)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: shared.save(ADA, talk(str(i))), range(40)))
    assert other.wait(60) == 0, other.stderr.read()
    assert len(shared.list(ADA)) == 40 and len(shared.list(BO)) == 15


def test_markdown_of_a_conversation_has_one_title_and_every_answer(store):
    text = render.conversation("My clinic", talk("Zorvex dose?", "with food?").answers)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == ["# My clinic", "## Zorvex dose?", "## with food?"] and text.count("Educational.") == 2


def test_settings_name_the_database(tmp_path):
    assert read({"CITEPATH_DATA": str(tmp_path)}).database == tmp_path / "conversations.db"
    assert read({"CITEPATH_DATABASE": "sqlite:///x.db"}).database == "sqlite:///x.db"
    assert Store(f"sqlite:///{tmp_path}/x.db").list(ADA) == () and os.path.exists(tmp_path / "x.db")
