"""Heavy pages in turns: one at a time is computed, the others wait in the order they came and see their place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK = 0.5  # seconds between two looks at the place of one who waits


class Turns:
    """A queue of threads of which only the first goes on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[object] = []

    def __len__(self) -> int:
        return len(self._queue)

    @contextmanager
    def wait(self, tell: Callable[[int], object]) -> Iterator[None]:
        """Go on when all that came before have gone; until then `tell` hears again and again how many have not.

        What `tell` raises ends the waiting: so a page whose reader has left goes.
        """
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
        try:
            while before := self._before(ticket):
                tell(before)
                with self._changed:
                    self._changed.wait_for(lambda: self._queue[0] is ticket, LOOK)
            yield
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _before(self, ticket: object) -> int:
        with self._changed:
            return self._queue.index(ticket)
