"""A small memory for answers that are asked for again at once, such as the pages of one window."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Shelf(Generic[Value]):
    """Keeps the newest ``size`` values; what falls off is made again when asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value under a key, made if it is not there."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        return self.put(key, make())

    def find(self, key: Hashable) -> Value | None:
        """The value under a key, or nothing."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: Value) -> Value:
        """Keep a value and hand it back."""
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
