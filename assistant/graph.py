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
from typing import Literal

from assistant.answer import Decision
from assistant.pathway import State, decide, holds
from ingest.content import Pathway, Rule, Variable

Standing = Literal["no", "yes", "needs", "unstated", "open"]


@dataclass(frozen=True)
class Step:
    """A rule as a decision met it.

    Attributes:
        number: its place in the order, from 1.
        standing: `no` it does not apply; `yes` it decides; `needs` a fact it needs is absent, so nothing is decided yet;
            `unstated` an exception passed over, as its fact is absent; `open` it was not come to.
        absent: the variables it needs and lacks, where it is `needs` or `unstated`.
    """

    number: int
    rule: Rule
    standing: Standing
    absent: tuple[str, ...] = ()


def steps(pathway: Pathway, decision: Decision) -> tuple[Step, ...]:
    """Returns every rule in order with its standing in the decision."""
    out: list[Step] = []
    for number, rule in enumerate(pathway.decide, 1):
        if out and out[-1].standing in ("yes", "needs", "open"):
            out.append(Step(number, rule, "open"))
            continue
        truth = holds(rule.when, decision.state)
        if truth is None:
            absent = tuple(name for name in rule.when if name not in decision.state)
            out.append(Step(number, rule, "unstated" if rule.only_if_stated else "needs", absent))
        else:
            out.append(Step(number, rule, "yes" if truth else "no"))
    return tuple(out)


def mermaid(pathway: Pathway, node: str | None) -> str:
    """Returns the pathway as a Mermaid flowchart, the node reached drawn with a thick border."""
    lines = ["flowchart TD", '  start(["start"])']
    previous = "start"
    for i, rule in enumerate(pathway.decide, 1):
        condition = " and ".join(f"{pathway.variables[n].question.rstrip('?')}: {_values(pathway, n, rule)}" for n in rule.when)
        lines.append(f'  r{i}{{"{(condition or "otherwise").replace(chr(34), chr(39))}"}}')
        lines.append(f"  {previous} {'--' if previous == 'start' else '-- no --'}> r{i}")
        lines.append(f"  r{i} -- yes --> {rule.reach}")
        previous = f"r{i}"
    lines += [f'  {n}["{reached.title.replace(chr(34), chr(39))}"]' for n, reached in pathway.nodes.items()]
    if node:
        lines.append(f"  style {node} stroke-width:4px")
    return "\n".join(lines)


def svg(pathway: Pathway, facts: State, foot: Sequence[str] = ()) -> str:
    """Returns the pathway as an SVG document of 720 units' width, the way of a patient with these facts drawn thick and in words.

    `foot` is printed below, a paragraph each. The title and description hold in words what the picture shows. It is light, and dark where
    what shows it is dark.

    Raises:
        ValueError: as `decide`.
    """
    decision, art = decide(pathway, facts), _Art()
    _head(art, pathway, decision, facts)
    _ladder(art, pathway, decision, facts)
    _legend(art)
    for paragraph in foot:
        art.paragraph(paragraph, _MARGIN, _WIDTH - 2 * _MARGIN, 12, _SOFT)
        art.y += 4
    height = art.y + _MARGIN
    key = f"pathway-{pathway.id}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc" font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">'
        f'<title id="{key}-title">{escape(pathway.title)}: the pathway and the way taken</title>'
        f'<desc id="{key}-desc">{escape(described(pathway, decision))}</desc>'
        f"<style>@media screen and (prefers-color-scheme: dark){{{_STYLE}}}</style>"
        f'<rect width="{_WIDTH}" height="{height}" rx="16" fill="{_GROUND}" stroke="{_EDGE}"/>'
        f"{''.join(art.back)}{''.join(art.front)}</svg>"
    )


def described(pathway: Pathway, decision: Decision) -> str:
    """Returns the way taken in words, for readers who do not see the picture: every rule that was looked at, and the node reached."""
    said = {"no": "no", "yes": "yes", "unstated": "not stated, passed over", "needs": "needs"}
    parts = ["The rules are read in order; the first that applies decides."]
    for step in steps(pathway, decision):
        if step.standing == "open":
            break
        condition = " and ".join(f"{pathway.variables[n].question} {_values(pathway, n, step.rule)}" for n in step.rule.when)
        needed = " ".join(pathway.variables[n].question for n in step.absent) if step.standing == "needs" else ""
        parts.append(f"Rule {step.number}, {condition or _ELSE}: {said[step.standing]} {needed}".rstrip(" ?.") + ".")
    parts.append(f"Reached: {decision.title}." if decision.node else "No decision is reached yet.")
    return " ".join(parts)


