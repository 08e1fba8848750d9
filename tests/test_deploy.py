"""What can be run of `deploy/` without containers is run: the image's own commands, on the files that go into it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attention.ui.readiness import ALIVE_PATH, READY_PATH, WARM_FIRST
from scripts.live_app import ROOT, free_port

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PORT = "8501"


def commands(instruction: str) -> list[list[str]]:
    """Return the commands that the Dockerfile gives as lists, with this Python in place of the image's."""
    found = [json.loads(line) for line in re.findall(rf"^{instruction}.*?(\[.*\])$", DOCKERFILE, re.MULTILINE)]
    return [[sys.executable, *arguments] for _, *arguments in found]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the image holds: the files that are let in, and what building adds to them."""
    folder = tmp_path_factory.mktemp("image")
    let_in = re.findall(r"^!(\S+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    for name in let_in:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.js.gz")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    for command in commands("RUN"):
        subprocess.run(command, cwd=folder, env=environment(folder), check=True)
    return folder


def environment(image: Path) -> dict[str, str]:
    """Return the variables of a process of the image."""
    return os.environ | {"PYTHONPATH": str(image), WARM_FIRST: "1"}


def test_the_image_is_built_with_what_a_first_start_would_write(image: Path) -> None:
    assert [path.name for path in (image / "static").glob("*.js.gz")] != []
    assert list((image / "attention" / "__pycache__").glob("config.*.pyc")) != []


def test_the_image_s_command_serves_and_its_health_check_waits_until_it_is_ready(image: Path) -> None:
    port = str(free_port())
    [serve], [check] = (
        [[argument.replace(PORT, port) for argument in command] for command in commands(instruction)]
        for instruction in ("CMD", "HEALTHCHECK")
    )
    assert f"{WARM_FIRST}=1" in DOCKERFILE
    assert not succeeds(check)  # nobody is there
    with subprocess.Popen(serve, cwd=image, env=environment(image), stdout=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 120
            while not succeeds(check):
                assert process.poll() is None
                assert time.monotonic() < end, "never healthy"
                time.sleep(0.1)
        finally:
            process.terminate()


def succeeds(command: list[str]) -> bool:
    """Say whether a command ends well."""
    return not subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


def test_every_probe_asks_what_the_app_answers() -> None:
    manifest = (DEPLOY / "kubernetes" / "deployment.yaml").read_text(encoding="utf-8")
    probes = dict(re.findall(r"(\w+)Probe:.*?path: ([^,]+),", manifest, re.DOTALL))
    assert probes == {"startup": ALIVE_PATH, "readiness": READY_PATH, "liveness": ALIVE_PATH}
    [check] = commands("HEALTHCHECK")
    assert READY_PATH in check[-1]


def test_proxy_probes_and_image_speak_of_the_same_port() -> None:
    assert f"EXPOSE {PORT}\n" in DOCKERFILE
    assert f"--server.port={PORT}" in DOCKERFILE
    assert f"containerPort: {PORT}" in (DEPLOY / "kubernetes" / "deployment.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^server app:(\d+) ", (DEPLOY / "replicas.conf").read_text(encoding="utf-8"), re.MULTILINE) == [
        PORT
    ]


def test_images_are_named_without_a_registry() -> None:
    files = [DEPLOY / "Dockerfile", *DEPLOY.rglob("*.yaml")]
    written = "\n".join(path.read_text(encoding="utf-8") for path in files)
    images = re.findall(r"^\s*(?:FROM|(?:- )?image:) (\S+)", written, re.MULTILINE)
    assert set(images) == {"python:3.13-slim", "nginx:stable", "atencao-ao-vivo"}


def test_a_container_may_take_all_that_a_process_is_said_to_take() -> None:
    said = (DEPLOY / "README.md").read_text(encoding="utf-8")
    ready, first, visitor, *others = map(int, re.findall(r"^\| .* \| (\d+) \|$", said, re.MULTILINE))
    everything = first + 60 * visitor + sum(others)
    assert ready < first
    assert f"{everything:,} MB" in said
    for name, written in (
        ("compose.yaml", r"limits:.*?memory: (\d+)g"),
        ("kubernetes/deployment.yaml", r"memory: (\d+)Gi"),
    ):
        limit = re.search(written, (DEPLOY / name).read_text(encoding="utf-8"), re.DOTALL)
        assert limit
        assert everything * 1e6 < int(limit[1]) * 2**30
