"""An Answer as text, Markdown or HTML; used by every edge, so that citations, status and disclaimer are never lost."""

import html
import textwrap

from assistant.answer import Answer, CitedReference, Decision, Missing, OptionRow, Sentence

TRACK = (("submitted", "Submitted"), ("under_review", "Under Review"), ("approved", "Approved"))


GLANCE = (("figure", "Key figure"), ("cns", "In the brain"), ("schedule", "Schedule"), ("risks", "Main risks"))


def tracker(answer: Answer) -> str:
    """Returns the review tracker as one line of text, the current step marked."""
    return " → ".join(f"[{label}]" if status == answer.review.status else label for status, label in TRACK)


def cite(sentence: Sentence) -> str:
    """Returns the sentence with its grading, where its source grades it, and its citation numbers in brackets."""
    return " ".join(filter(None, (sentence.text, grading(sentence), f"[{', '.join(str(n) for n in sentence.citations)}]")))


def grading(sentence: Sentence) -> str:
    """Returns strength and certainty in the source's own scheme, in parentheses; empty where the source grades neither."""
    parts = [sentence.strength, f"certainty: {sentence.certainty}" if sentence.certainty else None]
    return f"({'; '.join(p for p in parts if p)})" if any(parts) else ""


def reference_line(r: CitedReference) -> str:
    """Returns a reference as one line, without its number."""
    parts = [r.authors, r.title, r.container, str(r.year)]
    ids = [f"doi:{r.doi}" if r.doi else None, f"PMID {r.pmid}" if r.pmid else None, None if r.doi or r.pmid else r.url]
    notes = [r.type, _status(r.review_status), f"funded by {r.funding}" if r.funding else None, "superseded" if r.superseded else None]
    return ". ".join(p.rstrip(".") for p in (*parts, *ids) if p) + f" ({'; '.join(n for n in notes if n)})"


def _status(status: str) -> str:
    return dict(TRACK)[status]


def state_line(decision: Decision | None) -> str:
    """Returns what is understood of the patient in one line; empty when nothing is."""
    if not decision or not decision.state:
        return ""
    return "; ".join(f"{k.replace('_', ' ')}: {v.replace('_', ' ')}" for k, v in decision.state.items())


def row(option: OptionRow) -> str:
    """Returns an option at a glance as one line: its standing, then each cell that is known, with its citation numbers."""
    cells = [f"{label}: {cite(cell)}" for column, label in GLANCE if (cell := getattr(option, column))]
    return ". ".join([f"{option.option} ({option.standing})", *cells])


def blocks(answer: Answer) -> list[tuple[str, str, list[str]]]:
    """Returns the answer as (kind, title, lines) in reading order; kinds: note, section, list, references."""
    out: list[tuple[str, str, list[str]]] = []
    if answer.message:
        out.append(("note", "Urgent" if answer.outcome == "urgent" else "", answer.message.strip().split("\n\n")))
    if answer.premise_notes:
        out.append(("section", "About the question", [cite(s) for s in answer.premise_notes]))
    state = state_line(answer.decision)
    if state and answer.outcome not in ("abstained", "urgent"):
        out.append(("note", "Using", [state]))
    if answer.usual and answer.usual.title:
        out.append(("note", "The usual case, shown while facts are missing", [answer.usual.title]))
    for i, section in enumerate(answer.sections):
        out.append(("section", section.title, [cite(s) for s in section.sentences]))
        if i == 0 and answer.options:
            out.append(("list", "Options at a glance", [row(o) for o in answer.options]))
    if answer.decision and answer.decision.missing and answer.outcome == "needs_information":
        out.append(("list", "To go further, please say", [_question(m) for m in answer.decision.missing]))
    if changes := would_change(answer):
        out.append(("list", "What would change this", [_question(m) for m in changes]))
    if answer.conflicts:
        out.append(("list", "Two different values were given for", [c.replace("_", " ") for c in answer.conflicts]))
    if answer.references:
        out.append(("references", "References", [f"[{r.number}] {reference_line(r)}" for r in answer.references]))
    if answer.follow_ups:
        out.append(("list", "You could ask next", list(answer.follow_ups)))
    return out


def would_change(answer: Answer) -> tuple[Missing, ...]:
    """Returns the unstated facts that would lead to another decision, where the answer shows the decision's options."""
    shown = answer.decision and any(o.option in s.title for s in answer.sections for o in answer.decision.options)
    return answer.decision.would_change if shown else ()


def _question(m: Missing) -> str:
    return f"{m.question} ({', '.join(v.replace('_', ' ') for v in m.values)})"


def _foot(answer: Answer) -> list[str]:
    return [
        answer.disclaimer.strip(),
        f"Last updated {answer.last_updated.isoformat()} · corpus {answer.corpus_version} · engine {answer.engine}",
    ]


def _head(answer: Answer) -> list[str]:
    head = [f"Review status: {tracker(answer)}", answer.review.notice.strip(), *answer.notices]
    if answer.standalone_question.strip() != answer.question.strip():
        head.append(f"We understood this as: {answer.standalone_question}")
    return head


def text(answer: Answer, width: int = 100) -> str:
    """Returns the answer for a terminal, wrapped at `width` characters."""
    out = [*(textwrap.fill(answer.question[:600], width).splitlines() or [""]), "=" * min(width, max(len(answer.question), 3)), ""]
    out += [line for h in _head(answer) for line in textwrap.wrap(h, width)]
    for kind, title, lines in blocks(answer):
        out += ["", *([title, "-" * len(title)] if title else [])]
        for line in lines:
            lead, rest = ("", "") if kind == "note" else ("", "    ") if kind == "references" else ("  • ", "    ")
            out += textwrap.wrap(line, width, initial_indent=lead, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
    for line in _foot(answer):
        out += ["", *textwrap.wrap(line, width)]
    return "\n".join(out)


def markdown(answer: Answer, level: int = 1) -> str:
    """Returns the answer as Markdown with every citation, the references, status, date and disclaimer; its heading is of `level`."""
    out = [f"{'#' * level} {_plain(answer.question)}", "", *(f"*{h}*  " for h in _head(answer))]
    for kind, title, lines in blocks(answer):
        out += ["", *([f"{'#' * (level + 1)} {title}", ""] if title else [])]
        out += lines if kind == "note" else [f"- {line}" for line in lines]
    out += ["", "---", "", *(x for line in _foot(answer) for x in (line, ""))]
    return "\n".join(out)


def conversation(title: str, answers: tuple[Answer, ...]) -> str:
    """Returns a conversation as Markdown: its title, then each answer as `markdown` gives it."""
    return "\n".join([f"# {_plain(title)}", "", *(markdown(a, 2) for a in answers)])


def _plain(question: str) -> str:
    return " ".join(question.split())[:300]


def as_html(answer: Answer) -> str:
    """Returns the answer as one self-contained HTML page that prints well; nothing in it is loaded from elsewhere."""
    e = html.escape
    body = [f"<h1>{e(_plain(answer.question))}</h1>", *(f"<p class='status'>{e(h)}</p>" for h in _head(answer))]
    for kind, title, lines in blocks(answer):
        if title:
            body.append(f"<h2>{e(title)}</h2>")
        if kind == "note":
            body += [f"<p>{e(line)}</p>" for line in lines]
        else:
            body.append("<ul>" + "".join(f"<li>{e(line)}</li>" for line in lines) + "</ul>")
    body += [f"<p class='foot'>{e(line)}</p>" for line in _foot(answer)]
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#111827}.status,.foot{color:#374151}"
    )
    return f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Citepath answer</title><style>{style}</style></head><body>{''.join(body)}</body></html>"
