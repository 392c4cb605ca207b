"""The main journeys in a real browser, on a copy of the data; no serious accessibility fault on any page; nothing leaves the machine."""

import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import serving
from tests.test_engine import SEED

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: the browser was not tested"),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = ("", "sources", "pathway", "evidence", "planner", "review", "evaluation", "about")
READY = "The answer is ready above."


@pytest.fixture(scope="module")
def data(real_data, tmp_path_factory):
    """A copy of the data directory, so that no review or conversation of these tests reaches others."""
    return shutil.copytree(real_data, tmp_path_factory.mktemp("browser") / "data")


@pytest.fixture(scope="module")
def address(data):
    with serving("assistant.cli", "ui", "--no-browser", "--data", str(data), "--port") as url:
        yield url
    with pytest.raises(urllib.error.URLError):  # the command is the server: a signal to it ends both
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, address):
    """Opens a page of the app in a browser profile of its own."""
    contexts = []

    def visit(path: str = "", width: int = 1280, scheme: str = "light"):
        context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.outside = []
        own = (address, address.replace("http", "ws"), "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(own) else page.outside.append(r.url))
        page.goto(f"{address}/{path}")
        settled(page)
        return page

    yield visit
    for context in contexts:
        assert all(p.outside == [] for p in context.pages if hasattr(p, "outside"))
        context.close()


def settled(page) -> None:
    page.locator("h1").first.wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()


def ask(page, question):
    box = page.get_by_test_id("stChatInput").locator("textarea")
    box.fill(question)
    box.press("Enter")


def test_ask_cite_source_back_follow_up_and_export(visit):
    page = visit()
    page.get_by_text("A clinician", exact=True).click()
    ask(page, SEED)
    page.get_by_text(READY).wait_for(state="attached")
    for words in ("About the question", "Bottom line", "Options in the usual case", "Educational purpose only"):
        page.get_by_text(words).first.wait_for()
    page.locator('[data-testid="stPopover"] button:has-text("[1")').first.click()
    body = page.locator('[data-testid="stPopoverBody"]')
    body.get_by_text("no-serum-alk-level").wait_for()
    assert body.get_by_role("link", name="Open the source").first.get_attribute("href").startswith("https://")
    with page.context.expect_page() as opened:
        body.get_by_role("link", name="Open it in its document").first.click()
    source = opened.value
    source.get_by_text("no-serum-alk-level").first.wait_for(timeout=60_000)
    source.close()
    page.keyboard.press("Escape")
    ask(page, "alectinib dose with food?")
    page.get_by_text("four 150 mg capsules").last.wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Markdown").last.click()
    text = Path(saved.value.path()).read_text()
    assert "four 150 mg capsules" in text and "## References" in text and "pending human review" in text and "does not replace" in text


def test_a_patient_reads_plain_words_sets_a_fact_and_comes_back_to_the_conversation(visit):
    page = visit(width=390)
    ask(page, "I have ALK-positive lung cancer that has spread. What are my options?")
    page.get_by_text(READY).wait_for(state="attached")
    page.get_by_text("talk with your care team").first.wait_for()
    page.get_by_role("button", name="none yet").first.click()
    page.get_by_text("What doctors may discuss").last.wait_for()
    page.reload()
    settled(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="I have ALK-positive lung").click()
    page.get_by_text(READY).wait_for(state="attached")
    assert page.get_by_text("What doctors may discuss").count() > 0


def test_two_readers_do_not_see_each_other(visit):
    page, other = visit(), visit()
    ask(page, "alectinib missed dose")
    page.get_by_text(READY).wait_for(state="attached")
    other.reload()
    settled(other)
    assert other.get_by_text("alectinib missed dose").count() == 0 and other.get_by_text("Nothing is saved yet").count() == 1


def test_a_reviewer_signs_in_and_approves_what_answers_then_show(visit, data):
    command = [sys.executable, "-m", "assistant.cli", "review", "account", "add", "ada", "--name", "Ada Byron", "--credential", "MD"]
    done = subprocess.run([*command, "--data", str(data)], input="correct horse battery\n" * 2, text=True, cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr
    page = visit("review")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").first.fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Ada Byron").first.wait_for()
    page.get_by_label("Words in the statement").fill("four 150 mg capsules")
    page.get_by_label("Words in the statement").press("Enter")
    page.get_by_text("1 of 1").first.wait_for()
    page.locator(".st-key-review_approved_alectinib-dose-food button").click()
    page.get_by_text("● Approved (now)").wait_for()
    record = (data / "reviews.jsonl").read_text()
    assert '"approved"' in record and "Ada Byron" in record and "correct horse" not in record


def test_a_plan_is_made_and_taken_along(visit):
    page = visit("planner")
    page.get_by_text("By date", exact=True).first.wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Calendar").click()
    assert Path(saved.value.path()).read_text().startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("sources?statement=alectinib-dose-food", "four 150 mg capsules"),
        ("sources?reference=alectinib-label-fda", "alectinib-label-fda"),
        ("pathway?pathway=alk-nsclc&alk_result=positive&setting=resected", "Adjuvant alectinib"),
    ],
)
def test_an_address_opens_what_it_names(visit, path, words):
    visit(path).get_by_text(words).first.wait_for()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_no_page_has_a_serious_accessibility_fault_or_scrolls_sideways(visit, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page, found = visit(scheme=scheme, width=width), {}
    origin = page.url.rstrip("/")
    for path in (*PAGES, "answer"):
        page.goto(f"{origin}/{path if path != 'answer' else ''}")
        settled(page)
        if path == "answer":
            ask(page, "ALK-positive metastatic NSCLC, never treated, options?")
            page.get_by_text(READY).wait_for(state="attached")
            settled(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), path
        faults = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        if faults:
            found[path] = [(v["id"], v["nodes"][0]["html"][:200]) for v in faults]
    assert found == {}
