"""The same weights, as this project, BertViz and CircuitsVis hand them to a browser, each with its libraries."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from attention.figures import LIGHT, head_map, heads_mosaic, lines, long_head_map
from attention.tokens import MAX_TOKENS
from attention.trace import Floats
from attention.ui.live_figure import javascript
from attention.ui.live_figure.plotly_js import published_plotly_js
from attention.ui.long_texts import side_of_block
from attention.views import Cell, WeightsView, join_heads, pool
from scripts.live_app import ROOT

OURS = "ours"
LIBRARIES = ROOT / ".venv" / "peer-libraries"
# BertViz asks a CDN for jQuery 2.0.0, which the package registry does not have: the nearest it has is taken.
NPM = {
    "require.js": ("requirejs@2.3.6", "package/require.js"),
    "d3.js": ("d3@5.7.0", "package/dist/d3.min.js"),
    "jquery.js": ("jquery@2.2.4", "package/dist/jquery.min.js"),
}


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool's picture of some weights: what its page loads first, what the data is, and when it is drawn.

    `page` is the HTML that loads the libraries and sets `window.ready`; `draw` is JavaScript that takes the data's text
    and begins to draw it into `#here`; `drawn` is JavaScript that says whether all of it is there.
    """

    name: str
    page: str
    files: dict[str, bytes]
    data: bytes
    draw: str
    drawn: str


def random_weights(layers: int, heads: int, n: int) -> Floats:
    """Return causal attention weights of random scores, [layer, head, query, key]."""
    scores = np.random.default_rng(0).normal(scale=1.5, size=(layers, heads, n, n))
    exponentials = np.where(np.tril(np.ones((n, n), dtype=bool)), np.exp(scores), 0.0)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def labels_of(n: int) -> tuple[str, ...]:
    """Return `n` different tokens of a few letters."""
    return tuple(f"tok{position}" for position in range(n))


def our_maps(weights: Floats) -> Peer:
    """Return this project's overview of every head."""
    layers, heads, _, _ = weights.shape
    names = [f"{layer + 1}.{head + 1}" for layer in range(layers) for head in range(heads)] if layers > 1 else None
    columns = heads if layers > 1 else None
    figure = heads_mosaic(_view(weights), language="en", theme=LIGHT, names=names, columns=columns, focus_head=0)
    return _ours([figure], "() => !!document.querySelector('.heatmaplayer image')")


def our_explore(weights: Floats) -> Peer:
    """Return what Explore draws of the first layer, long or short: every head, and the first one whole."""
    n = weights.shape[-1]
    if n <= MAX_TOKENS:
        view = _view(weights[:1])
        one = head_map(view, 0, language="en", theme=LIGHT, focus_row=n - 1)
    else:
        side = side_of_block(n)
        view = join_heads([pool(_view(weights[:1, head : head + 1]), side) for head in range(weights.shape[1])])
        one = long_head_map(_view(weights[:1, :1]), 0, language="en", theme=LIGHT, focus_row=n - 1)
    heads = heads_mosaic(view, language="en", theme=LIGHT, focus_head=0)
    return _ours([heads, one], "() => document.querySelectorAll('.heatmaplayer image').length >= 2")


def our_lines(weights: Floats) -> Peer:
    """Return this project's lines of every head of the first layer."""
    figure = lines(_view(weights[:1]), range(weights.shape[1]), language="en", theme=LIGHT)
    return _ours([figure], "() => document.querySelectorAll('.scatterlayer .js-line').length > 0")


def _view(weights: Floats) -> WeightsView:
    layers, heads, n, _ = weights.shape
    flat = weights.reshape(layers * heads, n, n)
    allowed = np.broadcast_to(np.tril(np.ones((n, n), dtype=bool)), flat.shape)
    return WeightsView(
        labels=labels_of(n),
        before_dropout=flat,
        weights=flat.copy(),
        cells=np.where(allowed, Cell.SEEN, Cell.MASKED),
        undefined=np.zeros((len(flat), n), dtype=bool),
        grouped=False,
    )


