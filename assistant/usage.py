"""Where a curated statement is used: pathways, premises, differences, coverage; and which statements cite a reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.content import Corpus, Pathway
from ingest.coverage import cells

Kind = Literal["option", "summary", "part", "ruled out", "table", "overview", "note", "premise", "difference", "coverage"]


@dataclass(frozen=True)
class Use:
    """One place that shows a statement.

    Attributes:
        place: id of the place: `pathway/node`, a pathway, a premise, a difference or a coverage matrix.
        within: title of the pathway (and node) or matrix, or empty.
        title: what is shown there: an option, a part, a premise, the cells of a matrix.
    """

    kind: Kind
    place: str
    within: str
    title: str


def uses(corpus: Corpus) -> dict[str, tuple[Use, ...]]:
    """Returns every use of each statement, pathways first; a statement that nothing names has an empty tuple."""
    found: dict[str, dict[Use, None]] = {id: {} for id in corpus.statements}
    for id, use in _all(corpus):
        if id in found:
            found[id][use] = None
    return {id: tuple(named) for id, named in found.items()}


def citing(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Returns the ids of the statements that cite each reference, in document order."""
    found: dict[str, list[str]] = {key: [] for key in corpus.references}
    for s in corpus.statements.values():
        for key in dict.fromkeys(s.citations):
            found.setdefault(key, []).append(s.id)
    return {key: tuple(ids) for key, ids in found.items()}


def superseding(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Returns the ids of the older statements that each statement replaces; statements that replace none are left out."""
    found: dict[str, list[str]] = {}
    for s in corpus.statements.values():
        if s.superseded_by:
            found.setdefault(s.superseded_by, []).append(s.id)
    return {id: tuple(older) for id, older in found.items()}


def _all(corpus: Corpus) -> Iterator[tuple[str, Use]]:
    for pathway in corpus.pathways.values():
        yield from _pathway(pathway)
    for premise in corpus.premises.values():
        for id in premise.statements:
            yield id, Use("premise", premise.id, "", premise.premise)
    for difference in corpus.differences.values():
        for id in difference.statements:
            yield id, Use("difference", difference.id, "", difference.title)
    for matrix in corpus.coverage.values():
        for (row, column), ids in cells(corpus, matrix).items():
            for id in ids:
                yield id, Use("coverage", matrix.id, matrix.title, f"{_name(corpus, row)}, {_name(corpus, column)}")


def _pathway(pathway: Pathway) -> Iterator[tuple[str, Use]]:
    for name, node in pathway.nodes.items():
        place, within = f"{pathway.id}/{name}", f"{pathway.title}: {node.title}"
        for option in node.options:
            for id in option.statements:
                yield id, Use("option", place, within, option.option)
        for id in node.summary:
            yield id, Use("summary", place, within, "")
        for part in node.parts:
            for id in part.statements:
                yield id, Use("part", place, within, part.title)
    for ruled in pathway.rule_out:
        for id in ruled.statements:
            yield id, Use("ruled out", pathway.id, pathway.title, ruled.option)
    for brief in pathway.briefs.values():
        for id in brief.statements:
            yield id, Use("table", pathway.id, pathway.title, brief.text)
    for kind, parts in (("overview", pathway.overview), ("note", pathway.notes)):
        for part in parts:
            for id in part.statements:
                yield id, Use(kind, pathway.id, pathway.title, part.title)


def _name(corpus: Corpus, term: str) -> str:
    return corpus.vocabulary[term].name if term in corpus.vocabulary else term
