"""What a process remembers for its visitors has a bound in bytes, whatever they ask for."""

from __future__ import annotations

import ast
import gc
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType

import numpy as np
import pytest

from attention.config import AttentionConfig
from attention.lesson_model.source import WEIGHTS
from attention.lesson_model.tokenizer import ENCODING as LESSON
from attention.tokens import DEFAULT_ENCODING, LONG_TOKENS, MAX_TOKENS
from attention.ui import cache
from attention.ui.cache import Shown
from attention.ui.kept import LEAST, Kept, size_of
from attention.ui.state.choices import D_MODEL_CHOICES, HEAD_CHOICES

ROOT = Path(__file__).parent.parent
TEXTS = 24  # enough to fill all but the caches of small figures
COUNTED_MB = 46  # at most, of all results that are counted instead of weighed

# The most that a reader can ask for: every switch that adds numbers is on.
RANDOM = AttentionConfig(n_heads=max(HEAD_CHOICES), d_model=max(D_MODEL_CHOICES), causal=False, dropout=0.3)
TRAINED = AttentionConfig(causal=False, dropout=0.3)
DRY, DRY_TRAINED = (replace(config, dropout=0.0) for config in (RANDOM, TRAINED))
SETS = tuple(((0, first), (1, second)) for first in range(4) for second in range(4))

# Each cache asked for its largest result about a text.
LARGEST: dict[str, Callable[[str], object]] = {
    "cached_tokens": lambda text: cache.cached_tokens(text, LESSON),
    "cached_beginning": lambda text: cache.cached_beginning(text, LESSON, MAX_TOKENS),
    "cached_trace": lambda text: cache.cached_trace(text, DEFAULT_ENCODING, RANDOM),
    "cached_anatomy": lambda text: cache.cached_anatomy(text, LESSON, TRAINED),
    "cached_streams": lambda text: cache.cached_streams(text, DEFAULT_ENCODING, RANDOM),
    "cached_shuffle": lambda text: cache.cached_shuffle(text, LESSON, 1, RANDOM),
    "cached_random_trace": lambda text: cache.cached_random_trace(text, LESSON, RANDOM),
    "cached_output_matrix": lambda _: cache.cached_output_matrix(DEFAULT_ENCODING, RANDOM, 0),
    "cached_draws": lambda text: cache.cached_draws(text, LESSON, DRY_TRAINED, 0, 0, 0.5),
    "cached_lost_row": lambda text: cache.cached_lost_row(text, LESSON, DRY_TRAINED, 0, 0, 0.5, 0, 2),
    "cached_later_draws": lambda text: cache.cached_later_draws(text[:40], DRY_TRAINED, 0, 0.5),  # as large for any
    "cached_last_stream": lambda text: cache.cached_last_stream(text, DRY_TRAINED, ((0, 0),), "mean"),
    "cached_sets_off": lambda text: cache.cached_sets_off(text, DRY_TRAINED, 1, SETS, "mean"),
    "cached_without": lambda text: cache.cached_without(text, DRY_TRAINED, ((0, 0),), "mean"),
    "cached_added_lengths": lambda text: cache.cached_added_lengths(text, DEFAULT_ENCODING, RANDOM, 0),
    "cached_rollout": lambda text: cache.cached_rollout(text, LESSON, TRAINED),
    "cached_matrices": lambda text: cache.cached_matrices(
        DEFAULT_ENCODING, replace(RANDOM, n_heads=1, seed=len(text) + text.count("a")), 0, 0
    ),
    "cached_saturation": lambda _: cache.cached_saturation(16),
    "cached_gradient_step": lambda _: cache.cached_gradient_step((1, 2, 3)),
    "cached_network": lambda _: list(cache.cached_network(WEIGHTS).parameters()),
    "cached_view": lambda text: cache.cached_view(Shown(text, DEFAULT_ENCODING, RANDOM, 0, grouped=False)),
    "cached_measures": lambda text: cache.cached_measures(Shown(text, DEFAULT_ENCODING, RANDOM, 0, grouped=False)),
    "cached_similarity": lambda text: cache.cached_similarity(Shown(text, DEFAULT_ENCODING, RANDOM, 0, grouped=False)),
    "cached_figure": lambda text: cache.cached_figure(
        "heads_mosaic", (Shown(text, DEFAULT_ENCODING, RANDOM, 0, grouped=False),), "light", (("language", "pt-BR"),)
    ),
    "cached_widths": lambda text: cache.cached_widths(
        "comparisons",
        tuple(Shown(text, DEFAULT_ENCODING, config, 0, grouped=False) for config in (DRY, RANDOM)),
        "light",
        (("head", 0), ("language", "pt-BR")),
    ),
    "cached_next_tokens": lambda text: cache.cached_next_tokens((text[:40],) * 10, (0.1,) * 10, "pt-BR", "light"),
}
LONG: dict[str, Callable[[str], object]] = {
    "cached_long_tokens": lambda text: cache.cached_long_tokens(text, LESSON),
    "cached_long_trace": lambda text: cache.cached_long_trace(text, LESSON, TRAINED),
    "cached_long_head": lambda text: cache.cached_long_head(Shown(text, LESSON, TRAINED, 0, grouped=True), 0),
    "cached_long_overview": lambda text: cache.cached_long_overview(
        Shown(text, DEFAULT_ENCODING, RANDOM, 0, grouped=True), 8
    ),
    "cached_long_figure": lambda text: cache.cached_long_figure(
        Shown(text, DEFAULT_ENCODING, RANDOM, 0, grouped=False), 0, 0, "light", "pt-BR"
    ),
}
ASKED = {**LARGEST, **LONG}
CACHES = {name: made for name, made in vars(cache).items() if name.startswith("cached_")}
KEPT = {name: made for name, made in CACHES.items() if isinstance(made, Kept)}


