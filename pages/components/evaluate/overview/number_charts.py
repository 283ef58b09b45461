"""Charts of predicted numbers, drawn from counts of a few kilobytes, never from rows."""

import numpy as np
import plotly.graph_objects as go

from pages.components.evaluate.overview.charts import MARGIN
from pages.components.shell import chart_theme
from pages.components.shell.chart_theme import NEUTRAL, TEXT, plain
from services.evaluation.number_metrics import ErrorHistogram, Grid

FEW_TO_MANY = [[0.0, "rgba(20, 150, 138, 0.25)"], [1.0, "rgba(20, 150, 138, 1)"]]  # visible in either theme


def predicted_against_actual(grid: Grid, target: str) -> go.Figure:
    """Rows by actual and predicted number, the darker the more, and the line on which predictions are right."""
    middles = (grid.edges[:-1] + grid.edges[1:]) / 2
    rows = grid.rows.T
    figure = go.Figure(
        go.Heatmap(
            z=np.where(rows > 0, np.log1p(rows), np.nan),  # of a log scale, so that single rows are seen beside many
            x=middles,
            y=middles,
            customdata=rows,
            hovertemplate="actual about %{x:.4g}<br>predicted about %{y:.4g}<br>%{customdata:,} rows<extra></extra>",
            hoverongaps=False,
            colorscale=FEW_TO_MANY,
            showscale=False,
        )
    )
    ends = [grid.edges[0], grid.edges[-1]]
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"dash": "dot", "width": 2, "color": NEUTRAL}, name="right", hoverinfo="skip"
    )
    figure.add_annotation(
        x=ends[1], y=ends[1], text="right", xanchor="right", yanchor="bottom", showarrow=False, font={"color": TEXT}
    )
    figure.update_xaxes(title=f"actual {plain(target)}", range=ends)
    figure.update_yaxes(title=f"predicted {plain(target)}", range=ends)
    return _finished(figure)


def error_histogram(errors: ErrorHistogram) -> go.Figure:
    """Rows by error, with a line at 0."""
    figure = go.Figure(
        go.Bar(
            x=(errors.edges[:-1] + errors.edges[1:]) / 2,
            y=errors.rows,
            opacity=0.8,
            hovertemplate="error about %{x:.4g}<br>%{y:,} rows<extra></extra>",
        )
    )
    figure.add_vline(0, line={"dash": "dot", "width": 2, "color": NEUTRAL})
    figure.update_layout(bargap=0.06)
    figure.update_xaxes(title="predicted minus actual")
    figure.update_yaxes(title="rows")
    return _finished(figure)


def _finished(figure: go.Figure) -> go.Figure:
    figure.update_layout(height=380, margin=MARGIN, showlegend=False, hovermode="closest", dragmode=False)
    return chart_theme.finish(figure)
