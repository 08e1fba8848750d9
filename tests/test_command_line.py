"""The command line as a Unix user expects it: numbers on one stream, messages on the other, honest exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attention import tokens
from attention.__main__ import FOR_A_FILE, main
from attention.texts import LANGUAGES, percent, text
from attention.tokens import ENCODINGS, tokenize

COMMAND = [sys.executable, "-m", "attention"]
ROOT = Path(__file__).parent.parent
SENTENCE = "O gato que estava no telhado miou"
RANDOM = ("--model", "random")

Captured = pytest.CaptureFixture[str]
CapturedBytes = pytest.CaptureFixture[bytes]


@pytest.fixture(autouse=True)
def _portuguese(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def table_of(printed: str) -> list[list[str]]:
    """Return the rows of the one table in `printed`, the columns' labels first."""
    lines = printed.split("\n\n")[1].splitlines()
    return [line.split() for line in lines[1:]]


# --- Text ------------------------------------------------------------------------------------------------------------


def test_a_sentence_alone_shows_every_head_and_says_what_the_numbers_are_worth(capsys: Captured) -> None:
    assert main([*RANDOM, SENTENCE]) == 0
    printed, said = capsys.readouterr()
    assert printed.startswith(SENTENCE + "\n")
    assert text("frame.badge_random", "pt-BR") in printed
    assert [f"Cabeça {head}" in printed for head in range(1, 6)] == [True] * 4 + [False]
    assert said == ""


def test_the_table_holds_the_weights_and_hides_the_future(capsys: Captured) -> None:
    main([*RANDOM, SENTENCE, "--head", "2"])
    columns, *rows = table_of(capsys.readouterr().out)
    main([*RANDOM, SENTENCE, "--format", "json"])
    weights = json.loads(capsys.readouterr().out)["layers"][0]["weights"][1]
    assert columns == list(tokenize(SENTENCE).labels)
    for i, (label, *cells) in enumerate(rows):
        assert label == columns[i]
        for j, cell in enumerate(cells):
            small = 0 < weights[i][j] < 0.0095
            assert cell == ("–" if j > i else percent(weights[i][j], "pt-BR", int(small)))


def test_columns_stay_aligned_under_wide_characters(capsys: Captured) -> None:
    assert tokenize("👍猫 gato é").labels == ("👍", "猫", "gato", "é")
    main([*RANDOM, "👍猫 gato é", "--head", "1"])
    lines = capsys.readouterr().out.split("\n\n")[1].splitlines()[1:]
    # On a terminal each of the two signs takes two cells where Python counts one character.
    assert len({len(line) + line.count("👍") + line.count("猫") for line in lines}) == 1


def test_an_emoji_family_takes_the_two_cells_it_is_drawn_in(capsys: Captured) -> None:
    pictures = ("👨‍👩‍👧", "👍🏽", "❤️")
    main([*RANDOM, " e ".join(pictures), "--words", "--no-causal", "--head", "1"])
    rows = capsys.readouterr().out.split("\n\n")[1].splitlines()[2:]
    assert [row.split()[0] for row in rows[::2]] == list(pictures)
    drawn = {len(row) - sum(len(picture) - 2 for picture in pictures if row.startswith(picture)) for row in rows}
    assert len(drawn) == 1


def test_sums_are_shown_where_they_leave_one_and_only_there(capsys: Captured) -> None:
    main([*RANDOM, SENTENCE, "--head", "1"])
    assert "soma" not in capsys.readouterr().out
    main([*RANDOM, SENTENCE, "--head", "1", "--mask-mode", "zero_after"])
    printed = capsys.readouterr().out
    assert table_of(printed)[0][-1] == "soma"
    assert text("cli.legend_sum_mask", "pt-BR") in printed
    main([*RANDOM, SENTENCE, "--head", "1", "--dropout", "0.5", "--train"])
    printed = capsys.readouterr().out
    assert table_of(printed)[0][-1] == "soma"
    assert any("×" in row for row in table_of(printed))
    assert text("cli.legend_sum_dropout", "pt-BR") in printed


def test_a_row_without_a_value_says_zero_over_zero(capsys: Captured) -> None:
    wild = ["--heads", "1", "--d-model", "1024", "--no-scale", "--mask-mode", "renormalise", "--seed", "9"]
    main([*RANDOM, SENTENCE, *wild])
    printed = capsys.readouterr().out
    assert table_of(printed)[1][:2] == ["O", "0÷0"]
    assert text("cli.legend_undefined", "pt-BR") in printed


