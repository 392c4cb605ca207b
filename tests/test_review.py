"""Reviews: bound to the very text, named, append-only."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.accounts import Accounts
from assistant.review import Ledger, parse_record
from assistant.reviewing import Wish, changed, changes, judge, queue, users
from ingest.content import Review, Wording
from ingest.errors import CitepathError
from ingest.load import load
from ingest.reviews import as_yaml, export
from tests.conftest import change

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 1, 3)
PASSWORD = "moss grows on stones"


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
    with pytest.raises(CitepathError, match=r"reviews\.jsonl:2.*Remove that last line"):
        Ledger(load(small), tmp_path)


def test_a_full_disk_takes_the_half_written_review_back(small, tmp_path):
    """The operating system refuses to let the file grow past a size, as a full disk would."""
    import resource
    import signal

    corpus = load(small)
    Ledger(corpus, tmp_path).record("zorvex-dose", "under_review", "Ada Botanist", DAY)
    before = (tmp_path / "reviews.jsonl").read_text()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, len(before) + 20))

    command = [sys.executable, "-m", "assistant.cli", "review", "submit", "talmyn-dose", "--reviewer", "Bo Lee"]
    command += ["--corpus", str(small), "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, cwd=ROOT)
    assert done.returncode == 2 and "could not be written" in done.stderr, done.stderr
    assert (tmp_path / "reviews.jsonl").read_text() == before
    assert len(Ledger(corpus, tmp_path).history("zorvex-dose")) == 1


def approve(ledger, id="zorvex-dose", day=DAY):
    return ledger.record(id, "approved", "Ada Botanist", day, "PhD")


def test_an_event_keeps_what_was_judged_so_that_an_edit_can_be_shown(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    assert ledger.last_approved("zorvex-dose") is None
    approve(ledger)
    change(small, "documents/glimmer.md", "Zorvex is 40 mg once a day with water.", "Zorvex is 40 mg just once a day.")
    change(small, "documents/glimmer.md", "times_daily: 1}", "times_daily: 1, food: none}")
    edited = load(small)
    approved = Ledger(edited, tmp_path).last_approved("zorvex-dose")
    found = dict(changed(approved.wording, Wording.of(edited.statements["zorvex-dose"])))
    assert list(found) == ["plain", "values"]
    assert found["plain"] == [
        ("same", "Zorvex is 40 mg"),
        ("added", "just"),
        ("same", "once a"),
        ("removed", "day with water."),
        ("added", "day."),
    ]


def test_a_rejected_text_is_not_the_last_approved_one(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    approve(ledger)
    change(small, "documents/glimmer.md", "40 mg once daily", "45 mg once daily")
    later = Ledger(load(small), tmp_path)
    second = approve(later)
    assert later.last_approved("zorvex-dose") == second
    later.record("zorvex-dose", "under_review", "Bo Lee", DAY)
    assert later.last_approved("zorvex-dose") == second
    later.record("zorvex-dose", "rejected", "Bo Lee", DAY, "MD")
    assert "40 mg" in later.last_approved("zorvex-dose").wording.text


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_changes_lead_from_the_old_text_to_the_new_one(old, new):
    found = changes(old, new)
    assert " ".join(t for kind, t in found if kind != "added").split() == old.split()
    assert " ".join(t for kind, t in found if kind != "removed").split() == new.split()
    assert (old.split() == new.split()) == all(kind == "same" for kind, _ in found)


def test_events_of_other_processes_are_seen_and_none_is_lost(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    statement = ledger._corpus.statements["zorvex-dose"]
    assert ledger.status(statement) == "submitted"
    code = (
        "import sys; from datetime import date; from pathlib import Path; from assistant.review import Ledger; from ingest.load import load\n"
        "ledger = Ledger(load(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "for _ in range(10): ledger.record('zorvex-dose', 'approved', 'Ada Botanist', date(2026, 1, 3), 'PhD')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(small), str(tmp_path)], cwd=ROOT) for _ in range(3)]
    assert [w.wait() for w in writers] == [0, 0, 0]
    assert ledger.status(statement) == "approved" and len(ledger.history("zorvex-dose")) == 30
    assert len(parse_record((tmp_path / "reviews.jsonl").read_bytes(), "record")) == 30


@pytest.mark.parametrize("tamper", ["change", "remove", "insert"])
def test_a_changed_removed_or_added_line_is_noticed_at_the_next(small, tmp_path, tamper):
    ledger = Ledger(load(small), tmp_path)
    for id in ("zorvex-dose", "talmyn-dose", "bloom-trial"):
        approve(ledger, id)
    path = tmp_path / "reviews.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    if tamper == "change":
        lines[1] = lines[1].replace("Ada Botanist", "Eve Botanist")
    elif tamper == "remove":
        del lines[1]
    else:
        lines.insert(1, json.dumps({k: v for k, v in json.loads(lines[0]).items() if k != "previous"}) + "\n")
    path.write_text("".join(lines))
    with pytest.raises(CitepathError, match=r"reviews\.jsonl:[23]: a line before this one"):
        Ledger(load(small), tmp_path)
    with pytest.raises(CitepathError, match="Restore"):
        ledger.history("zorvex-dose")


def test_records_from_before_digests_and_wordings_were_kept_stay_valid(small, tmp_path):
    corpus = load(small)
    digest = corpus.statements["zorvex-dose"].digest
    old = {"statement": "zorvex-dose", "digest": digest, "status": "approved", "reviewer": "Ada Botanist", "credential": "PhD"}
    old |= {"date": "2026-01-03", "comment": None}
    path = tmp_path / "reviews.jsonl"
    path.write_text(json.dumps(old))  # without an end of line, as an editor may leave it
    ledger = Ledger(corpus, tmp_path)
    assert ledger.status(corpus.statements["zorvex-dose"]) == "approved" and ledger.last_approved("zorvex-dose").wording is None
    approve(ledger, "talmyn-dose")
    assert len(Ledger(corpus, tmp_path).own) == 2
    path.write_text(path.read_text().replace("Ada", "Eve", 1))
    with pytest.raises(CitepathError, match=r"reviews\.jsonl:2"):
        Ledger(corpus, tmp_path)


def test_a_comment_of_any_characters_is_kept_on_one_line(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    comment = "two\nlines\u2028and\u0085more: - 'yes' #"
    ledger.record("zorvex-dose", "rejected", "Ada Botanist", DAY, "PhD", comment)
    assert Ledger(load(small), tmp_path).history("zorvex-dose")[0].comment == comment


def test_what_was_not_shown_is_not_approved_nor_what_lies_before_a_later_review(small, tmp_path):
    ledger = Ledger(load(small), tmp_path)
    with pytest.raises(CitepathError, match="has changed since it was shown"):
        ledger.record("zorvex-dose", "approved", "Ada Botanist", DAY, "PhD", shown="another")
    approve(ledger, day=DAY + timedelta(1))
    with pytest.raises(CitepathError, match="clock"):
        approve(ledger)


def test_exported_events_are_in_the_corpus_once_and_the_status_stays(small, tmp_path):
    data = tmp_path / "d"
    ledger = Ledger(load(small), data)
    ledger.record("zorvex-dose", "under_review", "Ada Botanist", DAY)
    ledger.record("zorvex-dose", "rejected", "Ada Botanist", DAY, "PhD", "Is: it\n'40' #mg?")
    approve(ledger)
    approve(ledger)
    path = export(ledger.own, small, DAY)
    again = Ledger(load(small), data)
    assert path.name == "2026-01-03.yaml" and again.own == () and again.history("zorvex-dose") == ledger.history("zorvex-dose")
    approve(again, "bloom-trial")
    before = path.read_text()
    export(again.own, small, DAY)
    assert path.read_text().startswith(before)
    elsewhere = Ledger(load(small), tmp_path / "other")
    assert len(load(small).reviews) == 5 and elsewhere.status(load(small).statements["bloom-trial"]) == "approved"


def test_a_later_rejection_counts_whatever_file_it_comes_from(small, tmp_path):
    approve(Ledger(load(small), tmp_path / "b"))
    ledger = Ledger(load(small), tmp_path / "a")
    ledger.record("zorvex-dose", "rejected", "Bo Lee", DAY + timedelta(2), "MD")
    export(ledger.own, small, DAY)
    assert Ledger(load(small), tmp_path / "b").status(load(small).statements["zorvex-dose"]) == "submitted"


def test_a_file_that_cannot_be_added_to_stays_as_it_is(small, tmp_path):
    ledger = Ledger(load(small), tmp_path / "d")
    approve(ledger)
    (small / "reviews").mkdir()
    (small / "reviews" / "2026-01-03.yaml").write_text("[]\n")
    with pytest.raises(CitepathError, match="cannot be added to"):
        export(ledger.own, small, DAY)
    assert (small / "reviews" / "2026-01-03.yaml").read_text() == "[]\n"


@settings(deadline=None)
@given(st.text(min_size=1).filter(str.strip), st.dictionaries(st.text(), st.floats(-1e9, 1e9) | st.text() | st.booleans()))
def test_any_event_survives_its_yaml(text, values):
    import yaml

    wording = Wording(text=text, plain=text, kind="dosing", citations=("a",), values=values)
    event = Review(statement="s", digest="0", status="rejected", reviewer="Ada Lee", date=DAY, comment=text, wording=wording)
    assert [Review.model_validate(e) for e in yaml.safe_load(as_yaml([event]))] == [event]


def test_the_queue_by_status_document_kind_words_and_day(small, tmp_path):
    change(small, "documents/glimmer.md", "  - topics: talmyn, dose", "  - topics: talmyn, dose\n  - review_by: 2026-01-02")
    corpus = load(small)
    ledger = Ledger(corpus, tmp_path)
    approve(ledger)

    def ids(day=DAY, **wish):
        return [s.id for s in queue(corpus, ledger, Wish(**wish), day)]

    assert ids(status="approved") == ["zorvex-dose"] and len(ids(status="submitted")) == 5 and ids(document="x") == []
    assert ids(kind="dosing", words="WATER talmyn") == ["talmyn-dose"] and ids(words="bloom-trial") == ["bloom-trial"]
    assert ids(status="approved", keep="talmyn-dose", kind="dosing") == ["zorvex-dose", "talmyn-dose"]
    assert ids(overdue=True) == ["talmyn-dose"] and ids(overdue=True, day=date(2026, 1, 2)) == []


def test_who_uses_a_statement(small):
    corpus = load(small)
    assert users(corpus, "talmyn-dose") == ["Glimmer blight: Untreated glimmer blight", "Glimmer blight: Blight after zorvex"]
    assert users(corpus, "moonlight-harm") == ["Glimmer blight: Moonlight lamps ruled out"]


def test_only_who_is_signed_in_judges_and_under_the_account_s_name(small, tmp_path):
    corpus = load(small)
    ledger, accounts = Ledger(corpus, tmp_path), Accounts(tmp_path)
    accounts.add("ada", "Ada Botanist", "PhD, orchids", PASSWORD)
    ticket = accounts.sign_in("ada", PASSWORD)
    shown = corpus.statements["zorvex-dose"].digest

    def judged(ticket, status="approved", comment="", shown=shown):
        return judge(ledger, accounts, ticket, "zorvex-dose", shown, status, comment, DAY)

    for forged in (None, "ada", True, accounts.all()[0]):
        with pytest.raises(CitepathError, match="not signed in"):
            judged(forged)
    with pytest.raises(CitepathError, match="needs a comment"):
        judged(ticket, "rejected", "  ")
    with pytest.raises(CitepathError, match="has changed"):
        judged(ticket, shown="older")
    assert ledger.history("zorvex-dose") == []
    event = judged(ticket)
    assert (event.reviewer, event.credential, event.account) == ("Ada Botanist", "PhD, orchids", "ada")
    accounts.remove("ada")
    with pytest.raises(CitepathError, match="not signed in"):
        judged(ticket)


def test_the_command_line_exports_once(run, small, tmp_path):
    where = ("--corpus", str(small), "--data", str(tmp_path / "d"))
    assert "nothing" in run("review", "export", *where, check=0).stdout
    run("review", "approve", "zorvex-dose", "--reviewer", "Ada Botanist", "--credential", "PhD", *where, check=0)
    assert "Added 1 event(s)" in run("review", "export", *where, check=0).stdout
    assert "nothing" in run("review", "export", *where, check=0).stdout
    assert run("review", "list", "--status", "approved", *where, check=0).stdout.split()[-1] == "zorvex-dose"
