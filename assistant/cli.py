"""The command line: reads settings, calls the assistant or the index, prints."""

import json
import os
import sys
from datetime import date
from pathlib import Path

import click

from assistant.command import Faults, Group, engine, load_assistant, load_corpus, options
from ingest.content import Corpus
from ingest.errors import CitepathError, ContentError


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


class _Main(Group):
    """Holds the commands of this module, and `eval`, which is imported when it is called."""

    def list_commands(self, ctx):
        return sorted([*super().list_commands(ctx), "eval"])

    def get_command(self, ctx, name):
        if name == "eval":
            from evals.commands import evaluate

            return evaluate
        return super().get_command(ctx, name)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="citepath")
def main():
    """Citepath answers oncology questions from a curated, cited corpus. Educational purpose only."""


@main.command()
@click.argument("question")
@_audience
@_set
@engine
@click.option("--json", "as_json", is_flag=True, help="Print one Answer as JSON.")
@options
def ask(question, audience, pairs, as_json, settings):
    """Answer one QUESTION."""
    from assistant import render
    from assistant.engine import Question

    answer = load_assistant(settings).ask(Question(_decoded(question), audience, _facts(pairs)))
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
@engine
@options
def chat(audience, pairs, settings):
    """Ask and follow up in the terminal. An empty line or Ctrl-D ends; `clear` forgets the patient."""
    from assistant import render
    from assistant.conversation import Conversation
    from assistant.engine import Question

    assistant, conversation = load_assistant(settings), Conversation.new()
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
@engine
@options
def batch(source, target, settings):
    """Answer many conversations: SOURCE and TARGET are JSON Lines files."""
    from assistant.engine import Question

    try:
        lines = Path(source).read_bytes().splitlines()
    except OSError as e:
        raise CitepathError(f"{source} cannot be read ({e.strerror}).", "Name a JSON Lines file.") from e
    assistant = load_assistant(settings)
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
        raise Faults


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
@options
def source(id, settings):
    """Show a curated statement or a reference: its document, its review history, and who cites it."""
    from assistant.review import Ledger
    from assistant.usage import citing

    corpus = load_corpus(settings)
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
        for id in citing(corpus)[key]:
            click.echo(f"  {id}: {corpus.statements[id].text}")
    else:
        import difflib

        near = difflib.get_close_matches(key, [*corpus.statements, *corpus.references], 3)
        raise CitepathError(
            f"There is no statement or reference {id!r}.", f"Did you mean {', '.join(near)}?" if near else "Try `citepath search`."
        )


def _show_statement(corpus: Corpus, ledger, id: str) -> None:
    from assistant.usage import uses

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
    shown = uses(corpus)[id]
    click.echo("Shown in:" if shown else "Shown in: nothing but search")
    for use in shown:
        click.echo(f"  {use.kind} {use.place}{f': {use.title}' if use.title else ''}")


@main.command()
@click.argument("query")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 100), help="Number of passages.")
@click.option("--json", "as_json", is_flag=True)
@options
def search(query, k, as_json, settings):
    """Retrieval alone: passages with scores."""
    passages = load_assistant(settings).retriever.retrieve(_decoded(query), k)
    if as_json:
        click.echo(
            json.dumps([{"statement": p.statement, "score": p.score, "text": p.text} for p in passages], ensure_ascii=False, indent=2)
        )
        return
    for p in passages:
        click.echo(f"{p.rank:>3}  {p.score:.3f}  {p.statement}\n     {p.text}")


@main.command()
@options
def index(settings):
    """Build or update the index; only what changed is embedded again."""
    from ingest.encoder import Encoder
    from ingest.index import build

    corpus = load_corpus(settings)
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
@options
def check(coverage, settings):
    """Validate all content and prove the pathways."""
    from assistant.pathway import prove
    from ingest.check import check as check_content

    try:
        corpus = load_corpus(settings)
    except ContentError as e:
        for fault in e.faults:
            click.echo(str(fault))
        click.echo(f"{len(e.faults)} fault(s)")
        raise Faults from e
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
        raise Faults


@main.command()
@click.argument("name")
@_set
@click.option("--format", "form", type=click.Choice(["text", "mermaid", "svg", "json"]), default="text", show_default=True)
@options
def pathway(name, pairs, form, settings):
    """The decision for a state, or the graph of pathway NAME."""
    from assistant import graph
    from assistant.explore import foot
    from assistant.pathway import decide
    from assistant.review import Ledger

    corpus = load_corpus(settings)
    if name not in corpus.pathways:
        raise CitepathError(f"There is no pathway {name!r}.", f"Valid: {', '.join(corpus.pathways) or 'none'}.")
    p, facts = corpus.pathways[name], _facts(pairs)
    try:
        decision = decide(p, facts)
    except ValueError as e:
        raise CitepathError(f"That fact cannot be set: {e}.", f"`citepath pathway {name}` lists variables and values.") from e
    if form == "json":
        click.echo(json.dumps(decision.model_dump(mode="json"), ensure_ascii=False, indent=2))
    elif form == "mermaid":
        click.echo(graph.mermaid(p, decision.node))
    elif form == "svg":
        click.echo(graph.svg(p, facts, foot(corpus, Ledger(corpus, settings.data), decision)))
    else:
        click.echo(_pathway_text(p, decision))


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
    """List, submit, approve or reject statements, and keep reviewers' accounts; an approval holds for the digest of that very text."""


