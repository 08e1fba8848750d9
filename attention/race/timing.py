"""The race: the same tokens through `nn.LSTM` and through causal attention, on one thread, timed in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from attention.race.settings import HEADS, LENGTHS, WIDTH, Measurement, RaceSettings

WARM_UP = 2  # passes before the clock is looked at


class FusedAttention(nn.Module):
    """A layer of causal attention as it is run in earnest: two matrix products around torch's own fused function."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.w_query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.w_output = nn.Linear(width, width, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map [batch, position, width] to the same shape."""
        batch, n, width = tokens.shape
        stacked = self.w_query_key_value(tokens).view(batch, n, 3, self.n_heads, width // self.n_heads)
        query, key, value = stacked.permute(2, 0, 3, 1, 4).unbind()
        context = scaled_dot_product_attention(query, key, value, is_causal=True)
        output: Tensor = self.w_output(context.transpose(1, 2).reshape(batch, n, width))
        return output


def race(settings: RaceSettings) -> Iterator[Measurement]:
    """Yield a measurement a length, shortest first.

    Both read one text at a time, without gradients, in and out [1, n, WIDTH]. They take turns, so that a busy moment
    meets both; the time is this process's own on the processor, which does not count what others do meanwhile.
    """
    lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True).eval()
    attention = FusedAttention(WIDTH, HEADS).eval()
    for step, length in enumerate(LENGTHS, start=1):
        tokens = torch.randn(1, length, WIDTH, generator=Generator().manual_seed(length))
        with torch.inference_mode():
            for _ in range(WARM_UP):
                lstm(tokens)
                attention(tokens)
            pairs = [
                (_seconds(lambda: lstm(tokens)), _seconds(lambda: attention(tokens)))  # noqa: B023 - called at once
                for _ in range(settings.rounds)
            ]
        of_lstm, of_attention = (1_000 * median(seconds) for seconds in zip(*pairs, strict=True))
        yield Measurement(step, length, of_lstm, of_attention)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
