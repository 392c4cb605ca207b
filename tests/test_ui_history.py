"""The saved conversations through Streamlit's own test runner, on a small page without the model."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from assistant.identifiers import Identifiers
from assistant.lexicon import Lexicon
from assistant.settings import read
from assistant.store import Store
from assistant.ui import browser, history
from tests.test_store import ADA, talk

PAGE = Path(__file__).parent / "data" / "chat.py"
OWNER = "0123456789abcdef" * 2


@pytest.fixture
def store() -> Store:
    return Store(read().database)


@pytest.fixture
def told(monkeypatch):
    """What the browser tells, as the component would: set `told.owner`."""
    told = SimpleNamespace(owner=OWNER)
    monkeypatch.setattr(browser, "_IDENTITY", lambda **_: told)
    return told


def visit() -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not at.exception
    return at


def ask(at: AppTest, question: str) -> AppTest:
    at.chat_input(key="question").set_value(question).run()
    assert not at.exception
    return at


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def listed(at: AppTest) -> list[str]:
    return [b.label for b in at.sidebar.button if b.key and b.key.startswith("history_open_")]


def shown(at: AppTest) -> str:
    return " ".join(m.value for m in (*at.main.markdown, *at.warning, *at.sidebar.markdown))


def test_a_conversation_is_saved_and_reopened_in_another_visit(told):
    at = ask(ask(visit(), "Zorvex dose?"), "with food?")
    assert listed(at) == ["Zorvex dose?"] and len(at.chat_message) == 4
    again = visit()
    assert listed(again) == ["Zorvex dose?"] and not again.chat_message
    id = again.sidebar.button[1].key.removeprefix("history_open_")
    press(again, f"history_open_{id}")
    assert len(again.chat_message) == 4 and "to with food?" in shown(again)
    assert len(press(again, "history_new").chat_message) == 0 and listed(again) == ["Zorvex dose?"]


def test_two_readers_at_once_do_not_see_each_other(told):
    ask(visit(), "Zorvex dose?")
    told.owner = OWNER[::-1]
    other = ask(visit(), "Talmyn dose?")
    assert listed(other) == ["Talmyn dose?"]


def test_what_was_saved_before_the_browser_told_moves_to_it(told, store):
    told.owner = None
    at = ask(visit(), "Zorvex dose?")
    provisional = at.session_state.owner
    assert listed(at) == ["Zorvex dose?"] and store.list(OWNER) == () and len(store.list(provisional)) == 1
    told.owner = OWNER
    at.run()
    assert listed(at) == ["Zorvex dose?"] and len(store.list(OWNER)) == 1 and store.list(provisional) == ()
    told.owner = None  # back from another page: the component has not spoken again
    assert listed(at.run()) == ["Zorvex dose?"] and at.session_state.owner == OWNER


@pytest.mark.parametrize("forged", ["", "x" * 32, OWNER + "0", OWNER.upper(), "session-" + OWNER, ["a"], {"a": 1}, 7])
def test_a_client_cannot_send_anything_else(told, forged):
    told.owner = forged
    assert visit().session_state.owner.startswith("session-")


def test_a_browser_that_keeps_nothing_saves_nothing(told, store):
    told.owner = None
    at = ask(visit(), "Zorvex dose?")
    provisional = at.session_state.owner
    told.owner = "nowhere"
    ask(at, "with food?")
    assert "keeps nothing between visits" in shown(at) and store.list(provisional) == () and at.session_state.owner is None


def test_do_not_save_begins_anew_and_saves_nothing_of_it(told, store):
    at = ask(visit(), "Zorvex dose?")
    at.toggle(key="unsaved").set_value(True).run()
    assert not at.chat_message
    ask(at, "A secret?")
    assert listed(at) == ["Zorvex dose?"] and len(at.chat_message) == 2
    at.toggle(key="unsaved").set_value(False).run()
    ask(at, "Talmyn dose?")
    assert listed(at) == ["Talmyn dose?", "Zorvex dose?"] and "secret" not in json.dumps(store.export(OWNER))


def test_rename_masks_and_goes_on(told, store, real_corpus, monkeypatch):
    known = SimpleNamespace(identifiers=Identifiers(real_corpus, Lexicon(real_corpus)))
    monkeypatch.setattr(history, "shared_assistant", lambda: known)
    at = ask(visit(), "Zorvex dose?")
    id = at.session_state.conversation.id
    at.text_input(key=f"history_name_{id}").set_value("Clinic *A*, MRN 4471829").run()
    press(at, f"history_rename_{id}")
    ask(at, "with food?")
    (title,) = (s.title for s in store.list(OWNER))
    assert title.startswith("Clinic *A*, MRN") and "4471829" not in title and len(store.load(OWNER, id).turns) == 2
    assert listed(at)[0].startswith("Clinic \\*A\\*")


def test_delete_one_then_everything(told, store):
    at = ask(visit(), "Zorvex dose?")
    press(at, "history_new")
    ask(at, "Talmyn dose?")
    press(at, f"history_delete_{at.session_state.conversation.id}")
    assert listed(at) == ["Zorvex dose?"] and not at.chat_message
    store.save(ADA, talk("another's"))
    ask(at, "Talmyn again?")
    press(at, "history_delete_all_yes")
    assert listed(at) == [] and not at.chat_message and "Nothing is saved yet" in shown(at)
    assert store.list(OWNER) == () and len(store.list(ADA)) == 1


def test_exports_hold_the_conversation(told, store):
    c = store.save(OWNER, talk("Zorvex dose?", "with food?"))
    store.save(OWNER, talk("Talmyn dose?"))
    assert history._as_markdown(store, OWNER, c.id).count("\n## ") == 2
    assert [x["id"] for x in json.loads(history._as_json(store, OWNER, c.id))["conversations"]] == [c.id]
    assert len(json.loads(history._as_json(store, OWNER))["conversations"]) == 2


def test_a_long_list_is_cut(told, store):
    for i in range(history.SHOWN + 2):
        store.save(OWNER, talk(f"Question {i}"))
    at = visit()
    assert len(listed(at)) == history.SHOWN
    at.toggle(key="history_all").set_value(True).run()
    assert len(listed(at)) == history.SHOWN + 2


def test_a_damaged_database_is_told_and_the_chat_goes_on(told):
    read().database.parent.mkdir(parents=True)
    read().database.write_bytes(b"no database " * 99)
    told.owner = None
    at = visit()
    told.owner = OWNER
    ask(at, "Zorvex dose?")
    assert "This conversation is not saved" in shown(at) and "is damaged" in shown(at) and len(at.chat_message) == 2


def test_a_row_that_cannot_be_opened_is_told_and_can_be_deleted(told, store):
    import sqlite3
    from contextlib import closing

    c = store.save(OWNER, talk("Zorvex dose?"))
    with closing(sqlite3.connect(read().database)) as db:
        db.execute("UPDATE conversations SET format = 99")
        db.commit()
    at = press(visit(), f"history_open_{c.id}")
    assert "another version" in shown(at) and "another version" in history._as_markdown(store, OWNER, c.id)
    assert "another version" not in shown(at.run())
    assert listed(press(at, f"history_delete_{c.id}")) == []
