"""The hash of a table's content: that of its file, or else of its cells."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from services.data.table_sources import content_hash
from services.errors import Problem


def table() -> pd.DataFrame:
    return pd.DataFrame({"town": ["Ulm", None, "Bern"], "size": [1.5, np.nan, 3.0], "big": [True, False, True]})


def test_the_hash_of_a_file_is_that_of_its_bytes_however_it_is_opened(tmp_path: Path) -> None:
    body = b"a,b\n1,2\n" * 300_000
    path = tmp_path / "rows.csv"
    path.write_bytes(body)
    uploaded = io.BytesIO(body)
    uploaded.read(5)
    assert content_hash.of_path(path) == content_hash.of_file(uploaded) == hashlib.sha256(body).hexdigest()


def test_a_file_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"rows\.csv: it can no longer be read\. Choose the table again\.$"):
        content_hash.of_path(tmp_path / "rows.csv")


def test_equal_tables_have_equal_hashes_whatever_their_index_and_chunks() -> None:
    pieces = pd.concat([table().iloc[:1], table().iloc[1:]]).set_axis([7, 8, 9])
    assert content_hash.of_table(pieces) == content_hash.of_table(table())


@pytest.mark.parametrize(
    "other",
    [
        table().rename(columns={"town": "city"}),
        table().iloc[::-1],
        table().assign(size=[1.5, np.nan, 3.0000001]),
        table().assign(town=["Ulm", "", "Bern"]),
        table()[["size", "town", "big"]],
        table().assign(big=[1, 0, 1]),
    ],
    ids=["name", "order of rows", "number", "empty text", "order of columns", "type"],
)
def test_any_difference_is_another_hash(other: pd.DataFrame) -> None:
    assert content_hash.of_table(other) != content_hash.of_table(table())
