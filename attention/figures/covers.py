"""What covers a cell that holds no number: one rule for every figure, sentence and table."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from attention.views import Cell, WeightsView


class Cover(IntEnum):
    """Why a cell shows no number; `NONE` where it shows one."""

    NONE = 0
    MASKED = 1  # the query may not look there
    DROPPED = 2  # dropout struck the weight out
    UNDEFINED = 3  # the row is 0/0
    ABSENT = 4  # laid on another sentence: this one has no such row or column


def covers(view: WeightsView) -> NDArray[np.uint8]:
    """Return the cover of every cell, [head, query, key]."""
    absent, masked, dropped = (view.cells == cell for cell in (Cell.ABSENT, Cell.MASKED, Cell.DROPPED))
    covering = [Cover.ABSENT, Cover.MASKED, Cover.UNDEFINED, Cover.DROPPED]
    found = np.select([absent, masked, view.undefined[..., None], dropped], covering, Cover.NONE)
    return found.astype(np.uint8)


def cover(view: WeightsView, head: int, row: int, column: int) -> Cover:
    """Return the cover of one cell."""
    cell = view.cells[head, row, column]
    if cell in (Cell.MASKED, Cell.ABSENT):
        return Cover.MASKED if cell == Cell.MASKED else Cover.ABSENT
    if view.undefined[head, row]:
        return Cover.UNDEFINED
    return Cover.DROPPED if cell == Cell.DROPPED else Cover.NONE
