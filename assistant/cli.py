"""The command line: reads settings, calls the assistant or the index, prints. Exit codes: 0 done, 1 faults found, 2 unusable input."""

import contextlib
import functools
import json
import logging
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import click

from ingest.content import Corpus
from ingest.errors import CitepathError, ContentError


class _Faults(Exception):
    """The work was done and found faults: exit 1 without a message."""


class _Group(click.Group):
    """Turns errors into one line on standard error and the contract's exit codes."""

    def main(self, *args, **kwargs):
        debug = "--debug" in sys.argv[1:]
        logging.basicConfig(level=logging.ERROR, format="%(message)s")
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
            sys.exit(code if isinstance(code, int) else 0)
        except _Faults:
            sys.exit(1)
        except click.exceptions.Abort:
            sys.exit(130)
        except click.UsageError as e:
            if "unexpected extra argument" in e.message:  # a question without its quotation marks: not to be repeated
                _fail("Too many arguments. Put the question in quotation marks.")
            _fail(f"{e.format_message()} Try `{e.ctx.command_path if e.ctx else 'citepath'} --help`.")
        except click.ClickException as e:
            _fail(e.format_message())
        except ContentError as e:
            if debug:
                raise
            for fault in e.faults:
                click.echo(str(fault), err=True)
            _fail(e)
        except CitepathError as e:
            if debug:
                raise
            _fail(e)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as e:
            if debug:
                raise
            _fail(
                f"{e.strerror or e}{f': {e.filename}' if e.filename else ''}. Check the place and its free space, or name another with --data."
            )


def _fail(message: object) -> None:
    with contextlib.suppress(OSError):
        click.echo(f"citepath: {' '.join(str(message).split())}", err=True)
    sys.exit(2)


def _options(command):
    """The options that work everywhere."""

    @click.option("--corpus", metavar="DIR", help="Content folder (CITEPATH_CORPUS).")
    @click.option("--data", metavar="DIR", help="Folder of index, conversations and reviews (CITEPATH_DATA).")
    @click.option("--debug", is_flag=True, help="Show tracebacks.")
    @functools.wraps(command)
    def wrapped(*args, corpus, data, debug, **kwargs):
        from assistant.settings import read

        return command(*args, settings=read(os.environ, corpus, data, kwargs.pop("engine", None)), **kwargs)

    return wrapped


def _engine(command):
    return click.option("--engine", metavar="NAME", help="extractive (default; no language model).")(command)


def _audience(command):
    return click.option("--audience", type=click.Choice(["clinician", "patient"]), default="clinician", show_default=True)(command)


def _set(command):
    return click.option("--set", "pairs", multiple=True, metavar="VARIABLE=VALUE", help="A fact about the patient; may be repeated.")(
        command
    )


def _facts(pairs: tuple[str, ...]) -> dict[str, str]:
    facts = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise CitepathError("--set takes VARIABLE=VALUE.", "`citepath pathway NAME` lists variables and values.")
        facts[name.strip()] = value.strip()
    return facts


def _corpus(settings) -> Corpus:
    from ingest.load import load

    return load(settings.corpus)


def _assistant(settings, corpus: Corpus | None = None):
    """Returns an assistant; warns on standard error when the index is older than the corpus."""
    if settings.engine != "extractive":
        raise CitepathError(f"The engine {settings.engine!r} is not installed.", "Use --engine extractive.")
    from assistant.engine import Assistant
    from assistant.review import Ledger
    from ingest.encoder import Encoder
    from ingest.index import open_index

    corpus = corpus or _corpus(settings)
    index = open_index(settings.data)
    if index.version != corpus.version:
        click.echo(
            "citepath: the corpus has changed since it was indexed; run `citepath index`. Changed statements are not searched.", err=True
        )
    return Assistant(corpus, index, Encoder(settings.data, settings.model), Ledger(corpus, settings.data))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="citepath")
def main():
    """Citepath answers oncology questions from a curated, cited corpus. Educational purpose only."""


@main.command()
@click.argument("question")
@_audience
@_set
@_engine
@click.option("--json", "as_json", is_flag=True, help="Print one Answer as JSON.")
@_options
def ask(question, audience, pairs, as_json, settings):
    """Answer one QUESTION."""
    from assistant import render
    from assistant.engine import Question

    answer = _assistant(settings).ask(Question(_decoded(question), audience, _facts(pairs)))
    click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=2) if as_json else render.text(answer, _width()))


