"""A cache bounded by bytes: of short sentences it holds hundreds, of long ones a few."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Generic, ParamSpec, TypeVar

import numpy as np

LEAST = 2  # results held whatever their size: a switch is seen beside what was before it

P = ParamSpec("P")
T = TypeVar("T")


class Kept(Generic[P, T]):
    """A function whose results are remembered by its arguments, which are hashable; see `kept`."""

    def __init__(self, make: Callable[P, T], most: float) -> None:
        self._make, self.most = make, most
        self._lock = threading.Lock()
        self._held: OrderedDict[object, tuple[T, int]] = OrderedDict()  # the least recently asked for first
        self._making: dict[object, threading.Lock] = {}
        self._bytes = 0
        self.__doc__ = make.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result for these arguments, made once however many ask at the same time."""
        key = (args, tuple(sorted(kwargs.items())))
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._held:
                    return self._held[key][0]
            try:
                made = self._make(*args, **kwargs)
                self._hold(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return made

    @property
    def n_bytes(self) -> int:
        """How many bytes the remembered results take, with the arguments they are remembered by."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._held)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._bytes = 0

    def _hold(self, key: object, made: T) -> None:
        size = size_of((key, made))
        with self._lock:
            _, replaced = self._held.pop(key, (None, 0))
            self._held[key] = (made, size)
            self._bytes += size - replaced
            while self._bytes > self.most and len(self._held) > LEAST:
                _, (_, freed) = self._held.popitem(last=False)
                self._bytes -= freed


def kept(megabytes: float) -> Callable[[Callable[P, T]], Kept[P, T]]:
    """Remember a function's results up to `megabytes` in all; what was asked for last stays."""
    return lambda make: Kept(make, megabytes * 1e6)


def size_of(held: object) -> int:
    """Return how many bytes of memory `held` keeps: arrays, dataclasses, mappings, sequences, sets, strings, numbers.

    A part of an array keeps the whole of it, and what is met twice is there once.
    """
    return _size(held, set())


def _size(held: object, met: set[int]) -> int:
    if id(held) in met:
        return 0
    met.add(id(held))
    own, parts = sys.getsizeof(held), list[object]()
    if isinstance(held, np.ndarray):
        parts = [held.base]
    elif hasattr(held, "untyped_storage"):  # torch's, which several tensors may share
        storage = held.untyped_storage()
        own += 0 if storage.data_ptr() in met else storage.nbytes()
        met.add(storage.data_ptr())
    elif isinstance(held, Mapping):
        parts = [*held.keys(), *held.values()]
    elif isinstance(held, (tuple, list, set, frozenset)):
        parts = list(held)
    elif is_dataclass(held):
        parts = [getattr(held, field.name) for field in fields(held)]
    return own + sum(_size(part, met) for part in parts)
