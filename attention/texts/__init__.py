"""Every word a reader meets, in each language, behind one function."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["pt-BR", "en"]
MOST_DIGITS = 12  # decimals of a written number; a computer's single precision has fewer
LANGUAGES: tuple[Language, ...] = get_args(Language)
_NAMES: dict[Language, str] = {"pt-BR": "pt_br", "en": "en"}


def text(key: str, /, language: Language, **values: object) -> str:
    """Return the text called `key` ("section.name"), its `{placeholders}` filled with `values`.

    Raises KeyError for an unknown key or a missing value: both are mistakes of ours, never of a reader.
    """
    template = templates(language)[key]
    return template.format(**values) if values else template


@cache
def templates(language: Language) -> dict[str, str]:
    """Return every text of `language` by its dotted key, placeholders not filled.

    The app's own stand in one file a language, the lesson's in one file a page.
    """
    folder, name = Path(__file__).parent, _NAMES[language]
    files = [folder / f"{name}.toml", *sorted((folder / "lesson").glob(f"*.{name}.toml"))]
    return dict(pair for path in files for pair in _flatten(tomllib.loads(path.read_text(encoding="utf-8"))))


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        flat += _flatten(value, f"{key}.") if isinstance(value, dict) else [(key, value)]
    return flat


def percent(share: float, language: Language, digits: int = 0) -> str:
    """Write a share of 1 as a percentage with the language's decimal mark: 62,4% or 62.4%."""
    return number(100 * share, language, digits) + "%"


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(value: float, language: Language) -> str:
    """Write a number too small for a few decimals with one digit and its power of ten: 2 × 10⁻⁹; others as they are."""
    if value == 0 or abs(value) >= 1e-3:
        return number(value, language, 3 if value else 0)
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"{digit} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}".replace("-", "\N{MINUS SIGN}")


def number(value: float, language: Language, digits: int = 2) -> str:
    """Write a number with the language's decimal mark and a true minus sign; what rounds to zero has none."""
    written = f"{value:z.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return written.replace(".", ",") if language == "pt-BR" else written


def told_apart(
    one: float, other: float, write: Callable[[float, Language, int], str], language: Language, digits: int = 2
) -> tuple[str, str]:
    """Write two numbers, with more decimals than `digits` where unequal ones would otherwise look equal."""
    written = write(one, language, digits), write(other, language, digits)
    if written[0] == written[1] and one != other and digits < MOST_DIGITS:
        return told_apart(one, other, write, language, digits + 1)
    return written


def count(n: int, language: Language) -> str:
    """Write a whole number with the language's mark between thousands: 1.750 or 1,750."""
    written = f"{n:,}"
    return written.replace(",", ".") if language == "pt-BR" else written
