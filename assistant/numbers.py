"""Numbers and addresses that identify a person: by their shape (e-mail, social security), or by a cue and a shape (date of birth, record number).

The words are content; the shapes of numbers stand here. Every pattern is bounded, so that no input takes long.
"""

import re
from collections.abc import Iterable, Iterator

from assistant.cues import Cue, Read, Span
from ingest.content import Identifying

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+ ?(?:@| ?[(\[] ?at ?[)\]] ?) ?[\w-]+(?:\.[\w-]+)+|(?<![\w.+%-])[\w.+%-]+ at [\w-]+ dot [a-z]{2,6}\b",
    re.IGNORECASE,
)
_UNIT = r"(?![ ]?-?(?:years?|yrs?|y/?o|y|jahre|años|mg|mcg|µg|kg|ml|months?|weeks?|days?|cycles?|patients?|of)\b|[ ]?%)"
_PHONE = re.compile(
    rf"""(?<![\w.,/+:;-])(?:
      (?:\+|00)[1-9]\d*(?:[ ./-]{{1,2}}\(?\d+\)?(?!\d){_UNIT}){{1,6}} | \+\d{{8,15}}    # international
    | (?:1[ .-])?(?:\(\d{{3}}\)[ ]?|\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}                        # three, three, four
    | \(?0\d{{2,5}}\)?(?:[ /-]{{1,3}}\d+(?!\d){_UNIT}){{1,4}}                             # a national number with its 0
    | \d{{2,4}}(?:-\d{{2,4}}){{3,4}}
    )(?![\w]|[.,-]\d){_UNIT}""",
    re.VERBOSE,
)
_DIGITS = re.compile(r"(?<![\w.,/+-])\d{9,18}(?![\w/-]|[.,]\d)")
_RECORD = re.compile(
    r"""(?<![\w-])(?:
      \d{3}-\d{2}-\d{4}                                       # United States social security
    | \d{3}[ -]\d{3}[ -]\d{4}                                 # United Kingdom NHS, if its check digit agrees
    | [A-CEGHJ-PR-TW-Z][A-Z][ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-D]      # United Kingdom national insurance
    | [1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}    # Medicare
    | [A-Z]\d{9}                                              # German health insurance
    | [XYZ\d]-?\d{7}-?[A-Z]                                   # Spanish DNI or NIE, if its letter agrees
    )(?![\w-])""",
    re.VERBOSE,
)
_NUMBER = re.compile(
    rf"(?:[A-Za-z]{{1,6}}[-/ ]?)?(?:\d{{1,4}}(?:[ .-]\d{{2,5}}(?!\w){_UNIT}){{1,5}}(?:[ -]?[A-Za-z](?!\w))?|\d[\w/-]*(?:\.\d+)?|[A-Za-z]\w{{0,3}}\d[\w/-]*){_UNIT}"
)
_YEAR = re.compile(r"(?:19|20)\d{2}(?:[-/]\d{2,4})?")
_CALL = re.compile(rf"\+?\(?\d[\d()/.-]*(?: \(?\d{{2,5}}\)?[\d/-]*(?![\w]){_UNIT}){{0,6}}")
_NUMERIC = r"(?=\d)(?:\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|\d{2})(?!\d)|\d{4} ?[./-] ?\d{1,2} ?[./-] ?\d{1,2}(?!\d))"
_ANY_WORDS = re.compile(r"(?:[^\w\n.;?!]{1,3}[^\W\d_]{1,20}){0,4}[^\w\n;?!]{0,4}")
_BESIDE = re.compile(r"[\s,;:()/*-]{0,5}(?:b\. ?)?")
_POSTCODE = r"(?:[A-Z]{2} )?(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\w)"
_CODE = re.compile(_POSTCODE, re.IGNORECASE)
_TOWN = re.compile(
    rf"(?:\.?,? (?:[Aa]pt|[Aa]partment|[Ff]lat|[Ss]uite|[Uu]nit|#)\.? ?\w{{1,5}}(?!\w))?(?:\.?,? (?:[^\W\d_]{{2,20}} ){{0,3}}?[^\W\d_]{{2,20}},? {_POSTCODE}|\.?,? {_POSTCODE}(?: [A-ZÄÖÜ][^\W\d_]{{2,20}})?)?"
)
_HOUSE = re.compile(r"(?<![\w.,/-])\d{1,5}[A-Za-z]?(?![\w.]),? (?:(?:[^\W_][\w'’-]{0,24}\.? ){1,4})")
_STREET_FIRST = re.compile(r"(?:[ /.]{1,2}[^\W\d_][\w'’.-]{0,24}){1,5}?,? (?:n[.ºo°]{1,2} ?)?\d{1,4}(?!\w)")
_ADDRESS = re.compile(r"\d{1,5}[A-Za-z]?,? (?:[A-ZÄÖÜ][\w'’-]{0,24}\.?[ ,]{1,2}){0,3}[A-ZÄÖÜ][\w'’-]{0,24}")
_SURE_STREETS = {"street", "road", "avenue", "boulevard", "lane"}
_BOX = re.compile(r"\bP\.? ?O\.? ?Box \d+", re.IGNORECASE)


