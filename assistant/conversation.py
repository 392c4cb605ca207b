"""A conversation: its turns, their answers, and the patient's facts carried from turn to turn."""

import uuid
from dataclasses import dataclass, replace

from assistant.answer import Answer
from assistant.followups import Turn


@dataclass(frozen=True)
class Conversation:
    """Turns and their answers, oldest first; adding a turn gives a new conversation."""

    id: str
    turns: tuple[Turn, ...] = ()
    answers: tuple[Answer, ...] = ()

    @staticmethod
    def new() -> "Conversation":
        """Returns an empty conversation with a fresh id."""
        return Conversation(uuid.uuid4().hex)

    def add(self, answer: Answer, turn: Turn) -> "Conversation":
        """Returns the conversation with one more turn."""
        return replace(self, turns=(*self.turns, turn), answers=(*self.answers, answer))

    def without(self, variable: str) -> "Conversation":
        """Returns the conversation with one of the patient's facts forgotten, the turns kept."""

        def left(facts: dict) -> dict:
            return {name: value for name, value in facts.items() if name != variable}

        return replace(self, turns=tuple(replace(t, state=left(t.state), origins=left(t.origins)) for t in self.turns))

    @property
    def title(self) -> str:
        """Returns the first question, cut at 80 characters."""
        return self.turns[0].question[:80] if self.turns else "New conversation"
