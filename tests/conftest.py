"""What holds for every test: one thread, and examples that are the same on every machine."""

from __future__ import annotations

import os

from hypothesis import settings

# Set before anything imports torch, and inherited by every process a test starts: two threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Without a deadline because a busy machine is not a mistake; derandomised so that a red run stays red when repeated.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