def facts_line(pathway: Pathway, facts: State) -> str:
    """Returns facts as one line of text, as a reader should see them."""
    return "; ".join(f"{name.replace('_', ' ')}: {pathway.variables[name].label(value)}" for name, value in facts.items())


def _values(pathway: Pathway, name: str, rule: Rule) -> str:
    return " or ".join(pathway.variables[name].label(v) for v in rule.when[name])


_GROUND, _PANEL, _INK, _SOFT = "#FFFFFF", "#F1F5F9", "#111827", "#475569"  # behind all, behind a question, text, less important text
_LINE, _EDGE, _WAY, _TINT, _WAIT = (
    "#94A3B8",
    "#CBD5E1",
    "#0F766E",
    "#DDF3EF",
    "#92400E",
)  # lines, boxes, the way taken, its node, what is needed
_DARK = {
    **{_GROUND: "#0E1117", _PANEL: "#1B2230", _INK: "#F3F4F6", _SOFT: "#B6C2D1"},
    **{_LINE: "#64748B", _EDGE: "#3B4657", _WAY: "#2DD4BF", _TINT: "#10332F", _WAIT: "#FBBF24"},
}
_STYLE = "".join(f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in _DARK.items())
_WIDTH, _MARGIN = 720, 24
_SPINE, _TEXT, _ARROW, _NODE = 44, 72, 340, 432  # x of the spine, the conditions, the arrows' start and the nodes
_RIGHT = _WIDTH - _MARGIN - 12
_LEADING = 19
_ELSE = "in every other case"
_SAID = {"no": "no", "yes": "yes", "needs": "unknown", "unstated": "not stated", "open": ""}


