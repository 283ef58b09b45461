"""One pool of threads for the requests of all scans of this program: bounded, and fair between regions.

Each region of a scan has a lane. Lanes that somebody looks at go first and find threads that others leave free, so that
neither many regions nor silent ones delay them. A task may make many requests (`Lane.map`): while these wait for a
thread the task makes them itself, so that tasks that wait for each other can never use up all threads.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

THREADS = 60
RESERVED = 6  # threads that are always left to lanes somebody looks at
LOOKED_AT, BACKGROUND = 40, 16  # tasks of a lane that run at once; while somebody looks, so many threads are left
IDLE = 1.0  # seconds after which a thread without a task ends

T = TypeVar("T")
R = TypeVar("R")


class Task:
    """A call that is made once, by whoever comes first; `done` has its result."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.done = Future[Any]()
        self._call, self._claim = call, threading.Lock()

    def run(self) -> None:
        """Make the call, unless somebody does already."""
        if not self._claim.acquire(blocking=False):
            return
        with _HandingTo(self.done):
            self.done.set_result(self._call())


class _HandingTo:
    """A fault inside becomes the result of `future`, where whoever awaits it finds it."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> bool:
        if fault is not None:
            self._future.set_exception(fault)
        return True


class RequestPool:
    """Threads that start when there is work, `threads` at most, and end when there is none."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._work = threading.Condition()
        self._lanes: list[Lane] = []
        self._alive = self._idle = self._background = self._watched = 0

    def lane(self, looked_at: bool) -> "Lane":
        """A new lane, behind those there are."""
        return Lane(self, looked_at)

    def add(self, lane: "Lane", tasks: Sequence[Task]) -> None:
        """Queue tasks of a lane."""
        if not tasks:
            return
        with self._work:
            if not lane.tasks:
                self._lanes.append(lane)
            lane.tasks.extend(tasks)
            self._work.notify(len(tasks))
            queued = sum(len(each.tasks) for each in self._lanes)
            for _ in range(min(queued - self._idle, self._threads - self._alive)):
                self._alive += 1
                threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            with self._work:
                while (found := self._next()) is None:
                    self._idle += 1
                    awaited = self._work.wait(IDLE)
                    self._idle -= 1
                    if not awaited and not self._lanes:
                        self._alive -= 1
                        return
                lane, task = found
            task.run()
            with self._work:
                self._count(lane, -1)

    def _next(self) -> "tuple[Lane, Task] | None":
        """The next task that may run: of a lane somebody looks at, or else of the one with the fewest that run."""
        watched = self._watched or any(each.looked_at for each in self._lanes)
        full = self._background >= (self._threads - LOOKED_AT if watched else self._threads - RESERVED)
        lane = min((each for each in self._lanes if each.may_run(full)), key=Lane.rank, default=None)
        if lane is None:
            return None
        task = lane.tasks.popleft()
        if not lane.tasks:
            self._lanes.remove(lane)
        self._count(lane, 1)
        return lane, task

    def _count(self, lane: "Lane", running: int) -> None:
        lane.running += running
        if lane.looked_at:
            self._watched += running
        else:
            self._background += running


class Lane:
    """The tasks of one region, first come, first served."""

    def __init__(self, pool: RequestPool, looked_at: bool) -> None:
        self.looked_at = looked_at
        self.limit = LOOKED_AT if looked_at else BACKGROUND
        self.tasks, self.running = deque[Task](), 0
        self._pool = pool

    def may_run(self, full: bool) -> bool:
        """Whether one more of its tasks may run; `full`: the threads for all lanes are taken."""
        return self.running < self.limit and (self.looked_at or not full)

    def rank(self) -> tuple[bool, int]:
        """Its place in the order of lanes, the least first."""
        return not self.looked_at, self.running

    def submit(self, *calls: Callable[[], Any]) -> list[Future[Any]]:
        """Have the calls made; their futures, in order."""
        tasks = [Task(call) for call in calls]
        self._pool.add(self, tasks)
        return [task.done for task in tasks]

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Like `map`, in order, many at once; for the tasks of this lane, which help to make the calls."""
        tasks = [Task(partial(function, item)) for item in items]
        self._pool.add(self, tasks[1:])
        for task in tasks:
            task.run()
            yield task.done.result()


POOL = RequestPool()
