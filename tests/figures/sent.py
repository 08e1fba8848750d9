"""What is sent to the browser without plotly's looking it over, compared with what plotly would have sent."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray


def check_sent(figure: go.Figure, sent_text: str) -> None:
    """What is sent without plotly's looking it over is what plotly would have sent, but for what is empty."""
    sent, looked_over = json.loads(sent_text), json.loads(figure.to_json())
    assert said(sent["data"]) == said(looked_over["data"])
    assert said(sent["layout"] | {"template": {}}) == said(looked_over["layout"] | {"template": {}})


def said(node: Any) -> Any:  # noqa: ANN401 - any part of a figure
    """Return a part of a figure with its arrays as lists, said to be arrays, NaN as None, and without what is empty."""
    if isinstance(node, dict) and "bdata" in node:
        numbers: NDArray[Any] = np.frombuffer(base64.b64decode(node["bdata"]), node["dtype"])
        shape = [int(side) for side in node["shape"].split(",")] if "shape" in node else [-1]
        # plotly.js reads an array only where it looks for one, and an empty one is nothing.
        return {"array": said(numbers.reshape(shape).tolist())} if numbers.size else []
    if isinstance(node, dict):
        return {name: found for name, value in node.items() if (found := said(value)) not in ([], {})}
    if isinstance(node, list):  # in which plotly.js reads no bytes
        assert not any(isinstance(value, dict) and "bdata" in value for value in node)
        return [said(value) for value in node]
    return None if node != node else node
