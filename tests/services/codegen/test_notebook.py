"""The notebook of the whole path: Jupyter opens it, and a kernel runs it from top to bottom on the local service."""

import contextlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import plotly.express
import pytest
import xgboost
from botocore.exceptions import ClientError
from sklearn import metrics

from services.algorithms.xgboost import XGBOOST
from services.aws.account import Account
from services.aws.s3 import Address
from services.codegen import notebook, notebook_targets
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from services.training import presets
from services.training.plan import TrainingPlan
from services.tuning import plan as tuning_plan
from services.tuning.plan import StoppingCriteria, TuningPlan
from services.tuning.search_space import Range
from tests.local_service import ROLE, LocalService
from tests.services.training_factory import WHEN, make_data, make_plan

slow = pytest.mark.slow
SUMMARIES = ("HyperParameterTuningJobSummaries", "TrainingJobSummaries")
AWS = Account("AWS", "eu-west-1", role=ROLE, bucket="mine")
DATA = PreparedData(
    name="cells",
    address=Address("mine", "sagedeck/data/cells"),
    source="cells.csv",
    target="ill",
    classes=("no", "yes"),
    features=("size", "age", "weight"),
    rows={"train": 70, "validation": 20, "test": 10},
    positives={"train": 7, "validation": 2, "test": 1},
    seed=1729,
    created=WHEN,
)


def plans(data: PreparedData) -> tuple[TrainingPlan, TuningPlan]:
    first = make_plan(data, num_round="5", eval_metric="auc")
    ranges = (Range("eta", 0.05, 0.5), Range("max_depth", 2, 4, integer=True))
    return first, TuningPlan(first, ranges, tuning_plan.OBJECTIVE, True, "Random", 2, 2)


