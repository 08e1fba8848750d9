"""Two replicas behind the very nginx of `deploy/`: visitors stick to theirs, and losing one costs a reconnect.

The replicas run as in the container: they warm up first, and may write nowhere but in their temporary folder.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import FilePayload, Page, expect

from attention.texts import text
from attention.ui.live_figure.plotly_js import published_plotly_js
from attention.ui.readiness import READY_PATH, WARM_FIRST
from attention.ui.share.files import write_state
from attention.ui.state import MAX_LINK_CHARACTERS, ViewState
from scripts.ensure_nginx import WAY_OUT, find_nginx
from scripts.live_app import ROOT, Served, free_port, running_process, wait_idle
from tests.browser.conftest import OpenPage

COOKIE = "attention_visitor"
SENTENCE = "A gata dormiu e o cachorro latiu"
VISITS = re.compile(r"(?P<status>\d+) (?P<method>\w+) (?P<path>\S+) visitor=(?P<visitor>\w+) replica=(?P<replica>.+) ")
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

# Refuses what a read-only file system refuses, and writes down who asked.
READ_ONLY = """
import errno, os, sys, tempfile

MAY_WRITE = (os.environ["TMPDIR"], "/dev/", "/proc/")
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

def refuse(event, details):
    if not (event in CHANGES or event == "open" and isinstance(details[2], int) and details[2] & WRITES):
        return
    path = details[0]
    if isinstance(path, int):
        return
    path = os.path.abspath(os.fsdecode(path))
    if not path.startswith(MAY_WRITE):
        with open(os.path.join(os.environ["TMPDIR"], "attempts.txt"), "a") as attempts:
            attempts.write(f"{event} {path}\\n")
        raise OSError(errno.EROFS, "read-only", path)

sys.addaudithook(refuse)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back through nginx, and the visitor's number it came back to."""

    status: int
    visitor: str
    cookies: dict[str, str]


