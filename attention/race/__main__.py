"""Race in a process of its own: `python -m attention.race '{"rounds": 9}'` writes a line of JSON a length.

Ends, whatever it is doing, as soon as its standard input is closed: the process that started it may be gone.
"""

from __future__ import annotations

import json
import sys

from attention.race.settings import RaceSettings, write_measurement
from attention.worker import serve_parent


def main() -> None:
    """Measure with the settings in the first argument."""
    serve_parent()
    import torch

    from attention.race.timing import race

    torch.set_num_threads(1)
    for measurement in race(RaceSettings(**json.loads(sys.argv[1]))):
        sys.stdout.write(write_measurement(measurement) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
