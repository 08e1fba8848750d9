"""What it costs to keep every step of attention, next to `nn.MultiheadAttention`, which keeps only the weights.

One thread, inference, no dropout, causal mask, projections included, the same weights on both sides. Each round times
the candidates one after the other and takes their ratios; a line gives the median of the rounds' ratios, so that a
machine that slows down slows down both sides of a ratio.

On Linux, `THP_MEM_ALLOC_ENABLE=1` asks torch for large memory pages, for both sides: with small ones, the longest texts
measure mostly how fast the kernel clears a new page.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product

import torch
from torch import Tensor, nn

from attention.modules import MultiHeadAttention
from attention.steps import attend, causal_mask, merge_heads, weights_and_context

LENGTHS = (8, 16, 32, 128, 256, 1024)
HEADS = (4, 8, 12)
D_HEADS = (16, 64)
SHORTEST_TIMING = 1e-3  # seconds: quicker calls are repeated until the clock's own cost does not count
SECONDS_PER_LINE = 1.0
FEWEST_ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """One measured shape: times as ratios to `nn.MultiheadAttention`, and the most they should be."""

    bias: bool
    n_heads: int
    d_head: int
    n_tokens: int
    torch_ms: float
    every_step: float
    every_step_target: float
    weights_only: float
    weights_only_target: float = 1.0

    @property
    def kept(self) -> bool:
        """Whether both ratios are within their targets."""
        return self.every_step <= self.every_step_target and self.weights_only <= self.weights_only_target


def target(n_tokens: int) -> float:
    """Return the most that keeping every step may cost; memory traffic makes long texts dearer."""
    return 1.0 if n_tokens <= 32 else 1.25 if n_tokens <= 256 else 1.6


def measure(n_heads: int, d_head: int, n_tokens: int, *, bias: bool) -> Line:
    """Time the three candidates on one shape, after making sure that they compute the same output."""
    d_model = n_heads * d_head
    generator = torch.Generator().manual_seed(0)
    embeddings = torch.randn(1, n_tokens, d_model, generator=generator)
    theirs = nn.MultiheadAttention(d_model, n_heads, bias=bias, batch_first=True).eval()
    ours = with_weights_of(theirs, bias=bias)
    mask = causal_mask(n_tokens)
    forbidden = ~mask

    def reference() -> Tensor:
        output: Tensor = theirs(
            embeddings, embeddings, embeddings, attn_mask=forbidden, need_weights=True, average_attn_weights=False
        )[0]
        return output

    def every_step() -> Tensor:
        output: Tensor = ours.w_output(merge_heads(attend(*ours.heads(embeddings), mask=mask).context))
        return output

    def weights_only() -> Tensor:
        output: Tensor = ours.w_output(merge_heads(weights_and_context(*ours.heads(embeddings), mask=mask)[1]))
        return output

    for candidate in (every_step, weights_only):
        torch.testing.assert_close(candidate(), reference(), atol=1e-5, rtol=1e-4)
    rounds = interleaved_times(every_step, weights_only, reference)
    return Line(
        bias=bias,
        n_heads=n_heads,
        d_head=d_head,
        n_tokens=n_tokens,
        torch_ms=1e3 * statistics.median(base for _, _, base in rounds),
        every_step=statistics.median(every / base for every, _, base in rounds),
        every_step_target=target(n_tokens),
        weights_only=statistics.median(weights / base for _, weights, base in rounds),
    )


def with_weights_of(theirs: nn.MultiheadAttention, *, bias: bool) -> MultiHeadAttention:
    """Return our layer with the weights of `theirs`."""
    ours = MultiHeadAttention(theirs.embed_dim, theirs.num_heads, bias=bias).eval()
    weights = {
        "w_query_key_value.weight": theirs.in_proj_weight,
        "w_output.weight": theirs.out_proj.weight,
        "w_query_key_value.bias": theirs.in_proj_bias,
        "w_output.bias": theirs.out_proj.bias,
    }
    ours.load_state_dict({name: weight for name, weight in weights.items() if weight is not None})
    return ours


def interleaved_times(*candidates: Callable[[], Tensor]) -> list[tuple[float, ...]]:
    """Return, for each round, the seconds that one call of each candidate took.

    Every other round runs backwards: who comes after whom matters for what the memory has just given back.
    """
    repeats = [max(1, round(SHORTEST_TIMING / seconds_per_call(candidate, 3))) for candidate in candidates]
    rounds: list[tuple[float, ...]] = []
    started = time.perf_counter()
    while len(rounds) < FEWEST_ROUNDS or time.perf_counter() - started < SECONDS_PER_LINE:
        turns = list(zip(candidates, repeats, strict=True))
        if len(rounds) % 2:
            rounds.append(tuple(reversed([seconds_per_call(*turn) for turn in reversed(turns)])))
        else:
            rounds.append(tuple(seconds_per_call(*turn) for turn in turns))
    return rounds


def seconds_per_call(candidate: Callable[[], Tensor], repeats: int) -> float:
    """Call `candidate` `repeats` times in a row and return the mean time of one call."""
    started = time.perf_counter()
    for _ in range(repeats):
        candidate()
    return (time.perf_counter() - started) / repeats


def table_row(line: Line) -> str:
    """Return a line of the table, with what is beyond its target marked."""
    return (
        f"{'yes' if line.bias else 'no':>6} {line.n_heads:>5} {line.d_head:>6} {line.n_tokens:>6} {line.torch_ms:>9.3f}"
        f"   {line.every_step:>5.2f} <= {line.every_step_target:<4} {line.weights_only:>7.2f} <= "
        f"{line.weights_only_target:<4} {'ok' if line.kept else 'BEYOND'}"
    )


def main() -> None:
    """Measure every shape and print a table, or JSON with `--json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the lines as JSON instead of a table")
    as_json = parser.parse_args().json
    torch.set_num_threads(1)
    gc.disable()
    lines: list[Line] = []
    if not as_json:
        print("biases heads d_head tokens  torch ms   every step     weights only")
    with torch.inference_mode():
        for bias, n_heads, d_head, n_tokens in product((True, False), HEADS, D_HEADS, LENGTHS):
            lines.append(measure(n_heads, d_head, n_tokens, bias=bias))
            if not as_json:
                print(table_row(lines[-1]), flush=True)
    if as_json:
        print(json.dumps([{**asdict(line), "kept": line.kept} for line in lines], indent=1))
    else:
        print(f"{sum(line.kept for line in lines)} of {len(lines)} lines are within their targets.")


if __name__ == "__main__":
    main()
