"""Review events as a content file: what `corpus/reviews/` holds, added to so that nothing there is lost."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from ingest.content import Review
from ingest.errors import CitepathError
from ingest.files import write_text
from ingest.parse import Unreadable, parse

_PLAIN = re.compile(r"[\n -~\u00a0-\u1fff]*")  # what YAML keeps as it is without escapes


class _Dumper(yaml.SafeDumper):
    """Writes texts of other characters in quotes, with escapes."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, None if _PLAIN.fullmatch(data) else '"')


_Dumper.add_representer(str, _Dumper.represent_str)


def as_yaml(events: Sequence[Review]) -> str:
    """Returns the events as the YAML list that `corpus/reviews/<name>.yaml` holds; empty text for none."""
    entries = [{**e.model_dump(mode="json", exclude_none=True), "date": e.date} for e in events]
    return yaml.dump(entries, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120) if entries else ""


def export(events: Sequence[Review], root: Path, today: date) -> Path:
    """Adds the events to `reviews/<today>.yaml` of the content folder `root`, and returns that file; what it held stays as it is.

    Raises:
        CitepathError: the file holds what cannot be added to, or cannot be written.
    """
    path = root / "reviews" / f"{today}.yaml"
    try:
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        text = before + ("\n" if before and not before.endswith("\n") else "") + as_yaml(events)
        if len(_entries(text, path.name)) != len(_entries(before, path.name)) + len(events):
            raise CitepathError(f"{path} cannot be added to.", "Write it as a list of entries that each begin with a hyphen.")
        write_text(path, text)
    except OSError as e:
        raise CitepathError(f"{path} could not be written ({e.strerror}).", "Name a content folder that can be written.") from e
    return path


def _entries(text: str, name: str) -> list:
    """Returns the entries of a list; none where the text is no list."""
    try:
        value, _ = parse(text, name)
    except Unreadable:
        return []
    return value if isinstance(value, list) else []
