"""Text to tokens: tiktoken behind one door, offline from the first second."""

from __future__ import annotations

import gzip
import hashlib
import unicodedata
import zlib
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import regex  # type: ignore[import-untyped]  # it publishes no types; unlike `re` it knows \p{…} and graphemes (\X)

from attention.errors import AttentionError

if TYPE_CHECKING:
    from tiktoken import Encoding

MAX_CHARACTERS = 8_000  # looked at before anything else, so that a pasted book costs nothing
MAX_TOKENS = 256  # up to which every step of every head is kept at once
LONG_TOKENS = 1_024  # up to which one head at a time is still shown

DEFAULT_ENCODING = "o200k_base"  # the fewest tokens a word in Portuguese

VOCABULARIES = Path(__file__).with_name("vocabularies")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, and the word each of them belongs to.

    `labels`, `ids`, `pieces` and `words` have one entry a position; `words[i]` is an index into `word_labels`.
    """

    text: str  # as tokenised: in NFC, lone surrogates replaced
    encoding: str  # one of `ENCODINGS`
    labels: tuple[str, ...]  # for people, see `_label`; never empty, nothing invisible in them
    ids: tuple[int, ...]  # the numbers a model is given
    pieces: tuple[bytes, ...]  # the exact bytes: b"".join(pieces).decode() == text
    words: tuple[int, ...]  # 0 at the first token, then the same again or one more
    word_labels: tuple[str, ...]  # for people, one a word

    def __len__(self) -> int:
        return len(self.ids)


def tokenize(text: str, encoding: str = DEFAULT_ENCODING, *, max_tokens: int = MAX_TOKENS) -> Tokens:
    """Return the tokens of `text`.

    The text is put in NFC first (a decomposed accent nearly triples the tokens) and a lone surrogate,
    which UTF-8 cannot write, becomes U+FFFD, as in tiktoken. The text of a special token, such as
    `<|endoftext|>`, is ordinary text.

    Raises AttentionError: `unknown_encoding`, `empty_text`, `text_too_long`, `too_many_tokens`, `damaged_vocabulary`.
    """
    if encoding not in ENCODINGS:
        choices = ", ".join(ENCODINGS)
        raise AttentionError(
            "unknown_encoding",
            f"The encoding must be one of {choices}, and it is “{encoding}”.",
            encoding=encoding,
            choices=choices,
        )
    text = clean(text)
    vocabulary = _vocabulary(encoding)
    ids = tuple(vocabulary.encode_ordinary(text))
    pieces = tuple(vocabulary.decode_single_token_bytes(token) for token in ids)
    return describe(text, encoding, ids, pieces, max_tokens=max_tokens)


def clean(text: str) -> str:
    """Return `text` in NFC and writable as UTF-8. Raises AttentionError `empty_text` or `text_too_long`."""
    if not text.strip():
        raise AttentionError("empty_text", "There is no text to look at: type at least one word.")
    if len(text) > MAX_CHARACTERS:
        raise AttentionError(
            "text_too_long",
            f"The text may have at most {MAX_CHARACTERS:,} characters, "
            f"and it has {len(text):,}: keep only a part of it.",
            characters=len(text),
            maximum=MAX_CHARACTERS,
        )
    return unicodedata.normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def first_words(text: str, cut: Callable[[str], Tokens], max_tokens: int) -> str:
    """Return the longest beginning of `text` in whole words that `cut` makes at most `max_tokens` of.

    A first word that is too long by itself is cut between characters. `cut` must not mind how many tokens it makes; a
    beginning has at most `MAX_CHARACTERS`. Raises AttentionError `empty_text`.
    """
    begun = clean(text[:MAX_CHARACTERS])
    tokens = cut(begun)
    ends = _word_ends(tokens, whole=len(text) <= MAX_CHARACTERS)
    first = begun[: max((end for count, end in ends if count <= max_tokens), default=0)].rstrip()
    while not first or len(cut(first)) > max_tokens:  # cut elsewhere, a word may fall into other tokens
        shorter = max((end for _, end in ends if end < len(first)), default=0)
        if not shorter:
            least, most = 1, len(begun)
            while least < most:
                middle = (least + most + 1) // 2
                least, most = (middle, most) if _fits(begun[:middle], cut, max_tokens) else (least, middle - 1)
            return begun[:least]
        first = begun[:shorter].rstrip()
    return first


def _fits(text: str, cut: Callable[[str], Tokens], max_tokens: int) -> bool:
    return not text.strip() or len(cut(text)) <= max_tokens


def _word_ends(tokens: Tokens, *, whole: bool) -> list[tuple[int, int]]:
    """Return how many tokens and characters there have been at the end of each word; of the last, if `whole`."""
    ends, characters = [], 0
    for position, (piece, word) in enumerate(zip(tokens.pieces, tokens.words, strict=True), start=1):
        characters += sum(not _continues(byte) for byte in piece)
        last = position == len(tokens)
        if (last and whole) or (not last and tokens.words[position] != word):
            ends.append((position, characters))
    return ends


def describe(
    text: str, encoding: str, ids: tuple[int, ...], pieces: tuple[bytes, ...], *, max_tokens: int = MAX_TOKENS
) -> Tokens:
    """Return the tokens of clean `text`, cut into `pieces`, with their words and labels. Raises `too_many_tokens`."""
    if len(ids) > max_tokens:
        raise AttentionError(
            "too_many_tokens",
            f"The text may have at most {max_tokens:,} tokens, and it has {len(ids):,}: keep only a part of it.",
            tokens=len(ids),
            maximum=max_tokens,
        )
    words = _words(text, pieces)
    return Tokens(
        text=text,
        encoding=encoding,
        labels=tuple(_label(pieces, words, position) for position in range(len(pieces))),
        ids=ids,
        pieces=pieces,
        words=words,
        word_labels=tuple(_word_label(pieces, words, word) for word in range(words[-1] + 1)),
    )


# --- The words -------------------------------------------------------------------------------------------------------

_WORD = regex.compile(
    r"""
    (?(DEFINE) (?P<inside> [\p{L}\p{M}\p{N}_\u200C\u200D] ))
    [\p{L}\p{N}_] (?&inside)* (?: (?: [-'’] | (?<=\p{N}) [.,] (?=\p{N}) ) (?&inside)+ )*  # guarda-chuva, d’água, 3,14
    | (?: \p{P} \p{M}* )+  # a run of punctuation
    | (?!\s) \X            # any other sign by itself: an emoji, its whole family included
    """,
    regex.VERBOSE,
)


def _words(text: str, pieces: tuple[bytes, ...]) -> tuple[int, ...]:
    """Return the word each token belongs to, counted from 0.

    A word is a run of letters and digits (hyphens and apostrophes inside it included), a run of
    punctuation, or one emoji. The spaces before it are part of it. Line breaks and tabs that are tokens of
    their own make a word of their own, and so do spaces at the end. A token cannot be cut, so one that
    spans two words, such as “(g”, joins them.
    """
    starts = {match.start() for match in _WORD.finditer(text)}
    words: list[int] = []
    offset = 0  # characters of the text begun so far
    before = ""  # the last characters begun
    for piece in pieces:
        begun = text[offset : offset + sum(not _continues(byte) for byte in piece)]
        if _continues(piece[0]):  # the rest of a character whose first bytes are in the token before
            new_word = False
        elif _is_spaces(begun):
            new_word = not _is_spaces(before)
        elif begun.isspace():
            new_word = not before.isspace()
        else:
            new_word = offset + len(begun) - len(begun.lstrip()) in starts and not _is_spaces(before)
        words.append(words[-1] + new_word if words else 0)
        offset += len(begun)
        before = begun or before
    return tuple(words)


def _is_spaces(begun: str) -> bool:
    return not begun.strip(" ")


def _continues(byte: int) -> bool:
    """Return whether a byte of UTF-8 is the continuation of a character."""
    return byte & 0b1100_0000 == 0b1000_0000


# --- The labels ------------------------------------------------------------------------------------------------------

_SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
_GRAPHEME = regex.compile(r"[\uDC80-\uDCFF]+|\X")  # or a run of bytes that `surrogateescape` kept
_INVISIBLE = regex.compile(r"[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]")  # U+2800: the blank Braille pattern
_MARK = regex.compile(r"\p{M}")


def _label(pieces: tuple[bytes, ...], words: tuple[int, ...], position: int) -> str:
    """Return what people read for the token at `position`.

    Most tokens begin a word and bring its space along: marking every one of those spaces, as “␣gato”, fills
    a projected axis with signs and hides the words. The few tokens that *continue* a word are marked instead,
    with the dot that parts syllables in a dictionary: “telh”, “·ado”. A space that is not just the gap
    before a word is shown (␣), like line breaks (↵) and tabs (⇥). Bytes that are no whole character are
    shown in hexadecimal: ⟨C3⟩.
    """
    piece = pieces[position]
    if position and not piece.isspace():
        piece = piece.removeprefix(b" ")
    label = _visible(piece)
    continues = position and words[position] == words[position - 1] and not pieces[position - 1].isspace()
    return f"·{label}" if continues and label[0] not in "⟨◌␣" else label


def _word_label(pieces: tuple[bytes, ...], words: tuple[int, ...], word: int) -> str:
    """Return what people read for a word: its tokens joined, without the space that parts it from the last."""
    whole = b"".join(piece for piece, owner in zip(pieces, words, strict=True) if owner == word)
    return _visible(whole.lstrip(b" ") or whole)


def _visible(piece: bytes) -> str:
    """Return the text of `piece` with nothing in it that cannot be seen, or that could disorder a page."""
    return "".join(map(_visible_grapheme, _GRAPHEME.findall(piece.decode("utf-8", "surrogateescape"))))


def _visible_grapheme(grapheme: str) -> str:
    if "\udc80" <= grapheme[0] <= "\udcff":
        return f"⟨{grapheme.encode('ascii', 'surrogateescape').hex(' ').upper()}⟩"
    if _INVISIBLE.match(grapheme):
        return "".join(_sign(character) for character in grapheme)
    if _MARK.match(grapheme):
        return f"◌{grapheme}"
    return grapheme  # seen, and so is what stands behind it: an accent, a skin tone, a joiner inside an emoji


def _sign(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    return f"⟨U+{ord(character):04X}⟩" if _INVISIBLE.match(character) else character


# --- The vocabularies ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Published:
    """A vocabulary as tiktoken publishes it: its file, the hash tiktoken expects, and how text is first split."""

    file: str
    sha256: str
    pattern: str


_PUBLISHED = {
    "gpt2": _Published(
        file="r50k_base.tiktoken.gz",  # GPT-2's own tokens and ranks, see vocabularies/README.md
        sha256="306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        pattern=r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    ),
    "cl100k_base": _Published(
        file="cl100k_base.tiktoken.gz",
        sha256="223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        pattern=(
            r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"
            r"\s++$|\s*[\r\n]|\s+(?!\S)|\s"
        ),
    ),
    "o200k_base": _Published(
        file="o200k_base.tiktoken.gz",
        sha256="446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        pattern="|".join(
            (
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                r"\s*[\r\n]+",
                r"\s+(?!\S)",
                r"\s+",
            )
        ),
    ),
}

ENCODINGS: tuple[str, ...] = tuple(_PUBLISHED)


@cache
def _vocabulary(encoding: str) -> Encoding:
    """Return tiktoken's encoder, loaded once, from the repository's own file.

    Never `tiktoken.get_encoding`, which downloads. Without special tokens: their text is ordinary text here.
    """
    import tiktoken

    published = _PUBLISHED[encoding]
    return tiktoken.Encoding(
        name=encoding, pat_str=published.pattern, mergeable_ranks=_ranks(published), special_tokens={}
    )


def _ranks(published: _Published) -> dict[bytes, int]:
    """Return the rank of each token's bytes, once the file has proved to be the published one."""
    path = VOCABULARIES / published.file
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() != published.sha256:
        raise AttentionError(
            "damaged_vocabulary",
            f"The vocabulary {path.name} is missing or is not the one published: copy attention/vocabularies again.",
            file=path.name,
        )
    tokens = map(a2b_base64, content.split()[::2])  # a line holds a token and its rank, which is also the line's place
    return dict(zip(tokens, count()))
