"""Two model versions beside each other: metrics, data, decision, and where their settings differ."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.registry import metric_cards
from pages.components.shell import page_frame
from services.aws.account import Account
from services.aws.errors import AwsError
from services.errors import Problem
from services.registry import model_metrics
from services.registry import versions as model_versions
from services.registry.model_metrics import ModelMetrics
from services.registry.versions import ModelVersion
from services.training import job_comparison


def beside(account: Account, new: ModelVersion, old: ModelVersion) -> None:
    """Version `new` against version `old`, top to bottom."""
    its, others = (registry_queries.quality(account, each) for each in (new, old))
    obstacle = model_metrics.obstacle(str(new), its.rows, str(old), others.rows)
    st.dataframe(metrics(new, its, old, others, comparable=not obstacle), hide_index=True)
    if obstacle:
        st.warning(obstacle, icon=":material/balance:")
    else:
        st.caption(f"Both were measured on the same {its.rows}. Ranges: 95 % intervals.")
    st.caption(data_told(new, old))
    with page_frame.panel():
        _settings(account, new, old)


def metrics(
    new: ModelVersion, its: ModelMetrics, old: ModelVersion, others: ModelMetrics, comparable: bool
) -> list[dict[str, str]]:
    """The metrics as rows of a table, and the threshold at which flags were counted."""
    rows = [
        {
            "": metric_cards.title(name),
            str(new): _written(its, name),
            str(old): _written(others, name),
            "Difference": _difference(its, others, name) if comparable else "not comparable",
        }
        for name in {**its.measures, **others.measures}
    ]
    thresholds = {str(each): _threshold(quality) for each, quality in ((new, its), (old, others))}
    return [*rows, {"": "Threshold", **thresholds, "Difference": ""}]


def data_told(new: ModelVersion, old: ModelVersion) -> str:
    """Whether both learned from the same data, in words."""
    same = model_versions.same_data(new, old)
    if same is None:
        unknown = new if model_versions.DATA_SHA256 not in new.metadata else old
        return f"Not known whether both trained on the same rows: no hash was saved with {unknown}."
    if same:
        return f"Both trained on the same rows{(f' of {new.data}' if new.data else '')} (equal SHA-256)."
    named = [f"{each}{f' from {each.data}' if each.data else ''}" for each in (new, old)]
    return f"They trained on different rows, {' and '.join(named)} (different SHA-256)."


def _settings(account: Account, new: ModelVersion, old: ModelVersion) -> None:
    st.markdown("**Different settings**")
    if not (new.job and old.job):
        st.caption("Not known: at least one was not registered with SageDeck, so its training job is unknown.")
        return
    try:
        jobs = [job_queries.ended_training_job(account, each.job) for each in (new, old)]
    except AwsError as error:
        if not error.is_missing:
            raise
        said = "the training job of one of them no longer exists"
        raise Problem("Settings", said, "Compare the saved metrics instead") from error
    differing = job_comparison.differing_settings(jobs)
    if differing:
        st.dataframe(
            [
                {"": name, str(new): values[0] or "default", str(old): values[1] or "default"}
                for name, values in differing.items()
            ],
            hide_index=True,
        )
    else:
        st.caption("None: all settings are the same.")


def _written(quality: ModelMetrics, name: str) -> str:
    measure = quality.measures.get(name)
    if measure is None:
        return "–"
    within = metric_cards.interval(measure)
    return f"{measure.value:.4f}{f' ({within})' if within else ''}"


def _difference(its: ModelMetrics, others: ModelMetrics, name: str) -> str:
    if name not in its.measures or name not in others.measures:
        return ""
    return f"{its.measures[name].value - others.measures[name].value:+.4f}".replace("-", "−")


def _threshold(quality: ModelMetrics) -> str:
    return "–" if quality.threshold is None else f"{quality.threshold:g}"
