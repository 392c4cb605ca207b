"""What spans files: citations and statement ids resolve, pathways name what exists, phrases compile, nothing is dead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.content import Corpus, Part, Pathway, When
from ingest.coverage import problems
from ingest.errors import Fault
from ingest.figures import Figures
from ingest.monitoring import misquotes
from ingest.phrases import compile_phrase
from ingest.reading import HARDEST, Reading

_PLACES = (
    ("identifiers-removed", "{removed}", "what was removed"),
    ("abstained-unknown", "{names}", "what is not held"),
    ("possible-danger", "{message}", "the danger"),
    ("model-wording", "{kept}", "how many sentences are the model's"),
    ("model-wording", "{replaced}", "how many were replaced"),
    ("model-unavailable", "{cause}", "what happened"),
    ("model-read", "{facts}", "what was read"),
)
TEXTS = (
    "notice",
    "notice-approved",
    "disclaimer-clinician",
    "disclaimer-patient",
    "editorial-policy",
    "coverage",
    "abstained-outside",
    "abstained-unknown",
    "abstained-not-covered",
    "missing-medicine",
    "sources-differ",
    "empty-question",
    "identifiers-removed",
    "possible-danger",
    "model-wording",
    "model-unavailable",
    "model-read",
    "monitoring-clinician",
    "monitoring-patient",
    "about",
)


@dataclass(frozen=True)
class Findings:
    """`faults` must be mended; `warnings` are worth a look and do not fail the check."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def check(corpus: Corpus, today: date) -> Findings:
    """Returns every fault and warning that no single file shows. `today` dates the statements past `review_by`."""
    places = _Places(Path(corpus.root))
    faults = [
        *_statements(corpus),
        *(f for p in corpus.pathways.values() for f in _pathway(corpus, p, places)),
        *_cues(corpus, places),
        *_fixed_texts(corpus),
        *_references(corpus, places),
        *_wordings(corpus),
        *_coverage(corpus, places),
        *_monitoring(corpus, places),
    ]
    return Findings(tuple(sorted(faults)), tuple(sorted(_warnings(corpus, today, places))))


class _Places:
    """Finds the line of a word in a content file, for faults that concern parsed content."""

    def __init__(self, root: Path):
        self._root = root
        self._text: dict[str, list[str]] = {}

    def line(self, name: str, word: str) -> int:
        if name not in self._text:
            path = self._root / name
            self._text[name] = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        return next((i for i, text in enumerate(self._text[name], 1) if pattern.search(text)), 1)


def _statements(corpus: Corpus) -> Iterator[Fault]:
    for s in corpus.statements.values():
        file = f"documents/{s.document}.md"
        for key in s.citations:
            if key not in corpus.references:
                yield Fault(file, s.line, "citations", f"@{key} is not in references/")
        if s.superseded_by and s.superseded_by not in corpus.statements:
            yield Fault(file, s.line, "superseded_by", f"no statement {s.superseded_by!r}")


def _wordings(corpus: Corpus) -> Iterator[Fault]:
    """Text and values hold the same figures, and the plain wording can be read."""
    figures, reading = Figures(corpus), Reading(corpus)
    for s in corpus.statements.values():
        file = f"documents/{s.document}.md"
        for field, problem in figures.disagreements(s):
            yield Fault(file, s.line, field, problem)
        grade = reading.grade(s.plain)
        if grade > HARDEST:
            yield Fault(
                file, s.line, "plain", f"{s.id}: reading grade {grade:.1f}; at most {HARDEST:.0f}: shorter sentences, shorter words"
            )


def _coverage(corpus: Corpus, places: _Places) -> Iterator[Fault]:
    for matrix in corpus.coverage.values():
        file = f"coverage/{matrix.id}.yaml"
        for word, field, problem in problems(corpus, matrix):
            yield Fault(file, places.line(file, word), field, problem)


def _monitoring(corpus: Corpus, places: _Places) -> Iterator[Fault]:
    for monitoring in corpus.monitoring.values():
        file = f"monitoring/{monitoring.id}.yaml"
        for word, field, problem in misquotes(corpus, monitoring):
            yield Fault(file, places.line(file, word), field, problem)


def _references(corpus: Corpus, places: _Places) -> Iterator[Fault]:
    for r in corpus.references.values():
        if r.superseded_by and r.superseded_by not in corpus.references:
            file = f"references/{r.key}.yaml"
            yield Fault(file, places.line(file, "superseded_by"), "superseded_by", f"no reference {r.superseded_by!r}")


