"""The example sentences. Their titles stand in `attention/texts` under `presets.<slug>`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """One example sentence. `slug` is its name in addresses and never changes; `language` is what it is written in."""

    slug: str
    text: str
    language: str  # a BCP 47 tag, for a screen reader's voice


PRESETS = (
    Preset("cat", "O gato que estava no telhado miou", "pt-BR"),
    Preset("pronoun", "A gata assustou o cachorro e ele fugiu", "pt-BR"),  # “ele” agrees with one of the two only
    Preset("repeated", "O gato viu outro gato no espelho", "pt-BR"),  # the same token twice, told apart by positions
    Preset("german", "Kannst du mir helfen diesen Satz zu übersetzen?", "de"),
    Preset("journey", "Your journey starts with one step", "en"),
    Preset("emoji", "Minha família 👨‍👩‍👧 ama o gato 🐱", "pt-BR"),  # one picture, many tokens
)