def _ours(figures: list[go.Figure], drawn: str) -> Peer:
    """Return figures as the app's own component draws them, one after another."""
    component = ROOT / "attention" / "ui" / "live_figure"
    static = LIBRARIES / "static"
    static.mkdir(parents=True, exist_ok=True)
    script = published_plotly_js(static)
    frame: dict[str, Any] = {
        "alt": "",
        "heading": [],
        "height": None,
        "turn": 0,
        "fileName": "x",
        "plotlyJs": script,
        "texts": {},
    }
    page = f"""<style>{(component / "live_figure.css").read_text(encoding="utf-8")}</style>
      <div id="here">{"<div></div>" * len(figures)}</div>
      <script type="module">
      import show from './live_figure.js'
      window.show = show
      show({{ data: new TextEncoder().encode(JSON.stringify({{ plotlyJs: '{script}' }})) }})
      const wait = () => window.Plotly ? window.ready = true : setTimeout(wait, 5)
      wait()
      </script>"""
    return Peer(
        OURS,
        page,
        {
            "live_figure.js": javascript().encode(),
            f"app/static/{script}": (static / script).read_bytes(),
        },
        "\n".join(
            f'{{"figure":{figure.to_json()},"narrow":null,"frame":{json.dumps(frame | {"turn": turn})}}}'
            for turn, figure in enumerate(figures)
        ).encode(),
        """text => text.split('\\n').forEach((message, i) => {
          show({ parentElement: here.children[i], data: new TextEncoder().encode(message), setTriggerValue() {} })
        })""",
        drawn,
    )


def bertviz(weights: Floats, view: str) -> Peer:
    """Return BertViz's `model_view` or `head_view`, with local copies of what it asks a CDN for."""
    import bertviz as package

    layers, _, n, _ = weights.shape
    attention = [torch.tensor(layer, dtype=torch.float32).unsqueeze(0) for layer in weights]
    make = getattr(package, view)
    html: str = make(attention, tokens=list(labels_of(n)), html_action="return").data
    body, script = _split(html)
    paths = {"d3": "./d3", "jquery": "./jquery"}
    page = f"""<div id="here"></div><script src="require.js"></script>
      <script>
      require.config({{ baseUrl: '.', paths: {json.dumps(paths)} }})
      require(['jquery', 'd3'], () => {{ window.ready = true }})
      </script>"""
    shown = "svg line, svg path" if view == "model_view" else "svg line"
    return Peer(
        f"bertviz {view}",
        page,
        {name: _library(name) for name in NPM},
        json.dumps({"body": body, "script": _without_config(script)}).encode(),
        _RUN_SCRIPT,
        f"() => document.querySelectorAll('#here {shown}').length >= {layers}",
    )


def circuitsvis(weights: Floats) -> Peer:
    """Return CircuitsVis' `attention_heads` of the first layer."""
    import circuitsvis as package

    n = weights.shape[-1]
    html = package.attention.attention_heads(weights[0].astype(np.float32), list(labels_of(n))).local_src
    body, call = html.split("<script", 1)[0], html[html.rindex("CircuitsVis.render(") :].partition("</script>")[0]
    page = '<div id="here"></div><script src="circuitsvis.js"></script><script>window.ready = true</script>'
    heads = weights.shape[1]
    return Peer(
        "circuitsvis attention_heads",
        page,
        {"circuitsvis.js": files(package).joinpath("dist", "cdn", "iife.js").read_bytes()},
        json.dumps({"body": body, "script": call}).encode(),
        _RUN_SCRIPT,
        f"() => document.querySelectorAll('#here canvas, #here img').length >= {heads}",
    )


_RUN_SCRIPT = """text => {
  const { body, script } = JSON.parse(text)
  here.innerHTML = body
  const element = document.createElement('script')
  element.textContent = script
  document.body.append(element)
}"""


def _split(html: str) -> tuple[str, str]:
    """Return BertViz's HTML without its scripts, and the script that draws."""
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, flags=re.DOTALL)
    return re.sub(r"<script[^>]*>.*?</script>", "", html, flags=re.DOTALL), scripts[-1]


def _without_config(script: str) -> str:
    """Return BertViz's script without the lines that name the CDN's copies: ours are loaded already."""
    return re.sub(r"require\.config\(\{.*?\}\s*\}\s*\);", "", script, count=1, flags=re.DOTALL)


@cache
def _library(name: str) -> bytes:
    """Return a JavaScript library of a peer, fetched once from the package registry by npm.

    Raises RuntimeError saying what to install where npm is missing or has no such package.
    """
    package, inner = NPM[name]
    kept = LIBRARIES / name
    if not kept.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("npm is needed to fetch the libraries BertViz draws with: install Node.js")
        LIBRARIES.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", "--silent", package]
        result = subprocess.run(command, cwd=LIBRARIES, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"npm cannot fetch {package}: {result.stderr.strip()[-500:]}")
        archive = LIBRARIES / result.stdout.split()[-1]
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as packed:
            member = packed.extractfile(inner)
            kept.write_bytes(member.read() if member else b"")
        archive.unlink()
    return kept.read_bytes()
