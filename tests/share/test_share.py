"""What is shared restores what is on the screen: the link, its QR code, and the file for what is too long for both."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from attention.ui import share
from attention.ui.readiness import WARM_FIRST
from attention.ui.share.files import UnreadableStateError, read_state, write_state
from attention.ui.share.network import is_this_machine, network_address
from attention.ui.state import MAX_LINK_CHARACTERS, ViewState, parse
from tests.test_state import states

ANY_TEXT = st.text(max_size=3_000).map(lambda text: " ".join(text.encode("utf-8", "replace").decode().splitlines()))


@given(states)
def test_a_shared_link_restores_the_state_on_the_same_page_and_leaves_the_wall_alone(state: ViewState) -> None:
    parts = urlsplit(share.shared_link("https://school.example/app/comparar", state))
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "school.example", "/app/comparar")
    assert parse(dict(parse_qsl(parts.query, keep_blank_values=True))) == replace(state, projector=False)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("0.0.0.0", True),  # noqa: S104 - a browser takes it for itself
        ("::", True),
        ("localhost.", True),
        ("LOCALHOST", True),
        ("app.localhost", True),
        ("192.168.0.7", False),
        ("school.example", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_a_loopback_address_names_this_machine_only(host: str, is_here: bool) -> None:  # noqa: FBT001
    assert is_this_machine(host) is is_here


def test_on_this_machine_the_address_on_the_network_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "network_address", lambda: "192.168.0.7")
    assert share.reachable("http://localhost:8501/treinar") == ("192.168.0.7:8501", "network")
    assert share.shared_link("http://localhost:8501/treinar", ViewState()) == "http://192.168.0.7:8501/treinar?v=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/",  # docker run -p 8080:8501, kubectl port-forward, ssh -L
        "http://localhost/",  # compose's nginx, on port 80
        "https://localhost/",
    ],
)
def test_what_came_through_another_port_has_no_address_of_ours_to_offer(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(share, "network_address", lambda: "172.17.0.2")
    assert share.reachable(url) == (urlsplit(url).netloc, "nobody")
    assert share.shared_link(url, ViewState()) == f"{url}?v=1"


def test_behind_a_proxy_no_address_of_ours_is_offered_whatever_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "network_address", lambda: "172.17.0.2")
    monkeypatch.setenv(WARM_FIRST, "1")
    assert share.reachable("http://localhost:8501/") == ("localhost:8501", "nobody")
    assert share.reachable("https://school.example/") == ("school.example", "everyone")


def test_a_server_on_the_usual_port_is_found_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "network_address", lambda: "192.168.0.7")
    monkeypatch.setattr("streamlit.get_option", lambda name: {"server.port": 80}[name])
    assert share.reachable("http://localhost/") == ("192.168.0.7", "network")


@pytest.mark.parametrize(("listens", "offered"), [("127.0.0.1", False), ("0.0.0.0", True), ("", True)])  # noqa: S104
def test_a_server_that_listens_everywhere_is_on_the_network(
    monkeypatch: pytest.MonkeyPatch,
    listens: str,
    offered: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr("streamlit.get_option", lambda _: listens)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: None)
    monkeypatch.setattr(socket.socket, "getsockname", lambda _: ("192.168.0.7", 9))
    assert network_address() == ("192.168.0.7" if offered else None)


def test_without_a_network_it_is_said_that_phones_cannot_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "network_address", lambda: None)
    assert share.reachable("http://127.0.0.1:8501/") == ("127.0.0.1:8501", "nobody")


def test_an_address_others_know_stays_as_it_is() -> None:
    assert share.reachable("https://school.example/") == ("school.example", "everyone")


def test_a_qr_code_holds_what_the_limit_says_and_no_byte_more() -> None:
    assert "<svg" in share.qr_code("x" * share.QR_BYTES)
    with pytest.raises(segno.DataOverflowError):
        share.qr_code("x" * (share.QR_BYTES + 1))


@given(states, ANY_TEXT, st.sampled_from(["", "comparar", "treinar"]))
def test_a_file_restores_any_state_however_long_its_text(state: ViewState, text: str, page: str) -> None:
    whole = replace(state, text=text + "a" * (MAX_LINK_CHARACTERS + 1))
    assert read_state(write_state(whole, page)) == (whole, page)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"app": "atencao-ao-vivo", "page": 1, "address": {}}',
        b'{"app": "another", "page": "", "address": {"v": "1"}}',
        b'{"app": "atencao-ao-vivo", "page": "", "address": {"v": "2"}}',
        b'{"app": "atencao-ao-vivo", "page": "", "address": []}',
        b" " * 1_000_001,
    ],
)
def test_what_is_no_state_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableStateError):
        read_state(content)


def test_a_hostile_file_is_read_like_a_hostile_link() -> None:
    address = {"v": "1", "text": "<b>x</b>", "head": "99999", "seed": 7, "lang": ["en"], "row": "-3"}
    state, _ = read_state(json.dumps({"app": "atencao-ao-vivo", "page": "x", "address": address}).encode())
    assert state == ViewState(text="<b>x</b>")