def test_words_put_the_pieces_together(capsys: Captured) -> None:
    main([*RANDOM, SENTENCE, "--words", "--head", "1"])
    assert table_of(capsys.readouterr().out)[0] == SENTENCE.split()


def test_switches_reach_the_numbers_and_are_named(capsys: Captured) -> None:
    switches = {"--no-causal": "causal", "--no-scale": "scaled", "--no-positions": "positions"}
    main([*RANDOM, SENTENCE, "--format", "json"])
    usual = json.loads(capsys.readouterr().out)
    for switch, name in switches.items():
        main([*RANDOM, SENTENCE, "--format", "json", switch])
        moved = json.loads(capsys.readouterr().out)
        assert moved["settings"] == usual["settings"] | {name: False}
        assert moved["layers"] != usual["layers"]
        main([*RANDOM, SENTENCE, switch])
        assert text(f"export.says_{switch[2:].replace('-', '_')}", "pt-BR") in capsys.readouterr().out


def test_dropout_sleeps_without_training_and_a_note_says_so(capsys: Captured) -> None:
    main([*RANDOM, SENTENCE, "--format", "json", "--dropout", "0.5"])
    printed, said = capsys.readouterr()
    layer = json.loads(printed)["layers"][0]
    assert layer["weights"] == layer["dropped_weights"]
    assert text("cli.dropout_sleeps", "pt-BR") in said
    main([*RANDOM, SENTENCE, "--format", "json", "--dropout", "0.5", "--train"])
    printed, said = capsys.readouterr()
    layer = json.loads(printed)["layers"][0]
    assert layer["weights"] != layer["dropped_weights"]
    assert said == ""


def test_a_terminal_never_meets_what_it_would_obey(capsys: Captured) -> None:
    assert main(["a\x1b[31m\u202e\0\a b"]) == 0
    assert not set("\x1b\u202e\0\a") & set(capsys.readouterr().out)


# --- Other formats ---------------------------------------------------------------------------------------------------


def test_csv_is_read_back_by_a_program(capsys: Captured) -> None:
    main(["O gato miou", "--format", "csv", "--heads", "2", "--head", "2"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["head"] for row in rows} == {"2"}
    assert len(rows) == len(tokenize("O gato miou")) ** 2


def test_vectors_and_every_stage_of_numpy_come_from_the_same_trace(tmp_path: Path, capsysbinary: CapturedBytes) -> None:
    target = tmp_path / "gato.npz"
    assert main(["O gato miou", "--format", "npz", "--output", str(target)]) == 0
    assert main(["O gato miou", "--format", "npz"]) == 0
    assert capsysbinary.readouterr().out == target.read_bytes()
    assert main(["O gato miou", "--format", "vectors-csv", "--layer", "1"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsysbinary.readouterr().out.decode())))
    with np.load(target, allow_pickle=False) as stored:
        (output,) = [row for row in rows if (row["stage"], row["position"]) == ("output", "1")]
        numbers = [float(output[str(component + 1)]) for component in range(stored["layer_0.output"].shape[-1])]
        assert np.array_equal(np.array(numbers, np.float32), stored["layer_0.output"][0])


