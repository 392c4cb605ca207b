"""A drug's monitoring data and the day of the first dose to dated tests: pure, no clock; what the source puts no date to gets none."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, groupby

from dateutil.relativedelta import relativedelta

from ingest.content import Monitored, Monitoring, Period, Phase, Wording
from ingest.errors import CitepathError

LONGEST_MONTHS = 60
_YEARS = (1900, 2200)


@dataclass(frozen=True)
class Due:
    """One test that is due: on a day, before the first dose (`before`), or without a date in the source (`on` is None).

    Attributes:
        on: the day; None where the source gives none.
        item: the test, its source and its statements.
        when: the source's words for it.
        before: whether it is due before the first dose.
    """

    on: date | None
    item: Monitored
    when: Wording
    before: bool = False


@dataclass(frozen=True)
class Visit:
    """The tests that are due on one day, each with its source."""

    on: date
    due: tuple[Due, ...]


def later(day: date, period: Period, times: int = 1) -> date:
    """Returns the day so many periods later; a month after the 31st ends on the last day of a shorter month."""
    number, unit = period.split()
    return day + relativedelta(**{f"{unit.rstrip('s')}s": int(number) * times})


def plan(monitoring: Monitoring, start: date, until: date, regions: Collection[str | None] | None = None) -> tuple[Due, ...]:
    """Returns what is due before the first dose on `start`, then by date up to and with `until`, then what has no date.

    Args:
        regions: those whose sources are followed; None follows all.

    Raises:
        CitepathError: `until` is before `start` or more than five years later, or the years are no usual ones.
    """
    if not (_YEARS[0] <= start.year <= _YEARS[1] and start <= until <= start + relativedelta(months=LONGEST_MONTHS)):
        raise CitepathError("A plan runs from its first dose for at most five years.", "Choose another first day or a shorter time.")
    items = [i for i in monitoring.items if regions is None or i.region in regions]
    before = [Due(None, i, i.before, before=True) for i in items if i.before]
    dated = [Due(day, i, phase) for i in items for day, phase in _dates(i.phases, start, until)]
    undated = [Due(None, i, words) for i in items for words in i.undated]
    return (*before, *sorted(dated, key=lambda d: d.on), *undated)


def visits(rows: Iterable[Due]) -> tuple[Visit, ...]:
    """Returns the dated rows as one visit a day, by date."""
    dated = sorted((r for r in rows if r.on), key=lambda r: r.on)
    return tuple(Visit(day, tuple(due)) for day, due in groupby(dated, key=lambda r: r.on))


def regions(monitoring: Monitoring) -> tuple[str | None, ...]:
    """Returns the regions of the sources, each once, in the order of the file; None stands for those that name no country."""
    return tuple(dict.fromkeys(i.region for i in monitoring.items))


def _dates(phases: Iterable[Phase], start: date, until: date) -> Iterator[tuple[date, Phase]]:
    """Yields each day up to `until` with its phase; an interval runs from the last day before it."""
    last = start
    for phase in phases:
        end = min(until, later(start, phase.until)) if phase.until else until
        since = last  # an interval is counted from one day, so that a short month shifts no later date
        for day in (later(start, p) for p in phase.at) if phase.at else (later(since, phase.every, n) for n in count(1)):
            if day > end:
                break
            yield day, phase
            last = day
