"""What a race measures, and one measurement on a wire (JSON lines)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

LENGTHS = (16, 64, 256, 1024, 2048, 4096)  # tokens
WIDTH = 128  # numbers a token, in and out, for both
HEADS = 4
ROUNDS = 9  # passes measured at each length, for each


@dataclass(frozen=True, slots=True)
class RaceSettings:
    """How many passes are measured at each length; a step is one length."""

    rounds: int = ROUNDS

    @property
    def steps(self) -> int:
        """How many lengths are measured."""
        return len(LENGTHS)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One length: the median processor time of a pass, in milliseconds, of each; `step` counts the lengths from 1."""

    step: int
    length: int  # tokens
    lstm: float
    attention: float

    @property
    def attention_wins(self) -> bool:
        """Whether attention took less time."""
        return self.attention < self.lstm


def write_measurement(measurement: Measurement) -> str:
    """Return a measurement as one line of JSON."""
    return json.dumps(asdict(measurement))


def read_measurement(line: str) -> Measurement:
    """Read what `write_measurement` wrote. Raises ValueError or TypeError at anything else."""
    measurement = Measurement(**json.loads(line))
    if not (measurement.lstm > 0 and measurement.attention > 0):
        raise ValueError(line)
    return measurement
