"""A pathway as a picture: its rules as a ladder, read from top to bottom, with the way one patient takes.

A ladder and no tree: the first rule that applies decides, and a tree would hide that order and repeat half of the rules under each earlier
answer. Its layout is arithmetic, so nothing is needed for it: networkx and grandalf place points or boxes but wrap no text, graphviz is a program
of its own. The picture holds text and plain attributes, no script or font, so that a page, a browser and an editor show the same.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from assistant.answer import Decision
from assistant.pathway import State, decide
from assistant.walk import ELSE, Step, described, facts_line, steps, values_line
from ingest.content import Pathway, Variable


def mermaid(pathway: Pathway, node: str | None) -> str:
    """Returns the pathway as a Mermaid flowchart, the node reached drawn with a thick border."""
    lines = ["flowchart TD", '  start(["start"])']
    previous = "start"
    for i, rule in enumerate(pathway.decide, 1):
        condition = " and ".join(f"{pathway.variables[n].question.rstrip('?')}: {values_line(pathway, n, rule)}" for n in rule.when)
        lines.append(f'  r{i}{{"{(condition or "otherwise").replace(chr(34), chr(39))}"}}')
        lines.append(f"  {previous} {'--' if previous == 'start' else '-- no --'}> r{i}")
        lines.append(f"  r{i} -- yes --> {rule.reach}")
        previous = f"r{i}"
    lines += [f'  {n}["{reached.title.replace(chr(34), chr(39))}"]' for n, reached in pathway.nodes.items()]
    if node:
        lines.append(f"  style {node} stroke-width:4px")
    return "\n".join(lines)


def svg(pathway: Pathway, facts: State, foot: Sequence[str] = (), narrow: bool = False) -> str:
    """Returns the pathway as an SVG document, the way of a patient with these facts drawn thick and in words.

    It is 720 units wide; a `narrow` one is 400, with each node below its rule, to be read on a telephone.

    `foot` is printed below, a paragraph each. The title and description hold in words what the picture shows. It is light, and dark where
    what shows it is dark.

    Raises:
        ValueError: as `decide`.
    """
    decision, art = decide(pathway, facts), _Art(_NARROW if narrow else _WIDE)
    _head(art, pathway, decision, facts)
    _ladder(art, pathway, decision, facts)
    _legend(art)
    for paragraph in foot:
        art.paragraph(paragraph, _MARGIN, 12, _SOFT)
        art.y += 4
    width, height = art.frame.width, art.y + _MARGIN
    key = f"pathway-{pathway.id}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc" font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">'
        f'<title id="{key}-title">{escape(pathway.title)}: the pathway and the way taken</title>'
        f'<desc id="{key}-desc">{escape(described(pathway, decision))}</desc>'
        f"<style>@media screen and (prefers-color-scheme: dark){{{_STYLE}}}</style>"
        f'<rect width="{width}" height="{height}" rx="16" fill="{_GROUND}" stroke="{_EDGE}"/>'
        f"{''.join(art.back)}{''.join(art.front)}</svg>"
    )


# Behind all, behind a question, text, less important text; lines, boxes, the way taken, the node it reaches, what is needed.
_GROUND, _PANEL, _INK, _SOFT = "#FFFFFF", "#F1F5F9", "#111827", "#475569"
_LINE, _EDGE, _WAY, _TINT, _WAIT = "#94A3B8", "#CBD5E1", "#0F766E", "#DDF3EF", "#92400E"
_DARK = {
    **{_GROUND: "#0E1117", _PANEL: "#1B2230", _INK: "#F3F4F6", _SOFT: "#B6C2D1"},
    **{_LINE: "#64748B", _EDGE: "#3B4657", _WAY: "#2DD4BF", _TINT: "#10332F", _WAIT: "#FBBF24"},
}
_STYLE = "".join(f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in _DARK.items())
_MARGIN, _SPINE, _TEXT = 24, 44, 72  # x of the text around the ladder, of the spine and of the conditions


@dataclass(frozen=True)
class _Frame:
    """Where things stand across: the whole `width`, the conditions' end, the nodes' start and end; `below`: nodes stand below their rule."""

    width: int
    condition: int
    node: int
    right: int
    below: bool = False


_WIDE = _Frame(width=720, condition=332, node=432, right=684)
_NARROW = _Frame(width=400, condition=312, node=104, right=380, below=True)
_LEADING = 19
_SAID = {"no": "no", "yes": "yes", "needs": "unknown", "unstated": "not stated", "open": ""}


class _Art:
    """What is drawn so far, and `y`, down to where."""

    def __init__(self, frame: _Frame):
        self.frame, self.back, self.front, self.y = frame, [], [], _MARGIN

    def text(self, text: str, x: int, y: int, size: int, fill: str, bold: bool = False, anchor: str = "start") -> None:
        weight = ' font-weight="700"' if bold else ""
        self.front.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>')

    def paragraph(self, text: str, x: int, size: int, fill: str, bold: bool = False) -> None:
        """Writes the text wrapped from x to the right end, and moves down past it."""
        for line in _wrap(text, self.frame.right - x, size, bold):
            self.y += round(size * 1.35)
            self.text(line, x, self.y, size, fill, bold)

    def lines(self, lines: Sequence[tuple[str, str, bool]], x: int, middle: int) -> None:
        """Writes lines (text, colour, bold) around a middle."""
        for i, (line, fill, bold) in enumerate(lines):
            self.text(line, x, middle + round(_LEADING * (i - (len(lines) - 1) / 2)) + 5, 14, fill, bold)

    def path(self, points: str, taken: bool, dashed: bool = False) -> None:
        colour, width = (_WAY, 5) if taken else (_WAIT, 2.5) if dashed else (_LINE, 1.5)
        dash = ' stroke-dasharray="7 5"' if dashed else ""
        self.back.append(f'<path d="{points}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>')


def _wrap(text: str, width: int, size: int, bold: bool = False) -> list[str]:
    """Returns the text in lines that fit the width: no font is known, so a letter counts as a little more than the usual half of its size."""
    return textwrap.wrap(text, max(8, int(width / (size * (0.6 if bold else 0.55)))), break_on_hyphens=False) or [""]


def _head(art: _Art, pathway: Pathway, decision: Decision, facts: State) -> None:
    art.paragraph(pathway.title, _MARGIN, 20, _INK, bold=True)
    art.y += 4
    known = facts_line(pathway, facts)
    art.paragraph(f"Known: {known}" if known else "Nothing is known of the patient yet", _MARGIN, 14, _INK)
    if assumed := facts_line(pathway, {n: v for n, v in decision.state.items() if n not in facts}):
        art.paragraph(f"Assumed from these: {assumed}", _MARGIN, 14, _INK)
    art.paragraph(f"Reached: {decision.title}" if decision.node else "No decision is reached yet", _MARGIN, 14, _WAY, bold=True)
    art.paragraph("Read from top to bottom: the first rule that applies decides.", _MARGIN, 14, _SOFT)
    art.y += 18


def _ladder(art: _Art, pathway: Pathway, decision: Decision, facts: State) -> None:
    """Draws the rules, consecutive ones that ask the same first under one heading, and the spine that runs through them."""
    above = art.y
    for name, stage in groupby(steps(pathway, decision), key=lambda s: next(iter(s.rule.when), None)):
        top = art.y
        art.y += 8
        if name:
            _question(art, pathway.variables[name], decision.state.get(name), stated=name in facts)
        for step in stage:
            middle = _rung(art, pathway, step)
            art.path(f"M{_SPINE} {above}V{middle}", taken=step.standing != "open")
            above = middle
        art.y += 8
        art.back.insert(0, f'<rect x="12" y="{top}" width="{art.frame.width - 24}" height="{art.y - top}" rx="12" fill="{_PANEL}"/>')
        art.y += 10


def _question(art: _Art, variable: Variable, value: str | None, stated: bool) -> None:
    """Writes what a run of rules asks, and what is known of it."""
    art.paragraph(variable.question, _TEXT, 14, _INK, bold=True)
    known = f"{'Known' if stated else 'Assumed'}: {variable.label(value)}" if value else "Not stated"
    art.paragraph(known, _TEXT, 13, _WAY if value else _SOFT)
    art.y += 8


def _rung(art: _Art, pathway: Pathway, step: Step) -> int:
    """Draws one rule and the node it reaches; returns the y of its number on the spine."""
    frame, taken, waits = art.frame, step.standing == "yes", step.standing == "needs"
    written = _condition(pathway, step, frame)
    title = _wrap(pathway.nodes[step.rule.reach].title, frame.right - frame.node - 28, 14, taken)
    titled = [(line, _INK if taken else _SOFT, taken) for line in title] + [("reached", _WAY, True)] * taken
    left, right = (_LEADING * len(lines) + 22 for lines in (written, titled))
    if frame.below:
        middle, box, height, tall = art.y + left // 2, art.y + left - 4, left + right, right
    else:
        height = tall = max(left, right)
        middle, box = art.y + tall // 2, art.y
    aim, edge = box + tall // 2, _WAY if taken else _WAIT if waits else _LINE
    art.front.append(f'<g data-rule="{step.number}" data-standing="{step.standing}">')
    _circle(art, step, middle)
    art.lines(written, _TEXT, middle)
    said = (_SAID[step.standing], 13, _WAY if taken else _WAIT if waits else _SOFT, taken or waits)
    if frame.below:
        art.path(f"M{_TEXT + 10} {box}V{aim}H{frame.node - 8}", taken, dashed=waits)
        art.text(said[0], frame.right, middle + 5, *said[1:], "end")
    else:
        art.path(f"M{frame.condition + 8} {middle}H{frame.node - 8}", taken, dashed=waits)
        art.text(said[0], (frame.condition + frame.node) // 2, middle - 8, *said[1:], "middle")
    art.front.append(f'<path d="M{frame.node - 12} {aim - 6}L{frame.node - 1} {aim}L{frame.node - 12} {aim + 6}Z" fill="{edge}"/>')
    art.front.append(
        f'<rect data-node="{escape(step.rule.reach)}" x="{frame.node}" y="{box + 4}" width="{frame.right - frame.node}" height="{tall - 8}" rx="8" '
        f'fill="{_TINT if taken else _GROUND}" stroke="{_WAY if taken else _EDGE}" stroke-width="{3 if taken else 1}"/>'
    )
    art.lines(titled, frame.node + 14, aim)
    art.front.append("</g>")
    art.y += height
    return middle


def _circle(art: _Art, step: Step, y: int) -> None:
    """Draws the rule's number on the spine: filled where it decides, dashed where a fact is needed, dotted where it was passed over."""
    taken = step.standing == "yes"
    edge = _WAIT if step.standing == "needs" else _LINE if step.standing == "open" else _WAY
    dash = {"needs": ' stroke-dasharray="5 3"', "unstated": ' stroke-dasharray="1.5 3.5"'}.get(step.standing, "")
    art.front.append(
        f'<circle cx="{_SPINE}" cy="{y}" r="15" fill="{_WAY if taken else _GROUND}" stroke="{edge}" stroke-width="2.5"{dash}/>'
    )
    art.text(str(step.number), _SPINE, y + 5, 13, _GROUND if taken else _INK if step.standing != "open" else _SOFT, taken, "middle")


