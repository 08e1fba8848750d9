"""The glossary explains every term, finds it, and quotes numbers that the core computes."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from attention import figures
from attention.config import AttentionConfig
from attention.lesson_model.files import record
from attention.lesson_model.source import load_lesson_model, trace_lesson
from attention.metrics import contributions, weight_against_contribution
from attention.notebooks import code, install_cell, map_cell, notebook
from attention.snippets import row_snippet
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, count, number, percent, templates, text
from attention.tokens import tokenize
from attention.ui.chapter import terms
from attention.ui.chapter.contents import LESSONS
from attention.ui.chapter.examples import WIDENING
from attention.ui.chapter.glossary import CONTRIBUTIONS, OTHER_PAGES
from attention.ui.state import LESSON_FOCUS
from tests.chapter.running import executed, outputs_of
from tests.chapter.visiting import SKIPPED, figure, keys, prose, run, visit

HEAD = LESSON_FOCUS[1]  # of the second layer: the head in focus on a first visit

NAME = "glossary"
COURSE = "O gato que estava no telhado miou"
LINKED = (
    "token vocabulary embedding context self_attention attention_weight query key value w_matrices "
    "dot_product score scale softmax causal_mask padding context_vector weighted_mean dropout "
    "inference head multi_head w_output d_model d_head layer transformer residual layer_norm "
    "feed_forward logits next_token autoregressive positions rope attention_sink induction_head "
    "training loss learning_rate random_weights lesson_model held_out parallelism lstm complexity pca "
    "cosine start_token bpe"
)  # the terms that the pages of the lesson link to


def opened(**address: str) -> AppTest:
    return visit(NAME, guessed=SKIPPED, **address)


def explained(app: AppTest, term: str, language: Language = "pt-BR") -> str:
    """Return the example under a term's definition."""
    (entry,) = (part for part in prose(app).split("**") if part.startswith(f"  \n{terms.definition(term, language)}"))
    return entry.split(":gray[")[1].split("]\n")[0].removesuffix("]")


