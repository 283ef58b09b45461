"""The whole path of prepared data as a notebook: explore, train, tune, evaluate, deploy, predict, clean up.

Values in, the text of an .ipynb file out. Launches go through the SageMaker SDK, reads through boto3, as in the
dashboard itself. Every cell that bills states its maximum cost, and the last one stops and deletes what bills.
Reference: nbformat 4.5.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from services.aws.account import Account
from services.codegen import boto3_scripts, notebook_cells, notebook_targets, sdk_scripts, training_rows
from services.codegen.python_source import Code, literal
from services.errors import Problem
from services.pricing.price_book import PriceBook
from services.training import plan as training_plan
from services.training.plan import TrainingPlan
from services.tuning import plan as tuning_plan
from services.tuning import search_presets
from services.tuning.plan import TuningPlan
from services.visible_text import inline_code

HOST = "ml.m4.xlarge"  # the AWS tutorial's
NAME_LENGTH = 18  # what a tuning job's name leaves beside the time
REQUEST = 6_000_000  # bytes that an endpoint takes at a time, a little less than its limit
NUMBER = 25  # bytes of a cell of CSV at most


@dataclass(frozen=True)
class Cell:
    """A cell; `name` is its id, letters and hyphens."""

    name: str
    kind: Literal["markdown", "code"]
    text: str

    def document(self) -> dict[str, Any]:
        """As nbformat 4.5 has it."""
        source = self.text.strip("\n").splitlines(keepends=True)
        more: dict[str, Any] = {"execution_count": None, "outputs": []} if self.kind == "code" else {}
        return {"cell_type": self.kind, "id": self.name, "metadata": {}, "source": source, **more}


def validate(first: TrainingPlan, search: TuningPlan) -> None:
    """Raises Problem for jobs that would be refused, and for models that the notebook could not evaluate."""
    training_plan.validate(first)
    tuning_plan.validate(search)
    objective = first.hyperparameters.get("objective", "reg:squarederror")
    expected = notebook_targets.of(first.data)
    if objective not in expected.objectives:
        raise Problem(f"Objective {objective}", expected.lacks, f"Choose {expected.sound}")


def to_json(
    account: Account,
    first: TrainingPlan,
    search: TuningPlan,
    book: PriceBook,
    costs: Mapping[str, float] = notebook_targets.NO_COSTS,
) -> str:
    """The notebook that trains `first`, then searches, on the data of `first`. Raises AwsError without a bucket.

    costs: of errors of two classes, by which the threshold is chosen.
    """
    name = Code("name")
    first = replace(first, name=name)
    search = replace(search, training=replace(search.training, name=name), baseline=None)
    parts = (_opening, _data, _training, _tuning, partial(_evaluation, costs), _deployment, _cleanup)
    found = [cell for part in parts for cell in part(account, first, search, book)]
    document = {
        "cells": [cell.document() for cell in found],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def usual_search(first: TrainingPlan) -> TuningPlan:
    """The search that follows a training: the recommended ranges, on the same instances with the same tags."""
    aim = first.algorithm.objectives(first.data.kind)[0]
    job, ranges = search_presets.after(replace(first, name=_stem(first), sharded=False, checkpoints=None), aim.name)
    return TuningPlan(job, ranges, aim.name, aim.direction == "Maximize", "Bayesian", 9, 3)


def _opening(account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook) -> list[Cell]:
    data = first.data
    hour = book.usd_per_hour(HOST, "Hosting")
    text = f"""
# {inline_code(data.name)}: from data to predictions

Train, tune, evaluate and deploy a model on Amazon SageMaker, then delete what bills. Run the cells from top to bottom.
**If a cell fails, run the last cell: it stops and deletes everything that this notebook started and that bills.**

On AWS, training costs at most {_dollars(_most(first, book))}, the search at most
{_dollars(tuning_plan.maximum_cost(search, book))}, and the endpoint {_dollars(hour)} an hour until the last
cell has run (on-demand: {book.told(account.region)}).
On this computer nothing is billed.

Requires `pip install sagemaker boto3 pandas plotly scikit-learn xgboost` (the SageMaker SDK 3), and AWS credentials
in the environment; for this computer, `eval "$(python -m services.local env)"` sets them.
"""
    return [
        Cell("opening", "markdown", text),
        Cell(
            "names",
            "code",
            notebook_cells.NAMES.format(stem=literal(f"{_stem(first)}-"), region=literal(account.region)),
        ),
    ]


def _data(account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook) -> list[Cell]:
    data = first.data
    counts = ", ".join(f"{data.rows[split]:,} to {use}" for split, use in notebook_cells.USES.items())
    source, target, address = map(inline_code, (data.source, data.target, data.address))
    of_target = notebook_targets.of(data)
    divided = inline_code(data.divided) if data.divided else f"shuffled with random seed {data.seed}"
    resampled = f"\nTrain rows were resampled: {inline_code(data.resampled)}." if data.resampled else ""
    text = f"""
## Data

