"""What breaks around the app is survived, or explained with the way out. Every fault is simulated, as its part says."""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
import signal
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from attention import precomputed, tokens
from attention.__main__ import main
from attention.config import AttentionConfig
from attention.errors import AttentionError
from attention.induction.runs import Snapshot, read_line, recorded_run, write_line
from attention.induction.settings import TrainingSettings
from attention.lesson_model import files, results, tokenizer
from attention.lesson_model.history import lesson_history
from attention.lesson_model.source import WEIGHTS, load_lesson_model
from attention.lesson_model.tokenizer import tokenize_lesson
from attention.presets import PRESETS
from attention.sources import trace_random
from attention.texts import LANGUAGES, Language, text
from attention.tokens import ENCODINGS, tokenize
from attention.ui import cache, jobs, training
from attention.ui.live_figure.plotly_js import published_plotly_js
from attention.ui.state import parse
from tests.chapter.visiting import SKIPPED, keys
from tests.places import every_place
from tests.test_jobs import until
from tests.test_pages import figure, open_at, prose, run
from tests.test_training_page import open_training, press_train, run_until

UNSEEN = "A pipa azul subiu e o menino sorriu"  # no example sentence, whose numbers are stored
NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
READ_ONLY = OSError(errno.EROFS, os.strerror(errno.EROFS))


# --- A file of the model is missing or corrupt: simulated in a copy --------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the learned files that may be damaged, in the place of the real ones."""
    folder = tmp_path / "lesson_model"
    shutil.copytree(files.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(files, "FOLDER", folder)
    monkeypatch.setattr(results, "FOLDER", folder)
    _forget()
    yield folder
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    """Forget everything that was read from, or computed with, the learned files."""
    for read in (
        files.record,
        load_lesson_model,
        tokenizer.encoding,
        tokenizer.vocabulary,
        tokenizer.known_words,
        results.claims,
        lesson_history,
        precomputed._load,
    ):
        read.cache_clear()
    for name in dir(cache):
        if name.startswith("cached_"):
            getattr(cache, name).clear()


def damage(path: Path, how: str) -> None:
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9] + b"corrupted")


@pytest.mark.parametrize("how", ["missing", "corrupt"])
@pytest.mark.parametrize("name", [WEIGHTS, tokenizer.PIECES, "record.json", results.FILE])
def test_no_page_breaks_on_a_damaged_file_of_the_model(copy: Path, name: str, how: str) -> None:
    damage(copy / name, how)
    for place in every_place():
        app = open_at({"text": UNSEEN} | place.query)
        run(app.switch_page(place.script))
        assert app.title, place
        assert not app.error, place
        told = " ".join(message.value.replace("\\", "") for message in app.info)
        assert name not in told or "make lesson-model" in told, place


@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_a_file_that_a_page_meets_half_way_is_named_below_what_is_there(copy: Path, how: str) -> None:
    damage(copy / results.FILE, how)
    app = open_at({"text": UNSEEN})
    assert keys(app) == ["sentence", "heads", "head_map"]
    assert results.FILE in app.info[-1].value.replace("\\", "")
    assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_the_damaged_model_is_named_with_the_way_out_and_random_weights_still_work(
    copy: Path, language: Language, how: str
) -> None:
    damage(copy / WEIGHTS, how)
    app = open_at({"lang": language.lower(), "text": UNSEEN})
    said = text("errors.damaged_lesson_model", language, file=WEIGHTS, command="make lesson-model")
    assert app.info[0].value.replace("\\", "") == said
    app.radio(key="model").set_value("random")
    run(app)
    assert not app.info
    assert keys(app) == ["sentence", "heads", "head_map"]


