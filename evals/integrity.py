"""Citation integrity of one answer: every number resolves, none is unused, every sentence is supported, nothing superseded stands alone."""

from collections.abc import Iterator

from assistant.answer import Answer, Sentence
from assistant.engine import Assistant


def faults(answer: Answer, assistant: Assistant) -> Iterator[str]:
    """Yields what is wrong with the citations of an answer, in words; nothing where all is right.

    Judged against the assistant's corpus: statements and references exist; a sentence carries the numbers of its statements' references
    and of no others; numbers run from 1 in order of appearance in the sections; a sentence is one of its statements' wordings or is
    supported by each of them; an option's cells are cited from the same list; a superseded statement is shown only beside the one
    that replaces it.
    """
    statements, numbers = assistant.corpus.statements, {r.number: r.key for r in answer.references}
    sentences = [*answer.premise_notes, *(s for section in answer.sections for s in section.sentences)]
    cells = [c for o in answer.options for c in (o.figure, o.cns, o.schedule, o.risks) if c]
    if [r.number for r in answer.references] != list(dict.fromkeys(n for s in sentences for n in s.citations)):
        yield "the references are not those cited, in order"
    for r in answer.references:
        if r.key not in assistant.corpus.references:
            yield f"[{r.number}] {r.key} is not in the corpus"
    shown = {i for s in sentences for i in s.statements}
    for s in (*sentences, *cells):
        if unknown := [i for i in s.statements if i not in statements]:
            yield f"{unknown[0]} is not in the corpus"
            continue
        yield from _numbers(s, {numbers.get(n) for n in s.citations}, {key for i in s.statements for key in statements[i].citations})
    for s in sentences:
        for i in s.statements:
            if i in statements and not assistant.verifier.verify(s.text, [statements[i]]).supported:
                yield f"{i} does not support its sentence"
            if i in statements and (newer := statements[i].superseded_by) and newer not in shown:
                yield f"{i} is superseded by {newer}, which is not shown"


def _numbers(s: Sentence, cited: set[str | None], held: set[str]) -> Iterator[str]:
    if None in cited:
        yield f"a number of {s.statements[0]} is not in the references"
    elif cited != held:
        yield f"the numbers of {s.statements[0]} are not its references'"
