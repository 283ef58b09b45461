"""What a search was worth, in sentences, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import trials as trial_queries
from pages.components.queries.changes import changed
from pages.components.queries.evaluations import NotScoredError
from pages.components.shell import formats, page_frame
from pages.components.tune import clone_search, comparison_rows, failed_trials, other_targets, trial_tabs
from services.data import prepared_data
from services.data.class_names import class_name
from services.data.target_kind import TargetKind
from services.evaluation.model_comparison import MetricDifference, ModelComparison
from services.training.jobs import JobStatus
from services.tuning import jobs as tuning_jobs
from services.tuning import search_space
from services.tuning import summary as tuning_summary
from services.tuning.summary import SearchOutcome

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.data.prepared_data import PreparedData
    from services.tuning.jobs import TuningJob
    from services.tuning.summary import EdgeValue, TuningSummary

OUTCOMES = {
    SearchOutcome.IMPROVED: "The search improved the model",
    SearchOutcome.NOT_SIGNIFICANT: "No significant improvement",
    SearchOutcome.WORSE: "The tuned model is worse than the baseline",
}


def show(account: Account, job: TuningJob) -> None:
    """The verdict on a search that has ended; the body of a fragment."""
    with page_frame.panel(), st.container(border=True):
        st.subheader("Search result", anchor=False)
        found, compared = trial_queries.trials(account, job), None
        unlearned = trial_queries.failed_to_learn(account, job, found)
        if unlearned:
            failed_trials.show(account, job, unlearned)
        with page_frame.panel():
            compared = held_out(account, job)
        with st.spinner("Computing importance"):
            weighed = trial_queries.importances(account, job, found)
        reached = tuning_summary.summarize(
            job.ranges,
            found,
            maximise=job.maximise,
            unlearned=unlearned.names if unlearned else (),
            best=job.best,
            usd_per_hour=trial_tabs.rate(account, job),
            comparison=compared,
            importances=weighed,
            now=datetime.now(UTC),
        )
        said = [*money(reached), *lessons(reached), *waste(reached), *(at_the_edge(edge) for edge in reached.edges)]
        st.markdown("\n".join(f"- {formats.plain(sentence)}" for sentence in said))
        look_beyond(account, job, reached)


def held_out(account: Account, job: TuningJob) -> ModelComparison | None:
    """The best trial against the baseline on rows new to both, said as a headline; None when it cannot be told."""
    if not job.best:
        return None
    baseline = choose_baseline(account, job)
    if not baseline:
        return None
    known = job_queries.training_job(account, baseline)
    if known.status.active:
        st.fragment(run_every=2, key="await_baseline")(await_end)(account, baseline)
        return None
    if known.status != JobStatus.COMPLETED:
        st.warning(
            formats.plain(f"Baseline {baseline} is {known.status.lower()}. Choose another one."), icon=":material/help:"
        )
        return None
    data = prepared_data.trained_on(account, job.train_channel)
    if not known.channels.get("train", "").startswith(f"{data.address}/"):
        st.warning(
            formats.plain(
                f"Baseline {baseline} was trained on other data and may have seen these test rows. Choose another one."
            ),
            icon=":material/help:",
        )
        return None
    split = comparison_rows.choose(account, job, baseline, data)
    compared = on_rows(account, job.best, baseline, data, split)
    comparison_rows.note(account, job, data, (baseline, job.best), split)
    return compared


def on_rows(account: Account, best: str, baseline: str, data: PreparedData, split: str) -> ModelComparison | None:
    """The comparison of the best trial with the baseline, said as a headline; None when it cannot be told."""
    try:
        with st.spinner(f"Scoring the {split} rows with both models"):
            if data.kind is not TargetKind.TWO_CLASSES:
                moved_by, loss = trial_queries.difference(account, baseline, best, split, data)
                other_targets.headline(moved_by, data, split, loss)
                return None
            found = trial_queries.comparison(account, baseline, best, split, data)
    except NotScoredError as unscored:
        st.info(formats.plain(str(unscored)), icon=":material/fact_check:")
        with st.container(horizontal=True):
            page_frame.next_step("evaluate", "Score the baseline", job=baseline, split=split)
            page_frame.next_step("evaluate", "Score the best trial", job=best, split=split)
        return None
    if found is None:
        st.info(f"The {split} rows have only one class, so nothing can be compared.", icon=":material/help:")
        return None
    headline(found, class_name(data.classes[1]), split)
    return found


def await_end(account: Account, baseline: str) -> None:
    """Says that the baseline runs; the body of a fragment. Its end is a new page, with the verdict."""
    with page_frame.panel():
        if not job_queries.training_job(account, baseline).status.active:
            st.rerun()
        sentence = f"The result appears when the baseline {baseline} has finished."
        st.info(formats.plain(sentence), icon=":material/hourglass_top:")


def choose_baseline(account: Account, job: TuningJob) -> str | None:
    """The job it is held against: the one noted at the launch, or one that is chosen now and noted."""
    noted = trial_queries.baseline(account, job)
    done = [each.name for each in job_queries.training_jobs(account) if each.status == JobStatus.COMPLETED]
    options = list(dict.fromkeys([*([noted] if noted else []), *done]))
    if not options:
        st.info("There is no completed training job to use as a baseline.", icon=":material/help:")
        page_frame.next_step("train", "Train a baseline")
        return None
    chosen = st.selectbox(
        "Baseline job",
        options,
        index=0 if noted else None,
        key=f"baseline_of_{job.name}",
        placeholder="Choose a training job",
        width=420,
    )
    if chosen and chosen != noted:
        tuning_jobs.set_baseline(account, job, chosen)
        changed(account, "baseline")
    return chosen


def headline(found: ModelComparison, positive: str, split: str) -> None:
    """The outcome of the search, with its figures."""
    outcome, text = tuning_summary.outcome_of(found), formats.plain(judged(found, positive, split))
    if outcome is SearchOutcome.NOT_SIGNIFICANT:
        st.info(text, icon=":material/balance:")
    elif outcome is SearchOutcome.IMPROVED:
        st.success(text, icon=":material/trending_up:")
    else:
        st.warning(text, icon=":material/trending_down:")


def judged(found: ModelComparison, positive: str, split: str) -> str:
    """The comparison in words; `positive` is how class 1 is called."""
    start = OUTCOMES[tuning_summary.outcome_of(found)]
    rows = f"{formats.count(found.rows, f'{split} row')} ({found.positives:,} of them {positive})"
    few = " With so few rows of one class the intervals are only approximate." if found.few else ""
    return (
        f"{start}. On {rows}, average precision {moved(found.average_precision)}. ROC AUC {moved(found.roc_auc)}.{few}"
    )


def moved(gained: MetricDifference) -> str:
    """ "went from 0.843 to 0.861: 0.018 more, 95 % interval 0.004 to 0.032"."""
    more = f"{abs(gained.gain):.3f} {'more' if gained.gain >= 0 else 'less'}"
    inside = "" if gained.is_significant else ", not significant"
    return (
        f"went from {gained.before:.3f} to {gained.after:.3f}: {more} (95 % interval {signed(gained.low)} to "
        f"{signed(gained.high)}{inside})"
    )


def signed(value: float) -> str:
    """ "+0.004", "−0.014", "0.000"."""
    return f"{value:+.3f}".replace("-", "−") if abs(value) >= 0.0005 else "0.000"


def money(reached: TuningSummary) -> list[str]:
    """What it cost, and for what."""
    cost = f"{formats.count(reached.trials, 'trial')} cost {formats.dollars(reached.dollars)}"
    if reached.dollars is None:
        return [f"The cost of the {formats.count(reached.trials, 'trial')} is unknown, because their price is."]
    if reached.dollars_a_point is None:
        return [f"The {cost}." if reached.comparison is None else f"The {cost} without a significant improvement."]
    return [f"The {cost}: {formats.dollars(reached.dollars_a_point)} per 0.01 of average precision."]


def lessons(reached: TuningSummary) -> list[str]:
    """What the settings did."""
    said = []
    if reached.matters:
        said.append(f"{listed(reached.matters)} had the most influence on the objective.")
    if reached.flat:
        said.append(f"{listed(reached.flat)} had no influence: fix {them(reached.flat)} next time.")
    if reached.unclear:
        said.append(f"The influence of {listed(reached.unclear)} is unclear from these trials.")
    if not said:
        said.append("Too few trials to tell which settings had influence.")
    return said


def waste(reached: TuningSummary) -> list[str]:
    """What the trials that brought nothing cost."""
    wasted = reached.waste
    if not wasted.trials:
        return []
    kinds = {
        "failed": wasted.failed,
        "stopped before the end": wasted.stopped,
        "completed without a value": wasted.unmeasured,
        "failed to learn or far below the others": wasted.hopeless,
    }
    parts = listed(tuple(f"{number} {kind}" for kind, number in kinds.items() if number))
    return [f"Of {formats.count(reached.trials, 'trial')}, {parts}: {formats.dollars(wasted.dollars)} wasted."]


def look_beyond(account: Account, job: TuningJob, reached: TuningSummary) -> None:
    """The button to a search with wider ranges, where a best value lies at the end of its range."""
    known = [each for each in reached.next_ranges if each.name in search_space.tunable(job.algorithm)]
    if known:
        wider = ", ".join(f"{each.name} {each.low:g} to {each.high:g}" for each in known)
        pressed = st.button(
            "New search with wider ranges",
            key="look_beyond",
            icon=":material/open_in_full:",
            help=formats.plain(f"Fills the form with a warm start from these trials and {wider}"),
            on_click=clone_search.prefill,
            args=(account, job, known),
        )
        if pressed:  # the form is outside of this fragment
            st.rerun()


def at_the_edge(edge: EdgeValue) -> str:
    """A best value at the end of its range, in words."""
    searched, end = edge.searched, "upper" if edge.upwards else "lower"
    where = (
        f"The best {searched.name}, {edge.value:.4g}, is at the {end} end of its range ({searched.low:g} to "
        f"{searched.high:g})"
    )
    if edge.wider is None:
        return f"{where}; the algorithm allows no {('higher' if edge.upwards else 'lower')} value."
    return f"{where}: better values may lie outside."


def listed(words: tuple[str, ...]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def them(words: tuple[str, ...]) -> str:
    """The pronoun of a list."""
    return "them" if len(words) > 1 else "it"
