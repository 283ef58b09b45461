"""What AWS's image would silently make of training data that the Data page did not write."""

from collections.abc import Sequence

import pytest

from services.aws.s3 import Address
from services.data import first_rows
from services.data.first_rows import FirstRows
from services.data.prepared_data import PreparedData
from tests.services.fake_s3 import FakeS3
from tests.services.training_factory import WHEN

FEATURES = ("size", "weight")
SOUND = ("0,1.5,2", "1,,3", "0,-2e-05,4.25")


def make_rows(*lines: str, split: str = "train", complete: bool = True, hidden: Sequence[str] = ()) -> FirstRows:
    return FirstRows(split, lines, complete, tuple(hidden))


def fault(*lines: str) -> str:
    """The one sentence about training data of these lines."""
    (sentence,) = first_rows.faults([make_rows(*lines)], FEATURES)
    return sentence


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_of_sound_rows_nothing_is_said(delimiter: str) -> None:
    lines = [line.replace(",", delimiter) for line in SOUND]
    assert first_rows.faults([make_rows(*lines)], FEATURES) == ()


def test_of_a_channel_without_rows_nothing_is_said() -> None:
    assert (first_rows.faults([make_rows()], FEATURES), first_rows.rounding([make_rows()], FEATURES)) == ((), None)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("ill,size,weight", *SOUND), "its first line is a header (ill, size, weight), and AWS reads it as a row"),
        (("0,1,2", '1,"3",4'), "row 2 has quotation marks, and AWS reads a quoted number as 0 or missing"),
        (("0,1,2", "1,True,4"), "row 2 has the cell True, and AWS silently reads words and dates as 0"),
        (("0,1,2026-11-24", "1,2,2026-11-25"), "row 1 has the cell 2026-11-24, and AWS silently reads words"),
        (("0,1,2", "1,3"), "row 2 has 2 cells instead of 3 (label and features)"),
        (("0;1,5;2", "1;2,5;3"), "it has decimal commas, and AWS takes the comma for the delimiter"),
        (("0 1:2.5 2:3", "1 1:4 # x"), "its lines are libsvm, and the job reads them as CSV"),
        (("0,1,", "1,2,"), "the last column, weight, is empty in every row: on AWS the model has one feature less"),
    ],
)
def test_rows_that_aws_silently_misreads_are_one_sentence(lines: tuple[str, ...], said: str) -> None:
    assert fault(*lines).startswith(f"Training data: {said}")


def test_an_empty_last_column_is_said_of_the_rows_that_were_read() -> None:
    (sentence,) = first_rows.faults([make_rows("0,1,", "1,2,", complete=False)], FEATURES)
    assert "is empty in the first 2 rows" in sentence


def test_a_last_column_with_one_value_is_sound() -> None:
    assert first_rows.faults([make_rows("0,1,", "1,2,7")], FEATURES) == ()


def test_what_is_wrong_with_both_channels_is_said_once() -> None:
    channels = [make_rows("0,1,"), make_rows("1,2,", split="validation")]
    (sentence,) = first_rows.faults(channels, FEATURES)
    assert sentence.startswith("Training data and validation data: the last column")


def test_a_hidden_file_in_a_channel_is_named() -> None:
    (sentence,) = first_rows.faults([make_rows(*SOUND, hidden=[".DS_Store"])], FEATURES)
    assert sentence == (
        "Training data: the file .DS_Store in its folder is read as data on AWS, so the job fails. Delete it."
    )


def test_repeated_prices_that_training_reads_otherwise_are_named() -> None:
    rows = make_rows("0,1,1.18", "1,2,1.18", "0,3,1.25")
    sentence = first_rows.rounding([rows], FEATURES)
    assert sentence
    assert sentence.startswith("weight has repeated decimals such as 1.18:")


@pytest.mark.parametrize(
    "lines",
    [
        ("0,1,1.18", "1,2,1.19"),  # not repeated
        ("0,1,1.25", "1,2,1.25"),  # exact in binary
        ("0,1,0.18", "1,2,0.18"),  # nothing before the point to add to
        ("0,1,118", "1,2,118"),
    ],
)
def test_numbers_that_are_read_alike_are_not_warned_of(lines: tuple[str, ...]) -> None:
    assert first_rows.rounding([make_rows(*lines)], FEATURES) is None


# ---- reading


def make_data() -> PreparedData:
    return PreparedData(
        name="cells",
        address=Address("mine", "sagedeck/data/cells"),
        source="cells.csv",
        target="ill",
        classes=("no", "yes"),
        features=FEATURES,
        rows={"train": 3, "validation": 3, "test": 3},
        positives={"train": 1, "validation": 1, "test": 1},
        seed=1729,
        created=WHEN,
    )


def account(**files: bytes) -> FakeS3:
    """An account with these files in the train channel."""
    folder = "s3://mine/sagedeck/data/cells/train/"
    objects = {f"{folder}{name}": body for name, body in files.items()}
    return FakeS3("AWS", "us-east-1", bucket="mine", objects=objects)


def test_a_small_file_is_read_whole() -> None:
    found = first_rows.read(account(**{"data.csv": b"0,1,2\n1,2,3\n"}), make_data(), "train")
    assert found == FirstRows("train", ("0,1,2", "1,2,3"), True)


def test_of_a_large_file_only_whole_lines_of_its_beginning_are_read() -> None:
    line = b"0,1,2"
    found = first_rows.read(account(**{"data.csv": (line + b"\n") * 100_000}), make_data(), "train")
    assert not found.complete
    assert set(found.lines) == {"0,1,2"}
    assert len(found.lines) == first_rows.BYTES // 6


def test_hidden_files_are_found_and_not_taken_for_data() -> None:
    files = {".DS_Store": b"\0\0", "_SUCCESS": b"", "data.csv": b"0,1,2\n"}
    found = first_rows.read(account(**files), make_data(), "train")
    assert found == FirstRows("train", ("0,1,2",), True, (".DS_Store", "_SUCCESS"))


def test_a_channel_without_files_has_no_rows() -> None:
    assert first_rows.read(account(), make_data(), "train") == FirstRows("train", (), True)
