"""A sample of a prepared split, read out of S3 without ever reading more of its file than a limit.

A file up to the limit is read whole; of a larger one, pieces that lie evenly apart are, so that a file that is sorted
is seen from its beginning to its end. Of the rows that were read, the sample has every one of the rarer class, up to
half of the sample (of several classes up to an equal share each), and rows of the most frequent one by chance. It also
has rows that do not look like the others, which an algorithm would stumble over. Lines are copied as they stand, in
their order.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Progress
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem

LIMIT = 128 * 2**20  # bytes of a file; the AWS tutorial's training split, of 199,364 rows, has 105 MB
PIECES = 32  # requests for that much
SEED = 1729
ODD = 100  # odd rows at most: one is enough to fail
NUMBERS = b"0123456789+-.eE,\r"


@dataclass(frozen=True)
class Sample:
    """Rows of a split.

    body:      their lines.
    class_rows: how many of them are of each class, by its label; empty for a number.
    positives: how many of them are class 1 of two; otherwise 0.
    looked:    rows that were read; read: bytes of that, of a file of `size` bytes.
    odd:       rows read that are not all numbers, have too many or too few cells or no label that the data has.
    odd_row:   number of the first such row in the file, from 1; None when there is none or its number is not known.
    """

    body: bytes
    rows: int
    positives: int
    looked: int
    read: int
    size: int
    odd: int = 0
    odd_row: int | None = None
    class_rows: tuple[int, ...] = ()


def pieces(size: int, limit: int) -> list[tuple[int, int]]:
    """(first byte, byte after the last) of what is read of a file of `size` bytes; `limit` is PIECES at least."""
    length = limit // PIECES
    if size <= limit:
        return [(start, min(start + length, size)) for start in range(0, size, length)]
    starts = [number * (size - length) // (PIECES - 1) for number in range(PIECES)]
    return [(start, start + length) for start in starts]


def take(
    account: Account, data: PreparedData, split: str, rows: int, progress: Progress, *, limit: int = LIMIT
) -> Sample:
    """A sample of at most `rows` rows. `progress` is called with bytes read and bytes to read.

    Raises Problem for a split that is gone, AwsError.
    """
    file = data.file(split)
    try:
        head = s3.head(account, file)
    except AwsError as error:
        if error.is_missing:
            said = f"its {split} rows were deleted"
            raise Problem(f"Data set {data.name}", said, "Prepare it again on the Data page") from error
        raise
    size = head["ContentLength"]
    parts = pieces(size, limit)
    total = sum(end - start for start, end in parts)

    def blocks() -> Iterator[tuple[int, int, bytes]]:
        done = 0
        for start, end in parts:
            parameters = {"Bucket": file.bucket, "Key": file.key, "IfMatch": head["ETag"]}
            with account.speaking("s3", "get_object"):
                answer = account.call("s3", "get_object", **parameters, Range=f"bytes={start}-{end - 1}")
                block: bytes = answer["Body"].read()
            done += len(block)
            progress(done, total)
            yield start, end, block

    drawn = _Draw(len(data.features), _by_rarity(data, split), rows)
    for line in _lines(blocks(), size):
        drawn.see(line)
    return drawn.sample(total, size)


def _lines(blocks: Iterator[tuple[int, int, bytes]], size: int) -> Iterator[bytes]:
    """Every line that lies whole in the blocks, or in several that follow each other."""
    rest, before = b"", 0
    for start, end, block in blocks:
        if start != before:
            rest, block = b"", block.partition(b"\n")[2]
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        before = end
    if rest and before == size:
        yield rest


@dataclass
class _Reservoir:
    """At most `room` of the lines it is given, each as likely as the other (Vitter's algorithm R)."""

    room: int
    chance: random.Random
    given: int = 0
    kept: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, number: int, line: bytes) -> None:
        self.given += 1
        if len(self.kept) < self.room:
            self.kept.append((number, line))
        elif (place := self.chance.randrange(self.given)) < self.room:
            self.kept[place] = (number, line)


def _by_rarity(data: PreparedData, split: str) -> tuple[int, ...]:
    """Labels, those with the fewest rows first; empty for a number."""
    if data.kind is TargetKind.TWO_CLASSES:
        return (1, 0) if 2 * data.positives[split] <= data.rows[split] else (0, 1)
    counts = data.class_rows.get(split, ())
    return tuple(sorted(range(len(data.classes)), key=lambda label: (counts[label] if counts else 0, label)))


class _Draw:
    """The choice of rows while they stream by: of the classes but the most frequent one up to an equal share each.

    labels: the rarest first; empty where any number is one.
    """

    def __init__(self, features: int, labels: tuple[int, ...], rows: int) -> None:
        self._commas, self._labels, self._rows, self._chance = features, labels, rows, random.Random(SEED)
        *rare, common = labels or (0,)
        self._classes = {label: _Reservoir(rows // len(labels), self._chance) for label in rare}
        self._common = _Reservoir(rows, self._chance)
        self._classes[common] = self._common
        self._looked, self._odd, self._odd_lines = 0, 0, list[tuple[int, bytes]]()

    def see(self, line: bytes) -> None:
        label = self._label(line)
        if label is not None:
            self._classes[label].add(self._looked, line)
        else:
            self._odd += 1
            if len(self._odd_lines) < ODD:
                self._odd_lines.append((self._looked, line))
        self._looked += 1

    def _label(self, line: bytes) -> int | None:
        """The class of a row, 0 where a number is predicted; None for a row that does not look like one."""
        if line.count(b",") != self._commas or line.translate(None, NUMBERS):
            return None
        try:
            value = float(line.partition(b",")[0])
        except ValueError:
            return None
        if not self._labels:
            return 0
        return int(value) if value in self._classes else None

    def sample(self, read: int, size: int) -> Sample:
        """What was chosen out of `read` bytes of the file's `size`."""
        rare = [line for each in self._classes.values() if each is not self._common for line in each.kept]
        left = max(0, self._rows - len(rare) - len(self._odd_lines))
        others = self._chance.sample(self._common.kept, min(left, len(self._common.kept)))
        chosen = sorted([*rare, *others, *self._odd_lines])
        whole = read == size
        counts = {label: len(others if each is self._common else each.kept) for label, each in self._classes.items()}
        class_rows = tuple(counts[label] for label in sorted(self._labels))
        return Sample(
            body=b"".join(line + b"\n" for _, line in chosen),
            rows=len(chosen),
            positives=class_rows[1] if len(class_rows) == 2 else 0,
            looked=self._looked,
            read=read,
            size=size,
            odd=self._odd,
            odd_row=self._odd_lines[0][0] + 1 if self._odd_lines and whole else None,
            class_rows=class_rows,
        )
