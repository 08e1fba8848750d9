"""What one block of a Transformer is made of, named, with the vectors that stood there; `anatomy` computes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from attention.trace import Floats

PARTS = (
    "embedding",
    "stream",
    "norm_1",
    "position",
    "attention",
    "sum_1",
    "norm_2",
    "mlp",
    "sum_2",
    "final_norm",
    "logits",
)


@dataclass(frozen=True, eq=False, slots=True)
class Anatomy:
    """What stands at each part of one block, as read-only arrays; a part that the model does not have is not there.

    `parts`, by name: `embedding`; `stream`, what the block is given; `norm_1`, what its attention reads; `position`
    (below); `attention`, what attention adds; `sum_1` = stream + attention; `norm_2`, what the feed-forward network
    (a multi-layer perceptron) reads; `mlp`, what it adds; `sum_2` = sum_1 + mlp; `final_norm` and `logits`, after the
    model's last block. Each [position, d_model], the logits [position, vocabulary].

    `position` is the vector that is added to the embedding, or, where positions turn query and key, the queries after
    the turn, head by head; `unturned` are then the queries before it.
    """

    parts: Mapping[str, Floats]
    unturned: Floats | None = None  # [position, d_model], heads side by side
    norm_weight: Floats | None = None  # [d_model], of the second layer norm
    norm_bias: Floats | None = None  # [d_model]
    norm_epsilon: float = 0.0  # added to the variance
    sizes: Mapping[str, int] = field(default_factory=dict)  # learned numbers of this block: attention, mlp, norms
