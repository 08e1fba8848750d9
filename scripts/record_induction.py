"""Train the default induction network and keep the run: `python -m scripts.record_induction`."""

from __future__ import annotations

import torch

from attention.induction.runs import RECORD, Run, store_run
from attention.induction.settings import TrainingSettings
from attention.induction.training import train


def main() -> None:
    """Write the recorded run that the training page opens with."""
    torch.set_num_threads(1)
    settings, snapshots = TrainingSettings(), []
    for snapshot in train(settings):
        snapshots.append(snapshot)
        print(f"step {snapshot.step:3} of {settings.steps}: loss {snapshot.loss:.2f}, copies {snapshot.accuracy:.0%}")
    store_run(Run(settings, tuple(snapshots)))
    print(f"{RECORD.name}: {RECORD.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
