"""What every command shares: options, loading, errors as one line with their mend, exit codes (0 done, 1 faults found, 2 unusable input)."""

import contextlib
import functools
import logging
import os
import sys

import click

from ingest.content import Corpus
from ingest.errors import CitepathError, ContentError


class Faults(Exception):
    """The work was done and found faults: exit 1 without a message."""


class Group(click.Group):
    """Turns errors into one line on standard error and the contract's exit codes."""

    def main(self, *args, **kwargs):
        debug = "--debug" in sys.argv[1:]
        logging.basicConfig(level=logging.ERROR, format="%(message)s")
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
            sys.exit(code if isinstance(code, int) else 0)
        except Faults:
            sys.exit(1)
        except click.exceptions.Abort:
            sys.exit(130)
        except click.UsageError as e:
            if "unexpected extra argument" in e.message:  # a question without its quotation marks: not to be repeated
                fail("Too many arguments. Put the question in quotation marks.")
            fail(f"{e.format_message()} Try `{e.ctx.command_path if e.ctx else 'citepath'} --help`.")
        except click.ClickException as e:
            fail(e.format_message())
        except ContentError as e:
            if debug:
                raise
            for fault in e.faults:
                click.echo(str(fault), err=True)
            fail(e)
        except CitepathError as e:
            if debug:
                raise
            fail(e)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as e:
            if debug:
                raise
            fail(
                f"{e.strerror or e}{f': {e.filename}' if e.filename else ''}. Check the place and its free space, or name another with --data."
            )


def fail(message: object) -> None:
    """Prints a message as one line on standard error and exits with 2."""
    with contextlib.suppress(OSError):
        click.echo(f"citepath: {' '.join(str(message).split())}", err=True)
    sys.exit(2)


def options(command):
    """The options that work everywhere."""

    @click.option("--corpus", metavar="DIR", help="Content folder (CITEPATH_CORPUS).")
    @click.option("--data", metavar="DIR", help="Folder of index, conversations and reviews (CITEPATH_DATA).")
    @click.option("--debug", is_flag=True, help="Show tracebacks.")
    @functools.wraps(command)
    def wrapped(*args, corpus, data, debug, **kwargs):
        from assistant.settings import read

        return command(*args, settings=read(os.environ, corpus, data, kwargs.pop("engine", None)), **kwargs)

    return wrapped


def engine(command):
    """The option that chooses the engine."""
    return click.option(
        "--engine", metavar="NAME", help="extractive (default; no language model) or llm:PROVIDER:MODEL (CITEPATH_ENGINE)."
    )(command)


def load_corpus(settings) -> Corpus:
    """Returns the corpus of the settings, kept from the last time where no content has changed."""
    from ingest.cache import loaded

    return loaded(settings.corpus, settings.data)


def load_assistant(settings, corpus: Corpus | None = None):
    """Returns an assistant; warns on standard error when the index is older than the corpus."""
    from assistant.chat import open_chat
    from assistant.engine import Assistant
    from assistant.review import Ledger
    from ingest.encoder import Encoder
    from ingest.index import open_index

    chat = open_chat(settings.engine, settings.timeout)
    encoder = Encoder(settings.data, settings.model)
    encoder.prepare()
    corpus = corpus or load_corpus(settings)
    index = open_index(settings.data)
    if index.version != corpus.version:
        click.echo(
            "citepath: the corpus has changed since it was indexed; run `citepath index`. Changed statements are not searched.", err=True
        )
    return Assistant(corpus, index, encoder, Ledger(corpus, settings.data), chat)
