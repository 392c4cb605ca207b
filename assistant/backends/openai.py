"""Servers that speak the OpenAI protocol (OpenAI, vLLM, llama.cpp, LM Studio): OPENAI_BASE_URL names the server, OPENAI_API_KEY the key."""

import os
from typing import Any

from langchain_core.language_models import BaseChatModel

from assistant.backends import library
from ingest.errors import CitepathError


def chat_model(model: str, **options: Any) -> BaseChatModel:
    """Returns the chat model; `options` go to `ChatOpenAI`. A server of one's own needs no key.

    Raises:
        CitepathError: the library is missing, or neither a key nor a server is named.
    """
    server, key = os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY")
    if not (server or key):
        raise CitepathError("OPENAI_API_KEY is not set.", "Set it, or name a server of your own with OPENAI_BASE_URL.")
    chat = library("langchain_openai", "openai").ChatOpenAI
    fixed = {"temperature": 0, "max_retries": 0, "use_responses_api": False}
    return chat(model=model, base_url=server, api_key=key or "none", **{**fixed, **options})
