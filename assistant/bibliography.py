"""References as BibTeX, RIS and CSL-JSON, so that a reader's reference manager takes them up.

What has a DOI or a PubMed number is an article of its journal; a guideline without one is a report, a label a pamphlet, the rest a page of
its site. The note of a reference (a copy read, a date inferred) goes along, so that no export claims more than the corpus does.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from ingest.content import Reference

_OTHERS = "et al."
_PERSON = re.compile(r"(?P<family>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)*) (?P<initials>[A-Z]{1,4})")
_LATEX = {
    **{c: f"\\{c}" for c in "&%$#_"},
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


@dataclass(frozen=True)
class _Form:
    """What a kind of source is called in each format, and the BibTeX field, RIS tag and CSL field of what it appeared in."""

    bibtex: str
    ris: str
    csl: str
    container: tuple[str, str, str]


_ARTICLE = _Form("article", "JOUR", "article-journal", ("journal", "T2", "container-title"))
_REPORT = _Form("techreport", "RPRT", "report", ("institution", "PB", "publisher"))
_PAGE = _Form("misc", "ELEC", "webpage", ("howpublished", "T2", "container-title"))
_FORMS = {
    "guideline": _REPORT,
    "consensus": _REPORT,
    "label": _Form("manual", "PAMP", "pamphlet", ("organization", "PB", "publisher")),
}


@dataclass(frozen=True)
class Person:
    """An author by family name and initials (`AT`)."""

    family: str
    initials: str

    @property
    def given(self) -> str:
        """Returns the initials as bibliographies write them: `A. T.`."""
        return " ".join(f"{c}." for c in self.initials)


def authors(text: str | None) -> tuple[Person | str, ...]:
    """Returns persons, and as a string what is no list of persons (an agency, a firm) and the `et al.` of a shortened list.

    A name that stands alone is not split: the name of a firm may have the same form.
    """
    if not text:
        return ()
    whole = _line(text)
    *names, last = [p.strip() for p in whole.split(",")]
    shortened = last == _OTHERS
    found = [_PERSON.fullmatch(n) for n in (names if shortened else [*names, last])]
    if len(found) + shortened < 2 or not all(found):
        return (whole,)
    people = tuple(Person(m["family"], m["initials"]) for m in found if m)
    return (*people, _OTHERS) if shortened else people


def bibtex(references: Iterable[Reference]) -> str:
    """Returns the references as BibTeX in UTF-8, each under its corpus key, with capitals of titles protected; each once."""
    return "\n".join(_entry(r) for r in _distinct(references))


def ris(references: Iterable[Reference]) -> str:
    """Returns the references as RIS, lines ended by CR and LF; each once."""
    return "".join(f"{tag}  - {value}\r\n" for r in _distinct(references) for tag, value in _tagged(r))


def csl_json(references: Iterable[Reference]) -> str:
    """Returns the references as CSL-JSON, the input of citeproc, Pandoc and Zotero; each once."""
    return json.dumps([_item(r) for r in _distinct(references)], ensure_ascii=False, indent=2) + "\n"


def _distinct(references: Iterable[Reference]) -> list[Reference]:
    return list({r.key: r for r in references}.values())


def _form(r: Reference) -> _Form:
    return _ARTICLE if r.doi or r.pmid else _FORMS.get(r.type, _PAGE)


def _line(text: str) -> str:
    """Returns the text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _entry(r: Reference) -> str:
    form = _form(r)
    fields = {
        "title": _titled(_line(r.title)),
        "author": " and ".join(map(_author, authors(r.authors))),
        form.container[0]: _latex(_line(r.container or "")),
        "year": str(r.year),
        "doi": _verbatim(r.doi or ""),
        "pmid": r.pmid or "",
        "url": _verbatim(r.url or r.link),
        "urldate": r.accessed.isoformat(),
        "keywords": r.type,
        "note": _latex(_note(r)),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{form.bibtex}{{{r.key},\n{lines}}}\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)


def _titled(title: str) -> str:
    """Returns the title for LaTeX, its words with capitals in braces (the first one's initial apart), so that no style changes them."""
    words = title.split(" ")
    kept = [w[1:] if n == 0 else w for n, w in enumerate(words)]
    return " ".join(f"{{{_latex(w)}}}" if k != k.lower() else _latex(w) for w, k in zip(words, kept, strict=True))


def _author(author: Person | str) -> str:
    if isinstance(author, Person):
        return f"{_latex(author.family)}, {author.given}"
    return "others" if author == _OTHERS else f"{{{_latex(author)}}}"


def _verbatim(address: str) -> str:
    """Returns an address for a field that LaTeX reads verbatim: only what would end the field is encoded."""
    return re.sub(r"[{}\\]", lambda m: quote(m[0]), address)


def _tagged(r: Reference) -> list[tuple[str, str]]:
    form = _form(r)
    people = [f"{a.family}, {a.given}" if isinstance(a, Person) else a for a in authors(r.authors)]
    values = [
        ("TY", form.ris),
        ("ID", r.key),
        *(("AU", name) for name in people),
        ("TI", _line(r.title)),
        (form.container[1], _line(r.container or "")),
        ("PY", str(r.year)),
        ("DO", r.doi or ""),
        ("AN", r.pmid or ""),
        ("DB", "PubMed" if r.pmid else ""),
        ("UR", r.url or r.link),
        ("Y2", r.accessed.strftime("%Y/%m/%d")),
        ("KW", r.type),
        ("N1", _note(r)),
    ]
    return [*((tag, value) for tag, value in values if value), ("ER", "")]


def _item(r: Reference) -> dict:
    form = _form(r)
    item = {
        "id": r.key,
        "type": form.csl,
        "title": _line(r.title),
        "author": [_name(a) for a in authors(r.authors)],
        form.container[2]: _line(r.container or ""),
        "issued": {"date-parts": [[r.year]]},
        "accessed": {"date-parts": [[r.accessed.year, r.accessed.month, r.accessed.day]]},
        "DOI": r.doi,
        "PMID": r.pmid,
        "URL": r.url or r.link,
        "keyword": r.type,
        "note": _note(r),
    }
    return {name: value for name, value in item.items() if value}


def _name(author: Person | str) -> dict[str, str]:
    return {"family": author.family, "given": author.given} if isinstance(author, Person) else {"literal": author}


def _note(r: Reference) -> str:
    """Returns what is to be known of the source beside its data: its note, its funding, what replaced it."""
    parts = [r.note, r.funding and f"Funded by {r.funding}", r.superseded_by and f"Superseded by {r.superseded_by}"]
    return " ".join(f"{_line(p).rstrip('.')}." for p in parts if p)
