"""Citation integrity: right on real answers, and red for each way a citation can be wrong."""

import pytest

from assistant.engine import Question
from evals.integrity import faults

pytestmark = pytest.mark.model


@pytest.fixture
def answer(assistant):
    return assistant.ask(Question("alectinib dose with food?"))


def with_sentence(answer, **changed):
    section = answer.sections[0]
    first = section.sentences[0].model_copy(update=changed)
    sections = (section.model_copy(update={"sentences": (first, *section.sentences[1:])}), *answer.sections[1:])
    return answer.model_copy(update={"sections": sections})


def test_real_answers_have_no_faults(answer, assistant):
    assert list(faults(answer, assistant)) == []
    assert list(faults(assistant.ask(Question("ALK-positive metastatic NSCLC, never treated, options?")), assistant)) == []


def test_each_fault_is_found(answer, assistant):
    def found(a):
        return " ".join(faults(a, assistant))

    assert "not those cited" in found(answer.model_copy(update={"references": answer.references[::-1] + answer.references[:1]}))
    assert "not in the references" in found(with_sentence(answer, citations=(99,)))
    assert "does not support" in found(with_sentence(answer, text="Alectinib is taken as 300 mg once daily with food."))
    assert "nowhere is not in the corpus" in found(with_sentence(answer, statements=("nowhere",)))
    other = next(s for s in assistant.corpus.statements.values() if not set(s.citations) & {r.key for r in answer.references})
    assert "not its references'" in found(with_sentence(answer, statements=(other.id,), text=other.text))
    gone = answer.references[0].model_copy(update={"key": "nobody1999"})
    assert "nobody1999 is not in the corpus" in found(answer.model_copy(update={"references": (gone, *answer.references[1:])}))


def test_a_superseded_statement_alone_is_a_fault(answer, assistant):
    old = next(s for s in assistant.corpus.statements.values() if s.superseded_by)
    assert f"superseded by {old.superseded_by}" in " ".join(faults(with_sentence(answer, statements=(old.id,), text=old.text), assistant))
