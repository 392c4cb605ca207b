"""A provider for tests: a model whose replies are scripted, and that remembers what it was sent."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

Script = Callable[[dict[str, Any]], Any]
SCRIPTS: dict[str, Script] = {}
"""Model name -> what it replies to the data it is given: a text, an exception, or a list of pieces of which one may be an exception."""


class FakeBackend(BaseChatModel):
    """Plays a script; `sent` holds every prompt as one text."""

    script: Any
    sent: list[str] = []

    def _pieces(self, messages) -> list[Any]:
        self.sent.append("\n".join(m.content for m in messages))
        reply = self.script(given(messages[-1].content))
        return reply if isinstance(reply, list) else [reply]

    def _generate(self, messages, stop=None, run_manager=None, **kwargs: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage("".join(_said(p) for p in self._pieces(messages))))])

    def _stream(self, messages, stop=None, run_manager=None, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for piece in self._pieces(messages):
            yield ChatGenerationChunk(message=AIMessageChunk(content=_said(piece)))

    @property
    def _llm_type(self) -> str:
        return "fake"


def _said(piece: Any) -> str:
    if isinstance(piece, Exception):
        raise piece
    return piece


def given(content: str) -> dict[str, Any]:
    """Returns the data of a prompt."""
    return json.loads(content.partition("<data>")[2].partition("</data>")[0])


def chat_model(model: str, **options: Any) -> BaseChatModel:
    """Returns the model that plays the script of this name."""
    return FakeBackend(script=SCRIPTS[model], sent=[])
