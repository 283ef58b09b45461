"""Results of all sessions that Streamlit's caches cannot hold: they are looked up, listed or show progress."""

from threading import Lock
from typing import Generic, TypeVar

from cachetools import TTLCache

K = TypeVar("K")
V = TypeVar("V")


class KeptResults(Generic[K, V]):
    """The `most` latest results for `seconds`, which threads read and write at the same time."""

    def __init__(self, most: int, seconds: float) -> None:
        self._lock = Lock()
        self._kept = TTLCache[K, V](most, seconds)

    def find(self, key: K) -> V | None:
        """A result that is still kept."""
        with self._lock:
            return self._kept.get(key)

    def all(self) -> list[tuple[K, V]]:
        """Every result with its key."""
        with self._lock:
            return list(self._kept.items())

    def save(self, key: K, result: V) -> None:
        """Keep a result; what was looked at least is removed beyond the most."""
        with self._lock:
            self._kept[key] = result

    def drop(self, key: K) -> None:
        """Remove a result."""
        with self._lock:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._kept.clear()