class Run:
    """A notebook that a kernel has run, and the folder it ran in."""

    def __init__(self, local: LocalService, folder: Path, text: str) -> None:
        file = folder / "path.ipynb"
        file.write_text(text)
        homes = {name: str(folder) for name in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
        done = subprocess.run(
            [sys.executable, "-m", "jupyter", "execute", "--inplace", "--timeout=300", "--allow-errors", str(file)],
            env={**local.environment(), **homes},
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        self.folder, self.notebook = folder, nbformat.read(file, as_version=4)

    def outputs(self, cell: str) -> list[Any]:
        (found,) = [each for each in self.notebook.cells if each.id == cell]
        return list(found.outputs)

    def said(self, cell: str) -> str:
        """What a cell printed and showed, as text."""
        shown = (each.get("text") or each.get("data", {}).get("text/plain", "") for each in self.outputs(cell))
        return "\n".join(map(str, shown))

    @property
    def errors(self) -> dict[str, str]:
        """What failed, by cell."""
        return {
            cell.id: each.evalue
            for cell in self.notebook.cells
            for each in cell.get("outputs", [])
            if each.output_type == "error"
        }


def names(local: LocalService, ran: Run) -> list[str]:
    """The endpoints, configs and models that a run has left."""
    sagemaker, (name,) = local.client("sagemaker"), re.findall(r"'(.+)'", ran.said("names"))
    lists = (
        sagemaker.list_endpoints(NameContains=name)["Endpoints"],
        sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"],
        sagemaker.list_models(NameContains=name)["Models"],
    )
    return [str(each) for found in lists for each in found]


def is_running(folder: Path) -> bool:
    """Whether a process was started with something in `folder` on its command line, as kernels are."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if str(folder).encode() in file.read_bytes():
                return True
    return False


def cells(text: str) -> dict[str, str]:
    """The source of each cell by its name, in order."""
    return {cell["id"]: "".join(cell["source"]) for cell in json.loads(text)["cells"]}


def test_jupyter_can_open_it() -> None:
    nbformat.validate(json.loads(notebook.to_json(AWS, *plans(DATA), LIST_PRICES)))


SEVERAL = replace(
    DATA, kind=TargetKind.CLASSES, classes=("poor", "fair", "good"), positives={}, class_rows={"train": (1, 2, 3)}
)
NUMBER = replace(DATA, kind=TargetKind.NUMBER, classes=(), positives={})


def usual_plans(data: PreparedData) -> tuple[TrainingPlan, TuningPlan]:
    first = replace(make_plan(data), hyperparameters={**presets.usual(XGBOOST, data), "num_round": "5"})
    return first, notebook.usual_search(first)


@pytest.mark.parametrize("data", [SEVERAL, NUMBER], ids=["several classes", "number"])
def test_every_kind_of_target_has_a_notebook_of_python(data: PreparedData) -> None:
    first, search = usual_plans(data)
    notebook.validate(first, search)
    document = json.loads(notebook.to_json(AWS, first, search, LIST_PRICES))
    nbformat.validate(document)
    for name, source in cells(json.dumps(document)).items():
        if name in [cell["id"] for cell in document["cells"] if cell["cell_type"] == "code"]:
            compile(source, name, "exec")


@pytest.mark.parametrize("data", [SEVERAL, NUMBER], ids=["several classes", "number"])
def test_the_cells_of_a_target_run_on_its_rows_and_scores(data: PreparedData) -> None:
    random = np.random.default_rng(1)
    count = len(data.classes)
    tables = {}
    for split, rows in data.rows.items():
        labels = random.permutation(np.arange(rows) % count) if count else random.normal(9, 3, rows)
        tables[split] = pd.DataFrame({"ill": labels} | {name: random.normal(size=rows) for name in data.features})

    def predict(_: Any, matrix: Any) -> Any:
        found = random.random((matrix.num_row(), count) if count else matrix.num_row()).astype(np.float32)
        return found / found.sum(axis=1, keepdims=True) if count else found

    found = cells(notebook.to_json(AWS, *usual_plans(data), LIST_PRICES))
    scope: dict[str, Any] = {"tables": tables, "target": "ill", "features": list(data.features)}
    scope |= {"pandas": pd, "numpy": np, "plotly": plotly, "metrics": metrics, "xgboost": xgboost}
    scope |= {"trained": "a", "best": "b"}
    for name in ("class-balance", "means-by-class"):
        exec(found[name], scope)
    body = found["scores"]
    scope["scored"] = lambda job, split: predict(job, xgboost.DMatrix(tables[split][list(data.features)]))
    exec(body[body.index("def log_loss" if count else "def error") :], scope)
    for name in ("confusion-matrix", "precision-recall"):
        exec(found[name], scope)
    assert scope["scores"].keys() == {"trained", "best of the search"}


@pytest.mark.parametrize("costs", [{"miss": 50.0, "false_alarm": 1.0, "hit_gain": 2.0}, notebook_targets.NO_COSTS])
def test_the_threshold_of_the_notebook_is_the_cheapest_on_its_validation_rows(costs: dict[str, float]) -> None:
    random = np.random.default_rng(3)
    labels = np.arange(60) % 3 // 2
    scores = np.round((labels + random.random(60)) / 2, 2)
    scope: dict[str, Any] = {"tables": {"validation": pd.DataFrame({"ill": labels})}, "target": "ill"}
    scope |= {"metrics": metrics, "jobs": {"trained": "a"}, "chosen": "trained", "scored": lambda job, split: scores}
    exec(cells(notebook.to_json(AWS, *usual_plans(DATA), LIST_PRICES, costs))["threshold"], scope)

    def cost(threshold: float) -> float:
        flagged = scores >= threshold
        missed, alarms, hits = (~flagged & (labels == 1)), (flagged & (labels == 0)), (flagged & (labels == 1))
        return float(
            costs["miss"] * missed.sum() + costs["false_alarm"] * alarms.sum() - costs["hit_gain"] * hits.sum()
        )

    assert cost(scope["threshold"]) == min(map(cost, (*scores, 1.0)))
    assert any(costs.values()) or scope["threshold"] == 0.5


def test_classes_are_needed_as_probabilities_and_numbers_as_numbers() -> None:
    for data, objective, sound in ((SEVERAL, "multi:softmax", "multi:softprob"), (NUMBER, "rank:map", "reg:squared")):
        first, search = usual_plans(data)
        first = replace(first, hyperparameters={**first.hyperparameters, "objective": objective, "eval_metric": "map"})
        with pytest.raises(Problem, match=f"Choose {sound}"):
            notebook.validate(first, search)


def test_all_that_a_plan_can_hold_is_python_in_its_cells() -> None:
    first, search = plans(DATA)
    first = replace(first, sharded=True, instance_count=2, checkpoints="", tags={"owner": 'say "me"'}, max_wait=1200)
    ending = StoppingCriteria(0.99, 3, True, 600)
    search = replace(search, strategy="Hyperband", resources=(1, 5), stopping=ending, parents=("before",), seed=7)
    document = json.loads(notebook.to_json(AWS, first, search, LIST_PRICES))
    code = {cell["id"]: "".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"}
    for name, source in code.items():
        compile(source, name, "exec")
    assert 'shards-2/part-" + f"{part}.csv"' in code["training"]
    assert "warm_start_config=shapes." in code["tuning"]


def test_every_cell_that_bills_says_before_what_it_costs_at_most() -> None:
    first, search = plans(DATA)
    first = replace(first, max_runtime=3600, instance_count=2)
    search = replace(search, training=replace(first, instance_count=1), max_jobs=10, parallel=3)
    said = cells(notebook.to_json(AWS, first, search, LIST_PRICES))
    assert r"**Costs at most \$0.48**" in said["train"]
    assert r"**Costs at most \$2.40**" in said["tune"]
    assert r"**Costs \$0.24 an hour, \$5.76 a day," in said["deploy"]
    assert "there is no maximum" in said["deploy"]
    assert list(said).index("train") + 1 == list(said).index("training")


def test_a_limit_on_the_search_limits_what_it_says_to_cost() -> None:
    first, search = plans(DATA)
    search = replace(search, max_jobs=100, parallel=1, stopping=StoppingCriteria(max_runtime=3600))
    assert r"\$0.24**" in cells(notebook.to_json(AWS, first, search, LIST_PRICES))["tune"]


def test_a_training_is_followed_by_a_search_on_the_same_machines_with_the_same_tags() -> None:
    first = replace(plans(DATA)[0], sharded=True, checkpoints="", instance_count=2, tags={"owner": "me"})
    search = notebook.usual_search(first)
    tuning_plan.validate(search)
    job = search.training
    assert (job.instance_count, job.tags, job.sharded, job.checkpoints) == (2, {"owner": "me"}, False, None)


class Hosting:
    """SageMaker and a clock to the last cell: an endpoint that is being created for `creation` seconds."""

    def __init__(self, creation: float) -> None:
        self.creation, self.now, self.deleted = creation, 0.0, list[str]()

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now

    def get_paginator(self, operation: str) -> Any:
        """Of two pages: the first is empty, as one may be that SageMaker has filtered."""
        empty: dict[str, Any] = {member: [] for member in (*SUMMARIES, "Endpoints")}
        return SimpleNamespace(paginate=lambda **filters: [empty, getattr(self, operation)(**filters)])

    def list_endpoints(self, **_: Any) -> dict[str, Any]:
        status = "Creating" if self.now < self.creation else "InService"
        others = [{"EndpointName": "cells-1-of-another", "EndpointStatus": "InService"}]
        own = [] if "delete_endpoint" in self.deleted else [{"EndpointName": "cells-1", "EndpointStatus": status}]
        return {"Endpoints": others + own}

    def delete_endpoint(self, EndpointName: str) -> None:
        if self.now < self.creation:
            refusal = {"Error": {"Code": "ValidationException", "Message": "Cannot delete an endpoint being created"}}
            raise ClientError(refusal, "DeleteEndpoint")
        self.deleted.append("delete_endpoint")

    def __getattr__(self, operation: str) -> Any:
        summaries: dict[str, Any] = {member: [] for member in SUMMARIES}
        return lambda **_: summaries if operation.startswith("list_") else self.deleted.append(operation)

    def clean_up(self) -> None:
        source = cells(notebook.to_json(AWS, *plans(DATA), LIST_PRICES))["cleaning-up"]
        exec(source, {"sagemaker": self, "time": self, "name": "cells-1", "ClientError": ClientError})


def test_its_last_cell_waits_for_an_endpoint_that_is_being_created_and_deletes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hosting = Hosting(creation=600)
    hosting.clean_up()
    assert hosting.deleted == ["delete_endpoint", "delete_endpoint_config", "delete_model"]
    assert 600 <= hosting.now < 700
    said = capsys.readouterr().out
    assert said.count("Creating") == 1
    assert said.endswith("Nothing that this notebook started bills any more.\n")


def test_its_last_cell_fails_loudly_when_an_endpoint_cannot_be_deleted_within_an_hour() -> None:
    hosting = Hosting(creation=1e9)
    with pytest.raises(RuntimeError, match=r"Endpoint cells-1 is Creating and still bills \(Cannot delete"):
        hosting.clean_up()
    assert 3600 <= hosting.now < 3700
    assert hosting.deleted == []


@pytest.fixture(scope="module")
def data(local: LocalService) -> PreparedData:
    return make_data(local.account)


@pytest.fixture(scope="module")
def ran(local: LocalService, data: PreparedData, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(local, tmp_path_factory.mktemp("notebook"), notebook.to_json(local.account, *plans(data), LIST_PRICES))


@slow
def test_it_runs_from_top_to_bottom(ran: Run) -> None:
    assert not ran.errors


@slow
def test_it_judges_the_model_by_every_test_row(ran: Run, data: PreparedData) -> None:
    counts = [int(number) for number in re.findall(r"\d+", ran.said("confusion-matrix").partition("flagged\n")[2])]
    assert sum(counts) == data.rows["test"]
    assert sum(counts[2:]) == data.positives["test"]


@slow
def test_it_shows_a_picture_of_the_classes_the_learning_the_trials_and_the_trade_off(ran: Run) -> None:
    for cell in ("class-balance", "learning-curve", "trial-table", "precision-recall"):
        assert any("application/vnd.plotly.v1+json" in each.get("data", {}) for each in ran.outputs(cell)), cell


@slow
def test_nothing_of_it_bills_afterwards(ran: Run, local: LocalService) -> None:
    assert ran.said("cleaning-up").endswith("Nothing that this notebook started bills any more.\n")
    assert (names(local, ran), is_running(ran.folder)) == ([], False)


@slow
def test_its_last_cell_ends_what_bills_after_a_cell_has_failed(
    local: LocalService, data: PreparedData, tmp_path: Path
) -> None:
    document = json.loads(notebook.to_json(local.account, *plans(data), LIST_PRICES))
    for cell in document["cells"]:
        if cell["id"] in ("learning-curve", "tuning"):
            cell["source"] = "raise RuntimeError('the network is gone')"
        if cell["id"] == "deployment":
            cell["source"] = [
                "jobs, chosen = {'': trained}, ''\n",
                *cell["source"][:-1],
                "\nraise RuntimeError('interrupted')",
            ]
    ran = Run(local, tmp_path, json.dumps(document))
    assert ran.errors["deployment"] == "interrupted"
    assert ran.said("cleaning-up").endswith("Nothing that this notebook started bills any more.\n")
    assert names(local, ran) == []