@pytest.fixture(scope="module", autouse=True)
def empty() -> Iterator[None]:
    """Empty caches before, and again after: what this file fills is larger than all that the others ask for."""
    for turn in range(2):
        for each in CACHES.values():
            each.clear()
        if not turn:
            yield


def sentence(number: int, most: int) -> str:
    """Return a text of nearly `most` tokens in either vocabulary, another for each number."""
    words = ["gato", "casa", "rua", "que", "viu", "e", "o", "a", "dormiu", "na"]
    drawn = " ".join(random.Random(number).choices(words, k=most))
    for encoding in (LESSON, DEFAULT_ENCODING):
        drawn = cache.cached_beginning(drawn, encoding, most)
    return drawn


def counted() -> dict[str, int]:
    """Return how many results each cache holds that counts them."""
    source = (ROOT / "attention/ui/cache.py").read_text(encoding="utf-8")
    found = re.findall(r"max_entries=(\d+).*\)\s*(?:#.*)?\ndef (cached_\w+)", source)
    return {name: int(most) for most, name in found}


def test_every_cache_counts_or_weighs_what_it_holds_and_is_asked_here_for_its_largest() -> None:
    assert ASKED.keys() == CACHES.keys() == KEPT.keys() | counted().keys()


def test_what_is_counted_is_small_in_all() -> None:
    text, long = sentence(1, MAX_TOKENS), sentence(1, LONG_TOKENS)
    sizes = {name: most * size_of(ASKED[name](long if name in LONG else text)) for name, most in counted().items()}
    assert sum(sizes.values()) < COUNTED_MB * 1e6, sizes


