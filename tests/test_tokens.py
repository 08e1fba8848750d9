"""What tokens promise: tiktoken's own tokens, offline, and labels that can be read and trusted."""

from __future__ import annotations

import hashlib
import inspect
import re
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tiktoken_ext.openai_public as published  # type: ignore[import-untyped]  # tiktoken gives this one no types
from hypothesis import given
from hypothesis import strategies as st

from attention import tokens as module
from attention.errors import AttentionError
from attention.texts import LANGUAGES, count, text
from attention.tokens import DEFAULT_ENCODING, ENCODINGS, LONG_TOKENS, MAX_CHARACTERS, MAX_TOKENS, Tokens, tokenize

COURSE_SENTENCE = "O gato que estava no telhado miou"
BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Everything a keyboard, a paste or a bored pupil may bring, lone surrogates included.
hostile = (
    st.sampled_from(("gato", "é", "e\u0301", "\u0301", "3,14", " ", "  ", "\n", "\r\n", "\t", "\0", "\u3000"))
    | st.sampled_from(
        ("👨‍👩‍👧", "🐱", "🇧🇷", "1️⃣", "שלום", "你好", "\u202e", "\u200b", "\ufeff", "\ud83d", "\udc31", "�")
    )
    | st.sampled_from(("<b>", "<a href='x'>", "<script>", "![](//x)", "$x$", "%{z}", "{}", "<|endoftext|>"))
)
any_text = (
    st.text(st.characters(exclude_categories=())) | st.lists(hostile | st.text(max_size=3)).map("".join)
).filter(str.strip)
encodings = st.sampled_from(ENCODINGS)


# --- The course's sentence -------------------------------------------------------------------------------------------


def test_the_course_sentence_is_eleven_tokens_and_seven_words_in_cl100k() -> None:
    tokens = tokenize(COURSE_SENTENCE, "cl100k_base")
    assert b"|".join(tokens.pieces).decode() == "O| g|ato| que| estava| no| tel|h|ado| mi|ou"
    assert tokens.word_labels == ("O", "gato", "que", "estava", "no", "telhado", "miou")
    assert tokens.words == (0, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6)


def test_a_token_that_continues_a_word_is_marked_and_one_that_begins_it_is_plain() -> None:
    assert tokenize(COURSE_SENTENCE, "cl100k_base").labels == (
        *("O", "g", "·ato", "que", "estava", "no", "tel", "·h", "·ado", "mi", "·ou"),
    )


