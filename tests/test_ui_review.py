"""The Review page through Streamlit's own test runner, on a copy of the small invented corpus and in a data directory of its own."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from assistant.accounts import Accounts
from assistant.review import Ledger
from ingest.content import Review
from ingest.index import build
from ingest.load import load
from tests.conftest import change
from tests.test_ui import ask, shown

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "moss grows on stones"
DOSE = "What is the dose of zorvex?"
pytestmark = pytest.mark.model


@pytest.fixture
def data(small, tmp_path, encoder_data, embeddings, monkeypatch):
    data = tmp_path / "data"
    data.mkdir()
    (data / "model").symlink_to(encoder_data / "model")
    build(load(small), embeddings, data)
    monkeypatch.setenv("CITEPATH_DATA", str(data))
    monkeypatch.setenv("CITEPATH_CORPUS", str(small))
    return data


@pytest.fixture
def account(data):
    return Accounts(data).add("ada", "Ada Botanist", "PhD, orchids", PASSWORD)


def app():
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not at.exception
    return at


def review(at=None):
    at = (at or app()).switch_page("assistant/ui/review.py").run()
    assert not at.exception
    return at


def sign_in(at, password=PASSWORD):
    at.text_input(key="review_user").set_value("ada")
    at.text_input(key="review_password").set_value(password)
    at.button(key="review_enter").click().run()
    assert not at.exception
    return at


def judge(at, id, to, comment=""):
    at.selectbox(key="review_statement").set_value(id).run()
    at.text_area(key=f"review_comment_{id}").set_value(comment)
    at.button(key=f"review_{to}_{id}").click().run()
    assert not at.exception
    return at


def counts(at):
    return {m.label: m.value for m in at.metric}


def keys(at):
    return {b.key for b in at.button}


def may_judge(at):
    return [k for k in keys(at) if k and k.startswith(("review_approved", "review_rejected", "review_under_review"))]


def test_without_an_account_the_page_names_the_command(data):
    at = review()
    assert at.code[0].value.startswith("citepath review account add") and "review_enter" not in keys(at)


def test_signed_out_one_may_read_and_not_judge(account):
    at = review()
    assert counts(at)["Submitted"] == "6" and "Nothing can be approved here without signing in" in shown(at)
    at.selectbox(key="review_statement").set_value("bloom-trial").run()
    assert "blinded review" in shown(at) and "An invented source named bloom2024" in shown(at)
    assert not may_judge(at)


@pytest.mark.parametrize("forged", ["ada", True, {"user": "ada", "name": "Ada Botanist"}, "account"])
def test_a_tampered_session_is_signed_out(account, forged):
    at = review()
    at.session_state["review_ticket"] = account if forged == "account" else forged
    at.run()
    assert not at.exception and "Signed in as" not in shown(at) and not may_judge(at)


def test_a_wrong_password_stays_out_and_no_password_is_kept(account):
    at = sign_in(review(), "wrong password here")
    assert "do not belong together" in shown(at) and not may_judge(at)
    assert at.text_input(key="review_password").value == "" and "wrong password here" not in repr(at.session_state)
    at = sign_in(at)
    assert "Ada Botanist" in shown(at) and PASSWORD not in repr(at.session_state)
    at.button(key="review_leave").click().run()
    assert not may_judge(at) and "Signed in as" not in shown(at)


def test_an_approval_is_recorded_under_the_account_and_every_reader_sees_it(account, data, small):
    reader = ask(app(), DOSE)
    assert "● Submitted" in shown(reader)
    at = sign_in(review())
    for s in load(small).statements.values():
        judge(at, s.id, "under_review")
        judge(at, s.id, "approved")
    assert counts(at) == {"Submitted": "0", "Under Review": "0", "Approved": "6", "Overdue": "0"}
    event = Ledger(load(small), data).history("zorvex-dose")[-1]
    assert (event.status, event.reviewer, event.credential, event.account) == ("approved", "Ada Botanist", "PhD, orchids", "ada")
    assert event.date == date.today() and event.wording.text.startswith("Zorvex is given as 40 mg")
    reader.run()
    assert "● Approved" in shown(reader) and "The text of notice-approved" in shown(reader), "an answer given before"
    assert "● Approved" in shown(ask(reader, DOSE))
    judge(at, "zorvex-dose", "rejected", "wrong dose")
    assert "● Approved" not in shown(reader.run())


def test_one_approval_changes_one_status_and_stays_until_the_reviewer_moves_on(account):
    at = sign_in(review())
    at.segmented_control(key="review_status").set_value("submitted").run()
    at = judge(at, "zorvex-dose", "approved")
    assert counts(at)["Approved"] == "1" and "zorvex-dose: Approved, recorded for Ada Botanist, PhD, orchids." in shown(at)
    assert at.selectbox(key="review_statement").value == "zorvex-dose" and at.button(key="review_approved_zorvex-dose").disabled
    at.button(key="review_next").click().run()
    assert at.selectbox(key="review_statement").value == "talmyn-dose" and "recorded for" not in shown(at)
    assert "zorvex-dose" not in at.selectbox(key="review_statement").options
    at.segmented_control(key="review_status").set_value("approved").run()
    assert at.selectbox(key="review_statement").value == "zorvex-dose" and "Approved; Ada Botanist, PhD, orchids; signed in" in shown(at)


def test_a_rejection_needs_a_comment_that_is_kept_in_the_history(account, data, small):
    at = judge(sign_in(review()), "zorvex-dose", "rejected", " ")
    assert "needs a comment" in shown(at) and not (data / "reviews.jsonl").exists()
    at = judge(at, "zorvex-dose", "rejected", "The *label* says 45 mg")
    assert "Rejected; Ada Botanist" in shown(at) and any(r"The \*label\* says 45 mg" in m.value for m in at.markdown)


def test_an_edit_returns_it_to_submitted_and_the_change_is_shown(account, data, small, embeddings):
    at = judge(sign_in(review()), "zorvex-dose", "approved")
    change(small, "documents/glimmer.md", "Zorvex is 40 mg once a day", "Zorvex is 40 mg just once a day")
    at = judge(at, "talmyn-dose", "approved")
    assert counts(at)["Approved"] == "2", "the text of this one is as it was shown"
    at = judge(at, "zorvex-dose", "under_review")
    assert "has changed since it was shown" in shown(at)
    build(load(small), embeddings, data)
    at.selectbox(key="review_statement").set_value("zorvex-dose").run()
    assert counts(at)["Approved"] == "1" and "● Submitted" in shown(at)
    assert "Changed since the last approval" in [h.value for h in at.subheader]
    assert "[added: **just**]" in shown(at) and "of an earlier text" in shown(at)


def test_an_answer_of_an_earlier_text_is_never_shown_as_approved(data, small, embeddings):
    def approve_all():
        corpus = load(small)
        for id in corpus.statements:
            Ledger(corpus, data).record(id, "approved", "Ada Botanist", date.today(), "PhD")

    reader = ask(app(), DOSE)
    approve_all()
    assert "● Approved" in shown(reader.run())
    change(small, "documents/glimmer.md", "Zorvex is 40 mg once a day", "Zorvex is 40 mg just once a day")
    build(load(small), embeddings, data)
    approve_all()
    assert "● Submitted" in shown(reader.run()) and "● Approved" not in shown(reader)
    assert "● Approved" in shown(ask(reader, DOSE))


def test_an_account_removed_meanwhile_cannot_approve(account, data):
    at = sign_in(review())
    Accounts(data).remove("ada")
    at.button(key="review_approved_zorvex-first").click().run()
    assert not at.exception
    assert "not signed in" in shown(at) and not (data / "reviews.jsonl").exists()


def test_a_damaged_record_or_account_file_is_a_clear_message(account, data):
    at = review()
    (data / "reviews.jsonl").write_text("{half\n")
    at.run()
    assert not at.exception and "reviews.jsonl:1" in at.error[0].value
    (data / "reviews.jsonl").unlink()
    (data / "accounts.json").write_text("[]")
    at.run()
    assert not at.exception and "accounts.json" in at.error[0].value


def test_the_export_is_what_the_corpus_loads(account, data, small):
    at = judge(sign_in(review()), "zorvex-dose", "approved")
    assert "Export 1 review" in at.get("download_button")[0].proto.label
    from ingest.reviews import as_yaml

    own = Ledger(load(small), data).own
    assert [Review.model_validate(e) for e in yaml.safe_load(as_yaml(own))] == list(own)


def test_nothing_matches_is_said(account):
    at = review()
    at.text_input(key="review_words").set_value("no such words").run()
    assert not at.exception and "No statement matches" in shown(at)
