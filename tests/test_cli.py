"""The real command line in processes of its own: contract, exit codes, one-line errors that name the mend, nothing lost."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "tests" / "data" / "answer.schema.json").read_text())


def error(done, code=2) -> str:
    assert done.returncode == code, (done.returncode, done.stdout[-500:], done.stderr[-1500:])
    lines = [line for line in done.stderr.splitlines() if line.startswith("citepath: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_help_and_check_start_without_the_heavy_libraries(run):
    code = "import sys; import assistant.cli; from assistant import pathway; import ingest.load, ingest.check, ingest.index, ingest.embedding; "
    code += "print([m for m in ('torch', 'chromadb', 'sentence_transformers', 'streamlit') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.strip() == "[]"
    out = run("--help", check=0).stdout
    for command in ("ask", "chat", "batch", "source", "search", "index", "check", "pathway", "review", "ui"):
        assert f"  {command}" in out


@pytest.mark.parametrize("command", ["ask", "chat", "batch", "source", "search", "index", "check", "pathway", "review", "ui"])
def test_every_command_has_help(run, command):
    assert "--corpus" in run(command, "--help", check=0).stdout or command == "review"


def test_ask_as_text_and_as_json(run, real_data):
    text = run("ask", "alectinib dose with food?", "--data", str(real_data), check=0).stdout
    assert "600 mg" in text and "[1]" in text and "References" in text and "[Submitted] → Under Review → Approved" in text
    answer = json.loads(run("ask", "alectinib dose with food?", "--json", "--data", str(real_data), check=0).stdout)
    jsonschema.validate(answer, SCHEMA)
    assert answer["outcome"] == "answered"


def test_ask_with_facts_and_audience(run, real_data):
    args = (
        "ask",
        "ALK-positive NSCLC: what treatment?",
        "--set",
        "setting=resected",
        "--set",
        "alk_result=positive",
        "--audience",
        "patient",
        "--json",
    )
    answer = json.loads(run(*args, "--data", str(real_data), check=0).stdout)
    assert answer["decision"]["node"] == "adjuvant" and answer["audience"] == "patient"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("ask", "x", "--set", "nonsense"), "VARIABLE=VALUE"),
        (("ask", "ALK", "--set", "setting=moon"), "valid: resected"),
        (("ask", "ALK", "--engine", "llm:none:x"), "extractive"),
        (("ask",), "Missing argument"),
        (("nonsense",), "No such command"),
        (("ask", "y" * 20_001), "Ask in fewer words"),
        (("source", "no-such-thing"), "citepath"),
        (("pathway", "moon"), "alk-nsclc"),
        (("pathway", "alk-nsclc", "--set", "setting=moon"), "valid"),
        (("batch", "/no/such/file", "out.jsonl"), "cannot be read"),
        (("check", "--corpus", "/nowhere"), "--corpus"),
    ],
)
def test_wrong_usage_is_one_line_with_its_mend(run, real_data, args, words):
    assert words in error(run(*args, CITEPATH_DATA=str(real_data)))


@pytest.mark.parametrize("question", ["", " ", "😀", "a\u200bb", "\udcff\udcfe binary", "z" * 10_000])
def test_odd_questions_get_an_answer(run, real_data, question):
    assert "Review status" in run("ask", question, "--data", str(real_data), check=0).stdout


def test_no_index_names_the_mend(run, tmp_path):
    assert "citepath index" in error(run("ask", "x", "--data", str(tmp_path)))


def test_a_missing_or_altered_model_names_the_mend(run, real_data, tmp_path):
    assert "pip install" in error(run("search", "food", "--data", str(real_data), CITEPATH_MODEL=str(tmp_path)))
    (tmp_path / "model.safetensors").write_bytes(b"altered")
    assert "not the original" in error(run("search", "food", "--data", str(real_data), CITEPATH_MODEL=str(tmp_path)))


def test_index_ask_and_a_corpus_that_changed_since(run, small, tmp_path):
    data = str(tmp_path / "d")
    assert "6 statements: 12 texts embedded" in run("index", "--corpus", str(small), "--data", data, check=0).stdout
    assert "nothing embedded" in run("index", "--corpus", str(small), "--data", data, check=0).stdout
    path = small / "documents" / "glimmer.md"
    path.write_text(path.read_text().replace("Zorvex is given as 40 mg", "Zorvex is given as 45 mg"))
    done = run("ask", "dose of talmyn?", "--corpus", str(small), "--data", data, check=0)
    assert "run `citepath index`" in done.stderr and "5 mg" in done.stdout


def test_a_broken_corpus_lists_every_fault_and_the_old_index_stays(run, small, tmp_path):
    data = tmp_path / "d"
    run("index", "--corpus", str(small), "--data", str(data), check=0)
    before = (data / "index" / "CURRENT").read_text()
    (small / "references" / "bad.yaml").write_text("type: [")
    (small / "documents" / "bad.md").write_bytes(b"\xff\xfe")
    done = run("check", "--corpus", str(small), check=1)
    assert "references/bad.yaml:" in done.stdout and "documents/bad.md:1: file: is not UTF-8" in done.stdout
    assert "documents/bad.md" in run("index", "--corpus", str(small), "--data", str(data), check=2).stderr
    assert (data / "index" / "CURRENT").read_text() == before


def test_check_proves_and_says_how_many_states(run):
    out = run("check", check=0).stdout
    assert re.search(r"alk-nsclc: [\d,]{7,} states in \d+ decisions, \d+ rules: proved", out) and "0 fault(s)" in out


def test_a_full_disk_leaves_the_old_index_and_names_the_mend(small, tmp_path):
    """The operating system refuses to write files past a size, as a full disk would."""
    data = tmp_path / "d"
    base = [sys.executable, "-m", "assistant.cli", "index", "--corpus", str(small), "--data", str(data)]
    assert subprocess.run(base, cwd=ROOT, capture_output=True).returncode == 0
    before = (data / "index" / "CURRENT").read_text()
    path = small / "documents" / "glimmer.md"
    path.write_text(path.read_text().replace("40 mg", "45 mg"))

    def limit():
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(base, cwd=ROOT, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 2 and "stays as it was" in done.stderr and "Free space" in done.stderr and "Traceback" not in done.stderr
    assert (data / "index" / "CURRENT").read_text() == before
    ask = [sys.executable, "-m", "assistant.cli", "ask", "dose of talmyn?", "--corpus", str(small), "--data", str(data)]
    assert subprocess.run(ask, cwd=ROOT, capture_output=True).returncode == 0


def test_printing_to_a_full_device_is_an_error_not_a_traceback(real_data):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "assistant.cli", "ask", "alectinib dose?", "--data", str(real_data)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert done.returncode != 0 and "Traceback" not in done.stderr


def test_batch_keeps_order_and_marks_bad_lines(run, real_data, tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = {"id": "a", "turns": ["alectinib dose with food?", "and lorlatinib?"], "audience": "patient"}
    source.write_text(
        "\n".join(
            [json.dumps(good), "{broken", json.dumps({"id": "c"}), json.dumps({"id": "d", "turns": ["weather?"], "set": {"x": "y"}}), ""]
        )
    )
    run("batch", str(source), str(target), "--data", str(real_data), check=1)
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [r["id"] for r in rows] == ["a", None, "c", "d"]
    assert [len(rows[0]["answers"]), "error" in rows[1], "error" in rows[2]] == [2, True, True]
    jsonschema.validate(rows[0]["answers"][1], SCHEMA)
    assert rows[0]["answers"][1]["standalone_question"] == "lorlatinib dose with food?"
    source.write_text(json.dumps(good))
    run("batch", str(source), str(target), "--data", str(real_data), check=0)


def test_batch_that_cannot_write_loses_nothing(run, real_data, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "a", "turns": ["weather?"]}))
    assert "could not be written" in error(run("batch", str(source), str(tmp_path / "no" / "out.jsonl"), "--data", str(real_data)))


def test_source_shows_statement_document_history_and_who_cites(run):
    out = run("source", "alex-primary-irc-pfs-nejm", check=0).stdout
    assert "25.7" in out and "documents/alk-first-line.md" in out and "Review status: submitted" in out and "@peters2017" in out
    out = run("source", "peters2017-alex-alectinib-crizotinib", check=0).stdout
    assert "10.1056/NEJMoa1704795" in out and "alex-primary-inv-pfs" in out


def test_search_prints_passages(run, real_data):
    found = json.loads(run("search", "contraception lorlatinib", "-k", "3", "--json", "--data", str(real_data), check=0).stdout)
    assert len(found) == 3 and set(found[0]) == {"statement", "score", "text"}
    assert "lorlatinib-contraception-female" in [f["statement"] for f in found]


def test_pathway_as_text_json_and_graph(run):
    args = ("pathway", "alk-nsclc", "--set", "alk_result=positive", "--set", "setting=metastatic", "--set", "prior_alk_inhibitor=none")
    assert "Node: first-line" in run(*args, check=0).stdout
    assert json.loads(run(*args, "--format", "json", check=0).stdout)["node"] == "first-line"
    graph = run(*args, "--format", "mermaid", check=0).stdout
    assert graph.startswith("flowchart TD") and "first-line" in graph
    drawn = run(*args, "--format", "svg", check=0).stdout
    assert drawn.startswith("<svg") and "pending human review" in drawn and "Review status: Submitted" in drawn


def test_reviews_need_a_person_and_hold_for_the_text(run, tmp_path):
    data = ("--data", str(tmp_path / "d"))
    assert "--reviewer" in error(run("review", "approve", "alectinib-dose-food", *data))
    assert "--credential" in error(run("review", "approve", "alectinib-dose-food", "--reviewer", "Ada Smith", *data))
    run("review", "submit", "alectinib-dose-food", "--reviewer", "Ada Smith", *data, check=0)
    run("review", "approve", "alectinib-dose-food", "--reviewer", "Ada Smith", "--credential", "MD", *data, check=0)
    assert run("review", "list", "--status", "approved", *data, check=0).stdout.split()[-1] == "alectinib-dose-food"
    assert "by Ada Smith, MD" in run("source", "alectinib-dose-food", *data, check=0).stdout
    run("review", "reject", "alectinib-dose-food", "--reviewer", "Bo Lee", "--credential", "MD", *data, check=0)
    assert run("review", "list", "--status", "approved", *data, check=0).stdout == ""


def test_chat_follows_up_and_ends(run, real_data):
    done = run("chat", "--data", str(real_data), check=0, input="alectinib dose with food?\nand lorlatinib?\nclear\n\n")
    assert "lorlatinib dose with food?" in done.stdout and "forgotten" in done.stdout


def test_nothing_is_written_outside_the_data_directory(run, real_data, tmp_path):
    before = {p for p in ROOT.rglob("*") if ".venv" not in p.parts and "__pycache__" not in p.parts and ".git" not in p.parts}
    run("ask", "alectinib dose?", "--data", str(real_data), check=0)
    after = {p for p in ROOT.rglob("*") if ".venv" not in p.parts and "__pycache__" not in p.parts and ".git" not in p.parts}
    assert {p for p in after - before if ".pytest_cache" not in p.parts and ".hypothesis" not in p.parts} == set()
    assert os.environ["CITEPATH_DATA"]
