"""Train in a process of its own: `python -m attention.induction '{"n_layers": 2}'` writes a line of JSON a snapshot.

Ends, whatever it is doing, as soon as its standard input is closed: the process that started it may be gone.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from attention.induction.runs import write_line
from attention.induction.settings import TrainingSettings

NICENESS = 5  # the pages that people look at come first


def main() -> None:
    """Train with the settings in the first argument."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    import torch

    from attention.induction.training import train

    torch.set_num_threads(1)
    for snapshot in train(TrainingSettings(**json.loads(sys.argv[1]))):
        sys.stdout.write(write_line(snapshot) + "\n")
        sys.stdout.flush()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through its buffer, whose lock would outlive a finished training
    os._exit(1)


if __name__ == "__main__":
    main()
