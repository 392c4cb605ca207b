"""A monitoring plan as a file: iCalendar, CSV, Markdown, a printable page; each with citations, review status and disclaimer."""

import csv
import html
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from icalendar import Calendar, Event
from markdown_it import MarkdownIt

from assistant.answer import ReviewNotice
from assistant.planner import Due, visits
from assistant.render import TRACK
from ingest.content import Audience, Corpus, Reference, Statement, digest

BEFORE = "Before the first dose"
UNDATED = "No fixed dates in the source"
NO_REGION = "no country named"
_PAGE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111827}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #94a3b8;padding:.4rem .6rem;text-align:left;vertical-align:top}"
    "tr{break-inside:avoid}"
)


@dataclass(frozen=True)
class Sheet:
    """A plan with all that its readers need: the rows of `planner.plan`, whose drug, from when, for whom, how well reviewed."""

    drug: str
    start: date
    rows: tuple[Due, ...]
    audience: Audience
    corpus: Corpus
    review: ReviewNotice
    left_out: tuple[str | None, ...] = ()

    @property
    def title(self) -> str:
        """Returns the heading of the plan."""
        return f"{self.drug}: tests by date, first dose on {long_date(self.start)}"

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Returns the statements that the plan rests on, each once, in the order of the rows."""
        return tuple(self.corpus.statements[id] for id in dict.fromkeys(id for r in self.rows for id in r.item.statements))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Returns the number of each cited reference, by key, in the order of citation."""
        return {key: n for n, key in enumerate(dict.fromkeys(k for s in self.statements for k in s.citations), 1)}

    @property
    def notices(self) -> tuple[str, ...]:
        """Returns the notice of review, what the plan is and what was left out of it, and the disclaimer, as Markdown."""
        what, disclaimer = (self.corpus.texts[f"{id}-{self.audience}"].body.strip() for id in ("monitoring", "disclaimer"))
        if self.left_out:
            what += f"\n\n**Left out by choice:** sources of these regions: {', '.join(region_name(r) for r in self.left_out)}."
        return (self.review.notice.strip(), what, disclaimer)

    def words(self, due: Due) -> tuple[str, str, str]:
        """Returns test, time and those it is for (empty: all), in the reader's wording."""
        whom = due.item.whom.wording(self.audience) if due.item.whom else ""
        return capital(due.item.test.wording(self.audience)), due.when.wording(self.audience), whom

    def marks(self, statements: Iterable[str]) -> str:
        """Returns the numbers of the references of the statements: `[1, 2]`."""
        keys = dict.fromkeys(k for id in statements for k in self.corpus.statements[id].citations)
        return f"[{', '.join(str(self.numbers[k]) for k in keys)}]"


def region_name(region: str | None) -> str:
    """Returns a region as it is shown."""
    return capital(region or NO_REGION)


def capital(text: str) -> str:
    """Returns the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def long_date(day: date) -> str:
    """Returns a date that is read alike everywhere: 3 March 2026."""
    return f"{day.day} {day:%B %Y}"


def reference(r: Reference) -> str:
    """Returns a reference as one line with its address."""
    return ". ".join(p.rstrip(".") for p in (r.authors, r.title, r.container, str(r.year), r.link) if p)


def as_ics(sheet: Sheet, stamp: datetime) -> str:
    """Returns the plan as an iCalendar file (RFC 5545): an all-day event for the first dose and one for each day with tests.

    Args:
        stamp: when the file is made, with its time zone.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Citepath//Monitoring planner//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    first = [r for r in sheet.rows if r.on is None]
    title = f"{sheet.drug}: first dose as entered" + ("; tests before it" if any(r.before for r in first) else "")
    calendar.add_component(_event(sheet, sheet.start, title, first, stamp))
    for visit in visits(sheet.rows):
        tests = dict.fromkeys(sheet.words(due)[0] for due in visit.due)
        calendar.add_component(_event(sheet, visit.on, f"{sheet.drug}: {'; '.join(tests)}", visit.due, stamp))
    return calendar.to_ical().decode()


