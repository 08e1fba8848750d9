"""What a training leaves behind: snapshots, and runs made of them, on paper (npz) and on a wire (JSON lines)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from attention.errors import AttentionError
from attention.induction.settings import EXAMPLE, TrainingSettings
from attention.trace import Floats
from attention.views import Cell, WeightsView

RECORD = Path(__file__).with_name("record.npz")
NAMED_FROM = 0.5  # a head is named by a role once it gives it more than half of its attention
CODED = np.dtype("<f2")  # half precision: three digits of a weight are more than a colour shows


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """The network at one step. The numbers are measured on sequences it was not trained on; arrays are read-only.

    `accuracy` is the share of repeated tokens it predicts. `previous` and `induction` say how much of its attention
    each head gives, on average over the rows where there is one, to the token just before, and to the token that
    came after the other time the row's own token was there.
    """

    step: int
    loss: float  # nats a token, over the repeated ones
    accuracy: float
    previous: Floats  # [layer, head]
    induction: Floats  # [layer, head]
    maps: Floats  # [layer, head, query, key], the weights on EXAMPLE

    def __post_init__(self) -> None:
        for array in (self.previous, self.induction, self.maps):
            array.setflags(write=False)


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """One training so far: its settings and at least one snapshot, in the order they were taken."""

    settings: TrainingSettings
    snapshots: tuple[Snapshot, ...]

    @property
    def steps(self) -> tuple[int, ...]:
        """The step of each snapshot."""
        return tuple(snapshot.step for snapshot in self.snapshots)


def view_snapshot(snapshot: Snapshot) -> WeightsView:
    """Return the maps of every head as a reader sees them, the heads of the first layer first."""
    weights = snapshot.maps.reshape(-1, *snapshot.maps.shape[2:]).astype(np.float32)
    n = len(EXAMPLE)
    return WeightsView(
        labels=tuple(EXAMPLE),
        before_dropout=weights,
        weights=weights,
        cells=np.broadcast_to(np.where(np.tri(n, dtype=bool), Cell.SEEN, Cell.MASKED), weights.shape).copy(),
        undefined=np.zeros(weights.shape[:2], dtype=bool),
        grouped=False,
    )


def strongest(scores: Floats) -> tuple[int, int]:
    """Return layer and head with the highest of `scores` [layer, head], counted from 0; the first of equals."""
    layer, head = np.unravel_index(int(scores.argmax()), scores.shape)
    return int(layer), int(head)


def write_line(snapshot: Snapshot) -> str:
    """Return the snapshot as one line of JSON."""
    plain = {
        "step": snapshot.step,
        "loss": snapshot.loss,
        "accuracy": snapshot.accuracy,
        "previous": snapshot.previous.tolist(),
        "induction": snapshot.induction.tolist(),
        "maps": base64.b64encode(snapshot.maps.astype(CODED).tobytes()).decode(),
    }
    return json.dumps(plain, separators=(",", ":"))


def read_line(line: str) -> Snapshot:
    """Return the snapshot that `write_line` wrote, its maps in half precision."""
    plain = json.loads(line)
    previous = np.array(plain["previous"])
    maps = np.frombuffer(base64.b64decode(plain["maps"]), dtype=CODED)
    return Snapshot(
        step=plain["step"],
        loss=plain["loss"],
        accuracy=plain["accuracy"],
        previous=previous,
        induction=np.array(plain["induction"]),
        maps=maps.reshape(*previous.shape, len(EXAMPLE), len(EXAMPLE)),
    )


def store_run(run: Run, path: Path = RECORD) -> None:
    """Write the run to `path`: plain arrays, nothing pickled."""
    stacked = {
        "steps": np.array(run.steps),
        "loss": _stack(run.snapshots, "loss", np.float32),
        "accuracy": _stack(run.snapshots, "accuracy", np.float32),
        "previous": _stack(run.snapshots, "previous", np.float32),
        "induction": _stack(run.snapshots, "induction", np.float32),
        "maps": _stack(run.snapshots, "maps", CODED),
    }
    np.savez_compressed(
        path,
        allow_pickle=False,
        settings=np.array(json.dumps(asdict(run.settings))),
        example=np.array(EXAMPLE),
        **stacked,
    )


def _stack(snapshots: Sequence[Snapshot], name: str, dtype: Any) -> Floats:  # noqa: ANN401 - whatever NumPy takes
    return np.stack([np.asarray(getattr(snapshot, name), dtype=dtype) for snapshot in snapshots])


@cache
def recorded_run(path: Path = RECORD) -> Run:
    """Return the run that ships with this package.

    Raises AttentionError `damaged_record` when the file is not there, is cut short, or is of another example.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
        if str(stored["example"]) != EXAMPLE:
            raise ValueError("another example")
        snapshots = tuple(
            Snapshot(int(step), float(loss), float(accuracy), previous, induction, maps)
            for step, loss, accuracy, previous, induction, maps in zip(
                *(stored[name] for name in ("steps", "loss", "accuracy", "previous", "induction", "maps")), strict=True
            )
        )
        return Run(TrainingSettings(**json.loads(str(stored["settings"]))), snapshots)
    except Exception as error:  # a damaged archive raises as many errors as there are ways to damage it
        raise AttentionError(
            "damaged_record",
            f"The recorded training {path.name} is missing or damaged; make it again with "
            "python -m scripts.record_induction.",
            file=path.name,
            command="python -m scripts.record_induction",
        ) from error
