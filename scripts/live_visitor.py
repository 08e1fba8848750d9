"""A visitor without a browser: speaks Streamlit's own protocol on a real websocket, to be one of many."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 60.0  # seconds for one answer
ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@dataclass(slots=True)
class Answer:
    """All that the server sent from the start of a run of the script to its end."""

    messages: list[ForwardMsg] = field(default_factory=list)  # what was known already is there as it was sent first
    n_bytes: int = 0  # as they travelled
    failed: bool = False

    def figures(self) -> dict[str, str]:
        """Return the message of each live figure, by its key."""
        shown = (message.delta.new_element for message in self.messages if message.WhichOneof("type") == "delta")
        return {
            _key_of(element.bidi_component.id): element.bidi_component.bytes.decode()
            for element in shown
            if element.WhichOneof("type") == "bidi_component"
        }

    def errors(self) -> list[str]:
        """Return what the page says has gone wrong: errors of ours and exceptions."""
        shown = [message.delta.new_element for message in self.messages if message.WhichOneof("type") == "delta"]
        return [
            element.alert.body or element.exception.message
            for element in shown
            if element.WhichOneof("type") in ("alert", "exception")
        ] + ["the script could not be run"] * self.failed


class Visitor:
    """One reader's connection, used as an asynchronous context: opens a page, then clicks its toggles.

    Like a browser it keeps what may be kept (messages above a size, for some runs), says so at each run, and sends back
    the address it was given.
    """

    def __init__(self, address: str, **query: str) -> None:
        self.host = address.removeprefix("http://")
        self.query = urlencode(query)
        self.page = ""
        self.toggles: dict[str, tuple[str, bool]] = {}  # by key: the widget's id and whether it is on
        self._kept: dict[str, tuple[ForwardMsg, int]] = {}  # by hash: a message and the run that last used it
        self._keeps_for = 0
        self._runs = 0

    async def __aenter__(self) -> Self:
        """Connect as a browser does, from the page's own origin."""
        self.connection: ClientConnection = await connect(
            f"ws://{self.host}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=f"http://{self.host}",  # type: ignore[arg-type] # a NewType of str
            max_size=None,
            open_timeout=PATIENCE,
        )
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Close the tab."""
        await self.connection.close()

    async def open(self) -> Answer:
        """Ask for the page and return it."""
        return await self._run()

    async def click(self, toggle: str) -> Answer:
        """Press the toggle of that key and return the server's answer."""
        name, on = self.toggles[toggle]
        self.toggles[toggle] = (name, not on)
        return await self._run()

    async def _run(self) -> Answer:
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string = self.query
        state.page_script_hash = self.page
        state.cached_message_hashes.extend(self._kept)
        state.context_info.url = f"http://{self.host}/"
        state.context_info.locale, state.context_info.timezone = "pt-BR", "America/Sao_Paulo"
        state.context_info.color_scheme = "light"
        state.widget_states.widgets.extend(WidgetState(id=name, bool_value=on) for name, on in self.toggles.values())
        await self.connection.send(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            return await self._answer()

    async def _answer(self) -> Answer:
        answer = Answer()
        while True:
            sent = await self.connection.recv(decode=False)
            answer.n_bytes += len(sent)
            message = self._resolved(ForwardMsg.FromString(sent))
            answer.messages.append(message)
            match message.WhichOneof("type"):
                case "new_session":
                    self.page = message.new_session.page_script_hash
                    self._keeps_for = message.new_session.config.max_cached_message_age
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "delta":
                    self._note(message)
                case "script_finished" if message.script_finished in ENDS:
                    answer.failed = message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY
                    self._forget()
                    return answer

    def _resolved(self, message: ForwardMsg) -> ForwardMsg:
        """Return the message itself, or the kept one that it stands for."""
        if message.WhichOneof("type") == "ref_hash":
            kept, _ = self._kept[message.ref_hash]
            self._kept[message.ref_hash] = (kept, self._runs)
            return kept
        if message.metadata.cacheable:
            self._kept[message.hash] = (message, self._runs)
        return message

    def _note(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "checkbox":
            box = element.checkbox
            key = _key_of(box.id)
            on = box.value if box.set_value else self.toggles.get(key, ("", box.default))[1]
            self.toggles[key] = (box.id, on)

    def _forget(self) -> None:
        self._runs += 1
        self._kept = {name: kept for name, kept in self._kept.items() if self._runs - kept[1] <= self._keeps_for}


def _key_of(widget: str) -> str:
    """Return the key that Streamlit wrote at the end of a widget's id."""
    return widget.rpartition("-")[2]