Prepared from {source}: target {target} first{of_target.coded}, all rows
split in three ({divided}), without a header: {counts}. Location: {address}.{resampled}
"""
    reading = notebook_cells.READING.format(
        target=literal(data.target), features=literal(list(data.features)), address=literal(str(data.address))
    )
    return [
        Cell("data", "markdown", text),
        Cell("reading", "code", reading),
        Cell("balance", "markdown", of_target.balance[0]),
        Cell("class-balance", "code", of_target.balance[1]),
        Cell("means", "markdown", of_target.features[0]),
        Cell("means-by-class", "code", of_target.features[1]),
    ]


def _training(account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook) -> list[Cell]:
    text = f"""
## Train

Built-in XGBoost on {_machines(first)}. **Costs at most {_dollars(_most(first, book))}**, if it reaches its
time limit of {first.max_runtime // 60} minutes.
"""
    lines = sdk_scripts.trainer(account, first) + training_rows.before(account, first)
    return [
        Cell("train", "markdown", text),
        Cell("training", "code", lines + notebook_cells.TRAINING),
        Cell("learning", "markdown", "Learning curve, from the log."),
        Cell("learning-curve", "code", notebook_cells.LEARNING_CURVE),
    ]


def _tuning(account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook) -> list[Cell]:
    aim = "highest" if search.maximise else "lowest"
    named = search_presets.name_of(search.training.algorithm, search.ranges)
    text = f"""
## Tune

{inline_code(search.strategy)} search over {", ".join(inline_code(each.name) for each in search.ranges)}
for the {aim} {inline_code(search.objective)}: {search.max_jobs} trials, {search.parallel} in parallel, each on
{_machines(search.training)}. {f"{named}. " if named else ""}\
**Costs at most {_dollars(tuning_plan.maximum_cost(search, book))}**, if
{"the search" if search.stopping.max_runtime else "each trial"} reaches its time limit.
"""
    trials = notebook_cells.TRIALS.format(objective=literal(search.objective), ascending=not search.maximise)
    return [
        Cell("tune", "markdown", text),
        Cell("tuning", "code", sdk_scripts.search(account, search, imported=True) + notebook_cells.TUNING),
        Cell("trials", "markdown", "The trials, best first."),
        Cell("trial-table", "code", trials),
    ]


def _evaluation(
    costs: Mapping[str, float], account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook
) -> list[Cell]:
    of_target = notebook_targets.of(first.data, costs)
    text = f"""
## Evaluate

Both models on the test rows, which neither has seen. Scored from the model files, so this costs nothing. \
{of_target.advice}The model to deploy is chosen on the
validation rows, so that the test rows stay an independent check.
"""
    decision = of_target.decision
    return [
        Cell("evaluate", "markdown", text),
        Cell("scores", "code", of_target.scores),
        *([Cell("decision", "markdown", decision[0]), Cell("threshold", "code", decision[1])] if decision else []),
        Cell("matrix", "markdown", of_target.matrix[0]),
        Cell("confusion-matrix", "code", of_target.matrix[1]),
        Cell("curve", "markdown", of_target.curve[0]),
        Cell("precision-recall", "code", of_target.curve[1]),
    ]


def _deployment(account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook) -> list[Cell]:
    hour = book.usd_per_hour(HOST, "Hosting")
    day = None if hour is None else hour * 24
    text = f"""
## Deploy

The chosen model behind an endpoint, one {HOST}. **Costs {_dollars(hour)} an hour, {_dollars(day)} a day,
until the last cell has run; there is no maximum.** If this cell or a later one fails, the endpoint still bills:
run the last cell.
"""
    container = {"Image": Code("image"), "ModelDataUrl": Code("model_uri")}
    name = Code("name")
    lines = notebook_cells.DEPLOYING + boto3_scripts.deployment(name, container, account.role, name, HOST, 1)
    at_once = max(1, min(5000, REQUEST // (NUMBER * len(first.data.features))))
    shown = notebook_targets.of(first.data).shown
    predict = f"""
## Predict

Send the test rows to the endpoint, {at_once:,} per request (at most 6 MB). The scores must equal those of the model
file.
"""
    return [
        Cell("deploy", "markdown", text),
        Cell("deployment", "code", lines),
        Cell("predict", "markdown", predict),
        Cell("prediction", "code", notebook_cells.PREDICTION.format(at_once=at_once, shown=shown)),
    ]


def _cleanup(account: Account, first: TrainingPlan, search: TuningPlan, book: PriceBook) -> list[Cell]:
    text = """
## Clean up

Run this even if a cell above failed; only the first code cell must have run in this kernel. It stops running jobs
and deletes the endpoint, its configuration and the model; an endpoint that is still being created is waited for, for
an hour at most. Data and model files stay in S3; the jobs stay listed.
"""
    return [Cell("clean-up", "markdown", text), Cell("cleaning-up", "code", notebook_cells.CLEAN_UP)]


def _stem(plan: TrainingPlan) -> str:
    return plan.data.name[:NAME_LENGTH].rstrip("-")


def _most(plan: TrainingPlan, book: PriceBook) -> float | None:
    return book.maximum_of_launch(plan.instance_type, plan.instance_count, plan.max_runtime)


def _machines(plan: TrainingPlan) -> str:
    machine = inline_code(plan.instance_type)
    return f"{plan.instance_count} × {machine}" if plan.instance_count > 1 else f"one {machine}"


def _dollars(amount: float | None) -> str:
    """For Markdown, whose bare dollars would open a formula."""
    return "an unknown price" if amount is None else rf"\${amount:,.2f}"