def _condition(pathway: Pathway, step: Step, frame: _Frame) -> list[tuple[str, str, bool]]:
    """Returns the lines of a rule's condition, its first question being written above it, and of what it needs: text, colour, bold."""
    first, *others = step.rule.when or (None,)
    taken, fill = step.standing == "yes", _INK if step.standing in ("yes", "needs") else _SOFT
    parts = [(values_line(pathway, first, step.rule) if first else ELSE, fill, taken)]
    parts += [(f"and: {pathway.variables[n].question} {values_line(pathway, n, step.rule)}", fill, taken) for n in others]
    if step.standing == "needs":
        parts += [("needs: an answer" if n == first else f"needs: {pathway.variables[n].question}", _WAIT, True) for n in step.absent]
    elif step.rule.only_if_stated:
        parts.append(("exception, only if stated", fill, False))
    return [(line, colour, bold) for text, colour, bold in parts for line in _wrap(text, frame.condition - _TEXT, 14, bold)]


def _legend(art: _Art) -> None:
    art.y += 6
    words = "Thick line and filled number: the way taken. Plain number: looked at, does not apply. Dotted: an exception nobody stated. "
    art.paragraph(words + "Dashed: needs a fact. Thin line: not come to.", _MARGIN, 12, _SOFT)
    art.y += 4
