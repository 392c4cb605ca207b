"""What is exported comes back the same through the parsers of others, with the real references and with any text."""

import json
import re
from datetime import date

import jsonschema
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from assistant.bibliography import Person, authors, bibtex, csl_json, ris
from ingest.content import Reference

# Of the CSL data schema (csl-data.json): the fields and types used here; anything else is a fault there too.
_NAME = {
    "type": "object",
    "properties": {k: {"type": "string"} for k in ("family", "given", "literal")},
    "additionalProperties": False,
    "minProperties": 1,
}
_DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
        }
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}
_TEXTS = ("id", "title", "container-title", "publisher", "DOI", "PMID", "URL", "keyword", "note")
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": {
            **{name: {"type": "string"} for name in _TEXTS},
            "type": {"enum": ["article-journal", "report", "pamphlet", "webpage"]},
            "author": {"type": "array", "items": _NAME},
            "issued": _DATE,
            "accessed": _DATE,
        },
    },
}
_SIGNS = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    **{f"\\{c}": c for c in "&%$#_"},
    "{": "",
    "}": "",
}


def reference(**given) -> Reference:
    fields = {"key": "a2020", "type": "trial", "title": "A title", "year": 2020, "doi": "10.1000/x", "accessed": date(2026, 1, 2)}
    return Reference(**{**fields, **given})


def printed(latex: str) -> str:
    """Returns what LaTeX prints for what is written here."""
    return re.sub("|".join(map(re.escape, _SIGNS)), lambda m: _SIGNS[m[0]], latex)


def one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, ()),
        ("Shaw AT, et al.", (Person("Shaw", "AT"), "et al.")),
        ("De Filippis M, Ou SHI", (Person("De Filippis", "M"), Person("Ou", "SHI"))),
        ("Mielgo-Rubio X, et al.", (Person("Mielgo-Rubio", "X"), "et al.")),
        ("Jørgensen JT, de Langen AJ, O'Neil B", (Person("Jørgensen", "JT"), Person("de Langen", "AJ"), Person("O'Neil", "B"))),
        ("Pfizer AG", ("Pfizer AG",)),  # has the form of a name
        ("CAP, IASLC, AMP", ("CAP, IASLC, AMP",)),
        ("ASCO and Ontario Health", ("ASCO and Ontario Health",)),
        ("Health Sciences Authority, Singapore", ("Health Sciences Authority, Singapore",)),
        ("Tsai CJ, et al. (ESMO news)", ("Tsai CJ, et al. (ESMO news)",)),
        ("et al.", ("et al.",)),
    ],
)
def test_authors_are_split_only_where_it_is_safe(written, read):
    assert authors(written) == read


def test_bibtex_comes_back(real_corpus):
    references = tuple(real_corpus.references.values())
    entries = parse_string(bibtex(references), "bibtex").entries
    assert list(entries) == [r.key for r in references]
    for r in references:
        fields = entries[r.key].fields
        assert printed(fields["title"]) == r.title and fields["year"] == str(r.year)
        assert fields.get("doi") == r.doi and fields.get("pmid") == r.pmid and fields["url"] == (r.url or r.link)
        persons = entries[r.key].persons.get("author", [])
        assert len(persons) == len(authors(r.authors)), r.authors
        for person, author in zip(persons, authors(r.authors), strict=True):
            if isinstance(author, Person):
                assert " ".join([*person.prelast_names, *person.last_names]) == author.family
                assert "".join(n[0] for n in person.first_names + person.middle_names) == author.initials


def test_bibtex_keeps_an_agency_whole_and_capitals_as_they_are():
    text = bibtex([reference(title="First-line lorlatinib in ALK-positive NSCLC & mRNA: 50% of x_y", authors="ASCO and Ontario Health")])
    assert "author = {{ASCO and Ontario Health}}" in text
    assert r"title = {First-line lorlatinib in {ALK-positive} {NSCLC} \& {mRNA:} 50\% of x\_y}" in text


def test_each_kind_has_its_type():
    def kind(**given):
        r = reference(**given)
        return (
            re.match(r"@(\w+)", bibtex([r]))[1],
            rispy.loads(ris([r]))[0]["type_of_reference"],
            json.loads(csl_json([r]))[0]["type"],
        )

    page = {"doi": None, "url": "https://example.org/x"}
    assert kind(type="guideline") == kind(type="trial", doi=None, pmid="123456") == ("article", "JOUR", "article-journal")
    assert kind(type="guideline", **page) == kind(type="consensus", **page) == ("techreport", "RPRT", "report")
    assert kind(type="label", **page) == ("manual", "PAMP", "pamphlet")
    assert kind(type="regulatory", **page) == kind(type="trial", **page) == ("misc", "ELEC", "webpage")


def test_ris_comes_back(real_corpus):
    references = tuple(real_corpus.references.values())
    written = ris(references)
    assert written.count("\r\n") == written.count("\n") and written.count("ER  - \r\n") == len(references)
    for r, entry in zip(references, rispy.loads(written), strict=True):
        assert (entry["id"], entry["title"], entry["year"], entry["urls"]) == (r.key, r.title, str(r.year), [r.url or r.link])
        assert entry.get("doi") == r.doi and entry.get("accession_number") == r.pmid
        assert entry.get("secondary_title") == r.container or entry.get("publisher") == r.container
        assert len(entry.get("authors", [])) == len(authors(r.authors))


def test_csl_is_of_its_schema_and_complete(real_corpus):
    references = tuple(real_corpus.references.values())
    items = json.loads(csl_json(references))
    jsonschema.validate(items, CSL)
    for r, item in zip(references, items, strict=True):
        assert (item["id"], item["title"], item["issued"]["date-parts"]) == (r.key, r.title, [[r.year]])
        assert r.container in (item.get("container-title"), item.get("publisher"))
        assert (r.note or "").rstrip(".") in item.get("note", "")


def test_a_reference_is_exported_once_and_says_what_replaced_it():
    old = reference(superseded_by="b2024", note="A copy.", funding="Nobody")
    for written in (bibtex([old, old]), ris([old, old]), csl_json([old, old])):
        assert written.count("A copy. Funded by Nobody. Superseded by b2024.") == 1
    assert bibtex([]) == ris([]) == "" and json.loads(csl_json([])) == []


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60).filter(lambda t: one_line(t))


@given(title=TEXT, container=TEXT, note=TEXT)
def test_any_text_comes_back(title, container, note):
    r = reference(title=title, container=container, note=note, url="https://example.org/{a}?b=%7B#c")
    (entry,) = parse_string(bibtex([r]), "bibtex").entries.values()
    assert not set("&%$#_~^<>\\") & set(re.sub("|".join(map(re.escape, _SIGNS)), "", entry.fields["journal"] + entry.fields["title"]))
    assert printed(entry.fields["title"]) == one_line(r.title) and printed(entry.fields["journal"]) == one_line(r.container)
    assert entry.fields["url"] == "https://example.org/%7Ba%7D?b=%7B#c"
    lines = ris([r]).split("\r\n")
    assert f"TI  - {one_line(r.title)}" in lines and f"T2  - {one_line(r.container)}" in lines
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])
    (item,) = json.loads(csl_json([r]))
    assert item["title"] == one_line(r.title) and item["container-title"] == one_line(r.container)
