"""What a reader can choose about one training, and the task: a sequence, then the same sequence again."""

from __future__ import annotations

import string
from dataclasses import dataclass

from attention.config import MAX_SEED
from attention.errors import AttentionError

ALPHABET = string.ascii_letters + string.digits + "+-"  # the label of each of the 64 tokens
EXAMPLE = "Q7fKxB2mRz" * 2  # the sequence whose maps are kept; positions 11 to 20 repeat 1 to 10
HALF_LENGTHS = range(8, 25)  # tokens before the sequence repeats; varied, or counting back would be enough
D_MODEL = 64
BATCH = 32

LEARNING_RATES = (1e-4, 1e-2)  # from … to
HEAD_CHOICES = (1, 2, 4, 8)
LAYER_CHOICES = (1, 2, 3)
STEPS = (10, 2_000)  # from … to


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The settings of one training. The defaults are those of the recorded run.

    `seed` draws the first weights and every sequence: the same settings give the same run.

    Raises AttentionError `learning_rate_out_of_range`, `training_heads`, `training_layers`,
    `training_steps_out_of_range` and `seed_out_of_range`.
    """

    learning_rate: float = 3e-3
    n_heads: int = 2
    n_layers: int = 2
    steps: int = 400
    seed: int = 0

    def __post_init__(self) -> None:
        _check_range("learning_rate_out_of_range", "The learning rate", self.learning_rate, LEARNING_RATES)
        _check_choice("training_heads", "The number of heads", self.n_heads, HEAD_CHOICES)
        _check_choice("training_layers", "The number of layers", self.n_layers, LAYER_CHOICES)
        _check_range("training_steps_out_of_range", "The number of steps", self.steps, STEPS)
        if not 0 <= self.seed <= MAX_SEED:
            raise AttentionError(
                "seed_out_of_range",
                f"A seed must be from 0 to {MAX_SEED}, and seed is {self.seed}.",
                seed=self.seed,
                maximum=MAX_SEED,
            )

    @property
    def snapshot_steps(self) -> tuple[int, ...]:
        """The steps after which a snapshot is taken: the first, the last, and about forty in between."""
        return (*range(0, self.steps, max(5, self.steps // 40)), self.steps)


def _check_range(code: str, name: str, value: float, limits: tuple[float, float]) -> None:
    least, most = limits
    if not least <= value <= most:
        raise AttentionError(
            code, f"{name} must be from {least} to {most}, and it is {value}.", value=value, least=least, most=most
        )


def _check_choice(code: str, name: str, value: int, choices: tuple[int, ...]) -> None:
    if value not in choices:
        written = ", ".join(map(str, choices))
        raise AttentionError(code, f"{name} must be one of {written}, and it is {value}.", value=value, choices=written)