@review.command("list")
@click.option("--status", type=click.Choice(["submitted", "under_review", "approved"]))
@options
def review_list(status, settings):
    """Statements with their review status."""
    from assistant.review import Ledger

    corpus = load_corpus(settings)
    ledger = Ledger(corpus, settings.data)
    for s in corpus.statements.values():
        current = ledger.status(s)
        if status in (None, current):
            click.echo(f"{current:<13} {s.digest}  {s.id}")


def _record(id: str, status: str, reviewer: str, credential: str | None, comment: str | None, settings) -> None:
    from assistant.review import Ledger

    event = Ledger(load_corpus(settings), settings.data).record(id, status, reviewer, date.today(), credential, _decoded(comment or ""))
    click.echo(f"{event.statement} is {event.status.replace('_', ' ')} for digest {event.digest}, by {event.reviewer}")


def _review_command(name: str, status: str, help: str) -> None:
    @review.command(name, help=help)
    @click.argument("statement")
    @click.option("--reviewer", required=True, help="Name of the person.")
    @click.option("--credential", help="Their credential, for instance MD.")
    @click.option("--comment")
    @options
    def command(statement, reviewer, credential, comment, settings):
        _record(statement, status, reviewer, credential, comment, settings)


_review_command("submit", "under_review", "Put a statement under review.")
_review_command("approve", "approved", "Approve a statement's present text.")
_review_command("reject", "rejected", "Reject a statement's present text.")


@review.command("export")
@options
def review_export(settings):
    """Add what was recorded in the data directory to the corpus's reviews/ folder, once."""
    from assistant.review import Ledger
    from ingest.files import locked
    from ingest.reviews import export

    with locked(settings.data / "reviews.jsonl"):
        events = Ledger(load_corpus(settings), settings.data).own
        path = export(events, settings.corpus, date.today()) if events else None
    click.echo(f"Added {len(events)} event(s) to {path}." if path else "There is nothing that the corpus does not hold already.")


@review.group()
def account():
    """Accounts of the reviewers who sign in on the Review page."""


def _password() -> str:
    """Returns the password typed twice without being shown, or the first line of a standard input that is no terminal."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt="The same password again")
    return sys.stdin.readline().rstrip("\r\n")


@account.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Full name of the person.")
@click.option("--credential", required=True, help="Their credential, for instance MD, thoracic oncology.")
@options
def account_add(username, name, credential, settings):
    """Make an account; the password is asked for, or read from standard input."""
    from assistant.accounts import Accounts

    made = Accounts(settings.data).add(username, name, credential, _password())
    click.echo(f"{made.user} may sign in as {made.name}, {made.credential}.")


@account.command("list")
@options
def account_list(settings):
    """User names with name and credential."""
    from assistant.accounts import Accounts

    for a in Accounts(settings.data).all():
        click.echo(f"{a.user:<16} {a.name}, {a.credential}")


@account.command("password")
@click.argument("username")
@options
def account_password(username, settings):
    """Give an account another password; who is signed in to it must sign in again."""
    from assistant.accounts import Accounts

    Accounts(settings.data).set_password(username, _password())
    click.echo(f"{username} has another password.")


@account.command("remove")
@click.argument("username")
@options
def account_remove(username, settings):
    """Remove an account; what its person recorded stays."""
    from assistant.accounts import Accounts

    Accounts(settings.data).remove(username)
    click.echo(f"{username} may no longer sign in.")


@main.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
@click.option("--browser/--no-browser", default=True, help="Open a browser window.")
@engine
@options
def ui(port, browser, settings):
    """The chat in a browser, at a local address."""
    places = {"CITEPATH_CORPUS": str(settings.corpus.resolve()), "CITEPATH_DATA": str(settings.data.resolve())}
    os.environ.update(**places, CITEPATH_ENGINE=settings.engine)
    os.chdir(Path(__file__).resolve().parent.parent)  # where the app's configuration is
    click.echo(f"Citepath opens at http://localhost:{port} (Ctrl-C ends it).")
    sys.stdout.flush()
    # In place of this process, so that a signal to it ends the server too.
    os.execv(
        sys.executable,
        [sys.executable, "-m", "assistant.ui", f"--server.port={port}", f"--server.headless={'false' if browser else 'true'}"],
    )


if __name__ == "__main__":
    main()
