"""Weights times values: every component as colours, and one component added up bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.figures.covers import Cover
from attention.figures.labels import escape, quoted, shorten
from attention.figures.plot import Plot, figure
from attention.figures.sentences import SIGNS, cover_text, short_share
from attention.figures.theme import Theme
from attention.texts import Language, number, text
from attention.trace import Booleans, Floats

MOST_ROWS = 12  # tokens with a row of their own; the others share one
ROW = 26  # pixels of a row
HEADER = 60


def shown_rows(weights: Floats, may_look: Booleans, most: int = MOST_ROWS) -> list[int]:
    """Return the positions that get a row: the `most` of largest weight that may be seen, in the text's order."""
    seen = np.flatnonzero(may_look)
    room = most if len(seen) > most + 1 else most + 1  # nobody shares a row with no one
    return sorted(int(position) for position in seen[np.argsort(-weights[seen], kind="stable")][:room])


@figure
def value_strips(
    labels: Sequence[str],
    weights: Floats,
    values: Floats,
    may_look: Booleans,
    *,
    component: int,
    language: Language,
    theme: Theme,
    struck: Booleans | None = None,
) -> Plot:
    """Return two maps: each value as it is, and times its weight, with the sum of all under it.

    `weights` and `may_look` are [key], `values` [key, d_head]. Both maps share one scale, centred on 0. A row is a
    token, a column a component; `component` is outlined. What dropout `struck` out, [key], has a cross and no product.
    """
    rows, lost = shown_rows(weights, may_look), np.zeros_like(may_look) if struck is None else struck
    rest = [int(position) for position in np.flatnonzero(may_look) if int(position) not in rows]
    products = weights[:, None] * values
    weighted = [np.full_like(products[position], np.nan) if lost[position] else products[position] for position in rows]
    names = [
        _label(escape(shorten(labels[position])), None if lost[position] else float(weights[position]), language)
        for position in rows
    ]
    sentences = quoted(tuple(labels), language)
    said = [sentences[position] for position in rows]
    if rest:
        weighted.append(products[rest].sum(axis=0))
        names.append(_label(text("figures.others", language, n=len(rest)), float(weights[rest].sum()), language))
        said.append(text("figures.others", language, n=len(rest)))
    total, n = products.sum(axis=0), len(names)
    nothing = np.full_like(total, np.nan)
    right = np.stack([*weighted, nothing, total])
    left = np.stack([*(values[position] for position in rows), *[nothing] * (len(right) - len(rows))])
    limit = max(float(np.abs(np.nan_to_num(np.stack([*left, *right]))).max()), 1e-9)
    edges = [*(place - 0.5 for place in range(n + 1)), n, n + 1]  # half a row of nothing sets the sum apart
    maps = [
        _strips(left, edges, [*said, "", ""], "figures.value_component", limit, "", language, theme),
        _strips(
            right,
            edges,
            [*said, "", text("figures.context", language)],
            "figures.weighted_component",
            limit,
            "2",
            language,
            theme,
        ),
    ]
    last = n + 1
    marks = [
        _box(component, -0.5, n - 0.5, "", theme),
        _box(component, -0.5, n - 0.5, "2", theme),
        _box(component, n, last, "2", theme),
    ]
    d_head = len(total)
    bare = {"zeroline": False, "fixedrange": True, "showgrid": False, "ticks": ""}
    columns = bare | {"side": "top", "automargin": True, "range": [0.5, d_head + 0.5], "showticklabels": False}
    layout = theme.layout(
        language,
        height=round(ROW * last) + HEADER,
        shapes=marks,
        xaxis=columns
        | {"domain": [0, 0.47], "title": {"text": f"<b>{text('figures.values', language)}</b>", "standoff": 4}},
        xaxis2=columns
        | {
            "domain": [0.53, 1],
            "anchor": "y2",
            "title": {"text": f"<b>{text('figures.weight_times_value', language)}</b>", "standoff": 4},
        },
        yaxis=bare
        | {
            "range": [last + 0.05, -0.6],
            "tickvals": [*range(n), n + 0.5],
            "ticktext": [
                *names,
                f'<span style="color:{theme.context}"><b>{text("figures.sum_of_all", language)}</b></span>',
            ],
            "automargin": True,
            "ticklabelstandoff": 4,
        },
        yaxis2=bare | {"range": [last + 0.05, -0.6], "showticklabels": False, "anchor": "x2"},
    )
    return Plot(maps, layout)