def _pathway(corpus: Corpus, p: Pathway, places: _Places) -> Iterator[Fault]:
    file = f"pathways/{p.id}.yaml"

    def fault(word: str, field: str, problem: str) -> Fault:
        return Fault(file, places.line(file, word), field, problem)

    for term in p.applies_to:
        if term not in corpus.vocabulary:
            yield fault(term, "applies_to", f"no term {term!r} in vocabulary/")
    named = set(_named_statements(p))
    for place, id in sorted(named):
        if id not in corpus.statements:
            yield fault(id, place, f"no statement {id!r} in documents/")
        elif (newer := corpus.statements[id].superseded_by) and (place, newer) not in named:
            yield fault(id, place, f"{id!r} is superseded by {newer!r}: name the newer one, alone or beside it")
    for place, when in _conditions(p):
        for name, values in when.items():
            if name not in p.variables:
                yield fault(name, place, f"no variable {name!r}; valid: {', '.join(p.variables)}")
                continue
            for value in values:
                if value not in p.variables[name].values:
                    yield fault(value, f"{place}.{name}", f"no value {value!r}; valid: {', '.join(p.variables[name].values)}")
    used = {name for node in p.nodes.values() for o in node.options for name in o.glance.model_dump().values() if name}
    for name in sorted(used ^ set(p.briefs)):
        yield fault(name, "briefs", f"no brief {name!r}" if name in used else f"no option's glance uses {name!r}")
    for node in p.nodes.values():
        for o in node.options:
            for name in filter(None, o.glance.model_dump().values()):
                for id in set(p.briefs[name].statements if name in p.briefs else ()) - set(o.statements):
                    yield fault(
                        o.option, "glance", f"{o.option}: the brief {name!r} rests on {id!r}, which is not among the option's statements"
                    )
    for rule in p.decide:
        if rule.reach not in p.nodes:
            yield fault(rule.reach, "decide.reach", f"no node {rule.reach!r}; valid: {', '.join(p.nodes)}")
    for e in p.examples:
        if e.node is not None and e.node not in p.nodes:
            yield fault(e.node, "examples.node", f"no node {e.node!r}")
    lists = corpus.lists(p.phrases)
    for name, variable in p.variables.items():
        for value, synonyms in variable.values.items():
            for phrase in synonyms:
                try:
                    compile_phrase(phrase, lists)
                except ValueError as e:
                    yield fault(value, f"variables.{name}.values.{value}", str(e))
        for place, used in (
            ("labels", variable.labels),
            ("denied", [*variable.denied, *variable.denied.values()]),
            ("given", variable.given),
            ("named", variable.named),
            ("over", [*variable.over, *(v for beaten in variable.over.values() for v in beaten)]),
        ):
            for value in used:
                if value not in variable.values:
                    yield fault(value, f"variables.{name}.{place}", f"no value {value!r}; valid: {', '.join(variable.values)}")
        for place, terms in (("given", variable.given), ("named", variable.named)):
            for term in (t for named in terms.values() for t in named):
                if term not in corpus.vocabulary:
                    yield fault(term, f"variables.{name}.{place}", f"no term {term!r} in vocabulary/")


def _named_statements(p: Pathway) -> Iterator[tuple[str, str]]:
    def parts(place: str, runs: tuple[Part, ...]):
        return ((place, id) for part in runs for id in part.statements)

    yield from parts("overview", p.overview)
    yield from parts("notes", p.notes)
    for r in p.rule_out:
        for id in r.statements:
            yield "rule_out", id
    for name, brief in p.briefs.items():
        for id in brief.statements:
            yield f"briefs.{name}", id
    for name, node in p.nodes.items():
        for id in node.summary:
            yield f"nodes.{name}.summary", id
        yield from parts(f"nodes.{name}.parts", node.parts)
        for option in node.options:
            for id in option.statements:
                yield f"nodes.{name}.options", id


def _conditions(p: Pathway) -> Iterator[tuple[str, When]]:
    for rule in p.decide:
        yield "decide.when", rule.when
    for r in p.rule_out:
        yield "rule_out.when", r.when
    for note in p.notes:
        yield "notes.when", note.when
    for node in p.nodes.values():
        for part in node.parts:
            yield "nodes.parts.when", part.when
    for name, variable in p.variables.items():
        yield f"variables.{name}.only_with", variable.only_with
    for i in p.implied:
        yield "implied.when", i.when
        yield "implied.then", {k: (v,) for k, v in i.then.items()}
    yield "usual", {k: (v,) for k, v in p.usual.items()}
    for e in p.examples:
        yield "examples.state", {k: (v,) for k, v in e.state.items()}


