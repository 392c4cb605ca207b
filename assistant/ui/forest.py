"""The forest plot: a row for each hazard ratio, its interval, its place left or right of 1."""

import altair as alt
import pandas as pd

from assistant.evidence import ASSESSORS, Estimate

STEP = 58  # pixels of a row: two lines of label, and on a narrow screen the interval below them
_COLOURS = {"light": ["#0F766E", "#B45309", "#6D28D9", "#475569"], "dark": ["#2DD4BF", "#FBBF24", "#C4B5FD", "#CBD5E1"]}
_SHAPES = ["circle", "square", "triangle-up", "diamond"]
_TEXT = {"light": ("#111827", "#475569"), "dark": ("#E5E7EB", "#B6C2D1")}
_WIDE = "width > 720"


def forest(rows: tuple[Estimate, ...], dark: bool = False) -> alt.LayerChart:
    """Returns the plot of rows that are `plottable`; where there is room, labels stand left of the intervals, else above them.

    A click on a row selects its statement in the point selection `picked`.
    """
    theme = "dark" if dark else "light"
    text, quiet = _TEXT[theme]
    data = pd.DataFrame(
        {
            "row": i,
            "statement": r.statement,
            "hr": r.value,
            "low": r.low,
            "high": r.high,
            "assessor": r.assessed,
            "title": f"{r.study}: {r.comparison}",
            "detail": ", ".join(p for p in (r.endpoint, r.assessed if r.assessed == ASSESSORS[-1] else r.assessor, r.population) if p),
            "figures": r.shown,
            "Interval": f"{r.level}%" if r.level else "level not stated",
            "Cut-off": r.cutoff or "not stated",
            "Setting": r.setting or "not stated",
            "Superseded": "yes" if r.superseded else "no",
        }
        for i, r in enumerate(rows)
    )
    lowest, highest = min(data["low"].min(), 1) * 0.9, max(data["high"].max(), 1) * 1.1
    scale = alt.Scale(
        type="log",
        domain=[lowest, highest],
        range=[{"expr": f"{_WIDE} ? width * 0.42 : 0"}, {"expr": f"{_WIDE} ? width - 170 : width"}],
        nice=False,
    )
    ticks = [t for t in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if lowest <= t <= highest]
    axis = alt.Axis(orient="top", values=ticks, format="~g", labelOverlap=True, grid=True, gridOpacity=0.35, titlePadding=10)
    x = alt.X("low:Q", scale=scale, axis=axis, title="Hazard ratio, log scale (left of 1: fewer events in the arm named first)")
    y = alt.Y("row:O", axis=None, sort=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    tooltip = [alt.Tooltip("title:N", title="Trial"), alt.Tooltip("detail:N", title="What"), alt.Tooltip("figures:N", title="Hazard ratio")]
    tooltip += [alt.Tooltip(f"{name}:N") for name in ("Interval", "Cut-off", "Setting", "Superseded", "assessor")]
    colour = alt.Color(
        "assessor:N",
        scale=alt.Scale(domain=ASSESSORS, range=_COLOURS[theme]),
        legend=alt.Legend(orient="top", title="Assessor", symbolSize=110, columns={"expr": f"{_WIDE} ? 4 : 2"}),
    )
    shape = alt.Shape("assessor:N", scale=alt.Scale(domain=ASSESSORS, range=_SHAPES))
    below = {"expr": f"{_WIDE} ? 0 : 17"}
    base = alt.Chart(data).encode(y=y, tooltip=tooltip)

    def label(field: str, at: int, colour: str, room: str, **look: object) -> alt.Chart:
        mark = {"align": "left", "x": 0, "yOffset": {"expr": f"{_WIDE} ? {at} : {at - 10}"}, "limit": {"expr": room}, "color": colour}
        return base.mark_text(**mark, **look).encode(text=f"{field}:N")

    picked = alt.selection_point(name="picked", fields=["statement"], toggle="true", clear=False)
    target = base.mark_rect(opacity=0.001, cursor="pointer", x=0, x2={"expr": "width"}).add_params(picked)
    one = (
        alt.Chart(pd.DataFrame({"one": [1]}))
        .mark_rule(strokeDash=[5, 4], color=quiet, strokeWidth=1.5)
        .encode(x=alt.X("one:Q", scale=scale))
    )
    interval = base.mark_rule(strokeWidth=2.5, yOffset=below).encode(x=x, x2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=120, opacity=1, yOffset=below).encode(x=alt.X("hr:Q", scale=scale), color=colour, shape=shape)
    figures = base.mark_text(
        align="right", x={"expr": "width"}, yOffset={"expr": f"{_WIDE} ? 0 : -1"}, color=text, fontSize=13, fontWeight=600
    ).encode(text="figures:N")
    names = label("title", -8, text, f"{_WIDE} ? width * 0.4 : width", fontSize=13, fontWeight=600)
    details = label("detail", 10, quiet, f"{_WIDE} ? width * 0.4 : width - 135", fontSize=12)
    return (
        alt.layer(one, interval, point, names, details, figures, target)
        .properties(height=alt.Step(STEP))
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12)
    )
