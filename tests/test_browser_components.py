"""In a real browser: the page goes to the beginning of a new answer, and each browser has its own conversations."""

import re

import pytest

from tests.conftest import ROOT, serving
from tests.test_browser import CHROMIUM, FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: the browser was not tested")]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    data = str(tmp_path_factory.mktemp("data"))
    command = ("streamlit", "run", "tests/data/chat.py", "--server.headless", "true", "--server.port")
    with serving(*command, CITEPATH_DATA=data, PYTHONPATH=str(ROOT)) as url:
        yield url


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(chromium, address):
    """Opens the page in a new browser profile, of a width; `before` is a script run before the page's own."""
    contexts = []

    def visit(width: int = 1280, before: str = ""):
        context = chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.add_init_script(before)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.faults = []
        page.on("pageerror", lambda e: page.faults.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else page.faults.append(r.url))
        page.goto(address)
        page.get_by_test_id("stChatInput").wait_for()
        return page

    yield visit
    for context in contexts:
        context.close()


def ask(page, question: str, number: int) -> None:
    box = page.get_by_test_id("stChatInput").locator("textarea")
    box.fill(question)
    box.press("Enter")
    page.get_by_text(f"Sentence 59 of the answer to {question}.").wait_for(state="attached")
    page.locator(f".st-key-again_{number}").wait_for(state="attached")


def settled(page) -> None:
    """Waits until the page has kept its place for two seconds."""
    page.wait_for_function(
        """() => { const at = [...document.querySelectorAll('[class*="st-key-turn_"]')].map((e) => e.getBoundingClientRect().top).join();
        if (at !== window.at) { window.at = at; window.since = Date.now(); } return Date.now() - window.since > 2000; }"""
    )


def top(page, number: int) -> float:
    return page.locator(f".st-key-turn_{number}").bounding_box()["y"]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_new_answer_is_shown_from_its_beginning_and_then_left_alone(visit, width):
    page = visit(width)
    for number in (1, 2):
        ask(page, f"question {number}", number)
        settled(page)
        assert 0 < top(page, number) < 200, number
        assert page.get_by_text(f"Sentence 3 of the answer to question {number}.").bounding_box()["y"] < 900
        assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"  # whoever types goes on typing
    page.mouse.move(width / 2, 450)
    page.mouse.wheel(0, -50)
    page.locator(".st-key-turn_1").evaluate("e => e.scrollIntoView()")
    settled(page)
    before = top(page, 2)
    page.locator(".st-key-again_2 button").evaluate("e => e.click()")
    settled(page)
    assert abs(top(page, 2) - before) < 5 and before > 900
    if width > 1000:  # reopened, it is shown from its last question too
        page.get_by_role("button", name="New conversation").click()
        page.locator(".st-key-turn_1").wait_for(state="detached")
        page.get_by_role("button", name="question 1").click()
        page.get_by_text("Sentence 59 of the answer to question 2.").wait_for(state="attached")
        settled(page)
        assert 0 < top(page, 2) < 200
    assert page.faults == []


def test_each_browser_has_its_own_conversations_over_visits(visit):
    page, other = visit(), visit()
    ask(page, "of the first", 1)
    ask(other, "of the second", 1)
    owners = [p.evaluate("localStorage['citepath-owner']") for p in (page, other)]
    assert all(re.fullmatch("[0-9a-f]{32}", o) for o in owners) and owners[0] != owners[1]
    page.reload()
    page.get_by_role("button", name="of the first").click()
    page.get_by_text("Sentence 0 of the answer to of the first.").wait_for()
    assert page.get_by_text("of the second").count() == 0 and page.evaluate("localStorage['citepath-owner']") == owners[0]
    page.evaluate("localStorage['citepath-owner'] = '<script>'")
    page.reload()
    page.get_by_text("Nothing is saved yet").wait_for()
    page.wait_for_function("/^[0-9a-f]{32}$/.test(localStorage['citepath-owner'])")
    assert page.faults == other.faults == []


def test_a_browser_without_storage_saves_nothing(visit):
    page = visit(before="Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })")
    page.get_by_text("This browser keeps nothing between visits").wait_for()
    ask(page, "anything", 1)
    assert page.get_by_text("Nothing is saved yet").count() == 0


def test_the_components_take_no_room(visit):
    page = visit()
    ask(page, "anything", 1)
    settled(page)
    boxes = page.locator('[data-testid="stBidiComponentRegular"]')
    assert boxes.count() == 2 and not any(boxes.nth(i).is_visible() for i in range(2))
    assert page.locator('[data-testid="stElementContainer"]:has([data-testid="stBidiComponentRegular"])').first.bounding_box() is None
