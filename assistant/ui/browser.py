"""What only the browser knows or can do: whose conversations these are, and where the page is scrolled to.

The scripts are the app's own and small; nothing is loaded from elsewhere, and neither takes any room on the page.
"""

import contextlib
import re
import secrets

import streamlit as st

from assistant.store import Store
from ingest.errors import CitepathError

_OWNER = re.compile(r"[0-9a-f]{32}")
_NOWHERE = "nowhere"

_HIDE = """
function hide(element) {
  const box = element.closest('[data-testid="stElementContainer"]');
  if (box) box.style.display = "none";
}
"""

_IDENTITY = st.components.v2.component(
    "citepath.identity",
    isolate_styles=False,
    js=_HIDE
    + """
const KEY = "citepath-owner", KNOWN = /^[0-9a-f]{32}$/;
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export default function ({ data, parentElement, setStateValue }) {
  hide(parentElement);
  let owner = "nowhere";
  try {
    if (!KNOWN.test(localStorage.getItem(KEY) ?? "")) localStorage.setItem(KEY, random());
    owner = localStorage.getItem(KEY) ?? owner;
  } catch {}
  if (owner !== data.known) setStateValue("owner", owner);
}
""",
)

_SCROLL = st.components.v2.component(
    "citepath.scroll",
    isolate_styles=False,
    js=_HIDE
    + """
const HOLD = 8000, SPACE = 8;  // ms after the page has settled, px
const INPUTS = ["wheel", "touchmove", "pointerdown", "keydown"];

const header = () => document.querySelector('[data-testid="stHeader"]')?.getBoundingClientRect().bottom ?? 0;
const running = () => document.querySelector('[data-test-script-state="running"]') !== null;

function scroller(element) {
  for (let e = element.parentElement; e; e = e.parentElement)
    if (e.scrollHeight > e.clientHeight && /auto|scroll/.test(getComputedStyle(e).overflowY)) return e;
  return null;
}

export default function ({ data, parentElement }) {
  hide(parentElement);
  const current = () => parentElement.isConnected && parentElement.dataset.once === data.once;
  if (current()) return;
  parentElement.dataset.once = data.once;
  let until = performance.now() + HOLD, stopped = false;
  const stop = (event) => { stopped ||= event.isTrusted; };
  for (const name of INPUTS) addEventListener(name, stop, { capture: true, passive: true });
  const step = () => {
    const now = performance.now();
    const target = document.querySelector(`.st-key-${CSS.escape(data.key)}`);
    if (!target || running()) until = now + HOLD;
    const box = target && scroller(target);
    if (box && !stopped) {
      const away = target.getBoundingClientRect().top - Math.max(header(), box.getBoundingClientRect().top) - SPACE;
      if (Math.abs(away) > 1) {
        box.dispatchEvent(new WheelEvent("wheel"));  // ends the page's own scrolling
        box.scrollTop += away;
      }
    }
    if (!stopped && current() && now < until) return requestAnimationFrame(step);
    for (const name of INPUTS) removeEventListener(name, stop, { capture: true });
    if (target && !stopped && (document.activeElement ?? document.body) === document.body) {
      target.tabIndex = -1;
      target.style.outline = "none";
      target.focus({ preventScroll: true });
    }
  };
  requestAnimationFrame(step);
}
""",
)


def owner(store: Store) -> str | None:
    """Returns the owner of this browser's conversations; None where the browser keeps nothing between visits.

    The browser draws 128 random bits once and keeps them in its local storage. They are a capability, not a login: whoever
    uses this browser profile sees its conversations, no other browser does, and clearing the site's data gives them up.
    Until the browser has told them (a moment, or never where no script runs) the session has an owner of its own, whose
    conversations are then the browser's. What a client sends is taken only in that form.
    """
    session = st.session_state
    own = session.setdefault("owner", f"session-{secrets.token_hex(16)}")
    told = _IDENTITY(key="browser_owner", data={"known": own or _NOWHERE}, on_owner_change=_taken).owner
    if told == own or not isinstance(told, str) or not (told == _NOWHERE or _OWNER.fullmatch(told)):
        return own
    with contextlib.suppress(CitepathError):  # the page tells of it where conversations are listed; the next run tries again
        if own and not _OWNER.fullmatch(own):
            store.delete_all(own) if told == _NOWHERE else store.move(own, told)
        session.owner = None if told == _NOWHERE else told
    return session.owner


def scroll_to(key: str, once: str) -> None:
    """Brings the beginning of the container with that key to the top of the page: once for each value of `once`, and when the page is shown anew.

    A page with a chat input follows its foot while it grows; this holds the place until the page has settled or the reader
    scrolls or types. It does so without motion. The focus follows only where the element that had it is gone.
    """
    _SCROLL(key="browser_scroll", data={"key": key, "once": once})


def _taken() -> None:
    """A state of a component needs a callback to be passed on; the next run reads it."""
