"""What the cells of a confusion matrix show: counts, or their shares of a row or of a column."""

from collections.abc import Sequence
from enum import StrEnum


class Cells(StrEnum):
    """The choices, as the screen names them. A row is an actual class, a column a predicted one."""

    COUNTS = "Counts"
    ROWS = "Share of row"
    COLUMNS = "Share of column"

    @property
    def whole(self) -> str:
        """What the shares are of."""
        return "column" if self is Cells.COLUMNS else "actual class"

    def shares(self, counts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Of each count: of its column for COLUMNS, otherwise of its row; 0 where that is empty."""
        wholes = [sum(column) for column in zip(*counts, strict=True)]
        by_column = self is Cells.COLUMNS
        return [
            [count / ((wholes[place] if by_column else sum(row)) or 1) for place, count in enumerate(row)]
            for row in counts
        ]

    def texts(self, counts: Sequence[Sequence[int]]) -> list[list[str]]:
        """What stands in each cell."""
        if self is Cells.COUNTS:
            return [[f"{count:,}" for count in row] for row in counts]
        return [[f"{100 * share:.1f} %" for share in row] for row in self.shares(counts)]
