"""What readers say of an answer: appended to `feedback.jsonl` in the data directory, with the answer's id and never its question."""

import json
from datetime import date
from pathlib import Path

from assistant.answer import Answer
from ingest.errors import CitepathError
from ingest.files import append_line

RATINGS = ("not_helpful", "helpful")
PROBLEMS = ("wrong_citation", "unsafe", "outdated", "unclear", "other")
LONGEST = 2_000  # characters of a comment


def record(data: Path, answer: Answer, today: date, rating: str | None = None, problem: str | None = None, comment: str = "") -> dict:
    """Appends one line on the answer and returns it: `rating` of RATINGS or `problem` of PROBLEMS, and a comment already masked.

    Raises:
        CitepathError: neither a known rating nor a known problem, a comment that is too long, or the file cannot be written.
    """
    if (rating is None) == (problem is None) or rating not in (None, *RATINGS) or problem not in (None, *PROBLEMS):
        raise CitepathError("Feedback is a rating or a problem.", f"Choose one of: {', '.join((*RATINGS, *PROBLEMS))}.")
    if len(comment) > LONGEST:
        raise CitepathError(f"The comment has {len(comment)} characters; at most {LONGEST} are kept.", "Say it in fewer words.")
    said = {
        "date": today.isoformat(),
        "answer": answer.id,
        "corpus_version": answer.corpus_version,
        "engine": answer.engine,
        "audience": answer.audience,
        **({"rating": rating} if rating else {"problem": problem, "comment": comment}),
    }
    path = data / "feedback.jsonl"
    try:
        data.mkdir(parents=True, exist_ok=True)
        append_line(path, json.dumps(said, ensure_ascii=False))
    except OSError as e:
        raise CitepathError(
            f"Feedback could not be written to {path} ({e.strerror}).", "Free space or name another folder with --data."
        ) from e
    return said