def test_every_term_a_page_links_to_is_there_and_lives_on_a_page() -> None:
    assert [term for term in LINKED.split() if term not in terms.TERMS] == []
    assert set(terms.TERMS.values()) <= {lesson.name for lesson in LESSONS} | set(OTHER_PAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_terms_share_a_name_and_no_definition_uses_the_name_it_explains(language: Language) -> None:
    names = [terms.folded(terms.name_of(term, language)) for term in terms.TERMS]
    assert len(set(names)) == len(names)
    circular = [t for t in terms.TERMS if terms.name_of(t, language) in terms.definition(t, language)]
    assert circular == []


def test_every_term_in_the_texts_is_in_the_glossary() -> None:
    explained_in_texts = {
        key.split(".")[1][: -len("_is")]
        for key in templates("en")
        if key.startswith("glossary.") and key.endswith("_is")
    }
    assert explained_in_texts == set(terms.TERMS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("term", terms.TERMS)
def test_a_term_is_found_first_by_its_name_in_capitals_and_without_accents(language: Language, term: str) -> None:
    name = terms.name_of(term, language)
    for written in (name, name.upper(), terms.folded(name), term):
        assert terms.search(written, language)[0] == term
        assert terms.slug_of(written, language) == term or written == term


def test_a_search_reaches_into_the_definitions() -> None:
    assert "logits" in terms.search("probabilidades", "pt-BR")
    assert "logits" in terms.search("PROBABILITIES", "en")
    assert terms.search("máscara", "pt-BR") == terms.search("MASCARA", "pt-BR") != []
    assert terms.search("zzzz", "en") == []
    assert terms.search("", "en") == terms.in_order("en")
    names = [terms.folded(terms.name_of(term, "pt-BR")) for term in terms.in_order("pt-BR")]
    assert names == sorted(names)


@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
@settings(max_examples=50)
def test_no_search_breaks_and_all_it_finds_holds_what_was_searched(searched: str, language: Language) -> None:
    wanted = terms.folded(terms.name_of(searched, language) if searched in terms.TERMS else searched)
    for term in terms.search(searched, language):
        name, definition = terms.name_of(term, language), terms.definition(term, language)
        assert wanted in terms.folded(name) or wanted in terms.folded(definition)


@given(st.text(max_size=40))
@settings(max_examples=50)
def test_the_quiz_has_three_different_answers_one_of_them_right_and_the_sentence_fixes_it(sentence: str) -> None:
    right, choices = terms.quiz(sentence)
    assert len(set(choices)) == terms.CHOICES
    assert right in choices
    assert terms.quiz(sentence) == (right, choices)


def test_other_sentences_ask_for_other_terms() -> None:
    asked = [terms.quiz(f"O gato {number}") for number in range(30)]
    assert len({right for right, _ in asked}) > 10
    assert {choices.index(right) for right, choices in asked} == {0, 1, 2}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_waits_for_the_guess_but_not_for_whoever_comes_for_a_word(language: Language) -> None:
    app = visit(NAME, lang=language.lower())
    assert app.title[0].value == text("glossary.question", language)
    assert keys(app) == []
    right, choices = terms.quiz(COURSE)
    wrong = next(choice for choice in choices if choice != right)
    app.button(key=f"glossary_guess_{wrong}").click()
    run(app)
    assert text("chapter.wrong", language) in prose(app)
    assert text("glossary.count", language, shown=len(terms.TERMS), total=len(terms.TERMS)) in prose(app)
    assert keys(app) == ["glossary_weights"]
    looking = visit(NAME, lang=language.lower(), term="softmax")
    assert not [button for button in looking.button if button.key == "glossary_guess_skip"]
    assert explained(looking, "softmax", language)
    assert looking.text_input(key="glossary_search").value == "softmax"


def test_typing_filters_the_list_and_a_terms_name_becomes_its_slug() -> None:
    app = opened()
    app.text_input(key="glossary_search").set_value("mascara causal")
    run(app)
    assert app.session_state["term"] == "causal_mask"
    assert app.text_input(key="glossary_search").value == "mascara causal"
    app.session_state["language"] = "en"
    run(app)
    assert app.text_input(key="glossary_search").value == "causal mask"
    app.text_input(key="glossary_search").set_value("<b>$x$ ![i](https://x.org/i.png)")
    run(app)
    assert len(app.info) == 1
    app.button(key="glossary_all").click()
    run(app)
    assert app.session_state["term"] == ""
    assert not app.info


def test_a_link_between_pages_brings_its_term_and_leaves_everything_else() -> None:
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60)
    app.query_params |= {"v": "1", "scale": "0"}
    run(app)
    for asked, understood in (("softmax", "softmax"), ("<b>", "<b>"), ("x" * 61, ""), ("padding", "padding")):
        app.query_params = {"term": asked}  # what a link carries, and no version
        run(app)
        assert app.session_state["term"] == understood
        assert app.query_params == {"v": "1", "scale": "0"} | ({"term": understood} if understood else {})
    run(app)
    assert app.query_params["term"] == "padding"  # a rerun on the same page keeps it
    app.query_params = {}  # another page, by the navigation
    run(app)
    assert app.query_params == {"v": "1", "scale": "0"}


def test_the_examples_are_the_numbers_of_the_row_in_focus() -> None:
    app = opened(row="7")
    trace = trace_lesson(COURSE)
    layer, head, row, labels = trace.layers[1], HEAD, 6, trace.tokens.labels
    weights = layer.weights[0, head, row]
    top = int(weights.argmax())
    query, key = layer.query[0, head, row], layer.key[0, head, top]
    score = float(query @ key)
    assert explained(app, "token") == f"Sua frase: {' | '.join(labels)}."
    assert (
        explained(app, "attention_weight")
        == f"De “{labels[row]}” para “{labels[top]}”: {percent(weights[top], 'pt-BR')}."
    )
    assert explained(app, "score").endswith(f": {number(score, 'pt-BR')}.")
    assert explained(app, "scale").endswith(f"= {number(score / len(query) ** 0.5, 'pt-BR')}.")
    assert explained(app, "d_head") == "96 ÷ 4 = 24."
    assert explained(app, "context").endswith(f": {row}.")
    assert "“telhado”" in explained(app, "causal_mask")
    assert "“miou”" not in explained(app, "causal_mask")
    assert trace.logits is not None
    marks = trace.logits[0, row].astype(np.float64)
    surprise = np.log(np.exp(marks).sum()) - marks[trace.tokens.ids[row + 1]]
    assert explained(app, "loss").endswith(f"−ln disso é {number(surprise, 'pt-BR')}.")
    sink = layer.weights[0, head, 1:, 0].mean()
    assert percent(float(sink), "pt-BR") in explained(app, "attention_sink")
    value = layer.value[0, head].astype(np.float64)
    deviations = value - value.mean(axis=0)
    variances = np.sort(np.linalg.eigvalsh(deviations.T @ deviations))[::-1]
    assert percent(variances[:2].sum() / variances.sum(), "pt-BR") in explained(app, "pca")


@pytest.mark.parametrize("row", [3, 7])
@pytest.mark.parametrize("model", ["lesson", "random"])
def test_the_examples_of_lengths_sums_and_sizes_can_be_computed_again(model: str, row: int) -> None:
    app = opened(row=str(row + 1), model=model, layer="2" if model == "lesson" else "1")
    trace = trace_lesson(COURSE) if model == "lesson" else trace_random(tokenize(COURSE), AttentionConfig())
    layer, head, row = trace.layers[-1], HEAD, min(row, len(trace.tokens) - 1)
    labels, n = trace.tokens.labels, len(trace.tokens)
    top = int(layer.weights[0, head, row].argmax())
    value, context = layer.value[0, head].astype(np.float64), layer.context[0, head, row]

    def ends(term: str, *values: str) -> bool:
        return explained(app, term, "pt-BR").endswith(" ".join(values))

    assert (
        explained(app, "norm")
        == f"O value de “{labels[top]}” mede {number(np.sqrt((value[top] ** 2).sum()), 'pt-BR')}."
    )
    if model == "lesson":
        entering = layer.embeddings[0, row].astype(np.float64)
        mean, spread = number(entering.mean(), "pt-BR"), number(np.sqrt(entering.var()), "pt-BR")
        assert ends("layer_norm", f"têm média {mean} e desvio {spread}.")
        length = np.sqrt((layer.output[0, row].astype(np.float64) ** 2).sum())
        assert ends("residual", f"um vetor de norma {number(length, 'pt-BR')}.")
    d_model, n_heads = layer.embeddings.shape[-1], layer.query.shape[1]
    assert ends("matrix", f"{d_model} × {d_model} = {count(d_model**2, 'pt-BR')} números.")
    assert ends("attention_map", f"{n} linhas × {n} colunas = {n * n}.")
    assert ends("w_output", f"Recebe {n_heads} × {d_model // n_heads} = {d_model} números e devolve {d_model}.")
    assert ends("complexity", f"{n * n}; com o dobro do tamanho: {4 * n * n}.")
    assert ends("positions", f"é o token {row + 1} de {n}.")
    assert ends("padding", f"de {n + 2} tokens, a sua ganharia 2.")
    assert ends("inference", f"soma {percent(float(layer.weights[0, head, row].sum()), 'pt-BR')}.")
    seen = value[: row + 1, 0]
    assert ends("convex_hull", f"{number(seen.min(), 'pt-BR')} e {number(seen.max(), 'pt-BR')}.")
    assert ends("weighted_mean", f"= {number(float(context[0]), 'pt-BR')}.")
    favourites = layer.weights[0, :, row].argmax(axis=-1)
    assert ends("multi_head", "; ".join(f"{place}: “{labels[key]}”" for place, key in enumerate(favourites, start=1)))


def test_what_is_observed_of_the_glossarys_row_can_be_computed_again() -> None:
    app = opened(lang="en")
    layer, labels = trace_lesson(COURSE).layers[1], trace_lesson(COURSE).tokens.labels
    n, said = len(labels), prose(app)
    top = int(layer.weights[0, HEAD, -1].argmax())
    assert f"Scores in each head: {n} × {n} = {n * n}. Closed by the mask: {n * (n - 1) // 2}." in said
    assert (
        f"“miou” gives {percent(float(layer.weights[0, HEAD, -1, top]), 'en')} of its attention to “{labels[top]}”"
        in said
    )
    found = weight_against_contribution(layer, HEAD, n - 1)
    assert found is not None
    lengths = np.sqrt((layer.value[0, found.head, : found.row + 1].astype(np.float64) ** 2).sum(axis=-1))
    shortest, longest = number(lengths.min(), "en"), number(lengths.max(), "en")
    assert f"between {shortest} (that of “{labels[int(lengths.argmin())]}”) and {longest} long" in said


def test_examples_change_with_the_sentence() -> None:
    one, other = opened(), opened(text="A vaca mugiu")
    changed = [term for term in terms.TERMS if explained(one, term) != explained(other, term)]
    assert len(changed) > len(terms.TERMS) / 2


@pytest.mark.parametrize("address", [{}, {"causal": "0"}, {"scale": "0"}, {"dropout": "1", "mask": "zero-after"}])
def test_a_context_component_lies_between_those_of_the_values_seen(address: dict[str, str]) -> None:
    said = explained(opened(model="random", **address), "convex_hull")
    written = [float(found.replace(",", ".").replace("−", "-")) for found in re.findall(r"−?\d+,\d+", said)]
    context, least, most = written
    assert least <= context <= most


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["lesson", "random"])
@pytest.mark.parametrize(
    "sentence", ["a", "<b>x</b> ![i](https://x.org/i.png)", "$x$ %{z} {} `q` :smile:", "👨‍👩‍👧 שלום á", "gato " * 200]
)
def test_any_sentence_has_an_example_for_every_term(language: Language, model: str, sentence: str) -> None:
    mode = {"words": "1", "dropout": "1", "p": "0.9", "mask": "renormalise", "scale": "0"}
    for switches in ({}, mode, {"causal": "0", "row": "1"}):
        app = opened(text=sentence, lang=language.lower(), model=model, **switches)
        assert all(explained(app, term, language) for term in terms.TERMS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "address",
    [
        {"text": "a", "model": "random", "heads": "1", "dims": "24"},
        {"text": "a", "model": "random", "dropout": "1", "p": "0.9"},
        {"text": "O gato", "row": "1"},
        {"text": "O gato", "row": "2", "draw": "3"},
        {"text": "O gato", "model": "random", "dims": "24", "heads": "12", "row": "1"},
        {"text": "O gato", "model": "random", "dims": "24", "heads": "24", "row": "2"},
    ],
)
def test_one_of_something_is_said_as_one_and_nothing_is_compared_with_itself(
    language: Language, address: dict[str, str]
) -> None:
    app = opened(lang=language.lower(), **address)
    said = {term: explained(app, term, language) for term in terms.TERMS}
    plural = re.compile(r"(?<![\d.,])[01] ([^\W\d_]+s|of the 1)\b|\b(mesmos|same|das|dos|each of the) [01]\b")
    assert {term: found.group() for term, example in said.items() if (found := plural.search(example))} == {}
    assert not re.search(r"(“\w+”) (e|and|a|to) \1", said["cosine"] + said["rope"])
    if address["text"] == "a":
        for term in ("cosine", "pca", "attention_sink"):
            assert said[term] == text(f"glossary.{term}_eg_one", language)


