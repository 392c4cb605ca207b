"""A server on this machine that speaks the protocols of chat models: OpenAI's, Ollama's and Anthropic's, as much as is needed to be asked for a reply."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Play = Callable[[dict[str, Any]], Any]
"""What the server does with the data it is given: a text to reply, an HTTP status to fail with, or a list of pieces, of which `None` hangs up."""


class LlmServer(ThreadingHTTPServer):
    """Plays `play`; `received` holds the bytes of every request, head and body."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, play: Play):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.play, self.received = play, []
        self.going = threading.Event()

    @property
    def url(self) -> str:
        """Returns the server's address."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(play: Play) -> Iterator[LlmServer]:
    """Yields a running server, and ends it."""
    server = LlmServer(play)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.going.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(f"{self.path}\n{self.headers}".encode() + body)
        asked = json.loads(body)
        content = asked["messages"][-1]["content"]
        content = content if isinstance(content, str) else content[0]["text"]
        reply = self.server.play({**json.loads(content.partition("<data>")[2].partition("</data>")[0]), "asked": asked})
        if isinstance(reply, int):
            return self._fail(reply)
        pieces = [reply] if isinstance(reply, str) else reply
        protocol = {"/v1/chat/completions": _openai, "/api/chat": _ollama, "/v1/messages": _anthropic}[self.path.partition("?")[0]]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if protocol is _ollama else "text/event-stream")
        self.end_headers()
        for part in protocol(pieces, asked):
            if part is None:
                return None
            if part == "wait":
                self.server.going.wait(20)
                return None
            self.wfile.write(part.encode())
            self.wfile.flush()

    def _fail(self, status: int) -> None:
        body = b'{"error": {"message": "no", "type": "error"}}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "0")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def _openai(pieces: list[str | None], asked: dict) -> Iterator[str | None]:
    base = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    for piece in pieces:
        yield (
            piece
            if piece in (None, "wait")
            else _event({**base, "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}}]})
        )
    yield _event({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield "data: [DONE]\n\n"


def _ollama(pieces: list[str | None], asked: dict) -> Iterator[str | None]:
    base = {"model": "m", "created_at": "2026-11-28T00:00:00Z"}
    for piece in pieces:
        yield (
            piece
            if piece in (None, "wait")
            else json.dumps({**base, "message": {"role": "assistant", "content": piece}, "done": False}) + "\n"
        )
    yield json.dumps({**base, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}) + "\n"


def _anthropic(pieces: list[str | None], asked: dict) -> Iterator[str | None]:
    """Yields the reply in pieces, as the input of the tool where one is offered, else as text."""
    tool = bool(asked.get("tools"))
    block = {"type": "tool_use", "id": "t", "name": "sentences", "input": {}} if tool else {"type": "text", "text": ""}
    kind, key = ("input_json_delta", "partial_json") if tool else ("text_delta", "text")
    start = {"id": "x", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None, "stop_sequence": None}
    yield _named("message_start", message={**start, "usage": {"input_tokens": 1, "output_tokens": 1}})
    yield _named("content_block_start", index=0, content_block=block)
    for piece in pieces:
        yield (piece if piece in (None, "wait") else _named("content_block_delta", index=0, delta={"type": kind, key: piece}))
    yield _named("content_block_stop", index=0)
    yield _named(
        "message_delta", delta={"stop_reason": "tool_use" if tool else "end_turn", "stop_sequence": None}, usage={"output_tokens": 1}
    )
    yield _named("message_stop")


def _event(value: dict) -> str:
    return f"data: {json.dumps(value)}\n\n"


def _named(name: str, **value: Any) -> str:
    return f"event: {name}\n{_event({'type': name, **value})}"
