"""What the screen says of the lesson model is what was measured, and what it knows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from attention import figures
from attention.figures import LIGHT
from attention.lesson_model.claims import wilson
from attention.lesson_model.evaluation import CARRIED, HARMLESS, ROLE_AT_LEAST
from attention.lesson_model.lexicon import ANIMALS, diminutive
from attention.lesson_model.predictions import next_tokens
from attention.lesson_model.results import claims, role, roles_of
from attention.lesson_model.source import trace_lesson
from attention.lesson_model.tokenizer import encoding, is_known, start_id
from attention.presets import PRESETS
from attention.texts import LANGUAGES, Language, count, number, percent, text
from attention.tokens import tokenize
from attention.ui.lesson import measured_share, role_sentences
from attention.ui.state import LESSON_FOCUS
from tests.chapter.visiting import keys
from tests.test_pages import figure, open_at, prose

COURSE = PRESETS[0].text


def captions(address: dict[str, str]) -> str:
    return "\n".join(caption.value for caption in open_at(address).caption).replace("\\", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_opens_on_the_lesson_model_and_says_so(language: Language) -> None:
    app = open_at({"lang": language.lower()})
    assert app.radio(key="model").value == "lesson"
    assert keys(app) == ["sentence", "heads", "head_map", "next_tokens"]
    said = prose(app).replace("\\", "")
    strongest = trace_lesson(COURSE).layers[LESSON_FOCUS[0]].weights[0, LESSON_FOCUS[1], -1].max()
    assert percent(float(strongest), language) in said


def test_the_role_of_the_head_in_focus_is_its_measured_one() -> None:
    layer, head = LESSON_FOCUS
    measured = role("predicts")
    results = [result for result in claims()["results"] if result["claim"] == "predicts"]
    assert measured.right == sum(result["n"] - len(result["failures"]) for result in results)
    assert roles_of(layer, head)[0] == measured
    assert measured_share(measured.share, "pt-BR") in captions({})


def role_caption(layer: int, head: int, **address: str) -> str:
    """Return what the Explore page says under the map of a head, counted from 0."""
    return captions({"layer": str(layer + 1), "head": str(head + 1), **address})


@pytest.mark.parametrize("name", ["predicts", "verb", "adjective", "pronoun"])
def test_every_head_of_a_claim_is_named_by_it_with_its_numbers(name: str) -> None:
    results = [result for result in claims()["results"] if result["claim"] == name]
    assert all(result["met"] for result in results)
    n, right = (sum(result[of] for result in results) for of in ("n", "right"))
    mass = sum(result["mass"] * result["n"] for result in results) / n
    said = text(
        f"lesson.role_{name}",
        "pt-BR",
        share=measured_share(right / n, "pt-BR"),
        n=count(n, "pt-BR"),
        mass=number(mass, "pt-BR"),
    )
    assert said in role_caption(*claims()["heads"][name])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_head_is_named_by_a_mean_weight_only_from_the_target_of_roles(language: Language) -> None:
    found = claims()
    assert found["asked"]["role"] == ROLE_AT_LEAST
    for name, weight in found["roles"].items():
        said = text(f"lesson.role_{name}", language, mass=percent(weight, language))
        shown = role_caption(*found["heads"][name], lang=language.lower())
        assert (said in shown) == (weight >= ROLE_AT_LEAST)


def test_a_head_of_an_earlier_layer_that_the_prediction_misses_is_named_as_a_feeder_with_its_number() -> None:
    off = claims()["off"]
    missed = [(layer, head, share) for layer, head, share in off["others"] if layer == 0 and share < 0.95]
    assert missed
    for layer, head, share in missed:
        after, before = percent(share, "pt-BR", 1), percent(off["nothing"], "pt-BR", 1)
        shown = role_caption(layer, head)
        assert f"cai de {before} para {after}" in shown
        assert "descansa" not in shown


def test_a_head_without_a_measured_role_stays_unnamed() -> None:
    named = [(layer, head) for layer, head in np.ndindex(2, 4) if role_sentences(layer, head, "pt-BR", causal=True)]
    assert 0 < len(named) < 8
    unnamed = next(place for place in np.ndindex(2, 4) if place not in named)
    assert text("lesson.no_role", "pt-BR") in role_caption(*unnamed)
    assert text("lesson.no_role", "pt-BR") not in role_caption(*named[0])


def test_with_the_mask_off_a_role_says_how_it_was_measured() -> None:
    found = claims()["heads"]
    assert text("lesson.with_mask", "pt-BR") in role_caption(*found["predicts"], causal="0")
    assert text("lesson.with_mask", "pt-BR") not in role_caption(*found["predicts"])
    freely, (layer, head) = role("verb_without_mask"), found["verb"]
    (first, *others) = role_sentences(layer, head, "pt-BR", causal=False)
    assert number(freely.mass, "pt-BR") in first
    assert number(role("verb").mass, "pt-BR") in role_sentences(layer, head, "pt-BR", causal=True)[0]
    assert text("lesson.with_mask", "pt-BR") not in first
    assert all(said.endswith(text("lesson.with_mask", "pt-BR")) for said in others)


def test_the_page_says_which_token_of_the_sentence_came_after_the_row() -> None:
    labels = trace_lesson(COURSE).tokens.labels
    row = labels.index("telhado")
    said = prose(open_at({"row": str(row + 1)})).replace("\\", "")
    assert text("lesson.next_truth", "pt-BR", next="“miou”", token=f"“{labels[row]}”") in said
    assert labels[row + 1] == "miou"


def test_predictions_are_the_softmax_of_the_logits_in_order() -> None:
    logits = np.zeros((1, 2, encoding().n_vocab + 2), dtype=np.float32)
    gato, miou = encoding().encode_ordinary(" gato")[0], encoding().encode_ordinary(" miou")[0]
    logits[0, 1, gato], logits[0, 1, miou] = math.log(6), math.log(3)
    others = logits.shape[-1] - 2
    found = next_tokens(logits, 1, 2)
    assert [prediction.label for prediction in found] == ["gato", "miou"]
    assert found[0].probability == pytest.approx(6 / (9 + others))
    assert found[1].probability == pytest.approx(3 / (9 + others))


def test_no_prediction_is_without_a_label() -> None:
    logits = np.arange(start_id() + 2, dtype=np.float32)[None, None]
    assert all(prediction.label for prediction in next_tokens(logits, 0, logits.shape[-1]))


def test_the_bars_are_the_predictions() -> None:
    drawn = figures.next_tokens(["miou", "<b>"], [0.75, 0.25], language="pt-BR", theme=LIGHT)
    assert list(drawn.data[0].x) == [0.75, 0.25]
    assert drawn.data[0].hovertext[0] == "“miou” vem depois com probabilidade de 75%"
    assert "<b>" not in drawn.to_json()


def test_unknown_words_are_named() -> None:
    assert "em pedaços" not in captions({})
    assert "“xerimbabo”" in captions({"text": "O gato e o xerimbabo viram o telhado e o cachorro"})


def test_a_word_that_training_wrote_in_pieces_is_not_said_never_to_have_been_seen() -> None:
    little = diminutive(next(noun for noun in ANIMALS if noun.word == "gato"))
    assert little.word == "gatinho"  # what the grammar writes, and the vocabulary does not hold whole
    assert not is_known("gatinho")
    for language in LANGUAGES:
        said = captions({"lang": language.lower(), "text": "O gatinho da menina miou"})
        assert "“gatinho”" in said
        assert "nunca viu “" not in said
        assert "never saw “" not in said


def test_too_many_unknown_words_are_said_to_be_too_many() -> None:
    assert "quer dizer pouco" in captions({"text": "Your journey starts with one step"})


def test_what_the_model_was_not_trained_for_is_labelled() -> None:
    said = text("switch.beyond_training", "pt-BR")
    assert said in captions({"scale": "0"})
    assert said not in captions({"causal": "0"})
    assert said not in captions({"model": "random", "scale": "0"})


def test_choosing_a_trained_model_removes_what_it_fixes() -> None:
    app = open_at({})
    app.session_state["more"] = True
    app.run()
    assert not app.exception
    assert {"encoding", "n_heads", "d_model"}.isdisjoint({box.key for box in (*app.selectbox, *app.select_slider)})
    app.radio(key="model").set_value("random").run()
    assert not app.exception
    assert {"n_heads", "d_model"} <= {box.key for box in app.select_slider}


def test_both_layers_can_be_looked_at() -> None:
    weights = [layer.weights[0, 0] for layer in trace_lesson(COURSE).layers]
    assert not np.allclose(*weights)
    first, second = (figure(open_at({"layer": layer, "head": "1"}), "head_map") for layer in "12")
    assert first["data"][0]["z"] != second["data"][0]["z"]


def test_the_random_source_is_one_click_away_and_has_its_own_tokens() -> None:
    app = open_at({"layer": "2", "head": "4"})
    app.radio(key="model").set_value("random").run()
    assert not app.exception
    assert figure(app, "head_map")["data"][0]["meta"]["n"] == len(tokenize(COURSE))


def test_the_course_sentence_is_as_the_page_says() -> None:
    tokens, (layer, head) = trace_lesson(COURSE).tokens.labels, LESSON_FOCUS
    weights = trace_lesson(COURSE).layers[layer].weights[0, head, :, 1:]
    looks = [tokens[1 + int(weights[tokens.index(row)].argmax())] for row in ("telhado", "miou")]
    assert ("falha aqui" in captions({})) == (looks != ["gato", "gato"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_shows_every_claim_and_every_failing_sentence(language: Language) -> None:
    app = open_at({"lang": language.lower()})
    app.switch_page("pages/lesson_model.py").run()
    assert not app.exception
    results = claims()["results"]
    shown = "\n".join(element.value for element in app.text)
    assert all(sentence in shown for result in results for sentence in result["failures"][:100])


def tables(language: Language) -> list[list[list[str]]]:
    """Return the tables of the report, row by row, as the reader sees them."""
    app = open_at({"lang": language.lower()})
    app.switch_page("pages/lesson_model.py").run()
    assert not app.exception
    return [
        [[str(cell).replace("\\", "") for cell in row] for row in table.value.to_numpy().tolist()]
        for table in app.table
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_of_the_claims_is_what_was_measured(language: Language) -> None:
    yes, no = (text(f"lesson_model.{word}", language) for word in ("yes", "no"))
    shown = tables(language)[0]
    assert len(shown) == len(claims()["results"])
    for row, result in zip(shown, claims()["results"], strict=True):
        low, high = wilson(result["right"], result["n"])
        target = percent(result["at_least"], language)
        if result["mass_at_least"]:
            target += f" · {number(result['mass_at_least'], language)}"
        heavy = result["mass"] is None or result["mass"] >= result["mass_at_least"]
        assert row == [
            text(f"lesson_model.claim_{result['claim']}", language),
            text(f"lesson_model.set_{result['set']}", language),
            count(result["n"], language),
            percent(result["right"] / result["n"], language, 1),
            f"{percent(low, language, 1)} – {percent(high, language, 1)}",
            "—" if result["mass"] is None else number(result["mass"], language),
            target,
            yes if heavy and result["right"] / result["n"] >= result["at_least"] else no,
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_is_shown_with_its_target_and_whether_it_is_met(language: Language) -> None:
    yes, no = (text(f"lesson_model.{word}", language) for word in ("yes", "no"))
    found = claims()
    shown = [row[1:] for row in tables(language)[1]]
    assert shown == [
        [
            text("lesson_model.head", language, layer=layer + 1, head=head + 1),
            number(weight, language),
            number(ROLE_AT_LEAST, language),
            yes if weight >= ROLE_AT_LEAST else no,
        ]
        for (layer, head), weight in ((found["heads"][name], weight) for name, weight in found["roles"].items())
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_head_switched_off_is_shown_with_its_target_and_whether_it_is_met(language: Language) -> None:
    yes, no = (text(f"lesson_model.{word}", language) for word in ("yes", "no"))
    off, shown = claims()["off"], tables(language)[2]
    assert shown[0][1:] == [percent(off["nothing"], language, 1), "—", "—"]
    most = text("lesson_model.at_most", language, share=percent(CARRIED, language))
    least = text("lesson_model.at_least", language, share=percent(HARMLESS, language))
    assert shown[1][1:] == [percent(off["carriers"], language, 1), most, yes if off["carriers"] <= CARRIED else no]
    assert shown[1][0] == text(
        "lesson_model.heads", language, layer=2, head={"pt-BR": "1 e 4", "en": "1 and 4"}[language]
    )
    assert len(shown) == 2 + len(off["others"])
    for row, (layer, head, share) in zip(shown[2:], off["others"], strict=True):
        name = text("lesson_model.head", language, layer=layer + 1, head=head + 1)
        below = layer < claims()["carriers"][0][0]
        feeds = below and share < HARMLESS
        assert row[0] == (text("lesson_model.feeds", language, head=name) if feeds else name)
        assert row[1] == percent(share, language, 1)
        assert row[2:] == (["—", "—"] if below else [least, yes if share >= HARMLESS else no])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_seeds_are_shown_with_medians_worst_and_how_many_heads_do_it_alone(language: Language) -> None:
    seeds, results = claims()["seeds"], claims()["results"]
    names = list(dict.fromkeys(result["claim"] for result in results))
    shown = tables(language)[3]
    for row, name in zip(shown, names, strict=False):
        shares = sorted(seed["claims"][name]["share"] for seed in seeds)
        masses = sorted(seed["claims"][name]["mass"] or 0.0 for seed in seeds)
        asked = next(result["at_least"] for result in results if result["claim"] == name) - 0.05
        assert row[1:4] == [
            *(percent(share, language, 1) for share in (shares[2], shares[0])),
            percent(asked, language),
        ]
        assert row[4] == text("lesson_model.yes" if shares[2] >= asked else "lesson_model.no", language)
        assert row[5:] == (["—", "—"] if not masses[0] else [number(mass, language) for mass in (masses[2], masses[0])])
    roles = shown[len(names) : -2]
    for row, name in zip(roles, claims()["roles"], strict=True):
        weights = sorted(seed["roles"][name] for seed in seeds)
        assert row[5:] == [number(weight, language) for weight in (weights[2], weights[0])]
        assert row[4] == text("lesson_model.yes" if weights[2] >= ROLE_AT_LEAST else "lesson_model.no", language)
    carriers = sorted(seed["off"]["carriers"] for seed in seeds)
    assert shown[-2][1:3] == [percent(share, language, 1) for share in (carriers[2], carriers[-1])]
    app = open_at({"lang": language.lower()})
    app.switch_page("pages/lesson_model.py").run()
    said = "\n".join(said.value for said in (*app.markdown, *app.caption)).replace("\\", "")
    alone = {row: sum(seed["claims"][row]["mean_mass"] >= 0.5 for seed in seeds) for row in ("predicts", "verb")}
    both = sum(seed["heads"]["predicts"] == seed["heads"]["verb"] for seed in seeds)
    carrier = sum(len(seed["carriers"]) == 1 for seed in seeds)
    values = {"n": 5, "spread": 5, "alone": number(0.5, language), "both": both, "carrier": carrier}
    assert text("lesson_model.seeds_note", language, **values, **alone) in said
    assert claims()["seeds_rule"] == "earlier"
    assert text("lesson_model.seeds_earlier", language, n=5) in said


def test_a_measured_share_is_a_hundred_percent_only_without_a_failure() -> None:
    assert measured_share(1.0, "en") == "100.0%"
    assert measured_share(5499 / 5500, "pt-BR") == "99,98%"
    assert measured_share(0.9876, "en") == "98.8%"
