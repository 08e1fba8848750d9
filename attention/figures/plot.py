"""A figure in plotly's own words, before plotly has looked it over: looking is most of the work of drawing one."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, ParamSpec

import numpy as np
import plotly.graph_objects as go

P = ParamSpec("P")


class Plot(NamedTuple):
    """What plotly.js draws: its traces and its layout, named as in its reference; arrays may be numpy's."""

    traces: list[dict[str, Any]]
    layout: dict[str, Any]

    def to_json(self) -> str:
        """Return what plotly.js reads: the same that a `go.Figure` of it would write."""
        said = {"data": [_said(trace) for trace in self.traces], "layout": _said(self.layout)}
        try:
            return json.dumps(said, default=_sent, allow_nan=False)
        except ValueError:  # a list holds a number that JSON has no word for
            return str(go.Figure(*self).to_json())


class figure(Generic[P]):  # noqa: N801 - a decorator
    """Make of a function that returns a `Plot` one that returns a `go.Figure`, which plotly has looked over.

    The function itself stays at hand as `plot`, for whoever draws often what the tests have looked over.
    """

    def __init__(self, plot: Callable[P, Plot]) -> None:
        functools.update_wrapper(self, plot)
        self.plot = plot

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> go.Figure:
        """Return the figure. Raises ValueError where it holds what plotly does not know."""
        return go.Figure(*self.plot(*args, **kwargs))


def _said(node: dict[str, Any]) -> dict[str, Any]:
    """Return what a part of a figure says: what is None is left to plotly.js, but not in our own `meta`."""
    return {name: value if name == "meta" else _said_value(value) for name, value in node.items() if value is not None}


def _said_value(value: object) -> object:
    if isinstance(value, dict):
        return _said(value)
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):  # further parts, such as shapes
        return [_said(part) for part in value]
    return value


def _sent(value: object) -> object:
    """Return a numpy value as plotly.js reads it: an array of numbers as its bytes."""
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{type(value).__name__} is not something plotly.js draws")
    if value.dtype.kind not in "fiu":
        return value.tolist()
    narrow = value.astype(np.int32) if value.dtype == np.int64 else value  # the widest whole numbers JavaScript reads
    kind = f"{narrow.dtype.kind}{narrow.dtype.itemsize}"
    sent: dict[str, object] = {"dtype": kind, "bdata": base64.b64encode(narrow.tobytes()).decode()}
    return sent if value.ndim == 1 else sent | {"shape": ", ".join(map(str, value.shape))}
