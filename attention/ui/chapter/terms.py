"""The terms of the glossary: their order, how they are searched, and the quiz made of them."""

from __future__ import annotations

import hashlib
import unicodedata

from attention.texts import Language, text

TERMS = {
    "token": "explore",
    "vocabulary": "explore",
    "bpe": "explore",
    "start_token": "explore",
    "embedding": "transformer",
    "positions": "why_context",
    "rope": "transformer",
    "context": "why_context",
    "vector": "context_vector",
    "matrix": "query_key_value",
    "norm": "transformer",
    "cosine": "why_context",
    "pca": "context_vector",
    "self_attention": "intuition",
    "attention_weight": "intuition",
    "attention_map": "explore",
    "query": "query_key_value",
    "key": "query_key_value",
    "value": "query_key_value",
    "w_matrices": "query_key_value",
    "dot_product": "query_key_value",
    "score": "query_key_value",
    "scale": "query_key_value",
    "exponential": "context_vector",
    "softmax": "context_vector",
    "weighted_mean": "context_vector",
    "context_vector": "context_vector",
    "convex_hull": "context_vector",
    "causal_mask": "causal_mask",
    "padding": "causal_mask",
    "dropout": "dropout",
    "inference": "dropout",
    "attention_sink": "many_heads",
    "head": "many_heads",
    "multi_head": "many_heads",
    "w_output": "many_heads",
    "d_model": "transformer",
    "d_head": "many_heads",
    "layer": "transformer",
    "transformer": "transformer",
    "decoder": "transformer",
    "residual": "transformer",
    "layer_norm": "transformer",
    "feed_forward": "transformer",
    "logits": "transformer",
    "next_token": "causal_mask",
    "autoregressive": "causal_mask",
    "training": "training",
    "loss": "training",
    "gradient": "training",
    "learning_rate": "training",
    "checkpoint": "training",
    "random_weights": "training",
    "seed": "dropout",
    "lesson_model": "lesson_model",
    "held_out": "lesson_model",
    "induction_head": "training",
    "parallelism": "why_it_changed",
    "lstm": "why_it_changed",
    "complexity": "why_it_changed",
}
"""Each term's slug, which stands in addresses and never changes, and the page where it lives."""

CHOICES = 3  # answers of the quiz


def name_of(term: str, language: Language) -> str:
    """Return what people call the term."""
    return text(f"glossary.{term}", language)


def definition(term: str, language: Language) -> str:
    """Return what the term is, in a sentence."""
    return text(f"glossary.{term}_is", language)


def in_order(language: Language) -> list[str]:
    """Return every term, in the alphabetical order of its names."""
    return sorted(TERMS, key=lambda term: folded(name_of(term, language)))


def folded(written: str) -> str:
    """Return `written` without accents and capitals, so that “Máscara” is found by “mascara”."""
    decomposed = unicodedata.normalize("NFKD", written.casefold())
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


def search(searched: str, language: Language) -> list[str]:
    """Return the terms that `searched` is found in, in their name or definition; those it names come first.

    `searched` may also be a term's slug. Nothing searched finds everything.
    """
    wanted = folded(name_of(searched, language) if searched in TERMS else searched)
    named = [term for term in in_order(language) if wanted in folded(name_of(term, language))]
    exact = [term for term in named if folded(name_of(term, language)) == wanted]
    told = [term for term in in_order(language) if wanted in folded(definition(term, language))]
    return list(dict.fromkeys([*exact, *named, *told]))


def slug_of(written: str, language: Language) -> str:
    """Return the slug of the term that is named exactly so, or `written` as it is."""
    return next((term for term in TERMS if folded(name_of(term, language)) == folded(written)), written)


def quiz(sentence: str) -> tuple[str, tuple[str, ...]]:
    """Return a term to be recognised by its definition, and the terms to choose among; the sentence draws both.

    The wrong ones live on the same page where it has others, so that they are worth telling apart.
    """
    right = min(TERMS, key=lambda term: _drawn(sentence, term))
    others = sorted(TERMS, key=lambda term: (TERMS[term] != TERMS[right], _drawn(sentence, term)))
    wrong = [term for term in others if term != right][: CHOICES - 1]
    return right, tuple(sorted((right, *wrong), key=lambda term: _drawn(sentence, "order", term)))


def _drawn(*name: str) -> bytes:
    """Return bytes to sort by, drawn by `name` alone."""
    return hashlib.blake2b("/".join(name).encode("utf-8", "replace"), digest_size=8).digest()
