"""A written report (`report.json` of `citepath eval --report`), read back and checked; light enough for a page of the app."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import CitepathError

FILE = "report.json"
REPORTS = "report"  # the folder below the data directory whose report the app shows
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    """Frozen; what a newer report adds is passed over, NaN and infinity are faults."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Failed(_Part):
    """A case that failed: what was asked, what was expected (field -> values), what came, and why it failed."""

    id: str
    turns: tuple[str, ...] = Field(min_length=1)
    audience: str
    expected: dict[str, tuple[str, ...]] = {}
    reasons: tuple[str, ...]
    outcome: str | None
    answer: tuple[str, ...]


class Passed(_Part):
    """One question set: cases passed of n, the 95% interval of the share, its gate; `failed` is None where a split stays unseen."""

    name: str
    n: int = Field(ge=0)
    passed: int = Field(ge=0)
    interval: tuple[Share, Share]
    gate: Share | None
    gate_holds: bool
    failed: tuple[Failed, ...] | None

    @property
    def share(self) -> float:
        """Returns the share passed, 0 to 1; 0 for a set without cases."""
        return self.passed / self.n if self.n else 0.0


class Figure(_Part):
    """A measure over n observations with its 95% interval, in its unit."""

    name: str
    value: float
    low: float
    high: float
    n: int
    unit: str


class System(_Part):
    """A retriever's measures, 0 to 1."""

    ndcg: Share = Field(alias="ndcg@10")
    interval: tuple[Share, Share] = Field(alias="ndcg@10_interval")
    recall: Share = Field(alias="recall@100")
    rank: Share = Field(alias="mrr@10")
    hit: Share = Field(alias="hit@4")


class Retrieval(_Part):
    """Retrieval beside its baselines, by name, on one set of queries."""

    dataset: str
    queries: int
    systems: dict[str, System]


class Bin(_Part):
    """Questions of like sureness (0 to 1): how many, how many of them should be answered, and the interval of that share."""

    mean: Share
    n: int = Field(ge=1)
    answerable: int = Field(ge=0)
    interval: tuple[Share, Share]


class Covered(_Part):
    """A coverage matrix: for each topic (first of a line) the number of statements of each row, or why there is none."""

    title: str
    rows: tuple[str, ...]
    lines: tuple[tuple[str | int, ...], ...]


class Report(_Part):
    """What `citepath eval --report` wrote. A report from before dates were kept has neither date nor corpus version."""

    made: date | None = None
    corpus: str | None = None
    split: str | None = None
    sets: tuple[Passed, ...] = Field(min_length=1)
    measures: tuple[Figure, ...] = ()
    latency_ms: tuple[Annotated[float, Field(ge=0)], ...] = ()
    outcomes: dict[str, dict[str, int]] = {}
    calibration: tuple[Bin, ...] = ()
    coverage: tuple[Covered, ...] = ()
    retrieval: Retrieval | None = None

    @property
    def gates(self) -> tuple[Passed, ...]:
        """Returns the sets, those whose gate fails first, then by name."""
        return tuple(sorted(self.sets, key=lambda s: (s.gate_holds, s.name)))


def read(folder: Path) -> Report | None:
    """Returns the report of a folder, or None where there is none.

    Raises:
        CitepathError: the file cannot be read, is damaged, or is another command's report.
    """
    path = folder / FILE
    try:
        return Report.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as e:
        raise CitepathError(f"The report {path} cannot be read ({e.strerror}).", "Check its permissions.") from e
    except ValidationError as e:
        raise CitepathError(f"{path} is damaged, or no report of question sets.", "Run `citepath eval --report` to write it anew.") from e
