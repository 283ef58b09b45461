"""The metrics of an evaluation: the main ones as cards, all of them as a table, each with its 95 % interval."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.components.evaluate.overview.matrix_cells import Cells
from pages.components.shell import metric_card
from services.evaluation.all_metrics import MetricRow
from services.evaluation.confusion import Confusion
from services.evaluation.statistics.intervals import Interval


def cards(metrics: Sequence[MetricRow], few: bool = False) -> None:
    """A card each; with few positives the interval is what stands out, since one number would say too much."""
    with st.container(horizontal=True):
        for metric in metrics:
            if few and metric.value is not None and metric.interval:
                low, high = metric.interval
                estimate = f"estimate {metric.value:.3f}"
                metric_card.number(metric.name, f"{low:.2f}–{high:.2f}", estimate, metric_card.HEIGHT, metric.meaning)
            else:
                metric_card.show(metric.name, metric.value, metric.interval, metric.meaning)


def show(metrics: Sequence[MetricRow], written: Callable[[float], str] = "{:.3f}".format) -> None:
    """All metrics in an expander. written: how a value becomes text."""
    with st.expander("All metrics", icon=":material/table_rows:"):
        st.dataframe(
            [
                {
                    "Metric": metric.name,
                    "Value": "undefined" if metric.value is None else written(metric.value),
                    "95 % interval": _range(metric.interval, written),
                    "Meaning": metric.meaning,
                }
                for metric in metrics
            ],
            column_config={
                "Metric": st.column_config.TextColumn(width=180, pinned=True),
                "Value": st.column_config.TextColumn(width=90),
                "95 % interval": st.column_config.TextColumn(width=150),
                "Meaning": st.column_config.TextColumn(width="large"),
            },
            hide_index=True,
            placeholder="too few rows",
            height="content",
        )


def few_sentence(now: Confusion) -> str:
    """ "Precision 0.62 to 0.97, recall 0.55 to 0.89: 21 positives are too few for narrower ranges." """
    ranges = {"precision": now.precision_interval, "recall": now.recall_interval}
    told = [f"{name} {interval[0]:.2f} to {interval[1]:.2f}" for name, interval in ranges.items() if interval]
    few = f"{now.positives:,} {'positive is' if now.positives == 1 else 'positives are'} too few for narrower ranges."
    said = ", ".join(told)
    return f"{said[:1].upper()}{said[1:]}: {few}" if told else few


def choose_cells() -> Cells:
    """The title of the confusion matrix, and the control of what its cells show."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("##### Confusion matrix")
        chosen = st.segmented_control(
            "Cells", list(Cells), default=Cells.COUNTS, required=True, key="cells", label_visibility="collapsed"
        )
    return Cells(chosen)


def _range(interval: Interval | None, written: Callable[[float], str]) -> str | None:
    return f"{written(interval[0])} to {written(interval[1])}" if interval else None