def test_an_exponential_is_that_of_the_number_printed() -> None:
    said = explained(opened(), "exponential")
    power, result = (float(written.replace(".", "").replace(",", ".")) for written in re.findall(r"\d[\d.,]*\d", said))
    assert np.exp(power) == pytest.approx(result, abs=0.02)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("draw", range(6))
def test_what_a_draw_strikes_out_is_counted_and_what_is_left_is_only_spoken_of_where_something_is(
    language: Language, draw: int
) -> None:
    for p, row in (("0.5", "2"), ("0.9", "2"), ("0.1", "8")):
        said = explained(opened(p=p, draw=str(draw), row=row, lang=language.lower()), "dropout", language)
        config = AttentionConfig(dropout=float(p), dropout_seed=draw)
        kept = trace_lesson(COURSE, config).layers[1].kept[0, HEAD, int(row) - 1, : int(row)]
        allowed, dropped = len(kept), int((~kept).sum())
        ending = "_none" if dropped == 0 else "_all" if dropped == allowed else ""
        values = {"dropped": dropped, "allowed": allowed, "factor": number(1 / (1 - float(p)), language)}
        label = trace_lesson(COURSE).tokens.labels[int(row) - 1]
        values |= {"p": number(float(p), language, 1), "query": f"“{label}”"}
        assert said == text(f"glossary.dropout_eg{ending}", language, **values)


