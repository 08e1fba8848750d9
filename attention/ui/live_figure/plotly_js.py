"""Where the browser gets plotly.js from: a compressed copy of the installed one, in the app's static folder."""

from __future__ import annotations

import gzip
import logging
import tempfile
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

_LOGGER = logging.getLogger(__name__)


@cache
def published_plotly_js(folder: Path) -> str:
    """Return the name of the plotly.js that `folder` serves, putting it there if this version is absent.

    It is compressed once here, and unpacked by the browser, because the server would compress its 5 MB anew for
    every visitor. Where the folder cannot be written the log says so and the reader sees that nothing can be drawn.
    """
    name = f"plotly-{version('plotly')}.js.gz"
    if not (folder / name).exists():
        try:
            _publish(folder / name)
        except OSError:
            _LOGGER.exception("No figure can be drawn: %s cannot be written. Make its folder writable.", folder / name)
    return name


def _publish(target: Path) -> None:
    """Write the compressed script in one step, so that processes starting together never serve half a file."""
    script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        unfinished = Path(folder) / target.name
        unfinished.write_bytes(gzip.compress(script, mtime=0))
        unfinished.replace(target)
