"""One suite over the folder of back ends: each opens by its name, says in one line what is missing, and hands a streamed reply on, piece by piece."""

import importlib.util
import sys

import pytest
from langchain_core.language_models import BaseChatModel

from assistant.backends import open_backend, providers
from assistant.chat import Chat, Limits, Problem
from assistant.rephrase import SCHEMA
from ingest.errors import CitepathError
from tests import models
from tests.conftest import ROOT
from tests.llm_server import serving

LIBRARY = {p.stem: f"langchain_{p.stem}" for p in (ROOT / "assistant" / "backends").glob("[!_]*.py")}
GIVEN = {"statements": [{"id": "a", "text": "Zorvex is a leaf."}, {"id": "b", "text": "Talmyn is a root."}]}
WORDED = [{"text": "Also zorvex is a leaf.", "ids": ["a"]}, {"text": "Also talmyn is a root.", "ids": ["b"]}]


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for provider in LIBRARY:
        for part in ("API_KEY", "BASE_URL", "HOST"):
            monkeypatch.delenv(f"{provider.upper()}_{part}", raising=False)


def ready(provider: str, monkeypatch, url: str = "http://127.0.0.1:9") -> None:
    """Skips where the provider's library is not installed; else names key and server."""
    if not importlib.util.find_spec(LIBRARY[provider]):
        pytest.skip(f"{LIBRARY[provider]} is not installed")
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "k")
    monkeypatch.setenv(f"{provider.upper()}_BASE_URL", f"{url}/v1" if provider == "openai" else url)
    monkeypatch.setenv(f"{provider.upper()}_HOST", url)


def objects(provider: str, **limits) -> list:
    return list(Chat(open_backend(f"llm:{provider}:m", limits.pop("wait", 5)), Limits(pause=0, **limits)).objects("Say.", GIVEN, SCHEMA))


def test_the_folder_is_the_list():
    assert set(providers()) == set(LIBRARY) >= {"openai", "ollama", "anthropic"}


@pytest.mark.parametrize(
    "engine", ["llm", "llm:", "llm:openai", "llm:openai:", "llm:none:x", "llm:__init__:x", "llm:../x:y", "gpt", "llm:o.p:x"]
)
def test_what_is_no_engine_is_one_line_with_its_mend(engine):
    with pytest.raises(CitepathError, match="extractive"):
        open_backend(engine, 5)


@pytest.mark.parametrize("provider", LIBRARY)
def test_a_missing_library_is_one_line_that_names_its_extra(provider, monkeypatch):
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "k")
    monkeypatch.setitem(sys.modules, LIBRARY[provider], None)
    with pytest.raises(CitepathError, match=rf"pip install 'citepath\[{provider}\]'"):
        open_backend(f"llm:{provider}:m", 5)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_missing_key_is_one_line_that_names_it(provider, monkeypatch):
    with pytest.raises(CitepathError, match=f"{provider.upper()}_API_KEY is not set"):
        open_backend(f"llm:{provider}:m", 5)


@pytest.mark.parametrize("provider", LIBRARY)
def test_it_is_a_chat_model_that_leaves_retries_to_us(provider, monkeypatch):
    ready(provider, monkeypatch)
    backend = open_backend(f"llm:{provider}:m:8b", 5)
    assert isinstance(backend.model, BaseChatModel) and backend.model.model_dump().get("max_retries", 0) == 0
    assert "m:8b" in (getattr(backend.model, "model", None), getattr(backend.model, "model_name", None))


@pytest.mark.parametrize("provider", LIBRARY)
def test_a_streamed_reply_arrives_whole_and_what_was_sent_is_only_what_was_given(provider, monkeypatch):
    text = models.faithful(GIVEN)
    with serving(lambda given: [text[:20], text[20:70], text[70:]]) as server:
        ready(provider, monkeypatch, server.url)
        assert objects(provider) == WORDED
        assert len(server.received) == 1 and b"Zorvex is a leaf." in server.received[0] and b"Say." in server.received[0]


@pytest.mark.parametrize("provider", LIBRARY)
def test_a_server_that_hangs_up_or_hangs_leaves_what_had_come(provider, monkeypatch):
    text = models.faithful(GIVEN)
    with serving(lambda given: [text[:75], None]) as server:
        ready(provider, monkeypatch, server.url)
        found = objects(provider)
        assert found[0] == WORDED[0] and all(isinstance(x, Problem) for x in found[1:])
    with serving(lambda given: [text[:75], "wait"]) as server:
        ready(provider, monkeypatch, server.url)
        assert objects(provider, wait=0.5) == [WORDED[0], Problem("took too long")]


@pytest.mark.parametrize("provider", LIBRARY)
def test_a_busy_server_is_asked_again_and_one_that_refuses_is_not(provider, monkeypatch):
    replies = [503, 429, models.faithful(GIVEN)]
    with serving(lambda given: replies.pop(0)) as server:
        ready(provider, monkeypatch, server.url)
        assert objects(provider) == WORDED and len(server.received) == 3
    with serving(lambda given: 401) as server:
        ready(provider, monkeypatch, server.url)
        assert objects(provider) == [Problem("refused the key")] and len(server.received) == 1


@pytest.mark.parametrize("provider", LIBRARY)
def test_a_server_that_cannot_be_bound_to_a_schema_is_asked_freely(provider, monkeypatch):
    def play(given):
        bound = {"response_format", "format", "tools"} & {k for k, v in given["asked"].items() if v}
        return 400 if bound else models.faithful(GIVEN)

    with serving(play) as server:
        ready(provider, monkeypatch, server.url)
        chat = Chat(open_backend(f"llm:{provider}:m", 5), Limits(pause=0))
        for asked in (2, 3):  # refused once, then never bound again
            assert list(chat.objects("Say.", GIVEN, SCHEMA)) == WORDED and len(server.received) == asked


@pytest.mark.parametrize("provider", LIBRARY)
def test_nobody_there_is_a_cause_not_a_crash(provider, monkeypatch):
    ready(provider, monkeypatch)
    assert objects(provider) == [Problem("could not be reached")]
