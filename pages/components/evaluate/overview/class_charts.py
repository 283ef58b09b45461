"""The confusion matrix of several classes, drawn from counts."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.components.evaluate.overview.charts import CORRECT_OR_NOT, MARGIN
from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import plain
from services.evaluation.metrics import Counts

NAME = 22  # characters of a class name at the axes
SHARES = 12  # classes up to which a cell has room for its share


def confusion_matrix(counts: Counts, names: Sequence[str]) -> go.Figure:
    """Rows by actual and predicted class; right ones green, errors red, stronger with their share of the actual class.

    Counts stand in the cells, so that colour is not the only sign; an empty cell stays empty.
    """
    places = list(range(len(names)))
    ticks = [plain(name if len(name) <= NAME else f"{name[: NAME - 1]}…") for name in names]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts.tolist()]
    figure = go.Figure(
        go.Heatmap(
            z=[
                [(share if row == column else -share) if share else None for column, share in enumerate(line)]
                for row, line in enumerate(shares)
            ],
            x=places,
            y=places,
            text=[
                [_cell(count, share, len(names)) for count, share in zip(row, line, strict=True)]
                for row, line in zip(counts.tolist(), shares, strict=True)
            ],
            texttemplate="%{text}",
            customdata=[
                [
                    f"{plain(names[row])} predicted as {plain(names[column])}: {count:,} rows, {share:.1%} of the class"
                    for column, (count, share) in enumerate(zip(line, of_row, strict=True))
                ]
                for row, (line, of_row) in enumerate(zip(counts.tolist(), shares, strict=True))
            ],
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            zmin=-1,
            zmax=1,
            colorscale=CORRECT_OR_NOT,
            showscale=False,
            xgap=3,
            ygap=3,
        )
    )
    figure.update_xaxes(title="predicted", side="top", tickvals=places, ticktext=ticks, showgrid=False, zeroline=False)
    figure.update_yaxes(
        title="actual", autorange="reversed", tickvals=places, ticktext=ticks, showgrid=False, zeroline=False
    )
    figure.update_layout(
        height=max(300, min(900, 120 + 52 * len(names))), margin=MARGIN, hovermode="closest", dragmode=False
    )
    return chart_theme.finish(figure)


def _cell(count: int, share: float, classes: int) -> str:
    if not count:
        return ""
    return f"<b>{count:,}</b>  {share:.0%}" if classes <= SHARES else f"{count:,}"