@dataclass(slots=True)
class School:
    """The replicas, nginx before them, and what nginx wrote down."""

    folder: Path
    address: str = ""
    running: dict[str, tuple[Served, ExitStack]] = field(default_factory=dict)  # by host and port

    def start(self, port: int) -> None:
        """Start the replica of that port; it is not ready yet."""
        environment = {
            WARM_FIRST: "1",
            "PYTHONPATH": os.pathsep.join([str(self.folder / "read_only"), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self.folder / "tmp"),
            "HOME": str(self.folder / "tmp"),
        }
        stack = ExitStack()
        process = running_process(ROOT / "app.py", port=port, environment=environment, wait=False)
        self.running[f"127.0.0.1:{port}"] = stack.enter_context(process), stack

    def kill(self, replica: str) -> None:
        """End a replica as a machine does that loses its power."""
        served, stack = self.running.pop(replica)
        served.process.kill()
        stack.close()

    def ask(self, path: str, visitor: str | None = None, *, method: str = "GET", **headers: str) -> Answer:
        """Ask nginx, as the visitor of that number or as a new one."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if visitor:
            sent["Cookie"] = "; ".join([f"{COOKIE}={visitor}", *filter(None, [sent.get("Cookie")])])
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        try:
            connection.request(method, path, headers=sent)
            answer = connection.getresponse()
            given = [SimpleCookie(line) for line in answer.headers.get_all("Set-Cookie", [])]
        finally:
            connection.close()
        cookies = {name: morsel.value for jar in given for name, morsel in jar.items()}
        return Answer(answer.status, cookies.get(COOKIE, visitor or ""), cookies)

    def visits(self, visitor: str, path: str = ".*") -> list[re.Match[str]]:
        """Return what nginx wrote about a visitor, of the paths that match."""
        lines = (self.folder / "visits").read_text(encoding="utf-8").splitlines()
        found = [match for line in lines if (match := VISITS.search(line))]
        return [match for match in found if match["visitor"] == visitor and re.fullmatch(path, match["path"])]

    def wait_visits(self, visitor: str, path: str = ".*", *, at_least: int = 1) -> list[re.Match[str]]:
        """Return the same once nginx, which writes after it has answered, has written so many."""
        end = time.monotonic() + 30
        while len(seen := self.visits(visitor, path)) < at_least:
            assert time.monotonic() < end, f"nginx wrote {len(seen)} visits of {at_least}"
            time.sleep(0.02)
        return seen

    def replica_for(self, visitor: str, path: str) -> str:
        """Ask as that visitor, be answered, and return the replicas that nginx asked in turn."""
        written = len(self.visits(visitor, path))
        assert self.ask(path, visitor).status == 200
        return str(self.wait_visits(visitor, path, at_least=written + 1)[-1]["replica"])

    def visitor_of(self, replica: str) -> str:
        """Return the number of a visitor whom nginx sends to that replica."""
        for _ in range(200):
            visitor = self.ask("/_stcore/health").visitor
            if self.wait_visits(visitor)[0]["replica"] == replica:
                return visitor
        raise AssertionError(f"nobody is ever sent to {replica}")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Two replicas that are ready, behind nginx."""
    nginx = find_nginx()
    if nginx is None:
        raise RuntimeError(WAY_OUT)
    published_plotly_js(ROOT / "static")  # as the container does when it is built
    school = School(tmp_path_factory.mktemp("school"))
    (school.folder / "tmp").mkdir()
    (school.folder / "read_only").mkdir()
    (school.folder / "read_only" / "sitecustomize.py").write_text(READ_ONLY, encoding="utf-8")
    (school.folder / "visits").touch()
    try:
        for _ in range(2):
            school.start(free_port())
        port = free_port()
        school.address = f"http://127.0.0.1:{port}"
        with running_nginx(nginx, school, port):
            yield school
    finally:
        for _, stack in school.running.values():
            stack.close()


@contextmanager
def running_nginx(nginx: str, school: School, port: int) -> Iterator[None]:
    """Run nginx with the file of `deploy/`, of which only places and the port differ here, until all are ready."""
    written = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for there, here in (
        ("/tmp/", f"{school.folder}/tmp/"),  # noqa: S108 - where the file says it
        ("/dev/stdout", str(school.folder / "visits")),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
    ):
        assert there in written
        written = written.replace(there, here)
    (school.folder / "nginx.conf").write_text(written, encoding="utf-8")
    servers = [f"server {replica} max_fails=1 fail_timeout=1s;\n" for replica in school.running]
    (school.folder / "replicas.conf").write_text("".join(servers), encoding="utf-8")
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # its workers would be nobody, and may not enter our folder
    command = [nginx, "-p", str(school.folder), "-c", str(school.folder / "nginx.conf"), "-e", "stderr"]
    command += ["-g", "daemon off; user root;" if root else "daemon off;"]
    log = school.folder / "nginx.log"
    with log.open("wb") as errors, subprocess.Popen(command, stderr=errors, stdin=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 120
            while not all(map(ready, [*school.running, f"127.0.0.1:{port}"])):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < end, "the replicas are never ready"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def ready(server: str) -> bool:
    """Say whether a server says that it is ready."""
    connection = http.client.HTTPConnection(server, timeout=10)
    try:
        connection.request("GET", READY_PATH)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_visitors_of_one_address_stick_each_to_a_replica_and_both_have_some(school: School) -> None:
    replicas = set()
    for _ in range(24):
        first = school.ask("/")
        assert re.fullmatch("[0-9a-f]{32}", first.visitor)
        for path in ("/explorar", "/_stcore/health", "/_stcore/host-config"):
            again = school.ask(path, first.visitor)
            assert (again.status, COOKIE in again.cookies) == (200, False)
        assert school.ask("/_stcore/stream", first.visitor, **HANDSHAKE).status == 101
        [replica] = {match["replica"] for match in school.wait_visits(first.visitor, at_least=5)}
        replicas.add(replica)
    assert replicas == set(school.running)


def test_a_number_nginx_did_not_give_is_replaced(school: School) -> None:
    for chosen in ("0", "x" * 32, "a" * 5000):
        answer = school.ask("/", chosen)
        assert answer.status == 200
        assert re.fullmatch("[0-9a-f]{32}", answer.cookies[COOKIE])


def test_the_protection_against_other_sites_works_through_nginx(school: School) -> None:
    asked = school.ask("/_stcore/health")
    token = asked.cookies["_streamlit_xsrf"]
    upload = "/_stcore/upload_file/nobody/nothing"
    assert school.ask(upload, asked.visitor, method="DELETE").status == 403
    for replica in school.running:  # a token that one replica gave is good at the other
        visitor = school.visitor_of(replica)
        headers = {"Cookie": f"_streamlit_xsrf={token}", "X-Xsrftoken": token}
        assert school.ask(upload, visitor, method="DELETE", **headers).status == 204
    for origin, status in (("http://class.example:8080", 101), ("http://elsewhere.example:8080", 403)):
        headers = {"Host": "class.example:8080", "Origin": origin, **HANDSHAKE}
        assert school.ask("/_stcore/stream", asked.visitor, **headers).status == status


def test_the_longest_sentence_an_address_may_carry_passes(school: School) -> None:
    longest = quote("\N{CAT FACE}" * MAX_LINK_CHARACTERS)
    assert school.ask(f"/?v=1&text={longest}", Referer=f"{school.address}/?v=1&text={longest}").status == 200


def test_what_is_measured_of_the_server_stays_inside(school: School) -> None:
    assert school.ask("/_stcore/metrics").status == 404


def test_nginx_writes_down_neither_sentence_nor_address(school: School) -> None:
    visitor = school.ask("/?v=1&text=segredo").visitor
    [visit] = school.wait_visits(visitor)
    assert visit["path"] == "/"
    written = "".join((school.folder / name).read_text(encoding="utf-8") for name in ("visits", "nginx.log"))
    assert "segredo" not in written
    assert "127.0.0.1" not in re.sub(r"replica=\S+( \S+:\d+)*", "", written)  # where we come from


def test_a_killed_replica_costs_its_reader_a_reconnect_and_nothing_else(school: School, open_page: OpenPage) -> None:
    theirs, other = school.running
    visitor, neighbour = school.visitor_of(theirs), school.visitor_of(other)
    page, beside = (open_page(link(school), storage_state=cookie(who)) for who in (visitor, neighbour))
    for reader in (page, beside):
        expect(reader.get_by_text("Na cabeça 3,").first).to_be_visible()
    before, said = page.url, spoken(page)

    school.kill(theirs)
    page.wait_for_function(f"() => window.framesSent > {said}")  # found the other replica, without a reload
    wait_idle(page)
    assert page.url == before
    expect(page.get_by_label(text("frame.sentence", "pt-BR"))).to_have_value(SENTENCE)
    expect(page.get_by_text("Na cabeça 3,").first).to_be_visible()
    assert len(school.wait_visits(visitor, "/_stcore/stream")) == 1  # the one that broke
    assert school.visits(neighbour, "/_stcore/stream") == []  # theirs is still open

    page.locator("label", has_text=text("switch.scaled", "pt-BR")).first.click()  # the very first click counts
    page.wait_for_url("**scale=0**")
    wait_idle(page)
    assert "head=3" in page.url
    assert "causal=0" in page.url

    # The replica comes back. The reader's page stays where it is, and what it offers is found although it lies there.
    school.start(int(theirs.partition(":")[2]))
    end = time.monotonic() + 120
    returned = ""
    while returned != theirs:
        assert time.monotonic() < end, "nginx never returns to the replica"
        time.sleep(0.2)
        assert school.ask("/", visitor).status == 200  # whoever comes while it warms up is sent to the other
        returned = school.replica_for(visitor, READY_PATH)
    wait_idle(page)  # each run gives the button another file to ask for
    with page.expect_download() as download:
        page.get_by_role("button", name=text("more.download_csv", "pt-BR")).click()
    assert "cachorro" in download.value.path().read_text(encoding="utf-8")
    offered = school.wait_visits(visitor, r"/media/\w+\.csv")  # a browser may ask twice
    assert {match["replica"] for match in offered} == {f"{theirs}, {other}"}
    for _ in range(6):  # whoever keeps no cookies is sent anywhere, and finds it too
        assert school.ask(offered[0]["path"]).status == 200

    # And a saved file is taken by the replica where the page's session lives, though the cookie says the other.
    page.get_by_role("button", name=text("share.button", "pt-BR"), exact=True).click()
    saved = write_state(ViewState(text="O gato miou"), "comparar")
    given = FilePayload(name="saved.json", mimeType="application/json", buffer=saved)
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(given)
    page.wait_for_url("**/comparar?**", timeout=20_000)
    expect(page.get_by_label(text("frame.sentence", "pt-BR"))).to_have_value("O gato miou", timeout=20_000)
    [taken] = [sent for sent in school.wait_visits(visitor, "/_stcore/upload_file/.+") if sent["method"] == "PUT"]
    assert (taken["status"], taken["replica"]) == ("204", f"{theirs}, {other}")
    assert school.replica_for(visitor, "/_stcore/health") == theirs  # and nobody is left out for having refused it


def test_the_replicas_wrote_nothing(school: School) -> None:
    attempts = school.folder / "tmp" / "attempts.txt"
    assert not attempts.exists(), attempts.read_text(encoding="utf-8")


def link(school: School) -> str:
    """Return the address of a view that differs from a first visit's in everything that is looked at."""
    words = SENTENCE.replace(" ", "+")
    return f"{school.address}/?v=1&text={words}&causal=0&head=3&effect=causal&more=1&tab=downloads"


def cookie(visitor: str) -> dict[str, object]:
    """Return a browser's memory that holds this visitor's number and nothing else."""
    given = {"name": COOKIE, "value": visitor, "domain": "127.0.0.1", "path": "/", "expires": -1}
    return {"cookies": [{**given, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}


def spoken(page: Page) -> int:
    """Return how often the page has spoken to a server."""
    said: int = page.evaluate("() => window.framesSent")
    return said