class _Art:
    """What is drawn so far, and `y`, down to where."""

    def __init__(self):
        self.back, self.front, self.y = [], [], _MARGIN

    def text(self, text: str, x: int, y: int, size: int, fill: str, bold: bool = False, anchor: str = "start") -> None:
        weight = ' font-weight="700"' if bold else ""
        self.front.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>')

    def paragraph(self, text: str, x: int, width: int, size: int, fill: str, bold: bool = False) -> None:
        """Writes the text wrapped, and moves down past it."""
        for line in _wrap(text, width, size, bold):
            self.y += round(size * 1.35)
            self.text(line, x, self.y, size, fill, bold)

    def line(self, x1: int, y1: int, x2: int, y2: int, taken: bool, dashed: bool = False) -> None:
        colour, width = (_WAY, 5) if taken else (_WAIT, 2.5) if dashed else (_LINE, 1.5)
        dash = ' stroke-dasharray="7 5"' if dashed else ""
        self.back.append(f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{colour}" stroke-width="{width}"{dash}/>')


def _wrap(text: str, width: int, size: int, bold: bool = False) -> list[str]:
    """Returns the text in lines that fit the width: no font is known, so a letter counts as a little more than the usual half of its size."""
    return textwrap.wrap(text, max(8, int(width / (size * (0.6 if bold else 0.55)))), break_on_hyphens=False) or [""]


def _head(art: _Art, pathway: Pathway, decision: Decision, facts: State) -> None:
    width = _WIDTH - 2 * _MARGIN
    art.paragraph(pathway.title, _MARGIN, width, 20, _INK, bold=True)
    art.y += 4
    known = facts_line(pathway, facts)
    art.paragraph(f"Known: {known}" if known else "Nothing is known of the patient yet", _MARGIN, width, 14, _INK)
    if assumed := facts_line(pathway, {n: v for n, v in decision.state.items() if n not in facts}):
        art.paragraph(f"Assumed from these: {assumed}", _MARGIN, width, 14, _INK)
    art.paragraph(f"Reached: {decision.title}" if decision.node else "No decision is reached yet", _MARGIN, width, 14, _WAY, bold=True)
    art.paragraph("Read from top to bottom: the first rule that applies decides.", _MARGIN, width, 14, _SOFT)
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
            art.line(_SPINE, above, _SPINE, middle, taken=step.standing != "open")
            above = middle
        art.y += 8
        art.back.insert(0, f'<rect x="12" y="{top}" width="{_WIDTH - 24}" height="{art.y - top}" rx="12" fill="{_PANEL}"/>')
        art.y += 10


def _question(art: _Art, variable: Variable, value: str | None, stated: bool) -> None:
    """Writes what a run of rules asks, and what is known of it."""
    art.paragraph(variable.question, _TEXT, _RIGHT - _TEXT, 14, _INK, bold=True)
    known = f"{'Known' if stated else 'Assumed'}: {variable.label(value)}" if value else "Not stated"
    art.paragraph(known, _TEXT, _RIGHT - _TEXT, 13, _WAY if value else _SOFT)
    art.y += 8


def _rung(art: _Art, pathway: Pathway, step: Step) -> int:
    """Draws one rule and the node it reaches; returns the y of its middle."""
    taken, node = step.standing == "yes", pathway.nodes[step.rule.reach]
    colour = _INK if step.standing in ("yes", "needs") else _SOFT
    written = _condition(pathway, step, colour)
    titled = _wrap(node.title, _RIGHT - _NODE - 28, 14, taken) + (["reached"] if taken else [])
    height = max(44, _LEADING * max(len(written), len(titled)) + 22)
    top, middle = art.y, art.y + height // 2
    art.front.append(f'<g data-rule="{step.number}" data-standing="{step.standing}">')
    _circle(art, step, middle)
    for i, (line, fill, bold) in enumerate(written):
        art.text(line, _TEXT, middle + round(_LEADING * (i - (len(written) - 1) / 2)) + 5, 14, fill, bold)
    art.line(_ARROW, middle, _NODE - 8, middle, taken, dashed=step.standing == "needs")
    said = _WAY if taken else _WAIT if step.standing == "needs" else _SOFT
    art.text(_SAID[step.standing], (_ARROW + _NODE) // 2 - 4, middle - 8, 13, said, step.standing in ("yes", "needs"), "middle")
    tip = _WAY if taken else _WAIT if step.standing == "needs" else _LINE
    art.front.append(f'<path d="M{_NODE - 12} {middle - 6}L{_NODE - 1} {middle}L{_NODE - 12} {middle + 6}Z" fill="{tip}"/>')
    art.front.append(
        f'<rect data-node="{escape(step.rule.reach)}" x="{_NODE}" y="{top + 4}" width="{_RIGHT - _NODE}" height="{height - 8}" rx="8" '
        f'fill="{_TINT if taken else _GROUND}" stroke="{_WAY if taken else _EDGE}" stroke-width="{3 if taken else 1}"/>'
    )
    for i, line in enumerate(titled):
        y = middle + round(_LEADING * (i - (len(titled) - 1) / 2)) + 5
        last = taken and i == len(titled) - 1
        art.text(line, _NODE + 14, y, 14, _WAY if last else _INK if taken else _SOFT, taken)
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


def _condition(pathway: Pathway, step: Step, fill: str) -> list[tuple[str, str, bool]]:
    """Returns the lines of a rule's condition, its first question being written above it, and of what it needs: text, colour, bold."""
    first, *others = step.rule.when or (None,)
    taken = step.standing == "yes"
    parts = [(_values(pathway, first, step.rule) if first else _ELSE, fill, taken)]
    parts += [(f"and: {pathway.variables[n].question} {_values(pathway, n, step.rule)}", fill, taken) for n in others]
    if step.standing == "needs":
        parts += [("needs: an answer" if n == first else f"needs: {pathway.variables[n].question}", _WAIT, True) for n in step.absent]
    elif step.rule.only_if_stated:
        parts.append(("exception, only if stated", fill, False))
    return [(line, colour, bold) for text, colour, bold in parts for line in _wrap(text, _ARROW - _TEXT - 8, 14, bold)]


def _legend(art: _Art) -> None:
    art.y += 6
    words = "Thick line and filled number: the way taken. Plain number: looked at, does not apply. Dotted: an exception nobody stated. "
    art.paragraph(words + "Dashed: needs a fact. Thin line: not come to.", _MARGIN, _WIDTH - 2 * _MARGIN, 12, _SOFT)
    art.y += 4
