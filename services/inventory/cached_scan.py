"""Looking again and again: a survey begins anew when the last is old, and until it has answered, the old answer stands.

So a page never goes blank for want of news, and what comes in for the first time can be watched coming in.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.aws.errors import AwsError
from services.inventory.resources import Inventory
from services.inventory.scan import Scan


class CachedScan:
    """`begin` makes a survey at a time; its answer is fresh for so many seconds. Safe to share between threads."""

    def __init__(self, begin: Callable[[datetime], Scan], fresh_for: float) -> None:
        self._begin, self._fresh_for = begin, timedelta(seconds=fresh_for)
        self._lock = threading.Lock()
        self._last: Inventory | None = None  # the last whole answer
        self._underway: Scan | None = None

    def look(self, wait: float) -> Inventory:
        """What runs, waiting for news for so many seconds at most; `waiting` tells what is still to come.

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