def test_random_weights_are_never_said_to_predict() -> None:
    app = opened(model="random")
    for term in ("next_token", "logits", "start_token", "rope", "residual", "layer_norm", "loss", "random_weights"):
        template = text(f"glossary.{term}_eg_random", "pt-BR")
        fixed = max((literal for literal, *_ in Formatter().parse(template)), key=len)
        assert fixed in explained(app, term)


def test_the_lesson_models_perceptron_is_as_wide_as_the_example_says() -> None:
    assert load_lesson_model().each_layer()[0].mlp_in.out_features == WIDENING * record()["shape"]["d_model"]


def test_a_contribution_is_the_weight_times_the_length_of_the_value() -> None:
    layer = trace_lesson(COURSE).layers[1]
    brought = contributions(layer)
    length = float((layer.value[0, 2, 4].astype(np.float64) ** 2).sum()) ** 0.5
    assert brought[2, 6, 4] == pytest.approx(layer.weights[0, 2, 6, 4] * length)


@pytest.mark.parametrize("sentence", [COURSE, "A vaca mugiu", "Quem dorme sonha com o mar e com a lua"])
@pytest.mark.parametrize("trained", [True, False])
def test_where_weight_and_contribution_differ_they_really_do(sentence: str, *, trained: bool) -> None:
    trace = trace_lesson(sentence) if trained else trace_random(tokenize(sentence), AttentionConfig())
    layer = trace.layers[-1]
    brought = contributions(layer)
    found = weight_against_contribution(layer, 0, len(trace.tokens) - 1)
    tops, most = layer.weights[0].argmax(axis=-1), brought.argmax(axis=-1)
    if found is None:
        assert (tops == most).all()
        return
    weights, parts = layer.weights[0, found.head, found.row], brought[found.head, found.row]
    assert weights[found.top] > weights[found.other]
    assert parts[found.top] < parts[found.other]
    assert weights[found.top] == weights.max()
    assert parts[found.other] == parts.max()


