"""One journey in a real browser: ask the seed's question, open a citation, follow up; nothing leaves the machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

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


@pytest.fixture(scope="module")
def address(real_data):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = {**os.environ, "CITEPATH_DATA": str(real_data)}
    command = [sys.executable, "-m", "assistant.cli", "ui", "--no-browser", "--port", str(port), "--data", str(real_data)]
    server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    url = f"http://localhost:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    else:
        raise AssertionError("the app did not start")
    yield url
    os.killpg(server.pid, 15)
    server.wait(20)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.outside = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((address, address.replace("http", "ws"), "data:", "blob:")) else page.outside.append(r.url),
    )
    page.goto(address)
    page.get_by_text("Which best describes you?").wait_for()
    yield page
    context.close()


def ask(page, question):
    box = page.get_by_test_id("stChatInput").locator("textarea")
    box.fill(question)
    box.press("Enter")


def test_ask_the_seed_question_open_a_citation_and_follow_up(page):
    page.get_by_text("A clinician", exact=True).click()
    ask(page, SEED)
    page.get_by_text("The answer is ready above.").wait_for()
    for words in ("About the question", "Bottom line", "Options in the usual case", "Educational purpose only"):
        assert page.get_by_text(words).first.is_visible(), words
    citation = page.locator('[data-testid="stPopover"] button:visible').first
    citation.click()
    body = page.locator('[data-testid="stPopoverBody"]')
    body.get_by_text("Curated statement").wait_for()
    assert body.get_by_text("no-serum-alk-level").is_visible()
    link = body.get_by_role("link", name="Open the source").first
    assert link.get_attribute("href").startswith("https://")
    page.keyboard.press("Escape")
    ask(page, "alectinib dose with food?")
    page.get_by_text("four 150 mg capsules").last.wait_for()
    assert page.outside == []


def test_two_readers_do_not_see_each_other(browser, address, page):
    ask(page, "alectinib missed dose")
    page.get_by_text("The answer is ready above.").wait_for()
    other = browser.new_context().new_page()
    other.goto(address)
    other.get_by_text("Which best describes you?").wait_for()
    assert other.get_by_text("alectinib missed dose").count() == 0
    other.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_scrolls_sideways(browser, address, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    for path in ("", "/sources", "/review", "/about"):
        page = context.new_page()
        page.goto(address + path)
        page.locator("h1, h2").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), path
    context.close()
