"""A scan that is repeated when its result is old; until the new one is complete, the old result is shown.

So a page never goes blank while regions are loading, and the first scan can be watched coming in.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.aws.errors import AwsError
from services.inventory.resources import Inventory
from services.inventory.scan import Scan


class CachedScan:
    """`begin` starts a scan; its result is fresh for `fresh_for` seconds. Safe to share between threads."""

    def __init__(self, begin: Callable[[datetime], Scan], fresh_for: float) -> None:
        self._begin, self._fresh_for = begin, timedelta(seconds=fresh_for)
        self._lock = threading.Lock()
        self._last: Inventory | None = None  # the last complete result
        self._underway: Scan | None = None

    def look(self, wait: float) -> Inventory:
        """The newest inventory, waiting at most `wait` seconds; its `waiting` names the regions still loading.

        Raises AwsError when there are regions and all refuse everything.
        """
        now = datetime.now(UTC)
        with self._lock:
            if self._underway is None and (self._last is None or now - self._last.at >= self._fresh_for):
                self._underway = self._begin(now)
            scan, last = self._underway, self._last
        if scan is None:
            assert last is not None
            return last
        scan.wait(wait)
        try:
            result = scan.partial_result()
        except AwsError:
            self._settle(scan, last)
            raise
        if result.waiting:
            return last or result
        self._settle(scan, result)
        return result

    def _settle(self, scan: Scan, answer: Inventory | None) -> None:
        with self._lock:
            if self._underway is scan:
                self._last, self._underway = answer, None
