"""What the trials of a search show: a picture a tab, each with the sentence that says how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.queries import prices as price_queries
from pages.components.queries import trials as trial_queries
from pages.components.shell import chart_theme, formats
from pages.components.tune import charts as tuning_charts
from services.tuning import chart_data

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.tuning.jobs import Trial, TuningJob

FOREST, FANOVA = "Random forest", "fANOVA"  # how importance is worked out
CURVES = 10  # the best trials, whose learning curves are drawn


def rate(account: Account, job: TuningJob) -> float | None:
    """Dollars an hour of one trial; None when the price is unknown."""
    price = price_queries.book(account).usd_per_hour(job.instance_type, "Training")
    return None if price is None else price * job.instance_count


def tried(trials: Sequence[Trial]) -> list[str]:
    """What each trial tried, in lines of a chart's text."""
    return [
        "<br>".join(chart_theme.plain(f"{name} {shortened(value)}") for name, value in trial.hyperparameters.items())
        for trial in trials
    ]


def shortened(value: str) -> str:
    """A number in four digits, other text as it is."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value


def timeline(trials: Sequence[Trial]) -> None:
    """Which trials ran when, side by side."""
    lanes = chart_data.timeline_lanes(trials, datetime.now(UTC))
    st.plotly_chart(
        tuning_charts.timeline(lanes, tried(trials)),
        key="timeline",
        config=tuning_charts.CONFIG,
        alt="Start and end of each trial",
    )


def progress(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The objective of every trial, and the best so far."""
    seen, words = chart_data.progress(trials, job.maximise), tried(trials)
    figure = tuning_charts.progress(seen, job.objective, [words[number - 1] for number in seen.numbers])
    st.plotly_chart(
        figure, key="progress", config=tuning_charts.CONFIG, alt=f"{job.objective} of each trial and the best so far"
    )


