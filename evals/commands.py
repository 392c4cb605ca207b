"""`citepath eval`: question sets, the verifier, the alarm, retrieval, imports and benchmarks."""

import json
import sys
from pathlib import Path

import click

from assistant.command import Faults, engine, load_assistant, load_corpus, options
from ingest.errors import CitepathError

_split = click.option(
    "--split", type=click.Choice(["dev", "test", "all"]), default="all", show_default=True, help="Which cases: one in three is test."
)
_failures = click.option("--failures/--no-failures", default=True, help="List each failed case; leave it out to keep a test split unseen.")
_report = click.option("--report", metavar="DIR", type=click.Path(file_okay=False), help="Write the report there.")


class _Sets(click.Group):
    """Takes what is no command for the names of question sets."""

    def parse_args(self, ctx, args):
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["sets", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Sets)
def evaluate():
    """Run question sets (`citepath eval [SET]...`, see `citepath eval sets --help`), or one of the commands below."""


@evaluate.command()
@click.argument("sets", nargs=-1, metavar="[SET]...")
@_split
@_failures
@_report
@engine
@options
def sets(sets, split, failures, report, settings):
    """Run question sets: all, or those named, or YAML files; exit 1 when a gate fails."""
    from evals import report as reports
    from evals.cases import load_sets
    from evals.run import run_set

    questions = load_sets(sets)
    assistant = load_assistant(settings)
    results = tuple(run_set(q, assistant, None if split == "all" else split) for q in questions)
    if failures and (text := reports.failures(results)):
        click.echo(text + "\n")
    click.echo(reports.table(results))
    _write_report(report, reports.as_json(results))
    if not all(r.gate_holds for r in results):
        raise Faults


@evaluate.command()
@click.option("--every", default=1, show_default=True, type=click.IntRange(1), help="Only every N-th statement.")
@_split
@_failures
@_report
@options
def verifier(every, split, failures, report, settings):
    """Examine the verifier: falsified, untouched and reworded statements; exit 1 when a gate fails."""
    from assistant.lexicon import Lexicon
    from assistant.verify import Verifier
    from evals import exam

    corpus = load_corpus(settings)
    found = exam.examine(Verifier(corpus, Lexicon(corpus)), corpus, every, None if split == "all" else split)
    if failures:
        for line in exam.misses(found):
            click.echo(line)
    click.echo(exam.table(found))
    _write_report(report, exam.as_json(found))
    if not all(found.gates().values()):
        raise Faults


@evaluate.command()
@_failures
@_report
@options
def triage(failures, report, settings):
    """Cross-validate the alarm on the corpus's messages."""
    from evals import crossval
    from ingest.encoder import Encoder

    judged = crossval.judge(load_corpus(settings), Encoder(settings.data, settings.model))
    if failures:
        for j in crossval.wrong(judged):
            click.echo(f"{j.danger or 'harmless'}: {j.found} {j.named}: {j.text}")
    click.echo(crossval.table(judged))
    _write_report(report, crossval.as_json(judged))


@evaluate.command()
@click.argument("folder", required=False, metavar="[BEIR_DIR]", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures there as JSON.")
@click.option(
    "--langchain/--no-langchain", default=None, help="Also plain LangChain: recursive splitter and Chroma. [default: without BEIR_DIR]"
)
@_split
@options
def retrieval(folder, target, langchain, split, settings):
    """Measure retrieval alone beside its baselines: on a data set in BEIR layout, or on what our question sets say must be found."""
    from evals import beir, retrieval
    from ingest.encoder import Encoder
    from ingest.files import write_text

    encoder = Encoder(settings.data, settings.model)
    if folder:
        data = beir.load(folder)
        passages = beir.opened(data, encoder, settings.data / "retrieval", _progress)
        texts = {owner: f"{title}. {text}" for owner, (title, text) in data.documents.items()}
        judged = retrieval.Judged(data.name, data.queries, data.judgements)
    else:
        assistant = load_assistant(settings)
        judged = retrieval.judged(assistant, None if split == "all" else split)
        passages = assistant.retriever.index
        texts = {s.id: s.text for s in assistant.corpus.statements.values()}
    found = retrieval.measure(judged, passages, encoder, texts if (langchain if langchain is not None else not folder) else None)
    click.echo(retrieval.table(judged, found))
    if target:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, json.dumps(retrieval.as_json(judged, found), indent=2) + "\n")
        except OSError as e:
            raise CitepathError(f"{target} cannot be written ({e.strerror}).", "Name another file with --json.") from e


def _progress(done: int, all: int) -> None:
    click.echo(f"\rEmbedded {done} of {all} texts", err=True, nl=done == all)
    sys.stderr.flush()


def _write_report(folder: str | None, values: dict) -> None:
    from ingest.files import write_text

    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        write_text(Path(folder) / "report.json", json.dumps(values, ensure_ascii=False, indent=2) + "\n")
