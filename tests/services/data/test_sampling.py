"""A sample of prepared rows, read without reading more than a limit."""

import random

import pytest

from services.aws.s3 import Address
from services.data import sampling
from services.data.prepared_data import PreparedData
from services.data.sampling import Sample
from services.errors import Problem
from tests.services.fake_s3 import FakeS3
from tests.services.training_factory import WHEN

ADDRESS = Address("bucket", "sagedeck/data/cards")


def lines(rows: int, every: int = 20) -> list[bytes]:
    """Rows as they stand in a file, one in `every` of class 1, in no order; the last cell is the row's number."""
    table = [f"{int(number % every == 0)},{number / 7:.4f},,{number}\n".encode() for number in range(rows)]
    random.Random(rows).shuffle(table)
    return table


def sampled(table: list[bytes], rows: int, *, limit: int = sampling.LIMIT, positives: int | None = None) -> Sample:
    """A sample of the training file that has the rows of `table`."""
    positives = sum(line.startswith(b"1") for line in table) if positives is None else positives
    data = PreparedData(
        name="cards",
        address=ADDRESS,
        source="a test",
        target="ill",
        classes=("no", "yes"),
        features=("size", "age", "number"),
        rows={"train": len(table)},
        positives={"train": positives},
        seed=1,
        created=WHEN,
    )
    account = FakeS3("AWS", "us-east-1", objects={str(data.file("train")): b"".join(table)})
    return sampling.take(account, data, "train", rows, lambda done, total: None, limit=limit)


def test_every_row_of_the_rare_class_is_kept_and_the_rest_is_by_chance() -> None:
    sample = sampled(lines(2000), 300)
    assert (sample.rows, sample.positives, sample.looked) == (300, 100, 2000)


def test_a_rare_class_that_is_not_so_rare_leaves_half_of_the_sample_to_the_other() -> None:
    sample = sampled(lines(2000, every=3), 300)
    assert (sample.rows, sample.positives) == (300, 150)


def test_where_class_0_is_the_rare_one_its_rows_are_kept() -> None:
    table = [line.replace(b"0,", b"x,", 1).replace(b"1,", b"0,", 1).replace(b"x,", b"1,", 1) for line in lines(2000)]
    sample = sampled(table, 300)
    assert (sample.rows, sample.positives) == (300, 200)


def test_lines_are_copied_as_they_stand_and_in_their_order() -> None:
    table = lines(2000)
    places = [table.index(line) for line in sampled(table, 300).body.splitlines(keepends=True)]
    assert places == sorted(places)


def test_the_same_file_gives_the_same_sample() -> None:
    assert sampled(lines(2000), 300) == sampled(lines(2000), 300)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_file_smaller_than_the_sample_is_taken_whole(end: bytes) -> None:
    table = lines(50)
    whole = b"".join(table)
    table[-1] = table[-1].rstrip(b"\n") + end
    assert sampled(table, 300).body == whole


def test_of_a_file_beyond_the_limit_no_more_than_the_limit_is_read() -> None:
    table, limit = lines(50_000), 64_000
    sample = sampled(table, 1000, limit=limit)
    assert sample.read <= limit < sample.size
    assert set(sample.body.splitlines(keepends=True)) <= set(table)
    assert sample.looked == pytest.approx(limit / sample.size * 50_000, rel=0.1)


def test_a_large_file_that_is_sorted_is_seen_from_its_beginning_to_its_end() -> None:
    table = sorted(lines(50_000), key=lambda line: int(line.rpartition(b",")[2]))
    numbers = [int(line.rpartition(b",")[2]) for line in sampled(table, 500, limit=64_000).body.splitlines()]
    assert min(numbers) < 2_000
    assert max(numbers) > 48_000


@pytest.mark.parametrize("size", [0, 1, 3_199, 3_200, 3_201, 9_999, 1_000_000])
def test_pieces_lie_inside_the_file_and_never_over_each_other(size: int) -> None:
    found = sampling.pieces(size, 3_200)
    bounds = [bound for piece in found for bound in piece]
    assert bounds == sorted(bounds)
    assert all(0 <= bound <= size for bound in bounds)
    assert sum(end - start for start, end in found) == min(size, 3_200)


@pytest.mark.parametrize("odd", [b"0,1,2\n", b"0,1,2,3,4\n", b"0,1,abc,3\n", b"2,1,2,3\n", b"ill,size,age,number\n"])
def test_a_row_unlike_the_others_comes_along_and_is_told_by_its_number(odd: bytes) -> None:
    table = lines(2000)
    table.insert(1233, odd)
    sample = sampled(table, 300)
    assert (sample.odd, sample.odd_row, sample.rows) == (1, 1234, 300)
    assert odd in sample.body


def test_a_split_that_is_gone_is_told_with_what_to_do() -> None:
    data = PreparedData("cards", ADDRESS, "a test", "ill", ("no", "yes"), (), {"train": 1}, {"train": 1}, 1, WHEN)
    with pytest.raises(Problem, match=r"Data set cards: its train rows were deleted\. Prepare it again"):
        sampling.take(FakeS3("AWS", "us-east-1"), data, "train", 10, lambda done, total: None)
