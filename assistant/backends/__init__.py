"""The door to the chat models: one file a provider, imported only when its name is asked for."""

import importlib
import pkgutil
import re
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from ingest.errors import CitepathError

if TYPE_CHECKING:  # it takes a tenth of a second to load, which an answer without a model need not wait for
    from langchain_core.language_models import BaseChatModel

PREFIX = "llm"
_PROVIDER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Backend:
    """A chat model under the name of its engine, `llm:<provider>:<model>`."""

    name: str
    model: "BaseChatModel"


def providers() -> tuple[str, ...]:
    """Returns the providers there are: the names of the files of this folder."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__)))


def open_backend(engine: str, timeout: float) -> Backend:
    """Returns the chat model of an engine `llm:<provider>:<model>`; it waits at most `timeout` seconds for each part of a reply.

    Raises:
        CitepathError: the engine is not of that form, there is no such provider, or its library or key is missing.
    """
    prefix, _, rest = engine.partition(":")
    provider, _, model = rest.partition(":")
    if prefix != PREFIX or not provider or not model.strip():
        raise CitepathError(f"There is no engine {engine!r}.", "Use extractive, or llm:PROVIDER:MODEL.")
    if not _PROVIDER.fullmatch(provider) or provider not in providers():
        raise CitepathError(f"There is no provider {provider!r}.", f"Valid: {', '.join(providers())}; or use --engine extractive.")
    return Backend(engine, importlib.import_module(f"{__name__}.{provider}").chat_model(model, timeout=timeout))


def library(name: str, extra: str) -> ModuleType:
    """Returns a library that the core does not install.

    Raises:
        CitepathError: it is not installed; names the extra that installs it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as e:
        raise CitepathError(f"The library {name.replace('_', '-')} is not installed.", f"Run `pip install 'citepath[{extra}]'`.") from e
