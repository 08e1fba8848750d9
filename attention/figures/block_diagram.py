"""One block of a Transformer as a picture one can open: boxes for its parts, arrows for what flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attention.blocks import PARTS
from attention.figures.plot import Plot, figure
from attention.figures.theme import Theme, ink_on
from attention.texts import Language, number, text

ROW = 58  # pixels from one row of boxes to the next
BOX = 0.68  # height of a box, in rows
Places = Mapping[str, tuple[tuple[float, float], int]]  # column and row of each part
LEFT, RIGHT = (0.0, 4.55), (5.45, 10.0)  # from where to where the boxes of a column reach
MIDDLE = 1.0  # where the stream runs down, left of the boxes' middle: arrows to the right start from it
TURNED: Places = {  # the stream runs down on the left, what is added comes from the right
    "embedding": (LEFT, 0),
    "stream": (LEFT, 1),
    "norm_1": (RIGHT, 1),
    "position": (RIGHT, 2),
    "attention": (RIGHT, 3),
    "sum_1": (LEFT, 3),
    "norm_2": (RIGHT, 4),
    "mlp": (RIGHT, 5),
    "sum_2": (LEFT, 5),
    "final_norm": (LEFT, 6),
    "logits": (LEFT, 7),
}
ADDED: Places = {
    **TURNED,
    "position": (RIGHT, 0),
    "norm_1": (RIGHT, 1),
    "attention": (RIGHT, 2),
    "sum_1": (LEFT, 2),
    "norm_2": (RIGHT, 3),
    "mlp": (RIGHT, 4),
    "sum_2": (LEFT, 4),
    "final_norm": (LEFT, 5),
    "logits": (LEFT, 6),
}


@figure
def block_diagram(
    lengths: Mapping[str, float],
    chosen: str,
    *,
    layer: int,
    n_layers: int,
    positions_added: bool,
    language: Language,
    theme: Theme,
    narrow: bool = False,
) -> Plot:
    """Return the block's parts as boxes, a point a part in the order of `PARTS`; the one `chosen` is outlined.

    `lengths` are the lengths ‖·‖ of the vectors that stand at the parts there are; a part that is not in it is drawn
    grey and said to be absent. `positions_added`: positions are added to the embedding, not turned into query and key.
    `layer`, counted from 0, says which of the model's `n_layers` blocks stand before and after.
    """
    places = ADDED if positions_added else TURNED
    last_row = max(row for _, row in places.values())
    size = theme.size - 1 if narrow else theme.size + 1
    colours = [_fill(part, part in lengths, theme) for part in PARTS]
    boxes = {
        "type": "bar",
        "orientation": "h",
        "base": [places[part][0][0] for part in PARTS],
        "x": [places[part][0][1] - places[part][0][0] for part in PARTS],
        "y": [places[part][1] for part in PARTS],
        "width": BOX,
        "marker": {
            "color": colours,
            "cornerradius": 6,
            "line": {
                "color": [theme.query if part == chosen else theme.line for part in PARTS],
                "width": [3 if part == chosen else 1 for part in PARTS],
            },
        },
        "text": [_words(part, lengths, language) for part in PARTS],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {
            "size": size,
            "color": [
                ink_on(colour) if part in lengths else theme.muted for part, colour in zip(PARTS, colours, strict=True)
            ],
        },
        "hovertext": [_sentence(part, lengths, language) for part in PARTS],
        "hoverinfo": "text",
        "cliponaxis": False,
        "meta": {"role": "points", "n": len(PARTS)},
    }
    bare = {"visible": False, "fixedrange": True}
    layout = theme.layout(
        language,
        height=(last_row + 1) * ROW + 2 * theme.margin,
        shapes=[*_stream(places, lengths, theme)],
        annotations=[*_arrows(places, lengths, theme), *_other_blocks(places, layer, n_layers, language, theme)],
        xaxis=bare | {"range": [-0.1, 10.1]},
        yaxis=bare | {"range": [last_row + 0.5, -0.5]},
    )
    return Plot([boxes], layout)


def _fill(part: str, there: bool, theme: Theme) -> str:  # noqa: FBT001 - one yes or no of a list
    if not there:
        return theme.background
    return theme.weights[2] if part == "attention" else theme.weights[1]


def _words(part: str, lengths: Mapping[str, float], language: Language) -> str:
    """Return what stands in a box: its name and the length of its vector, or that it is not there."""
    name = text(f"transformer.part_{part}", language)
    if part not in lengths:
        return f"{name}<br><i>{text('transformer.absent', language)}</i>"
    return f"<b>{name}</b><br>‖·‖ {number(lengths[part], language)}"


def _sentence(part: str, lengths: Mapping[str, float], language: Language) -> str:
    name = text(f"transformer.part_{part}", language)
    if part not in lengths:
        return text("transformer.box_absent", language, part=name)
    return text("transformer.box", language, part=name, length=number(lengths[part], language))


def _stream(places: Places, lengths: Mapping[str, float], theme: Theme) -> Iterator[dict[str, Any]]:
    """Yield the residual stream: the line straight down through the boxes on the left, dashed where it is not."""
    rows = [places[part][1] for part in ("embedding", "stream", "sum_1", "sum_2", "final_norm", "logits")]
    for top, bottom, part in zip(rows, rows[1:], ("stream", "sum_1", "sum_2", "final_norm", "logits"), strict=False):
        there = part in lengths
        yield {
            "type": "line",
            "x0": MIDDLE,
            "x1": MIDDLE,
            "y0": top + BOX / 2,
            "y1": bottom - BOX / 2,
            "line": {
                "color": theme.muted if there else theme.line,
                "width": 3 if there else 1,
                "dash": "solid" if there else "dot",
            },
            "layer": "below",
        }


def _arrows(places: Places, lengths: Mapping[str, float], theme: Theme) -> Iterator[dict[str, Any]]:
    """Yield the arrows between the stream and its branches."""

    def arrow(start: tuple[float, float], end: tuple[float, float], *parts: str) -> dict[str, Any]:
        there = all(part in lengths for part in parts)
        return {
            "x": end[0],
            "y": end[1],
            "ax": start[0],
            "ay": start[1],
            "axref": "x",
            "ayref": "y",
            "xref": "x",
            "yref": "y",
            "text": "",
            "showarrow": True,
            "arrowhead": 2,
            "arrowsize": 1,
            "arrowwidth": 2 if there else 1,
            "arrowcolor": theme.muted if there else theme.line,
        }

    row = {part: place[1] for part, place in places.items()}
    middle = (RIGHT[0] + RIGHT[1]) / 2
    half = BOX / 2
    yield arrow((LEFT[1], row["stream"]), (RIGHT[0], row["norm_1"]), "stream", "norm_1")
    if places is ADDED:
        yield arrow((RIGHT[0], row["position"]), (LEFT[1], row["embedding"]), "position")
        yield arrow((middle, row["norm_1"] + half), (middle, row["attention"] - half), "norm_1", "attention")
        if "norm_1" not in lengths:
            yield arrow((LEFT[1], row["stream"] + half), (RIGHT[0], row["attention"] - half / 2), "attention")
    else:
        yield arrow((middle, row["norm_1"] + half), (middle, row["position"] - half), "norm_1", "position")
        yield arrow((middle, row["position"] + half), (middle, row["attention"] - half), "position", "attention")
    yield arrow((RIGHT[0], row["attention"]), (LEFT[1], row["sum_1"]), "attention", "sum_1")
    yield arrow((MIDDLE, row["norm_2"]), (RIGHT[0], row["norm_2"]), "norm_2")
    yield arrow((middle, row["norm_2"] + half), (middle, row["mlp"] - half), "norm_2", "mlp")
    yield arrow((RIGHT[0], row["mlp"]), (LEFT[1], row["sum_2"]), "mlp", "sum_2")


def _other_blocks(
    places: Places, layer: int, n_layers: int, language: Language, theme: Theme
) -> Iterator[dict[str, Any]]:
    """Yield notes beside the stream where the model's other blocks stand."""
    before = [("stream", other) for other in range(layer)]
    after = [("final_norm", other) for other in range(layer + 1, n_layers)]
    for part, other in (*before, *after):
        yield {
            "x": MIDDLE + 0.2,
            "y": places[part][1] - 0.5,
            "xref": "x",
            "yref": "y",
            "text": text("transformer.other_block", language, layer=other + 1),
            "showarrow": False,
            "xanchor": "left",
            "font": {"size": theme.size - 2, "color": theme.muted},
        }
