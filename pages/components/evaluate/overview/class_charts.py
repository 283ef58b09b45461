"""The confusion matrix of several classes, drawn from counts."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.components.evaluate.overview.charts import CORRECT_OR_NOT, MARGIN
from pages.components.evaluate.overview.matrix_cells import Cells
from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import plain
from services.evaluation.metrics import Counts

NAME = 22  # characters of a class name at the axes


def confusion_matrix(counts: Counts, names: Sequence[str], shown: Cells = Cells.COUNTS) -> go.Figure:
    """Rows by actual and predicted class; right ones green, errors red, stronger with their share.

    Numbers stand in the cells, so that colour is not the only sign; an empty cell stays empty.
    """
    places = list(range(len(names)))
    ticks = [plain(name if len(name) <= NAME else f"{name[: NAME - 1]}…") for name in names]
    shares, texts = shown.shares(counts.tolist()), shown.texts(counts.tolist())
    figure = go.Figure(
        go.Heatmap(
            z=[
                [(share if row == column else -share) if share else None for column, share in enumerate(line)]
                for row, line in enumerate(shares)
            ],
            x=places,
            y=places,
            text=[
                [f"<b>{text}</b>" if count else "" for count, text in zip(row, line, strict=True)]
                for row, line in zip(counts.tolist(), texts, strict=True)
            ],
            texttemplate="%{text}",
            customdata=[
                [
                    f"{plain(names[row])} predicted as {plain(names[column])}: {count:,} rows, "
                    f"{share:.1%} of the {shown.whole}"
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
