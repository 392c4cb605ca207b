"""Reviews: bound to the very text, named, append-only."""

from datetime import date

import pytest

from assistant.review import Ledger
from ingest.errors import CitepathError
from ingest.load import load

DAY = date(2026, 1, 3)


def test_a_statement_is_submitted_until_a_named_person_approves_it(small, tmp_path):
    corpus = load(small)
    s = corpus.statements["zorvex-dose"]
    ledger = Ledger(corpus, tmp_path)
    assert ledger.status(s) == "submitted"
    ledger.record(s.id, "under_review", "Ada Botanist", DAY)
    assert ledger.status(s) == "under_review"
    ledger.record(s.id, "approved", "Ada Botanist", DAY, "PhD")
    again = Ledger(corpus, tmp_path)
    assert again.status(s) == "approved" and len(again.history(s.id)) == 2


def test_any_edit_returns_it_to_submitted_and_the_history_stays(small, tmp_path):
    corpus = load(small)
    Ledger(corpus, tmp_path).record("zorvex-dose", "approved", "Ada Botanist", DAY, "PhD")
    path = small / "documents" / "glimmer.md"
    path.write_text(path.read_text().replace("Zorvex is 40 mg once", "Zorvex is 40 mg just once"))  # the plain wording only
    edited = load(small)
    ledger = Ledger(edited, tmp_path)
    assert ledger.status(edited.statements["zorvex-dose"]) == "submitted" and len(ledger.history("zorvex-dose")) == 1


def test_a_rejection_returns_it_to_submitted(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    ledger.record("zorvex-dose", "under_review", "Ada Botanist", DAY)
    ledger.record("zorvex-dose", "rejected", "Ada Botanist", DAY, "PhD", "wrong dose")
    assert ledger.status(ledger._corpus.statements["zorvex-dose"]) == "submitted"


def test_the_least_reviewed_wins(small, tmp_path):
    corpus = load(small)
    ledger = Ledger(corpus, tmp_path)
    a, b = corpus.statements["zorvex-dose"], corpus.statements["talmyn-dose"]
    ledger.record(a.id, "approved", "Ada Botanist", DAY, "PhD")
    assert ledger.notice([a]).status == "approved" and ledger.notice([a]).notice == "The text of notice-approved."
    assert ledger.notice([a, b]).status == "submitted" and ledger.notice([a, b]).notice == "The text of notice."
    assert ledger.notice([]).status == "submitted"


@pytest.mark.parametrize(
    ("statement", "reviewer", "credential"),
    [
        ("no-such", "Ada Botanist", "PhD"),
        ("zorvex-dose", "anonymous", "PhD"),
        ("zorvex-dose", " ", "PhD"),
        ("zorvex-dose", "Ada Botanist", None),
    ],
)
def test_nothing_is_approved_anonymously(small, tmp_path, statement, reviewer, credential):
    ledger = Ledger(load(small), tmp_path)
    with pytest.raises(CitepathError):
        ledger.record(statement, "approved", reviewer, DAY, credential)
    assert not (tmp_path / "reviews.jsonl").exists()


def test_a_damaged_record_names_its_line(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    ledger.record("zorvex-dose", "under_review", "Ada Botanist", DAY)
    with (tmp_path / "reviews.jsonl").open("a") as f:
        f.write("{half a line\n")
    with pytest.raises(CitepathError, match=r"reviews\.jsonl:2"):
        Ledger(load(small), tmp_path)


def test_a_full_disk_takes_the_half_written_review_back(small, tmp_path):
    """The operating system refuses to let the file grow past a size, as a full disk would."""
    import resource
    import signal
    import subprocess
    import sys
    from pathlib import Path

    corpus = load(small)
    Ledger(corpus, tmp_path).record("zorvex-dose", "under_review", "Ada Botanist", DAY)
    before = (tmp_path / "reviews.jsonl").read_text()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, len(before) + 20))

    command = [sys.executable, "-m", "assistant.cli", "review", "submit", "talmyn-dose", "--reviewer", "Bo Lee"]
    command += ["--corpus", str(small), "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, cwd=Path(__file__).resolve().parent.parent)
    assert done.returncode == 2 and "could not be written" in done.stderr, done.stderr
    assert (tmp_path / "reviews.jsonl").read_text() == before
    assert len(Ledger(corpus, tmp_path).history("zorvex-dose")) == 1
