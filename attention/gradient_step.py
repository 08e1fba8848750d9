"""One step of training by hand: a tiny attention over the end of a sentence, and what one correction does to it.

Small enough for a board: three tokens of four numbers, three matrices of 4 × 4. Numbers are drawn with two digits, so
that whoever copies them has them exactly; the arithmetic is in float64.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.func import grad_and_value

from attention.steps import attend
from attention.trace import Floats

MOST_TOKENS = 3
WIDTH = 4
RATE = 0.5
NUDGE = 0.01
MATRICES = ("w_query", "w_key", "w_value")


@dataclass(frozen=True, eq=False, slots=True)
class GradientStep:
    """One correction of Wq, Wk and Wv, so that the last token's context vector comes closer to a target.

    The three matrices stand one above the other in arrays [matrix, in, out], in the order of `MATRICES`. `watched`
    names one weight, the one of Wq with the steepest gradient (of Wv where Wq has none). Arrays are read-only.
    """

    embeddings: Floats  # [position, WIDTH]
    target: Floats  # [WIDTH]
    before: Floats  # [matrix, in, out]
    gradients: Floats  # [matrix, in, out], of the loss
    after: Floats  # [matrix, in, out]: before − rate · gradients
    loss_before: float  # mean of the squared distances between context and target
    loss_after: float
    watched: tuple[int, int, int]  # matrix, in, out
    nudge: float  # how far the watched weight alone is moved to see its slope
    nudged_loss: float  # the loss then
    rate: float  # learning rate

    def __post_init__(self) -> None:
        for name in ("embeddings", "target", "before", "gradients", "after"):
            getattr(self, name).setflags(write=False)

    @property
    def slope(self) -> float:
        """The watched weight's slope as measured by its nudge: close to its gradient, not equal to it."""
        return (self.nudged_loss - self.loss_before) / self.nudge


def gradient_step(ids: Sequence[int]) -> GradientStep:
    """Take one step of gradient descent on the last tokens of a sentence, given by their ids.

    The matrices are the same for every sentence, a token's numbers the same in every sentence; the target belongs to
    the tokens. Plain gradient descent: every weight moves by −`rate` times its gradient.
    """
    ids = tuple(ids)[-MOST_TOKENS:]
    embeddings = torch.stack([_draw((WIDTH,), "token", id_) for id_ in ids])
    target = _draw((WIDTH,), "target", *ids)
    before = torch.stack([_draw((WIDTH, WIDTH), name) for name in MATRICES])
    gradients, loss = grad_and_value(lambda matrices: _loss(embeddings, matrices, target))(before)
    after = before - RATE * gradients
    watched = _steepest(gradients.numpy())
    nudge = torch.zeros_like(before).index_put(tuple(map(torch.tensor, watched)), torch.tensor(NUDGE).double())
    return GradientStep(
        embeddings=embeddings.numpy(),
        target=target.numpy(),
        before=before.numpy(),
        gradients=gradients.numpy(),
        after=after.numpy(),
        loss_before=float(loss),
        loss_after=float(_loss(embeddings, after, target)),
        watched=watched,
        nudge=NUDGE,
        nudged_loss=float(_loss(embeddings, before + nudge, target)),
        rate=RATE,
    )


def _loss(embeddings: Tensor, matrices: Tensor, target: Tensor) -> Tensor:
    """Return how far the last token's context vector is from the target: the mean of the squared differences."""
    query, key, value = (embeddings @ matrix for matrix in matrices)
    attended = attend(query[None, None, -1:], key[None, None], value[None, None])
    return ((attended.context[0, 0, 0] - target) ** 2).mean()


def _steepest(gradients: NDArray[np.float64]) -> tuple[int, int, int]:
    """Return the place of the steepest gradient of Wq, or of Wv where the whole of Wq has none."""
    matrix = 0 if np.abs(gradients[0]).max() > 0 else 2
    row, column = np.unravel_index(int(np.abs(gradients[matrix]).argmax()), gradients[matrix].shape)
    return matrix, int(row), int(column)


def _draw(shape: tuple[int, ...], *name: object) -> Tensor:
    """Draw uniformly from −1 to 1 with two digits, in float64; what is drawn depends on `name` alone."""
    seed = int.from_bytes(hashlib.blake2b("/".join(map(str, name)).encode(), digest_size=4).digest(), "big")
    drawn = 2.0 * torch.rand(shape, generator=Generator().manual_seed(seed), dtype=torch.float64) - 1.0
    return (100 * drawn).round() / 100
