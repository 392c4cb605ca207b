"""`citepath eval`: question sets, the verifier, the wording of language models, the alarm, retrieval, imports and benchmarks."""

import json
import re
import sys
from datetime import date
from pathlib import Path

import click

from assistant.command import Faults, engine, load_assistant, load_corpus, options
from evals.results import REPORTS
from ingest.errors import CitepathError

_split = click.option(
    "--split",
    type=click.Choice(["dev", "test", "all"]),
    default="all",
    show_default=True,
    callback=lambda _context, _parameter, value: None if value == "all" else value,
    help="Which cases: one in three is test.",
)
_failures = click.option("--failures/--no-failures", default=True, help="List each failed case; leave it out to keep a test split unseen.")
_report = click.option(
    "--report", metavar="DIR", type=click.Path(file_okay=False), help="Write the report there: report.json, .md and .html."
)


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
@click.option(
    "--report",
    metavar="[DIR]",
    is_flag=False,
    flag_value="",
    help="Write the report there: report.json, .md and .html. Last and without DIR: where the app's Evaluation page shows it.",
)
@engine
@options
def sets(sets, split, failures, report, settings):
    """Run question sets: all, or those named, or YAML files; exit 1 when a gate fails."""
    from evals import report as reports
    from evals import retrieval, summary
    from evals.cases import load_sets
    from evals.run import run_set

    questions = load_sets(sets)
    assistant = load_assistant(settings)
    results = tuple(run_set(q, assistant, split) for q in questions)
    if failures and (text := reports.failures(results)):
        click.echo(text + "\n")
    click.echo(reports.table(results))
    measures = summary.summarise(results, assistant)
    click.echo("\n" + summary.table(measures))
    if report is not None:
        values = {
            "made": date.today().isoformat(),
            "corpus": assistant.corpus.version,
            "split": split or "all",
            **reports.as_json(results, measures, failures),
            "coverage": reports.covered(assistant.corpus),
        }
        judged = retrieval.judged(assistant, split, questions)
        if judged.queries:
            texts = {s.id: s.text for s in assistant.corpus.statements.values()}
            embeddings = assistant.retriever.embeddings
            values["retrieval"] = retrieval.as_json(judged, retrieval.measure(judged, assistant.retriever.index, embeddings, texts))
        reports.write(Path(report) if report else settings.data / REPORTS, values)
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
    found = exam.examine(Verifier(corpus, Lexicon(corpus)), corpus, every, split)
    if failures:
        for line in exam.misses(found):
            click.echo(line)
    click.echo(exam.table(found))
    _write_report(report, exam.as_json(found))
    if not all(found.gates().values()):
        raise Faults


@evaluate.command()
@click.option("--every", default=10, show_default=True, type=click.IntRange(1), help="Only every N-th statement.")
@_failures
@_report
@options
def rephrase(every, failures, report, settings):
    """Measure what is shown of faithful and adversarial language models' replies; exit 1 when an unsupported sentence is."""
    from evals import wordings

    rows = wordings.measure(load_corpus(settings), every)
    if failures:
        for r in rows:
            for text in r.unsupported:
                click.echo(f"{r.kind}: {text}")
    click.echo(wordings.table(rows))
    _write_report(report, wordings.as_json(rows))
    if not all(wordings.gates(rows).values()):
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
    from evals.cases import load_sets
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
        judged = retrieval.judged(assistant, split, load_sets())
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


@evaluate.command("import")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def imported(source, target):
    """Turn SOURCE, questions of another tool (RAGAS or plain; .json, .jsonl, .csv), into the question set TARGET (.yaml)."""
    from evals import imports

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*\.yaml", target.name):
        raise CitepathError("The target should be named in small letters, digits and hyphens, and end in .yaml.", "Name it so.")
    questions = imports.read(source, target.stem)
    imports.write(questions, target)
    click.echo(f"{target}: {len(questions.cases)} cases. Run them with `citepath eval {target}`.")


@evaluate.command()
@click.option("--scale/--no-scale", default=True, help="Also synthetic collections of 1,000 to 100,000 passages.")
@click.option("--million", is_flag=True, help="And of a million.")
@_report
@options
def bench(scale, million, report, settings):
    """Measure speed as ratios in one run, beside the floor and plain LangChain; exit 1 when an aim is missed."""
    from evals import bench as benches
    from ingest.encoder import Encoder
    from ingest.files import write_text

    assistant = load_assistant(settings)
    ratios = []
    for part in (
        lambda: benches.warm(assistant, Encoder(settings.data, settings.model)),
        lambda: (benches.cold(settings.data, settings.corpus),),
        lambda: (benches.throughput(assistant),),
    ):
        ratios += part()
        click.echo(f"{len(ratios)} ratios measured", err=True)
    chosen = (*benches.SIZES, benches.LARGEST) if million else benches.SIZES
    sizes = benches.scale(chosen, lambda size: click.echo(f"{size} passages measured", err=True)) if scale else ()
    click.echo(benches.table(ratios, sizes))
    _write_report(report, benches.as_json(ratios, sizes), "bench.json")
    if report and sizes:
        write_text(Path(report) / "bench.svg", benches.plot(sizes))
    if not all(r.holds for r in ratios):
        raise Faults


def _progress(done: int, all: int) -> None:
    click.echo(f"\rEmbedded {done} of {all} texts", err=True, nl=done == all)
    sys.stderr.flush()


def _write_report(folder: str | None, values: dict, name: str = "report.json") -> None:
    from ingest.files import write_text

    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        write_text(Path(folder) / name, json.dumps(values, ensure_ascii=False, indent=2) + "\n")
