"""Count the trainings that fail at a high rate, and at the usual one: `python -m scripts.measure_learning_rates`."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import product

import torch

from attention.induction.rates import EARLY, FAST, FILE, MEASURED_STEPS, USUAL
from attention.induction.settings import TrainingSettings
from attention.induction.training import train

SHAPES = ((2, 1), (2, 2), (2, 4), (3, 2))  # layers, heads
SEEDS = range(1, 5)  # those of a visitor's first four presses


def main() -> None:
    """Write the measured trainings that the page's prediction is made of."""
    torch.set_num_threads(1)
    measured = []
    for seed, (n_layers, n_heads), rate in product(SEEDS, SHAPES, (FAST, USUAL)):
        steps = MEASURED_STEPS[-1] if rate == FAST else MEASURED_STEPS[0]
        settings = TrainingSettings(learning_rate=rate, n_layers=n_layers, n_heads=n_heads, steps=steps, seed=seed)
        seen = {snapshot.step: snapshot for snapshot in train(settings)}
        accuracy = {str(step): round(seen[step].accuracy, 4) for step in MEASURED_STEPS if step in seen}
        measured.append({"settings": asdict(settings), "early_loss": round(seen[EARLY].loss, 4), "accuracy": accuracy})
        print(f"rate {rate:g}, {n_layers} layers of {n_heads}, seed {seed}: {accuracy}", flush=True)
    FILE.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
