"""What a hostile reader may send: a text, settings and a link, all drawn from a seed and a number."""

from __future__ import annotations

import random
from dataclasses import dataclass

from attention.config import MASK_MODES
from attention.lesson_model.tokenizer import ENCODING as LESSON
from attention.texts import LANGUAGES, Language
from attention.tokens import ENCODINGS
from attention.ui.state import MODELS, PARAMETERS, VERSION, ViewState, write

FRAGMENTS: tuple[str, ...] = (
    *("O gato que estava no telhado miou", "guarda-chuva", "d’água", "coração", "a", "E", "3,14", "...", "?!"),
    *("ß", "İ"),
    *("=cmd|' /C calc'!A0", '=HYPERLINK("https://example.org")', "=1+1", "@SUM(1+1)", "+1+1", "-1+1", "'=1"),
    *("＝1", "＋", "－", "＠"),
    *("\t=1", "\r=1", "\n=1", ";", ",", '"', '""', "'", "\n", "\r", "\r\n", "\t", "  ", "\v", "\f", "\x1c", "\x85"),
    *("\x00", "\x07", "\x08", "\x1b[31m", "\x1b]0;x\x07", "\x7f", "\x9b", "\ud800", "\udfff", "\ud83d\ude00"),
    *("\udc80"),
    *("\u202eabc", "\u2066", "\u2069", "\u200f", "שלום עולם", "مرحبا", "ﷺ", "\u2028", "\u2029", "\u200b"),
    *("\u200d", "\ufeff", "\u00ad"),
    *("a\u0301", "\u0301", "o\u0303\u0303\u0303", "Z\u0351\u036b\u0343\u036a", "\u0e33", "각", "日本語", "\u3000"),
    *("\u2800", "\ue000"),
    *("👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇧🇷", "🇧", "\ufe0f", "\U000e0041", "\U0010ffff", "\uffff", "\ufffd", "𝒙"),
    *("<b>oi</b>", '<a href="https://example.org">x</a>', "<a href='javascript:alert(1)'>x</a>", "<br>", "<i"),
    *("</b>", "<", ">"),
    *("<script>alert(1)</script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>"),
    *("<!--", "-->", "]]>"),
    *("&lt;b&gt;", "&amp;", "&#36;", "&#x3c;b>", "&", "&nbsp;", "$x^2$", "$$y$$", "\\(z\\)", "$", "\\"),
    *("![x](https://example.org/x.png)", "[l](https://example.org)", "**b**", "# t", "| a | b |", "`c`", "~~~"),
    *("- [ ] x", "1. a"),
    *(":material/home:", ":red[x]", ":smile:", "https://example.org", "www.example.org", "a@example.org"),
    *("%{z}", "%{customdata[0]}", "%{x}<extra></extra>", "{0}", "{text}", "{z:.1%}", "{", "}", "%s", "%n", "%"),
    *("100%"),
    *("'''", '"""', "#", "\\n", "\\u003c", "\\x00", "${x}", "`${x}`", "';alert(1);//", "__import__('os')"),
    *("../../etc/passwd", "C:\\con"),
    *("NaN", "nan", "inf", "-inf", "Infinity", "1e309", "0x1F", "１２", "٣", "1_0", "-0", "None", "null"),
    *("undefined", "true"),
    *("<|endoftext|>", "<|im_start|>", "⟨início⟩", "⟨C3⟩", "·ado", "␣", "↵", "◌", "…", "“", "”", "−∞"),
)  # fmt: skip
SEPARATORS = ("", " ", " ", " ", "  ", "\n", "\t", "\u00a0")
ODD_VALUES = (
    *("", "0", "1", "2", "-1", "12", "13", "9999", "10000", "2147483648", "9" * 5000, "1e309", "nan", "inf"),
    *("0x1", "1_0"),
    *(" 1 ", "１", "٣", "true", "None", "en", "EN", "pt-br", "pt-BR", "lesson", "random", "zero-after", "renormalise"),
    *("dropout", "causal", "scaled", "0.5", "0.50", "cl100k_base", "downloads", "induction", "query", "\x00"),
    *("\ud800"),
)  # fmt: skip
ODD_COUNTS = (0, -1, 1, 5, 7, 13, 1025, 10**9, 2**63, -(2**63))
ODD_SHARES = (float("nan"), float("inf"), float("-inf"), -0.5, -0.0, 1.5, 1e-300, 5e-324, 0.999999999)
LONGEST = 100_000  # characters


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile visit. The same seed and number are always the same case."""

    seed: int
    number: int
    text: str
    encoding: str  # of tiktoken, or the lesson model's
    settings: dict[str, object]  # of an `AttentionConfig`, valid or not
    address: dict[str, str]  # the query of a link
    language: Language
    dark: bool
    choice: float  # from 0 to 1: which head, row and figure are looked at

    @property
    def again(self) -> str:
        """The command that runs this case alone."""
        return f"python -m scripts.fuzz --seed {self.seed} --case {self.number}"

    def __str__(self) -> str:
        """Say the case in a few lines: a text of 100,000 characters shows its ends."""
        typed = repr(self.text)
        shown = typed if len(typed) <= 400 else f"{typed[:200]} … {typed[-200:]} ({len(self.text)} characters)"
        return (
            f"again: {self.again}\ntext: {shown}\nencoding: {self.encoding}\n"
            f"settings: {self.settings}\naddress: {ascii(self.address)[:1000]}"
        )


def draw_case(seed: int, number: int) -> Case:
    """Return case `number` of `seed`."""
    chance = random.Random(f"{seed}/{number}")
    return Case(
        seed=seed,
        number=number,
        text=_text(chance),
        encoding=chance.choice([*ENCODINGS, LESSON, LESSON]),
        settings=_settings(chance),
        address=_address(chance),
        language=chance.choice(LANGUAGES),
        dark=chance.random() < 0.5,
        choice=chance.random(),
    )


def _text(chance: random.Random) -> str:
    """Draw a text: mostly a few fragments, sometimes many, one sign again and again, or any signs at all."""
    kind = chance.random()
    if kind < 0.01:
        return (chance.choice(FRAGMENTS) * LONGEST)[:LONGEST]
    if kind < 0.03:
        return chance.choice(FRAGMENTS) * chance.randint(20, 200)
    if kind < 0.15:
        return "".join(
            chr(chance.randrange(chance.choice([0x80, 0x800, 0x3000, 0x110000]))) for _ in range(chance.randint(0, 20))
        )
    fragments = chance.choices(FRAGMENTS, k=chance.choice([1, 1, 2, 3, 4, 6, 8, 12]))
    return chance.choice(SEPARATORS).join(fragments)


def _settings(chance: random.Random) -> dict[str, object]:
    """Draw settings; in one case of eight, they are odd."""
    heads = chance.choice([1, 2, 3, 4])
    settings: dict[str, object] = {
        "n_heads": heads,
        "d_model": heads * chance.choice([1, 2, 4, 8]),
        "causal": chance.random() < 0.7,
        "mask_mode": chance.choice(MASK_MODES),
        "scaled": chance.random() < 0.7,
        "positions": chance.random() < 0.7,
        "dropout": chance.choice([0.0, 0.0, 0.1, 0.5, 0.9, 1.0]),
        "training": chance.random() < 0.7,
        "dropout_seed": chance.randrange(5),
        "seed": chance.randrange(5),
    }
    if chance.random() < 0.125:
        settings[chance.choice(["n_heads", "d_model", "seed", "dropout_seed"])] = chance.choice(ODD_COUNTS)
        settings["dropout"] = chance.choice(ODD_SHARES)
        settings["mask_mode"] = chance.choice([*MASK_MODES, "<b>"])
    return settings


def _address(chance: random.Random) -> dict[str, str]:
    """Draw the query of a link: slugs with what they accept, with odd values, or with any text."""
    slugs = [*(parameter.slug for parameter in PARAMETERS.values()), "v", "evil", "TEXT", "<b>"]
    address = {slug: _value(chance) for slug in chance.sample(slugs, chance.randint(0, len(slugs)))}
    if chance.random() < 0.8:
        address["v"] = VERSION
    if chance.random() < 0.3:  # what it says besides is true
        address |= write(ViewState(model=chance.choice(MODELS), head=chance.randrange(12), row=chance.randrange(20)))
    return address


def _value(chance: random.Random) -> str:
    return chance.choice(ODD_VALUES) if chance.random() < 0.7 else _text(chance)