@figure
def running_sum(
    labels: Sequence[str],
    weights: Floats,
    values: Floats,
    may_look: Booleans,
    *,
    component: int,
    language: Language,
    theme: Theme,
    struck: Booleans | None = None,
) -> Plot:
    """Return one component of the context vector added up: each bar begins where the one above it ended.

    A bar's length is weight × value, to the right where positive; the last bar is the whole sum. What
    dropout `struck` out, [key], has no bar and says so.
    """
    rows, lost = shown_rows(weights, may_look), np.zeros_like(may_look) if struck is None else struck
    rest = [int(position) for position in np.flatnonzero(may_look) if int(position) not in rows]
    products = weights * values[:, component]
    lengths = [float(products[position]) for position in rows]
    names = [escape(shorten(labels[position])) for position in rows]

    def written_product(i: int) -> str:
        if lost[i]:
            return f"{SIGNS[Cover.DROPPED]} {cover_text(Cover.DROPPED, language)}"
        weight, value = escape(short_share(float(weights[i]), language, 1)), float(values[i, component])
        return f"{weight} × {_signed(value, language)} = <b>{_signed(float(products[i]), language)}</b>"

    sums = [written_product(i) for i in rows]
    if rest:
        lengths.append(float(products[rest].sum()))
        names.append(text("figures.others", language, n=len(rest)))
        sums.append(f"<b>{_signed(lengths[-1], language)}</b>")
    total = float(products.sum())
    begins = [0.0, *np.cumsum(lengths)[:-1].tolist()]
    ends = np.cumsum(lengths).tolist()
    n = len(lengths)

    def by_sign(length: float) -> str:
        """Return the colour of the maps above: orange adds, blue takes away."""
        return theme.difference[-2] if length >= 0 else theme.difference[1]

    bars = {
        "type": "bar",
        "orientation": "h",
        "base": [*begins, 0.0],
        "x": [*lengths, total],
        "y": [*range(n), n],
        "marker": {"color": [*map(by_sign, lengths), theme.context], "line": {"width": 0}},
        "hovertext": [
            *(
                text(
                    "figures.running",
                    language,
                    token=name,
                    length=_signed(length, language),
                    sum=_signed(end, language),
                )
                for name, length, end in zip(names, lengths, ends, strict=True)
            ),
            text("figures.running_total", language, component=component + 1, sum=_signed(total, language)),
        ],
        "hoverinfo": "text",
        "meta": {"role": "points", "n": n + 1},
    }
    written = {
        "type": "scatter",
        "mode": "text",
        "xaxis": "x2",
        "x": [1] * (n + 1),
        "y": [*range(n), n],
        "text": [*sums, f"<b>{_signed(total, language)}</b>"],
        "textposition": "middle left",
        "textfont": {"color": [*[theme.ink] * n, theme.context]},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    reached = [0.0, *ends, total]
    low, high = min(reached), max(reached)
    margin = max(0.05 * (high - low), 0.02)
    bare = {"zeroline": False, "fixedrange": True, "showgrid": False}
    layout = theme.layout(
        language,
        height=30 * (n + 1) + HEADER,
        bargap=0.3,
        shapes=[_joint(end, row, theme) for row, end in enumerate(ends)],
        xaxis=bare
        | {
            "side": "top",
            "automargin": True,
            "domain": [0, 0.56],
            "range": [low - margin, high + margin],
            "nticks": 4,
            "showgrid": True,
            "gridcolor": theme.line,
            "zeroline": True,
            "zerolinecolor": theme.ink,
            "zerolinewidth": 1,
        },
        xaxis2={"domain": [0.58, 1], "range": [0, 1], "visible": False, "fixedrange": True, "anchor": "y"},
        yaxis=bare
        | {
            "range": [n + 0.5, -0.5],
            "tickvals": [*range(n), n],
            "ticktext": [
                *names,
                f'<span style="color:{theme.context}"><b>{text("figures.sum_of_all", language)}</b></span>',
            ],
            "automargin": True,
            "ticklabelstandoff": 4,
        },
    )
    return Plot([bars, written], layout)


def _strips(
    z: Floats, edges: list[float], names: list[str], key: str, limit: float, axes: str, language: Language, theme: Theme
) -> dict[str, Any]:
    sentence = text(key, language, name="%{customdata}", component="%{x}", value="%{z:.2f}")
    return {
        "type": "heatmap",
        "z": np.round(z, 4).astype(np.float32),
        "x": list(range(1, z.shape[1] + 1)),
        "y": edges,
        "customdata": [[name] * z.shape[1] for name in names],
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.difference_scale(),
        "showscale": False,
        "hovertemplate": f"{sentence}<extra></extra>",
        "hoverongaps": False,
        "meta": {"role": "grid"},
        "xaxis": f"x{axes}",
        "yaxis": f"y{axes}",
        "xgap": 1 if z.shape[1] <= 48 else 0,
        "ygap": 1,
    }


def _box(column: int, top: float, bottom: float, axes: str, theme: Theme) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": f"x{axes}",
        "yref": f"y{axes}",
        "x0": column + 0.5,  # columns are counted from 1 on the axis
        "x1": column + 1.5,
        "y0": top,
        "y1": bottom,
        "line": {"color": theme.ink, "width": 1.5},
    }


def _joint(end: float, row: int, theme: Theme) -> dict[str, Any]:
    """Return the thin line from a bar's end to where the next begins."""
    return {
        "type": "line",
        "x0": end,
        "x1": end,
        "y0": row - 0.35,
        "y1": row + 1.35,
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
        "layer": "below",
    }


def _label(label: str, weight: float | None, language: Language) -> str:
    """Return a token's label and its weight, or a cross where dropout struck that out."""
    return f"{label} <b>{SIGNS[Cover.DROPPED] if weight is None else escape(short_share(weight, language, 1))}</b>"


def _signed(value: float, language: Language) -> str:
    """Write a number with its sign; one that rounds to zero has none."""
    rounded = round(value, 2) + 0.0
    return ("+" if rounded > 0 else "") + number(rounded, language)
