"""The first explanation: from the click on the view until it is drawn, over XGBoost's `pred_contribs` of the same rows.

Each measure is made in a process of its own, which has scored the rows, as the page has before the click.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from services.data.prepared_data import PreparedData
from tests.local_service import PROJECT, LocalService

PAGE = PROJECT / "pages" / "evaluate.py"
PATIENCE = 600  # seconds of a run of the page, on a busy machine


class ExplanationTime:
    """Both sides, of one job's model and its test rows."""

    def __init__(self, local: LocalService, data: PreparedData, job: str) -> None:
        self._local, self._data, self._job = local, data, job

    def ours(self) -> float:
        """Seconds from the click to the drawn view."""
        return self._seconds("click")

    def plain(self) -> float:
        """Seconds of `pred_contribs`."""
        return self._seconds("contributions")

    def _seconds(self, side: str) -> float:
        command = [sys.executable, "-m", "tests.bench.explanation_time", side, self._data.name, self._job]
        environment = {**os.environ, "SAGEDECK_DATA": str(self._local.folder)}
        done = subprocess.run(command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout.split()[-1])


def click(data: str, job: str) -> float:
    """The page, driven without a browser."""
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE)
    page.query_params["job"] = job
    page.run()
    page.button(key="score").click().run()
    chosen = page.segmented_control(key="view").set_value("Explain")
    began = time.perf_counter()
    chosen.run()
    took = time.perf_counter() - began
    assert not page.exception
    assert any("moves the score" in heading.value for heading in page.main.subheader), data
    return took


def contributions(data: str, job: str) -> float:
    """XGBoost alone, with rows and model in memory."""
    import xgboost

    from services.aws.account import Account
    from services.data import prepared_data
    from services.evaluation import model_file, scoring
    from services.training import jobs

    folder = Path(os.environ["SAGEDECK_DATA"])
    files = (folder / "aws" / "config", folder / "aws" / "credentials")
    account = Account("This computer", "us-east-1", "sagedeck", files)
    features = scoring.read_split(account, prepared_data.load(account, data), "test").features
    model = model_file.load(account, jobs.describe(account, job).model_uri or "")
    model.scores(features)
    (booster,), rows = model.boosters, xgboost.DMatrix(model.matrix(features))
    began = time.perf_counter()
    found = booster.predict(rows, pred_contribs=True)
    took = time.perf_counter() - began
    assert found.shape == (features.num_rows, features.num_columns + 1)
    return took


if __name__ == "__main__":
    side, *named = sys.argv[1:]
    print({"click": click, "contributions": contributions}[side](*named))