def _decoded(text: str) -> str:
    """Returns an argument with bytes that are no UTF-8 replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, 110)


@main.command()
@_audience
@_set
@_engine
@_options
def chat(audience, pairs, settings):
    """Ask and follow up in the terminal. An empty line or Ctrl-D ends; `clear` forgets the patient."""
    from assistant import render
    from assistant.conversation import Conversation
    from assistant.engine import Question

    assistant, conversation = _assistant(settings), Conversation.new()
    facts = _facts(pairs)
    while True:
        try:
            question = click.prompt("\nYour question", default="", show_default=False, err=not sys.stdin.isatty())
        except click.exceptions.Abort:
            return
        if not question.strip():
            return
        if question.strip().lower() == "clear":
            conversation, facts = Conversation.new(), {}
            click.echo("The patient's facts and the conversation are forgotten.")
            continue
        try:
            answer, turn = assistant.reply(Question(question, audience, facts), conversation.turns)
        except CitepathError as e:
            click.echo(f"citepath: {e}", err=True)
            continue
        conversation = conversation.add(answer, turn)
        click.echo("\n" + render.text(answer, _width()))


@main.command()
@click.argument("source", type=click.Path(dir_okay=False))
@click.argument("target", type=click.Path(dir_okay=False))
@_engine
@_options
def batch(source, target, settings):
    """Answer many conversations: SOURCE and TARGET are JSON Lines files."""
    from assistant.engine import Question

    try:
        lines = Path(source).read_bytes().splitlines()
    except OSError as e:
        raise CitepathError(f"{source} cannot be read ({e.strerror}).", "Name a JSON Lines file.") from e
    assistant = _assistant(settings)
    partial, bad = Path(f"{target}.partial"), 0
    try:
        with partial.open("w", encoding="utf-8") as out:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                record: dict = {"id": None}
                try:
                    given = json.loads(line)
                    record["id"] = given.get("id") if isinstance(given, dict) else None
                    record = {"id": record["id"], "answers": _conversation(assistant, given, Question)}
                except (CitepathError, ValueError) as e:
                    bad += 1
                    record["error"] = f"line {number}: {e}"
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, target)
    except OSError as e:
        partial.unlink(missing_ok=True)
        raise CitepathError(f"{target} could not be written ({e.strerror}).", "Free space or name another file.") from e
    if bad:
        click.echo(f"citepath: {bad} bad line(s), marked in {target}", err=True)
        raise _Faults


def _conversation(assistant, given, Question) -> list[dict]:
    if not isinstance(given, dict) or not isinstance(given.get("turns"), list) or not all(isinstance(t, str) for t in given["turns"]):
        raise ValueError("needs an object with `id` and `turns`, a list of questions")
    audience, facts = given.get("audience", "clinician"), given.get("set", {})
    if audience not in ("clinician", "patient"):
        raise ValueError("audience is clinician or patient, nothing else")
    if not isinstance(facts, dict):
        raise ValueError("set is an object of variable: value")
    answers, turns = [], ()
    for question in given["turns"]:
        answer, turn = assistant.reply(Question(question, audience, facts), turns)
        answers.append(answer.as_json())
        turns = (*turns, turn)
    return answers


@main.command()
@click.argument("id")
@_options
def source(id, settings):
    """Show a curated statement or a reference: its document, its review history, and who cites it."""
    from assistant.review import Ledger

    corpus = _corpus(settings)
    key = id.removeprefix("@")
    if key in corpus.statements:
        _show_statement(corpus, Ledger(corpus, settings.data), key)
    elif key in corpus.references:
        r = corpus.references[key]
        click.echo(
            f"@{r.key} ({r.type})\n{'. '.join(p.rstrip('.') for p in (r.authors, r.title, r.container, str(r.year)) if p)}\n{r.link}"
        )
        click.echo(f"Accessed {r.accessed}" + (f"; PMID {r.pmid}" if r.pmid else ""))
        click.echo("\nCited by:")
        for s in corpus.statements.values():
            if key in s.citations:
                click.echo(f"  {s.id}: {s.text}")
    else:
        import difflib

        near = difflib.get_close_matches(key, [*corpus.statements, *corpus.references], 3)
        raise CitepathError(
            f"There is no statement or reference {id!r}.", f"Did you mean {', '.join(near)}?" if near else "Try `citepath search`."
        )


def _show_statement(corpus: Corpus, ledger, id: str) -> None:
    s = corpus.statements[id]
    d = corpus.documents[s.document]
    click.echo(f"{s.id} ({s.kind})\n\n{s.text}\n\nPlain: {s.plain}\n")
    for label, value in (
        ("Strength", s.strength),
        ("Certainty", s.certainty),
        ("Topics", ", ".join(s.topics)),
        ("Review by", s.review_by),
        ("Superseded by", s.superseded_by),
    ):
        if value:
            click.echo(f"{label}: {value}")
    click.echo(f"Document: {d.title} (documents/{d.id}.md:{s.line}), section {s.section!r}, last updated {d.last_updated}")
    click.echo(f"Review status: {ledger.status(s).replace('_', ' ')} (digest {s.digest})")
    for event in ledger.history(id):
        current = "" if event.digest == s.digest else " (of an earlier wording)"
        click.echo(
            f"  {event.date} {event.status} by {event.reviewer}{f', {event.credential}' if event.credential else ''}{current}{f': {event.comment}' if event.comment else ''}"
        )
    click.echo("References:")
    for key in s.citations:
        click.echo(f"  @{key}: {corpus.references[key].title} ({corpus.references[key].year}) {corpus.references[key].link}")
    users = [
        f"{p.id}/{n}" for p in corpus.pathways.values() for n, node in p.nodes.items() if any(id in o.statements for o in node.options)
    ]
    click.echo(f"Used by pathway nodes: {', '.join(users) or 'none'}")


@main.command()
@click.argument("query")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 100), help="Number of passages.")
@click.option("--json", "as_json", is_flag=True)
@_options
def search(query, k, as_json, settings):
    """Retrieval alone: passages with scores."""
    passages = _assistant(settings).retriever.retrieve(_decoded(query), k)
    if as_json:
        click.echo(
            json.dumps([{"statement": p.statement, "score": p.score, "text": p.text} for p in passages], ensure_ascii=False, indent=2)
        )
        return
    for p in passages:
        click.echo(f"{p.rank:>3}  {p.score:.3f}  {p.statement}\n     {p.text}")


@main.command("eval")
@click.argument("sets", nargs=-1, metavar="[SET]...")
@click.option(
    "--split", type=click.Choice(["dev", "test", "all"]), default="all", show_default=True, help="Which cases: one in three is test."
)
@click.option("--failures/--no-failures", default=True, help="List each failed case; leave it out to keep a test split unseen.")
@click.option("--report", metavar="DIR", type=click.Path(file_okay=False), help="Write report.json there.")
@click.option("--verifier", is_flag=True, help="Examine the verifier instead: falsified, untouched and reworded statements.")
@click.option("--triage", is_flag=True, help="Cross-validate the alarm on the corpus's messages instead.")
@click.option("--every", default=1, show_default=True, type=click.IntRange(1), help="With --verifier: only every N-th statement.")
@_engine
@_options
def evaluate(sets, split, failures, report, verifier, triage, every, settings):
    """Run question sets (all, or those named, or YAML files), or examine the verifier or the alarm; exit 1 when a gate fails."""
    from evals import report as reports
    from evals.cases import load_sets
    from evals.run import run_set

    if (verifier or triage) and sets:
        raise click.UsageError("--verifier and --triage take no question set.")
    if triage:
        _cross_validate(settings, failures, report)
        return
    if verifier:
        _examine(settings, every, None if split == "all" else split, failures, report)
        return
    questions = load_sets(sets)
    assistant = _assistant(settings)
    results = tuple(run_set(q, assistant, None if split == "all" else split) for q in questions)
    if failures and (text := reports.failures(results)):
        click.echo(text + "\n")
    click.echo(reports.table(results))
    _write_report(report, reports.as_json(results))
    if not all(r.gate_holds for r in results):
        raise _Faults


def _examine(settings, every: int, split: str | None, failures: bool, report: str | None) -> None:
    from assistant.lexicon import Lexicon
    from assistant.verify import Verifier
    from evals import exam

    corpus = _corpus(settings)
    found = exam.examine(Verifier(corpus, Lexicon(corpus)), corpus, every, split)
    if failures:
        for line in exam.misses(found):
            click.echo(line)
    click.echo(exam.table(found))
    _write_report(report, exam.as_json(found))
    if not all(found.gates().values()):
        raise _Faults


def _cross_validate(settings, failures: bool, report: str | None) -> None:
    from evals import crossval
    from ingest.encoder import Encoder

    judged = crossval.judge(_corpus(settings), Encoder(settings.data, settings.model))
    if failures:
        for j in crossval.wrong(judged):
            click.echo(f"{j.danger or 'harmless'}: {j.found} {j.named}: {j.text}")
    click.echo(crossval.table(judged))
    _write_report(report, crossval.as_json(judged))


def _write_report(folder: str | None, values: dict) -> None:
    from ingest.files import write_text

    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        write_text(Path(folder) / "report.json", json.dumps(values, ensure_ascii=False, indent=2) + "\n")


@main.command()
@_options
def index(settings):
    """Build or update the index; only what changed is embedded again."""
    from ingest.encoder import Encoder
    from ingest.index import build

    corpus = _corpus(settings)
    with click.progressbar(length=0, label="Embedding", file=sys.stderr) as bar:

        def progress(done: int, all: int) -> None:
            bar.length = all
            bar.update(done - bar.pos)

        encoder = Encoder(settings.data, settings.model)
        encoder.export()
        report = build(corpus, encoder, settings.data, progress)
    if report.unchanged:
        click.echo(f"The index is up to date: {len(corpus.statements)} statements, nothing embedded.")
    else:
        click.echo(
            f"Indexed {len(corpus.statements)} statements: {report.embedded} texts embedded, {report.kept} kept, {report.removed} removed."
        )


@main.command()
@click.option("--coverage", is_flag=True, help="Also print which topic is covered for which drug or gene.")
@_options
def check(coverage, settings):
    """Validate all content and prove the pathways."""
    from assistant.pathway import prove
    from ingest.check import check as check_content

    try:
        corpus = _corpus(settings)
    except ContentError as e:
        for fault in e.faults:
            click.echo(str(fault))
        click.echo(f"{len(e.faults)} fault(s)")
        raise _Faults from e
    findings = check_content(corpus, date.today())
    for fault in findings.faults:
        click.echo(str(fault))
    for warning in findings.warnings:
        click.echo(f"warning: {warning}", err=True)
    faults = len(findings.faults)
    if not faults:
        for pathway in corpus.pathways.values():
            proof = prove(pathway)
            for problem in proof.faults:
                click.echo(f"pathways/{pathway.id}.yaml:1: decide: {problem}")
            faults += len(proof.faults)
            click.echo(
                f"{pathway.id}: {proof.states:,} states in {proof.leaves} decisions, {proof.rules} rules: {'proved' if not proof.faults else 'NOT proved'}"
            )
    if coverage:
        from ingest.coverage import table

        for matrix in corpus.coverage.values():
            click.echo(f"\n{table(corpus, matrix)}\n")
    click.echo(
        f"{len(corpus.documents)} documents, {len(corpus.statements)} statements, {len(corpus.references)} references, "
        f"{len(corpus.vocabulary)} terms, {len(corpus.premises)} premises: {faults} fault(s), {len(findings.warnings)} warning(s)"
    )
    if faults:
        raise _Faults


@main.command()
@click.argument("name")
@_set
@click.option("--format", "form", type=click.Choice(["text", "mermaid", "json"]), default="text", show_default=True)
@_options
def pathway(name, pairs, form, settings):
    """The decision for a state, or the graph of pathway NAME."""
    from assistant.pathway import decide

    corpus = _corpus(settings)
    if name not in corpus.pathways:
        raise CitepathError(f"There is no pathway {name!r}.", f"Valid: {', '.join(corpus.pathways) or 'none'}.")
    p = corpus.pathways[name]
    try:
        decision = decide(p, _facts(pairs))
    except ValueError as e:
        raise CitepathError(f"That fact cannot be set: {e}.", f"`citepath pathway {name}` lists variables and values.") from e
    if form == "json":
        click.echo(json.dumps(decision.model_dump(mode="json"), ensure_ascii=False, indent=2))
    elif form == "mermaid":
        click.echo(_mermaid(p, decision.node))
    else:
        click.echo(_pathway_text(p, decision))


def _mermaid(p, reached: str | None) -> str:
    lines = ["flowchart TD", '  start(["start"])']
    previous = "start"
    for i, rule in enumerate(p.decide, 1):
        condition = " and ".join(
            f"{p.variables[n].question.rstrip('?')}: {' or '.join(p.variables[n].label(v) for v in vs)}" for n, vs in rule.when.items()
        )
        lines.append(f'  r{i}{{"{(condition or "otherwise").replace(chr(34), chr(39))}"}}')
        lines.append(f"  {previous} {'--' if previous == 'start' else '-- no --'}> r{i}")
        lines.append(f"  r{i} -- yes --> {rule.reach}")
        previous = f"r{i}"
    lines += [f'  {n}["{node.title.replace(chr(34), chr(39))}"]' for n, node in p.nodes.items()]
    if reached:
        lines.append(f"  style {reached} stroke-width:4px")
    return "\n".join(lines)


def _pathway_text(p, decision) -> str:
    lines = [f"{p.title} (version {p.version})", ""]
    lines += [f"  {n}: {v.question}  [{', '.join(v.values)}]" for n, v in p.variables.items()]
    lines += ["", "Trace:", *(f"  {t}" for t in decision.trace)]
    if decision.node:
        lines += ["", f"Node: {decision.node} ({p.nodes[decision.node].title})"]
        lines += [f"  option: {o.option} ({o.standing}) [{', '.join(o.statements)}]" for o in decision.options]
    lines += [f"  ruled out: {r.option} [{', '.join(r.statements)}]" for r in decision.ruled_out]
    lines += [f"  missing: {m.question} ({', '.join(m.values)})" for m in decision.missing]
    return "\n".join(lines)


@main.group()
def review():
    """List, submit, approve or reject statements; an approval holds for the digest of that very text."""


@review.command("list")
@click.option("--status", type=click.Choice(["submitted", "under_review", "approved"]))
@_options
def review_list(status, settings):
    """Statements with their review status."""
    from assistant.review import Ledger

    corpus = _corpus(settings)
    ledger = Ledger(corpus, settings.data)
    for s in corpus.statements.values():
        current = ledger.status(s)
        if status in (None, current):
            click.echo(f"{current:<13} {s.digest}  {s.id}")


def _record(id: str, status: str, reviewer: str, credential: str | None, comment: str | None, settings) -> None:
    from assistant.review import Ledger

    event = Ledger(_corpus(settings), settings.data).record(id, status, reviewer, date.today(), credential, comment)
    click.echo(f"{event.statement} is {event.status.replace('_', ' ')} for digest {event.digest}, by {event.reviewer}")


def _review_command(name: str, status: str, help: str) -> None:
    @review.command(name, help=help)
    @click.argument("statement")
    @click.option("--reviewer", required=True, help="Name of the person.")
    @click.option("--credential", help="Their credential, for instance MD.")
    @click.option("--comment")
    @_options
    def command(statement, reviewer, credential, comment, settings):
        _record(statement, status, reviewer, credential, comment, settings)


_review_command("submit", "under_review", "Put a statement under review.")
_review_command("approve", "approved", "Approve a statement's present text.")
_review_command("reject", "rejected", "Reject a statement's present text.")


@main.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
@click.option("--browser/--no-browser", default=True, help="Open a browser window.")
@_options
def ui(port, browser, settings):
    """The chat in a browser, at a local address."""
    app = Path(__file__).resolve().parent.parent / "app.py"
    environ = {**os.environ, "CITEPATH_CORPUS": str(settings.corpus.resolve()), "CITEPATH_DATA": str(settings.data.resolve())}
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(app),
        f"--server.port={port}",
        f"--server.headless={'false' if browser else 'true'}",
    ]
    click.echo(f"Citepath opens at http://localhost:{port} (Ctrl-C ends it).")
    sys.exit(subprocess.call(command, env=environ, cwd=app.parent))


if __name__ == "__main__":
    main()
