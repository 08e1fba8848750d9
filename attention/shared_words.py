"""One word in two sentences: where it stands in each, and whether what stands around it is the same."""

from __future__ import annotations

from dataclasses import dataclass

from attention.tokens import Tokens


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A word of the same tokens in two sentences. A position is that of its last token, which has seen it whole."""

    label: str
    one: int
    other: int
    same_before: bool  # all that stands before it is the same in both
    same_after: bool


def shared_words(one: Tokens, other: Tokens) -> tuple[SharedWord, ...]:
    """Return the words in both sentences, in the order of the first; of a repeated word, its last places.

    Only letters and digits make a word here: a comma or ⟨início⟩ in both is no word shared.
    """
    here, there = _places(one), _places(other)
    return tuple(
        SharedWord(
            label,
            here[ids, label],
            there[ids, label],
            one.ids[: here[ids, label]] == other.ids[: there[ids, label]],
            one.ids[here[ids, label] + 1 :] == other.ids[there[ids, label] + 1 :],
        )
        for ids, label in sorted(here, key=here.__getitem__)
        if (ids, label) in there
    )


def _places(tokens: Tokens) -> dict[tuple[tuple[int, ...], str], int]:
    """Return the last token of each word, by the ids of its tokens and its label."""
    pieces: dict[int, list[int]] = {}
    for position, word in enumerate(tokens.words):
        pieces.setdefault(word, []).append(position)
    return {
        (tuple(tokens.ids[place] for place in places), tokens.word_labels[word]): places[-1]
        for word, places in pieces.items()
        if any(character.isalnum() for character in tokens.word_labels[word]) and tokens.pieces[places[0]]
    }
