"""Anthropic's models: ANTHROPIC_API_KEY is the key, ANTHROPIC_BASE_URL another server."""

import os
from typing import Any

from langchain_core.language_models import BaseChatModel

from assistant.backends import library
from ingest.errors import CitepathError

_LONGEST = 8192  # tokens of a reply, which this protocol wants to be named


def chat_model(model: str, **options: Any) -> BaseChatModel:
    """Returns the chat model; `options` go to `ChatAnthropic`.

    Raises:
        CitepathError: the library or the key is missing.
    """
    key = os.environ.get("ANTHROPIC_API_KEY")
    if not key:
        raise CitepathError("ANTHROPIC_API_KEY is not set.", "Set it, or use --engine extractive.")
    chat = library("langchain_anthropic", "anthropic").ChatAnthropic
    server = {"base_url": url} if (url := os.environ.get("ANTHROPIC_BASE_URL")) else {}
    fixed = {"max_retries": 0, "max_tokens": _LONGEST}
    return chat(model=model, api_key=key, **{**fixed, **server, **options})
