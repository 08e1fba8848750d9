"""From rows that count tokens to rows that count words, and back: the same word stays in focus.

What comes after the last position, where a second sentence is numbered on, keeps its distance from it.
"""

from __future__ import annotations

from attention.errors import AttentionError
from attention.tokens import Tokens
from attention.ui import state
from attention.ui.cache import cached_long_tokens


def word_of(position: int, tokens: Tokens) -> int:
    """Return the word that a token belongs to; -1, which names none, stays."""
    if position < len(tokens):
        return tokens.words[position] if position >= 0 else -1
    return position - len(tokens) + len(tokens.word_labels)


def token_of(position: int, tokens: Tokens) -> int:
    """Return the last token of a word; -1, which names none, stays."""
    n = len(tokens.word_labels)
    if position < n:
        return len(tokens) - 1 - tokens.words[::-1].index(position) if position >= 0 else -1
    return position - n + len(tokens)


def regrouped(now: state.ViewState) -> dict[str, int]:
    """Return row and column as they are counted once the reader turns from tokens to words, or back."""
    try:
        tokens = cached_long_tokens(now.text, now.vocabulary)
    except AttentionError:
        return {"row": -1, "column": -1}
    turn = token_of if now.grouped else word_of
    return {"row": turn(now.row, tokens), "column": turn(now.column, tokens)}