@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_without_the_stored_traces_the_first_page_computes_its_numbers(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored = tmp_path / precomputed.FILE.name
    shutil.copy(precomputed.FILE, stored)
    if how == "missing":
        stored.unlink()
    else:
        stored.write_bytes(stored.read_bytes()[: stored.stat().st_size // 2])
    monkeypatch.setattr(precomputed, "FILE", stored)
    _forget()
    app = open_at({})
    assert keys(app)[:3] == ["sentence", "heads", "head_map"]
    assert precomputed.FILE.name in caplog.text
    assert precomputed.stored_trace(PRESETS[0].text, "lesson", AttentionConfig()) is None
    monkeypatch.undo()
    _forget()


def test_a_damaged_model_does_not_end_the_warming_up_with_a_trace(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    damage(copy / WEIGHTS, "corrupt")
    cache._warm()
    assert WEIGHTS in caplog.text
    assert "Traceback" not in caplog.text


# --- The disk is full or read-only: simulated by the errors the system would give ------------------------------------


@pytest.mark.parametrize("fault", [NO_SPACE, READ_ONLY], ids=["full", "read-only"])
def test_where_plotly_js_cannot_be_written_the_log_says_what_to_do_and_nothing_half_written_is_left(
    fault: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path, content: bytes) -> int:
        if fault is NO_SPACE:
            with path.open("wb") as file:
                file.write(content[:1000])  # what still fitted
        raise fault

    monkeypatch.setattr(Path, "write_bytes", refuse)
    folder = tmp_path / f"static {fault.errno}"
    published_plotly_js(folder)
    assert list(folder.iterdir()) == []
    assert "Make its folder writable" in caplog.text


@pytest.mark.parametrize("fault", [NO_SPACE, READ_ONLY], ids=["full", "read-only"])
@pytest.mark.parametrize("form", ["csv", "npz"])
def test_an_export_that_cannot_be_written_names_its_file_and_the_cause(
    fault: OSError, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"gato.{form}"

    def refuse(path: Path, _content: bytes) -> int:
        raise OSError(fault.errno, fault.strerror, str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert main(["O gato", "--format", form, "--output", str(target)]) == 1
    printed, said = capsys.readouterr()
    assert printed == ""
    assert said == f"python -m attention: {target}: {fault.strerror}\n"


@pytest.mark.parametrize(
    ("script", "text", "names"),
    [
        ("pages/explore.py", UNSEEN, ["csv", "vectors", "json", "npz", "html", "handout"]),
        ("pages/explore.py", "gato " * (tokens.MAX_TOKENS + 10), ["csv", "html"]),
        ("pages/causal_mask.py", UNSEEN, ["causal_mask_notebook"]),
    ],
    ids=["every form", "a long text", "a notebook"],
)
def test_downloads_are_made_without_a_disk(
    script: str, text: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, str | bytes] = {}

    def download(_label: str, *, data: Callable[[], str | bytes], key: str, **_: object) -> None:
        made[key.removeprefix("download_")] = data()  # as Streamlit does once the button is pressed

    monkeypatch.setattr("streamlit.download_button", download)
    app = open_at({"more": "1", "tab": "downloads"})
    app.session_state["text"] = text
    app.session_state["guess_of_causal_mask"], app.session_state["causal_mask_code"] = SKIPPED, True
    made.clear()
    with nowhere_to_write():
        run(app.switch_page(script))
    assert list(made) == names
    assert all(made.values())


@contextmanager
def nowhere_to_write() -> Iterator[None]:
    """Refuse every file that would be opened to be written, and every folder that would be made."""
    opening, opening_by_number = open, os.open

    def opened(file: object, mode: str = "r", *rest: object, **options: object) -> object:
        if set(mode) & set("wax+"):
            raise READ_ONLY
        return opening(file, mode, *rest, **options)  # type: ignore[call-overload]

    def opened_by_number(path: str, flags: int, *rest: object, **options: object) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise READ_ONLY
        return opening_by_number(path, flags, *rest, **options)  # type: ignore[arg-type]

    def refuse(*_: object, **__: object) -> None:
        raise READ_ONLY

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(builtins, "open", opened)
        patched.setattr(io, "open", opened)  # what `Path.open` asks
        patched.setattr(os, "open", opened_by_number)  # what `tempfile` asks
        patched.setattr(os, "mkdir", refuse)
        yield


def test_where_there_is_nowhere_to_write_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    writers: list[Callable[[], object]] = [
        lambda: file.write_bytes(b"x"),
        lambda: file.open("a"),
        lambda: np.save(file, np.zeros(1)),
        tempfile.mkstemp,
        (tmp_path / "folder").mkdir,
    ]
    with nowhere_to_write():
        for write in writers:
            with pytest.raises(OSError, match=READ_ONLY.strerror):
                write()
    assert list(tmp_path.iterdir()) == []


# --- A request that would not fit in memory: refused before anything is allocated ------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda: AttentionConfig(d_model=10**9, n_heads=1),
        lambda: AttentionConfig(d_model=96, n_heads=10**9),
        *(lambda encoding=encoding: tokenize(HUGE, encoding) for encoding in ENCODINGS),
        lambda: tokenize_lesson(HUGE),
        lambda: tokenize("a " * (tokens.MAX_CHARACTERS // 2)),
        lambda: parse({"v": "1", "text": HUGE, "heads": "9" * 10**6, "dims": "9" * 10**6, "row": "9" * 10**6}),
    ],
)
def test_what_would_not_fit_is_refused_before_it_is_allocated(ask: Callable[[], object]) -> None:
    for encoding in ENCODINGS:
        tokenize("a", encoding)  # the vocabularies are in memory before
    tokenize_lesson("a")
    tracemalloc.start()
    try:
        with suppress(AttentionError):  # an address is read; what it asks too much of is ignored
            ask()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most <= 6 * len(HUGE)


HUGE = "gato " * 1_000_000


def test_the_largest_request_there_is_stays_within_its_bound() -> None:
    config = AttentionConfig(n_heads=12)
    longest = tokenize("gato " * (tokens.MAX_TOKENS - 2))
    (layer,) = trace_random(longest, config).layers
    held = sum(getattr(layer, name).nbytes for name in layer.__slots__)
    cells = 12 * len(longest) ** 2
    assert held < 25 * cells  # four stages of 4 bytes each, and a few of one


# --- A worker is killed: simulated by the signal the system sends when memory runs out -------------------------------


def test_a_killed_training_is_told_and_the_next_visitor_s_starts() -> None:
    first = recorded_run().snapshots[0]
    waits = f"import sys; print({write_line(first)!r}, flush=True); sys.stdin.read()"
    started: list[int] = []

    def command(_: TrainingSettings) -> list[str]:
        started.append(len(started))
        return [sys.executable, "-c", waits]

    desk: jobs.Desk[TrainingSettings, Snapshot] = jobs.Desk(command, read_line)
    killed, waiting = desk.submit(TrainingSettings()), desk.submit(TrainingSettings())
    until(lambda: progress(desk, killed).snapshots)
    process = desk._jobs[killed].process
    assert process
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: progress(desk, killed).state == "failed")
    until(lambda: progress(desk, waiting).snapshots)
    assert progress(desk, waiting).state == "running"
    assert started == [0, 1]
    desk.close()


def test_a_killed_training_on_the_page_is_a_message_and_the_record_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = recorded_run().snapshots[0]
    waits = f"import sys; print({write_line(first)!r}, flush=True); sys.stdin.read()"
    desk: jobs.Desk[TrainingSettings, Snapshot] = jobs.Desk(lambda _: [sys.executable, "-c", waits], read_line)
    monkeypatch.setattr(training, "training_desk", lambda: desk)
    app = open_training()
    press_train(app)
    name = app.session_state["training_job"]
    until(lambda: progress(desk, name).snapshots)
    process = desk._jobs[name].process
    assert process
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: progress(desk, name).state == "failed")
    run_until(app, lambda: app.warning)
    assert app.warning[0].value == text("training.failed", "pt-BR")
    assert "training_curves" in keys(app)
    desk.close()


def progress(desk: jobs.Desk[TrainingSettings, Snapshot], name: str) -> jobs.Progress[TrainingSettings, Snapshot]:
    found = desk.look(name)
    assert found
    return found


# --- Two tabs, two languages -----------------------------------------------------------------------------------------


def test_two_tabs_keep_their_languages_while_both_are_used() -> None:
    languages: tuple[Language, Language] = ("pt-BR", "en")
    tabs = {language: open_at({"lang": language.lower(), "model": "random"}) for language in languages}
    for row in (2, 3):
        for language, other in (languages, languages[::-1], languages):
            app = tabs[language]
            app.session_state["row"] = row
            run(app)
            assert app.title[0].value == text("explore.title", language)
            assert text("frame.badge_random_help", language) in prose(app)
            assert text("frame.badge_random_help", other) not in prose(app)
    titles = [figure(tabs[language], "head_map")["layout"]["xaxis"]["title"]["text"] for language in languages]
    assert titles[0] != titles[1]
