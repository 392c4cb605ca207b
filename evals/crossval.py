"""Cross-validation of the alarm's second net: each message is judged by a model that has not seen it."""

from dataclasses import asdict, dataclass

from langchain_core.embeddings import Embeddings

from assistant.alarm import POSSIBLE, SURE, Alarm
from assistant.lexicon import Lexicon
from evals.metrics import wilson
from ingest import triage
from ingest.content import Corpus

FOLDS = 5


@dataclass(frozen=True)
class Judged:
    """One message: its true danger (NONE for none), by what it was found (cue, sure, possible, nothing), and the danger named."""

    text: str
    danger: str
    found: str
    named: str


def judge(corpus: Corpus, embeddings: Embeddings, folds: int = FOLDS) -> tuple[Judged, ...]:
    """Returns every message of the corpus, judged by the cues and by a model fitted on the other folds.

    Every n-th message of each list belongs to the same fold, so that the folds are alike and nothing is drawn by chance.
    """
    pairs = triage.labelled(corpus, triage.DANGERS)
    vectors = triage.embedded(embeddings, [text for _, text in pairs])
    lexicon, judged = Lexicon(corpus), {}
    for fold in range(folds):
        kept = [i for i in range(len(pairs)) if i % folds != fold]
        model = triage.fit(triage.DANGERS, [pairs[i] for i in kept], vectors[kept])
        alarm = Alarm(corpus, lexicon, lambda text, model=model: model.probabilities(text, embeddings.embed_query(text)))
        for i in range(fold, len(pairs), folds):
            danger, text = pairs[i]
            found = alarm.danger(text)
            how = "nothing" if not (found.urgent or found.possible) else "possible" if found.possible else "sure"
            if how == "sure" and alarm.by_cue(text):
                how = "cue"
            named = found.urgent or found.possible
            judged[i] = Judged(text, danger, how, named.id if named else triage.NONE)
    return tuple(judged[i] for i in range(len(pairs)))


def wrong(judged: tuple[Judged, ...]) -> list[Judged]:
    """Returns the dangers passed over and the harmless messages answered as urgent."""
    return [j for j in judged if (j.found == "nothing" if j.danger else j.found in ("cue", "sure"))]


def as_json(judged: tuple[Judged, ...]) -> dict:
    """Returns every judged message, ready to be written as JSON."""
    return {"sure": SURE, "possible": POSSIBLE, "folds": FOLDS, "messages": [asdict(j) for j in judged]}


def table(judged: tuple[Judged, ...]) -> str:
    """Returns the report: of dangers and of harmless messages, the share taken by cues, as sure, and at least as possible."""
    lines = [f"A danger is sure from {SURE}, possible from {POSSIBLE}; {FOLDS}-fold cross-validation, Wilson 95%."]
    groups = {"dangers": [j for j in judged if j.danger], "harmless": [j for j in judged if not j.danger]}
    groups["self-harm"] = [j for j in groups["dangers"] if j.danger.startswith("self-harm")]
    for name, group in groups.items():
        lines.append(f"{name} (n = {len(group)})")
        for title, hows in (("cues alone", ("cue",)), ("urgent", ("cue", "sure")), ("urgent or notice", ("cue", "sure", "possible"))):
            k = sum(j.found in hows for j in group)
            low, high = wilson(k, len(group))
            lines.append(f"  {title:<18} {k:>5} {k / max(1, len(group)):.3f} ({low:.3f} to {high:.3f})")
    named = [j for j in groups["dangers"] if j.found != "nothing"]
    lines.append(f"of dangers found, named rightly: {sum(j.named == j.danger for j in named)} of {len(named)}")
    return "\n".join(lines)
