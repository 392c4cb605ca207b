"""The whole assistant against a server on this machine that speaks the OpenAI protocol: faithful, false, slow, broken and streaming models, and the bytes sent."""

import json
import shutil
import threading

import pytest

from assistant.backends import open_backend
from assistant.chat import Chat, Limits
from assistant.engine import Assistant, Question
from ingest.index import build, open_index
from ingest.load import load
from tests import models
from tests.conftest import ROOT
from tests.llm_server import serving
from tests.test_rephrase import COURSE, PLAIN, Words, by_statement, rest

pytest.importorskip("langchain_openai")


@pytest.fixture
def opened(small, tmp_path):
    """Returns what gives an assistant on the small corpus that asks the server, and one that asks nobody."""
    shutil.copytree(ROOT / "corpus" / "identifiers", small / "identifiers")
    corpus, words = load(small), Words()
    build(corpus, words, tmp_path / "index")

    def opened(url: str | None = None, timeout: float = 5) -> Assistant:
        chat = Chat(open_backend("llm:openai:gpt-x", timeout), Limits(timeout, pause=0)) if url else None
        return Assistant(corpus, open_index(tmp_path / "index"), words, chat=chat)

    return opened


@pytest.fixture
def server_of(monkeypatch):
    """Returns what starts a server for a play; the back end is told of it by OPENAI_BASE_URL, and needs no key."""

    def server_of(play):
        context = serving(play)
        server = context.__enter__()
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        running.append(context)
        return server

    running = []
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    yield server_of
    for context in running:
        context.__exit__(None, None, None)


def streamed(given):
    text = models.faithful(given)
    return [text[i : i + 7] for i in range(0, len(text), 7)]


@pytest.mark.parametrize(
    ("play", "kept", "cause"),
    [
        (models.faithful, set(PLAIN), None),
        (streamed, set(PLAIN), None),
        (models.sloppy, {"talmyn-dose"}, None),
        (models.plain, set(PLAIN), None),
        (models.hallucinating, set(), None),
        (models.injected, set(), None),
        (models.refusing, set(), "gave a reply that cannot be read"),
        (models.empty, set(), "gave an empty reply"),
        (lambda given: 500, set(), "failed with error 500"),
        (lambda given: 429, set(), "is over its rate limit"),
        (lambda given: 401, set(), "refused the key"),
        (lambda given: 404, set(), "does not know this model"),
        (lambda given: [models.faithful(given)[:330], None], {"zorvex-first", "zorvex-dose"}, "broke off midway"),
        (lambda given: [None], set(), "could not be reached"),
    ],
)  # fmt: skip
def test_every_kind_of_model_gives_a_complete_answer(opened, server_of, play, kept, cause):
    server = server_of(play)
    curated, answer = opened().ask(Question(COURSE)), opened(server.url).ask(Question(COURSE))
    assert rest(answer) == rest(curated)
    assert {i for i, s in by_statement(answer).items() if s.wording == "model"} == kept
    assert answer.wording.problem == cause and answer.wording.model + answer.wording.replaced == len(PLAIN)


def test_a_model_that_hangs_ends_with_what_it_had_said(opened, server_of):
    server = server_of(lambda given: [models.faithful(given)[:330], "wait"])
    answer = opened(server.url, timeout=0.5).ask(Question(COURSE))
    assert (answer.wording.model, answer.wording.problem) == (2, "took too long") and len(by_statement(answer)) == 5


def test_what_identifies_a_person_is_in_no_byte_that_is_sent(opened, server_of):
    server = server_of(models.faithful)
    assistant = opened(server.url)
    told = "My name is Maria Lopez, born 14/03/1961, MRN 4471829, phone 555-123-4567, m.lopez@mail.example. What is the dose of zorvex?"
    _, turn = assistant.reply(Question(told))
    assistant.reply(Question("It is for Maria Lopez (MRN 4471829). And talmyn?"), (turn,))
    sent = b"".join(server.received)
    assert len(server.received) >= 2 and b"[name]" in sent and b"dose of zorvex" in sent
    for secret in (b"Lopez", b"Maria", b"1961", b"4471829", b"555", b"mail.example"):
        assert secret not in sent, secret


def test_a_sentence_is_shown_while_the_next_is_still_to_come(opened, server_of):
    """The server sends the second half only once the first sentence was told of."""
    told = threading.Event()

    def play(given):
        text = models.faithful(given)

        def pieces():
            yield text[:330]
            yield text[330:] if told.wait(10) else None

        return pieces()

    server = server_of(play)
    answer, _ = opened(server.url).reply(Question(COURSE), (), lambda p: told.set() if p.sentence else None)
    assert told.is_set() and answer.wording.model == 4


@pytest.mark.parametrize(
    ("command", "engine", "words"),
    [
        (("ask", "x"), "llm:openai:gpt-x", "OPENAI_API_KEY is not set"),
        (("chat",), "llm:openai:gpt-x", "OPENAI_API_KEY is not set"),
        (("batch", "{file}", "out"), "llm:openai:gpt-x", "OPENAI_API_KEY is not set"),
        (("eval", "dosing"), "llm:openai:gpt-x", "OPENAI_API_KEY is not set"),
        (("ask", "x"), "llm:none:x", "Valid: anthropic"),
        (("ask", "x"), "llm:openai", "llm:PROVIDER:MODEL"),
        (("ask", "x"), "gpt", "extractive"),
    ],
)
def test_an_engine_that_cannot_be_had_is_one_line_with_its_mend(run, tmp_path, monkeypatch, command, engine, words):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    (tmp_path / "in.jsonl").write_text("")
    done = run(*(c.format(file=tmp_path / "in.jsonl") for c in command), "--engine", engine)
    assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.model
def test_the_command_line_asks_the_server(run, real_data, server_of):
    server = server_of(models.faithful)
    args = ("ask", "alectinib dose with food?", "--json", "--engine", "llm:openai:gpt-x", "--data", str(real_data))
    answer = json.loads(run(*args, check=0, OPENAI_BASE_URL=f"{server.url}/v1").stdout)
    assert answer["engine"] == "llm:openai:gpt-x" and answer["wording"]["model"] >= 1 and server.received