# --- The same tokens as tiktoken -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cl100k_base", "o200k_base"])
def test_hash_ranks_and_pattern_are_those_tiktoken_expects(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = module._PUBLISHED[encoding]
    ranks = module._ranks(ours)
    expected: dict[str, str] = {}

    def load(_url: str, expected_hash: str) -> dict[bytes, int]:
        expected["hash"] = expected_hash
        return ranks

    monkeypatch.setattr(published, "load_tiktoken_bpe", load)
    theirs: dict[str, Any] = getattr(published, encoding)()
    assert ours.sha256 == expected["hash"]
    assert ours.pattern == theirs["pat_str"]
    assert len(ranks) + len(theirs["special_tokens"]) <= theirs.get("explicit_n_vocab", sys.maxsize)


def test_gpt2_is_walked_back_to_the_file_openai_published(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = module._PUBLISHED["gpt2"]
    ranks = module._ranks(ours)
    expected: dict[str, str] = {}

    def load(**files: str) -> dict[bytes, int]:
        expected.update(files)
        return ranks

    monkeypatch.setattr(published, "data_gym_to_mergeable_bpe_ranks", load)
    theirs = published.gpt2()
    assert ours.pattern == theirs["pat_str"]
    assert ours.sha256 in inspect.getsource(published.r50k_base)
    assert len(ranks) + len(theirs["special_tokens"]) == theirs["explicit_n_vocab"]
    assert hashlib.sha256(_merges_file(ranks)).hexdigest() == expected["vocab_bpe_hash"]


def _merges_file(ranks: dict[bytes, int]) -> bytes:
    """Write `ranks` as GPT-2's vocab.bpe: a line for each merge, its two halves in printable stand-ins."""
    single = [token for token in ranks if len(token) == 1]  # GPT-2 ranks the printable bytes first, then the others
    printable = [byte for byte in single if chr(byte[0]).isprintable() and byte != b" "]
    others = [byte for byte in single if byte not in printable]
    stand_in = {byte[0]: chr(byte[0]) for byte in printable}
    stand_in |= {byte[0]: chr(256 + index) for index, byte in enumerate(others)}

    def halves(token: bytes) -> str:
        parts = [token[i : i + 1] for i in range(len(token))]
        while len(parts) > 2:
            pairs = [left + right for left, right in pairwise(parts)]
            first = min(range(len(pairs)), key=lambda i: ranks.get(pairs[i], len(ranks)))
            parts[first : first + 2] = [pairs[first]]
        return " ".join("".join(stand_in[byte] for byte in part) for part in parts)

    lines = ["#version: 0.2", *(halves(token) for token in ranks if len(token) > 1), ""]
    return "\n".join(lines).encode()


@given(any_text, encodings)
def test_the_bytes_of_the_pieces_are_the_bytes_of_the_text(typed: str, encoding: str) -> None:
    tokens = tokenize(typed, encoding, max_tokens=MAX_CHARACTERS * 4)
    assert b"".join(tokens.pieces) == tokens.text.encode()
    assert unicodedata.is_normalized("NFC", tokens.text)


def test_a_decomposed_accent_gives_the_same_tokens_as_a_composed_one() -> None:
    assert tokenize("cafe\u0301 da manha\u0303") == tokenize("café da manhã")


def test_the_text_of_a_special_token_is_ordinary_text() -> None:
    for encoding in ENCODINGS:
        tokens = tokenize("<|endoftext|>", encoding)
        assert len(tokens) > 1
        assert "endoftext" in "".join(tokens.labels).replace("·", "")


def test_a_lone_surrogate_becomes_the_replacement_character_and_a_pair_its_emoji() -> None:
    assert tokenize("a\ud83d b").text == "a� b"
    assert tokenize("a\ud83d\udc31").text == "a🐱"


# --- Words -----------------------------------------------------------------------------------------------------------


@given(any_text, encodings)
def test_every_token_has_a_word_and_words_follow_one_another(typed: str, encoding: str) -> None:
    tokens = tokenize(typed, encoding, max_tokens=MAX_CHARACTERS * 4)
    assert len(tokens.labels) == len(tokens.ids) == len(tokens.pieces) == len(tokens.words) == len(tokens)
    assert tokens.words[0] == 0
    assert tokens.words[-1] == len(tokens.word_labels) - 1
    assert all(after - before in (0, 1) for before, after in pairwise(tokens.words))


@given(any_text, encodings)
def test_no_word_cuts_a_character(typed: str, encoding: str) -> None:
    tokens = tokenize(typed, encoding, max_tokens=MAX_CHARACTERS * 4)
    assert "".join(word.decode() for word in _word_bytes(tokens)) == tokens.text


@given(st.lists(st.text("abcçãéñßjк", min_size=1), min_size=1, max_size=8), encodings)
def test_words_of_letters_are_what_stands_between_spaces(words: list[str], encoding: str) -> None:
    tokens = tokenize(" ".join(words), encoding)
    assert tokens.word_labels == tuple(words)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Cadê o gato?", "Cadê|o|gato|?"),
        ("guarda-chuva d’água it's", "guarda-chuva|d’água|it's"),
        ("Tenho 3 gatos e R$ 12.345,67", "Tenho|3|gatos|e|R|$|12.345,67"),
        ("👨‍👩‍👧🐱 👍🏽 🇧🇷 1️⃣", "👨‍👩‍👧|🐱|👍🏽|🇧🇷|1️⃣"),
        ("a  b", "a|b"),
        ("a\nb", "a|↵|b"),
        ("não?! … sim.", "não|?!|…|sim|."),
        ("שלום עולם", "שלום|עולם"),
        ("a  ", "a|␣␣"),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_words_as_a_reader_counts_them(typed: str, words: str, encoding: str) -> None:
    assert tokenize(typed, encoding).word_labels == tuple(words.split("|"))


def test_a_token_that_spans_two_words_joins_them() -> None:
    tokens = tokenize("(gato)", "o200k_base")
    assert tokens.pieces[0] == b"(g"
    assert tokens.word_labels == ("(gato", ")")


def _word_bytes(tokens: Tokens) -> list[bytes]:
    words = [b""] * len(tokens.word_labels)
    for piece, word in zip(tokens.pieces, tokens.words, strict=True):
        words[word] += piece
    return words


# --- Labels ----------------------------------------------------------------------------------------------------------


@given(any_text, encodings)
def test_labels_are_never_empty_and_hold_nothing_that_could_disorder_a_page(typed: str, encoding: str) -> None:
    tokens = tokenize(typed, encoding, max_tokens=MAX_CHARACTERS * 4)
    for label in tokens.labels + tokens.word_labels:
        assert label
        label = re.sub("⟨[0-9A-F ]+⟩", "⟨⟩", label)
        assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zs", "Zl", "Zp") for character in label)
        assert not BIDI_CONTROLS & set(label)
        assert not label.startswith(("\u200b", "\u200c", "\u200d", "\ufeff", "\ufe0f"))
        assert not unicodedata.category(label[0]).startswith("M")


@given(any_text, encodings)
def test_the_replacement_character_is_shown_only_where_the_text_has_it(typed: str, encoding: str) -> None:
    tokens = tokenize(typed, encoding, max_tokens=MAX_CHARACTERS * 4)
    for label, piece in zip(tokens.labels, tokens.pieces, strict=True):
        assert label.count("�") == piece.count("�".encode())


@pytest.mark.parametrize(
    ("typed", "encoding", "labels"),
    [
        ("zu übel", "gpt2", "zu|⟨C3⟩|⟨BC⟩|·bel"),
        ("um 🐱", "cl100k_base", "um|⟨F0 9F⟩|⟨90⟩|⟨B1⟩"),
        ("a\u202eb", "gpt2", "a|⟨E2 80⟩|⟨AE⟩|b"),
        ("a\0\u200bb", "o200k_base", "a|⟨U+0000⟩|⟨U+200B⟩|b"),
        ("x\u0302 ", "o200k_base", "x|◌̂|␣"),
        ("a\n\tb", "gpt2", "a|↵|⇥|b"),
        (" O", "o200k_base", "␣O"),
        ("a�", "o200k_base", "a|�"),
    ],
)
def test_what_cannot_be_seen_is_written_out(typed: str, encoding: str, labels: str) -> None:
    assert "|".join(tokenize(typed, encoding).labels) == labels


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "encoding", "code"),
    [
        ("", DEFAULT_ENCODING, "empty_text"),
        (" \n\t\u3000", DEFAULT_ENCODING, "empty_text"),
        ("a" * (MAX_CHARACTERS + 1), DEFAULT_ENCODING, "text_too_long"),
        ("a" * 100_000, DEFAULT_ENCODING, "text_too_long"),
        ("gato " * (MAX_TOKENS + 1), DEFAULT_ENCODING, "too_many_tokens"),
        ("gato", "o300k_base", "unknown_encoding"),
    ],
)
def test_a_refusal_says_the_same_in_every_language(typed: str, encoding: str, code: str) -> None:
    with pytest.raises(AttentionError) as refusal:
        tokenize(typed, encoding)
    error = refusal.value
    assert error.code == code
    assert str(error) == text(f"errors.{code}", "en", **error.details)
    said = [text(f"errors.{code}", language, **error.details) for language in LANGUAGES]
    assert len(set(said)) == len(LANGUAGES)
    for language, sentence in zip(LANGUAGES, said, strict=True):
        told = (count(value, language) if isinstance(value, int) else str(value) for value in error.details.values())
        assert all(value in sentence for value in told)


def test_the_limit_itself_is_allowed() -> None:
    assert len(tokenize("a " * (MAX_TOKENS - 1) + "a")) == MAX_TOKENS
    assert len(tokenize("a" * MAX_CHARACTERS, max_tokens=LONG_TOKENS)) <= LONG_TOKENS


@pytest.mark.parametrize("content", [None, b"", b"not gzip", "cut"])
def test_a_damaged_vocabulary_is_named_and_never_used(
    content: bytes | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = module._PUBLISHED["gpt2"].file
    if content == "cut":
        content = (module.VOCABULARIES / name).read_bytes()[:1000]
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(module, "VOCABULARIES", tmp_path)
    with pytest.raises(AttentionError, match=name) as refusal:
        module._ranks(module._PUBLISHED["gpt2"])
    assert refusal.value.code == "damaged_vocabulary"
    assert str(refusal.value) == text("errors.damaged_vocabulary", "en", **refusal.value.details)


def test_importing_tokens_loads_neither_tiktoken_nor_a_vocabulary() -> None:
    program = "import attention.tokens, sys; sys.exit('tiktoken' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
