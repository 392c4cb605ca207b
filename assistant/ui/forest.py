"""The forest plot: a row for each hazard ratio, with its interval, left or right of 1."""

import altair as alt
import pandas as pd

from assistant.estimates import ASSESSORS, NOT_NAMED, Estimate

STEP = 62  # pixels of a row: two lines of label and, on a narrow screen, the interval below them
WIDE = "width > 720"
SHAPES = ("circle", "square", "triangle-up", "diamond")
COLOURS = {"light": ("#0F766E", "#B45309", "#6D28D9", "#475569"), "dark": ("#2DD4BF", "#FBBF24", "#C4B5FD", "#CBD5E1")}
INK = {"light": ("#111827", "#475569", "#E2E8F0"), "dark": ("#E5E7EB", "#B6C2D1", "#334155")}  # text, quiet text, lines
TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
ABOUT = {
    "title": "Trial",
    "detail": "What",
    "figures": "Hazard ratio",
    "interval": "Interval",
    "setting": "Setting",
    "superseded": "Superseded",
}


def forest(rows: tuple[Estimate, ...], dark: bool = False) -> alt.LayerChart:
    """Returns the plot of rows that are `plottable`; where there is room labels stand left of the intervals, else above them.

    A click on a row adds its statement to the point selection `picked`, or takes it away.
    """
    theme = "dark" if dark else "light"
    text, quiet, line = INK[theme]
    data = pd.DataFrame(_row(i, r) for i, r in enumerate(rows))
    base = alt.Chart(data).encode(
        y=alt.Y("row:O", axis=None, sort=None, scale=alt.Scale(padding=0)),
        tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in ABOUT.items()],
    )
    picked = alt.selection_point(name="picked", fields=["statement"], toggle="true", clear=False)
    return (
        alt.layer(
            base.mark_rule(color=line, x=0, x2={"expr": "width"}, yOffset=STEP / 2),
            *_estimates(base, data, theme),
            _label(base, "title", "left", (-8, -20), "width", color=text, fontSize=13, fontWeight=600),
            _label(base, "detail", "left", (10, -3), "width - 120", color=quiet, fontSize=12),
            _label(base, "figures", "right", (0, -3), "120", color=text, fontSize=13, fontWeight=600),
            base.mark_rect(opacity=0.001, cursor="pointer", x=0, x2={"expr": "width"}).add_params(picked),
        )
        .properties(height=alt.Step(STEP))
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, labelColor=quiet, titleColor=quiet, gridColor=line)
        .configure_legend(labelFontSize=13, titleFontSize=13, labelColor=text, titleColor=text)
    )


def _row(i: int, r: Estimate) -> dict[str, object]:
    assessor = "" if r.assessed == NOT_NAMED else r.assessor
    cutoff = f"cut-off {r.cutoff}" if r.cutoff else r.analysis and f"{r.analysis} analysis"
    return {
        "row": i,
        "statement": r.statement,
        "one": 1,
        "hr": r.value,
        "low": r.low,
        "high": r.high,
        "assessor": r.assessed,
        "title": f"{r.study}: {r.comparison}{' (superseded)' if r.superseded else ''}",
        "detail": ", ".join(p for p in (r.endpoint, r.population, assessor, r.source, cutoff) if p),
        "figures": r.shown,
        "interval": "; ".join(p for p in (f"{r.level}%" if r.level else "level not stated", r.note) if p),
        "setting": r.setting or "not stated",
        "superseded": "yes" if r.superseded else "no",
    }


def _estimates(base: alt.Chart, data: pd.DataFrame, theme: str) -> tuple[alt.Chart, ...]:
    """Returns the line at 1, the intervals and the points, told apart by colour and by shape."""
    lowest, highest = min(data["low"].min(), 1) * 0.9, max(data["high"].max(), 1) * 1.1
    place = [{"expr": f"{WIDE} ? width * 0.42 : 0"}, {"expr": f"{WIDE} ? width - 165 : width"}]
    scale = alt.Scale(type="log", domain=[lowest, highest], range=place, nice=False)
    ticks = [t for t in TICKS if lowest <= t <= highest]
    axis = alt.Axis(orient="top", values=ticks, format="~g", labelOverlap=True, titlePadding=10)
    x = alt.X("low:Q", scale=scale, axis=axis, title="Hazard ratio, log scale. Left of 1: fewer events in the arm named first")
    legend = alt.Legend(orient="top", title="Assessor", symbolSize=110, columns={"expr": f"{WIDE} ? 4 : 2"})
    colour = alt.Color("assessor:N", scale=alt.Scale(domain=ASSESSORS, range=COLOURS[theme]), legend=legend)
    shape = alt.Shape("assessor:N", scale=alt.Scale(domain=ASSESSORS, range=SHAPES))
    below = {"expr": f"{WIDE} ? 0 : 16"}
    whole = {"expr": f"{WIDE} ? {STEP} : 22"}
    return (
        base.mark_tick(orient="vertical", size=whole, thickness=1.5, color=INK[theme][1], opacity=1, yOffset=below).encode(
            x=alt.X("one:Q", scale=scale)
        ),
        base.mark_rule(strokeWidth=2.5, yOffset=below).encode(x=x, x2="high:Q", color=colour),
        base.mark_point(filled=True, size=120, opacity=1, yOffset=below).encode(x=alt.X("hr:Q", scale=scale), color=colour, shape=shape),
    )


def _label(base: alt.Chart, field: str, align: str, lift: tuple[int, int], room: str, **look: object) -> alt.Chart:
    """Returns a field as text at one end of the row, lifted by so many pixels on a wide and on a narrow screen."""
    wide, narrow = lift
    x = 0 if align == "left" else {"expr": "width"}
    limit = {"expr": f"{WIDE} ? (width * 0.41) : ({room})"}
    return base.mark_text(align=align, x=x, yOffset={"expr": f"{WIDE} ? {wide} : {narrow}"}, limit=limit, **look).encode(text=f"{field}:N")
