"""A state as a file: what a link says, whatever its length, and the page it was on."""

from __future__ import annotations

import json

from attention.ui.state import VERSION, ViewState, parse, write

APP = "atencao-ao-vivo"
MOST_BYTES = 1_000_000


class UnreadableStateError(ValueError):
    """What was given is no state file of this app."""


def write_state(now: ViewState, page: str) -> bytes:
    """Return `now` and the name of its page as JSON: the slugs of its address, its text whole."""
    content = {"app": APP, "page": page, "address": write(now, whole=True)}
    return json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def read_state(content: bytes) -> tuple[ViewState, str]:
    """Return the state in a file and the name of its page; what it says wrongly is as on a first visit.

    Raises UnreadableStateError for anything that is not such a file, or is one of another version.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableStateError
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableStateError from None
    match found:
        case {"app": str(app), "page": str(page), "address": {"v": str(version)} as address} if app == APP:
            if version == VERSION:
                return parse({slug: value for slug, value in address.items() if isinstance(value, str)}), page
    raise UnreadableStateError
