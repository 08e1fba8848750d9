"""What every process has in common that works for a page: it steps back, and it ends when nobody is there any more."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 5  # the pages that people look at come first


def serve_parent() -> None:
    """Give the processor's first turn to others, and end this process as soon as its standard input is closed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through its buffer, whose lock would outlive finished work
    os._exit(1)