class Numbers:
    """Finds dates of birth, record numbers, phone numbers, e-mail and postal addresses; built once from the languages."""

    def __init__(self, languages: Iterable[Identifying]):
        languages = tuple(languages)
        fillers, month = _either(languages, "fillers"), _either(languages, "months")
        self._gap = re.compile(rf"(?:[\s:=#.,()'’*-]{{0,5}}(?:{fillers})(?!\w)){{0,4}}[\s:=#.,()'’*-]{{0,5}}", re.IGNORECASE)
        day, year, of = r"\d{1,2}(?:st|nd|rd|th|\.|º)?", r"(?:\d{4}|['’]?\d{2})(?!\d)", r"(?:(?:of|de|del) )?"
        full = rf"{_NUMERIC}|{day}[ -]{{0,2}}{of}(?:{month})\.?[ ,-]{{0,3}}{of}{year}|(?:{month})\.? ?{day}?,? {year}"
        part = rf"{day}[ -]{{0,2}}{of}(?:{month})\b|(?:{month})\.? {of}{day}\b|\d{{1,2}}[./]\d{{2,4}}(?!\d)|\d{{8}}(?!\d)|\d{{6}}(?!\d)"
        self._date = re.compile(rf"(?=\w)(?<![\w.,/-])(?:{full})", re.IGNORECASE)
        self._birth = re.compile(rf"{full}|{part}|(?:19|20)\d{{2}}(?![\d./-])", re.IGNORECASE)
        self._street = re.compile(
            rf"(?<!\w)(?=[A-ZÄÖÜ])[^\W\d_]{{2,25}}(?:{_either(languages, 'street_names')})\.? \d{{1,4}} ?[a-z]?(?!\w){_UNIT}"
        )

    def find(self, read: Read, names: list[Span]) -> dict[str, list[Span]]:
        """Returns the places of each kind, in no order; `names` are the places of names, beside which a full date is one of birth."""
        return {
            "e-mail": [m.span() for m in _EMAIL.finditer(read.text)],
            "date of birth": [*self._births(read), *self._beside(read, names)],
            "record number": [*self._after(read, "records", _NUMBER, 3), *_records(read.text)],
            "phone": [*self._after(read, "phones", _CALL, 6), *_phones(read.text)],
            "address": list(self._addresses(read)),
        }

    def _after(self, read: Read, kind: str, shape: re.Pattern, digits: int) -> Iterator[Span]:
        """Yields the numbers of a shape, with so many digits, that follow a cue."""
        for cue in read.of(kind):
            m = shape.match(read.text, self._gap.match(read.text, cue.end).end())
            glued = m and m.start() == cue.end and cue.end - cue.start < 3  # ID6287 is a document's number
            if m and not glued and _digits(m.group()) >= digits and not _YEAR.fullmatch(m.group()):
                yield m.span()

    def _births(self, read: Read) -> Iterator[Span]:
        for cue in read.of("births"):
            m = self._birth.match(read.text, self._gap.match(read.text, cue.end).end())
            m = m or self._date.match(read.text, _ANY_WORDS.match(read.text, cue.end).end())
            if m:
                yield m.span()

    def _beside(self, read: Read, names: list[Span]) -> Iterator[Span]:
        """Yields the full dates that touch a name, that stand before a cue, or that have the asterisk of a birth."""
        ends = {_BESIDE.match(read.text, end).end() for _, end in names}
        starts = {start for start, _ in names} | {c.start for c in read.of("births")}
        for m in self._date.finditer(read.text):
            starred = read.text[max(0, m.start() - 2) : m.start()].strip() == "*"
            if starred or m.start() in ends or _BESIDE.match(read.text, m.end()).end() in starts:
                yield m.span()

    def _addresses(self, read: Read) -> Iterator[Span]:
        text = read.text
        houses = {m.end(): m.start() for m in _HOUSE.finditer(text)}
        for cue in read.of("streets"):
            start = houses.get(cue.start)
            if start is not None and _is_street(text, start, cue):
                yield start, _TOWN.match(text, cue.end).end()
        for cue in read.of("streets_first"):
            m = _STREET_FIRST.match(text, cue.end)
            if m and (cue.end - cue.start > 1 or text[cue.end] == "/"):
                yield cue.start, _TOWN.match(text, m.end()).end()
        for cue in read.of("addresses"):
            m = _ADDRESS.match(text, self._gap.match(text, cue.end).end())
            if m:
                yield m.start(), _TOWN.match(text, m.end()).end()
        for m in (*self._street.finditer(text), *_BOX.finditer(text)):
            yield m.start(), _TOWN.match(text, m.end()).end()
        yield from self._after(read, "postcodes", _CODE, 1)


