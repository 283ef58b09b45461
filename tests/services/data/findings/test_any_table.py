"""Whatever a table holds, it is examined without an error, whichever of its columns is the target."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.data.findings.finding import FindingKind
from services.data.reading import file_reader
from services.data.target_kind import TargetKind
from services.errors import Problem
from tests.services.data.findings.examined import find, uses

CORPUS = sorted(path for path in (Path(__file__).parents[3] / "data").iterdir() if path.suffix in (".csv", ".txt"))
CELLS = [None, "", " ", "?", "Yes", "yes", "0", "1", "007", "1,5", "12 %", "03/04/2025", "2025-01-02", "a|b*"]
NUMBERS = [0.0, -0.0, 1.0, -999.0, np.inf, -np.inf, np.nan, 1.7e308, 5e-324]
DATES = [None, pd.Timestamp("2024-02-29 12:00"), pd.Timestamp("2024-02-29")]


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_every_file_of_the_corpus_that_can_be_read_is_examined(file: Path) -> None:
    try:
        frame = file_reader.read(file).frame
    except Problem:
        pytest.skip("it cannot be read")
    for target in frame.columns:
        assert all(finding.sentence for finding in find(frame, str(target)))


def make_table(seed: int) -> pd.DataFrame:
    """1 to 40 rows of what is hard to read, in columns of every type; few different cells in some, many in others."""
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 41))

    def column(cells: list[Any]) -> list[Any]:
        kept = random.permutation(len(cells))[: random.integers(1, len(cells) + 1)]
        return [cells[place] for place in random.choice(kept, rows)]

    return pd.DataFrame(
        {
            "text": pd.Series(column(CELLS), dtype="str"),
            "number": pd.Series(column([*NUMBERS, *random.normal(size=20).tolist()]), dtype=float),
            "whole": column([-(2**62), 2**62, 0, *range(100)]),
            "flag": column([False, True]),
            "since": pd.to_datetime(pd.Series(column(DATES))),
            "y": pd.Series(column(["a", "b", "c", None]), dtype="str"),
        }
    )


@pytest.mark.parametrize("seed", range(16))
def test_every_table_is_examined_for_every_kind_of_target(seed: int) -> None:
    frame, kind = make_table(seed), [None, *TargetKind][seed % 4]
    for target in frame.columns:
        for finding in find(frame, target, kind):
            assert finding.sentence.endswith((".", "?"))
            assert {*finding.columns} <= {*frame.columns}


@pytest.mark.parametrize("seed", range(16))
def test_duplicates_of_any_table_are_those_that_pandas_counts(seed: int) -> None:
    frame = make_table(seed)
    used = frame[[use.name for use in uses(frame, "y") if not use.is_left_out]].assign(y=frame["y"])
    found = [finding.sentence for finding in find(frame) if finding.kind is FindingKind.DUPLICATES]
    count = int(used.duplicated().sum()) if used.shape[1] > 1 else 0
    assert [sentence.split(" rows (")[0] for sentence in found] == [f"{count:,} of {len(frame):,}"] * (count > 0)
