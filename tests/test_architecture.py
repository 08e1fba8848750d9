"""The house keeps its plan: who may import whom, and what stands in one room only."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Imports point downwards. A module may import its own floor and every floor below it, but nobody imports the
# command line.
UPPER_FLOORS: tuple[tuple[str, ...], ...] = (
    ("app",),
    ("pages",),
    ("attention.ui",),
    ("attention.__main__",),
    ("attention.notebooks",),
    (
        "attention.exports",
        "attention.html_pages",
        "attention.snippets",
        "attention.snippets_block",
        "attention.snippets_race",
        "attention.snippets_heads",
        "attention.snippets_query_key",
        "attention.snippets_why_context",
        "attention.snippets_training",
    ),
    ("attention.figures",),
)
CORE_FLOORS: tuple[tuple[str, ...], ...] = (
    ("attention.anatomy",),
    ("attention.lesson_model",),
    (
        "attention.alignment",
        "attention.blocks",
        "attention.draws",
        "attention.dot_products",
        "attention.gradient_step",
        "attention.head_similarity",
        "attention.importance",
        "attention.induction",
        "attention.head_measures",
        "attention.metrics",
        "attention.mixing",
        "attention.precomputed",
        "attention.presets",
        "attention.race",
        "attention.shared_words",
        "attention.sources",
        "attention.trace",
        "attention.views",
        "attention.word_order",
        "attention.worked",
    ),
    ("attention.modules",),
    ("attention.steps",),
    ("attention.config",),
    ("attention.tokens",),
    ("attention.errors", "attention.worker"),
)
FLOORS = UPPER_FLOORS + CORE_FLOORS
CORE = tuple(room for floor in CORE_FLOORS for room in floor)
# Beside the floors: the words, which the core does not know, and the public names, which no room imports.
TEXTS = "attention.texts"
PUBLIC = "attention"
ROOMS = {room for floor in FLOORS for room in floor} | {TEXTS, PUBLIC}

# Each of these libraries has its rooms; a library that is not listed may be used anywhere.
LIBRARY_ROOMS: dict[str, tuple[str, ...]] = {
    "streamlit": ("app", "pages", "attention.ui"),
    "starlette": ("app", "attention.ui.readiness", "attention.ui.uploads"),
    "plotly": ("attention.figures", "attention.html_pages", "attention.ui.live_figure"),
    "torch": (
        "attention.anatomy",
        "attention.steps",
        "attention.modules",
        "attention.sources",
        "attention.draws",
        "attention.word_order",
        "attention.gradient_step",
        "attention.lesson_model.claims",
        "attention.lesson_model.evaluation",
        "attention.lesson_model.heads_off",
        "attention.lesson_model.later_layers",
        "attention.lesson_model.network",
        "attention.lesson_model.recording",
        "attention.lesson_model.source",
        "attention.lesson_model.streams",
        "attention.lesson_model.training",
        "attention.induction.network",
        "attention.induction.training",
        "attention.induction.__main__",
        "attention.race.timing",
        "attention.race.__main__",
    ),
    "tiktoken": ("attention.tokens", "attention.lesson_model.tokenizer"),
    "scipy": ("attention.head_similarity",),
}
MATHEMATICS = ("attention.steps", "attention.modules", "attention.sources")  # nothing changes in place here
MAY_CACHE = ("attention.ui.cache",)
MAY_PRINT = ("attention.__main__",)

# Importing anything else never loads torch: the first page does not wait for it.
HEAVY = LIBRARY_ROOMS["torch"]
COMMAND_LINE = "attention.__main__"


def test_every_file_keeps_the_plan() -> None:
    found = {str(path): list(complaints(module, source)) for path, module, source in project_files()}
    assert {path: said for path, said in found.items() if said} == {}


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("attention.steps", "import attention.figures", "may not import attention.figures"),
        ("attention.steps", "from attention import figures", "may not import attention.figures"),
        ("attention.steps", "def f():\n    from attention.ui.state import read", "may not import attention.ui"),
        ("attention.figures.theme", "from attention.exports import to_csv", "may not import attention.exports"),
        ("attention.ui.state", "import pages.explore", "may not import pages"),
        ("attention.metrics", "from attention.texts import text", "may not import attention.texts"),
        ("attention.views", "from attention import attend", "may not import attention"),
        ("attention.errors", "from .config import MAX_SEED", "relative import"),
        ("attention.figures.row", "from attention.views import _secret", "private name _secret"),
        ("attention.figures.row", "import streamlit as st", "may not import streamlit"),
        ("attention.ui.state", "import plotly.graph_objects as go", "may not import plotly"),
        ("attention.figures.row", "from torch import Tensor", "may not import torch"),
        ("pages.explore", "import tiktoken", "may not import tiktoken"),
        ("attention.figures.row", "print('done')", "print("),
        ("pages.explore", "st.markdown(words, unsafe_allow_html=True)", "unsafe_allow_html"),
        ("pages.explore", "@st.cache_data\ndef f(): ...", "cache_data"),
        ("attention.ui.state", "from streamlit import cache_resource", "cache_resource"),
        ("attention.ui.state", "from attention.__main__ import main", "may not import attention.__main__"),
        ("attention.__main__", "from attention.ui import state", "may not import attention.ui"),
        ("app", "import attention.__main__", "may not import attention.__main__"),
        ("pages.explore", "import streamlit as s\n@s.cache_data\ndef f(): ...", "cache_data"),
        ("pages.explore", "st.html(words)", "html"),
        ("pages.explore", "from streamlit import html", "html"),
        ("attention.ui.more", "import streamlit as s\ns.html(words)", "html"),
        ("attention.sources", "torch.manual_seed(0)", "manual_seed"),
        ("attention.sources", "torch.random.manual_seed(0)", "manual_seed"),
        ("attention.sources", "torch.cuda.manual_seed_all(0)", "manual_seed_all"),
        ("attention.sources", "import torch as t\nt.manual_seed(0)", "manual_seed"),
        ("attention.sources", "from torch import manual_seed", "manual_seed"),
        ("attention.sources", "from torch.random import manual_seed as seed", "manual_seed"),
        ("attention.steps", "scores.masked_fill_(mask, 0)", "masked_fill_"),
        ("attention.steps", "scores *= 2", "in place"),
        ("attention.modules", "scores[mask] = 0", "in place"),
        ("attention.sources", "first, scores[0] = one, two", "in place"),
        ("attention.wardrobe", "import math", "has no room"),
    ],
)
def test_a_planted_violation_is_seen(module: str, source: str, complaint: str) -> None:
    assert any(complaint in said for said in complaints(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "pages.explore",
            "import streamlit as st\nfrom attention.ui.state import read\nfrom attention.texts import text",
        ),
        ("attention.ui.cache", "import streamlit as st\n@st.cache_data\ndef f(): ..."),
        ("attention.sources", "import torch\ngenerator = torch.Generator().manual_seed(0)"),
        (
            "attention.figures.row",
            "from attention.figures.theme import MARGIN\nfrom attention.views import WeightsView",
        ),
        ("attention.__main__", "print('the command line prints')"),
    ],
)
def test_what_the_plan_allows_passes(module: str, source: str) -> None:
    assert list(complaints(module, source)) == []


def test_importing_a_light_module_leaves_torch_out() -> None:
    light = [module for _, module, _ in project_files() if within(module, ("attention",)) and not within(module, HEAVY)]
    assert {"attention.ui.more", "attention.exports", "attention.metrics", "attention.precomputed"} < set(light)
    program = (
        "import importlib, sys\n"
        f"for module in {light}:\n"
        "    importlib.import_module(module)\n"
        "    if 'torch' in sys.modules:\n"
        "        sys.exit(f'{module} loads torch')"
    )
    asked = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr


def test_every_imported_library_is_pinned() -> None:
    pinned = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))
    used = {
        target.split(".")[0]
        for _, _, source in project_files()
        for node in ast.walk(ast.parse(source))
        for target in imported(node)
    }
    assert used - sys.stdlib_module_names - {"attention", "pages"} == pinned


def test_a_folder_of_the_package_holds_at_least_two_files() -> None:
    folders = [path for path in (ROOT / "attention").rglob("*") if path.is_dir() and path.name != "__pycache__"]
    assert [str(folder) for folder in folders if sum(path.is_file() for path in folder.iterdir()) < 2] == []


def project_files() -> Iterator[tuple[Path, str, str]]:
    """Yield each Python file of the app: its path, its dotted name and its source."""
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "attention").rglob("*.py")]:
        relative = path.relative_to(ROOT)
        module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
        yield relative, module, path.read_text(encoding="utf-8")


def complaints(module: str, source: str) -> Iterator[str]:
    """Yield a sentence for each rule that the module called `module` breaks."""
    room = room_of(module)
    if room == PUBLIC != module:
        yield f"{module} has no room: give it a floor in this file"
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"line {node.lineno}: relative import; write the whole name"
        for target in imported(node):
            if target.split(".")[0] in {"app", "pages", "attention"}:
                if room_of(target) not in visible_from(room):
                    yield f"{room} may not import {room_of(target)}"
            elif not within(module, LIBRARY_ROOMS.get(target.split(".")[0], (module,))):
                yield f"{module} may not import {target.split('.')[0]}"
        yield from bad_manners(module, node)


def bad_manners(module: str, node: ast.AST) -> Iterator[str]:
    """Yield a sentence for each thing in `node` that is never written, or only in one room."""
    match node:
        case ast.ImportFrom(module=source, names=names) if source and source.split(".")[0] in {"attention", "pages"}:
            for alias in names:
                if alias.name.startswith("_") and room_of(source) != room_of(module):
                    yield f"line {node.lineno}: private name {alias.name} of {source}"
        case ast.ImportFrom(names=names) if not node.level:
            for alias in names:
                yield from forbidden_name(module, alias.name, node.lineno)
        case ast.Attribute(attr="manual_seed", value=ast.Call()):
            return  # torch.Generator().manual_seed(…): its own seed, not torch's
        case ast.Attribute(attr=attribute):
            yield from forbidden_name(module, attribute, node.lineno)
        case ast.Call(func=ast.Attribute(attr=attribute)) if within(module, CORE) and IN_PLACE.fullmatch(attribute):
            yield f"line {node.lineno}: {attribute} changes a tensor in place"
        case ast.AugAssign() | ast.Subscript(ctx=ast.Store() | ast.Del()) if within(module, MATHEMATICS):
            yield f"line {node.lineno}: a tensor may change in place"
        case ast.Call(func=ast.Name(id="print")) if not within(module, MAY_PRINT):
            yield f"line {node.lineno}: print( in library code"
        case ast.keyword(arg="unsafe_allow_html"):
            yield f"line {node.value.lineno}: unsafe_allow_html; user text is data"


def forbidden_name(module: str, name: str, line: int) -> Iterator[str]:
    """Yield a sentence if what a library calls `name` may not be used in `module`, whatever the library is called."""
    if name in {"cache_data", "cache_resource"} and not within(module, MAY_CACHE):
        yield f"line {line}: {name} belongs in {MAY_CACHE[0]}"
    if name == "html" and within(module, LIBRARY_ROOMS["streamlit"]):
        yield f"line {line}: st.html; user text is data"
    if name in {"manual_seed", "manual_seed_all"}:
        yield f"line {line}: {name}; seed a torch.Generator instead"


IN_PLACE = re.compile(r"[a-z]\w*[a-z0-9]_")  # masked_fill_, add_; not _private, not __special__


def imported(node: ast.AST) -> list[str]:
    """Return the dotted names an import statement brings in; none for any other node."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def room_of(name: str) -> str:
    """Return the room that `name` belongs to: the longest room that begins it."""
    return max((room for room in ROOMS if within(name, (room,))), key=len, default=name)


def within(name: str, rooms: tuple[str, ...]) -> bool:
    """Say whether `name` is one of `rooms`, or something inside one."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def visible_from(room: str) -> set[str]:
    """Return the rooms that `room` may import."""
    if room == TEXTS:
        return {TEXTS}
    if room == PUBLIC:
        return {PUBLIC, *CORE}
    depth = next(depth for depth, floor in enumerate(FLOORS) if room in floor)
    below = {other for floor in FLOORS[depth:] for other in floor} - ({COMMAND_LINE} - {room})
    return below if room in CORE else below | {TEXTS}


def test_what_is_cached_by_settings_is_keyed_by_what_they_say() -> None:
    tree = ast.parse((ROOT / "attention/ui/cache.py").read_text(encoding="utf-8"))
    cached = [
        function
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and function.decorator_list
        and any(name in ast.unparse(function.args) for name in ("AttentionConfig", "Shown"))
    ]
    assert len(cached) > 10
    slow = [
        each.name
        for each in cached
        if not re.search(r"hash_funcs=BY_REPR|^kept\(", ast.unparse(each.decorator_list[0]))  # the latter hashes them
    ]
    assert slow == []
