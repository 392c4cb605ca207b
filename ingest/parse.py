"""A content file to values that know their lines: YAML read with the line of each place, models built with every fault placed."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from ingest.errors import Fault

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):
    """A file that cannot be parsed; carries its fault."""

    def __init__(self, fault: Fault):
        self.fault = fault


def read(path: Path, name: str) -> str:
    """Returns the text of a file. Raises Unreadable when it is no UTF-8 text or cannot be opened."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as e:
        line = path.read_bytes()[: e.start].count(b"\n") + 1
        raise Unreadable(Fault(name, line, "file", "is not UTF-8 text")) from e
    except OSError as e:
        raise Unreadable(Fault(name, 1, "file", f"cannot be read: {e.strerror}")) from e


def parse(text: str, name: str, offset: int = 0) -> tuple[Any, dict[tuple, int]]:
    """Returns the YAML value and the line of each location in it; raises Unreadable."""
    try:
        loader = LOADER(text)
        try:
            node = loader.get_single_node()
            lines: dict[tuple, int] = {}
            _collect(node, (), lines, offset, name)
            return (loader.construct_document(node) if node else None), lines
        finally:
            loader.dispose()
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        problem = getattr(e, "problem", None) or str(e).splitlines()[0]
        raise Unreadable(Fault(name, (mark.line if mark else 0) + 1 + offset, "yaml", problem)) from e
    except ValueError as e:
        raise Unreadable(Fault(name, 1 + offset, "yaml", str(e))) from e


def build(model: type[BaseModel], value: Any, name: str, lines: dict[tuple, int], place: tuple, faults: list[Fault]):
    """Returns the model, or None with its faults added."""
    if not isinstance(value, dict):
        faults.append(Fault(name, lines.get(place, 1), "file", "should be a mapping of fields"))
        return None
    try:
        return model.model_validate(value)
    except ValidationError as e:
        for error in e.errors(include_url=False):
            at = (*place, *(str(p) if isinstance(p, str) else p for p in error["loc"]))
            field = ".".join(str(p) for p in error["loc"] if p != "[key]") or "file"
            while at not in lines and len(at) > len(place):
                at = at[:-1]
            problem = error["msg"].removeprefix("Value error, ")
            if error["type"] == "extra_forbidden":
                problem = f"unknown field; valid: {', '.join(model.model_fields)}"
            faults.append(Fault(name, lines.get(at, lines.get(place, 1)), field, problem))
        return None


def _collect(node, place: tuple, lines: dict[tuple, int], offset: int, name: str) -> None:
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1 + offset)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise Unreadable(Fault(name, key.start_mark.line + 1 + offset, str(key.value), "this key is there twice"))
            seen.add(key.value)
            lines[(*place, key.value)] = key.start_mark.line + 1 + offset
            _collect(value, (*place, key.value), lines, offset, name)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _collect(value, (*place, i), lines, offset, name)
