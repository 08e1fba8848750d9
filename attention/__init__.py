"""Attention, computed and shown: `attention.attend(query, key, value)` is the core, and these are the public names.

A name is imported when it is first used, so that `import attention` does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attention.config import AttentionConfig
    from attention.errors import AttentionError
    from attention.lesson_model.source import trace_lesson
    from attention.modules import CausalAttention, MultiHeadAttention, SelfAttention
    from attention.sources import trace_attention, trace_random
    from attention.steps import Attended, attend, weights_and_context
    from attention.tokens import Tokens, tokenize
    from attention.trace import AttentionTrace, ModelTrace
    from attention.views import WeightsView, view_tokens, view_words

__all__ = [
    "Attended",
    "AttentionConfig",
    "AttentionError",
    "AttentionTrace",
    "CausalAttention",
    "ModelTrace",
    "MultiHeadAttention",
    "SelfAttention",
    "Tokens",
    "WeightsView",
    "attend",
    "tokenize",
    "trace_attention",
    "trace_lesson",
    "trace_random",
    "view_tokens",
    "view_words",
    "weights_and_context",
]

_NAMES_OF = {
    "attention.config": ("AttentionConfig",),
    "attention.errors": ("AttentionError",),
    "attention.lesson_model.source": ("trace_lesson",),
    "attention.modules": ("CausalAttention", "MultiHeadAttention", "SelfAttention"),
    "attention.sources": ("trace_attention", "trace_random"),
    "attention.steps": ("Attended", "attend", "weights_and_context"),
    "attention.tokens": ("Tokens", "tokenize"),
    "attention.trace": ("AttentionTrace", "ModelTrace"),
    "attention.views": ("WeightsView", "view_tokens", "view_words"),
}
_HOME_OF = {name: home for home, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name on its first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    """Return the public names, for a notebook's completion."""
    return __all__
