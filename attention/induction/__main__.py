"""Train in a process of its own: `python -m attention.induction '{"n_layers": 2}'` writes a line of JSON a snapshot.

Ends, whatever it is doing, as soon as its standard input is closed: the process that started it may be gone.
"""

from __future__ import annotations

import json
import sys

from attention.induction.runs import write_line
from attention.induction.settings import TrainingSettings
from attention.worker import serve_parent


def main() -> None:
    """Train with the settings in the first argument."""
    serve_parent()
    import torch

    from attention.induction.training import train

    torch.set_num_threads(1)
    for snapshot in train(TrainingSettings(**json.loads(sys.argv[1]))):
        sys.stdout.write(write_line(snapshot) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
