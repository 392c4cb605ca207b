"""The README says what is true: its commands exist, its answer is the real one."""

import re
from pathlib import Path

import pytest

from tests.test_engine import SEED

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_command_is_in_the_readme_and_the_reverse(run):
    help_text = run("--help", check=0).stdout
    commands = set(re.findall(r"^  ([a-z]+) ", help_text.split("Commands:")[1], re.MULTILINE))
    assert commands == set(re.findall(r"^\| `citepath ([a-z]+)", README, re.MULTILINE))


@pytest.mark.model
def test_the_answer_in_the_readme_is_the_real_one(run, real_data):
    assert SEED in README
    block = README.split("```text\n")[1].split("\n```")[0]
    block = re.sub(r"corpus [0-9a-f]+ ", "", block)
    real = " ".join(run("ask", SEED, "--data", str(real_data), check=0, COLUMNS="100").stdout.split())
    real = re.sub(r"corpus [0-9a-f]+ ", "", real)
    for part in block.split("…"):
        assert " ".join(part.split()) in real, part[:300]


def test_make_targets_in_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in ("run", "test"):
        assert f"make {target}" in README and re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_no_workplace_words():
    for path in [
        *ROOT.glob("*.*"),
        *ROOT.glob("ingest/*.py"),
        *ROOT.glob("assistant/**/*.py"),
        *ROOT.glob("corpus/**/*.*"),
        ROOT / "Makefile",
    ]:
        if path.is_file() and path.suffix not in {".png"}:
            text = path.read_text()
            assert "/work/" not in text and "../shared" not in text and "/opt/" not in text, path