@pytest.mark.parametrize("form", FOR_A_FILE)
def test_what_no_terminal_can_show_asks_for_a_file(
    form: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as leaving:
        main(["O gato", "--format", form])
    assert leaving.value.code == 2
    assert text("cli.needs_output", "pt-BR", format=form) in " ".join(capsys.readouterr().err.split())


def test_html_is_written_to_a_file_in_the_reader_s_language(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "gato.html"
    assert main(["O gato <b>miou</b>", "--format", "html", "--output", str(target), "--language", "en"]) == 0
    page = target.read_text(encoding="utf-8")
    assert capsys.readouterr() == ("", "")
    assert '<html lang="en">' in page
    assert "<h1" in page
    assert "O gato &lt;b&gt;miou&lt;/b&gt;" in page
    assert "<b>miou</b>" not in page
    assert text("export.says_no_scale", "en") not in page
    main(["O gato", "--format", "html", "--output", str(target), "--no-scale", "--language", "en"])
    assert text("export.says_no_scale", "en") in target.read_text(encoding="utf-8")


def test_standard_input_is_a_text_too(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("O gato miou\n"))
    main(["-", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["text"] == "O gato miou"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["text", "json", "csv", "vectors-csv", "html"])
def test_nothing_is_fetched(encoding: str, form: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("somebody is calling out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    tokens._vocabulary.cache_clear()
    assert main([*RANDOM, SENTENCE, "--encoding", encoding, "--format", form]) == 0
    assert SENTENCE.split()[0] in capsys.readouterr().out


# --- Language --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "asked", "language"),
    [
        ("", [], "pt-BR"),
        ("C.UTF-8", [], "pt-BR"),
        ("pt_BR.UTF-8", [], "pt-BR"),
        ("en_GB.UTF-8", [], "en"),
        ("en_GB.UTF-8", ["--language", "pt-BR"], "pt-BR"),
        ("pt_BR.UTF-8", ["--language=en"], "en"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_machine_s(
    locale: str, asked: list[str], language: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", locale)
    with pytest.raises(SystemExit) as leaving:
        main(["--help", *asked])
    assert leaving.value.code == 0
    printed = capsys.readouterr().out
    said = [one for one in LANGUAGES if text("cli.description", one) in printed]
    assert said == [language]


# --- What goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([""], "empty_text"),
        (["a" * 100_000], "text_too_long"),
        (["a " * 300], "too_many_tokens"),
        (["a", "--heads", "5"], "heads_do_not_divide"),
        (["a", "--heads", "0"], "heads_do_not_divide"),
        (["a", "--d-model", "-1"], "d_model_out_of_range"),
        (["a", "--dropout", "nan"], "dropout_out_of_range"),
        (["a", "--seed", "-1"], "seed_out_of_range"),
        (["a", "--head", "5"], "no_such_head"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_bad_input_is_named_in_one_line_and_ends_with_two(
    arguments: list[str], code: str, language: str, capsys: Captured
) -> None:
    assert main([*arguments, "--language", language]) == 2
    printed, said = capsys.readouterr()
    assert printed == ""
    assert said.startswith("python -m attention: ")
    assert said.count("\n") == 1
    assert text(f"errors.{code}", "en" if language == "en" else "pt-BR")[:12] in said


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["a", "--heads", "x"], ["a", "--language", "de"], ["a", "--no"]])
def test_wrong_usage_ends_with_two(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    assert "python -m attention" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_ends_with_one(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "missing" / "gato.json"
    assert main(["a", "--format", "json", "--output", str(target)]) == 1
    printed, said = capsys.readouterr()
    assert printed == ""
    assert str(target) in said


def test_an_interruption_is_quiet(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    class Waiting(io.StringIO):
        def read(self, _size: int | None = -1) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Waiting())
    assert main(["-"]) == 128 + signal.SIGINT
    assert capsys.readouterr() == ("", "")


# --- As a process ----------------------------------------------------------------------------------------------------


def test_a_process_reads_its_input_and_writes_utf_8_whatever_the_locale() -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*COMMAND, "-", "--format", "json"],
        cwd=ROOT,
        env=environment,
        input="Não há gato 🐱\n".encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode())["text"] == "Não há gato 🐱"


def test_a_reader_that_leaves_early_is_no_error_to_talk_about() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, SENTENCE], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 128 + signal.SIGPIPE


def test_help_does_not_wait_for_torch() -> None:
    program = (
        "import attention.__main__, sys; sys.exit(any(name in sys.modules for name in ('torch', 'plotly', 'tiktoken')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


# --- The lesson model ------------------------------------------------------------------------------------------------


def test_the_lesson_model_is_the_default_and_its_json_carries_every_layer(capsys: Captured) -> None:
    assert main([SENTENCE, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["provenance"]) == ("lesson", "lesson")
    assert told["tokens"][0] == told["word_labels"][0] == "⟨início⟩"
    assert [len(layer["weights"]) for layer in told["layers"]] == [4, 4]
    assert len(told["words"]) == len(told["ids"]) == len(told["layers"][0]["weights"][0])


def test_a_layer_can_be_chosen_and_one_that_is_not_there_is_explained(capsys: Captured) -> None:
    shown = []
    for layer in ("1", "2"):
        assert main([SENTENCE, "--layer", layer, "--head", "1"]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] != shown[1]
    assert main([SENTENCE, "--layer", "3"]) == 2
    assert text("errors.no_such_layer", "pt-BR", n=2, number=3) in capsys.readouterr().err


def test_options_that_its_training_fixed_are_named_in_a_note(capsys: Captured) -> None:
    assert main([SENTENCE, "--heads", "8", "--no-positions"]) == 0
    assert "--heads, --no-positions" in capsys.readouterr().err
