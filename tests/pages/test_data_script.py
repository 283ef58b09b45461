"""The script of the Data page prepares the very rows that the page prepares, whatever is predicted."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pages.components.data import show_code
from pages.components.queries.table_cache import Choice
from services.data import split as data_split
from services.data import target
from services.data.division.partition import AS_TUTORIAL
from services.data.reading.reading_code import ReadingCode
from services.data.recipe import column_types, recipe
from services.data.target_kind import TargetKind
from tests.services.fake_s3 import FakeS3

RANDOM = np.random.default_rng(5)
ROWS = 300
TWO, SEVERAL, NUMBER = TargetKind.TWO_CLASSES, TargetKind.CLASSES, TargetKind.NUMBER


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (RANDOM.choice(["yes", "no"], ROWS), TWO),
        (RANDOM.choice(["red", "blue", "green"], ROWS), TWO),
        (RANDOM.choice(["red", "blue", "green"], ROWS), SEVERAL),
        (RANDOM.choice([10.0, 9.0, 3.0, np.nan], ROWS), SEVERAL),
        (RANDOM.choice(pd.date_range("2026-01-01", periods=3), ROWS), SEVERAL),
        (RANDOM.normal(size=ROWS), NUMBER),
        (RANDOM.choice([10, 9, 3], ROWS), NUMBER),
        (RANDOM.choice(["1.234,50", "7,25", "?", "12 %"], ROWS), NUMBER),
    ],
)
def test_the_script_makes_the_same_labels_and_features(cells: Any, kind: TargetKind) -> None:
    frame = pd.DataFrame({"street": RANDOM.choice([f"s{n}" for n in range(40)], ROWS), "y": cells, "x": range(ROWS)})
    steps = recipe.steps_of(use for use in column_types.column_uses(frame) if use.name == "street")
    goal = target.read(frame, "y", kind, None, drop_missing=True)
    positive = goal.classes[1] if kind is TWO else None
    expected = data_split.split(frame, "y", positive, kind=kind, drop_missing_target=True, steps=steps)

    choice = Choice(("t",), lambda: None, "", "", None, lambda reading: "table = frame.copy()")  # type: ignore[arg-type,return-value]
    account = FakeS3("Fake", "us-east-1", bucket="bucket")
    code = show_code.script(
        account, choice, ReadingCode(), frame["y"], goal, name="n", parts=AS_TUTORIAL, exclude=[], steps=steps
    )
    names: dict[str, Any] = {"frame": frame}
    exec(code.partition("s3 = boto3.client")[0], names)
    for split, table in expected.tables.items():
        assert list(names["parts"][split].columns) == list(table.columns)
        np.testing.assert_allclose(names["parts"][split].to_numpy(float), table.to_numpy(float), rtol=1e-12)
