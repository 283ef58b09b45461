"""How fast things are, measured in one run: `python -m tests.bench` prints a `name value unit` line each.

Both sides of a ratio run by turns on the same machine, and the medians are compared. job_start_ms, list_ms,
list_filtered_ms, first_rows_ms, recipe_row_ms (milliseconds, medians) and service_mb (megabytes) are no ratios: they
want a quiet machine. The card fraud set is the real one when it is beside the project, otherwise the generated one of
its size.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pandas as pd

from tests.bench import (
    api_calls,
    costs_page,
    default_recipe,
    demo_costs,
    explanation_time,
    first_paint,
    invocation_rate,
    job_start,
    metrics_time,
    page_opening,
    prediction_time,
    preparation_time,
    recipe_time,
    region_scan,
    service_memory,
    single_invocation,
    slider_time,
    training_time,
    tuning_time,
)
from tests.bench.layout_shift import PAGES, LayoutShift
from tests.local import factories
from tests.local_service import SHARED, LocalService

TURNS = 3
SEEDS = range(20)  # of splits, for the areas under the ROC curve
LOADS = 5  # of a page, for its layout shift


def card_fraud() -> pd.DataFrame:
    """The table everything is measured on, 284,807 x 31."""
    path = SHARED / "creditcard.csv.gz"
    if path.exists():
        return pd.read_csv(path)
    from services.data.table_sources.sources import generated

    return generated()


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(name: str, ours: Callable[[], float], plain: Callable[[], float]) -> None:
    """Print the ratio of the medians of both, measured by turns, in seconds."""
    pairs = [(ours(), plain()) for _ in range(TURNS)]
    first, second = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    print(f"{name}: {first:.3g} s over {second:.3g} s", file=sys.stderr)
    figure(name, first / second)


def figure(name: str, value: float, unit: str = "ratio") -> None:
    """Print one measure with its unit."""
    print(f"{name} {value:.3f} {unit}", flush=True)


def one_row(local: LocalService, job: str) -> None:
    """Print how long a request with one row takes, over one to an app that does nothing."""
    endpoint = factories.deploy(local, local.client("sagemaker").describe_training_job(TrainingJobName=job))
    with single_invocation.SingleInvocation(local, endpoint) as asked:
        pairs = [asked.seconds() for _ in range(TURNS)]
    ours, bare = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    print(f"invoke_one_ratio: {ours * 1000:.3g} ms over {bare * 1000:.3g} ms", file=sys.stderr)
    figure("invoke_one_ratio", ours / bare)


def hold(folder: Path) -> None:
    """Print the memory of a service of its own."""
    local = LocalService(folder / "holding")
    try:
        shares, resident = service_memory.peak(local, folder)
    finally:
        local.stop()
    print(
        f"service_mb: shared pages counted once, {shares:.0f} MB; in each process, {resident:.0f} MB", file=sys.stderr
    )
    figure("service_mb", shares, "MB")


def survey() -> None:
    """Print how long it takes to ask every region what runs; the calls one after another are made once."""
    asked = region_scan.RegionScan()
    ours, plain = median(asked.ours() for _ in range(TURNS)), asked.plain()
    print(f"inventory_ratio: {ours:.3g} s over {plain:.3g} s", file=sys.stderr)
    figure("inventory_ratio", ours / plain)
    figure("scan_threads", max(asked.threads() for _ in range(TURNS)), "threads")
    figure("first_rows_ms", median(asked.first() for _ in range(TURNS)) * 1000, "ms")


def layout_shift(folder: Path) -> None:
    """Print how much more moves while the worst page loads than while an empty app does."""
    with LayoutShift(folder) as shift:
        # The least of some loads: Streamlit's shell itself moves more when two of its messages come in one frame.
        empty = min(shift.of_empty_app() for _ in range(LOADS))
        extra = {name: min(shift.of_page(name) for _ in range(LOADS)) - empty for name in PAGES}
    for name, value in extra.items():
        print(f"layout_shift of {name}: {empty + value:.3f}, of an empty app: {empty:.3f}", file=sys.stderr)
    figure("layout_shift_extra", max(extra.values()), "score")


def main() -> None:
    """All measures, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        local, frame = LocalService(Path(folder) / "service"), card_fraud()
        try:
            preparation = preparation_time.PreparationTime(local, frame, Path(folder))
            ratio("prepare_ratio", lambda: seconds(preparation.ours), lambda: seconds(preparation.plain))
            trained = training_time.TrainingTime(local, preparation.data)
            ratio("train_overhead", lambda: seconds(trained.ours), lambda: seconds(trained.plain))
            tuned = tuning_time.TuningTime(local, preparation.data)
            ratio("tune_ratio", lambda: seconds(tuned.ours), lambda: seconds(tuned.plain))
            prediction = prediction_time.PredictionTime(local, preparation.data, trained.job)
            ratio("predict_ratio", lambda: seconds(prediction.ours), lambda: seconds(prediction.plain))
            explained = explanation_time.ExplanationTime(local, preparation.data, trained.job)
            ratio("explain_ratio", explained.ours, explained.plain)
            invoked = invocation_rate.InvocationRate(local, preparation.data, trained.job)
            # Rows a second, so the other way about: the same rows on both sides.
            ratio("invoke_rows_ratio", lambda: seconds(invoked.plain), lambda: seconds(invoked.ours))
            one_row(local, trained.job)
            figure("job_start_ms", job_start.seconds_to_first_line(local) * 1000, "ms")
        finally:
            local.stop()
        for name, rows in {"threshold_ms": 1_000_000, "threshold_10m_ms": 10_000_000}.items():
            figure(name, metrics_time.ThresholdTime(rows).seconds() * 1000, "ms")
        resamples = metrics_time.BootstrapTime()
        ratio("bootstrap_ratio", resamples.ours, resamples.plain)
        recipes = recipe_time.RecipeTime(frame)
        ratio("recipe_rows_ratio", lambda: seconds(recipes.ours), lambda: seconds(recipes.plain))
        figure("recipe_row_ms", median(recipes.seconds_of_a_row() for _ in range(TURNS)) * 1000, "ms")
        with api_calls.ApiCalls(Path(folder) / "answering") as answers:
            ratio("api_ms", answers.ours, answers.plain)
            figure("list_ms", answers.page() * 1000, "ms")
            figure("list_filtered_ms", answers.page(NameContains="BULK-", StatusEquals="Completed") * 1000, "ms")
        for name, value in default_recipe.differences(SEEDS).items():
            figure(name, value, "area")
        hold(Path(folder))
        survey()
        with first_paint.FirstPaint(Path(folder)) as paint:
            ratio("first_paint_ratio", paint.ours, paint.plain)
        with slider_time.SliderTime(Path(folder), frame) as slider:
            ratio("slider_ratio", slider.ours, slider.plain)
        with page_opening.PageOpening(Path(folder), TURNS) as opened:
            ratio("trials_750_ratio", lambda: opened.trials(750), lambda: opened.trials(10))
            ratio("history_5000_ratio", lambda: opened.history(5000), lambda: opened.history(50))
        with costs_page.CostsPage(Path(folder)) as bills:
            ratio("costs_5000_ratio", lambda: bills.cold(5000), lambda: bills.cold(50))
            ratio("costs_5000_warm_ratio", lambda: bills.warm(5000), lambda: bills.warm(50))
        with demo_costs.DemoCosts(Path(folder)) as demo:
            ratio("costs_cold_ratio", demo.ours, demo.plain)
        layout_shift(Path(folder))


if __name__ == "__main__":
    main()
