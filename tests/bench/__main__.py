"""How fast things are, as ratios measured in one run: `python -m tests.bench` prints a `name value` line each.

Both sides of a ratio run by turns on the same machine, and the medians are compared. The card fraud set is the real one
when it is beside the project, otherwise the generated one of the same size.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pandas as pd

from tests.bench import painting, predicting, preparing, training, tuning
from tests.running import SHARED, LocalService

TURNS = 3


def card_fraud() -> pd.DataFrame:
    """The table everything is measured on, 284,807 x 31."""
    path = SHARED / "creditcard.csv.gz"
    if path.exists():
        return pd.read_csv(path)
    from services.datasets import generated

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
    print(f"{name}: {first:.2f} s over {second:.2f} s", file=sys.stderr)
    print(f"{name} {first / second:.3f}", flush=True)


def main() -> None:
    """All measures, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        local, frame = LocalService(Path(folder) / "service"), card_fraud()
        try:
            preparation = preparing.Preparing(local, frame, Path(folder))
            ratio("prepare_ratio", lambda: seconds(preparation.ours), lambda: seconds(preparation.plain))
            trained = training.Training(local, preparation.data)
            ratio("train_overhead", lambda: seconds(trained.ours), lambda: seconds(trained.plain))
            tuned = tuning.Tuning(local, preparation.data)
            ratio("tune_ratio", lambda: seconds(tuned.ours), lambda: seconds(tuned.plain))
            prediction = predicting.Predicting(local, preparation.data, trained.job)
            ratio("predict_ratio", lambda: seconds(prediction.ours), lambda: seconds(prediction.plain))
        finally:
            local.stop()
        with painting.Painting(Path(folder)) as paint:
            ratio("first_paint_ratio", paint.ours, paint.plain)


if __name__ == "__main__":
    main()
