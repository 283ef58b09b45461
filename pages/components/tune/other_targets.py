"""What a search was worth where the target is of several classes or a number."""

import streamlit as st

from pages.components.shell import formats
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation import wording
from services.evaluation.model_comparison import MetricDifference


def headline(
    found: MetricDifference | None, data: PreparedData, split: str, log_loss: MetricDifference | None = None
) -> None:
    """The outcome of the search on these rows, with its figures; None where they are too few to say.

    log_loss: of several classes; lower is better.
    """
    rows = formats.count(data.rows[split], f"{split} row")
    if found is None:
        st.info(f"{rows} are too few to tell the best trial from the baseline.", icon=":material/help:")
        return
    is_number = data.kind is TargetKind.NUMBER
    better = (found.gain < 0) == is_number
    also = f" {_upper(wording.moved(log_loss, 'log loss'))}." if log_loss else ""
    name = "the mean absolute error" if is_number else "accuracy"
    text = formats.plain(f"On {rows}, {wording.moved(found, name, is_number)}.{also}")
    if not found.is_significant:
        st.info(f"No significant improvement. {text}", icon=":material/balance:")
    elif better:
        st.success(f"The search improved the model. {text}", icon=":material/trending_up:")
    else:
        st.warning(f"The tuned model is worse than the baseline. {text}", icon=":material/trending_down:")


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