def parallel(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """Parallel coordinates of all settings."""
    axes = [chart_data.axis(parameter, trials) for parameter in chart_data.settings(job.ranges, trials)]
    figure = tuning_charts.parallel(axes, [trial.value for trial in trials], job.objective, job.maximise)
    st.plotly_chart(figure, key="parallel", config=tuning_charts.CONFIG, alt="Parallel coordinates of the trials")
    st.caption("Drag along an axis to filter trials; click the axis to clear the filter.")


def one_by_one(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The objective against each setting."""
    values, words = [trial.value for trial in trials], tried(trials)
    places = st.columns(2)
    for number, parameter in enumerate(chart_data.settings(job.ranges, trials)):
        figure = tuning_charts.setting(chart_data.axis(parameter, trials), values, job.objective, words)
        places[number % 2].plotly_chart(
            figure,
            key=f"effect_{parameter.name}",
            config=tuning_charts.CONFIG,
            alt=f"{job.objective} by {parameter.name}",
        )


def two_by_two(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The objective over two settings that one chooses."""
    searched = {parameter.name: parameter for parameter in chart_data.settings(job.ranges, trials)}
    if len(searched) < 2:
        st.info("Only one setting is varied; see Slices.", icon=":material/info:")
        return
    names = list(searched)
    left, right = st.columns(2)
    across = left.selectbox("Horizontal axis", names, key="tune_across")
    others = [name for name in names if name != across]
    up = right.selectbox("Vertical axis", others, key="tune_up")
    axes = [chart_data.axis(searched[name], trials) for name in (across, up)]
    values = [trial.value for trial in trials]
    known = [value for value in values if value is not None]
    enough = len(known) >= chart_data.FEWEST_ON_MAP and min(known) < max(known)
    ground = chart_data.landscape(axes[0], axes[1], values) if enough else None
    figure = tuning_charts.landscape(ground, axes[0], axes[1], values, tried(trials), job.maximise)
    st.plotly_chart(figure, key="landscape", config=tuning_charts.CONFIG, alt=f"{job.objective} by {across} and {up}")
    st.caption(formats.plain(about_map(job, known, enough)))


def about_map(job: TuningJob, values: Sequence[float], enough: bool) -> str:
    """How to read the map, or why it has no contour."""
    if enough:
        return "The surface averages nearby trials, regardless of their other settings. Areas without trials are empty."
    if len(values) < chart_data.FEWEST_ON_MAP:
        return (
            f"A contour needs at least {chart_data.FEWEST_ON_MAP} trials with a value; there are {len(values)}. "
            f"Each dot is a trial, coloured by {job.objective}."
        )
    return f"All trials have the same {job.objective}, so there is no contour."


def importance(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """Which settings the objective depended on, by the method that is chosen."""
    st.session_state.setdefault("importance_method", FOREST)
    method = st.segmented_control(
        "Method",
        [FOREST, FANOVA],
        key="importance_method",
        required=True,
        help="Random forest: what helps to predict the objective, against shuffled copies of the settings. "
        "fANOVA: how much of its variation each setting explains on its own.",
    )
    (by_fanova if method == FANOVA else by_forest)(account, job, trials)


def by_fanova(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The share of the objective's variation that each setting explains, or why that cannot be told."""
    with st.spinner("Computing fANOVA"):
        found = trial_queries.explained_variation(account, job, trials)
    if isinstance(found, str):
        st.info(formats.plain(found), icon=":material/info:")
        return
    st.plotly_chart(
        tuning_charts.explained(found, job.objective),
        key="fanova",
        config=tuning_charts.CONFIG,
        alt=f"Share of the variation of {job.objective} that each setting explains",
    )
    st.caption(
        f"fANOVA of {formats.count(found.trials, 'trial')} with a value; what the shares leave to 100 % is due to "
        "combinations of settings and to noise. Dotted line: the highest share with shuffled objectives."
    )


def by_forest(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """Which settings the objective depended on, as far as the trials can tell."""
    with st.spinner("Computing importance"):
        weighed = trial_queries.importances(account, job, trials)
    if weighed is None:
        st.info("Importance needs at least ten different trials.", icon=":material/info:")
        return
    st.plotly_chart(
        tuning_charts.importance(weighed),
        key="importance",
        config=tuning_charts.CONFIG,
        alt=f"Importance of each setting for {job.objective}",
    )
    few = "" if weighed.enough else " Too few trials to rule out a setting."
    st.caption(
        f"Random forest importance from {formats.count(weighed.trials, 'trial')}. Dotted line: the highest "
        f"importance of shuffled copies, which have no influence.{few}"
    )


def curves(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The learning curves of the best trials."""
    best = [trials[place] for place in chart_data.ranked(trials, job.maximise)[:CURVES]]
    names = tuple(trial.name for trial in best if trial.value is not None and not trial.status.active)
    with st.spinner("Reading the logs"):
        curves_by_trial = trial_queries.curves(account, names)
    series = list(dict.fromkeys(name for curve in curves_by_trial.values() for name in curve.values))
    if not series:
        st.info("The logs contain no rounds.", icon=":material/info:")
        return
    alike = [name for name in series if name.startswith("validation:")]
    usual = job.objective if job.objective in series else [*alike, *series][0]
    chosen = st.pills("Metric", series, default=usual, key="tuning_metric", required=True, format_func=formats.plain)
    short = dict(zip(numbered(trials, names), curves_by_trial.values(), strict=True))
    best_name = numbered(trials, (job.best,))[0] if job.best in names else None
    st.plotly_chart(
        tuning_charts.curves(short, chosen, best_name),
        key="curves",
        config=tuning_charts.CONFIG,
        alt=f"{chosen} by round, best trials",
    )
    st.caption(formats.plain(f"Best {formats.count(len(names), 'trial')} by {job.objective}."))


def numbered(trials: Sequence[Trial], names: Sequence[str | None]) -> list[str]:
    """Trials as their numbers: "trial 7"."""
    places = {trial.name: number for number, trial in enumerate(trials, start=1)}
    return [f"trial {places[name]}" for name in names if name]


def money(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """What the best objective had cost."""
    price = rate(account, job)
    if price is None:
        st.info(formats.plain(f"The price of {job.instance_type} is unknown."), icon=":material/info:")
        return
    spent = chart_data.cost_curve(trials, job.maximise, price)
    place, gained = chart_data.last_gain(spent), chart_data.gain_over_first(trials, job.maximise)
    if place is None or gained is None:
        st.info("No trial has ended with a value yet.", icon=":material/hourglass_top:")
        return
    st.plotly_chart(
        tuning_charts.spending(spent, job.objective),
        key="spending",
        config=tuning_charts.CONFIG,
        alt=f"Best {job.objective} by cost",
    )
    total, reached = float(spent.dollars[-1]), float(spent.dollars[place])
    share = formats.percent(reached / total if total else 1.0)
    first, gain = gained
    rest = "" if place == len(spent.names) - 1 else "; the rest brought no improvement"
    st.caption(
        formats.plain(
            f"The best value was reached after {share} of the {formats.dollars(total)} spent{rest}. It "
            f"improved by {gain:.5f} from trial {first}{', the first with a value' if first > 1 else ''}."
        )
    )


DRAWN = {
    "Progress": progress,
    "Parallel coordinates": parallel,
    "Slices": one_by_one,
    "Contour": two_by_two,
    "Importance": importance,
    "Learning curves": curves,
    "Cost": money,
}
