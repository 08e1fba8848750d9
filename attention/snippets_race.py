"""Python to paste: the steps, the paths and the weights of a sentence, counted; and the race, to run elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from attention.race.counts import connections, path_length, sequential_steps
from attention.race.settings import HEADS, WIDTH
from attention.snippets import Snippet, comment, names_literal
from attention.texts import Language

TIMED = (64, 256, 1024)  # tokens, in the notebook's own race


def counts_snippet(labels: Sequence[str], pair: tuple[int, int] | None, language: Language) -> Snippet:
    """Return code that counts, for a sentence, sequential steps, the path between a `pair` of tokens, and weights.

    The pair is an earlier token and a later one. It prints a line each, the recurrent network's count first; without a
    pair there is no path.
    """
    n = len(labels)
    lines = [
        "import torch",
        "",
        f"tokens = {names_literal(labels)}",
        "n = len(tokens)",
        "",
        comment("why_it_changed.code_steps", language),
        "state, steps = torch.zeros(1), 0",
        "for token in tokens:",
        "    state, steps = torch.tanh(state), steps + 1",
        "scores = torch.zeros(n, n)",
        'print("steps:", steps, 1)',
    ]
    prints = f"steps: {sequential_steps(n).recurrent} {sequential_steps(n).attention}\n"
    if pair:
        first, last = pair
        lines += [
            "",
            comment("why_it_changed.code_path", language),
            "neighbours = torch.eye(n) + torch.diag(torch.ones(n - 1), -1)",
            "everyone = torch.ones(n, n).tril()",
            "",
            "def hops(heard, source, listener):",
            "    known, count = torch.eye(n), 0",
            "    while known[listener, source] == 0:",
            "        known, count = (heard @ known).clamp(max=1), count + 1",
            "    return count",
            "",
            f'print("path:", hops(neighbours, {first}, {last}), hops(everyone, {first}, {last}))',
        ]
        path = path_length(first, last)
        prints += f"path: {path.recurrent} {path.attention}\n"
    lines += ["", comment("why_it_changed.code_memory", language), 'print("numbers:", n, scores.numel())']
    prints += f"numbers: {connections(n).recurrent} {connections(n).attention}\n"
    return Snippet("\n".join(lines) + "\n", prints)


def timing_code(language: Language) -> str:
    """Return code that races `nn.LSTM` against causal attention wherever it is run; what it prints varies."""
    return f"""import time
from statistics import median

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

torch.set_num_threads(1)
width, heads = {WIDTH}, {HEADS}
lstm = nn.LSTM(width, width, batch_first=True).eval()
to_query_key_value = nn.Linear(width, 3 * width, bias=False)
to_output = nn.Linear(width, width, bias=False)

def attend(x):
    batch, n, _ = x.shape
    stacked = to_query_key_value(x).view(batch, n, 3, heads, width // heads)
    query, key, value = stacked.permute(2, 0, 3, 1, 4).unbind()
    context = scaled_dot_product_attention(query, key, value, is_causal=True)
    return to_output(context.transpose(1, 2).reshape(batch, n, width))

def milliseconds(work, x):
    start = time.perf_counter()
    work(x)
    return 1000 * (time.perf_counter() - start)

with torch.inference_mode():
    for n in {TIMED}:
        x = torch.randn(1, n, width)
        lstm(x), attend(x)  {comment("why_it_changed.code_warm", language)}
        times = [(milliseconds(lstm, x), milliseconds(attend, x)) for _ in range(9)]
        print(n, "LSTM", round(median(t for t, _ in times), 2), "attention", round(median(t for _, t in times), 2))
"""
