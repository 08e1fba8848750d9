"""The child that runs pasted code: it imports nothing of this project."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path


def run(path: Path, printed: Path) -> None:
    """Run a file as a program, from its folder, where nothing of this project is to be found; keep what it prints."""
    os.chdir(path.parent)
    sys.path[:] = [str(path.parent), *(place for place in sys.path if "packages" in place or "lib/python" in place)]
    with printed.open("w", encoding="utf-8") as sys.stdout:
        runpy.run_path(str(path), run_name="__main__")
