"""How often trainings fail at a high rate and at the usual one, as `scripts.measure_learning_rates` counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from attention.errors import AttentionError
from attention.induction.settings import TrainingSettings

FILE = Path(__file__).with_name("rates.json")
COMMAND = "python -m scripts.measure_learning_rates"
FAST, USUAL = 0.01, 0.003  # the rates compared, seed by seed
MEASURED_STEPS = (400, 800)  # after which the copies were counted; at the usual rate after the first only
EARLY = 40  # the step whose loss is kept too, for a test to meet again in a second
LEARNED = 0.9  # copies right from which a network has learned


@dataclass(frozen=True, slots=True)
class Failures:
    """Of `n` trainings at one rate, how many had not learned to copy after `steps` steps."""

    failed: int
    n: int
    steps: int


@cache
def measured() -> tuple[dict[str, Any], ...]:
    """Return every measured training: its settings, its loss at step `EARLY`, its copies right by step.

    Raises AttentionError `damaged_record`.
    """
    try:
        found = json.loads(FILE.read_text(encoding="utf-8"))
        return tuple({name: each[name] for name in ("settings", "early_loss", "accuracy")} for each in found)
    except (OSError, ValueError, KeyError, TypeError):
        raise AttentionError(
            "damaged_record",
            f"The measured trainings {FILE.name} are missing or damaged; make them again with {COMMAND}.",
            file=FILE.name,
            command=COMMAND,
        ) from None


def failures(rate: float, steps: int) -> Failures:
    """Return how many trainings at `rate` had failed after the last measured number of steps up to `steps`."""
    after = max(measured_step for measured_step in MEASURED_STEPS if measured_step <= steps)
    accuracies = [each["accuracy"][str(after)] for each in measured() if each["settings"]["learning_rate"] == rate]
    return Failures(sum(accuracy < LEARNED for accuracy in accuracies), len(accuracies), after)


def may_be_too_fast(settings: TrainingSettings) -> bool:
    """Tell whether trainings of more than one layer have failed at so high a rate, although they had the steps."""
    enough = settings.steps >= MEASURED_STEPS[0]
    fast = settings.n_layers > 1 and settings.learning_rate >= FAST
    return fast and enough and failures(FAST, settings.steps).failed > 0