def _event(sheet: Sheet, day: date, summary: str, due: Iterable[Due], stamp: datetime) -> Event:
    due = tuple(due)
    event = Event()
    event.add("uid", f"{digest(sheet.drug, sheet.start, day)}@citepath")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("summary", summary)
    event.add("description", _description(sheet, due))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _description(sheet: Sheet, due: tuple[Due, ...]) -> str:
    statements = [sheet.corpus.statements[id] for id in dict.fromkeys(id for d in due for id in d.item.statements)]
    keys = dict.fromkeys(k for s in statements for k in s.citations)
    lines = [f"- {_group(d)}{_line(sheet, d)}" for d in due]
    lines += ["", *(f"{s.wording(sheet.audience)} {sheet.marks([s.id])}" for s in statements)] if statements else []
    lines += ["", *(f"[{sheet.numbers[k]}] {reference(sheet.corpus.references[k])}" for k in keys)] if keys else []
    return "\n".join([*lines, "", f"Review status: {dict(TRACK)[sheet.review.status]}", *(_unmarked(n) for n in sheet.notices)]).strip()


def _group(due: Due) -> str:
    return "" if due.on else f"{BEFORE if due.before else UNDATED}: "


def _line(sheet: Sheet, due: Due) -> str:
    test, when, whom = sheet.words(due)
    only = f"; only: “{whom}”" if whom else ""
    return f"{test}: “{when}”{only} ({capital(due.item.source)}) {sheet.marks(due.item.statements)}"


def _unmarked(text: str) -> str:
    return text.replace("**", "")


def as_csv(sheet: Sheet) -> str:
    """Returns the plan as CSV with a heading row; a row without a date says why in its place."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(["date", "drug", "test", "in the source's words", "only", "source", "statements", "statement text", "references"])
    for due in sheet.rows:
        test, when, whom = sheet.words(due)
        statements = [sheet.corpus.statements[id] for id in due.item.statements]
        keys = dict.fromkeys(k for s in statements for k in s.citations)
        write.writerow(
            [
                due.on.isoformat() if due.on else BEFORE if due.before else UNDATED,
                *(sheet.drug, test, when, whom, capital(due.item.source)),
                "; ".join(due.item.statements),
                " ".join(s.wording(sheet.audience) for s in statements),
                "; ".join(reference(sheet.corpus.references[k]) for k in keys),
            ]
        )
    for notice in (f"Review status: {dict(TRACK)[sheet.review.status]}", *sheet.notices):
        write.writerow([_unmarked(notice)])
    return out.getvalue()


def as_markdown(sheet: Sheet) -> str:
    """Returns the plan as Markdown: status and notices, a table for each group, the statements and the references."""
    notice, what, disclaimer = sheet.notices
    out = [f"# {sheet.title}", "", f"*Review status: {dict(TRACK)[sheet.review.status]}*  ", f"*{notice}*", "", what]
    groups = (
        (BEFORE, [r for r in sheet.rows if r.before]),
        ("By date", [r for r in sheet.rows if r.on]),
        (UNDATED, [r for r in sheet.rows if not r.on and not r.before]),
    )
    for title, rows in groups:
        if rows:
            dated = ["Date"] if title == "By date" else []
            out += ["", f"## {title}", "", _row([*dated, "Test", "In the source's words", "Source"])]
            out += [_row(["---"] * (3 + len(dated)))]
            out += [_row([*([long_date(r.on)] if r.on else []), *_cells(sheet, r)]) for r in rows]
    out += ["", "## What the sources say", "", *(f"- {s.wording(sheet.audience)} {sheet.marks([s.id])}" for s in sheet.statements)]
    out += ["", "## References", "", *(f"- [{n}] {reference(sheet.corpus.references[k])}" for k, n in sheet.numbers.items())]
    return "\n".join([*out, "", "---", "", disclaimer, "", f"Corpus {sheet.corpus.version}", ""])


def _cells(sheet: Sheet, due: Due) -> list[str]:
    test, when, whom = sheet.words(due)
    return [test, f"“{when}”" + (f"; only: “{whom}”" if whom else ""), f"{capital(due.item.source)} {sheet.marks(due.item.statements)}"]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(c.replace('|', '/') for c in cells)} |"


def as_html(sheet: Sheet) -> str:
    """Returns the plan as one self-contained page that prints well; nothing in it is loaded from elsewhere."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(as_markdown(sheet))
    title = html.escape(sheet.title)
    return f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title><style>{_PAGE}</style></head><body>{body}</body></html>"