@pytest.mark.parametrize("name", sorted(KEPT))
def test_many_long_sentences_fill_a_cache_to_its_bound_and_no_further(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, most, made = KEPT[name], LONG_TOKENS if name in LONG else MAX_TOKENS, 0
    held.clear()
    ASKED[name](sentence(0, most))
    assert LEAST * held.n_bytes <= held.most
    monkeypatch.setattr(held, "most", min(held.most, 5 * held.n_bytes))  # where there is room for many, it is soon full
    for number in range(TEXTS):
        result = ASKED[name](sentence(number, most))
        made += size_of(result)
        assert size_of(result) >= bytes_within(result)
        assert held.n_bytes <= held.most
        if made > held.most:  # the first had to go
            break


def bytes_within(result: object) -> int:
    """Return the bytes of all arrays and texts that Python's own collector reaches from a result."""
    met: dict[int, object] = {}
    waiting = [result]
    while waiting:
        reached = waiting.pop()
        if id(reached) not in met and not isinstance(reached, (type, ModuleType, FunctionType, BuiltinFunctionType)):
            met[id(reached)] = reached
            waiting += gc.get_referents(reached)
    arrays = {each.ctypes.data: each for each in met.values() if isinstance(each, np.ndarray)}  # by place in memory
    words = (each for each in met.values() if isinstance(each, (str, bytes)))
    return sum(each.nbytes for each in arrays.values()) + sum(map(len, words))


def test_all_bounds_together_are_what_is_promised() -> None:
    promised = re.search(r"at most (\d+) MB", (ROOT / "docs/decisions/0011-caches-by-bytes.md").read_text("utf-8"))
    assert promised
    assert sum(held.most for held in KEPT.values()) / 1e6 + COUNTED_MB <= int(promised[1])


CACHING = {"cache", "lru_cache", "cache_data", "cache_resource", "kept"}
# What no reader can make longer, though it takes arguments.
CLOSED = {
    "attention/induction/runs.py": "recorded_run",  # the one record that is shipped
    "attention/tokens.py": "_vocabulary",  # the encodings that are shipped
    "attention/ui/live_figure/__init__.py": "_texts",  # the languages
    "attention/ui/live_figure/plotly_js.py": "published_plotly_js",  # the folder of static files
    "attention/lesson_model/tokenizer.py": "encoding vocabulary",  # a switch
    "attention/lesson_model/heads_off.py": "head_means",  # a switch
    "attention/lesson_model/phrases.py": "held_out",  # pairs of the lexicon, in training
    "attention/precomputed.py": "_load",  # the example sentences, by the encodings
    "attention/figures/theme.py": "_weight_scale _channels_of",  # the themes
    "attention/texts/__init__.py": "templates",  # the languages
    "attention/ui/cache.py": "warm_up",  # once a process: its argument is no key
}


def test_nothing_is_remembered_without_a_bound_that_a_reader_can_make_longer() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in (ROOT / "attention").rglob("*.py")
        if (names := " ".join(unbounded(path.read_text(encoding="utf-8"))))
    }
    assert found == CLOSED


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("@cache\ndef f(text): ...", True),
        ("@functools.cache\ndef f(*, text): ...", True),
        ("@lru_cache(maxsize=None)\ndef f(text): ...", True),
        ("@st.cache_resource(show_spinner=False)\ndef f(text): ...", True),
        ("@st.cache_data\nasync def f(*text): ...", True),
        ("g = cache(f)", True),
        ("@cache\ndef f(): ...", False),
        ("@lru_cache(maxsize=64)\ndef f(text): ...", False),
        ("@st.cache_resource(max_entries=8)\ndef f(text): ...", False),
        ("@kept(megabytes=8)\ndef f(text): ...", False),
        ("@property\ndef f(self): ...", False),
    ],
)
def test_a_planted_cache_is_seen(source: str, seen: bool) -> None:  # noqa: FBT001
    assert bool(unbounded(source)) is seen


def unbounded(source: str) -> list[str]:
    """Return the names of the functions whose results are remembered without end, by arguments of theirs."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    decorators = {id(part) for function in functions for each in function.decorator_list for part in ast.walk(each)}
    found = [
        function.name
        for function in functions
        for decorator in function.decorator_list
        if is_cache(decorator) and not has_bound(decorator) and takes_arguments(function)
    ]
    elsewhere = [  # not as a decorator: whatever it is, it is to be looked at
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and id(node) not in decorators and is_cache(node)
    ]
    return found + elsewhere


def is_cache(decorator: ast.expr) -> bool:
    """Say whether a decorator, called or not, is one that remembers results."""
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(named).rpartition(".")[2] in CACHING


def has_bound(decorator: ast.expr) -> bool:
    """Say whether a decorator is told how much to remember."""
    given = decorator.keywords if isinstance(decorator, ast.Call) else []
    return any(
        each.arg in {"max_entries", "maxsize", "megabytes"}
        and isinstance(each.value, ast.Constant)
        and isinstance(each.value.value, (int, float))
        for each in given
    )


def takes_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function takes any argument."""
    given = function.args
    return bool(given.posonlyargs or given.args or given.kwonlyargs or given.vararg or given.kwarg)