def test_the_misconception_is_shown_false_by_the_numbers_of_the_figure() -> None:
    app = opened()
    layer = trace_lesson(COURSE).layers[1]
    found = weight_against_contribution(layer, HEAD, 7)
    assert found is not None
    part = number(float(contributions(layer)[found.head, found.row, found.other]), "pt-BR")
    assert f"α‖v‖ = {part}" in prose(app)
    weights = layer.weights[0, found.head, found.row, : found.row + 1]
    drawn: list[dict[str, Any]] = figure(app, "glossary_weights")["data"]
    assert drawn[0]["text"] == [percent(weight, "pt-BR") for weight in weights.tolist()]


def test_a_weight_said_to_be_more_than_another_is_also_printed_as_more() -> None:
    said = prose(opened(model="random", text="A gata assustou o cachorro e ele fugiu", lang="en"))
    ((more, less),) = re.findall(r"gives more weight to .*?\((.*?%)\) than to .*?\((.*?%)\)", said)
    assert float(more.rstrip("%")) > float(less.rstrip("%"))
    assert round(float(more.rstrip("%"))) == round(float(less.rstrip("%")))  # in whole percents they look equal


def test_bars_are_shares_of_their_own_sum_and_name_the_token() -> None:
    drawn = figures.contribution_bars(
        ["<b>", "b"], np.array([0.5, 0.5]), np.array([1.0, 3.0]), language="en", theme=figures.theme_named("dark")
    )
    assert [list(trace.x) for trace in drawn.data] == [[0.5, 0.5], [0.25, 0.75]]
    assert drawn.data[1].hovertext[0] == "“&lt;b&gt;” brings 25.0% of what is added up"


def test_the_notebook_goes_on_from_the_snippets_names(tmp_path: Path) -> None:
    layer, labels = trace_lesson(COURSE).layers[1], trace_lesson(COURSE).tokens.labels
    snippet = row_snippet(layer, AttentionConfig(), HEAD, 7, labels, "pt-BR")
    cells = [install_cell("pt-BR"), map_cell(layer, HEAD, labels, "pt-BR"), code(snippet), code(CONTRIBUTIONS)]
    printed = outputs_of(executed(notebook(cells, "pt-BR"), tmp_path))
    assert printed.startswith(snippet.prints)
    last = printed.strip().splitlines()[-1]
    assert last.endswith(f"= {contributions(layer)[HEAD, 7, 7]:.3f}")


def test_a_search_typed_after_the_session_has_forgotten_a_widget_still_finds() -> None:
    app = opened()
    del app.session_state["more"]  # as Streamlit forgets what has its widget on another page
    app.text_input(key="glossary_search").set_value("softmax")
    run(app)
    assert app.session_state["term"] == "softmax"
