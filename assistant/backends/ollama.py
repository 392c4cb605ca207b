"""Models served by Ollama on this machine, or where OLLAMA_HOST says."""

import os
from typing import Any

from langchain_core.language_models import BaseChatModel

from assistant.backends import library


def chat_model(model: str, timeout: float = 120, **options: Any) -> BaseChatModel:
    """Returns the chat model; `timeout` in seconds, other `options` go to `ChatOllama`. Raises CitepathError when the library is missing."""
    chat = library("langchain_ollama", "ollama").ChatOllama
    return chat(model=model, base_url=os.environ.get("OLLAMA_HOST"), client_kwargs={"timeout": timeout}, **{"temperature": 0, **options})
