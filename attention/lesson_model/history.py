"""How the lesson model learned, read from what its training left: curves, checkpoints, and when a head was born."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

import numpy as np

from attention.lesson_model.files import damaged, read_checked, record
from attention.trace import Floats

CURVES = "curves.json"
CHECKPOINTS = "checkpoints"
WEIGHTS = "weights.safetensors"
MEASURED_ON = 220  # sentences a point of the curves, as many of every set


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """One training, measured every so many steps on sentences it never saw. Arrays are read-only.

    `predicts` and `verb` are the mean weight that the row which predicts the verb, and the verb's own row, give the
    subject; `foresees` is the share of `MEASURED_ON` sentences whose right verb is expected rather than another noun's,
    be that noun in the sentence or, where none there has verbs of its own, any other.
    """

    steps: tuple[int, ...]  # [point]
    loss: tuple[float, ...]  # [point], the mean since the point before; NaN where no step was taken yet
    foresees: tuple[float, ...]  # [point]
    predicts: Floats  # [point, layer, head]
    verb: Floats  # [point, layer, head]
    checkpoints: dict[int, str]  # the files of weights by step, in order, the shipped weights last

    def __post_init__(self) -> None:
        for array in (self.predicts, self.verb):
            array.setflags(write=False)

    def nearest_point(self, step: int) -> int:
        """Return the place of the measured point nearest to `step`."""
        return nearest(self.steps, step)

    def nearest_checkpoint(self, step: int) -> int:
        """Return the step of the checkpoint nearest to `step`."""
        steps = tuple(self.checkpoints)
        return steps[nearest(steps, step)]


@dataclass(frozen=True, slots=True)
class Birth:
    """The steepest rise of a curve: between which two steps, from what to what, and how much of the whole climb."""

    start: int
    end: int
    before: float
    after: float
    share_of_steps: float  # the steps between, of all steps
    share_of_climb: float  # the rise, of that from the first point to the last


@cache
def lesson_history() -> History:
    """Return the recorded training. Raises AttentionError `damaged_lesson_model` about curves.json or record.json."""
    content = read_checked(CURVES)
    try:
        found = json.loads(content)
        steps = tuple(int(step) for step in found["step"])
        history = History(
            steps=steps,
            loss=tuple(float("nan" if loss is None else loss) for loss in found["loss"]),
            foresees=tuple(float(share) for share in found["foresees"]),
            predicts=np.array(found["predicts"], dtype=np.float64),
            verb=np.array(found["verb"], dtype=np.float64),
            checkpoints=_checkpoints(last=steps[-1]),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        raise damaged(CURVES) from None
    if {len(history.loss), len(history.foresees), len(history.predicts), len(history.verb)} != {len(steps)}:
        raise damaged(CURVES)
    return history


def _checkpoints(*, last: int) -> dict[int, str]:
    """Return the recorded files of weights by their steps; the shipped weights are those of the `last`."""
    files = (PurePosixPath(name) for name in record()["sha256"])
    found = {int(file.stem): str(file) for file in files if str(file.parent) == CHECKPOINTS}
    return dict(sorted((found | {last: WEIGHTS}).items()))


def birth(steps: Sequence[int], curve: Sequence[float]) -> Birth | None:
    """Return where `curve` rises most steeply, a point a step of `steps`; None if it ends no higher than it began.

    A head is not born at one step; between two measured points is as finely as a record can tell.
    """
    climb = curve[-1] - curve[0]
    if climb <= 0:
        return None
    start = int(np.argmax(np.diff(curve) / np.diff(steps)))
    return Birth(
        start=steps[start],
        end=steps[start + 1],
        before=curve[start],
        after=curve[start + 1],
        share_of_steps=(steps[start + 1] - steps[start]) / (steps[-1] - steps[0]),
        share_of_climb=(curve[start + 1] - curve[start]) / climb,
    )


def nearest(steps: Sequence[int], step: int) -> int:
    """Return the place in `steps` of the one nearest to `step`; the earlier of two as near."""
    return min(range(len(steps)), key=lambda place: abs(steps[place] - step))
