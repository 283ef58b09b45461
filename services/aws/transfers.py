"""Several slow transfers at once, their progress told in the caller's own thread.

Screens may only be written from the thread that runs them, and boto3 reports from threads of its own.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from services.aws.s3 import Progress

Transfer = Callable[[Progress], None]
"""Does the work and reports bytes done and bytes in all, from any thread."""


def run(transfers: Sequence[Transfer], progress: Progress, interval: float = 0.1) -> None:
    """Run all of them side by side; `progress` is called every `interval` seconds with the sums, and once at the end.

    Raises the first transfer's error after all have ended.
    """
    changed = threading.Lock()
    done, totals = [0] * len(transfers), [0] * len(transfers)

    def reporter(number: int) -> Progress:
        def report(bytes_done: int, bytes_total: int) -> None:
            with changed:
                done[number], totals[number] = max(done[number], bytes_done), bytes_total

        return report

    with ThreadPoolExecutor(max_workers=len(transfers)) as pool:
        running = [pool.submit(transfer, reporter(number)) for number, transfer in enumerate(transfers)]
        while wait(running, timeout=interval).not_done:
            with changed:
                sums = sum(done), sum(totals)
            progress(*sums)
    for future in running:
        future.result()
    progress(sum(done), sum(totals))
