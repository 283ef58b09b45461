"""Two model versions beside each other: metrics, data, decision, and where their settings differ."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.shell import metric_card, page_frame
from pages.components.shell.formats import plain
from services.algorithms import catalogue
from services.aws.account import Account
from services.aws.errors import AwsError
from services.errors import Problem
from services.registry import model_metrics
from services.registry import versions as model_versions
from services.registry.model_metrics import ModelMetrics
from services.registry.versions import ModelVersion
from services.training import job_comparison


def show(account: Account, new: ModelVersion, old: ModelVersion) -> None:
    """Version `new` against version `old`, top to bottom."""
    new_metrics, old_metrics = (registry_queries.quality(account, version) for version in (new, old))
    obstacle = model_metrics.obstacle(str(new), new_metrics.rows, str(old), old_metrics.rows)
    st.dataframe(metrics(new, new_metrics, old, old_metrics, comparable=not obstacle), hide_index=True)
    if obstacle:
        st.warning(plain(obstacle), icon=":material/balance:")
    else:
        st.caption(plain(f"Both were measured on the same {new_metrics.rows}. Ranges are 95 % intervals."))
        if apart := model_metrics.threshold_obstacle(str(new), new_metrics, str(old), old_metrics):
            st.warning(plain(apart), icon=":material/balance:")
    st.caption(plain(same_data_sentence(new, old)))
    with page_frame.panel():
        _settings(account, new, old)


def metrics(
    new: ModelVersion, new_metrics: ModelMetrics, old: ModelVersion, old_metrics: ModelMetrics, comparable: bool
) -> list[dict[str, str]]:
    """The metrics as rows of a table, and the threshold at which flags were counted; two of these compare no flags."""
    apart = bool(model_metrics.threshold_obstacle(str(new), new_metrics, str(old), old_metrics))

    def difference(name: str) -> str:
        if not comparable or (apart and catalogue.needs_threshold(name)):
            return "not comparable"
        return _difference(new_metrics, old_metrics, name)

    rows = [
        {
            "": model_metrics.title(name),
            str(new): _cell(new_metrics, name),
            str(old): _cell(old_metrics, name),
            "Difference": difference(name),
        }
        for name in {**new_metrics.measures, **old_metrics.measures}
        if name not in model_metrics.HIDDEN
    ]
    thresholds = {str(new): _threshold(new_metrics), str(old): _threshold(old_metrics)}
    return [*rows, {"": "Threshold", **thresholds, "Difference": ""}]


def same_data_sentence(new: ModelVersion, old: ModelVersion) -> str:
    """Whether both trained on the same rows, by their SHA-256."""
    same = model_versions.same_data(new, old)
    if same is None:
        unknown = new if model_versions.DATA_SHA256 not in new.metadata else old
        return f"Not known whether both trained on the same rows: no hash was saved with {unknown}."
    if same:
        return f"Both trained on the same rows{(f' of {new.data}' if new.data else '')} (equal SHA-256)."
    described = [f"{version}{f' on {version.data}' if version.data else ''}" for version in (new, old)]
    return f"They trained on different rows: {' and '.join(described)} (different SHA-256)."


def _settings(account: Account, new: ModelVersion, old: ModelVersion) -> None:
    st.markdown("**Different settings**")
    if not (new.job and old.job):
        st.caption("Not known: at least one was not registered with SageDeck, so its training job is unknown.")
        return
    try:
        jobs = [job_queries.ended_training_job(account, version.job) for version in (new, old)]
    except AwsError as error:
        if not error.is_missing:
            raise
        cause = "the training job of one of them no longer exists"
        raise Problem("Settings", cause, "Compare the saved metrics instead") from error
    settings = job_comparison.differing_settings(jobs)
    if settings:
        st.dataframe(
            [
                {"": name, str(new): values[0] or "default", str(old): values[1] or "default"}
                for name, values in settings.items()
            ],
            hide_index=True,
        )
    else:
        st.caption("None: all settings are the same.")


def _cell(quality: ModelMetrics, name: str) -> str:
    measure = quality.measures.get(name)
    if measure is None:
        return "–"
    within = metric_card.interval_text(measure.interval)
    return f"{measure.value:.4f}{f' ({within})' if within else ''}"


def _difference(new: ModelMetrics, old: ModelMetrics, name: str) -> str:
    if name not in new.measures or name not in old.measures:
        return ""
    return f"{new.measures[name].value - old.measures[name].value:+.4f}".replace("-", "−")


def _threshold(quality: ModelMetrics) -> str:
    return "–" if quality.threshold is None else f"{quality.threshold:g}"
