"""docs/guide-sdk3.ipynb, the AWS tutorial for the SDK 3, runs from its first cell to its last on this computer."""

from ast import literal_eval

import numpy as np
import pandas as pd
import pytest

from tests.local import notebooks
from tests.local_service import PROJECT, ROLE, LocalService

pytestmark = pytest.mark.slow
NOTEBOOK = PROJECT / "docs" / "guide-sdk3.ipynb"


def payments(rows: int) -> pd.DataFrame:
    """A table with the columns of the card fraud set, some 7 % of them fraud that can be told."""
    random = np.random.default_rng(1729)
    features = random.normal(size=(rows, 28)).round(6)
    table = pd.DataFrame(features, columns=[f"V{number}" for number in range(1, 29)])
    table.insert(0, "Time", np.arange(rows))
    table["Amount"] = random.exponential(80, rows).round(2)
    table["Class"] = (features[:, 0] + 0.3 * random.normal(size=rows) > 1.5).astype(int)
    return table


@pytest.fixture(scope="module")
def said(local: LocalService, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each cell of the notebook showed, on data that lies where it would be downloaded to."""
    folder = tmp_path_factory.mktemp("guide")
    payments(4000).to_csv(folder / "creditcard.csv", index=False)
    return notebooks.run(local, NOTEBOOK, folder)


def test_it_takes_role_and_bucket_as_on_a_notebook_instance(said: dict[str, str]) -> None:
    assert literal_eval(said["names"]) == (ROLE, "sagemaker-us-east-1-000000000000")


def test_both_models_find_the_fraud(said: dict[str, str]) -> None:
    for cell in ("deploying", "best"):
        (_, found), (_, positives) = (map(int, line.split()[1:]) for line in said[cell].splitlines()[-2:])
        assert positives > found


def test_nine_trials_are_ranked_and_nothing_is_left(said: dict[str, str]) -> None:
    assert said["tuning"].count("Completed") == 9
    assert said["clean-up"].strip() == "[]"
