"""Which topic is covered for which drug or gene: the matrices of `corpus/coverage/`, filled from the tags of statements."""

from collections.abc import Iterator

from ingest.content import Corpus, Matrix


def cells(corpus: Corpus, matrix: Matrix) -> dict[tuple[str, str], tuple[str, ...]]:
    """Returns the ids of the statements tagged with both row and column, for every cell; an empty tuple is a hole."""
    return {
        (row, column): tuple(s.id for s in corpus.statements.values() if row in s.topics and column in s.topics)
        for row in matrix.rows
        for column in matrix.columns
    }


def holes(corpus: Corpus, row: str, column: str) -> Iterator[str]:
    """Yields the declared reasons why the corpus holds nothing on this row and column."""
    for matrix in corpus.coverage.values():
        if column in matrix.holes.get(row, {}):
            yield matrix.holes[row][column]


def problems(corpus: Corpus, matrix: Matrix) -> Iterator[tuple[str, str, str]]:
    """Yields (word, field, problem): a hole nobody declared, a declared one that is filled, a name that is not in the vocabulary."""
    for field, names in (("rows", matrix.rows), ("columns", matrix.columns)):
        for name in names:
            if name not in corpus.vocabulary:
                yield name, field, f"no term {name!r} in vocabulary/"
    for row, reasons in matrix.holes.items():
        for column in reasons:
            if row not in matrix.rows or column not in matrix.columns:
                yield row, "holes", f"{row} and {column} is no cell of this matrix"
    for (row, column), found in cells(corpus, matrix).items():
        declared = column in matrix.holes.get(row, {})
        if not found and not declared:
            yield row, "holes", f"no statement is tagged {row} and {column}, and no reason is given"
        elif found and declared:
            yield row, "holes", f"{row} and {column} is declared a hole, but {found[0]} covers it"


def table(corpus: Corpus, matrix: Matrix) -> str:
    """Returns the matrix as text: columns down, rows across, the number of statements in each cell, `-` for a declared hole."""
    counts = {cell: len(found) for cell, found in cells(corpus, matrix).items()}
    width = max(len(c) for c in matrix.columns)
    lines = [matrix.title, " " * width + "".join(f"  {row[:12]:>12}" for row in matrix.rows)]
    for column in matrix.columns:
        shown = (str(counts[row, column]) if counts[row, column] else "-" for row in matrix.rows)
        lines.append(f"{column:<{width}}" + "".join(f"  {n:>12}" for n in shown))
    for row, reasons in matrix.holes.items():
        lines += [f"- {row}, {column}: {reason}" for column, reason in reasons.items()]
    return "\n".join(lines)
