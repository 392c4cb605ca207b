"""Falsified copies of the curated statements, one altered thing each: what a verifier must catch.

Pure and seeded by the text itself, so the same corpus gives the same mutants. Skipped, because it would be no falsification or one by accident true:
a number or unit the statement holds anyway; an exchange of equal figures, of the two ends of a range ("3 to 7"), of figures or names merely listed
("grade 3 or 4", "one drug or another") where no arm tells them apart, of two drugs compared without a result; a citation of another
statement that holds every figure and four in five of the words. Drug, trial and gene names come from the corpus vocabulary.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from assistant.lexicon import Lexicon, Mention
from ingest.content import Corpus, Statement
from ingest.figures import canonical
from ingest.phrases import tokenise

_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w⁰¹²³⁴⁵⁶⁷⁸⁹^]|\.\d)")
_SPELLED = "two three four five six seven eight nine ten eleven twelve".split()
_SPELLED_NUMBER = re.compile(rf"\b(?:{'|'.join(_SPELLED)}|twice|once(?= daily| a | every))\b")
_UNITS = {
    "mg": "g",
    "g": "mg",
    "mcg": "mg",
    "kg": "g",
    "%": " months",
    "percent": "months",
    "months": "weeks",
    "month": "week",
    "weeks": "months",
    "week": "month",
    "days": "weeks",
    "day": "week",
    "hours": "days",
    "hour": "day",
    "years": "months",
    "year": "month",
    "cm": "mm",
    "mm": "cm",
    "ml": "l",
    "ms": "minutes",
}
_UNIT = re.compile(rf"([\s-]?)({'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![A-Za-z])", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|can|should|must|has|have|had|will)\b(?! (?:no|not|never|neither)\b)")
_DENIAL = re.compile(r"\b(?:not |never |no (?!\.)|cannot\b|without\b)|n't\b", re.IGNORECASE)
_OPPOSITES = [
    *("higher lower", "more less", "more fewer", "before after", "above below", "longer shorter", "older younger", "better worse"),
    *(
        "at_least at_most",
        "increase decrease",
        "increases decreases",
        "increased decreased",
        "rose fell",
        "raised lowered",
        "earlier later",
    ),
    *("larger smaller", "highest lowest", "improved worsened", "up_to at_least"),
]
_TURN = {
    a.replace("_", " "): b.replace("_", " ")
    for pair in reversed(_OPPOSITES)
    for a, b in (pair.split(), pair.split()[::-1])
    if a != "at_least" or b == "at_most"
}
_COMPARATOR = re.compile(rf"\b(?:{'|'.join(sorted(_TURN, key=len, reverse=True))})\b", re.IGNORECASE)
_LISTED = re.compile(r"[\s%]*(?:mg|months|weeks|days|years|hours)?[\s,]*(?:and|or|to|with|plus|/|,|-|–)?\s*", re.IGNORECASE)
_COMPARED = re.compile(r"\s*(?:and|or|with|plus|against|versus|vs|,|/|nor)\s*", re.IGNORECASE)
_GRADED = re.compile(r"\b(?:grades?|phases?|stages?|exons?|status|PS|ECOG|cohorts?|parts?)\s*$", re.IGNORECASE)
_HAZARD = re.compile(r"(?:hazard ratio|HR)(?: of)? (\d\.\d+)")


@dataclass(frozen=True)
class Mutant:
    """A falsified sentence: what kind, the statement it cites, the one it came from, and what was altered."""

    kind: str
    statement: str
    origin: str
    sentence: str
    change: str


def mutants(corpus: Corpus, lexicon: Lexicon, step: int = 1, seed: int = 0) -> Iterator[Mutant]:
    """Yields the mutants of both wordings of every `step`-th statement, in document order; another seed alters other places."""
    statements = list(corpus.statements.values())
    drugs, trials, genes = ([t.name for t in corpus.vocabulary.values() if t.category == c] for c in ("drug", "trial", "gene"))
    for at, s in enumerate(statements):
        if at % step:
            continue
        for text in dict.fromkeys((s.text, s.plain)):
            rng = Random(f"{seed}/{s.id}/{text}")
            made: list[tuple[str, tuple[str, str] | None]] = [
                *(("number", _number(s, text, rng, change)) for change in (_other, _transposed, _shifted)),
                ("number", _spelled(s, text, rng)),
                ("unit", _unit(s, text, rng)),
                ("drug name", _renamed(s, text, rng, lexicon, "drug", drugs)),
                ("trial or gene name", _renamed(s, text, rng, lexicon, "trial", trials)),
                ("trial or gene name", _renamed(s, text, rng, lexicon, "gene", genes)),
                ("negation added", _denied(text, rng)),
                ("negation removed", _affirmed(text, rng)),
                ("comparator", _turned(text, rng)),
                ("pairing of figures", _figures_exchanged(s, text, rng)),
                ("pairing of hazard ratio", _hazard_exchanged(text, rng)),
                ("pairing of drugs", _drugs_exchanged(s, text, lexicon)),
            ]
            for kind, mutant in made:
                if mutant and mutant[0] != text:
                    yield Mutant(kind, s.id, s.id, *mutant)
            for other in (statements[(at + 1) % len(statements)], rng.choice(statements)):
                if other is not s and not _says_the_same(text, other):
                    yield Mutant("citation", other.id, s.id, text, f"cites {other.id}")


def figures(text: str) -> list[re.Match]:
    """Returns the numbers written in digits, in order."""
    return list(_NUMBER.finditer(text))


def _held(s: Statement) -> set[str]:
    return {canonical(m) for m in re.findall(r"\d+(?:\.\d+)?", f"{s.text} {s.plain}".replace(",", ""))}


def _replaced(text: str, start: int, end: int, new: str) -> tuple[str, str]:
    return text[:start] + new + text[end:], f"{text[start:end].strip()} -> {new.strip() or 'nothing'}"


def _number(s: Statement, text: str, rng: Random, change: Callable[[str, Random], str | None]) -> tuple[str, str] | None:
    candidates = figures(text)
    rng.shuffle(candidates)
    for m in candidates:
        new = change(m.group(), rng)
        if new and canonical(new) not in _held(s):
            return _replaced(text, m.start(), m.end(), new)
    return None


def _other(number: str, rng: Random) -> str | None:
    whole, dot, rest = number.partition(".")
    value = int(whole.replace(",", ""))
    new = rng.choice([v for v in (value + 1, value + 2, value + 10, max(value - 1, 0), max(value - 3, 0), value * 2) if v != value])
    return f"{new}{dot}{rest}"


def _transposed(number: str, rng: Random) -> str | None:
    digits = number.replace(",", "")
    places = [i for i in range(len(digits) - 1) if "." not in digits[i : i + 2] and digits[i] != digits[i + 1] and (i or digits[1] != "0")]
    if not places:
        return None
    i = rng.choice(places)
    return digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]


def _shifted(number: str, rng: Random) -> str | None:
    value = float(number.replace(",", ""))
    return canonical(f"{value * 10 if rng.random() < 0.5 else value / 10:.6f}") if value else None


def _spelled(s: Statement, text: str, rng: Random) -> tuple[str, str] | None:
    found = list(_SPELLED_NUMBER.finditer(text))
    if not found:
        return None
    m = rng.choice(found)
    if m.group() in ("twice", "once"):
        return _replaced(text, m.start(), m.end(), "once" if m.group() == "twice" else "twice")
    words = f"{s.text} {s.plain}".lower()
    unused = [w for i, w in enumerate(_SPELLED, 2) if not re.search(rf"\b{w}\b", words) and str(i) not in _held(s)]
    return _replaced(text, m.start(), m.end(), rng.choice(unused)) if unused else None


def _unit(s: Statement, text: str, rng: Random) -> tuple[str, str] | None:
    candidates = [(n, u) for n in figures(text) if (u := _UNIT.match(text, n.end()))]
    rng.shuffle(candidates)
    for n, u in candidates:
        new = _UNITS[u.group(2).lower()]
        if not re.search(rf"(?<![\w.]){re.escape(n.group())}[\s-]?{re.escape(new.strip())}s?\b", f"{s.text} {s.plain}"):
            return _replaced(text, n.start(), u.end(), n.group() + u.group(1) + new)
    return None


def _renamed(s: Statement, text: str, rng: Random, lexicon: Lexicon, category: str, names: list[str]) -> tuple[str, str] | None:
    found = [m for m in lexicon.find(text) if m.category == category]
    here = set(lexicon.of(f"{s.text} {s.plain}", category))
    others = [n for n in names if not set(lexicon.of(n, category)) & here]
    if not found or not others:
        return None
    start, end = _place(text, rng.choice(found))
    return _replaced(text, start, end, rng.choice(others))


def _place(text: str, m: Mention) -> tuple[int, int]:
    tokens = tokenise(text)
    return tokens[m.first].start, tokens[m.last - 1].end


def _denied(text: str, rng: Random) -> tuple[str, str] | None:
    found = list(_AUXILIARY.finditer(text))
    if not found:
        return None
    m = rng.choice(found)
    return _replaced(text, m.start(), m.end(), f"{m.group()} not")


def _affirmed(text: str, rng: Random) -> tuple[str, str] | None:
    found = list(_DENIAL.finditer(text))
    if not found:
        return None
    m = rng.choice(found)
    new = {"cannot": "can", "without": "with"}.get(m.group().lower(), "")
    return _replaced(text, m.start(), m.end(), new)


def _turned(text: str, rng: Random) -> tuple[str, str] | None:
    found = list(_COMPARATOR.finditer(text))
    if not found:
        return None
    m = rng.choice(found)
    new = _TURN[m.group().lower()]
    return _replaced(text, m.start(), m.end(), new.capitalize() if m.group()[0].isupper() else new)


def _exchanged(text: str, a: tuple[int, int], b: tuple[int, int]) -> tuple[str, str]:
    (i, j), (k, l) = sorted((a, b))
    return text[:i] + text[k:l] + text[j:k] + text[i:j] + text[l:], f"{text[i:j]} <-> {text[k:l]}"


def _figures_exchanged(s: Statement, text: str, rng: Random) -> tuple[str, str] | None:
    """Exchanges two figures of two arms, as `values` tells them; else two figures with one unit that are no plain list or range."""
    found = figures(text)
    arms = len(s.values["arms"]) if isinstance(s.values.get("arms"), list) else 0
    for value in s.values.values():
        if arms > 1 and isinstance(value, list) and len(value) == arms:
            places = [[m for m in found if _equals(m.group(), v)] for v in value[:2]]
            if all(len(p) == 1 for p in places) and not _equals(places[0][0].group(), value[1]):
                return _exchanged(text, places[0][0].span(), places[1][0].span())
    pairs = [
        (a, b)
        for i, a in enumerate(found)
        for b in found[i + 1 :]
        if canonical(a.group()) != canonical(b.group())
        and (_unit_at(text, a) == _unit_at(text, b))
        and not _LISTED.fullmatch(text[a.end() : b.start()])
        and not (_GRADED.search(text[: a.start()]) or _GRADED.search(text[: b.start()]))
        and len({m.group() for m in found if m.group() in (a.group(), b.group())})
        == sum(m.group() in (a.group(), b.group()) for m in found)
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return _exchanged(text, a.span(), b.span())


def _equals(written: str, value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and canonical(written) == canonical(value)


def _unit_at(text: str, m: re.Match) -> str:
    unit = _UNIT.match(text, m.end())
    return unit.group(2).lower() if unit else ""


def _hazard_exchanged(text: str, rng: Random) -> tuple[str, str] | None:
    hazards = list(_HAZARD.finditer(text))
    if not hazards:
        return None
    h = rng.choice(hazards)
    others = [m for m in figures(text) if "." in m.group() and canonical(m.group()) != canonical(h.group(1))]
    return _exchanged(text, h.span(1), rng.choice(others).span()) if others else None


def _drugs_exchanged(s: Statement, text: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """Exchanges two drugs wherever they are named, unless they are only listed or compared without a result."""
    found = [m for m in lexicon.find(text) if m.category == "drug"]
    terms = list(dict.fromkeys(m.term for m in found))
    arms = [str(a) for a in s.values["arms"]] if isinstance(s.values.get("arms"), list) and figures(text) else []
    for a, b in itertools.pairwise(terms):
        places = sorted((_place(text, m), m.term) for m in found if m.term in (a, b))
        gaps = [text[x[0][1] : y[0][0]] for x, y in itertools.pairwise(places)]
        apart = any(a in (here := lexicon.of(arm)) and b not in here for arm in arms)
        if not apart and all(_COMPARED.fullmatch(g) for g in gaps):
            continue
        names = {term: next(text[i:j] for (i, j), t in places if t == term) for term in (a, b)}
        new = text
        for (i, j), term in reversed(places):
            new = new[:i] + names[b if term == a else a] + new[j:]
        return new, f"{names[a]} <-> {names[b]}"
    return None


def _says_the_same(text: str, other: Statement) -> bool:
    words = {t.word for t in tokenise(text)}
    held = {t.word for t in tokenise(f"{other.text} {other.plain}")}
    return len(words & held) >= 0.8 * len(words) and {w for w in words if w[0].isdigit()} <= held
