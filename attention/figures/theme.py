"""The only place of colours, fonts and margins. A colour means one thing, and the same thing on every page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from attention.texts import Language

ThemeName = Literal["light", "dark", "light_projector", "dark_projector"]


@dataclass(frozen=True, slots=True)
class Theme:
    """One look: colours as "#rrggbb", sizes in pixels.

    `weights` runs from the page's background (a zero disappears into the page) to the strongest colour;
    `difference` runs from less, through the background, to more.
    """

    name: Literal["light", "dark"]
    background: str
    ink: str  # text
    muted: str  # secondary text
    line: str  # rules and edges
    query: str  # who looks
    key: str  # who is looked at
    value: str  # what is carried
    context: str  # the weighted mean
    weights: tuple[str, ...]
    difference: tuple[str, ...]
    heads: tuple[str, ...]  # one a head, where several are drawn at once
    masked: str  # may not look there
    hatch: str  # the strokes over masked cells
    dropped: str  # struck out by dropout, or not defined
    mark: str  # the strokes over dropped cells, and sums that leave 1
    font: str = '"Source Sans", "Source Sans 3", "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif'
    size: int = 14
    title_size: int = 16
    margin: int = 8

    def weight_scale(self) -> list[tuple[float, str]]:
        """Return plotly's stops for weights from 0 to 1, on which colour follows the square root of the weight.

        Shared out over n positions a weight is often near 1/n: the root gives small weights most of the steps,
        and the limits can stay 0 and 1, so that one colour is one number in every figure.
        """
        return list(_weight_scale(self.weights))

    def difference_scale(self) -> list[tuple[float, str]]:
        """Return plotly's stops for signed values, the middle of the scale at 0."""
        last = len(self.difference) - 1
        return [(step / last, colour) for step, colour in enumerate(self.difference)]

    def weight_colour(self, weight: float) -> str:
        """Return the colour of one weight, the same as `weight_scale` gives it."""
        return blend(self.weights, min(max(weight, 0.0), 1.0) ** 0.5)

    def head_colour(self, head: int) -> str:
        """Return the colour of head `head` where several are drawn at once."""
        return self.heads[head % len(self.heads)]

    def layout(self, language: Language, *, height: int, margin_right: int = 8, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return what every figure shares, and `more`. The width is never set: a figure takes the width it finds."""
        font = {"family": self.font, "size": self.size, "color": self.ink}
        return {
            "template": {},  # plotly's own would bring its colours
            "autosize": True,
            "height": height,
            "margin": {"l": self.margin, "r": margin_right, "t": self.margin, "b": self.margin},
            "paper_bgcolor": self.background,
            "plot_bgcolor": self.background,
            "font": font,
            "hoverlabel": {"bgcolor": self.background, "bordercolor": self.ink, "align": "left", "font": font},
            "separators": ",." if language == "pt-BR" else ".,",
            "hovermode": "closest",
            "dragmode": False,
            "showlegend": False,
            **more,
        }


LIGHT = Theme(
    name="light",
    background="#ffffff",
    ink="#0a0e16",  # dark enough for captions, which Streamlit writes in three fifths of it
    muted="#545c6b",
    line="#c3c9d4",
    query="#1d5fc2",
    key="#b3261e",
    value="#a85b00",
    context="#1b7a3d",
    weights=("#ffffff", "#d3e4f7", "#93bdea", "#4d8fd6", "#1f5fb0", "#0a2a5e"),
    difference=("#0f3f86", "#4d8fd6", "#b7d3f1", "#ffffff", "#fbd3a6", "#e58a2b", "#8a4400"),
    heads=(
        "#332288",
        "#d2601a",
        "#2a8fb8",
        "#882255",
        "#117733",
        "#a87a08",
        "#aa4499",
        "#6b6b6b",
        "#44776a",
        "#c4566a",
        "#7a7a2a",
        "#5b82c8",
    ),
    masked="#dcdee2",
    hatch="#b4b8c0",
    dropped="#f1e3f3",
    mark="#8a2f8f",
)

DARK = Theme(
    name="dark",
    background="#0e1117",
    ink="#eef1f6",
    muted="#aab2c0",
    line="#454c59",
    query="#7ab4ff",
    key="#ff9289",
    value="#f2b544",
    context="#6fd08c",
    weights=("#0e1117", "#12305c", "#1c559f", "#3f86dc", "#8fc0fa", "#e6f2ff"),
    difference=("#a9d0ff", "#4d93e6", "#1d4374", "#0e1117", "#6b3d0c", "#d67f25", "#ffd0a0"),
    heads=(
        "#a79cf0",
        "#f59a5c",
        "#6cc7ea",
        "#e07aa8",
        "#7fcf8e",
        "#e6c65a",
        "#d79ae0",
        "#b5b9c2",
        "#7cc9bd",
        "#f2a3ae",
        "#c9c96a",
        "#8fb2f5",
    ),
    masked="#343842",
    hatch="#5a606d",
    dropped="#3c2440",
    mark="#e59bea",
)


# On the wall every written colour reads at 7 : 1 at least.
LIGHT_PROJECTOR = replace(
    LIGHT, muted="#3a4150", query="#134a9e", key="#8f1c15", value="#754000", context="#10562a", mark="#6d2072"
)
DARK_PROJECTOR = replace(DARK, muted="#ccd3de")


def theme_named(name: ThemeName) -> Theme:
    """Return the light or the dark theme, or one of them for a projector."""
    return {"light": LIGHT, "dark": DARK, "light_projector": LIGHT_PROJECTOR, "dark_projector": DARK_PROJECTOR}[name]


@cache
def _weight_scale(stops: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    return tuple(((step / 32) ** 2, blend(stops, step / 32)) for step in range(33))


def blend(stops: tuple[str, ...], place: float) -> str:
    """Return the colour at `place`, from 0 to 1, along equally spaced `stops`."""
    position = place * (len(stops) - 1)
    left = min(int(position), len(stops) - 2)
    share = position - left
    coloured = _channels_of(stops)
    pairs = zip(coloured[left], coloured[left + 1], strict=True)
    return "#" + "".join(f"{round(255 * (a + share * (b - a))):02x}" for a, b in pairs)


@cache
def _channels_of(stops: tuple[str, ...]) -> tuple[tuple[float, float, float], ...]:
    return tuple(map(channels, stops))


def channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue of "#rrggbb", from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads better on `colour`: at least 4.5 on any colour there is."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, colour))
