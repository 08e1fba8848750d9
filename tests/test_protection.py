"""Nobody gets in: the real server, with its production settings, refuses what another site or a stranger would try."""

from __future__ import annotations

import ast
import http.client
import re
from collections.abc import Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import requires, version
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from streamlit.testing.v1 import AppTest

from attention.texts import LANGUAGES, text
from attention.ui import more
from scripts.live_app import ROOT, running_app

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
UPLOAD = "/_stcore/upload_file/11111111-1111-1111-1111-111111111111/22222222-2222-2222-2222-222222222222"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_app(ROOT / "app.py") as url:
        yield url


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one request."""

    status: int
    headers: Mapping[str, str]
    body: str  # of a page: at most its beginning


def answer(server: str, method: str, path: str, **headers: str) -> Answer:
    """Return the server's answer to one request, sent as it stands: no library tidies the path."""
    with closing(http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        with connection.getresponse() as got:
            body = "" if got.status == 101 else got.read(100_000).decode("utf-8", "replace")
            return Answer(got.status, dict(got.getheaders()), body)


def test_a_session_opens_from_the_page_itself_and_from_no_other_site(server: str) -> None:
    statuses = {
        origin: answer(server, "GET", "/_stcore/stream", **HANDSHAKE, Origin=origin).status
        for origin in (server, "https://example.org", "null")
    }
    assert statuses == {server: 101, "https://example.org": 403, "null": 403}


def test_a_file_from_another_site_is_refused(server: str) -> None:
    assert answer(server, "PUT", UPLOAD, Origin="https://example.org").status == 403
    assert answer(server, "PUT", UPLOAD).status == 403


def test_no_answer_invites_another_site_to_read_it(server: str) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/host-config"):
        told = answer(server, "GET", path, Origin="https://example.org").headers
        assert "access-control-allow-origin" not in {name.lower() for name in told}, path


@pytest.mark.parametrize(
    "path",
    [
        "/app/static/../app.py",
        "/app/static/%2e%2e/app.py",
        "/app/static/..%2f.streamlit/config.toml",
        "/app/static//etc/passwd",
        "/.streamlit/config.toml",
        "/static/../../app.py",
    ],
)
def test_no_file_of_the_server_is_served_but_those_of_the_static_folder(server: str, path: str) -> None:
    served = answer(server, "GET", path).body
    assert "root:" not in served
    assert "st.App(" not in served
    assert "enableXsrfProtection" not in served


def test_no_agent_is_served(server: str) -> None:
    assert answer(server, "POST", "/_stcore/agent/interact").status in (403, 404, 405)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistake_in_a_page_is_told_in_the_readers_language_and_the_address_keeps_the_choices(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(more, "panel", break_down)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update({"lang": language.lower(), "head": "3", "v": "1"})
    app.run()
    (told,) = app.error
    assert told.value == text("errors.unexpected", language)  # type: ignore[arg-type]
    assert "secret" not in told.value
    assert app.exception  # for the log
    assert app.query_params["head"] in ("3", ["3"])


# --- What is installed and what is read ------------------------------------------------------------------------------

REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))
CONSTRAINTS = "requirements-constraints.txt"
PINNED = re.compile(r"([\w.-]+)==([\w.]+)")
OF_THE_ENVIRONMENT = {"pip", "setuptools"}  # what `python -m venv` brings


def lines_of(path: Path) -> list[str]:
    """Return what a file of requirements says, without its comments."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line]


def pins() -> dict[str, str]:
    """Return the version that each requirement and constraint is pinned to."""
    found = [PINNED.fullmatch(line) for path in REQUIREMENTS for line in lines_of(path)]
    return {canonicalize_name(pin[1]): pin[2] for pin in found if pin}


def needed(name: str, extras: Set[str] = frozenset(), seen: set[tuple[str, Set[str]]] | None = None) -> set[str]:
    """Return what an installed package needs, and what that needs in its turn, on every machine alike."""
    seen = set() if seen is None else seen
    if (name, extras) in seen:
        return set()
    seen.add((name, extras))
    names = set()
    for each in map(Requirement, requires(name) or []):
        marker = each.marker
        if marker and re.search("platform|os_name", str(marker)):
            continue  # what some machines have only is left free
        if not marker or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            names |= {canonicalize_name(each.name)} | needed(each.name, frozenset(each.extras), seen)
    return names


def test_every_requirement_is_pinned_to_one_version() -> None:
    referring = re.compile(r"-r requirements[\w-]*\.txt|-c " + re.escape(CONSTRAINTS))
    lines = [line for path in REQUIREMENTS for line in lines_of(path)]
    unpinned = [line for line in lines if not referring.fullmatch(line) and not PINNED.fullmatch(line)]
    assert len(REQUIREMENTS) >= 3
    assert unpinned == []


def test_every_file_of_requirements_is_read_with_the_constraints() -> None:
    for path in REQUIREMENTS:
        if path.name != CONSTRAINTS:
            lines = lines_of(path)
            assert f"-c {CONSTRAINTS}" in lines or any(line.startswith("-r ") for line in lines), path.name


def test_what_the_requirements_need_is_pinned_too_and_installed_as_pinned() -> None:
    direct = {pin[1] for line in lines_of(ROOT / "requirements-dev.txt") if (pin := PINNED.fullmatch(line))}
    direct |= {pin[1] for line in lines_of(ROOT / "requirements.txt") if (pin := PINNED.fullmatch(line))}
    names = {canonicalize_name(name) for name in direct}.union(*(needed(name) for name in direct)) - OF_THE_ENVIRONMENT
    pinned = pins()
    assert {"tornado", "markupsafe", "greenlet"} <= names  # of what asks for them, one or two steps away
    assert names - set(pinned) == set()
    installed = {name: version(name).partition("+")[0] for name in names}  # torch's build follows a plus
    assert installed == {name: pinned[name] for name in names}


PICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}


def unpickling(source: str) -> list[str]:
    """Return what some source could run a stranger's code with: pickle, `torch.load`, `numpy.load` that allows it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in PICKLING]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module] if node.module.split(".")[0] in PICKLING else []
            found += [f"{node.module}.load" for alias in node.names if (node.module, alias.name) == ("torch", "load")]
        elif isinstance(node, ast.Attribute) and node.attr in ("read_pickle", "to_pickle"):
            found.append(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "load":
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if owner in ("np", "numpy"):
                allowed = [ast.unparse(key.value) for key in node.keywords if key.arg == "allow_pickle"]
                found += ["numpy.load that may unpickle"] if allowed != ["False"] else []
            elif owner == "torch":
                found.append("torch.load")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import torch\ntorch.load('x')",
        "from torch import load",
        "import numpy as np\nnp.load('x')",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "frame.read_pickle('x')",
    ],
)
def test_planted_unpickling_is_seen(source: str) -> None:
    assert unpickling(source)


def test_nothing_is_unpickled_anywhere() -> None:
    folders = ("attention", "pages", "scripts", "benchmarks", "tests")
    sources = [ROOT / "app.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    found = {str(path): unpickling(path.read_text(encoding="utf-8")) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}
