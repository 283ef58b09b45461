"""Opening pages over much and over little: Tune on a search of 750 trials and of 10, History with 5,000 jobs and 50.

Each opening is in a browser with an empty cache, of a search that nobody has looked at before: its table and its
verdict, then picture after picture until each is drawn.
"""

import contextlib
import sys
import time
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Page

from services.tuning import jobs as tuning_jobs
from tests.bench import filled_folders
from tests.bench.tuning_time import RANGES
from tests.journeys import visitor as journeys
from tests.journeys.visitor import Visitor
from tests.local import factories
from tests.local_service import LocalService, eventually
from tests.services.training_factory import make_data

MANY_TRIALS, FEW_TRIALS = 750, 10
MANY_JOBS, FEW_JOBS = 5000, 50
WARM_UP = 15.0  # seconds that the server's warm-up thread is given
# A picture's tab, and the key of its chart.
PICTURES = {
    "Progress": "progress",
    "Parallel coordinates": "parallel",
    "Slices": "effect_max_depth",
    "Contour": "landscape",
    "Importance": "importance",
    "Timeline": "timeline",
    "Learning curves": "curves",
    "Cost": "spending",
}


class PageOpening:
    """Two dashboards: one over many jobs and the searches, one over few jobs. `turns` is how often each is opened."""

    def __init__(self, folder: Path, turns: int) -> None:
        self._folder, self._turns = folder, turns
        self._unseen = {count: iter(range(turns)) for count in (MANY_TRIALS, FEW_TRIALS)}

    def __enter__(self) -> "PageOpening":
        self._open = contextlib.ExitStack()
        many, few = self._folder / "many", self._folder / "few"
        _fill(many, MANY_JOBS, self._turns)
        _fill(few, FEW_JOBS, 0)
        self._many = self._open.enter_context(journeys.dashboard(many))
        self._few = self._open.enter_context(journeys.dashboard(few))
        self._browser = self._open.enter_context(journeys.chromium())
        time.sleep(WARM_UP)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def trials(self, count: int) -> float:
        """Seconds until a search of `count` trials has been looked at from its table to its last picture."""
        visitor = Visitor(self._browser, self._many)
        name, began = search(count, next(self._unseen[count])), time.perf_counter()
        visitor.open(f"tune?tuning={name}")
        visitor.sees("Search result")
        visitor.page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for()
        visitor.settle()
        said = [f"table {time.perf_counter() - began:.2f}"]
        for tab, key in PICTURES.items():
            clicked = time.perf_counter()
            visitor.page.get_by_role("tab", name=tab).click()
            visitor.key(key).locator(".js-plotly-plot .main-svg").first.wait_for()
            painted(visitor.page)
            said.append(f"{tab.lower()} {time.perf_counter() - clicked:.2f}")
        took = time.perf_counter() - began
        visitor.page.context.close()
        print(f"{count} trials: {', '.join(said)} s", file=sys.stderr)
        return took

    def history(self, count: int) -> float:
        """Seconds until the first of `count` past jobs stand on the History page."""
        visitor = Visitor(self._browser, self._many if count == MANY_JOBS else self._few)
        began = time.perf_counter()
        visitor.page.goto(f"{visitor.url}/history", wait_until="commit")
        visitor.page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for()
        painted(visitor.page)
        took = time.perf_counter() - began
        visitor.page.context.close()
        return took


def search(trials: int, number: int) -> str:
    """The name of a search."""
    return f"search-{trials}-{number}"


def painted(page: Page) -> None:
    """Returns once nothing left to draw."""
    page.wait_for_function(journeys.IDLE)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _fill(home: Path, jobs: int, searches: int) -> None:
    """Have `jobs` training jobs in the data folder of `home`, and `searches` long and short searches."""
    home.mkdir()
    folder = home / "data"
    local = LocalService(folder)
    try:
        data = str(make_data(local.account, rows=2000).address)
        job, tuned = factories.train(local, data), _tuned(local, data) if searches else ""
    finally:
        local.stop()
    for number in range(searches):
        for trials in (MANY_TRIALS, FEW_TRIALS):
            filled_folders.prolong(folder, tuned, search(trials, number), trials)
    filled_folders.multiply(folder, job["TrainingJobName"], [f"past-{number:04d}" for number in range(jobs)])


def _tuned(local: LocalService, data: str) -> str:
    """A search of ten trials that has ended; its name."""
    request = factories.tuning_request(factories.unique("tuned"), data, FEW_TRIALS)
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = RANGES
    name: str = request["HyperParameterTuningJobName"]
    local.client("sagemaker").create_hyper_parameter_tuning_job(**request)
    eventually(lambda: tuning_jobs.describe(local.account, name).ended)
    return name
