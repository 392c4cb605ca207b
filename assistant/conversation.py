"""A conversation: its turns, their answers, and the patient's facts carried from turn to turn."""

import uuid
from dataclasses import dataclass, replace

from assistant.answer import Answer
from assistant.followups import Turn

LONGEST_TITLE = 80  # characters


@dataclass(frozen=True)
class Conversation:
    """Turns and their answers, oldest first, and the name the reader gave it, if any; adding a turn gives a new conversation."""

    id: str
    turns: tuple[Turn, ...] = ()
    answers: tuple[Answer, ...] = ()
    name: str | None = None

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
        """Returns the name, or the first question, in one line of at most 80 characters."""
        return " ".join((self.name or (self.turns[0].question if self.turns else "")).split())[:LONGEST_TITLE] or "New conversation"
