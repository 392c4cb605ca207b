"""Whether a monitoring file quotes its statements: every word it shows stands in them, and every period in the words beside it."""

import re
from collections.abc import Iterator

from ingest.content import Corpus, Monitored, Monitoring, Period, Phase, Statement, Wording

_COUNTED = re.compile(r"(?<![\w.])(\d+(?:(?:, | and | or )\d+)*) (day|week|month)s?\b")
_ONE = re.compile(r"\b(?:(?:every|each|once a|per|first) (day|week|month)|(dai|week|month)ly)\b")
_LEFT_OUT = "…"


def misquotes(corpus: Corpus, monitoring: Monitoring) -> Iterator[tuple[str, str, str]]:
    """Yields (word, field, problem): a name that does not exist, words or a period that the statements do not hold."""
    term = corpus.vocabulary.get(monitoring.id)
    if term is None or term.category != "drug":
        yield monitoring.id, "id", f"no drug {monitoring.id!r} in vocabulary/"
    for i, item in enumerate(monitoring.items):
        lost = [id for id in item.statements if id not in corpus.statements]
        for id in lost:
            yield id, f"items.{i}.statements", f"no statement {id!r} in documents/"
        if not lost:
            yield from _item(corpus, item, f"items.{i}")


def periods(words: str) -> set[Period]:
    """Returns the periods that words state: "at 2 and 4 weeks, then monthly" gives 2 weeks, 4 weeks and 1 month."""
    found = {f"{n} {m[2]}" for m in _COUNTED.finditer(words.lower()) for n in re.findall(r"\d+", m[1])}
    found |= {f"1 {m[1] or m[2].replace('dai', 'day')}" for m in _ONE.finditer(words.lower())}
    return {_plural(p) for p in found}


def _plural(period: str) -> Period:
    number, unit = period.rstrip("s").split()
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"


def _item(corpus: Corpus, item: Monitored, place: str) -> Iterator[tuple[str, str, str]]:
    statements = [corpus.statements[id] for id in item.statements]
    titles = [corpus.references[key].title for s in statements for key in s.citations if key in corpus.references]
    if not any(_quoted(item.source, text) for text in (*(s.text for s in statements), *titles)):
        yield item.source, f"{place}.source", f"{item.source!r} stands neither in the statements nor in a cited title"
    if item.region and not _quoted(item.region, item.source):
        yield item.region, f"{place}.region", f"{item.region!r} is no part of the source's name {item.source!r}"
    for field, words in (("test", item.test), ("whom", item.whom), ("before", item.before)):
        if words:
            yield from _wording(words, statements, f"{place}.{field}")
    for field, several in (("phases", item.phases), ("undated", item.undated)):
        for i, words in enumerate(several):
            yield from _wording(words, statements, f"{place}.{field}.{i}")
    for i, phase in enumerate(item.phases):
        yield from _phase(phase, f"{place}.phases.{i}")


def _wording(words: Wording, statements: list[Statement], place: str) -> Iterator[tuple[str, str, str]]:
    for field, quote, texts in (("text", words.text, [s.text for s in statements]), ("plain", words.plain, [s.plain for s in statements])):
        if not any(_quoted(quote, text) for text in texts):
            yield quote, f"{place}.{field}", f"{quote!r} is not what {' or '.join(s.id for s in statements)} says"


def _phase(phase: Phase, place: str) -> Iterator[tuple[str, str, str]]:
    used = {"every": [phase.every], "until": [phase.until], "at": phase.at}
    for field, period in ((field, p) for field, several in used.items() for p in several if p):
        if any(_plural(period) not in periods(words) for words in (phase.text, phase.plain)):
            yield phase.text, f"{place}.{field}", f"{period} does not stand in {phase.text!r} and {phase.plain!r}"


def _quoted(quote: str, text: str) -> bool:
    """Whether the parts of a quote stand in the text as whole words, one after the other."""
    parts = (re.escape(" ".join(part.split())) for part in quote.split(_LEFT_OUT))
    return re.search(".*".join(rf"(?<!\w){part}(?!\w)" for part in parts), text, re.IGNORECASE) is not None