def _cues(corpus: Corpus, places: _Places) -> Iterator[Fault]:
    for folder, part in (("premises", corpus.premises), ("urgent", corpus.urgent), ("context", corpus.context)):
        for entry in part.values():
            file = _file_of(corpus, folder, entry.id, places)
            lists = corpus.lists(getattr(entry, "phrases", {}))
            for field in ("cues", "always", "unless", "before", "after", "anywhere"):
                for phrase in getattr(entry, field, ()):
                    try:
                        compile_phrase(phrase, lists)
                    except ValueError as e:
                        yield Fault(file, places.line(file, entry.id), f"{entry.id}.{field}", str(e))
    for contrast in corpus.contrasts.values():
        file = _file_of(corpus, "contrasts", contrast.id, places)
        for phrase in (p for side in contrast.sides for p in side):
            try:
                compile_phrase(phrase)
            except ValueError as e:
                yield Fault(file, places.line(file, contrast.id), f"{contrast.id}.sides", str(e))
    for premise in corpus.premises.values():
        file = _file_of(corpus, "premises", premise.id, places)
        for id in premise.statements:
            if id not in corpus.statements:
                yield Fault(file, places.line(file, id), f"{premise.id}.statements", f"no statement {id!r} in documents/")
    for messages in corpus.messages.values():
        file = _file_of(corpus, "messages", messages.id, places)
        for field, known, folder in (("danger", corpus.urgent, "urgent"), ("premise", corpus.premises, "premises")):
            id = getattr(messages, field)
            if id and id not in known:
                yield Fault(file, places.line(file, id), f"{messages.id}.{field}", f"no {field} {id!r} in {folder}/")
    for difference in corpus.differences.values():
        file = _file_of(corpus, "differences", difference.id, places)
        for id in difference.statements:
            if id not in corpus.statements:
                yield Fault(file, places.line(file, id), f"{difference.id}.statements", f"no statement {id!r} in documents/")
    for language in corpus.identifiers.values():
        for field in language.CUES:
            for phrase in getattr(language, field):
                try:
                    compile_phrase(phrase)
                except ValueError as e:
                    file = f"identifiers/{language.id}.yaml"
                    yield Fault(file, places.line(file, field), field, str(e))
    for term in corpus.vocabulary.values():
        for phrase in (term.name, *term.synonyms):
            try:
                compile_phrase(phrase)
            except ValueError as e:
                file = _file_of(corpus, "vocabulary", term.id, places)
                yield Fault(file, places.line(file, term.id), f"terms.{term.id}", str(e))


def _file_of(corpus: Corpus, folder: str, id: str, places: _Places) -> str:
    root = Path(corpus.root)
    for path in sorted((root / folder).glob("*.yaml")):
        name = path.relative_to(root).as_posix()
        if places.line(name, id) > 1 or re.match(rf"{re.escape(id)}:", path.read_text(encoding="utf-8")):
            return name
    return folder


def _fixed_texts(corpus: Corpus) -> Iterator[Fault]:
    for id in TEXTS:
        if id not in corpus.texts:
            yield Fault(f"texts/{id}.md", 1, "file", "is missing; the product shows this text")
    for id, place, what in _PLACES:
        if id in corpus.texts and place not in corpus.texts[id].body:
            yield Fault(f"texts/{id}.md", 1, "body", f"should hold {place}, where {what} is named")


def _warnings(corpus: Corpus, today: date, places: _Places) -> Iterator[Fault]:
    cited = {key for s in corpus.statements.values() for key in s.citations}
    for r in corpus.references.values():
        if r.key not in cited:
            yield Fault(f"references/{r.key}.yaml", 1, "key", "no statement cites this reference")
    for s in corpus.statements.values():
        if s.review_by and s.review_by < today:
            yield Fault(f"documents/{s.document}.md", s.line, "review_by", f"{s.id} was due for review on {s.review_by}")
        for topic in s.topics:
            if topic not in corpus.vocabulary:
                yield Fault(f"documents/{s.document}.md", s.line, "topics", f"{topic!r} is not in vocabulary/")
