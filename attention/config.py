"""What a reader can choose about one attention layer, as one frozen, hashable value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from attention.errors import AttentionError

MaskMode = Literal["before_softmax", "zero_after", "renormalise"]
"""How a mask is applied.

- `before_softmax`: -inf before the softmax. The right way: every row sums to 1.
- `zero_after`: zeros after the softmax. Wrong: the future has leaked into the denominator and rows lose their sum.
- `renormalise`: zeros after the softmax, then each row divided by its sum. Equal to the right way up to
  rounding, unless the allowed share has underflowed: then a row is 0/0.
"""

MASK_MODES: tuple[MaskMode, ...] = get_args(MaskMode)
MAX_D_MODEL = 1024
MAX_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class AttentionConfig:
    """The settings of one attention layer. Every field has one effect; invalid values never make it in.

    `n_heads` must divide `d_model`. `scaled` divides the scores by the square root of d_head.
    `positions` adds sinusoidal positions to the embeddings. `dropout` is a probability in
    [0, 1] and acts only when `training` is true, as in torch. `seed` draws the random weights,
    `dropout_seed` the random zeros.
    """

    n_heads: int = 4
    d_model: int = 96
    causal: bool = True
    mask_mode: MaskMode = "before_softmax"
    scaled: bool = True
    positions: bool = True
    dropout: float = 0.0
    training: bool = True
    dropout_seed: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.d_model <= MAX_D_MODEL:
            raise AttentionError(
                "d_model_out_of_range",
                f"d_model must be from 1 to {MAX_D_MODEL}, and it is {self.d_model}.",
                d_model=self.d_model,
                maximum=MAX_D_MODEL,
            )
        check_heads(self.d_model, self.n_heads)
        if not 0.0 <= self.dropout <= 1.0:
            raise AttentionError(
                "dropout_out_of_range",
                f"dropout must be a probability from 0 to 1, and it is {self.dropout}.",
                dropout=self.dropout,
            )
        if self.mask_mode not in MASK_MODES:
            raise AttentionError(
                "unknown_mask_mode",
                f"The mask mode must be one of {', '.join(MASK_MODES)}, and it is {self.mask_mode!r}.",
                mask_mode=self.mask_mode,
                choices=", ".join(MASK_MODES),
            )
        for name in ("seed", "dropout_seed"):
            if not 0 <= getattr(self, name) <= MAX_SEED:
                raise AttentionError(
                    "seed_out_of_range",
                    f"A seed must be from 0 to {MAX_SEED}, and {name} is {getattr(self, name)}.",
                    seed=getattr(self, name),
                    maximum=MAX_SEED,
                )

    @property
    def d_head(self) -> int:
        """Width of one head's query, key and value."""
        return self.d_model // self.n_heads

    @property
    def active_dropout(self) -> float:
        """The probability that really acts: 0 outside training, where dropout does nothing."""
        return self.dropout if self.training else 0.0


def divisors(d_model: int) -> tuple[int, ...]:
    """Return the head counts that cut `d_model` into equal whole parts, ascending."""
    return tuple(n for n in range(1, d_model + 1) if d_model % n == 0)


def check_heads(d_model: int, n_heads: int) -> None:
    """Raise AttentionError `heads_do_not_divide` unless `n_heads` cuts `d_model` into equal whole parts."""
    if n_heads < 1 or d_model % n_heads:
        raise AttentionError(
            "heads_do_not_divide",
            f"The number of heads must divide d_model = {d_model}, and {n_heads} does not; "
            f"choose one of {divisors(d_model)}.",
            n_heads=n_heads,
            d_model=d_model,
            choices=", ".join(map(str, divisors(d_model))),
        )
