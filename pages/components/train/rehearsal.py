"""The dress rehearsal on the Train form: the same request on this computer first, on a sample, and then on to AWS."""

from dataclasses import fields
from datetime import UTC, datetime

import streamlit as st

from pages.components.launch import compute_form
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.queries import rehearsal as rehearsal_queries
from pages.components.queries.changes import changed
from pages.components.shell import launch_reservation, metric_card, page_frame, status_badges
from pages.components.shell.formats import count, dollars, duration, percent, plain, size
from services import settings
from services.aws.account import Account
from services.data import sampling
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.pricing import price_book
from services.training import jobs as training_jobs
from services.training import learning_curves, rehearsal
from services.training.forecast import RehearsalForecast, forecast
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from services.training.rehearsal import Rehearsal

ROWS = (5_000, 20_000, 100_000)
KEY = "rehearsal"  # in the address and in the session: the name of the job on this computer


def draw(account: Account, plan: TrainingPlan, problem: Problem | None) -> None:
    """The offer to rehearse `plan`, and the rehearsal that is looked at; `problem` is what is wrong with the plan."""
    here = settings.account(settings.THIS_COMPUTER, settings.LOCAL_REGION)
    with st.container(border=True):
        st.subheader("Rehearsal", anchor=False)
        with compute_form.show_failure_help():
            _offer(account, here, plan, problem)
        name = st.query_params.get(KEY) or st.session_state.get(KEY)
        if name:
            st.session_state[KEY] = st.query_params[KEY] = name
            with page_frame.panel():
                active = job_queries.training_job(here, name).status.active
                watch = st.fragment(run_every=1 if active else None, key="rehearse_watch")(_watch)
                watch(account, here, plan, name, active)