def _records(text: str) -> Iterator[Span]:
    """Yields the numbers that are record numbers by their shape, where there is a check digit or letter only those that agree."""
    for m in _RECORD.finditer(text):
        number = re.sub(r"\W", "", m.group()).upper()
        if re.fullmatch(r"\d{10}", number) and not _is_nhs(number):
            continue
        if re.fullmatch(r"[XYZ\d]\d{7}[A-Z]", number) and not _is_dni(number):
            continue
        yield m.span()
    for m in _DIGITS.finditer(text):
        if not _is_call(m.group()):
            yield m.span()


def _phones(text: str) -> Iterator[Span]:
    for m in _PHONE.finditer(text):
        if 8 <= _digits(m.group()) <= 16 and not (_RECORD.fullmatch(m.group()) and _is_nhs(re.sub(r"\D", "", m.group()))):
            yield m.span()
    for m in _DIGITS.finditer(text):
        if _is_call(m.group()):
            yield m.span()


def _is_call(digits: str) -> bool:
    """Whether a run of digits is rather a phone number than a record number."""
    return (len(digits) in (10, 11) and not _is_nhs(digits)) or digits.startswith("00")


def _is_nhs(number: str) -> bool:
    """Whether the check digit of an NHS number agrees (modulus 11, NHS Data Dictionary)."""
    if len(number) != 10:
        return False
    check = 11 - sum(int(d) * w for d, w in zip(number, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(number[9])


def _is_dni(number: str) -> bool:
    """Whether the letter of a Spanish DNI or NIE agrees (remainder by 23)."""
    value = int(number[:-1].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23] == number[-1]


def _is_street(text: str, start: int, cue: Cue) -> bool:
    """Whether what stands between a house number and a street word looks like its name: "12 Elm Road", "4 main street"."""
    between = re.findall(r"[^\W_][\w'’-]*", text[start : cue.start])[1:]
    word = text[cue.start : cue.end]
    if all(w[0].isupper() or w[0].isdigit() for w in between):
        return (word[0].isupper() and not (word.isupper() and len(word) < 3)) or len(word) > 3
    return len(between) == 1 and word in _SURE_STREETS


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _either(languages: Iterable[Identifying], field: str) -> str:
    """Returns a pattern for any of a field's words, longer before shorter; one that matches nothing when there is none."""
    words = sorted({w for x in languages for w in getattr(x, field)}, key=len, reverse=True)
    return "|".join(map(re.escape, words)) or r"(?!)"
