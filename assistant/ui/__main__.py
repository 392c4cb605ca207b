"""Starts the app's server: `python -m assistant.ui [Streamlit's options]`; the assistant is loaded meanwhile."""

import sys
from pathlib import Path

from streamlit.web import cli

from assistant.ui.resources import preload

if __name__ == "__main__":
    preload()
    sys.exit(cli.main(["run", str(Path(__file__).resolve().parents[2] / "app.py"), *sys.argv[1:]]))