def _offer(account: Account, here: Account, plan: TrainingPlan, problem: Problem | None) -> None:
    files = 2 * sampling.LIMIT
    price = dollars(files / 1e9 * price_book.USD_PER_GB_OUT)
    st.caption(
        plain(
            "Runs the identical request on this computer first, on a sample of the rows, so that errors cost "
            f"nothing. Reads at most {size(files)} from S3; AWS charges up to {price} for the transfer."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rows = st.selectbox(
            "Maximum rows",
            ROWS,
            index=1,
            key="rehearse_rows",
            format_func=count,
            width=130,
            help="Training rows; the same share of the validation rows is used",
            persist_state="session",
        )
        pressed = st.button(
            "Rehearse on this computer", key="rehearse", icon=":material/theater_comedy:", disabled=problem is not None
        )
    if pressed and not problem:
        bar = st.empty()

        def show(done: int, total: int) -> None:
            bar.progress(min(1.0, done / total) if total else 0.0, f"Reading {size(done)} of {size(total)}")

        with st.spinner("Rehearsing"):
            name = rehearsal.start(account, here, plan, rows, datetime.now(UTC), show)
        st.session_state[KEY] = st.query_params[KEY] = name
        changed(here, "training")
        st.rerun()


def _watch(account: Account, here: Account, plan: TrainingPlan, name: str, was_active: bool) -> None:
    """The rehearsal, live while it runs."""
    account = settings.as_now(account)
    with page_frame.panel():
        job = job_queries.training_job(here, name)
        if was_active and not job.status.active:
            st.rerun()
        record = rehearsal_queries.rehearsal(here, name)
        _heading(here, job)
        if (account.identity().account, account.region) != (record.account, record.region):
            st.info(
                plain(
                    f"This rehearsal was for account {record.account}, region {record.region}. Choose that account "
                    "in the sidebar to see its result."
                ),
                icon=":material/swap_horiz:",
            )
            return
        planned = record.planned(account)
        st.caption(plain(_sampled(record, planned.data)))
        if job.status == "Completed":
            _numbers(here, job)
            distorted = _distorted(record, planned.data)
            if distorted:
                st.caption(plain(distorted))
            _oddities(record, planned.data)
            _onward(account, plan, planned, _forecast(account, here, job, record, planned))
        elif not job.status.active:
            _failed(job)
            _oddities(record, planned.data)


def _heading(here: Account, job: TrainingJob) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badges.status_badge(job.status)
        if job.status.active and st.button("Stop", key="rehearse_stop", icon=":material/stop:"):
            training_jobs.stop(here, job.name)
            changed(here, "training")
            st.rerun()
        if not job.status.active and st.button("Close", key="rehearse_close", icon=":material/close:", type="tertiary"):
            _forget()
            st.rerun()
    st.caption(plain(f"{job.name}, in the history of This computer."))
    if job.status.active:
        curve = learning_curves.learning_curve(job_queries.log_lines(here, job.name))
        done, rounds = curve.rounds[-1] + 1 if curve.rounds else 0, job.rounds or 1
        st.progress(min(1.0, done / rounds), f"Round {count(done)} of {count(rounds)}")


def _forget() -> None:
    st.session_state.pop(KEY, None)
    st.query_params.pop(KEY, None)


def _sampled(record: Rehearsal, data: PreparedData) -> str:
    """What the sample is of."""
    train, validation = record.samples["train"], record.samples["validation"]
    classes = ""
    if data.kind is TargetKind.TWO_CLASSES:
        sampled, available = train.positives, data.positives["train"]
        positives = f"all {count(available)}" if sampled == available else f"{count(sampled)} of the {count(available)}"
        classes = f" ({positives} of class {data.classes[1]})"
    elif train.class_rows:
        classes = f" (rows of {sum(map(bool, train.class_rows))} of the {len(data.classes)} classes)"
    return (
        f"{count(train.rows)} of {count(data.rows['train'], 'training row')}{classes} and {count(validation.rows)} of "
        f"{count(data.rows['validation'], 'validation row')}, random seed {sampling.SEED}; "
        f"{size(train.read + validation.read)} of {size(train.size + validation.size)} read."
    )


def _distorted(record: Rehearsal, data: PreparedData) -> str | None:
    """What the metrics of a sample with other shares of the classes are worth; None when the shares are about alike."""
    train = record.samples["train"]
    sampled, available = train.class_rows, data.class_rows.get("train", ())
    if data.kind is TargetKind.TWO_CLASSES:
        positives = data.positives["train"]
        sampled, available = (
            (train.rows - train.positives, train.positives),
            (data.rows["train"] - positives, positives),
        )
    if not sampled or not available:
        return None
    shares = [
        (many / max(sum(sampled), 1), of / max(sum(available), 1)) for many, of in zip(sampled, available, strict=True)
    ]
    place = 1 if len(shares) == 2 else max(range(len(shares)), key=lambda each: abs(shares[each][0] - shares[each][1]))
    sample_share, full_share = shares[place]
    if abs(sample_share - full_share) <= full_share / 10:
        return None
    return (
        f"Class {data.classes[place]} is {percent(sample_share)} of the sample but {percent(full_share)} of all rows: "
        "these metrics show that the model learns, not how well."
    )


def _oddities(record: Rehearsal, data: PreparedData) -> None:
    """Rows that an algorithm would stumble over."""
    for split, sample in record.samples.items():
        if sample.odd:
            where = f"; the first is row {count(sample.odd_row)}" if sample.odd_row else ""
            st.warning(
                plain(
                    f"{count(sample.odd, 'row')} of {data.file(split)} "
                    f"{('differs' if sample.odd == 1 else 'differ')} from the others: text, too many or too few "
                    f"cells, or an unknown class{where}."
                ),
                icon=":material/warning:",
            )


def _numbers(here: Account, job: TrainingJob) -> None:
    """What it took and what it came to."""
    seconds, peak = rehearsal.training_seconds(job), rehearsal_queries.peak_memory(here, job.name)
    with st.container(horizontal=True):
        metric_card.number("Training time", f"{seconds:.1f} s" if seconds < 60 else duration(seconds))
        metric_card.number("Peak memory", "not measured" if peak is None else f"{peak:.2f} GiB")
        for name, value in job.metrics.items():
            metric_card.number(name, f"{value:.5f}")


def _forecast(
    account: Account, here: Account, job: TrainingJob, record: Rehearsal, planned: TrainingPlan
) -> RehearsalForecast:
    peak = rehearsal_queries.peak_memory(here, job.name)
    return forecast(planned, record.rows, rehearsal.training_seconds(job), peak, price_queries.book(account))


def _onward(account: Account, plan: TrainingPlan, planned: TrainingPlan, prediction: RehearsalForecast) -> None:
    """What AWS will probably take, and the way there."""
    _foretell(planned, prediction)
    changed = _changes(planned, plan)
    if changed:
        st.info(
            plain(f"The form has changed since ({', '.join(changed)}). The rehearsed job is sent."),
            icon=":material/edit_note:",
        )
    most = compute_form.maximum_cost(account, compute_form.compute_of(planned), 1)
    st.caption(
        ":material/payments: "
        + plain(
            f"{planned.name} on {planned.instance_count} × {planned.instance_type}: "
            f"expected {dollars(prediction.cost)}, maximum {dollars(most)} (time limit)."
        )
    )
    launch_reservation.show(account, most)
    pressed = st.button("Send to AWS", key="send", type="primary", icon=":material/send:")
    if pressed and compute_form.launch(account, planned):
        _forget()
        st.rerun()


def _foretell(planned: TrainingPlan, prediction: RehearsalForecast) -> None:
    """Time and memory with all rows, and what they pass."""
    per_instance = f" on each of {count(planned.instance_count, 'instance')}" if planned.instance_count > 1 else ""
    memory = f" and needs about {prediction.memory:.1f} GiB" if prediction.memory is not None else ""
    room = f" of the {prediction.room:g} GiB that {planned.instance_type} has" if memory and prediction.room else ""
    time = duration(max(prediction.seconds, 1))
    st.markdown(f"With all {count(prediction.rows, 'row')}{per_instance} it takes about {time}{memory}{room}.")
    st.caption(
        "Extrapolated by rows, which overestimates: small samples take longer per row. Assumes an instance "
        "as fast as this computer; starting it takes some minutes more, partly billed."
    )
    if prediction.too_large:
        st.warning(
            "It will probably run out of memory. Choose an instance type with more memory.", icon=":material/memory:"
        )
    if prediction.seconds > planned.max_runtime:
        limit = duration(planned.max_runtime)
        st.warning(f"It will probably not finish within {limit}. Raise the time limit.", icon=":material/timer_off:")


def _changes(rehearsed: TrainingPlan, plan: TrainingPlan) -> list[str]:
    """What differs between two plans, by name."""
    before, after = rehearsed.hyperparameters, plan.hyperparameters
    settings_changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    others = [
        member.name.replace("_", " ")
        for member in fields(plan)
        if member.name != "hyperparameters" and getattr(rehearsed, member.name) != getattr(plan, member.name)
    ]
    return [*others, *settings_changed]


def _failed(job: TrainingJob) -> None:
    """Why it did not complete, and what to do."""
    reason = job.failure or job.secondary
    st.error(plain(f"The rehearsal did not complete: {reason}"), icon=":material/error:")
    compute_form.meaning(reason)
    st.caption("Nothing was sent to AWS. Row numbers refer to the sample.")
