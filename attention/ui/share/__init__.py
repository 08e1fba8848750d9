"""Sharing: one button copies the link of what is on the screen and shows its QR code; a file holds what no link can."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from attention.texts import Language, count, text
from attention.ui import state
from attention.ui.readiness import warms_first
from attention.ui.share.files import UnreadableStateError, read_state, write_state
from attention.ui.share.network import is_this_machine, network_address

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

QR_BYTES = 2_953  # the most a QR code can hold
QR_WIDTH = 260  # pixels
QR_WIDTH_ON_A_WALL = 420
USUAL_PORTS = {"http": 80, "https": 443}  # an address without a port means these


Reach = Literal["everyone", "network", "nobody"]


class Reachable(NamedTuple):
    """A host, with its port, and who can reach it: `everyone` who knows it, the local `network`, or `nobody` else."""

    host: str
    reach: Reach


def share_button(now: state.ViewState) -> None:
    """Draw the button; pressed, it copies the link in the browser and opens what there is to share."""
    language = now.language
    data = {
        "label": text("share.button", language),
        "help": text("share.button_help", language),
        "host": reachable(st.context.url or "").host,
        "fits": state.fits_link(now),
    }
    pressed = _component()(key="share", data=data, width="content", on_pressed_change=lambda: None).get("pressed")
    if pressed:
        _open(language, copied=pressed == "copied")


def _open(language: Language, *, copied: bool) -> None:
    """Open the dialog, its title in the reader's language."""
    width: Literal["small", "large"] = "large" if state.current().projector else "small"
    st.dialog(text("share.title", language), width=width)(_dialog)(language, copied=copied)


def _dialog(language: Language, *, copied: bool) -> None:
    if st.session_state.pop("state_file_taken", False):
        st.rerun()  # a dialog runs by itself: the page behind it has changed too
    now, url = state.current(), st.context.url or ""
    if state.fits_link(now):
        link, reach = shared_link(url, now), reachable(url).reach
        beside = now.projector and reach != "nobody"  # on a wall the code is all that phones need
        left, right = st.columns(2, vertical_alignment="center") if beside else (st.container(), st.container())
        qr, words = (left, right) if beside else (right, left)
        words.markdown(text("share.copied" if copied else "share.not_copied", language))
        if reach != "nobody":
            with qr:
                _qr(link, language)
        st.code(link, language=None, wrap_lines=True)
        if reach != "everyone":
            st.caption(text(f"share.reach_{reach}", language))
    else:
        st.markdown(text("share.too_long", language, maximum=count(state.MAX_LINK_CHARACTERS, language)))
    st.download_button(
        text("share.save", language),
        data=write_state(now, path_of(url)),
        file_name=text("share.file", language),
        mime="application/json",
        key="state_save",
        icon=":material/download:",
        on_click="ignore",
    )
    st.file_uploader(text("share.open", language), type="json", key="state_file", max_upload_size=1, on_change=_take)
    if st.session_state.get("state_file_bad"):
        st.error(text("share.bad_file", language))


def _qr(link: str, language: Language) -> None:
    if fits_qr(link):
        width = QR_WIDTH_ON_A_WALL if state.current().projector else QR_WIDTH
        st.image(qr_code(link), width=width, caption=text("share.qr", language))
    else:
        st.markdown(text("share.no_qr", language, maximum=count(QR_BYTES, language)))


def fits_qr(link: str) -> bool:
    """Tell whether a QR code can hold the link."""
    return len(link.encode()) <= QR_BYTES


def qr_code(link: str) -> str:
    """Return the link as a QR code in SVG, dark on white in every theme: cameras want it so.

    Raises segno's DataOverflowError above `QR_BYTES`.
    """
    code: str = segno.make_qr(link, error="l", boost_error=False).svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff"
    )
    return code


def printed_qr(now: state.ViewState) -> str:
    """Return the QR code that leads from paper to what is on the screen, in SVG; empty where no phone can follow it."""
    url = st.context.url or ""
    if reachable(url).reach == "nobody" or not state.fits_link(now):
        return ""
    link = shared_link(url, now)
    return qr_code(link) if fits_qr(link) else ""


def reachable(url: str) -> Reachable:
    """Return the host of `url`, or where it names this machine as itself, its address on the local network.

    It has one where there is a network and the server listens on it, at the very port of `url`. Another port is a
    container's, a proxy's or a tunnel's, and a process that is told to warm up stands behind one whatever the port: the
    address of its own is then not where the reader's browser went, and leads nowhere from a phone.
    """
    parts = urlsplit(url)
    if not is_this_machine(parts.hostname or ""):
        return Reachable(parts.netloc, "everyone")
    port = parts.port or USUAL_PORTS.get(parts.scheme)
    found = network_address() if port == st.get_option("server.port") and not warms_first() else None
    if found is None:
        return Reachable(parts.netloc, "nobody")
    return Reachable(f"{found}:{parts.port}" if parts.port else found, "network")


def shared_link(url: str, now: state.ViewState) -> str:
    """Return the link that restores `now` on the page at `url`, from wherever it can be reached.

    Not the projector: who opens it has a screen of their own.
    """
    parts = urlsplit(url)
    query = urlencode(state.write(replace(now, projector=False)))
    return urlunsplit((parts.scheme, reachable(url).host, parts.path, query, ""))


def path_of(url: str) -> str:
    """Return the last part of the address, which names the page; empty for the first."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def _take() -> None:
    """Open the file the reader gave; what it does not hold is as on a first visit, and a bad one changes nothing."""
    given = st.session_state.get("state_file")
    if given is None:
        return
    try:
        found, page = read_state(given.getvalue())
    except UnreadableStateError:
        state.assign(state_file_bad=True)
        return
    state.assign(state_file_bad=False, state_file_taken=True, go_to=page)
    state.assign(**{name: getattr(found, name) for name in state.PARAMETERS})


@cache
def _component() -> ComponentRenderer:
    """Register the button, once."""
    script = (Path(__file__).parent / "share.js").read_text(encoding="utf-8")
    style = (Path(__file__).parent / "share.css").read_text(encoding="utf-8")
    return st.components.v2.component("attention.share", js=script, css=style, isolate_styles=False)
