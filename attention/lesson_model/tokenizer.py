"""The lesson model's own tokens: byte-level BPE over the lesson's words, so that any text can be written with them.

Every text is read as if a space stood before it, so that a word is the same token wherever it stands, and begins with
⟨início⟩, a position like any other that every row can look at.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from attention.lesson_model.files import read_checked
from attention.tokens import MAX_TOKENS, Tokens, clean, describe

if TYPE_CHECKING:
    from tiktoken import Encoding

START_LABEL = "⟨início⟩"
ENCODING = "lesson"
LONGEST_TRAINED = 56  # tokens, ⟨início⟩ included, of the longest of all sentences the shipped model was trained on
PIECES = "pieces.tiktoken"  # as tiktoken stores a vocabulary, without the ranks
WORDS = "words.txt"  # the words known whole
_PATTERN = r" ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
_N_PIECES = 256 + 500  # single bytes and merges; the words known whole follow them


def tokenize_lesson(text: str, *, max_tokens: int = MAX_TOKENS) -> Tokens:
    """Return the tokens of `text` for the lesson model: ⟨início⟩, a word of its own without bytes, then the text's.

    Raises AttentionError as `attention.tokens.tokenize` does, and `damaged_lesson_model`.
    """
    text = clean(text)
    ids = encode(text)
    pieces = [encoding().decode_single_token_bytes(token) for token in ids]
    if not text[0].isspace():
        pieces[0] = pieces[0].removeprefix(b" ")
        ids, pieces = (ids, pieces) if pieces[0] else (ids[1:], pieces[1:])
    tokens = describe(text, ENCODING, tuple(ids), tuple(pieces), max_tokens=max_tokens - 1)
    return Tokens(
        text=text,
        encoding=ENCODING,
        labels=(START_LABEL, *tokens.labels),
        ids=(start_id(), *tokens.ids),
        pieces=(b"", *tokens.pieces),
        words=(0, *(word + 1 for word in tokens.words)),
        word_labels=(START_LABEL, *tokens.word_labels),
    )


def encode(text: str, *, whole_words: bool = True) -> list[int]:
    """Return the ids of `text`, read as after a space; without `whole_words`, known words fall in pieces too."""
    return encoding(whole_words=whole_words).encode_ordinary(text if text[:1].isspace() else " " + text)


def is_known(word: str) -> bool:
    """Say whether the model has met this word whole; it must spell any other from pieces, and may never have seen it.

    A sign of punctuation or a digit is known.
    """
    parts = re.findall(r"[^\W\d_]+", word)
    return all(part in known_words() for part in parts)


@cache
def known_words() -> frozenset[str]:
    """Return the words that are one token, as they were met in training: most in lower case."""
    return frozenset(read_checked(WORDS).decode().split())


def start_id() -> int:
    """Return the id of ⟨início⟩."""
    return len(vocabulary())


def hidden_id() -> int:
    """Return the id that stands for a word hidden from the model, in training only."""
    return len(vocabulary()) + 1


def vocabulary_size() -> int:
    """Return the number of ids: the text's own, ⟨início⟩ and the hidden word."""
    return len(vocabulary()) + 2


@cache
def encoding(*, whole_words: bool = True) -> Encoding:
    """Return tiktoken's encoder over the pieces and, unless told otherwise, the words known whole."""
    import tiktoken

    ranks = {token: rank for rank, token in enumerate(vocabulary(whole_words=whole_words))}
    return tiktoken.Encoding(name=ENCODING, pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})


@cache
def vocabulary(*, whole_words: bool = True) -> tuple[bytes, ...]:
    """Return the bytes of every token, by id: the pieces and, unless told otherwise, the words known whole."""
    tokens = [b64decode(line) for line in read_checked(PIECES).split()]
    if whole_words:
        tokens += [f" {word}".encode() for word in read_checked(WORDS).decode().split()]
    return tuple(dict.fromkeys(tokens))


def learn_pieces(words: set[str]) -> list[bytes]:
    """Return 256 bytes and the merges learned from `words`, by byte-pair encoding (Sennrich et al. 2016).

    Again and again the pair that stands in most words becomes one piece. Ties are broken by the pair itself, so that
    the result is always the same.
    """
    split = {word: [bytes([byte]) for byte in f" {word}".encode()] for word in sorted(words)}
    pieces = [bytes([byte]) for byte in range(256)]
    pairs = Counter(pair for parts in split.values() for pair in pairwise(parts))
    while len(pieces) < _N_PIECES:
        first, second = max(pairs, key=lambda pair: (pairs[pair], pair))
        if not pairs[first, second]:
            break
        pieces.append(first + second)
        for word, parts in split.items():
            if (first, second) in pairwise(parts):
                pairs.subtract(pairwise(parts))
                split[word] = _merged(parts, first, second)
                pairs.update(pairwise(split[word]))
    return pieces


def pieces_file(pieces: list[bytes]) -> bytes:
    """Return pieces as tiktoken stores them, one a line, in base64."""
    return b"\n".join(map(b64encode, pieces)) + b"\n"


def _merged(parts: list[bytes], first: bytes, second: bytes) -> list[bytes]:
    merged: list[bytes] = []
    for part in parts:
        if merged and part == second and merged[-1] == first:
            merged[-1] = first + second
        else:
            merged.append(part)
    return merged
