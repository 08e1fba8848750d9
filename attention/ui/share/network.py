"""Whether an address reaches this machine only, and which one others on the local network can use."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import streamlit as st

OUTSIDE = ("192.0.2.1", 9)  # reserved for documentation (RFC 5737): nobody has it, and nothing is sent to it

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what a server that listens on every network is told


def is_this_machine(host: str) -> bool:
    """Tell whether `host` means, on any machine, that machine itself."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):  # reserved for it (RFC 6761)
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def network_address() -> str | None:
    """Return this machine's address on its network, or None where there is none or the server does not listen there.

    Choosing the way out for a datagram sends nothing.
    """
    listens = st.get_option("server.address")
    if listens and listens not in EVERYWHERE and is_this_machine(listens):
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(OUTSIDE)
        except OSError:
            return None
        found = str(probe.getsockname()[0])
    return None if is_this_machine(found) else found
