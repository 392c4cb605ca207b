"""A prompt to a chat model and its reply, piece by piece as it comes: time-outs, retries with backoff, replies that are no JSON. Raises nothing."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableSequence

from assistant.backends import Backend, open_backend

EXTRACTIVE = "extractive"
PROMPTS = Path(__file__).with_name("prompts")
LONGEST = 200_000  # characters of a reply
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_NO_SCHEMA = frozenset({400, 404, 422, 501})
_CAUSES = {
    401: "refused the key",
    403: "refused the key",
    404: "does not know this model",
    429: "is over its rate limit",
}
_LATE, _SILENT, _UNREADABLE, _BROKE_OFF = "took too long", "gave an empty reply", "gave a reply that cannot be read", "broke off midway"
_TRIES = 40  # places at which JSON may begin, tried each time something came
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How long a reply may take in seconds, how often the model is asked, and the first pause before it is asked again (doubled each time)."""

    timeout: float = 120.0
    attempts: int = 3
    pause: float = 1.0


@dataclass(frozen=True)
class Problem:
    """What kept a reply from being whole, in words that follow "the model"; `plain` is the reply's text where no JSON was in it."""

    cause: str
    plain: str = ""


def open_chat(engine: str, timeout: float) -> "Chat | None":
    """Returns the chat with an engine's model, which may take so many seconds for a reply; None for the engine without one. Raises as `open_backend`."""
    return None if engine == EXTRACTIVE else Chat(open_backend(engine, timeout), Limits(timeout))


def prompt(name: str, **values: str) -> str:
    """Returns the text of a prompt file with its placeholders (`$name`) filled in.

    Raises:
        KeyError: a placeholder has no value.
    """
    return Template((PROMPTS / f"{name}.md").read_text(encoding="utf-8")).substitute(values)


def data(values: Any) -> str:
    """Returns values as a block of data: JSON in which no mark can end the block, told apart from instructions by its tags."""
    encoded = json.dumps(values, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<data>\n{encoded}\n</data>"


class Chat:
    """Asks one chat model; built once from a back end."""

    def __init__(self, backend: Backend, limits: Limits | None = None, sleep: Callable[[float], None] = time.sleep):
        self.name = backend.name
        self._model, self._limits, self._sleep = backend.model, limits or Limits(), sleep
        self._schemas = True

    def objects(self, instructions: str, given: Any, schema: dict[str, Any]) -> Iterator[dict[str, Any] | Problem]:
        """Yields the innermost JSON objects of the reply as each is complete, then a Problem where the reply is not whole.

        It is asked again, after a pause, where it failed before anything came, in a way that may pass.
        """
        messages = [SystemMessage(instructions), HumanMessage(data(given))]
        until = time.monotonic() + self._limits.timeout
        for attempt in range(1, self._limits.attempts + 1):
            reply = _Reply()
            fault: Exception | None = None
            try:
                for piece in self._pieces(messages, schema):
                    yield from reply.add(piece)
                    if time.monotonic() > until or len(reply.text) > LONGEST:
                        raise TimeoutError
            except Exception as e:  # whatever a library of others raises, there is an answer without it
                fault = e
            if fault is None:
                yield from reply.problem()
                return
            _log.info("%s: %s", self.name, type(fault).__name__)
            left, pause = until - time.monotonic(), _pause(fault, self._limits.pause * 2 ** (attempt - 1))
            if reply.text or attempt == self._limits.attempts or not _may_pass(fault) or pause > left:
                yield Problem(_cause(fault, bool(reply.text)))
                return
            self._sleep(pause)

    def _pieces(self, messages: list[BaseMessage], schema: dict[str, Any]) -> Iterator[str]:
        """Yields the text of the reply as it comes: bound to the schema where the model can be, else free."""
        bound = self._bound(schema) if self._schemas else None
        if bound is not None:
            began = False
            try:
                for chunk in bound.stream(messages):
                    began = True
                    yield _text(chunk)
                return
            except Exception as e:
                if began or _status(e) not in _NO_SCHEMA:
                    raise
                self._schemas = False
        for chunk in self._model.stream(messages):
            yield _text(chunk)

    def _bound(self, schema: dict[str, Any]) -> Runnable | None:
        """Returns the model bound to the schema, without the parser that LangChain puts behind it, which waits for the whole reply."""
        try:
            bound = self._model.with_structured_output(schema)
        except NotImplementedError:
            bound = None
        self._schemas = isinstance(bound, RunnableSequence)
        return bound.first if isinstance(bound, RunnableSequence) else None


class _Reply:
    """A reply as far as it has come, and the objects found in it."""

    def __init__(self):
        self.text, self._at, self._found = "", 0, 0
        self._decode = json.JSONDecoder().raw_decode

    def add(self, piece: str) -> Iterator[dict[str, Any]]:
        self.text += piece
        if "}" in piece:
            yield from self._complete()

    def _complete(self) -> Iterator[dict[str, Any]]:
        at = self._at
        for _ in range(_TRIES):
            start = self.text.find("{", at)
            if start < 0:
                return
            try:
                value, end = self._decode(self.text, start)
            except (ValueError, RecursionError):
                at = start + 1
                continue
            self._at = at = end
            for found in _innermost(value):
                self._found += 1
                yield found

    def problem(self) -> Iterator[Problem]:
        """Yields what is wrong with a reply that has ended: nothing in it, no JSON, or JSON that was cut off."""
        if not self.text.strip():
            yield Problem(_SILENT)
        elif not self._found:
            yield Problem(_UNREADABLE, self.text)
        else:
            try:
                self._decode(self.text, self.text.index("{"))
            except (ValueError, RecursionError):
                yield Problem(_BROKE_OFF)


def _innermost(value: Any) -> Iterator[dict[str, Any]]:
    """Yields the objects of a JSON value that hold no objects, in order."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    inner = [x for child in children for x in _innermost(child)]
    if inner or not isinstance(value, dict):
        yield from inner
    elif value:
        yield value


def _text(message: Any) -> str:
    """Returns what a piece of a reply says: its text, and what it hands to a tool."""
    handed = "".join(c.get("args") or "" for c in message.tool_call_chunks) if isinstance(message, AIMessageChunk) else ""
    return str(message.text) + handed


def _status(fault: Exception) -> int | None:
    """Returns the HTTP status of a fault, if it has one; each provider's library calls it so."""
    for holder in (fault, getattr(fault, "response", None)):
        if isinstance(status := getattr(holder, "status_code", None), int):
            return status
    return None


def _may_pass(fault: Exception) -> bool:
    """Whether asking again may help: the server was busy or out of reach, not told something it refuses."""
    status = _status(fault)
    return status in _AGAIN if status else not isinstance(fault, TimeoutError | TypeError | ValueError | KeyError)


def _pause(fault: Exception, usual: float) -> float:
    """Returns the seconds to wait: those the server asks for, or the usual ones."""
    asked = getattr(getattr(fault, "response", None), "headers", {}).get("retry-after", "")
    return float(asked) if asked.replace(".", "", 1).isdigit() else usual


def _cause(fault: Exception, began: bool) -> str:
    status = _status(fault)
    if isinstance(fault, TimeoutError) or "timeout" in type(fault).__name__.lower():
        return _LATE
    if began:
        return _BROKE_OFF
    if status in _CAUSES:
        return _CAUSES[status]
    return f"failed with error {status}" if status else "could not be reached"
