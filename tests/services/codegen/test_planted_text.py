"""Whatever stands in an account, its data or a form is a literal in generated code, and code in a notebook's prose."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pages.components.data import show_code as data_code
from pages.components.evaluate import show_code as evaluate_code
from pages.components.queries.evaluation import evaluations
from pages.components.queries.evaluation.evaluations import Choice as EvaluationChoice
from pages.components.queries.table_cache import Choice as TableChoice
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.aws.s3 import Address
from services.codegen import boto3_scripts, notebook, register_script, sdk_scripts
from services.data import target as targets
from services.data.division.partition import AS_TUTORIAL, SplitMethod, SplitPlan
from services.data.division.resampling import Resampling, ResamplingMethod
from services.data.division.row_times import TimeReading
from services.data.prepared_data import PreparedData
from services.data.reading.reading_code import ReadingCode
from services.data.recipe.column_types import Encoding
from services.data.recipe.recipe import (
    Clip,
    DateParts,
    Drop,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    MissingValues,
    Negatives,
    Numbers,
    OneHot,
    Ordinal,
    Rename,
    TargetEncoding,
)
from services.data.recipe.row_steps import Comparison, DropDuplicates, KeepRows, MapTarget
from services.evaluation import evaluated_model
from services.evaluation.decision.saved_decision import AppliedThreshold, ChosenOn, CostsMembers, SavedDecision
from services.evaluation.decision.threshold_aims import Aim
from services.pricing.price_book import LIST_PRICES
from services.registry.model_metrics import ModelMetrics, Rows
from services.registry.register import Candidate
from services.training.jobs import JobStatus, TrainingJob
from services.training.plan import TUTORIAL_SETTINGS, TrainingPlan
from services.tuning.plan import StoppingCriteria, TuningPlan
from services.tuning.search_space import Choices, Range
from tests.services.training_factory import WHEN

WORD = "planted"
PLANTED = f"{WORD} '\"'''\"\"\"{{x}}{{{{y}}}} \\n\\ \n# `z` ``` \u202e\u2028 $(w) {WORD}"


def text(place: str) -> str:
    """What is planted at a place of that name."""
    return f"{place} {PLANTED}"


ACCOUNT = Account("AWS", "eu-west-1", role=text("role"), bucket=text("bucket"))
DATA = PreparedData(
    name=text("data"),
    address=Address(text("bucket"), text("key")),
    source=text("source"),
    target=text("target"),
    classes=(text("no"), text("yes")),
    features=(text("size"), text("age")),
    rows={"train": 70, "validation": 20, "test": 10},
    positives={"train": 7, "validation": 2, "test": 1},
    seed=1729,
    created=WHEN,
    divided=text("by time"),
    resampled=text("over"),
)
PLAN = TrainingPlan(
    text("name"),
    DATA,
    {**TUTORIAL_SETTINGS, text("setting"): text("value")},
    text("type"),
    2,
    600,
    tags={text("tag"): text("owner")},
    checkpoints="",
    sharded=True,
)
TOGETHER = replace(PLAN, sharded=False, train_on_validation=True, checkpoints=text("checkpoints"))
SEARCH = TuningPlan(
    TOGETHER,
    (Range(text("eta"), 0.05, 0.5), Choices(text("policy"), (text("low"), text("high")))),
    text("objective"),
    True,
    text("strategy"),
    2,
    2,
    stopping=StoppingCriteria(0.9, 3),
    parents=(text("parent"),),
    baseline=PLAN,
)
JOB = TrainingJob(
    name=text("job"),
    status=JobStatus.COMPLETED,
    secondary="Completed",
    transitions=(),
    hyperparameters={},
    channels={"train": DATA.channel("train")},
    image=text("image"),
    instance_type=text("type"),
    instance_count=1,
    max_runtime=600,
    created=WHEN,
    started=WHEN,
    ended=WHEN,
    billable_seconds=1,
    metrics={},
    model_uri=f"s3://{text('bucket')}/{text('key')}/model.tar.gz",
    failure=None,
    tuning_job=None,
)
QUALITY = ModelMetrics({}, Rows(text("data"), "test", text("address")), 0.5, None, (text("no"), text("yes")))
CANDIDATE = Candidate(JOB, Address(text("bucket"), f"{text('key')}/model.tar.gz"), DATA.address, DATA, QUALITY)

DECIDED = SavedDecision(
    model=JOB.model_uri or "",
    threshold=0.3,
    positive=text("yes"),
    aim=Aim.COST,
    costs=CostsMembers(miss=5, false_alarm=1),
    reason=text("reason"),
    chosen_on=ChosenOn(data=DATA.name, split="validation", rows=9, positives=3),
    decided_by=text("who"),
    decided_at=WHEN,
)


def evaluation(method: str) -> str:
    choice = EvaluationChoice(ACCOUNT, JOB.name, method, DATA.name, "test")
    model, answers = evaluated_model.of_job(JOB), ALGORITHMS[0].answers
    return evaluate_code.script(choice, DATA, model, answers, text("type"), AppliedThreshold(0.3, DECIDED))


def preparation(parts: SplitPlan, resampling: Resampling | None = None, times: TimeReading | None = None) -> str:
    column = pd.Series([text("yes"), text("no")], name=text("target"))
    choice = TableChoice(("a",), lambda: None, text("source"), text("data"), None, lambda _: "table = None")  # type: ignore[arg-type,return-value]
    return data_code.script(
        ACCOUNT,
        choice,
        ReadingCode(),
        column,
        targets.read(column.to_frame(), text("target"), None, text("yes"), drop_missing=False),
        name=text("name"),
        parts=parts,
        resampling=resampling,
        times=times,
        exclude=[text("age")],
        row_steps=[
            *(KeepRows(column=text("filtered"), comparison=way, value=text("limit")) for way in Comparison),
            DropDuplicates(apart_from=(text("number"),)),
            MapTarget(classes={text("old"): text("renamed")}),
        ],
        steps=[
            MissingValues(column=text("one"), values=(text("none"),)),
            Numbers(column=text("two"), decimal=","),
            DateParts(column=text("three"), order=Encoding.DAY_FIRST),
            OneHot(column=text("four")),
            TargetEncoding(column=text("five")),
            Drop(column=text("six")),
            Rename(column=text("seven"), to=text("new")),
            *(FillMissing(column=text("eight"), by=by, value=text("gap"), indicator=True) for by in FillWith),
            Clip(column=text("nine"), lower=0),
            Clip(column=text("ten"), quantiles=(0.1, 0.9)),
            *(Log(column=text("eleven"), negatives=negatives) for negatives in Negatives),
            Ordinal(column=text("twelve")),
            Frequency(column=text("thirteen")),
        ],
    )


SCRIPTS: dict[str, Callable[[], str]] = {
    "training, SDK": lambda: sdk_scripts.training(ACCOUNT, PLAN),
    "training, boto3": lambda: boto3_scripts.training(ACCOUNT, PLAN),
    "training on train and validation, SDK": lambda: sdk_scripts.training(ACCOUNT, TOGETHER),
    "training on train and validation, boto3": lambda: boto3_scripts.training(ACCOUNT, TOGETHER),
    "tuning, SDK": lambda: sdk_scripts.tuning(ACCOUNT, SEARCH),
    "tuning, boto3": lambda: boto3_scripts.tuning(ACCOUNT, SEARCH),
    "tuning against an earlier job, SDK": lambda: sdk_scripts.tuning(ACCOUNT, replace(SEARCH, baseline=text("base"))),
    "tuning against an earlier job, boto3": lambda: boto3_scripts.tuning(
        ACCOUNT, replace(SEARCH, baseline=text("base"))
    ),
    "deployment": lambda: boto3_scripts.deployment_script(ACCOUNT, JOB, text("endpoint"), text("type"), 1),
    "registration": lambda: register_script.script(ACCOUNT, CANDIDATE, text("group"), True, text("note")),
    "evaluation from the file": lambda: evaluation(evaluations.FILE),
    "evaluation by batch": lambda: evaluation(evaluations.BATCH),
    "evaluation through an endpoint": lambda: evaluation(text("endpoint")),
    "preparation": lambda: preparation(AS_TUTORIAL),
    "preparation by groups, over-sampled": lambda: preparation(
        SplitPlan(method=SplitMethod.GROUP, column=text("who")), Resampling(method=ResamplingMethod.OVER)
    ),
    "preparation by time, SMOTENC": lambda: preparation(
        SplitPlan(method=SplitMethod.TIME, column=text("age")),
        Resampling(method=ResamplingMethod.SMOTENC),
        TimeReading(Encoding.DAY_FIRST),
    ),
    "stratified preparation, SMOTE": lambda: preparation(SplitPlan(), Resampling(method=ResamplingMethod.SMOTE)),
    **{
        f"notebook, {name}": lambda name=name: cells("code")[name]  # type: ignore[misc]
        for name in ("names", "reading", "class-balance", "training", "tuning", "trial-table", "confusion-matrix")
    },
}


def cells(kind: str) -> dict[str, str]:
    """The notebook's cells of a kind, by name."""
    document = json.loads(notebook.to_json(ACCOUNT, PLAN, SEARCH, LIST_PRICES))
    return {cell["id"]: "".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == kind}


def squeezed(value: str) -> str:
    """Without white space, which a description is written without."""
    return re.sub(r"\s", "", value)


@pytest.mark.parametrize("name", SCRIPTS)
def test_in_a_script_planted_text_is_a_literal(name: str) -> None:
    script = SCRIPTS[name]()
    strings = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Constant)]
    planted = [node.value for node in strings if isinstance(node.value, str) and WORD in node.value]
    assert planted
    assert all(squeezed(PLANTED) in squeezed(value) or value in f"{text('data')[:18]}-" for value in planted)
    code = re.sub(r"^#.*$", "", script, flags=re.MULTILINE)
    assert code.count(WORD) == sum(value.count(WORD) for value in planted)
    assert not {"\u202e", "\u2028"} & {*script}


def test_in_the_prose_of_a_notebook_planted_text_is_code() -> None:
    for text_of_cell in cells("markdown").values():
        prose = re.sub(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", text_of_cell)
        assert WORD not in prose
        assert "\u202e" not in text_of_cell
