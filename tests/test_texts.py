"""Every word a reader meets: there in both languages, with the same placeholders, used, and written their way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from attention.texts import LANGUAGES, Language, count, number, percent, templates, text, told_apart

ROOT = Path(__file__).parent.parent
# Frequent words of one language that the other does not have.
ONLY_PORTUGUESE = {"não", "uma", "são", "para", "com", "cada", "pela", "pelo", "quem", "mais", "atenção", "você", "dos"}
ONLY_ENGLISH = {"the", "and", "with", "of", "is", "are", "which", "what", "every", "each", "you", "from", "this", "not"}


def test_both_languages_hold_the_same_keys() -> None:
    assert templates("pt-BR").keys() == templates("en").keys()


@pytest.mark.parametrize("key", templates("en"))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    assert placeholders(templates("pt-BR")[key]) == placeholders(templates("en")[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: Language) -> None:
    assert [key for key, template in templates(language).items() if not template.strip()] == []


@pytest.mark.parametrize(("language", "foreign"), [("pt-BR", ONLY_ENGLISH), ("en", ONLY_PORTUGUESE)])
def test_a_language_does_not_speak_the_other(language: Language, foreign: set[str]) -> None:
    spoken = {key: words(template) & foreign for key, template in templates(language).items()}
    assert {key: found for key, found in spoken.items() if found} == {}


def test_every_key_the_code_asks_for_exists() -> None:
    asked_for = {pattern for tree in syntax_trees() for pattern in key_patterns(tree)}
    known = templates("en")
    assert [pattern for pattern in asked_for if not any(re.fullmatch(pattern, key) for key in known)] == []


def test_every_text_is_used() -> None:
    patterns = [pattern for tree in syntax_trees() for pattern in key_patterns(tree)]
    literal = strings_in_the_code() | keys_of_the_live_figure()
    unused = templates("en").keys() - literal
    assert {key for key in unused if not any(re.fullmatch(pattern, key) for pattern in patterns)} == set()


def test_a_missing_value_is_an_error_not_a_hole() -> None:
    key = next(key for key, template in templates("en").items() if placeholders(template))
    with pytest.raises(KeyError):
        text(key, "en", nothing_of_the_kind=1)


def test_a_share_is_written_with_the_decimal_mark_of_the_language() -> None:
    assert percent(0.6244, "pt-BR", 1) == "62,4%"
    assert percent(0.6244, "en", 1) == "62.4%"
    assert percent(1.0, "pt-BR") == "100%"


def test_two_numbers_get_as_many_decimals_as_tell_them_apart() -> None:
    assert told_apart(0.371, 0.369, percent, "en", 0) == ("37.1%", "36.9%")
    assert told_apart(0.5, 0.4, number, "pt-BR") == ("0,50", "0,40")
    assert told_apart(0.5, 0.5, number, "pt-BR") == ("0,50", "0,50")
    assert told_apart(0.5, 0.5 + 1e-16, number, "en")[0] == "0.500000000000"


def test_a_negative_number_has_a_true_minus_sign() -> None:
    assert number(-1.5, "pt-BR", 1) == "\N{MINUS SIGN}1,5"
    assert number(-1.5, "en", 1) == "\N{MINUS SIGN}1.5"


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert number(-0.004, "en") == number(0.0, "en") == "0.00"


def test_a_whole_number_has_the_languages_mark_between_thousands() -> None:
    assert [count(n, "pt-BR") for n in (7, 1750, 1234567)] == ["7", "1.750", "1.234.567"]
    assert [count(n, "en") for n in (7, 1750, 1234567)] == ["7", "1,750", "1,234,567"]


def placeholders(template: str) -> set[str]:
    """Return the names between braces in `template`."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def words(template: str) -> set[str]:
    """Return the words of a text in lower case, without its placeholders and without anything quoted."""
    plain = re.sub(r"\{.*?\}|“.*?”|`.*?`|https?://\S+", " ", template)
    return set(re.findall(r"[^\W\d_]+", plain.lower()))


def syntax_trees() -> Iterator[ast.Module]:
    """Yield the parsed source of each file of the app."""
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "attention").rglob("*.py")]:
        yield ast.parse(path.read_text(encoding="utf-8"))


def key_patterns(tree: ast.Module) -> Iterator[str]:
    """Yield a pattern for the key of each call `text("…", …)`: what varies in an f-string may be any name."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="text"), args=[ast.Constant(value=str(key)), *_]):
                yield re.escape(key)
            case ast.Call(func=ast.Name(id="text"), args=[ast.JoinedStr(values=parts), *_]):
                yield "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in parts
                )


def keys_of_the_live_figure() -> set[str]:
    """Return what may be a key in the component's JavaScript: each `texts.name` and each quoted name."""
    script = (ROOT / "attention" / "ui" / "live_figure" / "live_figure.js").read_text(encoding="utf-8")
    return {f"live_figure.{name}" for name in re.findall(r"(?:texts\.|')(\w+)", script)}


def strings_in_the_code() -> set[str]:
    """Return every string written in the code: a key may also be chosen from a table."""
    nodes = (node for tree in syntax_trees() for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
