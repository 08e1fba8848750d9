"""Text to tokens: tiktoken behind one door, offline from the first second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, and the word each of them belongs to.

    All tuples but `word_labels` have one entry a position; `words[i]` is an index into `word_labels`.
    """

    text: str  # as tokenised: NFC
    encoding: str  # "gpt2", "cl100k_base", "o200k_base"
    labels: tuple[str, ...]  # for people: "␣gato" never, see `tokenize`
    ids: tuple[int, ...]
    pieces: tuple[bytes, ...]  # the exact bytes; b"".join(pieces).decode() == text
    words: tuple[int, ...]
    word_labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)
